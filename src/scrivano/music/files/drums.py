"""The drums and percussion of General MIDI that are used, and where they stand on the staff."""

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True)
class Drum:
    """One instrument: its name, its place on a five-line staff and its notehead (empty: the usual one)."""

    name: str
    step: Literal["C", "D", "E", "F", "G", "A", "B"]
    octave: int
    head: str = ""


DRUM_KIT: Final = {
    35: Drum("Acoustic Bass Drum", "E", 4),
    36: Drum("Bass Drum", "F", 4),
    37: Drum("Side Stick", "C", 5, "x"),
    38: Drum("Snare Drum", "C", 5),
    39: Drum("Hand Clap", "D", 5, "x"),
    40: Drum("Electric Snare", "C", 5, "diamond"),
    41: Drum("Low Floor Tom", "G", 4),
    42: Drum("Closed Hi-Hat", "G", 5, "x"),
    43: Drum("High Floor Tom", "A", 4),
    44: Drum("Pedal Hi-Hat", "D", 4, "x"),
    45: Drum("Low Tom", "B", 4),
    46: Drum("Open Hi-Hat", "G", 5, "circle-x"),
    47: Drum("Low-Mid Tom", "D", 5),
    48: Drum("High-Mid Tom", "E", 5),
    49: Drum("Crash Cymbal", "A", 5, "x"),
    50: Drum("High Tom", "F", 5),
    51: Drum("Ride Cymbal", "F", 5, "x"),
    53: Drum("Ride Bell", "F", 5, "diamond"),
    54: Drum("Tambourine", "B", 5, "x"),
    56: Drum("Cowbell", "E", 5, "x"),
    62: Drum("Mute High Conga", "B", 4, "x"),
    63: Drum("Open High Conga", "B", 4, "diamond"),
    64: Drum("Low Conga", "A", 4, "diamond"),
    69: Drum("Cabasa", "B", 5, "diamond"),
    70: Drum("Maracas", "A", 5, "diamond"),
    75: Drum("Claves", "D", 5, "diamond"),
}


def drum_of(number: int) -> Drum:
    """The drum of a General MIDI number; one that isn't known here stands on the middle line."""
    return DRUM_KIT.get(number) or Drum(f"Percussion {number}", "B", 4)
