"""Reads what the rules need of a MusicXML score: chord symbols with their reasons, bars, meter, key, sections."""

import json
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree as ET

from scrivano.music.checker.chords import Chord, Name, UnreadableChord, from_kind, read_key
from scrivano.music.checker.midi import UnreadableFile
from scrivano.music.checker.piece import QUARTER, Why


@dataclass(frozen=True)
class WrittenChord:
    """A chord symbol of the score: its bar from 1, ticks from the bar line, and the reason the file gives."""

    bar: int
    offset: int
    chord: Chord | None
    why: Why | None


@dataclass
class ScoreFacts:
    """What a score says."""

    bars: int = 0
    meters: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    keys: list[tuple[int, int, str]] = field(default_factory=list[tuple[int, int, str]])
    chords: list[WrittenChord] = field(default_factory=list[WrittenChord])
    sections: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    problems: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])


def read_musicxml(data: bytes) -> ScoreFacts:
    """All that the rules need. Raises `UnreadableFile`; what is unreadable inside is in `problems`."""
    if b"<!ENTITY" in data:
        raise UnreadableFile("a score with entities is not read")
    try:
        root = ET.fromstring(data)
    except ET.ParseError as problem:
        raise UnreadableFile(f"not a MusicXML file: {problem}") from problem
    facts = ScoreFacts()
    reasons = _reasons(root, facts)
    lengths = {len(part.findall("measure")) for part in root.findall("part")}
    if len(lengths) != 1:
        raise UnreadableFile("the parts of the score differ in their number of bars")
    facts.bars = lengths.pop()
    for part in root.findall("part"):
        divisions = 1
        for number, measure in enumerate(part.findall("measure"), 1):
            divisions = _read_measure(measure, number, divisions, reasons, facts)
    facts.chords.sort(key=lambda written: (written.bar, written.offset))
    return facts


def _reasons(root: ET.Element, facts: ScoreFacts) -> dict[str, Why]:
    found: dict[str, Why] = {}
    for entry in root.iterfind("identification/miscellaneous/miscellaneous-field"):
        name = entry.get("name", "")
        if not name.startswith("chord-"):
            continue
        try:
            told: dict[str, Any] = json.loads(entry.text or "")
            found[name] = Why(told["kind"], read_key(told["key"]), told.get("target"), told["symbol"])
        except (json.JSONDecodeError, KeyError, TypeError, UnreadableChord) as problem:
            facts.problems.append((0, f"the reason of {name} cannot be read: {problem}"))
    return found


def _read_measure(
    measure: ET.Element, number: int, divisions: int, reasons: dict[str, Why], facts: ScoreFacts
) -> int:
    now = Fraction(0)
    for element in measure:
        if element.tag == "attributes":
            divisions = int(element.findtext("divisions") or divisions)
            _attributes(element, number, facts)
        elif element.tag == "harmony":
            offset = now + Fraction(int(element.findtext("offset") or 0), divisions)
            _harmony(element, number, round(offset * QUARTER), reasons, facts)
        elif element.tag in {"note", "forward"} and element.find("chord") is None:
            now += Fraction(int(element.findtext("duration") or 0), divisions)
        elif element.tag == "backup":
            now -= Fraction(int(element.findtext("duration") or 0), divisions)
        elif element.tag == "direction":
            for mark in element.iterfind("direction-type/rehearsal"):
                facts.sections.append((number, mark.text or ""))
    return divisions


def _attributes(attributes: ET.Element, number: int, facts: ScoreFacts) -> None:
    for time in attributes.findall("time"):
        facts.meters.append((number, f"{time.findtext('beats')}/{time.findtext('beat-type')}"))
    for key in attributes.findall("key"):
        facts.keys.append((number, int(key.findtext("fifths") or 0), key.findtext("mode") or ""))


def _harmony(
    harmony: ET.Element, number: int, offset: int, reasons: dict[str, Why], facts: ScoreFacts
) -> None:
    why = reasons.get(harmony.get("id", ""))
    kind = harmony.findtext("kind") or ""
    chord = None
    if kind != "none":
        changes = [
            (
                int(degree.findtext("degree-value") or 0),
                int(degree.findtext("degree-alter") or 0),
                degree.findtext("degree-type") or "",
            )
            for degree in harmony.findall("degree")
        ]
        try:
            root = _name(harmony, "root")
            if root is None:
                raise UnreadableChord("a chord symbol has no root")
            chord = from_kind(root, kind, changes, _name(harmony, "bass"))
        except UnreadableChord as problem:
            facts.problems.append((number, str(problem)))
            return
    facts.chords.append(WrittenChord(number, offset, chord, why))


def _name(harmony: ET.Element, what: str) -> Name | None:
    letter = harmony.findtext(f"{what}/{what}-step")
    return Name(letter, int(harmony.findtext(f"{what}/{what}-alter") or 0)) if letter else None
