"""Reads MusicXML lead sheets (plain or `.mxl`): chord symbols, melody, sections, repeats played out."""

import io
import zipfile
from dataclasses import dataclass, field
from typing import Final, cast
from xml.etree import ElementTree as ET

from scrivano.core.errors import InvalidInput
from scrivano.music.dto import Mode, Note, SpelledPitch
from scrivano.music.files.lead_sheet import LeadSheet, in_ticks, lay_out, meter_for, sections_of, wrong
from scrivano.music.files.symbols import KindDegree, chord_of_kind
from scrivano.music.files.unfold import BarMarks, unfold
from scrivano.music.theory.chord import Chord
from scrivano.music.theory.key import Key, practical_key
from scrivano.music.theory.meter import Meter
from scrivano.music.theory.pitch import LETTERS, PitchName, midi_of
from scrivano.music.theory.symbols import parse_chord

_LARGEST: Final = 20_000_000
_FLATS_AND_SHARPS: Final = ["Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#"]


@dataclass
class _Measure:
    """A written bar: chords and notes with their onset in ticks from the bar line."""

    length: int = 0
    chords: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    notes: list[Note] = field(default_factory=list[Note])
    tied_on: set[int] = field(default_factory=set[int])
    section: str = ""
    pickup: bool = False
    marks: BarMarks = field(default_factory=BarMarks)


def read_musicxml(data: bytes) -> LeadSheet:
    """The lead sheet of a MusicXML file.

    Chords are taken from the first part that has any, the melody from the highest line of a part with a single
    staff (a piano score has none). Raises InvalidInput for the field `lead_sheet`.
    """
    root = _parse(_unpacked(data))
    if root.tag != "score-partwise":
        raise wrong(f"A score by {root.tag} cannot be read.", "Export it as MusicXML (score-partwise).")
    parts = root.findall("part")
    if not parts:
        raise wrong("The score has no part.")
    part = next((p for p in parts if p.find("measure/harmony") is not None), parts[0])
    reader = _PartReader(melody=part.find("measure/attributes/staves") is None)
    measures = [reader.measure(m) for m in part.findall("measure")]
    if reader.meter is None or not measures:
        raise wrong("The score has no time signature or no bars.")
    order = unfold([m.marks for m in measures])
    title = root.findtext("work/work-title") or root.findtext("movement-title") or "Untitled"
    composer = next(
        (c.text for c in root.iterfind("identification/creator") if c.get("type") == "composer"), None
    )
    return _lead_sheet(title.strip(), composer, reader, measures, order)


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(b"PK"):
        return _bounded(data, len(data))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {i.filename: i for i in archive.infolist()}
            main = ""
            if container := names.get("META-INF/container.xml"):
                listed = _parse(_bounded(archive.read(container), container.file_size))
                main = next((e.get("full-path", "") for e in listed.iter() if e.tag.endswith("rootfile")), "")
            info = names.get(main) or next(
                (
                    i
                    for n, i in names.items()
                    if n.endswith((".xml", ".musicxml")) and not n.startswith("META")
                ),
                None,
            )
            if info is None:
                raise wrong("The .mxl file holds no score.")
            _bounded(b"", info.file_size)
            return archive.read(info)
    except zipfile.BadZipFile:
        raise wrong("The .mxl file is damaged.") from None


def _bounded(data: bytes, size: int) -> bytes:
    if size > _LARGEST:
        raise wrong("The score is larger than 20 MB.")
    return data


def _parse(data: bytes) -> ET.Element:
    if b"<!ENTITY" in data:
        raise wrong("The score declares entities, which is not allowed.")
    try:
        return ET.fromstring(data)
    except ET.ParseError as error:
        raise wrong(
            f"The score is not well-formed XML: {error}.",
            "Export it anew as MusicXML; the file may have been cut short.",
        ) from None


def _lead_sheet(
    title: str, composer: str | None, reader: "_PartReader", measures: list[_Measure], order: list[int]
) -> LeadSheet:
    meter = cast(Meter, reader.meter)
    placed, marks, melody = list[tuple[int, str]](), list[tuple[int, str]](), list[Note]()
    open_ties: dict[int, int] = {}
    for number, index in enumerate(order):
        measure = measures[index]
        start = number * meter.bar
        # A pickup sounds at the end of a first bar of its own.
        shift = start + (meter.bar - measure.length if measure.pickup else 0)
        placed += [(shift + onset, symbol) for onset, symbol in measure.chords]
        if measure.section:
            marks.append((number + 1, measure.section))
        for position, note in enumerate(measure.notes):
            onset = shift + note.onset
            joined = open_ties.pop(note.midi, None)
            if joined is not None and melody[joined].onset + melody[joined].duration == onset:
                before = melody[joined]
                melody[joined] = before.model_copy(update={"duration": before.duration + note.duration})
                target = joined
            else:
                melody.append(note.model_copy(update={"onset": onset}))
                target = len(melody) - 1
            if position in measure.tied_on:
                open_ties[note.midi] = target
    key = reader.key
    return LeadSheet(
        title=title,
        composer=composer,
        key=str(key.tonic) if key else None,
        mode=key.mode if key else None,
        tempo=reader.tempo,
        meter=meter.name,
        bars=len(order),
        chords=lay_out(placed, meter, len(order)),
        sections=sections_of(marks, len(order)),
        melody=tuple(melody),
    )


class _PartReader:
    """Reads the measures of one part in order, keeping what holds from one to the next."""

    def __init__(self, *, melody: bool) -> None:
        self.melody = melody
        self.divisions = 1.0
        self.meter: Meter | None = None
        self.key: Key | None = None
        self.tempo: float | None = None
        self.transposed = (0, 0)
        self.ending: set[int] = set()
        self.number = 0

    def measure(self, element: ET.Element) -> _Measure:
        self.number += 1
        measure = _Measure(marks=BarMarks(endings=set(self.ending)))
        at, longest, onset = 0.0, 0.0, 0.0
        try:
            for child in element:
                tag = child.tag
                if tag == "attributes":
                    self._attributes(child)
                elif tag == "backup":
                    at -= _number(child, "duration")
                elif tag == "forward":
                    at += _number(child, "duration")
                elif tag == "harmony":
                    place = at + _number(child, "offset", 0)
                    measure.chords.append((self._ticks(place), str(self._chord(child))))
                elif tag in {"direction", "sound"}:
                    self._direction(child, measure)
                elif tag == "barline":
                    self._barline(child, measure)
                elif tag == "note" and child.find("grace") is None:
                    length = _number(child, "duration")
                    if child.find("chord") is None:
                        onset, at = at, at + length
                    self._note(child, onset, length, measure)
                longest = max(longest, at)
        except (ValueError, KeyError, AttributeError, ArithmeticError) as error:
            raise wrong(f"Bar {self.number} of the score cannot be read ({error}).") from None
        measure.length = self._ticks(longest)
        full = self.meter.bar if self.meter else 0
        measure.pickup = self.number == 1 and 0 < measure.length < full
        measure.notes.sort(key=lambda n: n.onset)
        if measure.length > full > 0:
            raise wrong(f"Bar {self.number} of the score is longer than its time signature allows.")
        return measure

    def _ticks(self, time: float) -> int:
        return in_ticks(time, self.divisions)

    def _attributes(self, element: ET.Element) -> None:
        if element.find("divisions") is not None:
            self.divisions = _number(element, "divisions")
            if self.divisions <= 0:
                raise ValueError("divisions")
        time = element.find("time")
        if time is not None and time.find("beats") is not None:
            meter = meter_for(f"{time.findtext('beats')}/{time.findtext('beat-type')}")
            if self.meter and meter != self.meter:
                raise wrong(
                    f"Bar {self.number} changes from {self.meter.name} to {meter.name}.",
                    "Use one time signature for the whole piece.",
                )
            self.meter = meter
        if (moved := element.find("transpose")) is not None:
            steps = int(moved.findtext("diatonic") or 0)
            semitones = int(moved.findtext("chromatic") or 0)
            self.transposed = (steps, semitones + 12 * int(moved.findtext("octave-change") or 0))
        fifths = element.findtext("key/fifths")
        if fifths is not None and self.key is None:
            mode: Mode = "minor" if element.findtext("key/mode") == "minor" else "major"
            tonic = PitchName("C").up(4 * int(fifths), 7 * int(fifths))
            tonic = tonic if mode == "major" else tonic.up(-2, -3)
            self.key = practical_key(self._moved(tonic), mode)

    def _moved(self, name: PitchName) -> PitchName:
        return name.up(*self.transposed) if self.transposed != (0, 0) else name

    def _chord(self, element: ET.Element) -> Chord:
        kind = element.find("kind")
        value = (kind.text or "").strip() if kind is not None else ""
        if value == "none" or element.find("root") is None:
            return parse_chord("N.C.")
        root, bass = (
            _name(element, "root"),
            _name(element, "bass") if element.find("bass") is not None else None,
        )
        changes = tuple(
            KindDegree(
                int(d.findtext("degree-value") or 1),
                int(float(d.findtext("degree-alter") or 0)),
                (d.findtext("degree-type") or "add").strip(),
            )
            for d in element.iterfind("degree")
        )
        read = chord_of_kind(self._moved(root), value, changes, self._moved(bass) if bass else None)
        text = (kind.get("text") or "") if kind is not None else ""
        # What the page shows tells more than a kind that programs choose for want of a better one.
        if value == "other" and text:
            try:
                return parse_chord(f"{read.root}{text}").over(read.bass)
            except InvalidInput:
                pass
        return parse_chord(str(read))

    def _direction(self, element: ET.Element, measure: _Measure) -> None:
        if section := element.findtext("direction-type/rehearsal"):
            measure.section = section.strip()[:40]
        sound = element if element.tag == "sound" else element.find("sound")
        beat = element.findtext("direction-type/metronome/beat-unit")
        per_minute = element.findtext("direction-type/metronome/per-minute")
        if self.tempo is None and beat and per_minute:
            quarters = {"whole": 4.0, "half": 2.0, "quarter": 1.0, "eighth": 0.5}.get(beat, 1.0)
            dotted = element.find("direction-type/metronome/beat-unit-dot") is not None
            self.tempo = float(per_minute) * quarters * (1.5 if dotted else 1) / self._beat()
        marks = measure.marks
        if sound is not None:
            if self.tempo is None and (tempo := sound.get("tempo")):
                self.tempo = float(tempo) / self._beat()
            marks.segno |= "segno" in sound.attrib
            marks.coda |= "coda" in sound.attrib
            marks.to_coda |= "tocoda" in sound.attrib
            marks.fine |= "fine" in sound.attrib
            if "dacapo" in sound.attrib or "dalsegno" in sound.attrib:
                words = " ".join(w.text or "" for w in element.iterfind("direction-type/words")).lower()
                marks.jump = "capo" if "dacapo" in sound.attrib else "segno"
                marks.jump_to = "coda" if "coda" in words else "fine" if "fine" in words else "end"

    def _beat(self) -> float:
        return 1.5 if self.meter and self.meter.compound else 1.0

    def _barline(self, element: ET.Element, measure: _Measure) -> None:
        ending = element.find("ending")
        if ending is not None and ending.get("type") == "start":
            numbers = (ending.get("number") or "1").replace(" ", "").split(",")
            self.ending = {int(n) for n in numbers if n.isdecimal()} or {1}
            measure.marks.endings = set(self.ending)
        elif ending is not None:
            self.ending = set()
        repeat = element.find("repeat")
        if repeat is not None and repeat.get("direction") == "forward":
            measure.marks.repeat_start = True
        elif repeat is not None:
            measure.marks.repeat_end = True
            measure.marks.times = min(int(repeat.get("times") or 2), 16)

    def _note(self, element: ET.Element, onset: float, length: float, measure: _Measure) -> None:
        if not self.melody or element.find("pitch") is None or (element.findtext("voice") or "1") != "1":
            return
        pitch = self._pitch(element)
        note = Note(
            part="melody",
            midi=midi_of(pitch),
            pitch=pitch,
            onset=self._ticks(onset),
            duration=max(self._ticks(onset + length) - self._ticks(onset), 1),
        )
        if element.find("chord") is not None and measure.notes:
            # Of a chord the melody is its highest note.
            if note.midi <= measure.notes[-1].midi:
                return
            measure.notes.pop()
            measure.tied_on.discard(len(measure.notes))
        measure.notes.append(note)
        if any(tie.get("type") == "start" for tie in element.iterfind("tie")):
            measure.tied_on.add(len(measure.notes) - 1)

    def _pitch(self, element: ET.Element) -> SpelledPitch:
        name = PitchName(
            element.findtext("pitch/step") or "C", int(float(element.findtext("pitch/alter") or 0))
        )
        octave = int(element.findtext("pitch/octave") or 4)
        written = name.in_octave(octave)
        if self.transposed == (0, 0):
            return written
        steps = LETTERS.index(name.letter) + self.transposed[0]
        moved = self._moved(name)
        near = midi_of(written) + self.transposed[1]
        del steps
        return moved.practical().at(near) if abs(moved.alter) > 2 else moved.at(near)


def _number(element: ET.Element, tag: str, default: float | None = None) -> float:
    text = element.findtext(tag)
    if text is None:
        if default is None:
            raise ValueError(f"no {tag}")
        return default
    return float(text)


def _name(element: ET.Element, tag: str) -> PitchName:
    step = (element.findtext(f"{tag}/{tag}-step") or "").strip()
    if len(step) != 1 or step not in LETTERS:
        raise ValueError(f"{tag} “{step[:8]}”")
    return PitchName(step, int(float(element.findtext(f"{tag}/{tag}-alter") or 0)))
