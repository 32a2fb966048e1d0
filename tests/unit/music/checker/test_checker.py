"""The checker: it reads for itself, accepts what keeps the rules and names what breaks them."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from benchmarks.music_band import Band, facts_of, write_midi
from benchmarks.music_checker import APPLICATIONS, damage, good_files, request
from benchmarks.music_mutations import MUTATIONS
from scrivano.music.checker.check import check_files
from scrivano.music.checker.chords import Name, UnreadableChord, from_kind, read_key, read_symbol
from scrivano.music.checker.midi import UnreadableFile, read_midi
from scrivano.music.checker.musicxml import read_musicxml
from scrivano.music.checker.piece import Violation
from scrivano.music.dto import ChordSpan, Genre, Progression, Reason, Section, Settled
from scrivano.music.files.musicxml import write_musicxml

SYMBOLS = Path(__file__).parents[3] / "fixtures" / "music" / "symbols.jsonl"


@cache
def a_good_one() -> tuple[Settled, bytes, bytes]:
    return next(good_files(1))


def _house_symbols() -> Iterator[dict]:
    for line in SYMBOLS.read_text().splitlines():
        yield json.loads(line)


def test_every_house_symbol_is_read_with_its_tones() -> None:
    for row in _house_symbols():
        chord = read_symbol(row["house"])
        if chord is None:
            assert row["root"] is None
            continue
        bass = read_symbol(row["bass"]).root.pc  # type: ignore[union-attr]
        assert chord.pcs - {chord.bass_pc} == set(row["pitch_classes"]) - {bass}, row["house"]
        assert chord.bass_pc == bass


@pytest.mark.parametrize("symbol", ["", "H7", "Cfoo", "C/X9", "7", "C7##"])
def test_what_is_no_symbol_is_refused(symbol: str) -> None:
    with pytest.raises(UnreadableChord):
        read_symbol(symbol)


@pytest.mark.parametrize(
    ("symbol", "family"),
    [
        ("C", "major"), ("C6", "major"), ("Cmaj9", "major"), ("Cm", "minor"), ("CmMaj7", "minor"),
        ("Cm9", "minor"), ("C7", "dominant"), ("C7alt", "dominant"), ("C9sus4", "dominant"), ("C7#5", "dominant"),
        ("Cm7b5", "half-diminished"), ("Cdim", "diminished"), ("Cdim7", "diminished"), ("Caug", "augmented"),
        ("Csus4", "suspended"), ("C5", "power"),
    ],
)  # fmt: skip
def test_families_are_those_of_the_rules(symbol: str, family: str) -> None:
    chord = read_symbol(symbol)
    assert chord is not None
    assert chord.family == family


def test_degrees_of_a_musicxml_kind_change_the_chord() -> None:
    altered = from_kind(Name("G"), "dominant", [(9, -1, "add"), (5, 1, "alter")], None)
    assert altered.pcs == read_symbol("G7#5b9").pcs  # type: ignore[union-attr]
    assert from_kind(Name("C"), "major", [(7, 1, "add")], None).seventh == 11
    with pytest.raises(UnreadableChord):
        from_kind(Name("C"), "major", [(9, 0, "subtract")], None)


def test_keys_are_read_with_their_mode() -> None:
    assert read_key("Bb").fifths == -2
    assert read_key("G minor").fifths == -2
    assert read_key("F#m").minor


def _reason(kind: str = "diatonic", key: str = "C") -> Reason:
    return Reason(kind=kind, roman="I", key=key, text="because")


def _progression(symbols: str, kinds: dict[int, str] | None = None) -> Progression:
    """One chord a bar."""
    chords = tuple(
        ChordSpan(
            bar=bar + 1,
            onset=bar * 1920,
            duration=1920,
            symbol=symbol,
            reason=_reason((kinds or {}).get(bar + 1, "diatonic")),
        )
        for bar, symbol in enumerate(symbols.split())
    )
    section = Section(name="A", first_bar=1, bars=len(chords))
    return Progression(
        key="C", mode="major", meter="4/4", bars=len(chords), chords=chords, sections=(section,)
    )


def _asked(genre: Genre, bars: int, application: str | None = None) -> Settled:
    return request(genre, 0).model_copy(
        update={"key": "C", "mode": "major", "bars": bars, "application": application or APPLICATIONS[genre]}
    )


def _judge(genre: Genre, symbols: str, kinds: dict[int, str] | None = None) -> list[Violation]:
    progression = _progression(symbols, kinds)
    played = Band(_asked(genre, progression.bars), progression).play()
    return check_files(write_midi(facts_of(played)), write_musicxml(played), played.request)


def _rules(genre: Genre, symbols: str, kinds: dict[int, str] | None = None) -> set[str]:
    return {violation.rule for violation in _judge(genre, symbols, kinds)}


@pytest.mark.parametrize(
    ("genre", "symbols", "kinds"),
    [
        (Genre.JAZZ, "Cmaj7 Dm7 G7 C6", {}),
        (Genre.GOSPEL, "C/E F/A G7 C", {}),
        (Genre.RNB, "Cmaj7 Am7 Dm7 C", {}),
        (Genre.CLASSICAL, "C F G7 C", {}),
        (Genre.REGGAE, "C F G C", {}),
        (Genre.LATIN, "C F G7 C", {}),
        (Genre.NEO_SOUL, "Cmaj9 Am9 Dm9 Cmaj9", {}),
        (Genre.BLUES, "C7 F7 G7 C7", {1: "blues-dominant", 2: "blues-dominant", 4: "blues-dominant"}),
    ],
)
def test_what_keeps_the_rules_is_accepted(genre: Genre, symbols: str, kinds: dict[int, str]) -> None:
    assert _judge(genre, symbols, kinds) == []


@pytest.mark.parametrize(
    ("rule", "genre", "symbols", "kinds"),
    [
        ("R-ALL-4", Genre.JAZZ, "Cmaj7 Dm7 G7 Am7", {}),
        ("R-ALL-4", Genre.RNB, "Cmaj7 Am7 Dm7 Csus4", {}),
        ("R-ALL-5", Genre.JAZZ, "Cmaj7 Dm7 Db7 C6", {}),
        ("R-ALL-5", Genre.JAZZ, "Cmaj7 Dm7 G7 C6", {3: "tritone-substitute"}),
        ("R-ALL-5", Genre.JAZZ, "Cmaj7 Dm7 G7 C6", {2: "magic"}),
        ("R-ALL-5", Genre.JAZZ, "Cmaj7 Dm7 G7 C6", {2: "related-two", 1: "augmented-sixth"}),
        ("R-ALL-6", Genre.JAZZ, "Cmaj7 A#7 G7 C6", {2: "backdoor-dominant"}),
        ("R-GOSPEL-1", Genre.GOSPEL, "C/E G7 Em7 C", {}),
        ("R-GOSPEL-2", Genre.GOSPEL, "C F G C", {}),
        ("R-JAZZ-1", Genre.JAZZ, "C Dm7 G7 C6", {}),
        ("R-JAZZ-2", Genre.JAZZ, "Cmaj7 Am7 G7 C6", {}),
        ("R-JAZZ-3", Genre.JAZZ, "Dm7 G7 Am7 C6", {}),
        ("R-BLUES-3", Genre.BLUES, "F7 F7 G7 C7", {}),
        ("R-BLUES-4", Genre.BLUES, "C7 Fmaj7 G7 C7", {}),
        ("R-CLASSICAL-1", Genre.CLASSICAL, "C Dm9 G7 C", {}),
        ("R-CLASSICAL-2", Genre.CLASSICAL, "C G7 F C", {}),
        ("R-CLASSICAL-3", Genre.CLASSICAL, "C G7 F G7 C", {}),
        ("R-NEOSOUL-2", Genre.NEO_SOUL, "Cmaj7 Am7 Dm7 Cmaj9", {}),
        ("R-NEOSOUL-3", Genre.NEO_SOUL, "Cmaj9 Dm9 G7 Cmaj9", {}),
        ("R-REGGAE-1", Genre.REGGAE, "Cmaj7 Fmaj7 G7 C", {}),
        ("R-REGGAE-3", Genre.REGGAE, "C Db G C", {2: "chromatic-planing"}),
        ("R-LATIN-7", Genre.LATIN, "C F Am C", {}),
        ("R-RNB-1", Genre.RNB, "C F G C", {}),
        ("R-RNB-2", Genre.RNB, "Cmaj7 Dm7 G7#11 C", {}),
        ("R-RNB-3", Genre.RNB, "Cmaj7 Dm7 Em7 Fmaj7 G7 Am7 Em7 C", {}),
    ],
)
def test_what_breaks_a_rule_is_named(rule: str, genre: Genre, symbols: str, kinds: dict[int, str]) -> None:
    assert rule in _rules(genre, symbols, kinds)


def test_pieces_of_all_genres_pass_and_nearly_all_damage_is_caught() -> None:
    """A sample of the benchmark `music_checker`: two pieces a genre, damaged in every second way, in turn."""
    done, missed, genres = 0, [], set()
    for number, (settled, midi, score) in enumerate(good_files(2)):
        if check_files(midi, score, settled):
            continue
        genres.add(settled.genre)
        for name, rules in damage(settled, midi, score, settled.seed, MUTATIONS[number % 2 :: 2]):
            done += 1
            if not rules:
                missed.append((settled.genre.value, name))
    assert len(genres) >= 7
    assert done > 120
    assert len(missed) <= done * 0.01, missed


def test_each_kind_of_damage_is_reported_as_what_it_is() -> None:
    settled, midi, score = a_good_one()
    named = dict(damage(settled, midi, score, 1))
    wanted = {
        "wrong_note": "R-ALL-7", "lost_third": "R-ALL-8", "wrong_bass": "R-ALL-9", "stretched_hand": "R-ALL-10",
        "crossed_hands": "R-ALL-10", "out_of_range": "R-ALL-11", "past_the_end": "R-ALL-1", "other_tempo": "R-ALL-3",
        "other_meter": "R-ALL-2", "other_key": "R-ALL-3", "lost_bar": "R-ALL-1", "lost_chord": "R-ALL-1",
        "no_reason": "R-ALL-5", "false_reason": "R-ALL-5", "other_ending": "R-ALL-4", "lost_stroke": "R-GOSPEL-4",
        "moved_marker": "FILES", "other_root": "FILES",
    }  # fmt: skip
    for name, rule in wanted.items():
        assert rule in named[name], (name, named[name])


@pytest.mark.parametrize(
    "data", [b"", b"MThd", b"RIFF....WAVE", b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\0\0\0\4\0\x90"]
)
def test_what_is_no_midi_file_is_a_violation(data: bytes) -> None:
    settled, _, score = a_good_one()
    assert [violation.rule for violation in check_files(data, score, settled)] == ["FILES"]
    with pytest.raises(UnreadableFile):
        read_midi(data)


@pytest.mark.parametrize(
    "data", [b"", b"<score-partwise>", b"<a/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>']
)
def test_what_is_no_score_is_a_violation(data: bytes) -> None:
    settled, midi, _ = a_good_one()
    assert [violation.rule for violation in check_files(midi, data, settled)] == ["FILES"]
    with pytest.raises(UnreadableFile):
        read_musicxml(data)
