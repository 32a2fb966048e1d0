"""What a player's hands have to work with: the instrument's range, and how full and where each hand plays."""

from dataclasses import dataclass
from typing import Final, Literal

LeftRole = Literal["root", "shell"]

# Low interval limits: between neighbours this many semitones apart, the lower one must not lie lower.
LOW_LIMITS: Final = {1: 48, 2: 48, 3: 45, 4: 45, 5: 40, 6: 40}
WIDEST: Final = 14

# Notes in the right and in the left hand by difficulty; the left hand's by what it plays.
_RIGHT: Final = {1: 3, 2: 3, 3: 3, 4: 4, 5: 4}
_LEFT: Final[dict[LeftRole, dict[int, int]]] = {
    "root": {1: 1, 2: 1, 3: 2, 4: 2, 5: 3},
    "shell": {1: 2, 2: 2, 3: 2, 4: 3, 5: 4},
}


@dataclass(frozen=True)
class Frame:
    """`left` and `right` are the lowest and highest MIDI note where a hand likes to play, `low` and `high` those of
    the instrument.

    `role` is what the left hand does: `root` plays the chord's bass and builds on it, `shell` leaves the bass to
    another and plays what tells the chord. `top` is where the melody of the chords likes to lie.
    """

    low: int
    high: int
    left: tuple[int, int]
    right: tuple[int, int]
    role: LeftRole
    left_size: int
    right_size: int
    top: int


def frame_for(
    low: int, high: int, role: LeftRole, difficulty: int, *, right_size: int | None = None
) -> Frame:
    """The frame of an instrument from `low` to `high` (at least 24 semitones apart)."""
    ceiling = min(high, 84)
    right = (max(low, ceiling - 30), ceiling)
    if role == "root":
        bottom = max(low, min(36, ceiling - 36))
        left = (bottom, min(bottom + 22, ceiling - 9))
    else:
        bottom = max(low, min(48, ceiling - 24))
        left = (bottom, bottom + 17)
    return Frame(
        low=low,
        high=high,
        left=left,
        right=right,
        role=role,
        left_size=_LEFT[role][difficulty],
        right_size=right_size or _RIGHT[difficulty],
        top=min(74, ceiling - 5),
    )


def playable(notes: tuple[int, ...]) -> bool:
    """Whether one hand can strike these notes: span and low interval limits."""
    if not 0 < len(notes) <= 5 or notes[-1] - notes[0] > WIDEST:
        return False
    lower = notes[0]
    for note in notes[1:]:
        if note <= lower or lower < LOW_LIMITS.get(note - lower, 0):
            return False
        lower = note
    return True
