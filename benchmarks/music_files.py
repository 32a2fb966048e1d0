"""How far the files of arrangements agree, and how long 32 bars take from request to files.

Run with `python -m benchmarks.music_files [PIECES]` (1,000 by default: half by the rules of every genre, half with
random rhythms that are hard to notate). Each file is read by a reader of its own that shares nothing with the
writers; bars, chords, spelling and notes must be the same in all of them.
"""

import random
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "unit" / "music" / "files"))

from pieces import random_piece
from test_agreement import check_agreement

from scrivano.music.arrange import arrange
from scrivano.music.dto import Arrangement, MusicRequest
from scrivano.music.files import write_files
from scrivano.music.genres import GENRES
from scrivano.music.progression import generate, settle

_KEYS = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"]


def by_rules(seed: int, bars: int | None = None) -> Arrangement:
    """An arrangement of any genre, application, meter, key and difficulty."""
    rng = random.Random(seed)
    data = GENRES[rng.choice(list(GENRES))]
    request = MusicRequest(
        genre=data.genre, application=rng.choice(data.applications).slug, meter=rng.choice(data.meters),
        key=rng.choice(_KEYS), mode=rng.choice(("major", "minor")), bars=bars or rng.choice((4, 7, 8, 12, 16)),
        difficulty=rng.randint(1, 5), seed=seed,
    )  # fmt: skip
    settled = settle(request)
    return arrange(generate(settled), settled)


def agreement(pieces: int) -> int:
    """How many of the pieces agree in all files; prints those that don't."""
    agreed = 0
    for seed in range(pieces):
        piece = by_rules(seed) if seed % 2 else random_piece(seed)
        try:
            check_agreement(piece)
            agreed += 1
        except AssertionError as error:
            print(f"seed {seed} ({piece.title}): {str(error)[:200]}")
    return agreed


def speed(rounds: int = 24) -> None:
    """Processor and wall time of 32 bars with every file but audio, after the first."""
    by_rules(0, 32)
    write_files(by_rules(1, 32))
    walls, used = list[float](), list[float]()
    for seed in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        write_files(by_rules(1000 + seed, 32))
        walls.append(1000 * (time.perf_counter() - wall))
        used.append(1000 * (time.process_time() - cpu))
    for name, times in (("wall clock", walls), ("processor", used)):
        print(f"32 bars, {name}: median {statistics.median(times):.0f} ms, slowest {max(times):.0f} ms")


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    speed()
    print(f"files agree: {agreement(count)} of {count}")
