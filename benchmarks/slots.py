"""How well a book keeps a model's slots busy, and how near it comes to the ideal schedule.

    python -m benchmarks.slots [--chapters 12] [--words 12000]

A scripted server with 4 slots writes 50 tokens a second in each. The ideal schedule takes the very calls of the run, with the
seconds that each held a slot, and places them on 4 slots knowing beforehand how long each will take: whenever a slot is free,
the call with the longest chain behind it goes first. Chapters come after the outline and after the summaries of the chapters
that they depend on, a chapter's later calls after its earlier ones, the continuity check after all chapters, repairs after it.
"""

import argparse
import asyncio
import heapq
import tempfile
from dataclasses import dataclass
from graphlib import TopologicalSorter
from itertools import pairwise
from pathlib import Path

from scrivano.books.public import BookOutline
from scrivano.llm.public import RequestView
from scrivano.llm.scripted.ledger import Entry
from tests.workshop import open_workshop, small_brief

SLOTS, SPEED = 4, 50.0


@dataclass
class Job:
    """A call: the seconds that it held a slot, and which calls had to end before it."""

    seconds: float
    after: list[int]


def jobs(requests: list[RequestView], outline: BookOutline) -> list[Job]:
    """The run's calls with what each waits for."""
    order = ["write_outline", "chapter", "check_continuity", "revise_passage"]
    found: list[Job] = []
    phases: dict[str, list[int]] = {phase: [] for phase in order}
    chapters: dict[int, list[int]] = {}
    for request in sorted(requests, key=lambda r: r.started_at):
        phase = request.purpose if request.purpose in order else "chapter"
        at = len(found)
        found.append(Job(request.seconds or 0.0, []))
        phases[phase].append(at)
        if phase == "chapter":
            chapters.setdefault(int(request.item or 0), []).append(at)
    for earlier, later in pairwise(order):
        if not phases[later]:
            phases[later] = phases[earlier]
        for at in phases[later] if phases[later] is not phases[earlier] else []:
            found[at].after += phases[earlier]
    for chapter in outline.chapters:
        calls = chapters[chapter.number]
        for earlier, later in pairwise(calls):
            found[later].after.append(earlier)
        found[calls[0]].after += [chapters[number][-1] for number in chapter.depends_on]
    return found


def ideal(plan: list[Job]) -> float:
    """Seconds that the calls take on the slots, the longest chain first."""
    behind = [0.0] * len(plan)
    for at in _backwards(plan):
        followers = [behind[n] for n, job in enumerate(plan) if at in job.after]
        behind[at] = plan[at].seconds + max(followers, default=0.0)
    now, ended = 0.0, set[int]()
    running: list[tuple[float, int]] = []
    waiting = set(range(len(plan)))
    while waiting or running:
        ready = sorted((n for n in waiting if ended.issuperset(plan[n].after)), key=lambda n: -behind[n])
        for at in ready[: SLOTS - len(running)]:
            waiting.remove(at)
            heapq.heappush(running, (now + plan[at].seconds, at))
        now, at = heapq.heappop(running)
        ended.add(at)
    return now


def _backwards(plan: list[Job]) -> list[int]:
    """The calls in an order in which each comes before what it waits for."""
    return list(TopologicalSorter({n: job.after for n, job in enumerate(plan)}).static_order())[::-1]


def busy(entries: list[Entry]) -> tuple[float, float]:
    """Seconds from the end of the outline to the last token, and the share of the slots' time that was used."""
    first, rest = entries[0], entries[1:]
    begin = first.time + first.queued + first.seconds
    end = max(e.time + e.queued + e.seconds for e in rest)
    return end - begin, sum(e.seconds for e in rest) / (SLOTS * (end - begin))


async def measure(chapters: int, words: int) -> None:
    """Write one book and print the figures."""
    with tempfile.TemporaryDirectory(prefix="scrivano-slots-") as folder:
        Path(folder).chmod(0o755)
        script = {"slots": SLOTS, "tokens_per_second": SPEED}
        async with open_workshop(None, Path(folder), script) as place:
            book, result = await place.write(small_brief(chapters=chapters, words=words))
            run = await place.house.runs.get(book.run_id)
            requests = await place.house.llm.run_requests(book.run_id)
            outline = (await place.house.books.get(book.id)).outline
            assert place.model is not None and outline is not None
            entries = sorted(place.model.ledger.entries, key=lambda e: e.time)
    assert run.started_at and run.finished_at
    wall = (run.finished_at - run.started_at).total_seconds()
    best = ideal(jobs(requests, outline))
    span, share = busy(entries)
    print(f"{result.chapters} chapters, {result.words} words, {len(entries)} calls")
    print(f"run: {wall:.1f} s; ideal schedule of the same calls: {best:.1f} s; ratio {wall / best:.3f}")
    print(f"after the outline: {span:.1f} s, slots {share:.1%} busy")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--chapters", type=int, default=12)
    parser.add_argument("--words", type=int, default=12_000)
    chosen = parser.parse_args()
    asyncio.run(measure(chosen.chapters, chosen.words))


if __name__ == "__main__":
    main()
