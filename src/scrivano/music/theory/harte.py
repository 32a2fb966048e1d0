"""Chord symbols in the syntax of Christopher Harte: `A:min7/b3`, `Eb:sus4(b7,9)`, `N`.

C. Harte, M. Sandler, S. Abdallah, E. Gómez: Symbolic Representation of Musical Chords, ISMIR 2005, with the
shorthands that the Billboard annotations add (`11`, `13`, `5`, `1` …). Two readings follow players rather
than the letter: `11` has no major third and `13` over a major third no eleventh, and where a seventh is
there, a sixth is a thirteenth.
"""

import re
from functools import lru_cache
from typing import Final

from scrivano.core.errors import InvalidInput
from scrivano.music.theory.chord import SILENCE, Chord, make_chord
from scrivano.music.theory.interval import Degree, between, degree, degrees
from scrivano.music.theory.pitch import PitchName, accidental

_SHORTHANDS: Final = {
    name: degrees(tones)
    for name, tones in {
        "maj": "1 3 5",
        "min": "1 b3 5",
        "dim": "1 b3 b5",
        "aug": "1 3 #5",
        "5": "1 5",
        "1": "1",
        "sus4": "1 4 5",
        "sus2": "1 2 5",
        "maj6": "1 3 5 6",
        "min6": "1 b3 5 6",
        "7": "1 3 5 b7",
        "maj7": "1 3 5 7",
        "min7": "1 b3 5 b7",
        "minmaj7": "1 b3 5 7",
        "hdim7": "1 b3 b5 b7",
        "dim7": "1 b3 b5 bb7",
        "9": "1 3 5 b7 9",
        "maj9": "1 3 5 7 9",
        "min9": "1 b3 5 b7 9",
        "11": "1 5 b7 9 11",
        "maj11": "1 5 7 9 11",
        "min11": "1 b3 5 b7 9 11",
        "13": "1 3 5 b7 9 13",
        "maj13": "1 3 5 7 9 13",
        "min13": "1 b3 5 b7 9 11 13",
    }.items()
}
_LARGEST_FIRST: Final = sorted(_SHORTHANDS.items(), key=lambda item: -len(item[1]))
_SYMBOL: Final = re.compile(
    r"(?P<letter>[A-G])(?P<accidentals>[b#]*)"
    r"(?::(?P<shorthand>[a-z]*\d*)(?:\((?P<list>[^()]*)\))?)?(?:/(?P<bass>[b#]*\d+))?"
)


@lru_cache(maxsize=4096)
def parse_harte(symbol: str) -> Chord:
    """The chord of a Harte symbol; `N` is silence. Raises InvalidInput for the field `chord`."""
    text = symbol.strip()
    if text == "N":
        return SILENCE
    match = _SYMBOL.fullmatch(text)
    try:
        if match is None:
            raise ValueError(text)
        root = PitchName(match["letter"], accidental(match["accidentals"]))
        tones = _tones(match["shorthand"], match["list"])
        bass = degree(match["bass"]).above(root) if match["bass"] else None
    except (ValueError, KeyError):
        raise InvalidInput(
            f"“{symbol[:60]}” is not a chord in Harte's syntax.",
            field="chord",
            remedy="Write it as in A:min7, Eb:sus4(b7,9), C:maj/3 or N.",
        ) from None
    if bass is not None and abs(bass.alter) > 1:
        bass = bass.practical()
    return make_chord(root, tones, bass)


def print_harte(chord: Chord) -> str:
    """The chord in Harte's syntax; the parser reads the same chord from it."""
    if chord.root is None:
        return "N"
    wanted = frozenset(chord.degrees)
    fitting = (
        (name, ",".join(str(d) for d in sorted(wanted - b))) for name, b in _LARGEST_FIRST if b <= wanted
    )
    name, extra = next((name, extra) for name, extra in fitting if _tones(name, extra) == wanted)
    slash = f"/{between(chord.root, chord.bass)}" if chord.bass else ""
    return f"{chord.root}:{name}{f'({extra})' if extra else ''}{slash}"


def _tones(shorthand: str | None, listed: str | None) -> frozenset[Degree]:
    base = _SHORTHANDS[shorthand or ("1" if listed else "maj")]
    found = set(base)
    for item in filter(None, (listed or "").split(",")):
        if item.startswith("*"):
            found.discard(degree(item[1:]))
            continue
        extra = degree(item)
        if extra.number == 7 or extra == Degree(5, -1) or extra == Degree(5, 1):
            found -= {d for d in base if d.number == extra.number and (d.number == 7 or not d.alter)}
        found.add(extra)
    if any(d.number == 7 for d in found):
        found = {Degree(13, d.alter) if d.number == 6 else d for d in found}
    return frozenset(found)
