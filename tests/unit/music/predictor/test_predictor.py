"""The next-chord predictor: reading, learning, suggesting, storing."""

import gzip
import itertools
import json
from pathlib import Path

import pytest

from scrivano.music.dto import ChordSpan, Genre, Progression, Reason, Section
from scrivano.music.predictor.corpus import (
    BILLBOARD,
    CorpusError,
    Event,
    Place,
    Song,
    read_corpus,
    without_lines_said_twice,
    without_repeated_lines,
)
from scrivano.music.predictor.listen import events_of, place_of
from scrivano.music.predictor.model import SHIPPED, ChordPredictor, ModelFileError, fingerprint
from scrivano.music.predictor.symbols import (
    ALPHABET,
    SymbolError,
    print_symbol,
    quality_of,
    read_symbol,
    root_of,
    token,
)
from scrivano.music.predictor.training import train_from


@pytest.fixture(scope="module")
def songs() -> list[Song]:
    return read_corpus(BILLBOARD)


@pytest.fixture(scope="module")
def shipped() -> ChordPredictor:
    return ChordPredictor.load()


def _events(symbols: str, tonic: str = "C") -> list[Event]:
    chords = [read_symbol(symbol, tonic) for symbol in symbols.split()]
    return [Event(chord, Place(at // 4, at % 4, 0.0)) for at, chord in enumerate(chords) if chord is not None]


@pytest.mark.parametrize(
    ("symbol", "tonic", "root", "quality"),
    [
        ("A:min7/b3", "C", 9, "min7"),
        ("Eb:sus4(b7,9)", "Ab", 7, "sus"),
        ("G:1", "C", 7, "5"),
        ("C:maj6(9)", "C", 0, "maj"),
        ("B:hdim7", "C", 11, "hdim7"),
        ("C:7(#9)", "F", 7, "7"),
        ("C:aug(b7)", "F", 7, "7"),
        ("Ebmaj7#11", "Bb", 5, "maj7"),
        ("F#m7b5", "E", 2, "hdim7"),
        ("Bb13sus", "Eb", 7, "sus"),
        ("C7alt/E", "F", 7, "7"),
        ("CmMaj7", "C", 0, "min"),
        ("Cm6", "C", 0, "min"),
        ("B°7", "C", 11, "dim7"),
        ("C6/9", "C", 0, "maj"),
        ("C△", "C", 0, "maj7"),
    ],
)
def test_symbols_are_read_from_harte_and_jazz_spelling(
    symbol: str, tonic: str, root: int, quality: str
) -> None:
    chord = read_symbol(symbol, tonic)
    assert chord is not None
    assert (root_of(chord), quality_of(chord)) == (root, quality)


@pytest.mark.parametrize("symbol", ["H", "C:foo", "Cwhat", "", "12"])
def test_a_symbol_that_is_none_is_refused(symbol: str) -> None:
    with pytest.raises(SymbolError):
        read_symbol(symbol, "C")


@pytest.mark.parametrize("tonic", ["C", "F#", "Db", "Bb", "E", "Ab"])
def test_printing_and_reading_give_the_chord_back(tonic: str) -> None:
    for chord in range(ALPHABET):
        assert read_symbol(print_symbol(chord, tonic), tonic) == chord


def test_roots_are_spelled_in_the_key() -> None:
    assert print_symbol(token(10, "maj7"), "F") == "Ebmaj7"
    assert print_symbol(token(4, "min"), "E") == "G#m"
    assert print_symbol(token(8, "7"), "C") == "Ab7"


def test_the_shipped_corpus_has_all_its_songs(songs: list[Song]) -> None:
    assert len(songs) == 504
    for song in songs:
        chords = [event.chord for event in song.events]
        assert all(a != b for a, b in itertools.pairwise(chords))


def test_the_shipped_model_is_made_of_the_shipped_corpus(songs: list[Song], shipped: ChordPredictor) -> None:
    mine = [song for song in songs if song.events]
    assert shipped.about["songs"] >= len(mine)
    assert shipped.about["billboard"] == fingerprint(mine)


def test_repeats_of_lines_can_be_left_out() -> None:
    line = [(0, 0), (5, 1), (7, 2)]
    events = [Event(token(r, "maj"), Place(n, bar, 0.0)) for n in range(3) for r, bar in line]
    song = Song("x", None, tuple(events))
    assert len(without_repeated_lines(song).events) == 3
    assert len(without_lines_said_twice(song).events) == 3


def test_probabilities_sum_to_one_and_the_same_chord_is_none(shipped: ChordPredictor) -> None:
    for at in (None, Place(1, 0, 0.0)):
        chances = shipped.probabilities(_events("C F G C"), at=at)
        assert float(chances.sum()) == pytest.approx(1, abs=1e-5)
        assert float(chances[token(0, "maj")]) < 1e-6


def test_a_dominant_leads_home_and_says_why(shipped: ChordPredictor) -> None:
    best = shipped.suggest(_events("Dm7 G7"), "C")[0]
    assert best.symbol == "C"
    assert "G7" in best.reason


def test_the_song_at_hand_teaches_at_once(shipped: ChordPredictor) -> None:
    odd = "C Ebdim Abmaj7 F#m7"
    before = shipped.probabilities(_events("C Ebdim Abmaj7"))[read_symbol("F#m7", "C")]
    suggestion = shipped.suggest(_events(f"{odd} {odd} C Ebdim Abmaj7"), "C")[0]
    assert suggestion.symbol.removesuffix("m7") in {"F#", "Gb"}
    assert suggestion.probability > 0.8 > 0.01 > float(before)
    assert "this song" in suggestion.reason.lower()


def test_bits_agree_with_probabilities(shipped: ChordPredictor) -> None:
    import math

    events = _events("C Am F G C Am F G C")
    surprise = shipped.bits(events)
    chance = shipped.probabilities(events[:5], at=events[5].at)[events[5].chord]
    assert surprise[5] == pytest.approx(-math.log2(float(chance)), abs=1e-4)
    assert sum(surprise[5:]) < sum(surprise[:4])


def test_held_out_songs_are_foreseen_within_the_target(songs: list[Song]) -> None:
    """A sample of the benchmark: some of the songs to learn from, ten others to be judged by."""
    model = ChordPredictor.train(songs[:60])
    titles = {song.title.casefold() for song in songs[:60]}
    judged = [song for song in songs[300:310] if song.title.casefold() not in titles]
    surprise = [bits for song in judged for bits in model.bits(song.events)]
    assert sum(surprise) / len(surprise) < 1.8


def test_training_twice_gives_the_same_bytes(tmp_path: Path, songs: list[Song]) -> None:
    for name in ("a", "b"):
        ChordPredictor.train(songs[:12]).save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    again = ChordPredictor.load(tmp_path / "a")
    again.save(tmp_path / "c")
    assert (tmp_path / "c").read_bytes() == (tmp_path / "a").read_bytes()


def test_a_genre_with_songs_of_its_own_shapes_what_is_suggested(songs: list[Song]) -> None:
    own = [Song(f"own {n}", "latin", tuple(_events("C Ab7 G7 C Ab7 G7 C"))) for n in range(8)]
    model = ChordPredictor.train([*songs[:30], *own])
    assert model.genres == ("latin",)
    chord = read_symbol("Ab7", "C")
    assert chord is not None
    after_tonic = _events("C")
    assert model.probabilities(after_tonic, "latin")[chord] > 1.5 * model.probabilities(after_tonic)[chord]


def test_a_corpus_of_ones_own_is_read_and_trained_on(tmp_path: Path) -> None:
    song = {
        "title": "Mine",
        "genre": "jazz",
        "lines": [{"tonic": "Bb", "bars": ["Bbmaj7 Gm7", "Cm7 F7", "N"]}],
    }
    path = tmp_path / "mine.jsonl.gz"
    with gzip.open(path, "wt") as out:
        out.write(json.dumps(song) + "\n\n")
    (read,) = read_corpus(path)
    assert [print_symbol(event.chord, "Bb") for event in read.events] == ["Bbmaj7", "Gm7", "Cm7", "F7"]
    assert [event.at.share for event in read.events] == [0, 0.5, 0, 0.5]


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"title": "x"}', '{"title":"x","lines":[{"tonic":"C","bars":["Q"]}]}']
)
def test_a_corpus_that_cannot_be_read_says_where(tmp_path: Path, line: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(f"\n{line}\n")
    with pytest.raises(CorpusError, match=r"bad\.jsonl, line 2"):
        train_from([path], tmp_path / "model.npz")
    assert not (tmp_path / "model.npz").exists()


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(ModelFileError, match=r"model\.npz"):
        ChordPredictor.load(path)


def test_a_progression_is_heard_in_lines_of_its_sections() -> None:
    reason = Reason(kind="diatonic", roman="I", key="Bb", text="home")
    symbols = ["Bb", "Bb", "N.C.", "Eb", "F7", "Bb"]
    chords = tuple(
        ChordSpan(bar=n + 1, onset=n * 1920, duration=1920, symbol=symbol, reason=reason)
        for n, symbol in enumerate(symbols)
    )
    sections = (Section(name="A", first_bar=1, bars=4), Section(name="B", first_bar=5, bars=2))
    heard = Progression(key="Bb", mode="major", meter="4/4", bars=6, chords=chords, sections=sections)
    assert [event.at for event in events_of(heard)] == [(0, 0, 0), (0, 3, 0), (1, 0, 0), (1, 1, 0)]
    assert len(events_of(heard, before=3 * 1920)) == 1
    assert place_of(heard, 5 * 1920 + 960) == (1, 1, 0.5)


def test_the_shipped_model_knows_the_eight_genres(shipped: ChordPredictor) -> None:
    assert shipped.genres == tuple(sorted(genre.value for genre in Genre))
    assert SHIPPED.stat().st_size < 5_000_000
    after = _events("Cmaj7 Am7 Dm7")
    dominant = read_symbol("G7", "C")
    assert shipped.probabilities(after, "jazz")[dominant] > shipped.probabilities(after)[dominant]


def test_an_unknown_genre_is_foreseen_as_songs_in_general(shipped: ChordPredictor) -> None:
    after = _events("C F")
    assert (shipped.probabilities(after, "polka") == shipped.probabilities(after)).all()
