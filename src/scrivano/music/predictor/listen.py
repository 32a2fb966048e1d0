"""A progression as the predictor hears it: chords by number, each with its line and its place in the bar."""

from collections.abc import Iterator

from scrivano.music.dto import PPQ, ChordSpan, Progression
from scrivano.music.predictor.corpus import Event, Place, Song, collapse
from scrivano.music.predictor.symbols import read_symbol

LINE = 4
"""Bars in a line: the songs learnt from are written down in lines of four, and sections are counted in them here."""


def bar_ticks(meter: str) -> int:
    """Ticks in a bar of a meter such as 6/8."""
    beats, unit = meter.split("/")
    return int(beats) * PPQ * 4 // int(unit)


def place_of(progression: Progression, onset: int) -> Place:
    """The line, bar of the line and share of the bar of an onset in ticks; each section begins a line."""
    length = bar_ticks(progression.meter)
    bar, ticks = divmod(onset, length)
    line = 0
    for section in progression.sections or ():
        inside = bar - (section.first_bar - 1)
        if 0 <= inside < section.bars:
            return Place(line + inside // LINE, inside % LINE, ticks / length)
        line += -(-section.bars // LINE)
    return Place(line + bar // LINE, bar % LINE, ticks / length)


def events_of(progression: Progression, before: int | None = None) -> tuple[Event, ...]:
    """The chords that begin before a tick (all by default). Raises `SymbolError` for an unreadable chord."""
    spans = (span for span in progression.chords if before is None or span.onset < before)
    return tuple(collapse(_heard(progression, spans)))


def song_of(title: str, genre: str | None, progression: Progression) -> Song:
    """A progression as a song to learn from."""
    return Song(title, genre, events_of(progression))


def _heard(progression: Progression, spans: Iterator[ChordSpan]) -> Iterator[Event]:
    for span in spans:
        chord = read_symbol(span.symbol, progression.key)
        if chord is not None:
            yield Event(chord, place_of(progression, span.onset))
