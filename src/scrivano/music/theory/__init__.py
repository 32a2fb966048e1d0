"""Pitch, interval, key, scale, chord and meter: small and exact, with spelling kept everywhere."""

from scrivano.music.theory.chord import ALTERED, SILENCE, Chord, Family, make_chord
from scrivano.music.theory.harte import parse_harte, print_harte
from scrivano.music.theory.interval import Degree, between, degree, degrees
from scrivano.music.theory.key import Key, key_of, practical_key, signature_name
from scrivano.music.theory.meter import METERS, Meter, meter_of
from scrivano.music.theory.pitch import PitchName, by_pc, midi_of, name_of, parse_name
from scrivano.music.theory.roman import applied_key, degree_of, numeral, parse_roman, print_roman
from scrivano.music.theory.scale import CHORD_SCALES
from scrivano.music.theory.symbols import is_chord, parse_chord

__all__ = [
    "ALTERED",
    "CHORD_SCALES",
    "METERS",
    "SILENCE",
    "Chord",
    "Degree",
    "Family",
    "Key",
    "Meter",
    "PitchName",
    "applied_key",
    "between",
    "by_pc",
    "degree",
    "degree_of",
    "degrees",
    "is_chord",
    "key_of",
    "make_chord",
    "meter_of",
    "midi_of",
    "name_of",
    "numeral",
    "parse_chord",
    "parse_harte",
    "parse_name",
    "parse_roman",
    "practical_key",
    "print_harte",
    "print_roman",
    "signature_name",
]
