"""Chords as the predictor sees them: a root counted from the tonic and one of eleven qualities.

Everything else about a chord (bass, added notes, alterations of what is neither third, fifth nor seventh) is
dropped.
"""

import re
from typing import Final, Literal

from scrivano.core.errors import InvalidInput
from scrivano.music.theory.chord import THIRD, Chord, Family
from scrivano.music.theory.harte import parse_harte
from scrivano.music.theory.symbols import parse_chord

Quality = Literal["maj", "min", "7", "maj7", "min7", "sus", "5", "dim", "dim7", "hdim7", "aug"]

QUALITIES: Final[tuple[Quality, ...]] = (
    "maj", "min", "7", "maj7", "min7", "sus", "5", "dim", "dim7", "hdim7", "aug",
)  # fmt: skip
ALPHABET: Final = 12 * len(QUALITIES)

_LETTERS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_FIFTHS_OF_LETTER: Final = {"F": -1, "C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5}
_LETTER_OF_FIFTHS: Final = "FCGDAEB"
_FIFTHS_OF_STEP: Final = (0, -5, 2, -3, 4, -1, 6, 1, -4, 3, -2, 5)
_PRINTED: Final[dict[Quality, str]] = {
    "maj": "", "min": "m", "7": "7", "maj7": "maj7", "min7": "m7", "sus": "sus4", "5": "5",
    "dim": "dim", "dim7": "dim7", "hdim7": "m7b5", "aug": "aug",
}  # fmt: skip
_NOTE: Final = re.compile(r"([A-G])([#b♯♭]*)")


class SymbolError(ValueError):
    """A chord symbol or note name that cannot be read; the message quotes it."""


def pitch_class(note: str) -> int:
    """0 to 11 for a note name such as `C`, `F#`, `Bbb`; raises `SymbolError`."""
    found = _NOTE.fullmatch(note)
    if not found:
        raise SymbolError(f"{note!r} is not a note name such as C, F# or Bb")
    return (_LETTERS[found[1]] + _sharps(found[2])) % 12


def token(root: int, quality: Quality) -> int:
    """The number of a chord, 0 to `ALPHABET` − 1; `root` in semitones above the tonic, any integer."""
    return root % 12 * len(QUALITIES) + QUALITIES.index(quality)


def root_of(chord: int) -> int:
    """Semitones of a chord's root above the tonic; −1 for what stands before the first chord."""
    return chord // len(QUALITIES) if chord >= 0 else -1


def quality_of(chord: int) -> Quality:
    """The quality of a chord given by its number."""
    return QUALITIES[chord % len(QUALITIES)]


def read_symbol(symbol: str, tonic: str) -> int | None:
    """The number of a chord written in Harte's notation (`A:min7/b3`) or in jazz and pop spelling (`Am7/C`).

    None for silence (`N`, `N.C.`). Raises `SymbolError` for what is not a chord.
    """
    text = symbol.strip()
    if text in {"X", "&pause"}:
        return None
    try:
        chord = parse_harte(text) if ":" in text or text == "N" else parse_chord(text)
    except InvalidInput as problem:
        raise SymbolError(str(problem)) from problem
    if chord.root is None:
        return None
    return token(chord.root.pc - pitch_class(tonic), _quality(chord))


def print_symbol(chord: int, tonic: str) -> str:
    """The chord in jazz spelling, its root spelled as a degree of the key: `Bbmaj7` and not `A#maj7` in F."""
    letter, accidentals = tonic[0], tonic[1:]
    fifths = _FIFTHS_OF_LETTER[letter] + 7 * _sharps(accidentals)
    step = _FIFTHS_OF_STEP[root_of(chord)]
    if root_of(chord) == 6 and not quality_of(chord).startswith(("dim", "hdim")):
        step = -6
    place = fifths + step
    while place > 12:
        place -= 12
    while place < -8:
        place += 12
    alter, index = divmod(place + 1, 7)
    mark = "#" * alter if alter > 0 else "b" * -alter
    return f"{_LETTER_OF_FIFTHS[index]}{mark}{_PRINTED[quality_of(chord)]}"


def _sharps(accidentals: str) -> int:
    return sum(1 if mark in "#♯" else -1 for mark in accidentals)


def _quality(chord: Chord) -> Quality:
    seventh = chord.seventh.alter if chord.seventh else None
    match chord.family:
        case Family.DOMINANT:
            return "7" if chord.third == THIRD else "sus"
        case Family.MINOR:
            return "min7" if seventh == -1 else "min"
        case Family.HALF_DIMINISHED:
            return "hdim7"
        case Family.DIMINISHED:
            return "dim7" if seventh == -2 else "dim"
        case Family.SUSPENDED:
            return "sus"
        case Family.POWER | Family.SILENCE:
            return "5"
        case Family.AUGMENTED | Family.MAJOR:
            if seventh == 0:
                return "maj7"
            return "aug" if chord.family is Family.AUGMENTED else "maj"
