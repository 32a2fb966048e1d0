"""Reads a MIDI file: notes by part, tempo, meter, key and markers."""

import io
from dataclasses import dataclass, field
from typing import Any, Final

import mido  # type: ignore[import-untyped]

from scrivano.music.checker.piece import QUARTER, FileNote

_PARTS: Final = ("right", "left", "bass", "drum", "melody")


class UnreadableFile(ValueError):
    """A file that is not what it should be; the message says what."""


@dataclass
class MidiFacts:
    """What a MIDI file says; ticks of 480 to a quarter. `key` is as the file names it, such as `Bbm`."""

    notes: list[FileNote] = field(default_factory=list[FileNote])
    tempos: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])
    meters: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    keys: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    markers: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])


def read_midi(data: bytes) -> MidiFacts:
    """All that the rules need. Raises `UnreadableFile`."""
    try:
        file: Any = mido.MidiFile(file=io.BytesIO(data), charset="utf-8")
    except (OSError, EOFError, ValueError, KeyError, IndexError) as problem:
        raise UnreadableFile(f"not a MIDI file: {problem}") from problem
    facts = MidiFacts()
    for track in file.tracks:
        _read_track(track, file.ticks_per_beat, facts)
    return facts


def _read_track(track: Any, division: int, facts: MidiFacts) -> None:
    name = next((str(message.name).lower() for message in track if message.type == "track_name"), "")
    part = next((part for part in _PARTS if part in name), "other")
    held: dict[tuple[int, int], list[int]] = {}
    now = 0
    for message in track:
        now += message.time
        tick = round(now * QUARTER / division)
        if message.type == "set_tempo":
            facts.tempos.append((tick, 60_000_000 / message.tempo))
        elif message.type == "time_signature":
            facts.meters.append((tick, f"{message.numerator}/{message.denominator}"))
        elif message.type == "key_signature":
            facts.keys.append((tick, str(message.key)))
        elif message.type == "marker":
            facts.markers.append((tick, str(message.text)))
        elif message.type in {"note_on", "note_off"}:
            key = (int(message.channel), int(message.note))
            if message.type == "note_on" and message.velocity > 0:
                held.setdefault(key, []).append(tick)
            elif held.get(key):
                where = "drums" if message.channel == 9 or part == "drum" else part
                facts.notes.append(FileNote(where, int(message.note), held[key].pop(0), tick))
    if any(held.values()):
        raise UnreadableFile("a note begins in the MIDI file and never ends")
