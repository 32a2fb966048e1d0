"""Note names and pitches that keep their spelling."""

from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal, cast

from scrivano.core.errors import InvalidInput
from scrivano.music.dto import SpelledPitch

Letter = Literal["C", "D", "E", "F", "G", "A", "B"]

LETTERS: Final = "CDEFGAB"
NATURAL: Final = (0, 2, 4, 5, 7, 9, 11)
_ACCIDENTALS: Final = {"#": 1, "♯": 1, "b": -1, "♭": -1, "x": 2, "𝄪": 2, "𝄫": -2, "♮": 0}
_GLYPHS: Final = {-2: "𝄫", -1: "♭", 0: "", 1: "♯", 2: "𝄪"}


@dataclass(frozen=True, slots=True, order=True)
class PitchName:
    """A note without octave: a letter and how far it is altered, in semitones. B flat is not A sharp."""

    letter: str
    alter: int = 0
    pc: int = field(init=False, repr=False, compare=False)
    """The pitch class, 0 (C) to 11 (B)."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "pc", (NATURAL[LETTERS.index(self.letter)] + self.alter) % 12)

    def __str__(self) -> str:
        return self.letter + ("#" * self.alter if self.alter > 0 else "b" * -self.alter)

    @property
    def glyphs(self) -> str:
        """The name with the engraver's accidentals, such as B♭."""
        return self.letter + _GLYPHS.get(self.alter, str(self)[1:])

    def up(self, steps: int, semitones: int) -> "PitchName":
        """The name `steps` letters and `semitones` higher; both may be negative."""
        index = LETTERS.index(self.letter) + steps
        letter = LETTERS[index % 7]
        wanted = self.pc + semitones
        alter = (wanted - NATURAL[index % 7] + 6) % 12 - 6
        return PitchName(letter, alter)

    def steps_to(self, other: "PitchName") -> int:
        """How many letters higher `other` stands, 0 to 6."""
        return (LETTERS.index(other.letter) - LETTERS.index(self.letter)) % 7

    def semitones_to(self, other: "PitchName") -> int:
        """How many semitones higher `other` sounds, 0 to 11."""
        return (other.pc - self.pc) % 12

    def practical(self) -> "PitchName":
        """The same sound with at most one accidental and no C♭, F♭, E♯ or B♯."""
        if abs(self.alter) < 2 and str(self) not in {"Cb", "Fb", "E#", "B#"}:
            return self
        return by_pc(self.pc, sharp=self.alter > 0)

    def in_octave(self, octave: int) -> SpelledPitch:
        """This name in an octave; C4 is middle C, and B♯3 sounds like C4."""
        return SpelledPitch(step=cast(Letter, self.letter), alter=self.alter, octave=octave)

    def at(self, midi: int) -> SpelledPitch:
        """The pitch of this name that sounds as the MIDI note; raises ValueError if the sound is another."""
        if midi % 12 != self.pc:
            raise ValueError(f"{self} does not sound as MIDI note {midi}.")
        natural = NATURAL[LETTERS.index(self.letter)]
        return self.in_octave((midi - natural - self.alter) // 12 - 1)


def midi_of(pitch: SpelledPitch) -> int:
    """The MIDI note of a written pitch; C4 is 60."""
    return 12 * (pitch.octave + 1) + NATURAL[LETTERS.index(pitch.step)] + pitch.alter


def name_of(pitch: SpelledPitch) -> PitchName:
    """The name of a written pitch, without its octave."""
    return PitchName(pitch.step, pitch.alter)


@cache
def by_pc(pc: int, *, sharp: bool = False) -> PitchName:
    """The everyday name of a pitch class: a natural, else one flat or one sharp."""
    if pc % 12 in NATURAL:
        return PitchName(LETTERS[NATURAL.index(pc % 12)])
    return by_pc(pc - 1).up(0, 1) if sharp else by_pc(pc + 1).up(0, -1)


def accidental(text: str) -> int:
    """What a run of accidentals amounts to in semitones; raises KeyError for anything else."""
    return sum(_ACCIDENTALS[sign] for sign in text)


def parse_name(text: str, *, field: str = "note") -> PitchName:
    """Reads C, F#, Bb, E♭ or B𝄫. Raises InvalidInput naming `field`; H is refused (it is B in English)."""
    text = text.strip()
    if text[:1] and text[0].upper() in LETTERS:
        try:
            return PitchName(text[0].upper(), accidental(text[1:]))
        except KeyError:
            pass
    raise InvalidInput(
        f"“{text[:40]}” is not a note.", field=field, remedy="Write a letter A to G, with # or b after it."
    )
