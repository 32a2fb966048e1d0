"""Strokes as notes: spelled as their chord spells them, with a touch of their own."""

import random
from collections.abc import Sequence
from functools import lru_cache

from scrivano.music.arrange.strokes import Line, Span
from scrivano.music.dto import Note, SpelledPitch
from scrivano.music.theory import Chord, Key, Meter, PitchName


def notes_of(
    line: Line, spans: Sequence[Span], home: Key, meter: Meter, velocity: int, rng: random.Random
) -> list[Note]:
    """The notes of a line. Beats are a little stronger than what lies between, the top note than the others."""
    notes = list[Note]()
    strokes = sorted(line.strokes, key=lambda s: s.start)
    for index, stroke in enumerate(strokes):
        follower = strokes[index + 1].notes if index + 1 < len(strokes) else ()
        chord = spans[stroke.span].chord
        loud = velocity + (10 if stroke.accent else 0) + rng.randint(-3, 3)
        if stroke.start % meter.bar == 0:
            loud += 5
        elif stroke.start % meter.beat:
            loud -= 4
        top_note = max(stroke.notes, default=0)
        for midi in stroke.notes:
            rising = bool(follower) and follower[0] > midi
            top = 4 if midi == top_note and len(stroke.notes) > 1 else 0
            notes.append(
                Note(
                    part=line.part,
                    midi=midi,
                    pitch=spelled(midi, chord, home, rising=rising),
                    onset=stroke.start,
                    duration=stroke.end - stroke.start,
                    velocity=max(1, min(loud + top, 127)),
                )
            )
    return notes


@lru_cache(maxsize=16384)
def spelled(midi: int, chord: Chord, home: Key, *, rising: bool) -> SpelledPitch:
    """The pitch as the chord names it; a tone outside the chord as the key names it on its way."""
    names = {name.pc: name for name in (*chord.tones, *((chord.bass,) if chord.bass else ()))}
    name = names.get(midi % 12)
    if name is None:
        name = home.spell(midi - home.pc, rising=rising)
    return _readable(name).at(midi)


def _readable(name: PitchName) -> PitchName:
    """Without double accidentals, which nobody reads at sight."""
    return name.practical() if abs(name.alter) > 1 else name
