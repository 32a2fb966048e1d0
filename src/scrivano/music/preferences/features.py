"""What may be liked or disliked about a chord at its place, as numbers."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scrivano.music.preferences.choices import Option, Situation
from scrivano.music.theory.chord import Chord, Family
from scrivano.music.theory.key import Key, key_of
from scrivano.music.theory.symbols import parse_chord

Matrix = NDArray[np.float64]

_FAMILIES: Final = (
    Family.MAJOR, Family.DOMINANT, Family.MINOR, Family.HALF_DIMINISHED, Family.DIMINISHED, Family.AUGMENTED,
    Family.SUSPENDED, Family.POWER,
)  # fmt: skip
_DEGREES: Final = ("1", "♭2", "2", "♭3", "3", "4", "♯4", "5", "♭6", "6", "♭7", "7")
_MOVES: Final = (
    "the root stays", "the root rises a semitone", "the root rises a tone", "the root rises a minor third",
    "the root rises a major third", "the root falls a fifth", "the root moves a tritone", "the root rises a fifth",
    "the root falls a major third", "the root falls a minor third", "the root falls a tone",
    "the root falls a semitone",
)  # fmt: skip

NAMES: Final[tuple[str, ...]] = (
    "what is expected",
    "chords of many tones",
    "bare triads and power chords",
    "added ninths, elevenths and thirteenths",
    "altered tensions",
    "slash basses",
    "tones outside the key",
    "chords wholly in the key",
    "tones held from the chord before",
    "roots heard a moment ago",
    "biting intervals",
    *(f"{family} chords" for family in _FAMILIES),
    *(f"roots on degree {degree}" for degree in _DEGREES),
    *(f"that {move}" for move in _MOVES),
    *(f"minor-third chords on degree {degree}" for degree in _DEGREES),
    *(f"major-third chords on degree {degree}" for degree in _DEGREES),
)
"""What each number is about, in words that finish "you tend to keep …"."""

EXPECTED: Final = 0


def describe(options: Sequence[Option], situation: Situation) -> Matrix:
    """One row an option, one column a name. Raises InvalidInput for an unreadable chord or key."""
    rows = [_chord(option.symbol, situation.key, situation.mode, situation.before[-4:]) for option in options]
    matrix = np.array(rows, np.float64).reshape(len(options), len(NAMES))
    matrix[:, EXPECTED] = [math.log(max(option.probability, 1e-5)) for option in options]
    return matrix


@lru_cache(maxsize=65536)
def _chord(symbol: str, tonic: str, mode: str, before: tuple[str, ...]) -> tuple[float, ...]:
    key = key_of(tonic, "minor" if mode == "minor" else "major")
    chord = parse_chord(symbol)
    past = [earlier for earlier in map(parse_chord, before) if not earlier.silent]
    if chord.root is None:
        return (0.0,) * len(NAMES)
    degree = (chord.root.pc - key.pc) % 12
    third = chord.third.semitones if chord.third else None
    return (
        0.0,
        *_colour(chord),
        *_in_key(chord, key),
        *_against(chord, past),
        *(float(chord.family is family) for family in _FAMILIES),
        *_one_of(12, degree),
        *_one_of(12, _move(chord, past)),
        *_one_of(12, degree if third == 3 else None),
        *_one_of(12, degree if third == 4 else None),
    )


def _colour(chord: Chord) -> tuple[float, ...]:
    altered = sum(tension.alter != 0 for tension in chord.tensions)
    tones = len(chord.pcs)
    return (
        (tones - 3) / 2,
        float(tones <= 3),
        len(chord.tensions) / 2,
        altered / 2,
        float(chord.bass is not None),
    )


def _in_key(chord: Chord, key: Key) -> tuple[float, float]:
    natural = frozenset(name.pc for name in key.scale)
    return (len(chord.pcs - natural) / 2, float(key.holds(chord.pcs_with_bass)))


def _against(chord: Chord, past: Sequence[Chord]) -> tuple[float, float, float]:
    held = len(chord.pcs & past[-1].pcs) / 2 if past else 0.0
    heard = float(any(earlier.root is not None and chord.root == earlier.root for earlier in past))
    bite = sum(((tone + 1) % 12 in chord.pcs) + ((tone + 6) % 12 in chord.pcs) / 2 for tone in chord.pcs)
    return (held, heard, bite / 2)


def _move(chord: Chord, past: Sequence[Chord]) -> int | None:
    if not past or past[-1].root is None or chord.root is None:
        return None
    return (chord.root.pc - past[-1].root.pc) % 12


def _one_of(size: int, which: int | None) -> tuple[float, ...]:
    return tuple(float(place == which) for place in range(size))
