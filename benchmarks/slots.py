"""How well a book keeps a model's slots busy, and how near it comes to the ideal schedule.

    python -m benchmarks.slots [--chapters 12] [--words 12000]

A scripted server with 4 slots writes 50 tokens a second in each. The ideal schedule takes the very calls of the run, with the
seconds that each held a slot, and places them greedily on 4 slots as soon as what they need is there: chapters after the
outline, a chapter's later calls after its earlier ones, the continuity check after all chapters, repairs after it.
"""

import argparse
import asyncio
import heapq
import tempfile
from pathlib import Path

from scrivano.llm.public import RequestView
from scrivano.llm.scripted.ledger import Entry
from tests.workshop import open_workshop, small_brief

SLOTS, SPEED = 4, 50.0


def phases(requests: list[RequestView]) -> list[list[list[float]]]:
    """Seconds in a slot, as phases of chains: all of a phase ends before the next begins."""
    after = {"write_outline": 0, "check_continuity": 2, "revise_passage": 3}
    found: list[dict[str, list[tuple[float, float]]]] = [{}, {}, {}, {}]
    for request in requests:
        phase = after.get(request.purpose, 1)
        chain = request.item or "" if phase == 1 else str(request.id)
        held = (request.seconds or 0.0) - request.queued_seconds
        found[phase].setdefault(chain, []).append((request.started_at.timestamp(), held))
    return [[[held for _, held in sorted(chain)] for chain in phase.values()] for phase in found]


def ideal(plan: list[list[list[float]]]) -> float:
    """Seconds that the calls take on the slots, the longest chains first."""
    now = 0.0
    for chains in plan:
        free = [now] * SLOTS
        ready = [(now, -sum(chain), list(chain)) for chain in chains if chain]
        ends = [now]
        while ready:
            slot = heapq.heappop(free)
            ready.sort(key=lambda c: (max(c[0], slot), c[1]))
            at, _, chain = ready.pop(0)
            end = max(at, slot) + chain.pop(0)
            heapq.heappush(free, end)
            ends.append(end)
            if chain:
                ready.append((end, -sum(chain), chain))
        now = max(ends)
    return now


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
            assert place.model is not None
            entries = sorted(place.model.ledger.entries, key=lambda e: e.time)
    assert run.started_at and run.finished_at
    wall = (run.finished_at - run.started_at).total_seconds()
    best = ideal(phases(requests))
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
