"""How far the files of arrangements agree, and how long 32 bars take from request to files.

Run with `python -m benchmarks.music_files [PIECES]` (1,000 by default: half by the rules of every genre, half with
random rhythms that are hard to notate). Each file is read by a reader of its own that shares nothing with the
writers; bars, chords, spelling and notes must be the same in all of them.
"""

import gc
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "unit" / "music" / "files"))

from pieces import random_piece
from test_agreement import check_agreement

from scrivano.music.arrange import arrange
from scrivano.music.dto import Arrangement, MusicRequest, Settled
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


def hardest() -> Iterator[Settled]:
    """32 bars at difficulty 5, of every application in its usual meter."""
    for data in GENRES.values():
        for application in data.applications:
            yield settle(
                MusicRequest(genre=data.genre, application=application.slug, bars=32, difficulty=5, seed=1)
            )


def speed(rounds: int = 24) -> None:
    """Processor and wall time of 32 bars with every file but audio, after the first: of any, and of the hardest."""
    by_rules(0, 32)
    write_files(by_rules(1, 32))
    _timed("32 bars", (lambda seed=seed: by_rules(1000 + seed, 32) for seed in range(rounds)))
    _timed("32 bars at difficulty 5", (lambda plan=plan: arrange(generate(plan), plan) for plan in hardest()))


def _timed(name: str, pieces: Iterable[Callable[[], Arrangement]]) -> None:
    walls, used, slowest = list[float](), list[float](), (0.0, "")
    for make in pieces:
        # What the piece before left behind is not this one's to clear away.
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        piece = make()
        write_files(piece)
        walls.append(1000 * (time.perf_counter() - wall))
        used.append(1000 * (time.process_time() - cpu))
        slowest = max(slowest, (used[-1], f"{piece.title}, {len(piece.notes)} notes"))
    print(f"{name}, wall clock: median {statistics.median(walls):.0f} ms, slowest {max(walls):.0f} ms")
    print(
        f"{name}, processor: median {statistics.median(used):.0f} ms, slowest {max(used):.0f} ms"
        f" ({slowest[1]}); {sum(t < 300 for t in used)} of {len(used)} under 300 ms"
    )


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    speed()
    print(f"files agree: {agreement(count)} of {count}")
