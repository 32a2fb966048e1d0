"""Writes an arrangement as a standard MIDI file of format 1.

Track 0 has the title, tempo, meter, key, the sections as markers and the chord symbols as text. Then one track a
part, each on a channel of its own, so that the same key in both hands doesn't cut itself off. Swung eighths are
written as they sound.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from scrivano.music.dto import PPQ, Arrangement, Note, PartName
from scrivano.music.files.timing import meter_in, quarter_tempo, sounding, swings
from scrivano.music.theory.key import key_of
from scrivano.music.theory.meter import Meter


@dataclass(frozen=True)
class _Track:
    part: PartName
    name: str
    channel: int
    program: int


_TRACKS: Final = (
    _Track("melody", "Melody", 3, 73),
    _Track("right", "Right hand", 0, 0),
    _Track("left", "Left hand", 1, 0),
    _Track("bass", "Bass", 2, 32),
    _Track("drums", "Drums", 9, 0),
)
_OFF, _META, _ON = 0, 1, 2


def write_midi(arrangement: Arrangement) -> bytes:
    """The MIDI file. Every track ends where the last bar ends; the same arrangement gives the same bytes."""
    meter = meter_in(arrangement)
    end = meter.bar * arrangement.progression.bars
    played = {note.part for note in arrangement.notes}
    tracks = [_conductor(arrangement, meter, end)]
    swing = arrangement.swing if swings(meter, arrangement.swing) else None
    for track in _TRACKS:
        if track.part in played or track.part in {"right", "left"}:
            notes = [note for note in arrangement.notes if note.part == track.part]
            tracks.append(_part(track, notes, swing, end))
    header = b"MThd" + (6).to_bytes(4) + (1).to_bytes(2) + len(tracks).to_bytes(2) + PPQ.to_bytes(2)
    return header + b"".join(tracks)


def _conductor(arrangement: Arrangement, meter: Meter, end: int) -> bytes:
    progression = arrangement.progression
    tempo = round(60_000_000 / quarter_tempo(arrangement.request.tempo, meter))
    key = key_of(progression.key, progression.mode)
    clicks = meter.beat * 24 // PPQ
    events = [
        (0, _META, _text(3, arrangement.title)),
        (0, _META, _meta(0x51, tempo.to_bytes(3))),
        (0, _META, _meta(0x58, bytes((meter.numerator, meter.denominator.bit_length() - 1, clicks, 8)))),
        (0, _META, _meta(0x59, bytes((key.fifths % 256, int(key.mode == "minor"))))),
    ]
    events += [((s.first_bar - 1) * meter.bar, _META, _text(6, s.name)) for s in progression.sections]
    events += [(c.onset, _META, _text(1, c.symbol)) for c in progression.chords]
    return _chunk(events, end)


def _part(track: _Track, notes: Iterable[Note], swing: float | None, end: int) -> bytes:
    events = [(0, _META, _text(3, track.name)), (0, _META, bytes((0xC0 | track.channel, track.program)))]
    for note in notes:
        start, stop = note.onset, note.onset + note.duration
        if swing is not None:
            start, stop = sounding(start, swing), sounding(stop, swing)
        events.append((start, _ON, bytes((0x90 | track.channel, note.midi, note.velocity))))
        events.append((max(stop, start + 1), _OFF, bytes((0x80 | track.channel, note.midi, 64))))
    return _chunk(events, end)


def _chunk(events: list[tuple[int, int, bytes]], end: int) -> bytes:
    """A track: in time, and at one tick what ends before what begins."""
    data = bytearray()
    at = 0
    for tick, _, message in [*sorted(events, key=lambda e: e[:2]), (end, _ON, _meta(0x2F, b""))]:
        data += _varying(tick - at) + message
        at = tick
    return b"MTrk" + len(data).to_bytes(4) + bytes(data)


def _varying(number: int) -> bytes:
    """A number in groups of seven bits, as MIDI writes times and lengths."""
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.append(number & 0x7F | 0x80)
    return bytes(reversed(groups))


def _meta(kind: int, data: bytes) -> bytes:
    return bytes((0xFF, kind)) + _varying(len(data)) + data


def _text(kind: int, text: str) -> bytes:
    return _meta(kind, text.encode())
