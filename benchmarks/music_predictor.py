"""How well the next chord is foreseen, cross-validated by title on the Billboard songs. Prints all figures.

Protocol. A song is the sequence of its chords: root in semitones above the annotated tonic of its line, one of eleven
qualities, so 132 symbols; basses and tensions dropped; silence and chords without a name skipped; a chord that equals
the one before it is not counted again (so the last chord has probability 0, for all models alike). Five folds; all
songs of one title are in one fold; the model is trained on four and judged on the fifth, chord by chord, the first
chord of a song included; in-song memory starts empty with each song. Figures are micro-averages over all chords.

- `all`: every chord of the song. Most lines of a pop song come back, so memory decides.
- `turns`: without lines that only repeat the line before them.
- `new`: each distinct line of chords only where it first stands: the strict case, in which nothing is a mere repeat.

`order only` withholds where in line and bar the next chord begins; `placed` tells it (as a person who asks for
a chord at a place does), including whether a line begins there.

Baselines: an interpolated (Witten-Bell) 4-gram, alone and mixed linearly with an in-song cache: counts of the song so
far, interpolated the same way, up to single chords, pairs or 4-grams, with fixed weight.

Run: python benchmarks/music_predictor.py [--folds N] [--baselines]
"""

import argparse
import math
import random
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from scrivano.music.predictor.corpus import (
    BILLBOARD,
    Song,
    read_corpus,
    without_lines_said_twice,
    without_repeated_lines,
)
from scrivano.music.predictor.experts import NOWHERE, opinions
from scrivano.music.predictor.memory import Memory
from scrivano.music.predictor.model import ChordPredictor
from scrivano.music.predictor.symbols import ALPHABET

FOLDS = 5
CACHES = ((0, 0.0), (1, 0.3), (2, 0.3), (2, 0.5), (4, 0.3), (4, 0.8))


def folds(songs: Sequence[Song]) -> list[list[Song]]:
    """Songs by fold; titles compared without regard to case."""
    titles = sorted({song.title.casefold() for song in songs})
    random.Random(1).shuffle(titles)
    fold_of = {title: number % FOLDS for number, title in enumerate(titles)}
    return [[song for song in songs if fold_of[song.title.casefold()] == fold] for fold in range(FOLDS)]


class NGram:
    """Interpolated by Witten and Bell's rule, down to equal chances."""

    def __init__(self, order: int):
        self.order = order
        self.rows: list[dict[tuple[int, ...], Counter[int]]] = [defaultdict(Counter) for _ in range(order)]

    def add(self, history: Sequence[int], chord: int) -> None:
        for length in range(self.order):
            self.rows[length][tuple(history[len(history) - length :])][chord] += 1

    def expect(self, history: Sequence[int], base: np.ndarray) -> np.ndarray:
        current = base
        for length in range(self.order):
            row = self.rows[length].get(tuple(history[len(history) - length :]))
            if not row:
                break
            total = sum(row.values())
            current = current * (len(row) / (total + len(row)))
            for chord, times in row.items():
                current[chord] += times / (total + len(row))
        return current


def baseline(folded: list[list[Song]], used: int) -> None:
    bits = dict.fromkeys(CACHES, 0.0)
    hits = dict.fromkeys(CACHES, 0)
    chords = 0
    for fold in range(used):
        corpus = NGram(4)
        for other, songs in enumerate(folded):
            for song in songs if other != fold else []:
                history = [-1] * 4
                for event in song.events:
                    corpus.add(history, event.chord)
                    history.append(event.chord)
        for song in folded[fold]:
            history, cache = [-1] * 4, {size: NGram(size) for size, _ in CACHES if size}
            for event in song.events:
                learnt = corpus.expect(history, np.full(ALPHABET, 1 / ALPHABET))
                for size, weight in CACHES:
                    mixed = learnt.copy()
                    if size:
                        mixed = (1 - weight) * learnt + weight * cache[size].expect(history, learnt)
                    if history[-1] >= 0:
                        mixed[history[-1]] = 0
                        mixed /= mixed.sum()
                    bits[size, weight] -= math.log2(mixed[event.chord])
                    hits[size, weight] += int(mixed.argmax()) == event.chord
                chords += 1
                for grams in cache.values():
                    grams.add(history, event.chord)
                history.append(event.chord)
    for size, weight in CACHES:
        name = f"4-gram + cache of order {size} at {weight}" if size else "4-gram, no cache"
        print(
            f"  {name:38s} {bits[size, weight] / chords:6.3f} bits  top-1 {hits[size, weight] / chords:6.1%}"
        )


def judge(model: ChordPredictor, songs: Sequence[Song], timed: bool) -> tuple[float, int, int, int]:
    """Bits, top-1 hits, top-3 hits and chords."""
    bits, first, third, chords = 0.0, 0, 0, 0
    learnt = model._learnt(None)
    for song in songs:
        memory = Memory()
        for event in song.events:
            at = event.at if timed else None
            mixed, _ = model._mixer(at).mix(*opinions(learnt, memory, at))
            bits -= math.log2(float(mixed[event.chord]))
            ranked = np.argsort(-mixed)[:3]
            first += int(ranked[0]) == event.chord
            third += event.chord in ranked
            chords += 1
            memory.add(event.chord, event.at if timed else NOWHERE)
    return bits, first, third, chords


def cross_validate(folded: list[list[Song]], used: int) -> dict[bool, float]:
    sums: dict[bool, np.ndarray] = {True: np.zeros(4), False: np.zeros(4)}
    seconds: list[float] = []
    for fold in range(used):
        started = time.process_time()
        model = ChordPredictor.train(
            [song for other in range(FOLDS) if other != fold for song in folded[other]]
        )
        seconds.append(time.process_time() - started)
        for timed, total in sums.items():
            total += judge(model, folded[fold], timed)
    for timed, (bits, first, third, chords) in sums.items():
        name = "predictor, placed" if timed else "predictor, order only"
        print(
            f"  {name:38s} {bits / chords:6.3f} bits  top-1 {first / chords:6.1%}  top-3 {third / chords:6.1%}"
            f"  ({int(chords)} chords)"
        )
    print(f"  training: {max(seconds):.1f} s of CPU at most")
    return {timed: float(total[0] / total[3]) for timed, total in sums.items()}


def speed() -> None:
    started = time.perf_counter()
    model = ChordPredictor.load()
    print(f"shipped model: read in {(time.perf_counter() - started) * 1000:.0f} ms", end=", ")
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "model.npz"
        model.save(copy)
        print(f"{copy.stat().st_size / 1e6:.2f} MB stored")
    songs = read_corpus(BILLBOARD)[:60]
    taken: list[float] = []
    for song in songs:
        for length in range(1, min(len(song.events), 97), 8):
            started = time.process_time()
            model.suggest(
                song.events[:length], "C", at=song.events[length].at if length < len(song.events) else None
            )
            taken.append((time.process_time() - started) * 1000)
    taken.sort()
    print(
        f"a suggestion after 1 to 96 chords, CPU time: median {statistics.median(taken):.2f} ms, "
        f"99th percentile {taken[int(len(taken) * 0.99)]:.2f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folds", type=int, default=FOLDS)
    parser.add_argument("--baselines", action="store_true")
    chosen = parser.parse_args()
    songs = read_corpus(BILLBOARD)
    protocols = {
        "all": songs,
        "turns": [without_lines_said_twice(song) for song in songs],
        "new": [without_repeated_lines(song) for song in songs],
    }
    for name, protocol in protocols.items():
        print(f"{name}:")
        folded = folds(protocol)
        if chosen.baselines:
            baseline(folded, chosen.folds)
        cross_validate(folded, chosen.folds)
    speed()


if __name__ == "__main__":
    main()
