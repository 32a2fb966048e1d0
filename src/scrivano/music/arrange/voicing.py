"""Voicings for two hands: every sensible way to play each chord, and the smoothest line through them.

What a chord needs (third or suspension, and seventh or sixth) always sounds; tensions come before the fifth, the
fifth before the root. Lines are compared by how far fingers move, the highest note most of all.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Final

from scrivano.music.arrange.frame import Frame, playable
from scrivano.music.arrange.path import cheapest_path
from scrivano.music.theory import Chord, Degree

if TYPE_CHECKING:
    import numpy as np

    Matrix = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

MOST_CHOICES: Final = 40
_JITTER: Final = 1.6
_PULL: Final = 0.8
_SHARP: Final = (13, 25, 37, 49, 61, 73)


@dataclass(frozen=True, slots=True)
class Voicing:
    """What both hands hold, MIDI notes upwards. `cost` is how awkward or bare it sounds by itself."""

    left: tuple[int, ...]
    right: tuple[int, ...]
    cost: float = 0.0


def guides(chord: Chord) -> tuple[int, ...]:
    """Pitch classes that must sound in the hands: third or suspension, and seventh, else sixth or, for want, fifth."""
    assert chord.root is not None
    told = [chord.third, chord.seventh or chord.sixth]
    found = [d for d in told if d is not None] or [d for d in (chord.fifth,) if d is not None] or [Degree(1)]
    return tuple(d.above(chord.root).pc for d in found)


def choices(chord: Chord, frame: Frame) -> tuple[Voicing, ...]:
    """The voicings of a chord, at most 40, the best by themselves first. There is always one."""
    assert chord.root is not None
    bass = chord.bass_name
    assert bass is not None
    return _choices(chord.degrees, chord.root.pc, bass.pc, frame)


def voice(
    chords: Sequence[Chord],
    frame: Frame,
    *,
    seed: str = "",
    pinned: dict[int, Voicing] | None = None,
    limit: int = MOST_CHOICES,
    contour: Sequence[float] = (),
) -> list[Voicing]:
    """The voicings of chords in a row (none silent) that together cost least.

    `seed` varies what is about equally good. `pinned` has the voicing of chords that are already decided. `contour`
    has for each chord the note near which its highest note would be, so that the line on top goes somewhere.
    """
    pinned = pinned or {}
    layers = [(pinned[i],) if i in pinned else choices(c, frame)[:limit] for i, c in enumerate(chords)]
    own = [_own(layer, f"{seed}:{i}" if seed else "") for i, layer in enumerate(layers)]
    for costs, layer, aim in zip(own, layers, contour, strict=False):
        costs += [_PULL * abs(v.right[-1] - aim) for v in layer]
    path, _ = cheapest_path(own, lambda i: _moves(layers[i], layers[i + 1]))
    return [layer[k] for layer, k in zip(layers, path, strict=True)]


def cost_of(line: Sequence[Voicing], *, seed: str = "", layers: Sequence[Sequence[Voicing]] = ()) -> float:
    """What a line of voicings costs, as `voice` counts it; `layers` are needed where a seed was used."""
    own = sum(v.cost for v in line)
    if seed:
        own = sum(
            float(_own(layer, f"{seed}:{i}")[list(layer).index(v)])
            for i, (layer, v) in enumerate(zip(layers, line, strict=True))
        )
    return own + sum(float(_moves((a,), (b,))[0, 0]) for a, b in pairwise(line))


def _own(layer: Sequence[Voicing], seed: str) -> "Matrix":
    import numpy as np

    costs = np.array([v.cost for v in layer], dtype=np.float64)
    if seed and len(layer) > 1:
        rng = random.Random(seed)
        costs += np.array([rng.random() * _JITTER for _ in layer])
    return costs


@lru_cache(maxsize=4096)
def _moves(before: tuple[Voicing, ...], after: tuple[Voicing, ...]) -> "Matrix":
    """What it costs to go from each voicing to each: the way of every finger, leaps of the top, standing still."""
    import numpy as np

    old, new = _shape(before), _shape(after)
    way = np.abs(old[:, None, :] - new[None, :, :])
    weights = np.array([0.5, 0.4, 0.4, 0.9, 0.3, 0.4])
    cost = way @ weights
    top = way[:, :, 3]
    cost += np.maximum(top - 4, 0) * 0.8 + (top == 0) * 0.7
    return cost


@lru_cache(maxsize=4096)
def _shape(layer: tuple[Voicing, ...]) -> "Matrix":
    """Four points of each right hand and two of each left, so that hands of any size can be compared."""
    import numpy as np

    rows = list[list[float]]()
    for v in layer:
        n = len(v.right) - 1
        spread = [v.right[0], v.right[round(n / 3)], v.right[round(2 * n / 3)], v.right[-1]]
        rows.append([*map(float, spread), float(v.left[0]), float(v.left[-1])])
    return np.array(rows)


@lru_cache(maxsize=4096)
def _choices(degrees: tuple[Degree, ...], root: int, bass: int, frame: Frame) -> tuple[Voicing, ...]:
    tones = _Tones(degrees, root, bass)
    for relaxed in _relaxations(frame):
        found = {(v.left, v.right): v for v in _all(tones, relaxed)}
        if found:
            return tuple(sorted(found.values(), key=lambda v: (v.cost, v.left, v.right))[:MOST_CHOICES])
    return (_least(tones, frame),)


def _relaxations(frame: Frame) -> Iterator[Frame]:
    """The frame, then with smaller hands, then all over the instrument."""
    sizes = sorted({(frame.left_size, frame.right_size), (1, min(frame.right_size, 3)), (1, 2)}, reverse=True)
    anywhere = ((frame.low, frame.high - 5), (frame.low + 5, frame.high))
    for left, right in ((frame.left, frame.right), anywhere):
        for left_size, right_size in sizes:
            yield Frame(frame.low, frame.high, left, right, frame.role, left_size, right_size, frame.top)


class _Tones:
    """A chord's pitch classes by what they are worth."""

    def __init__(self, degrees: tuple[Degree, ...], root: int, bass: int) -> None:
        names = Chord(None, degrees)
        told = [d for d in (names.third, names.seventh or names.sixth) if d is not None]
        fifth = names.fifth
        told = told or ([fifth] if fifth else [Degree(1)])
        self.degrees = {(root + d.semitones) % 12: d for d in degrees}
        self.root, self.bass = root, bass
        self.guides = [(root + d.semitones) % 12 for d in told]
        others = [d for d in degrees if d not in told and d != Degree(1)]
        # Altered tones tell most, then tensions; a plain fifth and the root can be left out.
        colours = sorted(others, key=lambda d: (d.number == 5 and not d.alter, -abs(d.alter), d.number))
        self.colours = [(root + d.semitones) % 12 for d in colours if d != Degree(5)]
        self.plain = [
            pc for pc in ((root + 7) % 12 if Degree(5) in degrees else None, root) if pc is not None
        ]


def _all(tones: _Tones, frame: Frame) -> Iterator[Voicing]:
    lowest, highest = frame.right
    middle = sum(frame.left) / 2
    stacks: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
    for left in _lefts(tones, frame):
        off = 0.1 * abs(sum(left) / len(left) - middle)
        for pcs in _right_tones(tones, left, frame.right_size):
            if pcs not in stacks:
                stacks[pcs] = [stack for stack in _stacks(pcs, lowest, highest) if playable(stack)]
            worth = _worth(tones, left, pcs)
            for right in stacks[pcs]:
                if right[0] > left[-1]:
                    yield Voicing(left, right, _awkwardness(left, right, frame, off, worth))


def _lefts(tones: _Tones, frame: Frame) -> list[tuple[int, ...]]:
    low, high = frame.left
    found = list[tuple[int, ...]]()
    if frame.role == "root":
        for bottom in _at(tones.bass, low, min(low + 14, high)):
            found += [left for left in _on_root(tones, bottom, frame) if left[-1] <= high]
    else:
        for pcs in _shells(tones, frame.left_size):
            found += _stacks(pcs, low, high)
    return [left for left in found if playable(left)]


def _on_root(tones: _Tones, bottom: int, frame: Frame) -> list[tuple[int, ...]]:
    """The bass with fifth, seventh or octave above it, as many notes as the hand has."""
    if frame.left_size == 1:
        return [(bottom,)]
    above = [bottom + n for n in (5, 6, 7, 8, 9, 10, 11, 12) if (bottom + n) % 12 in tones.degrees]
    pairs = [(bottom, top) for top in above if top - bottom > 5]
    if frame.left_size == 2:
        return pairs or [(bottom,)]
    return [(bottom, a, b) for a, b in combinations(above, 2) if b - a > 2] or pairs or [(bottom,)]


def _shells(tones: _Tones, size: int) -> list[tuple[int, ...]]:
    told = tones.guides
    if size == 1:
        return [(pc,) for pc in told]
    more = [pc for pc in (*tones.colours, *tones.plain) if pc not in told]
    if len(told) < 2:
        return [(told[0], pc) for pc in more[:2]] or [(told[0],)]
    if size == 2:
        return [tuple(told)]
    extra = combinations(more[:4], min(size - 2, len(more)))
    return [(*told, *some) for some in extra] or [tuple(told)]


def _right_tones(tones: _Tones, left: tuple[int, ...], size: int) -> list[tuple[int, ...]]:
    """What the right hand plays: what must sound and doesn't yet, then colours, fifth and root."""
    have = {note % 12 for note in left}
    needed = [pc for pc in tones.guides if pc not in have]
    fresh = [pc for pc in tones.colours if pc not in have]
    fill = [
        *fresh,
        *(pc for pc in (*tones.plain, *tones.guides, *tones.colours) if pc not in {*needed, *fresh}),
    ]
    unique = list(dict.fromkeys(pc for pc in fill if pc not in needed))
    room = max(size - len(needed), 0)
    if not needed and not unique:
        return []
    sets = [(*needed, *unique[:room])]
    for skip in range(room):
        other = [*unique[:room]]
        for spare in unique[room : room + 2]:
            sets.append((*needed, *other[:skip], *other[skip + 1 :], spare))
    return list(dict.fromkeys(tuple(sorted(s)) for s in sets if s))


def _at(pc: int, low: int, high: int) -> list[int]:
    """The notes of a pitch class from `low` to `high`."""
    return list(range(low + (pc - low) % 12, high + 1, 12))


def _stacks(pcs: Sequence[int], low: int, high: int) -> list[tuple[int, ...]]:
    """Close positions: every inversion at every height that lies between `low` and `high`."""
    found = list[tuple[int, ...]]()
    for first in sorted(set(pcs)):
        steps = sorted((pc - first) % 12 for pc in set(pcs))
        found += [tuple(bottom + step for step in steps) for bottom in _at(first, low, high - steps[-1])]
    return found


def _worth(tones: _Tones, left: tuple[int, ...], pcs: tuple[int, ...]) -> tuple[float, float, float]:
    """What it costs that colours are missing, that plain tones are, and that tones are doubled."""
    below = {note % 12 for note in left}
    have = below.union(pcs)
    colours = sum(1.6 for pc in tones.colours if pc not in have)
    plain = 0.5 * sum(1 for pc in tones.plain[:-1] if pc not in have)
    doubled = sum(1.2 if pc in tones.guides or pc in tones.colours else 0.5 for pc in below.intersection(pcs))
    return colours, plain, doubled


def _awkwardness(
    left: tuple[int, ...],
    right: tuple[int, ...],
    frame: Frame,
    off: float,
    worth: tuple[float, float, float],
) -> float:
    """What a voicing costs by itself: `off` is how far its left hand lies from where that likes to be."""
    cost = 0.12 * abs(right[-1] - frame.top) + off
    for part in worth:
        cost += part
    held = 0
    for note in (*left, *right):
        held |= 1 << note
    # Minor ninths and what sounds like them, an octave or more further apart.
    for apart in _SHARP:
        cost += 2.2 * (held & held >> apart).bit_count()
    gap = right[0] - left[-1]
    if len(right) > 1 and right[-1] - right[-2] == 1:
        cost += 1.5
    cost += 0.35 * max(gap - 9, 0)
    return cost + 0.5 * (frame.right_size - len(right)) + 0.4 * (frame.left_size - len(left))


def _least(tones: _Tones, frame: Frame) -> Voicing:
    """Where nothing else fits: one note in the left hand and what must sound close above it."""
    pc = tones.bass if frame.role == "root" else tones.guides[0]
    left = _at(pc, frame.low, frame.high)[0]
    needed = [g for g in tones.guides if g != left % 12] or tones.guides
    right = tuple(sorted(left + ((g - left) % 12 or 12) for g in needed))
    return Voicing((left,), right, 20.0)
