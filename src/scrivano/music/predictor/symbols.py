"""Chords as the predictor sees them: a root counted from the tonic and one of eleven qualities.

Everything else about a chord (bass, added notes, alterations of what is neither third, fifth nor seventh) is
dropped.
"""

import re
from typing import Final, Literal

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
_SHORTHAND: Final = {
    "": "1", "maj": "3 5", "min": "b3 5", "dim": "b3 b5", "aug": "3 #5", "maj7": "3 5 7", "min7": "b3 5 b7",
    "7": "3 5 b7", "dim7": "b3 b5 bb7", "hdim7": "b3 b5 b7", "minmaj7": "b3 5 7",
    "maj6": "3 5 6", "min6": "b3 5 6",
    "9": "3 5 b7", "maj9": "3 5 7", "min9": "b3 5 b7", "11": "3 5 b7", "min11": "b3 5 b7", "maj11": "3 5 7",
    "13": "3 5 b7", "maj13": "3 5 7", "min13": "b3 5 b7", "sus4": "4 5", "sus2": "2 5", "5": "5", "1": "1",
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
    if text in {"N", "N.C.", "NC", "X", "&pause"}:
        return None
    found = _NOTE.match(text)
    if not found:
        raise SymbolError(f"{symbol!r} is not a chord symbol")
    root = (_LETTERS[found[1]] + _sharps(found[2]) - pitch_class(tonic)) % 12
    rest = text[found.end() :]
    quality = _harte_quality(rest[1:], symbol) if rest.startswith(":") else _jazz_quality(rest, symbol)
    return token(root, quality)


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


def _harte_quality(text: str, symbol: str) -> Quality:
    body = text.split("/")[0]
    shorthand, _, inner = body.partition("(")
    if shorthand not in _SHORTHAND:
        raise SymbolError(f"{symbol!r} has the unknown shorthand {shorthand!r}")
    degrees = set(_SHORTHAND[shorthand].split())
    degrees |= {part for part in inner.rstrip(")").split(",") if part and not part.startswith("*")}
    return _from_degrees(degrees)


def _from_degrees(degrees: set[str]) -> Quality:
    if "3" in degrees:
        if "b7" in degrees:
            return "7"
        if "7" in degrees:
            return "maj7"
        return "aug" if "#5" in degrees else "maj"
    if "b3" in degrees:
        if "b5" in degrees and "5" not in degrees:
            return "hdim7" if "b7" in degrees else "dim7" if "bb7" in degrees else "dim"
        return "min7" if "b7" in degrees else "min"
    return "sus" if degrees & {"2", "4"} else "5"


_JAZZ: Final[tuple[tuple[str, Quality], ...]] = (
    (r".*sus.*", "sus"),
    (r"(m|min|-|mi)7?\(?[b♭-]5\)?.*|ø7?.*|hdim7?.*|(m|min|-)7.*[b♭]5.*", "hdim7"),
    (r"(dim|°|o)(7|9).*", "dim7"),
    (r"(dim|°|o).*", "dim"),
    (r"(m|min|-|mi)\(?(maj|M|Δ|△|\+)7?.*", "min"),
    (r"(m|min|-|mi)(7|9|11|13).*", "min7"),
    (r"(maj|ma|M|j)(7|9|11|13|\(?[#b]).*|[Δ△].*", "maj7"),
    (r"(maj|M|ma)?(6|/9|69|add|2|\().*|maj|ma|M|", "maj"),
    (r"(m|min|-|mi)(6|add|b6|\(|#|b|)?.*", "min"),
    (r"(7|9|11|13|alt|dom).*|(aug|\+)(7|9).*", "7"),
    (r"(aug|\+|#5).*", "aug"),
    (r"5|1", "5"),
)
_JAZZ_COMPILED: Final[tuple[tuple[re.Pattern[str], Quality], ...]] = tuple(
    (re.compile(pattern), quality) for pattern, quality in _JAZZ
)


def _jazz_quality(text: str, symbol: str) -> Quality:
    body = re.sub(r"/[A-G][#b♯♭]*$", "", text)
    for pattern, quality in _JAZZ_COMPILED:
        if pattern.fullmatch(body):
            return quality
    raise SymbolError(f"{symbol!r} has the unknown quality {body!r}")
