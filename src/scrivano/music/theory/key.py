"""Keys: tonic and mode, signature, scale, and how chromatic roots are spelled."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from scrivano.core.errors import InvalidInput
from scrivano.music.dto import Mode
from scrivano.music.theory.pitch import NATURAL, PitchName, parse_name
from scrivano.music.theory.scale import MAJOR, MINOR_FORMS, NATURAL_MINOR

_FIFTHS: Final = {"F": -1, "C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5}
_AWKWARD: Final = frozenset({"Cb", "Fb", "E#", "B#"})

# Semitones above the tonic → degree on the major scale with its accidental, falling and rising.
_FLAT_SIDE: Final = {0: 0, 1: 1, 2: 1, 3: 2, 4: 2, 5: 3, 6: 4, 7: 4, 8: 5, 9: 5, 10: 6, 11: 6}
_SHARP_SIDE: Final = {0: 0, 1: 0, 2: 1, 3: 1, 4: 2, 5: 3, 6: 3, 7: 4, 8: 4, 9: 5, 10: 6, 11: 6}


@dataclass(frozen=True)
class Key:
    """A key with a signature of at most seven sharps or flats; use `key_of` to make one from words."""

    tonic: PitchName
    mode: Mode = "major"

    @property
    def fifths(self) -> int:
        """Sharps (positive) or flats (negative) of the signature, −7 to 7."""
        in_major = _FIFTHS[self.tonic.letter] + 7 * self.tonic.alter
        return in_major if self.mode == "major" else in_major - 3

    @property
    def pc(self) -> int:
        """Pitch class of the tonic."""
        return self.tonic.pc

    def __str__(self) -> str:
        return str(self.tonic) if self.mode == "major" else f"{self.tonic} minor"

    @cached_property
    def scale(self) -> tuple[PitchName, ...]:
        """The seven names of the signature, from the tonic (natural minor in minor)."""
        steps = MAJOR if self.mode == "major" else NATURAL_MINOR
        return tuple(self.tonic.up(i, s) for i, s in enumerate(steps))

    @cached_property
    def collections(self) -> tuple[frozenset[int], ...]:
        """The pitch-class sets that count as this key: one in major, the three forms in minor."""
        forms = (MAJOR,) if self.mode == "major" else MINOR_FORMS
        return tuple(frozenset((self.pc + s) % 12 for s in form) for form in forms)

    @cached_property
    def scale_pcs(self) -> frozenset[int]:
        """Every pitch class of any form of the key."""
        return frozenset[int]().union(*self.collections)

    def holds(self, pcs: frozenset[int] | set[int]) -> bool:
        """Whether these pitch classes lie together in one form of the key's scale."""
        return any(pcs <= form for form in self.collections)

    def spell(self, semitones: int, *, rising: bool = False) -> PitchName:
        """The root `semitones` above the tonic as this key writes it.

        Chromatic degrees are flat (♭2 ♭3 ♭5 ♭6 ♭7), or sharp (♯1 ♯2 ♯4 ♯5) when `rising` to the tone above.
        Names with two accidentals, and C♭, F♭, E♯, B♯ outside the signature, give way to the everyday name;
        the raised seventh of a minor key stays unless it would need two accidentals.
        """
        semitones %= 12
        steps = (_SHARP_SIDE if rising else _FLAT_SIDE)[semitones]
        name = self.tonic.up(steps, semitones)
        if abs(name.alter) > 1:
            return name.practical()
        if (
            str(name) in _AWKWARD
            and name not in self.scale
            and not (self.mode == "minor" and semitones == 11)
        ):
            return name.practical()
        return name

    def respelled(self, name: PitchName, *, rising: bool = False) -> PitchName:
        """The name this key gives to the sound of `name`."""
        return self.spell(name.pc - self.pc, rising=rising)

    def relative(self) -> "Key":
        """The key of the other mode with the same signature."""
        if self.mode == "major":
            return Key(self.tonic.up(5, 9), "minor")
        return Key(self.tonic.up(2, 3), "major")

    def parallel(self) -> "Key":
        """The key of the other mode on the same tonic, respelled where its signature would be too long."""
        return practical_key(self.tonic, "minor" if self.mode == "major" else "major")

    def up(self, semitones: int, mode: Mode | None = None) -> "Key":
        """The key whose tonic lies `semitones` higher, in the spelling with fewer accidentals."""
        return practical_key(self.spell(semitones), mode or self.mode)


def practical_key(tonic: PitchName, mode: Mode) -> Key:
    """The key on this tonic, or its enharmonic twin where the signature would have more than seven signs."""
    key = Key(tonic, mode)
    if abs(key.fifths) <= 7:
        return key
    steps = -1 if tonic.alter < 0 else 1
    twin = Key(tonic.up(steps, 0), mode)
    return twin if abs(twin.fifths) <= 7 else Key(tonic.practical(), mode)


def key_of(tonic: str, mode: Mode = "major") -> Key:
    """Reads a tonic such as C, F#, Bb or E♭; also "G minor", "Gm" and "G major" (then `mode` is ignored).

    A key with more than seven sharps or flats becomes its twin (D♯ major is E♭ major). Raises InvalidInput
    for the field `key`.
    """
    text = tonic.strip()
    lowered = text.lower()
    for ending, named in _MODE_ENDINGS:
        # A lone m is minor, a lone M is not.
        ends = lowered.endswith(ending) if len(ending) > 1 else text.endswith(ending)
        if ends and len(text) > len(ending):
            text, mode = text[: -len(ending)].rstrip(" -"), named
            break
    try:
        name = parse_name(text, field="key")
    except InvalidInput:
        name = None
    if name is None or abs(name.alter) > 1:
        raise InvalidInput(
            f"“{tonic[:40]}” is not a key.",
            field="key",
            remedy="Write a letter A to G with # or b, such as C, F#, Bb or Eb; the mode is major or minor.",
        )
    return practical_key(name, mode)


_MODE_ENDINGS: Final[tuple[tuple[str, Mode], ...]] = (
    ("major", "major"),
    ("minor", "minor"),
    ("maj", "major"),
    ("min", "minor"),
    ("m", "minor"),
)


def signature_name(key: Key) -> str:
    """How many sharps or flats a player sees, in words."""
    n = abs(key.fifths)
    kind = "sharp" if key.fifths > 0 else "flat"
    return "no sharps or flats" if n == 0 else f"{n} {kind}{'s' if n > 1 else ''}"


def scale_degree(key: Key, name: PitchName) -> tuple[int, int]:
    """Degree (1 to 7) and alteration of a name against the major scale on the key's tonic, by its letter."""
    steps = key.tonic.steps_to(name)
    alter = (name.pc - key.pc - NATURAL[steps] + 6) % 12 - 6
    return steps + 1, alter
