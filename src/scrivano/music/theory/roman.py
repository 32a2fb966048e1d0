"""Roman numerals: `ii7`, `V7/ii`, `bVImaj7`, `#iv°7`, `iiø7`, `I/3`.

Numerals count on the major scale of the tonic in major and in minor, as jazz does: the chord on the third
degree of C minor is `bIII`. Small letters have a minor third. What follows the numeral is written as in a
chord symbol, with `°`, `ø` and `+` for diminished, half-diminished and augmented. After a slash comes the
numeral that an applied chord belongs to (`V7/ii`), or, in digits, the chord degree in the bass (`I/3`).
"""

import re
from functools import lru_cache
from typing import Final

from scrivano.core.errors import InvalidInput
from scrivano.music.theory.chord import SILENCE, Chord, Family, make_chord
from scrivano.music.theory.interval import Degree, between, degree
from scrivano.music.theory.key import Key, scale_degree
from scrivano.music.theory.pitch import NATURAL
from scrivano.music.theory.printer import suffix_of
from scrivano.music.theory.qualities import read_suffix

NUMERALS: Final = ("I", "II", "III", "IV", "V", "VI", "VII")
_NUMERAL: Final = re.compile(
    r"(?P<sign>[b#♭♯]?)(?P<numeral>VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)(?P<rest>[^/]*)"
)
_RISING: Final = frozenset({Family.DIMINISHED, Family.HALF_DIMINISHED})


@lru_cache(maxsize=16384)
def parse_roman(text: str, key: Key) -> Chord:
    """The chord that a numeral means in a key, its root spelled as that key has it.

    Raises InvalidInput for the field `chord`.
    """
    head, *after = text.strip().split("/")
    if head.startswith("N"):
        return SILENCE
    match = _NUMERAL.fullmatch(head)
    bass = None
    if after and after[-1].lstrip("b#")[:1].isdigit():
        bass = after.pop()
    if match is None or len(after) > 1:
        raise _unreadable(text)
    if after:
        key = applied_key(after[0], key)
    small = match["numeral"].islower()
    semitones = numeral_semitones(match["sign"] + match["numeral"])
    try:
        degrees = read_suffix(_jazz_suffix(match["rest"], small=small))
        below = degree(bass) if bass else None
    except ValueError:
        raise _unreadable(text) from None
    probe = make_chord(key.tonic, degrees)
    sharp = match["sign"] in {"#", "♯"} or (not match["sign"] and probe.family in _RISING)
    root = key.spell(semitones, rising=sharp)
    tone = below.above(root) if below else None
    if tone is not None and abs(tone.alter) > 1:
        tone = tone.practical()
    return make_chord(root, degrees, tone)


def numeral_semitones(numeral: str) -> int:
    """Semitones of a bare numeral such as `bVI` above the tonic."""
    sign = {"b": -1, "♭": -1, "#": 1, "♯": 1}.get(numeral[0], 0)
    return (NATURAL[NUMERALS.index(numeral.lstrip("b#♭♯").upper())] + sign) % 12


def applied_key(target: str, key: Key) -> Key:
    """The key that an applied chord borrows its degrees from: `ii` in C is D minor, `V` is G."""
    match = _NUMERAL.match(target)
    if match is None:
        raise _unreadable(target)
    tonic = key.spell(numeral_semitones(match["sign"] + match["numeral"]))
    # A passing key of theory only: it may have more signs than a signature shows.
    return Key(tonic, "minor" if match["numeral"].islower() else "major")


def numeral(chord: Chord, key: Key) -> str:
    """Numeral and accidental of the root, small where the third is minor; without quality and bass."""
    if chord.root is None:
        return "N.C."
    number, alter = scale_degree(key, chord.root)
    family = chord.family
    if abs(alter) > 1 or (alter and (number, alter) not in _COMMON):
        semitones = (chord.root.pc - key.pc) % 12
        number, alter = (_SHARP if family in _RISING else _FLAT)[semitones]
    if family in _RISING and (number, alter) == (5, -1):
        number, alter = 4, 1
    small = family in {Family.MINOR, Family.HALF_DIMINISHED, Family.DIMINISHED}
    name = NUMERALS[number - 1]
    return ("#" * alter if alter > 0 else "b" * -alter) + (name.lower() if small else name)


_FLAT: Final = dict(
    enumerate(
        ((1, 0), (2, -1), (2, 0), (3, -1), (3, 0), (4, 0), (5, -1), (5, 0), (6, -1), (6, 0), (7, -1), (7, 0))
    )
)
_SHARP: Final = {**_FLAT, 1: (1, 1), 3: (2, 1), 6: (4, 1), 8: (5, 1)}
_COMMON: Final = frozenset({(2, -1), (3, -1), (5, -1), (6, -1), (7, -1), (1, 1), (2, 1), (4, 1), (5, 1)})


def print_roman(chord: Chord, key: Key) -> str:
    """The chord as a Roman numeral in the key; `parse_roman` reads the same sound from it."""
    if chord.root is None:
        return "N.C."
    text = numeral(chord, key) + _roman_suffix(chord)
    return f"{text}/{between(chord.root, chord.bass)}" if chord.bass else text


def _roman_suffix(chord: Chord) -> str:
    suffix = suffix_of(frozenset(chord.degrees))
    if chord.family is Family.HALF_DIMINISHED:
        extension = suffix.removeprefix("m")
        if "b5" in extension:
            number, _, rest = extension.partition("b5")
            return f"ø{number}{rest}"
    if chord.family is Family.DIMINISHED and suffix.startswith("dim"):
        return "°" + suffix.removeprefix("dim")
    if chord.family is Family.AUGMENTED and suffix.startswith("aug"):
        return "+" + suffix.removeprefix("aug")
    if chord.family in {Family.MINOR, Family.DIMINISHED, Family.HALF_DIMINISHED}:
        rest = suffix.removeprefix("m")
        return f"({rest})" if rest.startswith(("b", "#")) else rest
    return suffix


def _jazz_suffix(text: str, *, small: bool) -> str:
    """A numeral's suffix as a chord symbol has it: small numerals get their minor third."""
    if text.startswith(("°", "ø", "o", "dim")) or not small:
        return text
    return "m" + text


def _unreadable(text: str) -> InvalidInput:
    return InvalidInput(
        f"“{text[:40]}” is not a Roman numeral of a chord.",
        field="chord",
        remedy="Write it as in ii7, V7/ii, bVImaj7, #iv°7, iiø7 or I/3.",
    )


def degree_of(chord: Chord, key: Key) -> int:
    """Semitones of the root above the tonic; raises ValueError for silence."""
    if chord.root is None:
        raise ValueError("Silence has no degree.")
    return (chord.root.pc - key.pc) % 12


def major_degree(semitones: int) -> Degree:
    """The flat-side degree of a chromatic step above the tonic."""
    number, alter = _FLAT[semitones % 12]
    return Degree(number, alter)
