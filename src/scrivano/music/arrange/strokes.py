"""Strokes: what a hand, the bass or the drums strike at one moment, before it becomes notes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from scrivano.music.dto import ChordSpan, PartName, Progression
from scrivano.music.theory import Chord, Meter, parse_chord


@dataclass(slots=True)
class Span:
    """A chord of the piece with its place: `index` counts all chords, silent ones included."""

    index: int
    chord: Chord
    start: int
    end: int
    bar: int

    @property
    def silent(self) -> bool:
        """Whether nothing is to sound."""
        return self.chord.root is None


@dataclass(slots=True)
class Stroke:
    """Something struck at `start` and held until `end`, on behalf of the chord with this index."""

    start: int
    end: int
    kind: str
    span: int
    notes: tuple[int, ...] = ()
    accent: bool = False


@dataclass(slots=True)
class Line:
    """The strokes of one part in time, none of which sounds into the next."""

    part: PartName
    strokes: list[Stroke] = field(default_factory=list[Stroke])

    def sounding(self, tick: int) -> Stroke | None:
        """What sounds at a moment."""
        for stroke in self.strokes:
            if stroke.start <= tick < stroke.end:
                return stroke
        return None

    def put(self, stroke: Stroke) -> None:
        """Adds a stroke: what sounds there ends, what begins there gives way, and it ends before the next."""
        kept = list[Stroke]()
        for other in self.strokes:
            if other.start == stroke.start:
                continue
            if other.start < stroke.start < other.end:
                other.end = stroke.start
            if stroke.start < other.start < stroke.end:
                stroke.end = other.start
            kept.append(other)
        self.strokes = sorted([*kept, stroke], key=lambda s: s.start)


def spans_of(chords: Sequence[ChordSpan]) -> list[Span]:
    """The chords of a progression, parsed."""
    return [
        Span(i, parse_chord(c.symbol), c.onset, c.onset + c.duration, c.bar) for i, c in enumerate(chords)
    ]


@dataclass(frozen=True, slots=True)
class Step:
    """A sign of a pattern: where it begins in the bar, how long it is held within it, what is struck."""

    start: int
    length: int
    sign: str


@lru_cache(maxsize=4096)
def read_pattern(pattern: str, bar: int) -> tuple[tuple[tuple[Step, ...], int], ...]:
    """The bars of a pattern: their steps, and how long what sounded before is held into each, in ticks.

    ValueError if a bar of the pattern doesn't divide the bar of `bar` ticks evenly.
    """
    found = list[tuple[tuple[Step, ...], int]]()
    for text in pattern.replace(" ", "").split("|"):
        if bar % len(text):
            raise ValueError(f"{len(text)} steps don't fill a bar: {pattern}")
        unit = bar // len(text)
        steps = list[Step]()
        for place, sign in enumerate(text):
            if sign in ".-":
                continue
            held = len(text[place + 1 :]) - len(text[place + 1 :].lstrip("-"))
            steps.append(Step(place * unit, (1 + held) * unit, sign))
        lead = len(text) - len(text.lstrip("-"))
        found.append((tuple(steps), lead * unit))
    return tuple(found)


def laid_out(pattern_of_bar: Sequence[tuple[str, int]], meter: Meter) -> Iterator[tuple[int, int, str]]:
    """Start, end and sign of every step of a piece: for each bar its pattern and which bar of it is played.

    A step that is held to the end of its bar goes on as long as the next bar says.
    """
    pending: tuple[int, int, str] | None = None
    for number, (pattern, which) in enumerate(pattern_of_bar):
        bars = read_pattern(pattern, meter.bar)
        steps, lead = bars[which % len(bars)]
        start = number * meter.bar
        if pending is not None:
            begin, end, sign = pending
            yield begin, (start + lead if end == start else end), sign
            pending = None
        for step in steps:
            if pending is not None:
                yield pending
            pending = (start + step.start, start + step.start + step.length, step.sign)
    if pending is not None:
        yield pending


def end_of(progression: Progression, meter: Meter) -> int:
    """Ticks of the whole piece."""
    return progression.bars * meter.bar
