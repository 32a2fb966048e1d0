"""Two workers; the first is frozen in the middle of an answer past its lease, the second takes over, the first is woken.

    python -m benchmarks.freeze_book [--points 3]

The book has the bytes of an undisturbed one, and no key has two finished answers in the log, whichever process was first.
"""

import argparse
import os
import signal
import tempfile
import time
from pathlib import Path

from benchmarks.kill_book import BRIEF, Outcome, account, digests, newest_run, write
from tests.acceptance.studio import FILES, Studio, studio

POINTS = (
    "llm.mid_stream#3",
    "llm.answer_received#5",
    "llm.before_send#8",
    "run.step_end:*#9",
    "llm.finished#4",
)
LONGEST = 120.0


def until(place: Studio, statement: str, *values: object) -> None:
    """Wait until a query gives a row; gives up after `LONGEST` seconds."""
    end = time.monotonic() + LONGEST
    while not place.query(statement, *values):
        assert time.monotonic() < end, statement
        time.sleep(0.1)


def stopped(pid: int) -> bool:
    """Whether the process is frozen (`man 5 proc`, state T)."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"


def freeze_once(
    place: Studio, brief: Path, out: Path, point: str, wanted: dict[str, str], outcome: Outcome
) -> None:
    """One book with a frozen worker."""
    assert place.model is not None
    seen = len(place.model.ledger.entries)
    first = place.start("worker", crash_at=f"stop:{point}")
    place.run("book", "write", brief, "--out", out, "--detach")
    run = newest_run(place)
    end = time.monotonic() + LONGEST
    while not stopped(first.pid):
        assert time.monotonic() < end and first.poll() is None, f"{point} was never reached"
        time.sleep(0.05)
    second = place.start("worker")
    try:
        until(place, "SELECT 1 FROM runs WHERE id = %s AND status IN ('succeeded', 'failed')", run)
        os.kill(first.pid, signal.SIGCONT)
        # The woken one finds its lease lost and becomes another executor; then it is stopped like any worker.
        time.sleep(3)
    finally:
        for process in (first, second):
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in (first, second):
            process.communicate(timeout=60)
    outcome.kills += 1
    if digests(place, run, out) != wanted:
        outcome.different.append(point)
    account(place, run, seen, outcome, point)


def measure(points: tuple[str, ...], chapters: int = 12, words: int = 2400) -> Outcome:
    """Freeze at each of the points."""
    outcome = Outcome()
    with tempfile.TemporaryDirectory(prefix="scrivano-freeze-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        brief = folder / "brief.toml"
        brief.write_text(BRIEF.format(chapters=chapters, words=words))
        with studio(folder / "home") as place:
            assert write(place, brief, folder / "out") == 0
            wanted = digests(place, newest_run(place), folder / "out")
            assert set(wanted) == set(FILES), wanted
            for point in points:
                freeze_once(place, brief, folder / "out", point, wanted, outcome)
                print(f"{point}: done", flush=True)
    return outcome


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, default=len(POINTS))
    outcome = measure(POINTS[: parser.parse_args().points])
    print(f"frozen and woken: {outcome.kills}")
    print(f"books with other bytes: {len(outcome.different)} {outcome.different}")
    print(f"keys with two finished answers: {len(outcome.again)} {outcome.again}")
    print(f"runs whose log and ledger disagree: {len(outcome.unaccounted)} {outcome.unaccounted}")


if __name__ == "__main__":
    main()
