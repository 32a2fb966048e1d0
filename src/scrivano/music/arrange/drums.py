"""Drums and percussion from patterns: hands in one voice, feet in another."""

import random
from collections.abc import Sequence

from scrivano.music.arrange.strokes import read_pattern
from scrivano.music.arrange.styles import LANES
from scrivano.music.dto import Note
from scrivano.music.theory import Meter

_LOUD = {"o": 0.55, "x": 1.0, "X": 1.18}
_CRASH, _KICK = 49, 36


def play_drums(
    kit_of_bar: Sequence[tuple[str, int]],
    meter: Meter,
    *,
    velocity: int,
    crashes: set[int],
    rng: random.Random,
) -> list[Note]:
    """The strokes of each bar (its kit and which bar of it), with a crash where `crashes` (bars from 0) says.

    The last bar ends the piece with one stroke.
    """
    hits: dict[tuple[int, int], dict[int, int]] = {}
    last = len(kit_of_bar) - 1
    for bar, (kit, which) in enumerate(kit_of_bar):
        start = bar * meter.bar
        if bar == last:
            hits.setdefault((start, 1), {})[_CRASH if crashes else 42] = velocity
            hits.setdefault((start, 2), {})[_KICK] = velocity
            continue
        for lane in kit.split("/"):
            letter, _, pattern = lane.strip().partition(" ")
            number, voice = LANES[letter]
            bars = read_pattern(pattern, meter.bar)
            for step in bars[which % len(bars)][0]:
                loud = round(velocity * _LOUD[step.sign]) + rng.randint(-3, 3)
                if step.start % meter.beat:
                    loud -= 6
                hits.setdefault((start + step.start, voice), {})[number] = max(20, min(loud, 120))
        if bar in crashes:
            hits.setdefault((start, 1), {})[_CRASH] = min(velocity + 14, 120)
    return _notes(hits, meter)


def _notes(hits: dict[tuple[int, int], dict[int, int]], meter: Meter) -> list[Note]:
    notes = list[Note]()
    for voice in (1, 2):
        onsets = sorted(tick for tick, which in hits if which == voice)
        for onset, following in zip(onsets, [*onsets[1:], 1 << 30], strict=True):
            # Written until the next stroke, within the beat: few rests, and the beat stays visible.
            beat_end = (onset // meter.beat + 1) * meter.beat
            duration = min(following, beat_end) - onset
            notes += [
                Note(part="drums", midi=number, onset=onset, duration=duration, velocity=loud, voice=voice)
                for number, loud in sorted(hits[onset, voice].items())
            ]
    return notes
