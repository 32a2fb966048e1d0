"""Meters: length of a bar, its beats, and how a bar is shared among chords. Time is in ticks."""

from dataclasses import dataclass
from typing import Final

from scrivano.core.errors import InvalidInput
from scrivano.music.dto import PPQ


@dataclass(frozen=True)
class Meter:
    """A time signature. `beat` is the felt beat in ticks: the dotted quarter in compound meters."""

    name: str
    numerator: int
    denominator: int
    beat: int
    beats: int
    shares: tuple[tuple[int, ...], ...]

    @property
    def bar(self) -> int:
        """Ticks in a bar."""
        return self.beat * self.beats

    @property
    def compound(self) -> bool:
        """Whether the beat divides in three."""
        return self.beat == PPQ * 3 // 2

    @property
    def most_chords(self) -> int:
        """The most chords a bar may have."""
        return len(self.shares)

    def split(self, chords: int) -> tuple[tuple[int, int], ...]:
        """Onset within the bar and duration, in ticks, of each of `chords` chords of a bar.

        Raises ValueError when the bar has no room for so many.
        """
        if not 1 <= chords <= self.most_chords:
            raise ValueError(
                f"A bar of {self.name} has room for 1 to {self.most_chords} chords, not {chords}."
            )
        onset, spans = 0, list[tuple[int, int]]()
        for share in self.shares[chords - 1]:
            spans.append((onset, share * self.beat))
            onset += share * self.beat
        return tuple(spans)


_Q, _DQ = PPQ, PPQ * 3 // 2

METERS: Final = {
    m.name: m
    for m in (
        Meter("3/4", 3, 4, _Q, 3, ((3,), (2, 1), (1, 1, 1))),
        Meter("4/4", 4, 4, _Q, 4, ((4,), (2, 2), (2, 1, 1), (1, 1, 1, 1))),
        Meter("6/8", 6, 8, _DQ, 2, ((2,), (1, 1))),
        Meter("12/8", 12, 8, _DQ, 4, ((4,), (2, 2), (2, 1, 1), (1, 1, 1, 1))),
        Meter("2/2", 2, 2, _Q, 4, ((4,), (2, 2), (2, 1, 1), (1, 1, 1, 1))),
        Meter("5/4", 5, 4, _Q, 5, ((5,), (3, 2), (3, 1, 1), (2, 1, 1, 1))),
    )
}


def meter_of(name: str) -> Meter:
    """The meter of this name; raises InvalidInput for the field `meter`."""
    found = METERS.get(name.strip().replace(" ", ""))
    if found is None:
        raise InvalidInput(
            f"“{name[:40]}” is not a time signature that music here is written in.",
            field="meter",
            remedy=f"Choose one of {', '.join(METERS)}.",
        )
    return found
