"""What the checker found in the files: chords with their reasons, notes by part, sections, meter, key and tempo."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from scrivano.music.checker.chords import Chord, Key

QUARTER = 480
EPS = 12
"""Ticks within which two onsets are one: players' and writers' rounding, less than a 64th triplet."""


class Violation(NamedTuple):
    """A broken rule: its id, the bar (0 where it concerns the whole piece), and what is wrong."""

    rule: str
    bar: int
    text: str


class FileNote(NamedTuple):
    """A note as it sounds; ticks of 480 to a quarter, from the start of the piece."""

    part: str
    midi: int
    onset: int
    end: int


class Why(NamedTuple):
    """The reason that the file gives for a chord."""

    kind: str
    key: Key
    target: str | None
    symbol: str


@dataclass(frozen=True)
class Placed:
    """A chord at its place; `chord` is None for silence. `index` counts from 0."""

    index: int
    bar: int
    start: int
    end: int
    chord: Chord | None
    why: Why | None


class SectionMark(NamedTuple):
    """A section of the form: first bar (from 1) and number of bars."""

    name: str
    first: int
    bars: int

    @property
    def last(self) -> int:
        """Its last bar."""
        return self.first + self.bars - 1


@dataclass
class Piece:
    """The whole piece, with the questions that the rules ask of it."""

    genre: str
    application: str
    home: Key
    meter: str
    tempo: float
    bars: int
    lowest: int
    highest: int
    form: str | None
    chords: Sequence[Placed]
    notes: Sequence[FileNote]
    sections: Sequence[SectionMark]
    found: list[Violation] = field(default_factory=list[Violation])

    def broken(self, rule: str, bar: int, text: str) -> None:
        """Note down a violation."""
        self.found.append(Violation(rule, bar, text))

    @cached_property
    def bar_ticks(self) -> int:
        """Ticks in a bar."""
        top, bottom = self.meter.split("/")
        return int(top) * QUARTER * 4 // int(bottom)

    @property
    def compound(self) -> bool:
        """6/8 and 12/8, whose beat is a dotted quarter."""
        return self.meter in {"6/8", "12/8"}

    @property
    def beat(self) -> int:
        """Ticks in a beat."""
        return QUARTER * 3 // 2 if self.compound else QUARTER

    @cached_property
    def sounding(self) -> list[Placed]:
        """The chords without silence."""
        return [placed for placed in self.chords if placed.chord is not None]

    @cached_property
    def by_part(self) -> dict[str, list[FileNote]]:
        """Notes of each part, in time."""
        parts: dict[str, list[FileNote]] = {}
        for note in sorted(self.notes, key=lambda note: (note.onset, note.midi)):
            parts.setdefault(note.part, []).append(note)
        return parts

    @cached_property
    def pitched(self) -> list[FileNote]:
        """Notes of the hands and the bass, in time."""
        return sorted(
            (note for note in self.notes if note.part in {"right", "left", "bass"}),
            key=lambda note: (note.onset, note.midi),
        )

    def sounding_between(self, start: int, end: int) -> list[FileNote]:
        """Notes of hands and bass that begin before `end` and end after `start`, in time."""
        found = self.pitched[: bisect_left(self.pitched, end, key=lambda note: note.onset)]
        return [note for note in found if note.end > start]

    def bar_of(self, tick: int) -> int:
        """The bar of a tick, from 1."""
        return (tick + EPS) // self.bar_ticks + 1

    def start_of(self, bar: int) -> int:
        """The first tick of a bar."""
        return (bar - 1) * self.bar_ticks

    def at(self, tick: int) -> Placed | None:
        """The chord that holds at a tick."""
        index = bisect_right(self._starts, tick + EPS) - 1
        return self.chords[index] if index >= 0 and tick < self.chords[index].end - EPS else None

    def between(self, onset: int, end: int) -> Sequence[Placed]:
        """The chords that hold at some time between two ticks."""
        first = max(0, bisect_right(self._starts, onset) - 1)
        return self.chords[first : bisect_left(self._starts, end)]

    @cached_property
    def _starts(self) -> list[int]:
        return [placed.start for placed in self.chords]

    @cached_property
    def _strokes(self) -> dict[tuple[str, int], list[tuple[int, int]]]:
        """Ticks from the bar line and pitches of the strokes of each part and bar."""
        found: dict[tuple[str, int], list[tuple[int, int]]] = {}
        for note in self.notes:
            bar = self.bar_of(note.onset)
            stroke = (note.onset - self.start_of(bar), note.midi)
            found.setdefault((note.part, bar), []).append(stroke)
        return found

    def in_bar(self, bar: int) -> list[Placed]:
        """The chords that begin in a bar, silence left out."""
        return [placed for placed in self.sounding if placed.bar == bar]

    def silent(self, bar: int) -> bool:
        """Whether a bar is meant to be empty, wholly or for a part."""
        start = self.start_of(bar)
        return any(p.chord is None for p in self.between(start, start + self.bar_ticks))

    def other_root(self, placed: Placed, step: int) -> Placed | None:
        """The nearest later (step 1) or earlier (−1) chord with another root."""
        return next((p for p in self._from(placed, step) if _root(p) != _root(placed)), None)

    def other_symbol(self, placed: Placed, step: int) -> Placed | None:
        """The nearest later (step 1) or earlier (−1) chord with another symbol."""
        return next((p for p in self._from(placed, step) if p.chord != placed.chord), None)

    def _from(self, placed: Placed, step: int) -> Iterator[Placed]:
        chords = self.chords[placed.index + 1 :] if step > 0 else reversed(self.chords[: placed.index])
        return (p for p in chords if p.chord is not None)

    def strikes(self, part: str, bar: int, numbers: frozenset[int] | None = None) -> list[int]:
        """Ticks from the bar line at which a part strikes in a bar; of drums only the given numbers."""
        struck = self._strokes.get((part, bar), [])
        return sorted({tick for tick, midi in struck if numbers is None or midi in numbers})

    def section_starts(self) -> set[int]:
        """First bars of the sections."""
        return {section.first for section in self.sections}


def _root(placed: Placed) -> int:
    return placed.chord.root.pc if placed.chord else -1


def near(ticks: Sequence[int], wanted: int) -> bool:
    """Whether one of the ticks is at a place."""
    return any(abs(tick - wanted) <= EPS for tick in ticks)
