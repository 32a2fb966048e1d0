"""Scales as semitones above the tonic."""

from typing import Final

MAJOR: Final = (0, 2, 4, 5, 7, 9, 11)
NATURAL_MINOR: Final = (0, 2, 3, 5, 7, 8, 10)
HARMONIC_MINOR: Final = (0, 2, 3, 5, 7, 8, 11)
MELODIC_MINOR: Final = (0, 2, 3, 5, 7, 9, 11)
MINOR_FORMS: Final = (NATURAL_MINOR, HARMONIC_MINOR, MELODIC_MINOR)

# The modes a chord may be borrowed from, in the order in which they are named.
PARALLEL_OF_MAJOR: Final = {
    "natural minor": NATURAL_MINOR,
    "Mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "Dorian": (0, 2, 3, 5, 7, 9, 10),
    "harmonic minor": HARMONIC_MINOR,
    "Lydian": (0, 2, 4, 6, 7, 9, 11),
    "Phrygian": (0, 1, 3, 5, 7, 8, 10),
    "melodic minor": MELODIC_MINOR,
}
PARALLEL_OF_MINOR: Final = {
    "major": MAJOR,
    "Dorian": (0, 2, 3, 5, 7, 9, 10),
    "Phrygian": (0, 1, 3, 5, 7, 8, 10),
    "Mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "Lydian": (0, 2, 4, 6, 7, 9, 11),
}

# What fits over a chord, by family and what is altered: for players and for melodies.
CHORD_SCALES: Final = {
    "Ionian": MAJOR,
    "Dorian": (0, 2, 3, 5, 7, 9, 10),
    "Phrygian": (0, 1, 3, 5, 7, 8, 10),
    "Lydian": (0, 2, 4, 6, 7, 9, 11),
    "Mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "Aeolian": NATURAL_MINOR,
    "Locrian": (0, 1, 3, 5, 6, 8, 10),
    "Lydian dominant": (0, 2, 4, 6, 7, 9, 10),
    "altered": (0, 1, 3, 4, 6, 8, 10),
    "Mixolydian b9 b13": (0, 1, 4, 5, 7, 8, 10),
    "half-whole diminished": (0, 1, 3, 4, 6, 7, 9, 10),
    "whole-half diminished": (0, 2, 3, 5, 6, 8, 9, 11),
    "whole-tone": (0, 2, 4, 6, 8, 10),
    "Locrian natural 9": (0, 2, 3, 5, 6, 8, 10),
    "melodic minor": MELODIC_MINOR,
    "Lydian augmented": (0, 2, 4, 6, 8, 9, 11),
}
