"""Chord symbols as the files write them: with engraver's signs, and as MusicXML kinds with degrees."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from scrivano.core.errors import InvalidInput
from scrivano.music.theory.chord import Chord, make_chord
from scrivano.music.theory.interval import Degree, degrees
from scrivano.music.theory.pitch import PitchName
from scrivano.music.theory.qualities import read_suffix
from scrivano.music.theory.symbols import parse_chord

_SIGNS: Final = (
    ("m7b5", "ø7"),
    ("dimMaj7", "°△7"),
    ("dim", "°"),
    ("mMaj", "m△"),
    ("maj", "△"),
    ("aug", "+"),
)


@lru_cache(maxsize=4096)
def engraved(symbol: str) -> str:
    """The symbol as it is engraved: `Bbm7b5` is B♭ø7, `Cmaj9#11` is C△9♯11.

    It always means the same chord when it is read again.
    """
    chord = parse_chord(symbol)
    if chord.root is None:
        return "N.C."
    root, bass = chord.root.glyphs, f"/{chord.bass.glyphs}" if chord.bass else ""
    plain = chord.suffix
    for sign, glyph in _SIGNS:
        if plain.startswith(sign):
            fancy = glyph + plain.removeprefix(sign)
            break
    else:
        fancy = plain
    for suffix in (fancy, plain):
        text = f"{root}{suffix.replace('b', '♭').replace('#', '♯')}{bass}"
        if _means(text, chord):
            return text
    return str(chord)


def _means(text: str, chord: Chord) -> bool:
    try:
        return parse_chord(text) == chord
    except InvalidInput:
        return False


# What the kinds of MusicXML sound like here: as players read the symbols (a 13th chord has no 11th).
_KINDS: Final = {
    kind: read_suffix(suffix)
    for kind, suffix in {
        "major": "",
        "minor": "m",
        "augmented": "aug",
        "diminished": "dim",
        "dominant": "7",
        "major-seventh": "maj7",
        "minor-seventh": "m7",
        "diminished-seventh": "dim7",
        "augmented-seventh": "7#5",
        "half-diminished": "m7b5",
        "major-minor": "mMaj7",
        "major-sixth": "6",
        "minor-sixth": "m6",
        "dominant-ninth": "9",
        "major-ninth": "maj9",
        "minor-ninth": "m9",
        "dominant-11th": "11",
        "major-11th": "maj11",
        "minor-11th": "m11",
        "dominant-13th": "13",
        "major-13th": "maj13",
        "minor-13th": "m13",
        "suspended-second": "sus2",
        "suspended-fourth": "sus4",
        "power": "5",
    }.items()
} | {"pedal": degrees("1")}
# Kinds that other programs write and that have an everyday reading.
_READ_ONLY: Final = {
    "Neapolitan": degrees("1 3 5"),
    "Italian": degrees("1 3 b7"),
    "French": degrees("1 3 b5 b7"),
    "German": degrees("1 3 5 b7"),
    "Tristan": degrees("1 b3 b5 b7"),
    "other": degrees("1 3 5"),
}


@dataclass(frozen=True)
class KindDegree:
    """A degree element of MusicXML: `kind` is add, alter or subtract."""

    number: int
    alter: int
    kind: str


@lru_cache(maxsize=2048)
def kind_of(tones: tuple[Degree, ...]) -> tuple[str, tuple[KindDegree, ...]]:
    """The MusicXML kind nearest to a chord's degrees, and what must be added, altered or taken away."""
    wanted = frozenset(tones)
    ranked = sorted(
        (_distance(base, wanted), index, kind, base) for index, (kind, base) in enumerate(_KINDS.items())
    )
    _, _, kind, base = ranked[0]
    return kind, _changes(base, wanted)


def _distance(base: frozenset[Degree], wanted: frozenset[Degree]) -> int:
    # What a reader that ignores degrees would hear wrong weighs more than what it would miss.
    return 3 * len(base - wanted) + 2 * len(wanted - base)


def _changes(base: frozenset[Degree], wanted: frozenset[Degree]) -> tuple[KindDegree, ...]:
    missing, surplus = sorted(wanted - base), sorted(base - wanted)
    changes = list[KindDegree]()
    for old in surplus:
        new = next((d for d in missing if d.number == old.number), None)
        if new is None:
            changes.append(KindDegree(old.number, 0, "subtract"))
        else:
            missing.remove(new)
            changes.append(KindDegree(old.number, new.alter - old.alter, "alter"))
    # An added degree is counted from a dominant chord, whose seventh is minor.
    changes += [KindDegree(d.number, d.alter + (1 if d.number == 7 else 0), "add") for d in missing]
    return tuple(changes)


def chord_of_kind(
    root: PitchName, kind: str, changes: tuple[KindDegree, ...], bass: PitchName | None = None
) -> Chord:
    """The chord that a kind with degrees stands for. An unknown kind is read as a major triad."""
    tones = set(_KINDS.get(kind) or _READ_ONLY.get(kind) or _READ_ONLY["other"])
    for change in changes:
        there = [d for d in tones if d.number == change.number]
        if change.kind == "subtract":
            tones -= set(there)
        elif change.kind == "alter" and there:
            tones.remove(there[0])
            tones.add(Degree(change.number, there[0].alter + change.alter))
        else:
            alter = change.alter - (1 if change.number == 7 else 0)
            tones.add(Degree(change.number, alter))
    return make_chord(root, tones, bass)
