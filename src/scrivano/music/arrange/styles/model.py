"""How a style of playing is written down: rhythms as strings, one sign for each step of the bar.

A bar has as many signs as steps (8 in 4/4 are eighths, 16 sixteenths), bars are parted by `|`, spaces are for the
eye. `-` holds what was struck before (also over the bar line), `.` rests. Signs for a hand: `x` everything, `X`
with an accent, `b` the lowest note, `c` all but the lowest, `t` the top, `o` the top in octaves, `i` all but the
top, `1` to `5` the notes from below. For the bass: `r` the chord's bass, `5` fifth, `3` third, `7` seventh, `8`
octave, `a` a step towards the next note. For drums: `x`, `X` accented, `o` soft.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from scrivano.music.arrange.frame import LeftRole

Levels = Mapping[int, tuple[str, ...]]

# The letters of the drum lanes, and which hands (1) or feet (2) play them.
LANES: Final = {
    "K": (36, 2), "F": (44, 2), "S": (38, 1), "R": (37, 1), "P": (39, 1), "H": (42, 1), "O": (46, 1), "D": (51, 1),
    "C": (49, 1), "B": (56, 1), "L": (75, 1), "M": (70, 1), "T": (54, 1), "G": (63, 1), "g": (62, 1), "J": (64, 1),
}  # fmt: skip


@dataclass(frozen=True)
class Groove:
    """One way to play a meter.

    `right` and `left` have rhythms from a difficulty on; `=` in the left hand is the right hand's rhythm. `bass` is
    `walk` for a line in quarters, else rhythms to choose from. `drums` have lanes such as `H xxxxxxxx / K x...x...`.
    A stroke at most `push` ticks before a chord that it holds into belongs to that chord; `bass_push` likewise.
    `free` says whether the right hand may be given strokes where the pattern has none; `ring` whether a stroke put
    in for a chord lasts until the next one. `crash` marks the beginning of sections. With `clave` patterns of two
    bars are a side each, the side of two strokes first.
    """

    right: Levels
    left: Levels
    bass: tuple[str, ...] | Literal["walk"] = ()
    drums: tuple[str, ...] = ()
    role: LeftRole = "shell"
    push: int = 0
    bass_push: int = 0
    free: bool = True
    ring: bool = True
    crash: bool = True
    clave: bool = False
    right_size: int | None = None
    velocity: tuple[int, int, int, int] = (78, 68, 84, 74)


@dataclass(frozen=True)
class Style:
    """The grooves of an application by meter (2/2 is played as 4/4)."""

    grooves: Mapping[str, Groove]
    slow: Mapping[str, Groove] = field(default_factory=dict[str, Groove])
    """Grooves that stand for the others below `slow_below` beats a minute."""
    slow_below: float = 0

    def groove(self, meter: str, tempo: float) -> Groove:
        """The groove of a meter at a tempo."""
        name = "4/4" if meter == "2/2" else meter
        if tempo < self.slow_below and name in self.slow:
            return self.slow[name]
        return self.grooves[name]


def level(levels: Levels, difficulty: int) -> tuple[str, ...]:
    """The rhythms for a difficulty: those of the highest level that isn't above it."""
    return levels[max(n for n in levels if n <= difficulty)]
