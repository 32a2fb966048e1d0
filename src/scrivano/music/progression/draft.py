"""A piece in the making: chords by bar, each with the key that holds for it, and the form they stand in."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from scrivano.music.dto import ChordSpan, Genre, Progression, Reason, Section, Settled
from scrivano.music.theory import Chord, Family, Key, Meter, key_of, meter_of, parse_chord
from scrivano.music.theory.context import Place, places
from scrivano.music.theory.explain import Style, explain_all, kinds_of

CLASSICAL_STYLE = Style(classical=True)
BLUES_STYLE = Style(blues=True)
PLAIN_STYLE = Style()
_RISING_FAMILIES = frozenset({Family.DIMINISHED, Family.HALF_DIMINISHED})


@dataclass(frozen=True, slots=True)
class Slot:
    """A chord and the key that holds there."""

    chord: Chord
    key: Key

    def with_chord(self, chord: Chord) -> "Slot":
        """The same place with another chord."""
        return replace(self, chord=chord)


Bar: TypeAlias = tuple[Slot, ...]


@dataclass(frozen=True)
class Part:
    """A section as planned: its name, the letter it shares with its repeats, its length and whether it
    closes.
    """

    name: str
    letter: str
    bars: int
    closes: bool


@dataclass
class Draft:
    """Bars and parts; `places[i]` is the letter of bar i and its index within its part."""

    settled: Settled
    bars: list[Bar]
    parts: tuple[Part, ...]

    @property
    def key(self) -> Key:
        """The home key."""
        return key_of(self.settled.key, self.settled.mode)

    @property
    def meter(self) -> Meter:
        """The meter."""
        return meter_of(self.settled.meter)

    @property
    def places(self) -> list[tuple[str, int]]:
        """For each bar the letter of its part and its index there."""
        return [(part.letter, i) for part in self.parts for i in range(part.bars)]

    @property
    def last_bars(self) -> frozenset[int]:
        """Indexes of the bars that end a part."""
        ends, at = set[int](), 0
        for part in self.parts:
            at += part.bars
            ends.add(at - 1)
        return frozenset(ends)

    def following(self, bar: int) -> Slot | None:
        """The first chord after a bar."""
        return self.bars[bar + 1][0] if bar + 1 < len(self.bars) else None

    def preceding(self, bar: int) -> Slot | None:
        """The last chord before a bar."""
        return self.bars[bar - 1][-1] if bar else None


def style_of(genre: Genre) -> Style:
    """What the genre calls things."""
    if genre is Genre.CLASSICAL:
        return CLASSICAL_STYLE
    return BLUES_STYLE if genre is Genre.BLUES else PLAIN_STYLE


def flat(bars: Sequence[Bar]) -> list[Slot]:
    """All slots in order."""
    return [slot for bar in bars for slot in bar]


def reasons(bars: Sequence[Bar], genre: Genre, only: Container[int] | None = None) -> list[Reason | None]:
    """The reason of every chord in order, or of the indexes in `only`; None where there is none."""
    slots = flat(bars)
    return explain_all([s.chord for s in slots], [s.key for s in slots], style_of(genre), only)


def kinds(bars: Sequence[Bar], genre: Genre) -> list[str | None]:
    """The kind of every chord's reason in order; None where there is none."""
    slots = flat(bars)
    return kinds_of([s.chord for s in slots], [s.key for s in slots], style_of(genre))


def spans(bars: Sequence[Bar], meter: Meter) -> Iterator[tuple[int, int, int, Slot]]:
    """Bar number, onset and duration in ticks, and slot of every chord."""
    for number, bar in enumerate(bars, start=1):
        start = (number - 1) * meter.bar
        for (onset, duration), slot in zip(meter.split(len(bar)), bar, strict=True):
            yield number, start + onset, duration, slot


def spelled(bars: Sequence[Bar]) -> list[Bar]:
    """The bars with diminished and half-diminished roots written by where they go: sharp before a rise, else
    flat.
    """
    slots = flat(bars)
    row = places([s.chord for s in slots], [s.key for s in slots])
    written = iter([_written(place) for place in row])
    return [tuple(slot.with_chord(next(written)) for slot in bar) for bar in bars]


def _written(place: Place) -> Chord:
    chord = place.chord
    if chord.root is None or chord.bass is not None or place.family not in _RISING_FAMILIES:
        return chord
    goals = {place.next_pc, place.after_bass, place.after.root.pc if place.after and place.after.root else -1}
    rising = place.r == 6 or any(goal >= 0 and (goal - place.pc) % 12 in {1, 2} for goal in goals)
    if place.key.mode == "minor" and place.r in {3, 8}:
        rising = False
    return chord.moved_to(place.key.spell(place.r, rising=rising))


def to_progression(draft: Draft) -> Progression:
    """The finished progression with its reasons; raises ValueError where a chord has none."""
    bars = spelled(draft.bars)
    found = reasons(bars, draft.settled.genre)
    chords: list[ChordSpan] = []
    for (bar, onset, duration, slot), reason in zip(spans(bars, draft.meter), found, strict=True):
        if reason is None:
            raise ValueError(f"{slot.chord} in bar {bar} has no reason in {slot.key}.")
        chords.append(
            ChordSpan(bar=bar, onset=onset, duration=duration, symbol=str(slot.chord), reason=reason)
        )
    return Progression(
        key=draft.settled.key,
        mode=draft.settled.mode,
        meter=draft.settled.meter,
        bars=draft.settled.bars,
        chords=tuple(chords),
        sections=sections_of(draft.parts),
    )


def sections_of(parts: Sequence[Part]) -> tuple[Section, ...]:
    """The parts as sections with their first bars."""
    first, found = 1, list[Section]()
    for part in parts:
        found.append(Section(name=part.name, first_bar=first, bars=part.bars))
        first += part.bars
    return tuple(found)


def bars_of(progression: Progression) -> list[Bar]:
    """The chords of a progression by bar, in the keys their reasons name."""
    rows: list[list[Slot]] = [[] for _ in range(progression.bars)]
    for span in progression.chords:
        rows[span.bar - 1].append(Slot(parse_chord(span.symbol), key_of(span.reason.key)))
    return [tuple(row) for row in rows]


def parts_of(progression: Progression) -> tuple[Part, ...]:
    """The sections of a progression as parts; letters are told by the name without its number."""
    last = len(progression.sections) - 1
    return tuple(
        Part(s.name, s.name.rstrip(" 0123456789"), s.bars, closes=i == last)
        for i, s in enumerate(progression.sections)
    )
