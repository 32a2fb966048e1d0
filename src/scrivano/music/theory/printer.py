"""Prints a set of degrees as the suffix of a chord symbol, in the house's spelling.

The spelling is that of a chart read at sight: `maj7`, `m7`, `m7b5`, `dim7`, `7alt`, `13sus`, `69`, without
brackets. The nearest common suffix is taken, and what is missing or too much is added in words (`add`, `no`).
Every candidate is read back, so what is printed always means what it was printed from.
"""

from functools import lru_cache
from typing import Final

from scrivano.music.theory.interval import Degree
from scrivano.music.theory.qualities import read_suffix

_COMMON: Final = (
    "m dim aug (b5) sus4 sus2 sus24 5 6 m6 69 m69 maj7 maj9 maj13 maj11 7 9 13 11 m7 m9 m11 m13 m7b5 m9b5 "
    "m11b5 dim7 dim9 dimMaj7 mMaj7 mMaj9 7sus 9sus 13sus 7sus2 maj7sus maj9sus maj7#5 maj7b5 7#5 7b5 9#5 9b5 "
    "7alt m#5 m7#5 7b9 7#9 13b9 13#9"
)
_BASES: Final = ("", *_COMMON.split())
_ROOT_ALONE: Final = frozenset({Degree(1)})


@lru_cache(maxsize=4096)
def suffix_of(degrees: frozenset[Degree]) -> str:
    """The shortest common suffix that the parser reads as exactly these degrees.

    Raises ValueError for sets that no chord symbol can name; the parser never makes any.
    """
    if degrees == _ROOT_ALONE:
        return "no3no5"
    ranked = sorted(
        (cost, index, text) for index, base in enumerate(_BASES) for cost, text in _variants(base, degrees)
    )
    for _, _, text in ranked:
        if _reads_as(text, degrees):
            return text
    raise ValueError(f"No chord symbol names {' '.join(str(d) for d in sorted(degrees))}.")


def _reads_as(text: str, degrees: frozenset[Degree]) -> bool:
    try:
        return read_suffix(text) == degrees
    except ValueError:
        return False


def _variants(base: str, wanted: frozenset[Degree]) -> list[tuple[float, str]]:
    """The base with what it lacks added and what it has too much left out, with a cost; nothing if
    impossible.
    """
    have = read_suffix(base)
    missing, surplus = wanted - have, have - wanted
    if any(d.number == 7 or (d.number == 3 and (d.alter or Degree(4) not in wanted)) for d in missing):
        return []
    plain, added = list[str](), list[str]()
    cost = 0.0
    for degree in sorted(missing):
        replaces = any(d.number == degree.number for d in surplus) or degree.number == 5
        if degree.alter and degree.number in {5, 6, 9, 11, 13} and (replaces or _may_alter(have, degree)):
            plain.append(str(degree))
            cost += 1
        else:
            added.append(f"add{degree}")
            cost += 1.5
    altered = {d.number for d in missing if d.alter}
    left_out = sorted({d.number for d in surplus if d.number not in altered})
    if any(number not in {3, 5} for number in left_out):
        return []
    cost += 1.6 * len(left_out)
    tail = "".join(plain) + "".join(added) + "".join(f"no{n}" for n in left_out)
    if not base and plain:
        tail = f"({plain[0]})" + "".join(plain[1:]) + "".join(added) + "".join(f"no{n}" for n in left_out)
    return [(cost, base + tail)]


def _may_alter(have: frozenset[Degree], degree: Degree) -> bool:
    """An alteration stands bare after a seventh chord (7b9, mb6 too); a triad says `add`."""
    if degree.number == 6:
        return True
    return any(d.number == 7 for d in have) and Degree(degree.number) not in have
