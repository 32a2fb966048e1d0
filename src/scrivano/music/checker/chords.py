"""Chords and keys as the checker understands them: read from a symbol or from MusicXML's kind and degrees."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

LETTERS: Final = "CDEFGAB"
NATURAL: Final = (0, 2, 4, 5, 7, 9, 11)
MAJOR: Final = frozenset(NATURAL)
MINOR_SCALES: Final = (
    frozenset({0, 2, 3, 5, 7, 8, 10}),
    frozenset({0, 2, 3, 5, 7, 8, 11}),
    frozenset({0, 2, 3, 5, 7, 9, 11}),
)

Tone = tuple[int, int]
"""A degree above the root and its alteration: (7, −1) is a minor seventh."""


class UnreadableChord(ValueError):
    """A chord symbol or key that has no meaning; the message quotes it."""


@dataclass(frozen=True)
class Name:
    """A note name: letter and alteration in semitones."""

    letter: str
    alter: int = 0

    @property
    def pc(self) -> int:
        """Pitch class, 0 to 11."""
        return (NATURAL[LETTERS.index(self.letter)] + self.alter) % 12

    def __str__(self) -> str:
        return self.letter + ("#" * self.alter if self.alter > 0 else "b" * -self.alter)


@dataclass(frozen=True)
class Chord:
    """A root, the tones above it, and the slash bass if there is one."""

    root: Name
    degrees: frozenset[Tone]
    bass: Name | None = None

    @cached_property
    def pcs(self) -> frozenset[int]:
        """Pitch classes of all tones and the bass."""
        return frozenset({self._pc(tone) for tone in self.degrees} | {self.bass_pc})

    @property
    def bass_pc(self) -> int:
        """Pitch class of the note that is to be lowest."""
        return self.bass.pc if self.bass else self.root.pc

    @cached_property
    def third(self) -> int | None:
        """Semitones of the third, else of what is suspended for it, else None (a power chord)."""
        for tone in ((3, 0), (3, -1), (4, 0), (2, 0)):
            if tone in self.degrees:
                return _semitones(tone)
        return 5 if (11, 0) in self.degrees and self.seventh is not None else None

    @cached_property
    def seventh(self) -> int | None:
        """Semitones of the seventh, else None."""
        return next((_semitones(tone) for tone in self.degrees if tone[0] == 7), None)

    @cached_property
    def basic(self) -> frozenset[int]:
        """Pitch classes of root, third, fifth, and sixth or seventh."""
        kept = {self._pc(tone) for tone in self.degrees if tone[0] in {1, 3, 5, 6, 7}}
        if self.third is not None:
            kept.add((self.root.pc + self.third) % 12)
        return frozenset(kept)

    @cached_property
    def family(self) -> str:
        """dominant, minor, half-diminished, diminished, augmented, suspended, power or major."""
        fifths = {alter for number, alter in self.degrees if number == 5}
        flat_five = -1 in fifths and 0 not in fifths
        if self.seventh == 10 and self.third in {4, 5, 2}:
            return "dominant"
        if self.third == 3:
            if not flat_five:
                return "minor"
            return "half-diminished" if self.seventh == 10 else "diminished"
        if self.third == 4:
            return "augmented" if 1 in fifths and 0 not in fifths and self.seventh != 10 else "major"
        return "suspended" if self.third is not None else "power"

    @cached_property
    def tensions(self) -> frozenset[Tone]:
        """Ninths, elevenths and thirteenths."""
        return frozenset(tone for tone in self.degrees if tone[0] in {9, 11, 13})

    def _pc(self, tone: Tone) -> int:
        return (self.root.pc + _semitones(tone)) % 12


@dataclass(frozen=True)
class Key:
    """A tonic and whether it is minor."""

    tonic: Name
    minor: bool

    @cached_property
    def scales(self) -> tuple[frozenset[int], ...]:
        """The pitch-class sets that count as the key."""
        forms = MINOR_SCALES if self.minor else (MAJOR,)
        return tuple(frozenset((self.tonic.pc + step) % 12 for step in form) for form in forms)

    def holds(self, pcs: frozenset[int]) -> bool:
        """Whether the tones lie together in one of the scales."""
        return any(pcs <= scale for scale in self.scales)

    def has_degree(self, pc: int) -> bool:
        """Whether a tone lies on any form of the scale."""
        return any(pc % 12 in scale for scale in self.scales)

    @property
    def fifths(self) -> int:
        """Sharps of the signature; flats count negative."""
        sharps = {"F": -1, "C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5}[self.tonic.letter]
        return sharps + 7 * self.tonic.alter - (3 if self.minor else 0)

    def degree(self, pc: int) -> int:
        """Semitones above the tonic."""
        return (pc - self.tonic.pc) % 12


def read_name(text: str) -> Name:
    """A note name such as `Bb`; raises `UnreadableChord`."""
    found = re.fullmatch(r"([A-G])([#b]{0,2})", text)
    if not found:
        raise UnreadableChord(f"{text!r} is not a note name")
    return Name(found[1], found[2].count("#") - found[2].count("b"))


def read_key(text: str) -> Key:
    """A key such as `Bb`, `G minor` or `Gm`; raises `UnreadableChord`."""
    word = text.strip()
    minor = bool(re.search(r"\s*(minor|min|m)$", word))
    return Key(read_name(re.sub(r"\s*(major|maj|minor|min|m)$", "", word)), minor)


_KINDS: Final = {
    "major": "1 3 5", "minor": "1 b3 5", "augmented": "1 3 #5", "diminished": "1 b3 b5", "dominant": "1 3 5 b7",
    "major-seventh": "1 3 5 7", "minor-seventh": "1 b3 5 b7", "diminished-seventh": "1 b3 b5 bb7",
    "augmented-seventh": "1 3 #5 b7", "half-diminished": "1 b3 b5 b7", "major-minor": "1 b3 5 7",
    "major-sixth": "1 3 5 6", "minor-sixth": "1 b3 5 6", "dominant-ninth": "1 3 5 b7 9",
    "major-ninth": "1 3 5 7 9", "minor-ninth": "1 b3 5 b7 9", "dominant-11th": "1 5 b7 9 11",
    "major-11th": "1 5 7 9 11", "minor-11th": "1 b3 5 b7 9 11", "dominant-13th": "1 3 5 b7 9 13",
    "major-13th": "1 3 5 7 9 13", "minor-13th": "1 b3 5 b7 9 11 13", "suspended-second": "1 2 5",
    "suspended-fourth": "1 4 5", "power": "1 5", "pedal": "1",
}  # fmt: skip


def _tone(text: str) -> Tone:
    number = text.lstrip("b#")
    marks = text[: len(text) - len(number)]
    return int(number), marks.count("#") - marks.count("b")


def _tones(text: str) -> set[Tone]:
    return {_tone(part) for part in text.split()}


def _semitones(tone: Tone) -> int:
    number, alter = tone
    return (NATURAL[(number - 1) % 7] + alter) % 12


def from_kind(root: Name, kind: str, changes: list[tuple[int, int, str]], bass: Name | None) -> Chord:
    """The chord of a MusicXML kind with its degrees (number, alteration, add, alter or subtract)."""
    if kind not in _KINDS:
        raise UnreadableChord(f"the kind {kind!r} is not known")
    have = _tones(_KINDS[kind])
    for number, alter, how in changes:
        there = [tone for tone in have if tone[0] == number]
        if how == "add":
            # MusicXML counts an added degree from a dominant chord, whose seventh is minor.
            have.add((number, alter - 1 if number == 7 else alter))
        elif not there:
            raise UnreadableChord(f"the kind {kind!r} has no degree {number} to {how}")
        else:
            have.discard(there[0])
            if how == "alter":
                have.add((number, there[0][1] + alter))
    return Chord(root, frozenset(have), bass if bass and bass.pc != root.pc else None)


_STACK: Final = {"9": "9", "11": "9 11", "13": "9 13"}
_SPELLINGS: Final = str.maketrans({"♭": "b", "♯": "#", "△": "Δ", "−": "-"})
_HEAD: Final = re.compile(
    r"(maj|Maj|ma(?!d)|M|Δ|min|mi|m|-|dim|°|o(?!m)|ø|aug|\+)?(maj|Maj|M|Δ|ma(?!d))?(69|6/9|6|7|9|11|13|5)?"
)
_TAIL: Final = re.compile(
    r"(sus[24]?)|(alt)|(?:add|/)?(maj7|Maj7|M7)|(add|/)?([b#+-]?)(13|11|10|9|7|6|5|4|3|2)|no(\d+)|omit(\d+)"
)


@lru_cache(maxsize=4096)
def read_symbol(symbol: str) -> Chord | None:
    """The chord of a symbol in jazz spelling; None for `N.C.`. Raises `UnreadableChord`."""
    text = symbol.strip().translate(_SPELLINGS)
    if text.upper() in {"N.C.", "NC"}:
        return None
    found = re.match(r"([A-G])(bb|b|##|#)?", text)
    if not found:
        raise UnreadableChord(f"{symbol!r} is not a chord symbol")
    root, rest = read_name(found[0]), text[found.end() :]
    slash = re.search(r"/([A-G][#b]{0,2})$", rest)
    bass = read_name(slash[1]) if slash else None
    body = re.sub(r"[(), ]", "", rest[: slash.start()] if slash else rest)
    tones = _body(body, symbol)
    return Chord(root, frozenset(tones), bass if bass and bass.pc != root.pc else None)


def _body(body: str, symbol: str) -> set[Tone]:
    if body.startswith(("sus", "alt")):
        return _rest(body, _tones("1 3 5" if body.startswith("sus") else "1 3 5 b7"), symbol)
    head = _HEAD.match(body)
    assert head is not None
    quality, second, number = head[1] or "", head[2], head[3] or ""
    major7 = quality in {"maj", "Maj", "ma", "M", "Δ"} or second is not None
    have = _tones("1 3 5")
    if quality in {"min", "mi", "m", "-"}:
        have = _tones("1 b3 5")
    elif quality in {"dim", "°", "o", "ø"}:
        have = _tones("1 b3 b5")
    elif quality in {"aug", "+"}:
        have = _tones("1 3 #5")
    if number == "5":
        have = _tones("1 5")
    elif number in {"6", "69", "6/9"}:
        have |= _tones("6") if number == "6" else _tones("6 9")
    elif number or quality in {"Δ", "ø"} or second is not None:
        fallen = -2 if quality in {"dim", "°", "o"} else -1
        have.add((7, 0 if major7 else fallen))
        have |= _tones(_STACK.get(number, ""))
        if number == "13" and quality in {"min", "mi", "m", "-"}:
            have.add((11, 0))
        if number == "11" and (3, 0) in have:
            have.discard((3, 0))
    return _rest(body[head.end() :], have, symbol)


def _rest(text: str, have: set[Tone], symbol: str) -> set[Tone]:
    at = 0
    while at < len(text):
        found = _TAIL.match(text, at)
        if not found or found.end() == at:
            raise UnreadableChord(f"{symbol!r}: {text[at:]!r} has no meaning")
        _apply(found, have)
        at = found.end()
    return have


def _apply(found: re.Match[str], have: set[Tone]) -> None:
    sus, alt, major7, _, sign, number, no, omit = found.groups()
    if sus:
        have -= {(3, 0), (3, -1)}
        have.add((2, 0) if sus == "sus2" else (4, 0))
    elif alt:
        have -= {(5, 0), (9, 0)}
        have |= _tones("b7 b9 #9 #11 b13")
    elif major7:
        have.add((7, 0))
    elif no or omit:
        have -= {tone for tone in have if tone[0] == int(no or omit)}
    else:
        value = int(number)
        alter = {"b": -1, "-": -1, "#": 1, "+": 1, "": 0}[sign]
        if value == 5:
            have.discard((5, 0))
        elif value in {9, 11, 13} and alter:
            have.discard((value, 0))
        have.add((value, alter))
