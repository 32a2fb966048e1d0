"""Finds the key of a row of chords, and where it turns."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

from scrivano.music.theory import Chord, Family, Key, practical_key
from scrivano.music.theory.explain import PLAIN, Style, kinds_of
from scrivano.music.theory.pitch import by_pc

_TURN: Final = 3.5
_UNKNOWN: Final = 4.0
_CHROMATIC: Final = 1.0
_INFINITE: Final = 1e9


@lru_cache(maxsize=1)
def all_keys() -> tuple[Key, ...]:
    """The 24 keys in their everyday spelling, major before minor."""
    flats = [by_pc(pc) if pc != 6 else by_pc(6, sharp=True) for pc in range(12)]
    return tuple(practical_key(tonic, mode) for mode in ("major", "minor") for tonic in flats)


def find_key(chords: Sequence[Chord]) -> Key:
    """The key that explains most of the chords at home; C major for silence.

    The last chord speaks loudest, then the first, since pieces end and begin at home.
    """
    sounding = [c for c in chords if c.root is not None]
    if not sounding:
        return all_keys()[0]
    return max(all_keys(), key=lambda key: _at_home(sounding, key))


def _at_home(chords: Sequence[Chord], key: Key) -> float:
    score = sum(key.holds(c.basic_pcs) for c in chords) / len(chords)
    for chord, weight in ((chords[-1], 0.35), (chords[0], 0.2)):
        if chord.root is not None and chord.root.pc == key.pc and _tonic_family(chord, key):
            score += weight
    cadences = sum(
        a.family is Family.DOMINANT
        and a.root is not None
        and b.root is not None
        and (a.root.pc - key.pc) % 12 == 7
        and b.root.pc == key.pc
        for a, b in pairwise(chords)
    )
    return score + 0.4 * cadences / len(chords)


def _tonic_family(chord: Chord, key: Key) -> bool:
    minor = chord.family is Family.MINOR
    return minor == (key.mode == "minor")


def key_regions(chords: Sequence[Chord], home: Key, style: Style = PLAIN) -> list[Key]:
    """One key per chord: home, except where other keys explain the chords better.

    A turn costs as much as three or four chromatic chords. The first and the last chord are at home, and
    where a key turns the chord must belong to the new key, or be its dominant.
    """
    if not chords:
        return []
    keys = (home, *(k for k in all_keys() if (k.pc, k.mode) != (home.pc, home.mode)))
    costs = [_costs(chords, key, style) for key in keys]
    enters = [[_may_enter(c, key) for c in chords] for key in keys]
    best = [costs[k][0] if k == 0 else _INFINITE for k in range(len(keys))]
    trail: list[list[int]] = []
    for i in range(1, len(chords)):
        cheapest = min(range(len(keys)), key=lambda k: best[k])
        step: list[int] = []
        following: list[float] = []
        for k in range(len(keys)):
            stay, turn = best[k], best[cheapest] + _TURN if enters[k][i] else _INFINITE
            step.append(k if stay <= turn else cheapest)
            following.append(min(stay, turn) + costs[k][i])
        trail.append(step)
        best = following
    at, path = 0, [0]
    for step in reversed(trail):
        at = step[at]
        path.append(at)
    return [keys[k] for k in reversed(path)]


def _costs(chords: Sequence[Chord], key: Key, style: Style) -> list[float]:
    kinds = kinds_of(chords, [key] * len(chords), style)
    return [
        _UNKNOWN if kind is None else 0.0 if kind in {"diatonic", "silence"} else _CHROMATIC for kind in kinds
    ]


def _may_enter(chord: Chord, key: Key) -> bool:
    if chord.root is None:
        return False
    dominant = (chord.root.pc - key.pc) % 12 == 7 and chord.family is Family.DOMINANT
    return dominant or key.holds(chord.basic_pcs)
