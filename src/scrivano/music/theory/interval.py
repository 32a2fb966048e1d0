"""Degrees: an interval above a root as chord symbols name it, such as b9 or #11."""

from functools import cache
from typing import NamedTuple

from scrivano.music.theory.pitch import NATURAL, PitchName, accidental


class Degree(NamedTuple):
    """`number` is 1 to 13 counted on the major scale of the root, `alter` in semitones."""

    number: int
    alter: int = 0

    @property
    def semitones(self) -> int:
        """Semitones above the root, folded into one octave."""
        return (NATURAL[(self.number - 1) % 7] + self.alter) % 12

    def above(self, root: PitchName) -> PitchName:
        """The tone that lies this far above the root, spelled by its letter."""
        return root.up(self.number - 1, NATURAL[(self.number - 1) % 7] + self.alter)

    def __str__(self) -> str:
        return ("#" * self.alter if self.alter > 0 else "b" * -self.alter) + str(self.number)


@cache
def degree(text: str) -> Degree:
    """Reads b9, #11, bb7 or 5; raises ValueError for anything else."""
    digits = text.lstrip("#b♯♭x𝄪𝄫♮")
    if not digits.isdecimal() or not 1 <= int(digits) <= 13:
        raise ValueError(f"“{text}” is not a degree.")
    return Degree(int(digits), accidental(text[: len(text) - len(digits)]))


def degrees(text: str) -> frozenset[Degree]:
    """Reads degrees separated by spaces."""
    return frozenset(degree(word) for word in text.split())


def between(root: PitchName, tone: PitchName) -> Degree:
    """The simple degree (1 to 7) of a tone above a root, by letters."""
    number = root.steps_to(tone)
    alter = (tone.pc - root.pc - NATURAL[number] + 6) % 12 - 6
    return Degree(number + 1, alter)
