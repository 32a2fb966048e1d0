"""A chord: a root, the degrees above it, and the bass it stands on."""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Final

from scrivano.music.theory.interval import Degree, between, degrees
from scrivano.music.theory.pitch import PitchName
from scrivano.music.theory.printer import suffix_of

THIRD, MINOR_THIRD = Degree(3), Degree(3, -1)
ALTERED: Final = degrees("1 3 b7 b9 #9 #11 b13")
_TENSIONS: Final = frozenset({9, 11, 13})


class Family(StrEnum):
    """What a chord is in harmony, told by its basic tones."""

    MAJOR = "major"
    DOMINANT = "dominant"
    MINOR = "minor"
    HALF_DIMINISHED = "half-diminished"
    DIMINISHED = "diminished"
    AUGMENTED = "augmented"
    SUSPENDED = "suspended"
    POWER = "power"
    SILENCE = "silence"


@dataclass(frozen=True)
class Chord:
    """Tones by degree above a root. `bass` is set only where it isn't the root. Without a root it is silence.

    `degrees` is sorted; 9, 11 and 13 are tensions, 2, 4 and 6 replace or complete the triad. `str` prints the
    house's jazz spelling, and the parser reads back the same chord from it.
    """

    root: PitchName | None
    degrees: tuple[Degree, ...] = ()
    bass: PitchName | None = None

    def __str__(self) -> str:
        if self.root is None:
            return "N.C."
        slash = f"/{self.bass}" if self.bass else ""
        return f"{self.root}{suffix_of(frozenset(self.degrees))}{slash}"

    @property
    def silent(self) -> bool:
        """Whether nothing is to sound (`N.C.`)."""
        return self.root is None

    @property
    def suffix(self) -> str:
        """The symbol without root and bass, such as `maj7#11`."""
        return "" if self.root is None else suffix_of(frozenset(self.degrees))

    @cached_property
    def tones(self) -> tuple[PitchName, ...]:
        """The tones from the root upwards, spelled; without the slash bass."""
        return () if self.root is None else tuple(d.above(self.root) for d in self.degrees)

    @cached_property
    def pcs(self) -> frozenset[int]:
        """The pitch classes of the tones, without the slash bass."""
        return frozenset(tone.pc for tone in self.tones)

    @cached_property
    def pcs_with_bass(self) -> frozenset[int]:
        """The pitch classes of the tones and the bass."""
        return self.pcs | {self.bass.pc} if self.bass else self.pcs

    @property
    def bass_name(self) -> PitchName | None:
        """The note that is to sound lowest; None for silence."""
        return self.bass or self.root

    @cached_property
    def third(self) -> Degree | None:
        """The third, else the suspended fourth or second, else an eleventh over a seventh, else None."""
        have = set(self.degrees)
        suspensions = (Degree(4), Degree(2), Degree(11)) if self.seventh else (Degree(4), Degree(2))
        for candidate in (THIRD, MINOR_THIRD, *suspensions):
            if candidate in have:
                return candidate
        return None

    @cached_property
    def fifth(self) -> Degree | None:
        """The fifth; the natural one where several are there; None where it is left out."""
        fifths = [d for d in self.degrees if d.number == 5]
        return min(fifths, key=lambda d: abs(d.alter), default=None)

    @cached_property
    def seventh(self) -> Degree | None:
        """The seventh, else None."""
        return next((d for d in self.degrees if d.number == 7), None)

    @cached_property
    def sixth(self) -> Degree | None:
        """The sixth of a sixth chord, else None."""
        return next((d for d in self.degrees if d.number == 6), None)

    @cached_property
    def tensions(self) -> tuple[Degree, ...]:
        """The 9s, 11s and 13s."""
        return tuple(d for d in self.degrees if d.number in _TENSIONS)

    @cached_property
    def basic(self) -> frozenset[Degree]:
        """Root, third or suspension, fifth, sixth or seventh: what decides the chord's function."""
        third = {self.third} if self.third else set[Degree]()
        return (frozenset(self.degrees) - frozenset(self.tensions)) | third

    @cached_property
    def basic_pcs(self) -> frozenset[int]:
        """Pitch classes of the basic tones."""
        return frozenset() if self.root is None else frozenset(d.above(self.root).pc for d in self.basic)

    @cached_property
    def family(self) -> Family:
        """The chord's family; tensions don't matter."""
        if self.root is None:
            return Family.SILENCE
        have = self.basic
        seventh = self.seventh
        diminished_fifth = Degree(5, -1) in have and Degree(5) not in have
        if THIRD not in have and MINOR_THIRD in have:
            if not diminished_fifth:
                return Family.MINOR
            return Family.HALF_DIMINISHED if seventh == Degree(7, -1) else Family.DIMINISHED
        if seventh == Degree(7, -1) and self.third:
            return Family.DOMINANT
        if THIRD not in have:
            return Family.SUSPENDED if self.third else Family.POWER
        augmented = Degree(5, 1) in have and Degree(5) not in have
        return Family.AUGMENTED if augmented else Family.MAJOR

    def over(self, bass: PitchName | None) -> "Chord":
        """The same chord over another bass; the root or None takes the slash away."""
        same = bass is None or (self.root is not None and bass.pc == self.root.pc)
        return replace(self, bass=None if same else bass)

    def moved_to(self, root: PitchName) -> "Chord":
        """The same chord on another root; a slash bass moves along."""
        if self.root is None:
            return self
        bass = None
        if self.bass is not None:
            bass = between(self.root, self.bass).above(root)
            bass = bass if abs(bass.alter) < 2 else bass.practical()
        return Chord(root, self.degrees, bass)

    def tone(self, wanted: Degree) -> PitchName | None:
        """The name of one of its degrees, None if it has it not."""
        return wanted.above(self.root) if self.root is not None and wanted in self.degrees else None

    def same_sound(self, other: "Chord") -> bool:
        """Whether both sound the same: bass and pitch classes, whatever the spelling."""
        mine, others = self.bass_name, other.bass_name
        return self.pcs == other.pcs and (mine and mine.pc) == (others and others.pc)


SILENCE: Final = Chord(None)


def make_chord(
    root: PitchName, tones: frozenset[Degree] | set[Degree], bass: PitchName | None = None
) -> Chord:
    """A chord of these degrees; the root belongs to it, and a bass that is the root is dropped."""
    return _made(root, frozenset(tones), bass)


@lru_cache(maxsize=16384)
def _made(root: PitchName, tones: frozenset[Degree], bass: PitchName | None) -> Chord:
    """One object for each chord, so that what is worked out about it is worked out once."""
    ordered = tuple(sorted({Degree(1), *tones}))
    return Chord(root, ordered).over(bass)
