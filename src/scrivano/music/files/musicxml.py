"""Writes an arrangement as MusicXML 4: a braced piano staff with chord symbols, bass and drums where played.

Pitches are written as they sound (the bass has a clef an octave down). Why each chord stands where it does is
kept with the score: a `harmony` has the id `chord-<bar>-<n>`, both counted from 1 so that a bar's text depends on
nothing but the bar, and the `miscellaneous-field` of the same name holds its reason as JSON (symbol, kind, roman,
key, target, text).
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from scrivano.music.dto import PPQ, Arrangement, ChordSpan, PartName
from scrivano.music.files.drums import drum_of
from scrivano.music.files.symbols import engraved, kind_of
from scrivano.music.files.timing import meter_in, quarter_tempo, swings
from scrivano.music.files.written import Piece, voices_of, write_voice
from scrivano.music.files.written_notes import Voice, piece_text
from scrivano.music.theory.key import Key, key_of
from scrivano.music.theory.meter import Meter
from scrivano.music.theory.symbols import parse_chord

_DOCTYPE: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN"'
    ' "http://www.musicxml.org/dtds/partwise.dtd">\n'
)
_SHARPS, _FLATS = "FCGDAEB", "BEADGCF"


@dataclass(frozen=True)
class _PartPlan:
    """A part of the score: its staves are parts of the arrangement, top first."""

    id: str
    name: str
    short: str
    staves: tuple[PartName, ...]
    channel: int
    program: int


_PLANS: Final = (
    _PartPlan("P1", "Melody", "Mel.", ("melody",), 4, 74),
    _PartPlan("P2", "Piano", "Pno.", ("right", "left"), 1, 1),
    _PartPlan("P3", "Bass", "Bs.", ("bass",), 3, 33),
    _PartPlan("P4", "Drums", "Dr.", ("drums",), 10, 1),
)
_CLEFS: Final[dict[PartName, tuple[str, int, int]]] = {
    "melody": ("G", 2, 0),
    "right": ("G", 2, 0),
    "left": ("F", 4, 0),
    "bass": ("F", 4, -1),
    "drums": ("percussion", 0, 0),
}


def write_musicxml(arrangement: Arrangement) -> bytes:
    """The score as MusicXML 4.0 (UTF-8). The same arrangement gives the same bytes."""
    return _Writer(arrangement).score()


def score_parts(arrangement: Arrangement) -> tuple[PartName, ...]:
    """The parts that get a staff, top first: the hands always, others if they play."""
    played = {note.part for note in arrangement.notes}
    return tuple(s for plan in _PLANS for s in plan.staves if s in played or s in {"right", "left"})


def _add(parent: ET.Element, tag: str, content: object = None, /, **attributes: str) -> ET.Element:
    if attributes:
        child = ET.SubElement(parent, tag, {k.replace("_", "-"): v for k, v in attributes.items()})
    else:
        child = ET.SubElement(parent, tag)
    if content is not None:
        child.text = content if isinstance(content, str) else str(content)
    return child


class _Writer:
    def __init__(self, arrangement: Arrangement) -> None:
        self.piece = arrangement
        progression = arrangement.progression
        self.meter: Meter = meter_in(arrangement)
        self.key: Key = key_of(progression.key, progression.mode)
        self.bars = progression.bars
        self.parts: tuple[PartName, ...] = score_parts(arrangement)
        self.chords: dict[int, list[tuple[str, ChordSpan]]] = {}
        for span in progression.chords:
            inside = self.chords.setdefault(span.bar, [])
            inside.append((f"chord-{span.bar}-{len(inside) + 1}", span))
        self.sections = {section.first_bar: section.name for section in progression.sections}

    def score(self) -> bytes:
        root = ET.Element("score-partwise", {"version": "4.0"})
        _add(_add(root, "work"), "work-title", self.piece.title)
        self._identification(root)
        plans = [p for p in _PLANS if any(s in self.parts for s in p.staves)]
        listed = _add(root, "part-list")
        for plan in plans:
            _list_part(listed, plan, self.piece)
        head = ET.tostring(root, encoding="unicode").removesuffix("</score-partwise>")
        parts = [self._part(plan, top=index == 0) for index, plan in enumerate(plans)]
        return "".join((_DOCTYPE, head, *parts, "</score-partwise>")).encode()

    def _identification(self, root: ET.Element) -> None:
        identification = _add(root, "identification")
        _add(identification, "creator", self.piece.generation_method, type="arranger")
        encoding = _add(identification, "encoding")
        _add(encoding, "software", "Scrivano")
        for element in ("accidental", "beam"):
            _add(encoding, "supports", element=element, type="yes")
        fields = _add(identification, "miscellaneous")
        request = self.piece.request
        facts = {
            "genre": request.genre.value,
            "application": request.application,
            "seed": str(request.seed),
            "clave": self.piece.clave or "",
            "swing": f"{self.piece.swing:g}",
        }
        for name, value in facts.items():
            if value:
                _add(fields, "miscellaneous-field", value, name=name)
        for name, span in (named for inside in self.chords.values() for named in inside):
            reason = {"symbol": span.symbol, **span.reason.model_dump()}
            _add(fields, "miscellaneous-field", json.dumps(reason, ensure_ascii=False), name=name)

    def _part(self, plan: _PartPlan, *, top: bool) -> str:
        staves: list[PartName] = [s for s in plan.staves if s in self.parts or len(plan.staves) > 1]
        written = [
            {
                voice: write_voice(notes, self.meter, self.bars)
                for voice, notes in voices_of(self.piece.notes, staff).items()
            }
            for staff in staves
        ]
        measures = list[str]()
        for bar in range(self.bars):
            first = ET.Element("measure", {"number": str(bar + 1)})
            if bar == 0:
                self._attributes(first, staves)
            if top:
                self._directions(first, bar)
            out = [_open(first)]
            at = 0
            for number, (staff, voices) in enumerate(zip(staves, written, strict=True), start=1):
                shown = _voices_shown(voices, bar)
                accidentals = _accidentals_in_bar(shown.values(), self.key, drums=staff == "drums")
                for voice, pieces in shown.items():
                    if at:
                        out.append(f"<backup><duration>{at}</duration></backup>")
                    leading = voice == min(shown)
                    context = Voice(
                        staff,
                        number if len(staves) > 1 else 0,
                        voice + 4 * (number - 1),
                        accidentals,
                        second=not leading,
                    )
                    chord_bar = bar + 1 if top and number == 1 and leading else 0
                    out += self._pieces(pieces, context, chord_bar)
                    at = self.meter.bar
            if bar == self.bars - 1:
                out.append('<barline location="right"><bar-style>light-heavy</bar-style></barline>')
            measures.append("".join((*out, "</measure>")))
        return "".join((f'<part id="{plan.id}">', *measures, "</part>"))

    def _attributes(self, measure: ET.Element, staves: list[PartName]) -> None:
        attributes = _add(measure, "attributes")
        _add(attributes, "divisions", PPQ)
        if staves != ["drums"]:
            key = _add(attributes, "key")
            _add(key, "fifths", self.key.fifths)
            _add(key, "mode", self.key.mode)
        time = (
            _add(attributes, "time", symbol="cut") if self.meter.name == "2/2" else _add(attributes, "time")
        )
        _add(time, "beats", self.meter.numerator)
        _add(time, "beat-type", self.meter.denominator)
        if len(staves) > 1:
            _add(attributes, "staves", len(staves))
        for number, staff in enumerate(staves, start=1):
            sign, line, octave = _CLEFS[staff]
            clef = (
                _add(attributes, "clef", number=str(number)) if len(staves) > 1 else _add(attributes, "clef")
            )
            _add(clef, "sign", sign)
            if line:
                _add(clef, "line", line)
            if octave:
                _add(clef, "clef-octave-change", octave)

    def _directions(self, measure: ET.Element, bar: int) -> None:
        if bar + 1 in self.sections:
            direction = _add(measure, "direction", placement="above")
            _add(_add(direction, "direction-type"), "rehearsal", self.sections[bar + 1])
        if bar:
            return
        direction = _add(measure, "direction", placement="above")
        metronome = _add(_add(direction, "direction-type"), "metronome", parentheses="no")
        _add(metronome, "beat-unit", "quarter")
        if self.meter.compound:
            _add(metronome, "beat-unit-dot")
        tempo = self.piece.request.tempo
        _add(metronome, "per-minute", f"{tempo:g}")
        sound = _add(direction, "sound", tempo=f"{quarter_tempo(tempo, self.meter):g}")
        if swings(self.meter, self.piece.swing):
            long = round(self.piece.swing * 1000)
            swing = _add(sound, "swing")
            _add(swing, "first", long)
            _add(swing, "second", 1000 - long)
            _add(swing, "swing-type", "eighth")
            feel = _add(measure, "direction", placement="above")
            _add(
                _add(feel, "direction-type"), "words", "Swing" if self.piece.swing >= 0.58 else "Light swing"
            )

    def _pieces(self, pieces: list[Piece], voice: Voice, chord_bar: int) -> Iterator[str]:
        waiting = list(self.chords.get(chord_bar, ())) if chord_bar else []
        bar_start = (chord_bar - 1) * self.meter.bar
        for piece in pieces:
            end = piece.start + piece.ticks
            while waiting and waiting[0][1].onset - bar_start < end:
                name, span = waiting.pop(0)
                yield _harmony(name, span, span.onset - bar_start - piece.start)
            yield piece_text(piece, voice)


def _voices_shown(voices: dict[int, list[list[Piece]]], bar: int) -> dict[int, list[Piece]]:
    """The voices that have a note in a bar, else one with its rest."""
    shown = {v: bars[bar] for v, bars in sorted(voices.items()) if any(p.notes for p in bars[bar])}
    if not shown:
        some = next(iter(voices.values()), None)
        return {1: some[bar]} if some else {1: []}
    return shown


def _accidentals_in_bar(
    voices: Iterable[list[Piece]], key: Key, *, drums: bool
) -> set[tuple[int, str, int, int]]:
    """Which notes (by start, letter, octave and alteration) show an accidental."""
    if drums:
        return set()
    signature = _signature(key)
    holds: dict[tuple[str, int], int] = {}
    shown: set[tuple[int, str, int, int]] = set()
    pieces: list[Piece] = sorted(
        (p for voice in voices for p in voice if p.notes),
        key=lambda p: p.start,
    )
    for piece in pieces:
        for note in piece.notes:
            pitch = note.pitch
            if pitch is None:
                continue
            place = (pitch.step, pitch.octave)
            now = holds.get(place, signature.get(pitch.step, 0))
            if pitch.alter == now or piece.tied_from:
                continue
            holds[place] = pitch.alter
            shown.add((piece.start, *place, pitch.alter))
    return shown


def _signature(key: Key) -> dict[str, int]:
    if key.fifths >= 0:
        return dict.fromkeys(_SHARPS[: key.fifths], 1)
    return dict.fromkeys(_FLATS[: -key.fifths], -1)


def _list_part(listed: ET.Element, plan: _PartPlan, piece: Arrangement) -> None:
    part = _add(listed, "score-part", id=plan.id)
    _add(part, "part-name", plan.name)
    _add(part, "part-abbreviation", plan.short)
    if plan.staves != ("drums",):
        _add(_add(part, "score-instrument", id=f"{plan.id}-I1"), "instrument-name", plan.name)
        midi = _add(part, "midi-instrument", id=f"{plan.id}-I1")
        _add(midi, "midi-channel", plan.channel)
        _add(midi, "midi-program", plan.program)
        return
    used = sorted({n.midi for n in piece.notes if n.part == "drums"})
    for number in used:
        instrument = _add(part, "score-instrument", id=f"{plan.id}-I{number}")
        _add(instrument, "instrument-name", drum_of(number).name)
    for number in used:
        midi = _add(part, "midi-instrument", id=f"{plan.id}-I{number}")
        _add(midi, "midi-channel", 10)
        _add(midi, "midi-unpitched", number + 1)


def _open(element: ET.Element) -> str:
    """An element with what is in it so far, not yet closed."""
    end = f"</{element.tag}>"
    text = ET.tostring(element, encoding="unicode")
    return text.removesuffix(end) if text.endswith(end) else text.removesuffix(" />") + ">"


def _harmony(name: str, span: ChordSpan, offset: int) -> str:
    chord = parse_chord(span.symbol)
    text = engraved(span.symbol)
    harmony = ET.Element("harmony", {"placement": "above", "id": name})
    root = _add(harmony, "root")
    if chord.root is None:
        _add(root, "root-step", "C", text="")
        _add(harmony, "kind", "none", text="N.C.")
    else:
        _add(root, "root-step", chord.root.letter)
        if chord.root.alter:
            _add(root, "root-alter", chord.root.alter)
        kind, changes = kind_of(chord.degrees)
        bass_text = f"/{chord.bass.glyphs}" if chord.bass else ""
        suffix = text.removeprefix(chord.root.glyphs)
        _add(harmony, "kind", kind, text=suffix.removesuffix(bass_text))
        if chord.bass:
            bass = _add(harmony, "bass")
            _add(bass, "bass-step", chord.bass.letter)
            if chord.bass.alter:
                _add(bass, "bass-alter", chord.bass.alter)
        for change in changes:
            degree = _add(harmony, "degree", print_object="no")
            _add(degree, "degree-value", change.number)
            _add(degree, "degree-alter", change.alter)
            _add(degree, "degree-type", change.kind)
    if offset:
        _add(harmony, "offset", offset)
    return ET.tostring(harmony, encoding="unicode")
