"""All opinions about the next chord, gathered: those of the corpus, of its genre, and of the song so far."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from scrivano.music.predictor.corpus import Place
from scrivano.music.predictor.memory import Memory
from scrivano.music.predictor.symbols import ALPHABET, root_of
from scrivano.music.predictor.tables import KINDS, ORDERS, Counts, Tables, Vector, contexts, weigh

NAMES = (
    "common", "after1", "after2", "after3", "after5", "after-roots", "at-place",
    "song", "song1", "song2", "song3", "song6", "song-place1", "song-place2", "song-line", "song-repeat",
    "song-latest",
)  # fmt: skip
"""The experts in the order of their rows; those of the song at hand start with `song`."""

NOWHERE = Place(0, 0, 0.0)
"""Where every chord stands for a predictor that is told of no places; memory has to be given the same."""

_FLOOR = np.float32(1e-3)


class Opinions(NamedTuple):
    """Log-probabilities, experts × chords, and the measures by which the mixer weighs them."""

    logs: Vector
    situation: Vector


class Learnt(NamedTuple):
    """Tables with their weights (a corpus; a genre's own, heavier), and a song to be left out of them."""

    tables: Sequence[tuple[Tables, float]]
    without: Mapping[str, Counts] | None = None

    def row(self, kind: str, key: int) -> Vector:
        """Weighted counts of what followed in this context."""
        counts = np.zeros(ALPHABET, np.float32)
        for table, weight in self.tables:
            table.add_row(kind, key, counts, weight)
        if self.without is not None:
            for chord, times in self.without[kind].get(key, {}).items():
                counts[chord] -= weigh(times)
            counts[counts < 1e-3] = 0
        return counts


def opinions(learnt: Learnt, memory: Memory, place: Place | None) -> Opinions:
    """What each expert expects next; with no place, those that would need it say what the others say."""
    at = place if place is not None else NOWHERE
    starts = place is not None and memory.starts_line(at.line)
    keys: dict[str, int] = dict(zip(KINDS, contexts(memory.history[-ORDERS:], starts, at), strict=True))
    common = learnt.row("0", 0) + np.float32(0.5)
    common /= common.sum()
    after: list[Vector] = [common]
    seen: list[float] = []
    unused: list[float] = []
    for order in range(1, ORDERS + 1):
        after.append(_step(after[-1], learnt.row(str(order), keys[str(order)]), seen))
    roots = _step(after[1], learnt.row("roots2", keys["roots2"]), unused)
    roots = _step(roots, learnt.row("roots3", keys["roots3"]), unused)
    placed = after[1]
    at_place: list[float] = []
    if place is not None:
        placed = _step(placed, learnt.row("place", keys["place"]), at_place)
        placed = _step(placed, learnt.row("place1", keys["place1"]), at_place)
    own, own_seen = memory.experts(common, after[2], at)
    stacked = np.stack([*after[:4], after[5], roots, placed, *own])
    measures = [seen[1], seen[2], seen[4], at_place[1] if at_place else 0.0, *own_seen]
    return _prepared(stacked, measures, memory, starts, at.share)


def _step(shorter: Vector, counts: Vector, seen: list[float]) -> Vector:
    """Interpolate a row with the shorter context, which weighs more the more different chords followed."""
    total = float(counts.sum())
    seen.append(total)
    if total <= 0:
        return shorter
    novelty = np.float32(0.5 * np.count_nonzero(counts) + 0.5)
    return ((counts + novelty * shorter) / (np.float32(total) + novelty)).astype(np.float32)


def _prepared(stacked: Vector, measures: list[float], memory: Memory, starts: bool, share: float) -> Opinions:
    last = memory.history[-1]
    if last >= 0:
        stacked[:, last] = 0
        stacked /= stacked.sum(1, keepdims=True)
    stacked = stacked * (1 - _FLOOR) + _FLOOR / np.float32(ALPHABET)
    if last >= 0:
        stacked[:, last] = 1e-12
    logs = np.log(stacked)
    turn = len(memory.history)
    flags = [math.log(turn - 7) / 3, float(starts), float(share > 0), float(root_of(last) == 0)]
    situation = np.concatenate([logs.max(1), np.log1p(measures), flags]).astype(np.float32)
    return Opinions(logs.astype(np.float32), situation)
