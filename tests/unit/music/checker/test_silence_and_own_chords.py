"""Silence, and chords that only their author can explain: played, explained, and judged."""

import json
import random
from pathlib import Path

import pytest

from benchmarks.music_files import by_rules
from scrivano.music.arrange import arrange
from scrivano.music.checker.check import check_files
from scrivano.music.dto import Arrangement, Progression
from scrivano.music.files import write_midi, write_musicxml
from scrivano.music.progression import WrittenChord, explain_chart
from scrivano.music.theory import meter_of

SYMBOLS = [
    json.loads(line)["house"]
    for line in (Path(__file__).parents[3] / "fixtures" / "music" / "symbols.jsonl").read_text().splitlines()
]
# What depends on which chords stand where, and a chart with holes may not have.
ORDER = {
    "R-BLUES-1", "R-BLUES-2", "R-BLUES-3", "R-CLASSICAL-2", "R-CLASSICAL-3", "R-CLASSICAL-4", "R-JAZZ-2", "R-JAZZ-3",
    "R-JAZZ-5", "R-GOSPEL-1", "R-GOSPEL-2", "R-GOSPEL-3", "R-LATIN-7", "R-RNB-1", "R-RNB-3", "R-NEOSOUL-2",
}  # fmt: skip


def broken(piece: Arrangement) -> set[str]:
    return {v.rule for v in check_files(write_midi(piece), write_musicxml(piece), piece.request)}


def with_silence(piece: Arrangement, bars: set[int]) -> Progression:
    length = meter_of(piece.progression.meter).bar
    written = list[WrittenChord]()
    for span in piece.progression.chords:
        if span.bar not in bars:
            written.append(
                WrittenChord(bar=span.bar, onset=span.onset, duration=span.duration, symbol=span.symbol)
            )
        elif written[-1].bar != span.bar:
            start = (span.bar - 1) * length
            written.append(WrittenChord(bar=span.bar, onset=start, duration=length, symbol="N.C."))
    return explain_chart(written, piece.request, piece.progression.sections)


@pytest.mark.parametrize("seed", range(24))
def test_bars_of_silence_are_silent_and_break_no_rule_of_playing(seed: int) -> None:
    old = by_rules(seed, 8)
    rng = random.Random(seed)
    silent = {rng.randint(2, 7), rng.randint(2, 7)}
    piece = arrange(with_silence(old, silent), old.request)
    length = meter_of(piece.progression.meter).bar
    for note in piece.notes:
        assert note.part == "drums" or note.onset // length + 1 not in silent
    assert broken(piece) <= ORDER


@pytest.mark.parametrize("seed", range(40))
def test_every_reason_in_a_chart_of_any_chords_is_confirmed(seed: int) -> None:
    old = by_rules(seed, 8)
    rng = random.Random(seed)
    length = meter_of(old.progression.meter).bar
    last = old.progression.chords[-1].symbol
    written = [
        WrittenChord(
            bar=b, onset=(b - 1) * length, duration=length, symbol=rng.choice(SYMBOLS) if b < 8 else last
        )
        for b in range(1, 9)
    ]
    piece = arrange(explain_chart(written, old.request), old.request)
    assert "R-ALL-5" not in broken(piece)


def test_as_written_is_no_excuse_for_a_chord_that_has_a_name() -> None:
    piece = by_rules(3, 8)
    first = piece.progression.chords[0]
    excuse = first.model_copy(update={"reason": first.reason.model_copy(update={"kind": "as-written"})})
    chords = (excuse, *piece.progression.chords[1:])
    lazy = piece.model_copy(update={"progression": piece.progression.model_copy(update={"chords": chords})})
    assert broken(lazy) == {"R-ALL-5"}
