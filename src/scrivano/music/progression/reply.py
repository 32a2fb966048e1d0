"""Reads what a model sent back as chords by bar, however it is written."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from pydantic import BaseModel, Field

from scrivano.core.errors import InvalidInput
from scrivano.music.theory import Chord, Key, parse_chord, parse_harte, parse_roman

_LONGEST: Final = 200_000
_KEYS: Final = (
    "bars",
    "progression",
    "measures",
    "chords",
    "chord_progression",
    "harmony",
    "chart",
    "symbols",
    "chord",
    "symbol",
)
_PARTS: Final = re.compile(r"\s*[|,;–—→]\s*|\s+-\s+|\s+")
_STRINGS: Final = re.compile(r'"((?:[^"\\]|\\.){1,60})"')
_BAR_LINE: Final = re.compile(r"\|+:?|:?\|+")


class ModelReply(BaseModel):
    """What a model is asked for: one list of chord symbols for each bar, in order."""

    bars: list[list[str]] = Field(
        description='For each bar its chords in jazz notation, such as ["Dm7", "G7"]; most bars have one or two.'
    )


def read_reply(reply: object, key: Key) -> list[list[Chord]]:
    """The chords of each bar that could be understood; a bar with none is empty.

    Takes the structured reply, decoded JSON in many shapes, JSON text (also cut off or wrapped in prose),
    chart lines with bar lines, or plain rows of chord symbols. Never raises; nothing understood is an empty
    list.
    """
    if isinstance(reply, ModelReply):
        return [_chords_of(bar, key) for bar in reply.bars]
    if isinstance(reply, str):
        return _from_text(reply[:_LONGEST], key)
    return _from_data(reply, key, 0)


def _from_data(data: object, key: Key, depth: int) -> list[list[Chord]]:
    if depth > 6:
        return []
    if isinstance(data, str):
        return _from_text(data[:_LONGEST], key)
    if isinstance(data, Mapping):
        mapping = cast("Mapping[Any, Any]", data)
        for name in _KEYS:
            if name in mapping:
                return _from_data(mapping[name], key, depth + 1)
        return [
            bar
            for part in mapping.values()
            if not isinstance(part, str)
            for bar in _from_data(part, key, depth + 1)
        ]
    if isinstance(data, Sequence):
        return _from_rows(cast("Sequence[Any]", data), key, depth)
    return []


def _from_rows(rows: Sequence[Any], key: Key, depth: int) -> list[list[Chord]]:
    if rows and all(isinstance(r, Mapping) and "bars" in r for r in rows):
        return [bar for row in rows for bar in _from_data(row, key, depth + 1)]
    mappings = [cast("Mapping[Any, Any]", row) for row in rows if isinstance(row, Mapping)]
    if rows and len(mappings) == len(rows) and all(isinstance(_number(row), int) for row in mappings):
        return _from_numbered(mappings, key)
    found: list[list[Chord]] = []
    for row in rows[:512]:
        if isinstance(row, str):
            found.extend(
                [_chords_of([part], key) for part in _BAR_LINE.split(row)]
                if "|" in row
                else [_chords_of([row], key)]
            )
        else:
            found.append(_chords_of(_symbols(row, 0), key))
    return found


def _number(row: Mapping[Any, Any]) -> object:
    return next((row[name] for name in ("bar", "measure", "number") if name in row), None)


def _from_numbered(rows: list[Mapping[Any, Any]], key: Key) -> list[list[Chord]]:
    """Rows that say which bar they belong to; bars that nobody names are empty."""
    by_bar: dict[int, list[Chord]] = {}
    for row in rows:
        number = _number(row)
        if isinstance(number, int) and 1 <= number <= 512:
            by_bar.setdefault(number, []).extend(_chords_of(_symbols(row, 0), key))
    return [by_bar.get(n, []) for n in range(1, max(by_bar, default=0) + 1)]


def _symbols(data: object, depth: int) -> list[str]:
    """The strings inside one bar's value."""
    if depth > 4:
        return []
    if isinstance(data, str):
        return [data]
    if isinstance(data, Mapping):
        mapping = cast("Mapping[Any, Any]", data)
        return next((_symbols(mapping[name], depth + 1) for name in _KEYS if name in mapping), list[str]())
    if isinstance(data, Sequence):
        return [s for item in cast("Sequence[Any]", data)[:16] for s in _symbols(item, depth + 1)]
    return []


def _from_text(text: str, key: Key) -> list[list[Chord]]:
    data = _json_in(text)
    if data is not None:
        found = _from_data(data, key, 1)
        if any(found):
            return found
    if text.count("[") > 1 and '"' in text:
        found = _from_broken_json(text, key)
        if any(found):
            return found
    lines = [line.strip() for line in text.splitlines()]
    charts = [line for line in lines if line.count("|") >= 2]
    if charts:
        bars = [part for line in charts for part in _BAR_LINE.split(line) if part.strip()]
        return [_chords_of([bar], key) for bar in bars]
    return _from_plain_lines(lines, key)


def _json_in(text: str) -> object | None:
    """The JSON value inside a text, None where none is whole."""
    for opening, closing in (("{", "}"), ("[", "]")):
        start, end = text.find(opening), text.rfind(closing)
        if 0 <= start < end:
            try:
                return cast("object", json.loads(text[start : end + 1]))
            except (ValueError, RecursionError):
                continue
    return None


def _from_broken_json(text: str, key: Key) -> list[list[Chord]]:
    """JSON that was cut off or is malformed: every innermost list is a bar, else every string."""
    inner = [_STRINGS.findall(part) for part in re.findall(r"\[([^\[\]]*)", text)]
    bars = [_chords_of(bar, key) for bar in inner if bar]
    if len(bars) == 1:
        return [[chord] for chord in bars[0]]
    return bars


def _from_plain_lines(lines: list[str], key: Key) -> list[list[Chord]]:
    """Lines in which most words are chords; each chord is a bar."""
    found: list[list[Chord]] = []
    for line in lines:
        words = [w for w in _PARTS.split(re.sub(r"^\W*\d+[.):]\s*", "", line)) if w]
        chords = [chord for word in words if (chord := _chord(word, key)) is not None]
        if len(chords) >= 2 and 2 * len(chords) > len(words):
            found.extend([chord] for chord in chords)
    return found


def _chords_of(symbols: Sequence[str], key: Key) -> list[Chord]:
    words = [w for s in symbols for w in _PARTS.split(s[:400]) if w]
    return [chord for word in words[:16] if (chord := _chord(word, key)) is not None]


def _chord(word: str, key: Key) -> Chord | None:
    word = word.strip("`*_.:\"'[]{}<>!?") if word not in {"N.C."} else word
    if not word or len(word) > 40:
        return None
    for read in (parse_chord, parse_harte):
        try:
            return read(word)
        except InvalidInput:
            continue
    try:
        return parse_roman(word, key)
    except InvalidInput:
        return None
