"""A song laid out by bars, in ticks and seconds: what a page needs to draw it and to follow it while it sounds."""

from uuid import UUID

from pydantic import BaseModel, Field

from scrivano.music.dto import PPQ, Arrangement, ChordSpan, Note, PartName
from scrivano.music.files import engraved
from scrivano.music.files.timing import meter_in, quarter_tempo, sounding, swings
from scrivano.music.theory import name_of


class RollNote(BaseModel):
    """A note. `onset` and `duration` are as written, in ticks; `seconds` and `length` as it sounds, swing included."""

    part: PartName
    midi: int
    name: str | None = Field(description="Such as Eb4; None for drums.")
    onset: int
    duration: int
    seconds: float
    length: float
    velocity: int


class RollChord(BaseModel):
    """A chord with its reason. `index` (from 0) is what routes take; `beat` is counted from 1 in felt beats."""

    index: int
    symbol: str
    engraved: str = Field(description="The symbol with the engraver's signs, such as B♭ø7.")
    roman: str
    key: str
    kind: str
    text: str
    beat: float
    onset: int
    duration: int
    seconds: float


class RollBar(BaseModel):
    """A bar with what begins in it; `number` from 1."""

    number: int
    section: str | None
    locked: bool
    onset: int
    duration: int
    seconds: float
    chords: list[RollChord]
    notes: list[RollNote]


class Roll(BaseModel):
    """A song by bars. `ppq` ticks are a quarter note, `beat` ticks a felt beat; `lowest` and `highest` sound in it."""

    song_id: UUID
    version: int
    title: str
    key: str
    mode: str
    meter: str
    tempo: float
    swing: float
    ppq: int = PPQ
    beat: int
    seconds: float
    lowest: int
    highest: int
    parts: list[PartName]
    bars: list[RollBar]


def roll_of(song_id: UUID, version: int, arrangement: Arrangement) -> Roll:
    """The song by bars. Seconds are those of the MIDI file and the audio."""
    meter = meter_in(arrangement)
    progression = arrangement.progression
    swung = swings(meter, arrangement.swing)
    per_tick = 60 / quarter_tempo(arrangement.request.tempo, meter) / PPQ

    def at(tick: int) -> float:
        return round((sounding(tick, arrangement.swing) if swung else tick) * per_tick, 4)

    def note(one: Note) -> RollNote:
        name = f"{name_of(one.pitch)}{one.pitch.octave}" if one.pitch is not None else None
        start = at(one.onset)
        return RollNote(
            part=one.part,
            midi=one.midi,
            name=name,
            onset=one.onset,
            duration=one.duration,
            seconds=start,
            length=round(at(one.onset + one.duration) - start, 4),
            velocity=one.velocity,
        )

    def chord(index: int, span: ChordSpan) -> RollChord:
        return RollChord(
            index=index,
            symbol=span.symbol,
            engraved=engraved(span.symbol),
            roman=span.reason.roman,
            key=span.reason.key,
            kind=span.reason.kind,
            text=span.reason.text,
            beat=round(1 + (span.onset - (span.bar - 1) * meter.bar) / meter.beat, 3),
            onset=span.onset,
            duration=span.duration,
            seconds=at(span.onset),
        )

    bars = [
        RollBar(
            number=number,
            section=None,
            locked=number in arrangement.locked_bars,
            onset=(number - 1) * meter.bar,
            duration=meter.bar,
            seconds=at((number - 1) * meter.bar),
            chords=[],
            notes=[],
        )
        for number in range(1, progression.bars + 1)
    ]
    for section in progression.sections:
        bars[section.first_bar - 1].section = section.name
    for index, span in enumerate(progression.chords):
        bars[span.bar - 1].chords.append(chord(index, span))
    for one in arrangement.notes:
        bars[min(one.onset // meter.bar, len(bars) - 1)].notes.append(note(one))
    pitched = [one.midi for one in arrangement.notes if one.pitch is not None] or [60]
    return Roll(
        song_id=song_id,
        version=version,
        title=arrangement.title,
        key=progression.key,
        mode=progression.mode,
        meter=progression.meter,
        tempo=arrangement.request.tempo,
        swing=arrangement.swing if swung else 0.5,
        beat=meter.beat,
        seconds=at(progression.bars * meter.bar),
        lowest=min(pitched),
        highest=max(pitched),
        parts=list(dict.fromkeys(one.part for one in arrangement.notes)),
        bars=bars,
    )
