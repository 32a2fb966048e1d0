"""Readers of each kind of file that share nothing with the writers: what a page or a file says, and no more."""

import io
import re
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from xml.etree import ElementTree as ET

import mido

# Flat, natural, sharp, double sharp and double flat in the font of the score.
ACCIDENTALS = {-1: "E260", 0: "E261", 1: "E262", 2: "E263", -2: "E264"}
STEPS = "CDEFGAB"
SEMITONES = dict(zip(STEPS, (0, 2, 4, 5, 7, 9, 11), strict=True))
SVG = "{http://www.w3.org/2000/svg}"

Spelled = tuple[str, int, int]


def sound(spelled: Spelled) -> int:
    step, alter, octave = spelled
    return 12 * (octave + 1) + SEMITONES[step] + alter


@dataclass
class Read:
    """What a file says: chords by bar and ticks, notes by part as (onset, duration, pitch)."""

    bars: int = 0
    chords: list[tuple[int, str]] = field(default_factory=list)
    notes: dict[str, Counter] = field(default_factory=dict)
    sections: list[tuple[int, str]] = field(default_factory=list)
    facts: dict[str, object] = field(default_factory=dict)


def read_midi_file(data: bytes) -> Read:
    midi = mido.MidiFile(file=io.BytesIO(data), charset="utf-8")
    read = Read()
    names = {"Right hand": "right", "Left hand": "left", "Bass": "bass", "Drums": "drums", "Melody": "melody"}
    for track in midi.tracks:
        at, part, sounding = 0, "", {}
        for message in track:
            at += message.time
            if message.type == "track_name":
                part = names.get(message.name, "")
                read.facts.setdefault("title", message.name)
            elif message.type == "text":
                read.chords.append((at, message.text))
            elif message.type == "marker":
                read.sections.append((at, message.text))
            elif message.type in {"set_tempo", "time_signature", "key_signature"}:
                read.facts[message.type] = message
            elif message.type == "note_on" and message.velocity:
                assert message.note not in sounding, f"{part}: {message.note} struck while it sounds at {at}"
                sounding[message.note] = at
            elif message.type in {"note_off", "note_on"}:
                start = sounding.pop(message.note)
                read.notes.setdefault(part, Counter())[(start, at - start, message.note)] += 1
        assert not sounding
        read.facts.setdefault("end", at)
        assert read.facts["end"] == at
    return read


def read_musicxml_file(data: bytes) -> Read:
    root = ET.fromstring(data)
    read = Read()
    names = {p.get("id"): p.findtext("part-name") for p in root.iterfind("part-list/score-part")}
    drum_numbers = {
        m.get("id"): int(m.findtext("midi-unpitched") or 1) - 1 for m in root.iter("midi-instrument")
    }
    read.facts["harmony ids"] = [h.get("id") for h in root.iter("harmony")]
    read.facts["fields"] = {f.get("name"): f.text for f in root.iter("miscellaneous-field")}
    read.facts["heads"] = Counter()
    for part in root.iterfind("part"):
        name = names[part.get("id")]
        start, open_notes = Fraction(0), {}
        for number, measure in enumerate(part.iterfind("measure"), start=1):
            at = longest = onset = Fraction(0)
            for child in measure:
                if child.tag == "attributes":
                    if child.findtext("divisions"):
                        divisions = int(child.findtext("divisions"))
                    read.facts.setdefault("fifths", child.findtext("key/fifths"))
                    read.facts.setdefault(
                        "time", (child.findtext("time/beats"), child.findtext("time/beat-type"))
                    )
                elif child.tag == "backup":
                    at -= int(child.findtext("duration"))
                elif child.tag == "forward":
                    at += int(child.findtext("duration"))
                elif child.tag == "harmony":
                    place = start + at + int(child.findtext("offset") or 0)
                    read.chords.append((int(place), _symbol(child)))
                elif child.tag == "direction" and child.findtext("direction-type/rehearsal"):
                    read.sections.append((int(start), child.findtext("direction-type/rehearsal")))
                elif child.tag == "note":
                    length = int(child.findtext("duration"))
                    _check_type(child, length, divisions)
                    if child.find("chord") is None:
                        onset, at = at, at + length
                    staff = int(child.findtext("staff") or 1)
                    key = {"Piano": ("right", "left")[staff - 1]}.get(name, name.lower())
                    _note(read, key, child, int(start + onset), length, open_notes, number, drum_numbers)
                longest = max(longest, at)
            read.facts.setdefault("lengths", set()).add(longest)
            start += longest
        assert not open_notes, f"open ties {open_notes}"
        read.bars = number
        read.facts["end"] = int(start)
    return read


def _check_type(element: ET.Element, length: int, divisions: int) -> None:
    """The note value that is shown lasts as long as the duration says."""
    kind = element.findtext("type")
    if kind is None:
        assert element.find("rest") is not None and element.find("rest").get("measure") == "yes"
        return
    value = {"whole": 4, "half": 2, "quarter": 1, "eighth": Fraction(1, 2), "16th": Fraction(1, 4)}
    shown = Fraction(value.get(kind) or {"32nd": Fraction(1, 8), "64th": Fraction(1, 16)}[kind]) * divisions
    dots = len(element.findall("dot"))
    shown = shown * (2 - Fraction(1, 2**dots))
    if element.find("time-modification") is not None:
        actual = int(element.findtext("time-modification/actual-notes"))
        shown = shown * int(element.findtext("time-modification/normal-notes")) / actual
    assert shown == length, (kind, dots, length)


def _note(read, part, element, onset, length, open_notes, measure, drums):
    if element.find("rest") is not None:
        return
    if element.find("pitch") is not None:
        pitch = (
            element.findtext("pitch/step"),
            int(element.findtext("pitch/alter") or 0),
            int(element.findtext("pitch/octave")),
        )
        read.facts["heads"][(measure, part, pitch)] += 1
    else:
        pitch = drums[element.find("instrument").get("id")]
        read.facts["heads"][(measure, part, "drum")] += 1
    ties = {t.get("type") for t in element.iterfind("tie")}
    key = (part, element.findtext("voice"), pitch)
    if "stop" in ties:
        began, so_far = open_notes.pop(key)
        assert began + so_far == onset
        onset, length = began, so_far + length
    if "start" in ties:
        open_notes[key] = (onset, length)
        return
    read.notes.setdefault(part, Counter())[(onset, length, pitch)] += 1


def _symbol(harmony: ET.Element) -> str:
    signs = {-2: "bb", -1: "b", 0: "", 1: "#", 2: "##"}
    kind = harmony.find("kind")
    if kind.text == "none":
        return "N.C."
    root = harmony.findtext("root/root-step") + signs[int(harmony.findtext("root/root-alter") or 0)]
    bass = harmony.findtext("bass/bass-step")
    slash = f"/{bass}{signs[int(harmony.findtext('bass/bass-alter') or 0)]}" if bass else ""
    return f"{root}{kind.get('text')}{slash}"


def read_chart_file(text: str) -> Read:
    """Bars and beats from the text; positions are (bar, beat) until the beat's length is known."""
    read = Read()
    body = text.split("\nReasons\n")[0]
    for line in body.splitlines():
        if line.startswith("["):
            read.sections.append((read.bars + 1, line.strip("[]")))
        if not line.startswith("|"):
            continue
        for bar in line.strip("| ").split(" | "):
            read.bars += 1
            for beat, word in enumerate(bar.split()):
                if word != "/":
                    read.chords.append(((read.bars, beat), word))
            read.facts.setdefault("beats", set()).add(len(bar.split()))
    for line in body.splitlines():
        if match := re.match(r"(Key|Time|Tempo|Genre): (.*)", line):
            read.facts[match[1]] = match[2]
    return read


def read_svg_pages(pages: list[bytes]) -> Read:
    """Chord symbols from the letters that are drawn, notes from where heads stand on the staff."""
    read = Read()
    read.facts["heads"], read.facts["labels"], read.facts["texts"] = Counter(), [], 0
    for page in pages:
        root = ET.fromstring(page)
        read.facts["texts"] += sum(1 for e in root.iter(f"{SVG}text"))
        defined = {e.get("id") for e in root.iter() if e.get("id")}
        for use in root.iter(f"{SVG}use"):
            assert use.get("href").lstrip("#") in defined
        clefs: dict[int, str] = {}
        for system in _of_class(root, "system"):
            for measure in _of_class(system, "measure"):
                read.bars += 1
                for index, staff in enumerate(_of_class(measure, "staff")):
                    _staff(read, staff, index, clefs)
                for harm in _of_class(measure, "harm"):
                    uses = [u.get("href").split("-")[-1] for u in harm.iter(f"{SVG}use")]
                    read.chords.append((read.bars, "".join(chr(int(code, 16)) for code in uses)))
                for mark in _of_class(measure, "reh"):
                    read.sections.append(
                        (read.bars, next(mark.iter(f"{SVG}g")).get("aria-label") or _label(mark))
                    )
    return read


def _label(group: ET.Element) -> str:
    return next(e.get("aria-label") for e in group.iter() if e.get("aria-label"))


def _of_class(root: ET.Element, name: str) -> list[ET.Element]:
    return [g for g in root.iter(f"{SVG}g") if name in (g.get("class") or "").split()]


def _staff(read: Read, staff: ET.Element, index: int, clefs: dict[int, str]) -> None:
    lines = sorted(float(p.get("d").split()[1]) for p in staff.findall(f"{SVG}path"))[:5]
    for clef in _of_class(staff, "clef"):
        for use in clef.iter(f"{SVG}use"):
            clefs[index] = use.get("href").lstrip("#")
    clef = clefs.get(index, "")
    bottom = {"E050": ("E", 4), "E062": ("G", 2), "E064": ("G", 1)}.get(clef)
    for head in _of_class(staff, "note"):
        if bottom is None:
            read.facts["heads"][(read.bars, index, "drum")] += 1
            continue
        use = next(_of_class(head, "notehead")[0].iter(f"{SVG}use"))
        y = float(re.search(r"translate\(([-\d.]+), ?([-\d.]+)\)", use.get("transform"))[2])
        steps = round((lines[-1] - y) / ((lines[-1] - lines[0]) / 8))
        place = STEPS.index(bottom[0]) + steps + 7 * bottom[1]
        step, octave = STEPS[place % 7], place // 7
        assert (step.lower(), str(octave)) == (head.get("data-pname"), head.get("data-oct"))
        accid = next(iter(_of_class(head, "accid")), None)
        alter = int(head.get("data-alter"))
        if accid is not None and (drawn := [u.get("href").lstrip("#") for u in accid.iter(f"{SVG}use")]):
            assert drawn == [ACCIDENTALS[alter]]
        read.facts["heads"][(read.bars, index, (step, alter, octave))] += 1
