"""How often what followed what, over all songs learnt from.

A table has one row a context (the chords before, or the place in the line), and a row the chords that
followed. A song counts for each by the square root of how often it does it, since a loop repeated forty times
is not forty songs. Rows are packed into sorted arrays, so a trained model is small and ready when it is read.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scrivano.music.predictor.corpus import Event, Place
from scrivano.music.predictor.symbols import ALPHABET, root_of

Vector = NDArray[np.float32]
Counts = dict[int, dict[int, float]]

START = -1
ORDERS = 5
"""How many chords before the next one the longest context holds."""

KINDS: Final[tuple[str, ...]] = ("0", "1", "2", "3", "4", "5", "roots2", "roots3", "place", "place1")
_BASE = ALPHABET + 2


def contexts(history: Sequence[int], starts_line: bool, at: Place) -> tuple[int, ...]:
    """The key of the row in each table of `KINDS`; `history` holds at least the last `ORDERS` chords."""
    last = history[-1] + 1
    keys = [0]
    packed = 0
    for back in range(1, ORDERS + 1):
        packed = packed * _BASE + history[-back] + 1
        keys.append(packed)
    two = last * 13 + root_of(history[-2]) + 1
    slot = (int(starts_line) * 9 + min(at.bar, 8)) * 4 + int(at.share * 4)
    keys += [two, two * 13 + root_of(history[-3]) + 1]
    keys += [slot * 13 + root_of(history[-1]) + 1, (slot * _BASE + last) * _BASE + history[-2] + 1]
    return tuple(keys)


def count_song(events: Sequence[Event]) -> dict[str, Counts]:
    """What one song does, once for each time it does it."""
    counted: dict[str, Counts] = {kind: {} for kind in KINDS}
    history = [START] * ORDERS
    line = -1
    for event in events:
        keys = contexts(history[-ORDERS:], event.at.line != line, event.at)
        for kind, key in zip(KINDS, keys, strict=True):
            row = counted[kind].setdefault(key, {})
            row[event.chord] = row.get(event.chord, 0.0) + 1.0
        history.append(event.chord)
        line = event.at.line
    return counted


def weigh(times: float) -> float:
    """What a song adds to a row for doing the same `times` times."""
    return times**0.5


class Tables:
    """Rows of weighted counts by kind of context. Made by `build` or `from_arrays`, never changed after."""

    def __init__(
        self, packed: Mapping[str, tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.uint8], Vector]]
    ):
        self._packed = dict(packed)

    @classmethod
    def build(cls, songs: Iterable[Mapping[str, Counts]]) -> "Tables":
        """Add up songs counted by `count_song`."""
        summed: dict[str, Counts] = {kind: {} for kind in KINDS}
        for song in songs:
            for kind, rows in song.items():
                table = summed[kind]
                for key, row in rows.items():
                    into = table.setdefault(key, {})
                    for chord, times in row.items():
                        into[chord] = into.get(chord, 0.0) + weigh(times)
        return cls({kind: _pack(rows) for kind, rows in summed.items()})

    def add_row(self, kind: str, key: int, into: Vector, weight: float = 1.0) -> None:
        """Add a row, times `weight`, to a vector over all chords."""
        keys, starts, chords, counts = self._packed[kind]
        at = int(np.searchsorted(keys, key))
        if at < len(keys) and keys[at] == key:
            part = slice(int(starts[at]), int(starts[at + 1]))
            into[chords[part]] += counts[part] * np.float32(weight)

    def arrays(self, prefix: str) -> dict[str, NDArray[np.generic]]:
        """The tables as named arrays, for a file."""
        named: dict[str, NDArray[np.generic]] = {}
        for kind, (keys, starts, chords, counts) in self._packed.items():
            named[f"{prefix}.{kind}.keys"] = keys
            named[f"{prefix}.{kind}.starts"] = starts
            named[f"{prefix}.{kind}.chords"] = chords
            named[f"{prefix}.{kind}.counts"] = counts.astype(np.float16)
        return named

    @classmethod
    def from_arrays(cls, prefix: str, named: Mapping[str, NDArray[np.generic]]) -> "Tables":
        """The tables that `arrays` wrote; raises `KeyError` where one is missing."""
        return cls(
            {
                kind: (
                    named[f"{prefix}.{kind}.keys"].astype(np.int64),
                    named[f"{prefix}.{kind}.starts"].astype(np.int32),
                    named[f"{prefix}.{kind}.chords"].astype(np.uint8),
                    named[f"{prefix}.{kind}.counts"].astype(np.float32),
                )
                for kind in KINDS
            }
        )


def _pack(rows: Counts) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.uint8], Vector]:
    keys = sorted(rows)
    starts = np.zeros(len(keys) + 1, np.int32)
    chords: list[int] = []
    counts: list[float] = []
    for number, key in enumerate(keys):
        for chord, count in sorted(rows[key].items()):
            chords.append(chord)
            counts.append(count)
        starts[number + 1] = len(chords)
    return np.array(keys, np.int64), starts, np.array(chords, np.uint8), np.array(counts, np.float32)
