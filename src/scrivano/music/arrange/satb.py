"""Four voices as the common practice writes them: no parallels, no crossing, tendency tones led where they lead.

Each chord's voicings are all that keep its rules; dynamic programming finds the smoothest line. What a rule
forbids costs so much that it is only done where there is no other way.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from scrivano.music.arrange.frame import LOW_LIMITS, WIDEST
from scrivano.music.arrange.path import cheapest_path
from scrivano.music.theory import Chord, Degree, Key

if TYPE_CHECKING:
    import numpy as np

    Matrix = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

FORBIDDEN: Final = 1000.0
# Bass, tenor, alto, soprano as R-CLASSICAL-7 has them.
_RANGES: Final = ((38, 62), (46, 69), (53, 76), (60, 81))
_ROOM: Final = (14, 14, 14, 15)
_PAIRS: Final = ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))
_JITTER: Final = 1.2

Four = tuple[int, int, int, int]


@dataclass(frozen=True)
class Task:
    """A chord to be set: its tones by pitch class, its bass, what mustn't be doubled, and where voices may go."""

    tones: tuple[tuple[int, str], ...]
    bass: int
    undoubled: frozenset[int]
    ranges: tuple[tuple[int, int], ...]


def voice_ranges(low: int, high: int) -> tuple[tuple[int, int], ...]:
    """The ranges of bass, tenor, alto and soprano on an instrument from `low` to `high`.

    They are the singers' ones as far as the instrument goes. On one that lies higher or lower the choir moves
    along, and where there is little room each voice may use what there is.
    """
    if low > 48:
        return ((low, low + 15), (low + 1, high - 5), (low + 3, high - 2), (low + 5, high))
    down = max(0, 77 - high)
    found = list[tuple[int, int]]()
    for index, ((bottom, top), room) in enumerate(zip(_RANGES, _ROOM, strict=True)):
        first, last = max(bottom - down, low), min(top - down if down else top, high)
        if last - first < room:
            last = min(max(last, first + room), high - 3 + index)
            first = max(low, min(first, last - room))
        found.append((first, last))
    return tuple(found)


def set_voices(
    chords: Sequence[Chord],
    home: Key,
    ranges: tuple[tuple[int, int], ...],
    *,
    seed: str = "",
    pinned: dict[int, Four] | None = None,
) -> list[Four]:
    """The four voices (bass, tenor, alto, soprano) of chords in a row, none of them silent."""
    pinned = pinned or {}
    tasks = [task_for(chord, home, ranges) for chord in chords]
    layers = [(pinned[i],) if i in pinned else settings(task) for i, task in enumerate(tasks)]
    own = [
        _own(layer, task, f"{seed}:{i}" if seed else "")
        for i, (layer, task) in enumerate(zip(layers, tasks, strict=True))
    ]
    path, _ = cheapest_path(
        own, lambda i: moves(layers[i], layers[i + 1], _seventh_rule(chords[i], chords[i + 1]))
    )
    return [layer[k] for layer, k in zip(layers, path, strict=True)]


def keeps_apart(
    chords: Sequence[Chord], fours: Sequence[Four], home: Key, ranges: tuple[tuple[int, int], ...]
) -> bool:
    """Whether voices in a row break none of the rules of part-writing, within chords or from one to the next."""
    for at, (chord, four) in enumerate(zip(chords, fours, strict=True)):
        if _own_cost(four, task_for(chord, home, ranges)) >= FORBIDDEN:
            return False
        if at and moves((fours[at - 1],), (four,), _seventh_rule(chords[at - 1], chord))[0, 0] >= FORBIDDEN:
            return False
    return True


def task_for(chord: Chord, home: Key, ranges: tuple[tuple[int, int], ...]) -> Task:
    """What setting a chord asks for."""
    assert chord.root is not None and chord.bass_name is not None
    fifth = chord.fifth
    roles = list[tuple[int, str]]()
    for degree in chord.degrees:
        role = "colour"
        if degree == Degree(1):
            role = "root"
        elif degree == chord.third:
            role = "third"
        elif degree == fifth:
            role = "fifth"
        elif degree in {chord.seventh, chord.sixth}:
            role = "seventh"
        roles.append((degree.above(chord.root).pc, role))
    leading = (home.pc - 1) % 12
    dominants = {(home.pc + 7) % 12, leading}
    tender = {leading} if chord.root.pc in dominants else set[int]()
    tender |= {pc for pc, role in roles if role in {"seventh", "colour"}}
    return Task(tuple(roles), chord.bass_name.pc, frozenset(tender), ranges)


@lru_cache(maxsize=2048)
def settings(task: Task) -> tuple[Four, ...]:
    """Every way to set a chord within its rules; the nearest to them where there is none. Never empty."""
    found = [four for four in _settings(task) if _own_cost(four, task) < FORBIDDEN]
    if not found:
        found = sorted(_settings(task, loose=True), key=lambda four: _own_cost(four, task))[:60]
    ranked = sorted(found, key=lambda four: (_own_cost(four, task), four))
    return tuple(ranked[:90])


def _settings(task: Task, *, loose: bool = False) -> list[Four]:
    (b_low, b_high), (t_low, t_high), (a_low, a_high), (s_low, s_high) = task.ranges
    pcs = {pc for pc, _ in task.tones}
    found = list[Four]()
    for bass in _of({task.bass}, b_low, b_high):
        for tenor in _of(pcs, max(t_low, bass + 1), min(t_high, bass + WIDEST)):
            if not loose and bass < LOW_LIMITS.get(tenor - bass, 0):
                continue
            for alto in _of(pcs, max(a_low, tenor + 1), min(a_high, tenor + 12)):
                for soprano in _of(pcs, max(s_low, alto + 1), min(s_high, alto + 12)):
                    found.append((bass, tenor, alto, soprano))
    if loose and not found:
        return [_stacked(task)]
    return found


def _stacked(task: Task) -> Four:
    """The bass with the chord's tones close above it, where the ranges leave nothing better."""
    bass = _of({task.bass}, task.ranges[0][0], task.ranges[0][0] + 11)[0]
    above = sorted({bass + ((pc - bass) % 12 or 12) for pc, _ in task.tones} | {bass + 12, bass + 24})
    return (bass, above[0], above[1], above[2])


def _of(pcs: set[int], low: int, high: int) -> list[int]:
    return [note for note in range(low, high + 1) if note % 12 in pcs]


def _own_cost(four: Four, task: Task) -> float:
    """What a setting costs by itself: what is missing or doubled, how it is spaced."""
    counts = {pc: 0 for pc, _ in task.tones} | {task.bass: 0}
    for note in four:
        counts[note % 12] = counts.get(note % 12, 0) + 1
    roles = dict(task.tones)
    cost = 0.0
    for pc, count in counts.items():
        role = roles.get(pc, "bass")
        if count == 0:
            cost += {"root": 30.0, "fifth": 3.0, "third": FORBIDDEN, "seventh": FORBIDDEN}.get(role, 6.0)
        if count > 1:
            if pc in task.undoubled:
                cost += FORBIDDEN
            cost += (count - 1) * {"root": 0.0, "fifth": 1.5, "third": 2.5}.get(role, 4.0)
        cost += 8.0 * max(count - 2, 0)
    bass, tenor, alto, soprano = four
    cost += (
        0.25 * max(tenor - bass - 12, 0)
        + 0.15 * abs(soprano - 70)
        + 0.1 * abs((alto - tenor) - (soprano - alto))
    )
    cost += 0.1 * abs(bass - 48)
    if bass < LOW_LIMITS.get(tenor - bass, 0) or alto - tenor > 12 or soprano - alto > 12:
        cost += FORBIDDEN
    for note, (low, high) in zip(four, task.ranges, strict=True):
        cost += FORBIDDEN * (not low <= note <= high)
    return cost


def _own(layer: Sequence[Four], task: Task, seed: str) -> "Matrix":
    import numpy as np

    costs = np.array([_own_cost(four, task) for four in layer])
    if seed and len(layer) > 1:
        rng = random.Random(seed)
        costs += np.array([rng.random() * _JITTER for _ in layer])
    return costs


def _seventh_rule(before: Chord, after: Chord) -> tuple[int, frozenset[int]] | None:
    """The seventh of a chord and the pitch classes it may go to, None where it is free."""
    if before.root is None or before.seventh is None:
        return None
    seventh = before.seventh.above(before.root).pc
    may = {pc for pc in ((seventh - 1) % 12, (seventh - 2) % 12, seventh) if pc in after.pcs_with_bass}
    return (seventh, frozenset(may)) if may else None


@lru_cache(maxsize=4096)
def moves(
    before: tuple[Four, ...], after: tuple[Four, ...], seventh: tuple[int, frozenset[int]] | None
) -> "Matrix":
    """What going from each setting to each costs; parallels, overlaps and unresolved sevenths are forbidden."""
    import numpy as np

    old = np.array(before, dtype=np.int64)[:, None, :]
    new = np.array(after, dtype=np.int64)[None, :, :]
    step = new - old
    way = np.abs(step)
    cost = way @ np.array([0.25, 0.5, 0.5, 0.7])
    cost += (np.maximum(way[:, :, 1:] - 4, 0) @ np.array([1.0, 1.0, 0.8])) + np.maximum(
        way[:, :, 0] - 7, 0
    ) * 0.6
    # Augmented fourths and sevenths are hard to sing.
    cost += ((way[:, :, 3] == 6) | (way[:, :, 3] > 9)) * 3.0
    cost += (way[:, :, 3] == 0) * 0.4
    for low, high in _PAIRS:
        interval_before, interval_after = (
            (old[:, :, high] - old[:, :, low]) % 12,
            (new[:, :, high] - new[:, :, low]) % 12,
        )
        up, down = step[:, :, high], step[:, :, low]
        perfect = (interval_before == interval_after) & ((interval_after == 0) | (interval_after == 7))
        cost = cost + (perfect & (up * down > 0)) * FORBIDDEN + (perfect & (up * down < 0)) * 5.0
    # Hidden fifths and octaves: the outer voices leap the same way into one.
    outer = (new[:, :, 3] - new[:, :, 0]) % 12
    same_way = np.sign(step[:, :, 3]) == np.sign(step[:, :, 0])
    hidden = ((outer == 0) | (outer == 7)) & same_way & (way[:, :, 3] > 2) & (way[:, :, 0] > 0)
    cost = cost + hidden * 4.0
    for low in range(3):
        # A voice doesn't go beyond where its neighbour has just been.
        overlap = (new[:, :, low] > old[:, :, low + 1]) | (new[:, :, low + 1] < old[:, :, low])
        cost = cost + overlap * 6.0
    if seventh is not None:
        cost = cost + _unresolved(old, new, seventh) * FORBIDDEN
    return cost


def _unresolved(
    old: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]",
    new: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]",
    seventh: tuple[int, frozenset[int]],
) -> "Matrix":
    """How many voices that have the seventh neither stay nor go down a step."""
    import numpy as np

    pc, may = seventh
    step = new - old
    resolved = np.zeros(step.shape, dtype=bool)
    for goal in may:
        down = (pc - goal) % 12
        resolved |= step == -down
    return (((old % 12) == pc) & ~resolved).sum(axis=2).astype(np.float64)


def can_follow(before: Chord, after: Chord, home: Key) -> bool:
    """Whether four voices can go from one chord to the other and keep every rule of part-writing.

    Few pairs can't: a V7/V in first inversion before a V in first inversion would have to double the leading tone
    (its seventh resolves to what the bass takes), and a minor seventh chord over its third, going down a step to a
    triad in root position, runs into parallel fifths.
    """
    if before.root is None or after.root is None:
        return True
    first, second = (settings(task_for(chord, home, _RANGES)) for chord in (before, after))
    return bool(moves(first, second, _seventh_rule(before, after)).min() < FORBIDDEN)
