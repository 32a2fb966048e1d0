"""Reads chord symbols of jazz and pop: `Cmaj9`, `F#m7b5`, `Bb13sus`, `C/E`, `N.C.`, in many spellings."""

import re
from functools import lru_cache
from typing import Final

from scrivano.core.errors import InvalidInput
from scrivano.music.theory.chord import SILENCE, Chord, make_chord
from scrivano.music.theory.pitch import PitchName, accidental
from scrivano.music.theory.qualities import clean, read_suffix

_ROOT: Final = re.compile(r"([A-G])(bb?|##?|x)?")
_BASS: Final = re.compile(r"[/\\]([A-G])(bb|b|##|#|x)?$")
_SILENT: Final = frozenset({"n.c.", "nc", "n", "n.c", "nochord"})
_LONGEST = 40


@lru_cache(maxsize=8192)
def parse_chord(symbol: str) -> Chord:
    """The chord of a symbol. Raises InvalidInput (`chord`) that says which part isn't understood."""
    if len(symbol) > _LONGEST:
        raise InvalidInput(f"“{symbol[:_LONGEST]}…” is too long for a chord symbol.", field="chord")
    text = clean(symbol)
    if text.lower() in _SILENT:
        return SILENCE
    root_match = _ROOT.match(text)
    if root_match is None:
        raise InvalidInput(
            f"“{symbol}” does not begin with a root.",
            field="chord",
            remedy="Begin with a capital letter A to G, with # or b, as in Ebmaj7; write N.C. for silence.",
        )
    root = _name(root_match)
    rest = text[root_match.end() :]
    bass_match = _BASS.search(rest)
    bass = _name(bass_match) if bass_match else None
    suffix = rest[: bass_match.start()] if bass_match else rest
    try:
        degrees = read_suffix(suffix)
    except ValueError as error:
        raise InvalidInput(
            f"“{error}” in the chord symbol “{symbol}” is not understood.",
            field="chord",
            remedy="Write it as in Cmaj7, Cm7b5, C13sus, C7#9, C69, Cdim7 or C/E.",
        ) from None
    return make_chord(root, degrees, bass)


def is_chord(symbol: str) -> bool:
    """Whether the symbol can be read."""
    try:
        parse_chord(symbol)
    except InvalidInput:
        return False
    return True


def _name(match: re.Match[str]) -> PitchName:
    return PitchName(match.group(1), accidental(match.group(2) or ""))
