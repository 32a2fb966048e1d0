"""Every request there is, by rules: 8 genres × 12 keys × 2 modes × applications × bars × meters.

    python benchmarks/music_progression.py [--step N] [--variety]

Prints how many progressions were made, how many broke a hard rule, the time of each, and with --variety the
fewest different progressions that 100 seeds of one request give. --step N takes every Nth request.
"""

import argparse
import itertools
import sys
import time
from collections import Counter

from scrivano.music.dto import Genre, Settled
from scrivano.music.genres import GENRES
from scrivano.music.progression import NoProgression, generate
from scrivano.music.progression.draft import bars_of, kinds, parts_of
from scrivano.music.progression.rules import Piece, broken
from scrivano.music.theory import key_of

TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
BARS = (4, 7, 8, 12, 16, 32, 64)


def requests() -> list[Settled]:
    found: list[Settled] = []
    for genre, data in GENRES.items():
        for application in data.applications:
            for tonic, mode, bars, meter in itertools.product(TONICS, ("major", "minor"), BARS, data.meters):
                key = key_of(tonic, "major" if mode == "major" else "minor")
                found.append(settled(genre, application.slug, str(key.tonic), mode, bars, meter, len(found)))
    return found


def settled(
    genre: Genre, application: str, key: str, mode: str, bars: int, meter: str, seed: int, difficulty: int = 0
) -> Settled:
    return Settled.model_validate(
        {
            "genre": genre,
            "application": application,
            "key": key,
            "mode": mode,
            "tempo": 120,
            "meter": meter,
            "bars": bars,
            "difficulty": difficulty or seed % 5 + 1,
            "lowest": 21,
            "highest": 108,
            "form": None,
            "seed": seed,
        }
    )


def validity(step: int) -> int:
    chosen = requests()[::step]
    faults: Counter[str] = Counter()
    kinds_seen: Counter[str] = Counter()
    begun = time.process_time()
    for request in chosen:
        try:
            progression = generate(request)
        except NoProgression as error:
            faults[f"nothing: {error}"] += 1
            continue
        kinds_seen.update(c.reason.kind for c in progression.chords)
        bars = bars_of(progression)
        piece = Piece(request, bars, parts_of(progression), kinds(bars, request.genre))
        faults.update(f"{fault.rule} {request.genre}/{request.application}" for fault in broken(piece))
    seconds = time.process_time() - begun
    print(
        f"{len(chosen)} requests, {sum(faults.values())} faults, {1000 * seconds / len(chosen):.1f} ms each"
    )
    for fault, count in faults.most_common(20):
        print(f"  {count} × {fault}")
    print("kinds:", ", ".join(f"{kind} {count}" for kind, count in kinds_seen.most_common()))
    return sum(faults.values())


def variety() -> None:
    worst = (101, "")
    for genre, data in GENRES.items():
        for application in data.applications:
            for mode, bars, meter, difficulty in itertools.product(
                ("major", "minor"), (4, 8, 12), data.meters, (1, 3)
            ):
                name = f"{genre}/{application.slug} {mode} {bars} bars {meter} difficulty {difficulty}"
                made = {
                    tuple((c.onset, c.symbol) for c in generate(request).chords)
                    for seed in range(100)
                    for request in [
                        settled(genre, application.slug, "C", mode, bars, meter, seed, difficulty)
                    ]
                }
                if len(made) < 90:
                    print(f"  {len(made)} of 100: {name}")
                worst = min(worst, (len(made), name))
    print(f"fewest of 100 seeds: {worst[0]} ({worst[1]})")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--variety", action="store_true")
    options = parser.parse_args()
    count = validity(options.step)
    if options.variety:
        variety()
    sys.exit(1 if count else 0)
