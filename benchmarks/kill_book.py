"""Kill the worker at every step boundary and in mid-stream, resume, compare the book byte by byte.

    python -m benchmarks.kill_book [--every N] [--chapters 12] [--points KIND …] [--lanes 4]

For each point that an undisturbed run reaches (begin, end and record of every step; every call before it is sent, in the
middle of its stream, when its answer is there, when its row is finished) a fresh order of the same brief is killed there with
SIGKILL and resumed in a new process. A resumed run waits for seconds until its dead worker's lock is free; so several lanes go
at once, each in a process of its own with its own studio.
"""

import argparse
import multiprocessing
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.acceptance.studio import FILES, Studio, studio

BRIEF = """
title = "The Small Workshop"
subject = "running a small repair workshop"
audience = "owners"
tone = "practical"
words = {words}
chapters = {chapters}
author = "R. Amsel"
date = 2026-01-15
"""
CUT = ("cut", "superseded", "cancelled")
POINTS = (
    "run.step_begin:*",
    "run.step_end:*",
    "run.step_recorded:*",
    "llm.before_send",
    "llm.mid_stream",
    "llm.answer_received",
    "llm.finished",
)


@dataclass
class Outcome:
    """What the kills showed."""

    kills: int = 0
    different: list[str] = field(default_factory=list[str])
    again: list[str] = field(default_factory=list[str])
    unaccounted: list[str] = field(default_factory=list[str])
    cut: int = 0


def digests(place: Studio, book: str, folder: Path) -> dict[str, str]:
    """SHA-256 of the book's four files, as they are taken from the database."""
    shown = place.json("book", "show", book)
    del folder
    return {f["name"]: f["sha256"] for f in shown["files"] if f["name"] in FILES}


def newest_run(place: Studio) -> str:
    """The run that was ordered last."""
    return str(place.query("SELECT run_id FROM books ORDER BY created_at DESC LIMIT 1")[0][0])


def write(place: Studio, brief: Path, out: Path, crash_at: str = "") -> int:
    """Order the book; the exit status of the process."""
    return place.run("book", "write", brief, "--out", out, crash_at=crash_at, check=False).returncode


def account(place: Studio, run: str, seen: int, outcome: Outcome, point: str) -> None:
    """Compare the log of a run with the server's ledger since entry `seen`."""
    assert place.model is not None
    entries = place.model.ledger.entries[seen:]
    rows = place.query(
        "SELECT r.status, r.key FROM llm_requests r JOIN llm_names n ON n.id = r.run WHERE n.name = %s", run
    )
    finished = Counter(key for status, key in rows if status == "finished")
    outcome.again += [f"{point}: {key}" for key, times in finished.items() if times > 1]
    ended = sum(e.outcome == "finished" for e in entries)
    cut = sum(status in CUT for status, _ in rows)
    outcome.cut += cut
    # A call that the server ended and whose answer died with the process, or came too late, is named so in the log.
    if not sum(finished.values()) <= ended <= sum(finished.values()) + cut or len(rows) < len(entries):
        outcome.unaccounted.append(
            f"{point}: log {sum(finished.values())} finished, {cut} cut, {len(rows)} rows; "
            f"server {ended} finished of {len(entries)}"
        )


def kill_and_resume(
    place: Studio, brief: Path, out: Path, point: str, wanted: dict[str, str], outcome: Outcome
) -> bool:
    """One kill. False if the run never came to the point."""
    assert place.model is not None
    seen = len(place.model.ledger.entries)
    code = write(place, brief, out, f"kill:{point}")
    if code == 0:
        return False
    assert code == -9, f"{point}: the process ended with {code}"
    run = newest_run(place)
    place.run("runs", "resume", run)
    outcome.kills += 1
    if digests(place, run, out) != wanted:
        outcome.different.append(point)
    account(place, run, seen, outcome, point)
    print(f"{point}: {'other bytes' if point in outcome.different else 'same bytes'}", flush=True)
    return True


def measure(
    chapters: int, words: int, every: int, points: tuple[str, ...] = POINTS, offset: int = 1
) -> Outcome:
    """Kill at every `every`-th occurrence of each point, beginning with number `offset`."""
    outcome = Outcome()
    with tempfile.TemporaryDirectory(prefix="scrivano-kill-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        brief = folder / "brief.toml"
        brief.write_text(BRIEF.format(chapters=chapters, words=words))
        with studio(folder / "home") as place:
            assert write(place, brief, folder / "out") == 0
            wanted = digests(place, newest_run(place), folder / "out")
            assert set(wanted) == set(FILES), wanted
            for point in points:
                number = offset
                while kill_and_resume(place, brief, folder / "out", f"{point}#{number}", wanted, outcome):
                    number += every
    return outcome


def in_lanes(chapters: int, words: int, every: int, points: tuple[str, ...], lanes: int) -> Outcome:
    """The same in several processes at once."""
    together = Outcome()
    with ProcessPoolExecutor(lanes, mp_context=multiprocessing.get_context("spawn")) as pool:
        going = [
            pool.submit(measure, chapters, words, every * lanes, points, 1 + every * lane)
            for lane in range(lanes)
        ]
        for each in going:
            outcome = each.result()
            together.kills += outcome.kills
            together.different += outcome.different
            together.again += outcome.again
            together.unaccounted += outcome.unaccounted
            together.cut += outcome.cut
    return together


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--every", type=int, default=1, help="kill at every N-th occurrence of each point")
    parser.add_argument("--points", nargs="+", choices=POINTS, default=POINTS, help="a part of the whole")
    parser.add_argument("--chapters", type=int, default=12)
    parser.add_argument("--words", type=int, default=2400)
    parser.add_argument("--lanes", type=int, default=4, help="how many go at once")
    chosen = parser.parse_args()
    begun = time.monotonic()
    outcome = in_lanes(chosen.chapters, chosen.words, chosen.every, tuple(chosen.points), chosen.lanes)
    print(f"kills: {outcome.kills} in {time.monotonic() - begun:.0f} s")
    print(f"books with other bytes: {len(outcome.different)} {outcome.different[:5]}")
    print(f"finished calls made again: {len(outcome.again)} {outcome.again[:5]}")
    print(f"runs whose log and ledger disagree: {len(outcome.unaccounted)} {outcome.unaccounted[:5]}")
    print(f"calls that the log names as cut: {outcome.cut}")


if __name__ == "__main__":
    main()
