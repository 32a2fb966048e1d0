"""Bars locked and the rest made anew: what of the locked bars changes, what the checker says, and how long it takes.

Run: python -m benchmarks.music_locks [PIECES]

Pieces of every genre, application, meter and key; a third to nine tenths of their bars are locked, in runs or scattered.
A locked bar must have the same notes, the same measures in every part of the MusicXML file and the same strokes in the
MIDI file; the whole must keep every hard rule.
"""

import collections
import gc
import io
import random
import statistics
import sys
import time
from typing import Any
from xml.etree import ElementTree as ET

import mido

from benchmarks.music_files import by_rules
from scrivano.music.arrange import make_again
from scrivano.music.checker.check import check_files
from scrivano.music.dto import Arrangement, Note
from scrivano.music.files import write_midi, write_musicxml
from scrivano.music.theory import meter_of


def locks(bars: int, rng: random.Random) -> list[int]:
    """Bars to lock: scattered ones, or runs of two to six."""
    if rng.random() < 0.5:
        return sorted(rng.sample(range(1, bars + 1), max(1, round(bars * rng.uniform(0.3, 0.9)))))
    found, bar, locked = list[int](), 1, rng.random() < 0.5
    while bar <= bars:
        length = rng.randint(2, 6)
        found += [n for n in range(bar, bar + length) if locked and n <= bars]
        bar, locked = bar + length, not locked
    return found or [1]


def notes_in(piece: Arrangement, bar: int) -> list[Note]:
    """The notes that begin in a bar."""
    length = meter_of(piece.progression.meter).bar
    return [note for note in piece.notes if note.onset // length == bar - 1]


def measures(score: bytes) -> dict[int, list[bytes]]:
    """The text of each measure, one for each part."""
    found = collections.defaultdict[int, list[bytes]](list)
    for part in ET.fromstring(score).findall("part"):
        for measure in part.findall("measure"):
            found[int(measure.get("number", "0"))].append(ET.tostring(measure))
    return found


def strokes(midi: bytes, length: int) -> dict[int, set[tuple[object, ...]]]:
    """Of each bar: where which note is struck on which channel, and how loud."""
    found = collections.defaultdict[int, set[tuple[object, ...]]](set)
    opened: Any = mido.MidiFile(file=io.BytesIO(midi))
    for track in opened.tracks:
        at = 0
        for message in track:
            at += int(message.time)
            if message.type == "note_on" and message.velocity:
                found[at // length + 1].add((at, message.channel, message.note, message.velocity))
    return found


def main(pieces: int) -> int:
    """Prints what changed; the number of locked bars that differ anywhere and of pieces that break a rule."""
    differ = collections.Counter[str]()
    rules = collections.Counter[str]()
    example: dict[str, str] = {}
    bars = free = new = bad = 0
    times = list[float]()
    for seed in range(pieces):
        rng = random.Random(f"locks/{seed}")
        old = by_rules(seed, rng.choice((8, 12, 16, 32)))
        locked = locks(old.progression.bars, rng)
        # What reading the last piece's files left behind is not this one's to clear away.
        gc.collect()
        begun = time.process_time()
        made = make_again(old, locked, 10_000 + seed)
        times.append(1000 * (time.process_time() - begun))
        length = meter_of(old.progression.meter).bar
        scores = [measures(write_musicxml(p)) for p in (old, made)]
        struck = [strokes(write_midi(p), length) for p in (old, made)]
        bars += len(locked)
        for bar in locked:
            seen = {
                "notes": notes_in(old, bar) != notes_in(made, bar),
                "chords": [c for c in old.progression.chords if c.bar == bar]
                != [c for c in made.progression.chords if c.bar == bar],
                "MusicXML": scores[0][bar] != scores[1][bar],
                "MIDI": struck[0][bar] != struck[1][bar],
            }
            for name in (name for name, other in seen.items() if other):
                differ[name] += 1
                example.setdefault(name, f"{old.title}, seed {seed}, bar {bar}")
        others = [b for b in range(1, old.progression.bars + 1) if b not in locked]
        free += len(others)
        new += sum(notes_in(old, bar) != notes_in(made, bar) for bar in others)
        broken = check_files(write_midi(made), write_musicxml(made), made.request)
        bad += bool(broken)
        for violation in broken:
            rules[violation.rule] += 1
            example.setdefault(
                violation.rule, f"{old.title}, seed {seed}, bar {violation.bar}: {violation.text}"
            )
    print(f"{pieces} pieces, {bars} locked bars: {dict(differ) or 'none differs'}; {bad} pieces break a rule")
    print(f"{new} of {free} other bars are new in notes")
    for name, text in example.items():
        print(f"  {name} {rules[name] or differ[name]}: {text}")
    print(
        f"making anew: median {statistics.median(times):.0f} ms, slowest {max(times):.0f} ms of processor time"
    )
    return differ.total() + bad


if __name__ == "__main__":
    sys.exit(1 if main(int(sys.argv[1]) if len(sys.argv) > 1 else 200) else 0)
