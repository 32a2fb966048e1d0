"""Reading chord corpora: songs as chords with their place in line and bar.

A corpus is a JSON-lines file, plain or gzipped; a line is a song: `title`, `lines` (each with `tonic` and
`bars`; a bar is its chords, separated by spaces, `.` for "the same as before"), optionally `genre`.
"""

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from scrivano.music.predictor.symbols import SymbolError, read_symbol

BILLBOARD = Path(__file__).parent / "data" / "billboard.jsonl.gz"
_METRE_MARK = re.compile(r"\(\d+/\d+\)")


class CorpusError(ValueError):
    """A corpus that cannot be read; the message names the file, the line and what is wrong."""


class Place(NamedTuple):
    """Where a chord begins: line and bar of the line, counted from 0, and the share of the bar before it."""

    line: int
    bar: int
    share: float


class Event(NamedTuple):
    """A chord and where it begins."""

    chord: int
    at: Place


class Song(NamedTuple):
    """One song; equal neighbours among its chords are one event, silence is none."""

    title: str
    genre: str | None
    events: tuple[Event, ...]


def read_corpus(path: Path) -> list[Song]:
    """All songs of one file. Raises `CorpusError` at the first line that cannot be read."""
    opener = gzip.open if path.suffix == ".gz" else open
    songs: list[Song] = []
    number = 0
    try:
        with opener(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                number += 1
                if line.strip():
                    songs.append(_song(json.loads(line)))
    except (SymbolError, KeyError, TypeError, AttributeError, json.JSONDecodeError) as problem:
        raise CorpusError(f"{path.name}, line {number}: {problem}") from problem
    except (OSError, UnicodeDecodeError, EOFError) as problem:
        raise CorpusError(f"{path.name} cannot be read: {problem}") from problem
    return songs


def without_repeated_lines(song: Song) -> Song:
    """The song with each distinct line of chords once, where it first stands."""
    seen: set[tuple[int, ...]] = set()
    kept: list[Event] = []
    for line in _by_line(song.events):
        chords = tuple(event.chord for event in line)
        if chords in seen:
            continue
        seen.add(chords)
        kept += line
    return song._replace(events=tuple(collapse(kept)))


def without_lines_said_twice(song: Song) -> Song:
    """The song without lines of chords that only repeat the line before them."""
    kept: list[Event] = []
    last: list[int] = []
    for line in _by_line(song.events):
        chords = [event.chord for event in line]
        if chords != last:
            kept += line
        last = chords
    return song._replace(events=tuple(collapse(kept)))


def collapse(events: Iterable[Event]) -> Iterator[Event]:
    """The events without those that only repeat the chord before them."""
    last = -1
    for event in events:
        if event.chord != last:
            yield event
        last = event.chord


def _song(data: dict[str, Any]) -> Song:
    events: list[Event] = []
    for number, line in enumerate(data["lines"]):
        for bar, text in enumerate(line["bars"]):
            cells = [cell for cell in text.split() if not _METRE_MARK.fullmatch(cell)]
            for place, cell in enumerate(cells):
                if cell in {".", "*"}:
                    continue
                chord = read_symbol(cell, line["tonic"])
                if chord is not None:
                    events.append(Event(chord, Place(number, bar, place / len(cells))))
    return Song(str(data["title"]), data.get("genre"), tuple(collapse(events)))


def _by_line(events: Iterable[Event]) -> Iterator[list[Event]]:
    line: list[Event] = []
    for event in events:
        if line and line[-1].at.line != event.at.line:
            yield line
            line = []
        line.append(event)
    if line:
        yield line
