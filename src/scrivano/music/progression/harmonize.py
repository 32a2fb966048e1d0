"""Finds chords for a melody: the genre's own successions, chosen so that the melody's notes belong to them."""

import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

from scrivano.core.errors import InvalidInput
from scrivano.music.dto import Genre, Mode, Note, Settled
from scrivano.music.genres import genre_data
from scrivano.music.progression.analyse import all_keys
from scrivano.music.progression.colour import colour, part_of
from scrivano.music.progression.draft import Bar, Draft, Slot, to_progression
from scrivano.music.progression.generate import make_draft
from scrivano.music.progression.phrases import read_slot
from scrivano.music.progression.repair import Repaired, mend
from scrivano.music.theory import Key, key_of, make_chord, meter_of
from scrivano.music.theory.qualities import read_suffix

# How well each degree fits a key, heard by listeners: Carol L. Krumhansl, Cognitive Foundations of Musical
# Pitch, Oxford University Press 1990, probe-tone ratings of Krumhansl and Kessler (1982).
_MAJOR_PROFILE: Final = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR_PROFILE: Final = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
_STAY: Final = 0.8
_UNSEEN: Final = -6.0
_FIT: Final = 4.0
_CHORUSES: Final = 24


def melody_key(melody: Sequence[Note]) -> Key:
    """The key whose profile the melody's notes fit best, weighed by their length; C major for none."""
    weights = [0.0] * 12
    for note in melody:
        weights[note.midi % 12] += note.duration
    if not any(weights):
        return all_keys()[0]
    return max(all_keys(), key=lambda key: _correlation(weights, key))


def harmonize(melody: Sequence[Note], settled: Settled) -> Repaired:
    """A valid progression for a melody; `kept` are the bars whose chords were chosen by the melody.

    Bars, key and meter are those settled and every hard rule of the genre is kept, so a bar may have a chord
    that fits its notes less. Raises InvalidInput for the field `melody` when it has no notes or goes beyond
    the last bar.
    """
    meter = meter_of(settled.meter)
    length = settled.bars * meter.bar
    if not melody:
        raise InvalidInput("The melody has no notes.", field="melody", remedy="Give at least one note.")
    if any(note.onset >= length for note in melody):
        raise InvalidInput(
            f"The melody is longer than {settled.bars} bars.",
            field="melody",
            remedy="Ask for as many bars as the melody has.",
        )
    data = genre_data(settled.genre)
    halves = 2 if meter.beats % 2 == 0 and min(data.most_in_bar, meter.most_chords) > 1 else 1
    home = key_of(settled.key, settled.mode)
    if settled.genre is Genre.BLUES:
        return _best_blues(melody, settled)
    notes = _notes_by_slot(melody, settled.bars * halves, meter.bar // halves)
    path = _best_path(notes, settled, home, halves)
    bars = [_bar(path[i * halves : (i + 1) * halves]) for i in range(settled.bars)]
    fallback = make_draft(settled, salt="melody")
    draft = Draft(settled, bars, fallback.parts)
    dressed = colour(draft, data, "melody", plain=frozenset(range(settled.bars)))
    dressed.bars[:] = [_out_of_the_way(bar, notes[i * halves]) for i, bar in enumerate(dressed.bars)]
    return mend(dressed, fallback, set(range(settled.bars)), data, [])


def _best_blues(melody: Sequence[Note], settled: Settled) -> Repaired:
    """The form of a blues is fixed: of many choruses the one that carries the melody best."""
    home = key_of(settled.key, settled.mode)
    notes = _notes_by_slot(melody, settled.bars, meter_of(settled.meter).bar)

    def carried(draft: Draft) -> float:
        return sum(
            _fit(slot, heard, home) / len(bar)
            for bar, heard in zip(draft.bars, notes, strict=True)
            for slot in bar
        )

    best = max((make_draft(settled, salt=f"melody/{i}") for i in range(_CHORUSES)), key=carried)
    return Repaired(to_progression(best), tuple(range(1, settled.bars + 1)), ())


def _correlation(weights: Sequence[float], key: Key) -> float:
    profile = _MAJOR_PROFILE if key.mode == "major" else _MINOR_PROFILE
    turned = [profile[(pc - key.pc) % 12] for pc in range(12)]
    mean_w, mean_p = sum(weights) / 12, sum(turned) / 12
    pairs = [(w - mean_w, p - mean_p) for w, p in zip(weights, turned, strict=True)]
    spread = math.sqrt(sum(a * a for a, _ in pairs) * sum(b * b for _, b in pairs))
    return sum(a * b for a, b in pairs) / spread if spread else 0.0


def _notes_by_slot(melody: Sequence[Note], slots: int, length: int) -> list[dict[int, float]]:
    """For each slot how long each pitch class sounds in it, as a share; a note that begins it counts more."""
    found: list[dict[int, float]] = [{} for _ in range(slots)]
    for note in melody:
        end = note.onset + note.duration
        for slot in range(note.onset // length, min(slots, -(-end // length))):
            start = slot * length
            overlap = min(end, start + length) - max(note.onset, start)
            weight = overlap / length * (1.5 if note.onset == start else 1.0)
            pc = note.midi % 12
            found[slot][pc] = found[slot].get(pc, 0.0) + weight
    return found


@lru_cache(maxsize=64)
def _successions(
    genre: Genre, mode: Mode, application: str
) -> tuple[tuple[str, ...], dict[tuple[str, str], float]]:
    """The numerals of a genre and the logarithm of how often one follows another in its phrases."""
    pairs: Counter[tuple[str, str]] = Counter()
    singles: Counter[str] = Counter()
    for phrase in genre_data(genre).phrases:
        if phrase.mode != mode or (phrase.applications and application not in phrase.applications):
            continue
        tokens = [token for bar in phrase.bars for token in bar]
        singles.update(tokens)
        pairs.update(pairwise(tokens))
        if phrase.role in {"half", "turnaround"}:
            pairs[tokens[-1], "I" if mode == "major" else "i"] += 1
    names = tuple(t for t in singles if "/" not in t and "@" not in t)
    return names, {
        (a, b): math.log(count / singles[a]) for (a, b), count in pairs.items() if a in names and b in names
    }


def _best_path(notes: list[dict[int, float]], settled: Settled, home: Key, halves: int) -> list[Slot]:
    """The row of chords with the best successions and the best fit, ending at home."""
    names, follows = _successions(settled.genre, settled.mode, settled.application)
    slots = [read_slot(name, home) for name in names]
    best = [_fit(slot, notes[0], home) + (0.5 if _is_home(slot) else 0.0) for slot in slots]
    trail: list[list[int]] = []
    for at in range(1, len(notes)):
        inside = at % halves != 0
        step: list[int] = []
        scores: list[float] = []
        for k, name in enumerate(names):
            came = [
                best[j] + (_STAY if inside and j == k else follows.get((names[j], name), _UNSEEN))
                for j in range(len(names))
            ]
            j = max(range(len(names)), key=lambda i: came[i])
            step.append(j)
            scores.append(came[j] + _fit(slots[k], notes[at], home))
        trail.append(step)
        best = scores
    last = max(range(len(names)), key=lambda k: best[k] + (100.0 if _is_home(slots[k]) else 0.0))
    path = [last]
    for step in reversed(trail):
        path.append(step[path[-1]])
    return [slots[k] for k in reversed(path)]


def _is_home(slot: Slot) -> bool:
    return slot.chord.root is not None and slot.chord.root.pc == slot.key.pc and slot.chord.bass is None


def _fit(slot: Slot, notes: dict[int, float], home: Key) -> float:
    """How well the notes lie over a chord: its own tones carry, a semitone above one rubs."""
    score = 0.0
    for pc, weight in notes.items():
        if pc in slot.chord.pcs:
            score += weight
        elif (pc - 1) % 12 in slot.chord.basic_pcs:
            score -= 1.2 * weight
        else:
            score -= (0.3 if pc in home.scale_pcs else 0.8) * weight
    return _FIT * score


def _bar(slots: Sequence[Slot]) -> Bar:
    return tuple(slot for i, slot in enumerate(slots) if i == 0 or slot.chord != slots[i - 1].chord)


def _out_of_the_way(bar: Bar, notes: dict[int, float]) -> Bar:
    """A major seventh gives way to a sixth where the melody holds the root above it."""
    kept: list[Slot] = []
    for slot in bar:
        root, seventh = slot.chord.root, slot.chord.seventh
        rubs = (
            root is not None and seventh is not None and seventh.alter == 0 and notes.get(root.pc, 0.0) >= 0.4
        )
        if rubs and root is not None and part_of(slot, None, Genre.JAZZ) in {"tonic", "subdominant", "major"}:
            kept.append(slot.with_chord(make_chord(root, read_suffix("6"), slot.chord.bass)))
        else:
            kept.append(slot)
    return tuple(kept)
