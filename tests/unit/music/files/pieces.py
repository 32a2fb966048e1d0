"""Arrangements for tests of files: written by hand, and random ones that are hard to notate."""

import random

from scrivano.music.dto import (
    PPQ,
    Arrangement,
    ChordSpan,
    Genre,
    Mode,
    Note,
    PartName,
    Progression,
    Reason,
    Section,
    Settled,
)
from scrivano.music.theory import METERS, PitchName, key_of, parse_chord

SUFFIXES = "|m|7|maj7|m7|m7b5|dim7|dim|aug|6|m6|69|9|maj9|m9|13|7b9|7#9|7alt|13b9|maj7#11|7sus|sus4|mMaj7|m11|add9|7#5|m9b5|5"
ROOTS = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"]
MAJOR_KEYS = ["C", "G", "D", "A", "E", "B", "F#", "F", "Bb", "Eb", "Ab", "Db", "Gb", "C#"]
MINOR_KEYS = ["A", "E", "B", "F#", "C#", "G#", "D#", "D", "G", "C", "F", "Bb", "Eb"]


def settled(meter: str, key: str, mode: Mode, bars: int, tempo: float = 140) -> Settled:
    return Settled(
        genre=Genre.JAZZ, application="swing", key=key, mode=mode, tempo=tempo, meter=meter, bars=bars,
        difficulty=3, lowest=36, highest=84, form=None, seed=1,
    )  # fmt: skip


def note(part: PartName, name: PitchName, low: int, onset: int, duration: int, voice: int = 1) -> Note:
    """The note of this name at or above `low`."""
    midi = low + (name.pc - low) % 12
    return Note(
        part=part, midi=midi, pitch=name.at(midi), onset=onset, duration=duration, voice=voice, velocity=77
    )


def random_piece(seed: int, *, meter: str | None = None, bars: int = 5) -> Arrangement:
    """Any rhythm on a grid of sixteenths over bar lines, two voices in a hand, triplets, every meter and key."""
    rng = random.Random(seed)
    found = METERS[meter or rng.choice(sorted(METERS))]
    mode: Mode = rng.choice(("major", "minor"))
    key = rng.choice(MAJOR_KEYS if mode == "major" else MINOR_KEYS)
    chords, notes = list[ChordSpan](), list[Note]()
    for bar in range(bars):
        for onset, duration in found.split(rng.randint(1, found.most_chords)):
            symbol = rng.choice(ROOTS) + rng.choice(SUFFIXES.split("|"))
            if rng.random() < 0.2:
                symbol += "/" + rng.choice(ROOTS)
            if rng.random() < 0.04:
                symbol = "N.C."
            symbol = str(parse_chord(symbol))
            reason = Reason(kind="diatonic", roman="I", key=key, text='It is <home> & "rest".')
            chords.append(
                ChordSpan(
                    bar=bar + 1,
                    onset=bar * found.bar + onset,
                    duration=duration,
                    symbol=symbol,
                    reason=reason,
                )
            )
    end = found.bar * bars
    scale = key_of(key, mode).scale
    chromatic = [
        *scale,
        *(n.up(0, 1) for n in scale if n.alter < 1),
        *(n.up(0, -1) for n in scale if n.alter > -1),
    ]
    lanes: list[tuple[PartName, int, int]] = [
        ("right", 60, 1),
        ("right", 48, 2),
        ("left", 40, 1),
        ("bass", 28, 1),
    ]
    for part, low, voice in lanes:
        at = 0
        while at < end:
            length = min(rng.choice((120, 240, 240, 360, 480, 480, 720, 960, 1200, 1440)), end - at)
            if rng.random() < 0.7:
                names = rng.sample(chromatic, 1 if voice == 2 or part == "bass" else rng.randint(1, 3))
                by_midi = {n.midi: n for n in (note(part, name, low, at, length, voice) for name in names)}
                notes += by_midi.values()
            at += length
    if rng.random() < 0.5:
        notes += _melody(rng, scale, end)
    for at in range(0, end, 240):
        notes.append(Note(part="drums", midi=51, onset=at, duration=240))
        if at % 480 == 0:
            notes.append(Note(part="drums", midi=rng.choice((36, 44)), onset=at, duration=480, voice=2))
    progression = Progression(
        key=key, mode=mode, meter=found.name, bars=bars, chords=tuple(chords),
        sections=(Section(name="Intro", first_bar=1, bars=2), Section(name="A", first_bar=3, bars=bars - 2)),
    )  # fmt: skip
    return Arrangement(
        title="Study in 7 <colours> & “more”", request=settled(found.name, key, mode, bars, 60 + seed % 140),
        progression=progression, notes=tuple(notes), swing=rng.choice((0.5, 0.58, 0.6, 0.667)),
        generation_method="rules",
    )  # fmt: skip


def _melody(rng: random.Random, scale: tuple[PitchName, ...], end: int) -> list[Note]:
    """Quarters, some of them triplets."""
    found = list[Note]()
    for at in range(0, end, PPQ):
        step = rng.choice((160, 240, 480))
        found += [note("melody", rng.choice(scale), 67, on, step) for on in range(at, at + PPQ, step)]
    return found
