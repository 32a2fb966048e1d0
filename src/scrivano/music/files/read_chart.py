"""Reads chord charts: the house's own text, other bars such as `| Dm7 / G7 / | Cmaj7 |`, and ChordPro grids."""

import re
from typing import Final

from scrivano.core.errors import InvalidInput
from scrivano.music.files.lead_sheet import MOST_BARS, LeadSheet, lay_out, meter_for, sections_of, wrong
from scrivano.music.theory.key import key_of
from scrivano.music.theory.meter import Meter
from scrivano.music.theory.symbols import parse_chord

_LONGEST: Final = 200_000
_FIELD: Final = re.compile(r"^\{?\s*([A-Za-z_]+)\s*:\s*(.*?)\s*\}?$")
_SECTION: Final = re.compile(r"^\[([^\]|]{1,40})\]$")
_GRID: Final = re.compile(r"^\{(?:start_of_grid|sog)\b:?\s*(?:[\d+x]+)?\s*(.*?)\s*\}$", re.IGNORECASE)
_HOLDS: Final = frozenset({"/", ".", "-", "~"})


def read_chart(text: str) -> LeadSheet:
    """The lead sheet of a chart. Without a time signature it is 4/4.

    A bar has a word for each beat (`/` or `.` holds), or fewer chords, which then share it; `%` repeats the bar
    before. Raises InvalidInput for the field `lead_sheet`, naming line and bar.
    """
    if len(text) > _LONGEST:
        raise wrong(f"The chart is longer than {_LONGEST:,} characters.")
    fields: dict[str, str] = {}
    bars: list[tuple[int, list[str]]] = []
    marks: list[tuple[int, str]] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if line == "Reasons":
            break
        if line.startswith("|"):
            bars += [(number, words) for words in _bars(line, number)]
        elif section := _SECTION.match(line) or _GRID.match(line):
            if section[1]:
                marks.append((len(bars) + 1, section[1]))
        elif entry := _FIELD.match(line):
            fields.setdefault(entry[1].lower(), entry[2])
        elif line and number == 1:
            fields.setdefault("title", line)
    if not bars:
        raise wrong("The chart has no bars.", "Write bars between strokes, such as | Dm7 G7 | Cmaj7 |.")
    if len(bars) > MOST_BARS:
        raise wrong(f"The chart has more than {MOST_BARS} bars.")
    meter = meter_for(fields.get("time", "4/4"))
    key = key_of(fields["key"]) if fields.get("key") else None
    return LeadSheet(
        title=fields.get("title", "Untitled"),
        key=str(key.tonic) if key else None,
        mode=key.mode if key else None,
        tempo=_tempo(fields.get("tempo")),
        style=fields.get("genre"),
        meter=meter.name,
        bars=len(bars),
        chords=lay_out(_placed(bars, meter), meter, len(bars)),
        sections=sections_of(marks, len(bars)),
    )


def _bars(line: str, number: int) -> list[list[str]]:
    inner = line.replace("|:", "|").replace(":|", "|").replace("|.", "|")
    inner = inner.replace("||", "|").removeprefix("|").removesuffix("|")
    bars = [part.split() for part in inner.split("|")]
    if any(not bar for bar in bars):
        raise wrong(
            f"Line {number} of the chart has an empty bar.", "Write % to repeat a bar, N.C. for silence."
        )
    return bars


def _tempo(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        raise wrong(f"The tempo “{(text or '')[:20]}” is not a number.") from None


def _placed(bars: list[tuple[int, list[str]]], meter: Meter) -> list[tuple[int, str]]:
    placed = list[tuple[int, str]]()
    before: list[tuple[int, str]] = []
    for index, (line, words) in enumerate(bars):
        if words != ["%"]:
            before = _bar(words, meter, line, index + 1)
        placed += [(index * meter.bar + onset, symbol) for onset, symbol in before]
    return placed


def _bar(words: list[str], meter: Meter, line: int, bar: int) -> list[tuple[int, str]]:
    """Onset within the bar and symbol of its chords."""
    off = [w for w in words if "@" in w]
    on = [w for w in words if "@" not in w]
    chords = [(i, w) for i, w in enumerate(on) if w not in _HOLDS]
    if len(on) == meter.beats:
        places = [i * meter.beat for i, _ in chords]
    elif len(chords) == len(on) <= meter.most_chords:
        places = [onset for onset, _ in meter.split(len(chords))]
    else:
        raise wrong(
            f"Bar {bar} (line {line}) has {len(on)} words, {meter.name} has {meter.beats} beats.",
            "Write a chord or / for each beat, or just the chords.",
        )
    found = [(place, _symbol(w, line, bar)) for place, (_, w) in zip(places, chords, strict=True)]
    for word in off:
        symbol, _, beat = word.partition("@")
        try:
            found.append((round((float(beat) - 1) * meter.beat), _symbol(symbol, line, bar)))
        except ValueError:
            raise wrong(f"Bar {bar} (line {line}): “{word[:40]}” names no beat.") from None
    return sorted(found)


def _symbol(word: str, line: int, bar: int) -> str:
    try:
        return str(parse_chord("N.C." if word == "NC" else word))
    except InvalidInput as error:
        raise wrong(f"Bar {bar} (line {line}): {error.message}", error.remedy) from None
