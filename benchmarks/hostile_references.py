"""Read broken and hostile files as references, and see what it costs this process.

    python -m benchmarks.hostile_references [--seconds 10] [--only NAME]

Each of the files is given to the converter as an upload would be: archives that unpack to gigabytes, entities that expand,
parts that point outside, deep nesting, 10,000 pages, locked, cut off and mislabelled files. Printed are the outcome, the time, the
memory of the converter's process at its highest (as its kernel accounts it) and of this one, and whether anything was left running.
"""

import argparse
import asyncio
import contextlib
import resource
import sys
import time
from pathlib import Path

from scrivano.references.conversion.converter import MEMORY, convert
from scrivano.references.conversion.refusal import Refused
from tests.processes import children
from tests.unit.references.hostile_files import CASES, Case

PARENT_MAY_GROW = 120.0


def own_megabytes() -> float:
    """This process's memory now."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def descriptors() -> list[str]:
    """What this process has open."""
    links: list[str] = []
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            links.append(str(entry.readlink()))
    return sorted(links)


async def attempt(case: Case, seconds: int) -> tuple[str, str, float]:
    """Outcome, reason and seconds of one file."""
    content = case.make()
    begun = time.perf_counter()
    try:
        read = await convert(content, case.name, seconds=seconds, wall=3.0 * seconds)
        outcome, reason = "read", f"{read.words:,} words"
    except Refused as refused:
        outcome, reason = "refused", f"{refused.reason} | {refused.remedy}"
        if not refused.reason or not refused.remedy:
            outcome = "UNCLEAR"
    return outcome, reason, time.perf_counter() - begun


async def main() -> int:
    """Read them all; 1 if one was not as expected, or this process was harmed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--seconds", type=int, default=10, help="processor time for each file; 60 in production"
    )
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    # The first child costs the loop a descriptor of its own.
    await attempt(Case("a.txt", lambda: b"Words."), given.seconds)
    before_all = descriptors()
    wrong: list[str] = []
    slowest = grown = 0.0
    counts = {"read": 0, "refused": 0}
    for case in CASES:
        if given.only not in case.name:
            continue
        before = own_megabytes()
        outcome, reason, took = await attempt(case, given.seconds)
        growth = own_megabytes() - before
        highest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        expected = {True: ["refused"], False: ["read"], None: ["refused", "read"]}[case.refused]
        fine = outcome in expected and (outcome == "read" or case.words in reason)
        counts[outcome] = counts.get(outcome, 0) + 1
        slowest, grown = max(slowest, took), max(grown, growth)
        if not fine or children() or growth > PARENT_MAY_GROW:
            wrong.append(case.name)
        print(
            f"{'  ' if fine else '! '}{case.name:24} {outcome:8} {took:6.2f} s  children ≤ {highest:6.0f} MB  {reason[:130]}",
            flush=True,
        )
    # The library that makes locked PDF files for this corpus keeps a source of random numbers open.
    left = [link for link in descriptors() if link not in before_all and link != "/dev/urandom"]
    print(
        f"\n{sum(counts.values())} files: {counts['refused']} refused with a reason and a remedy, {counts['read']} read without harm; "
        f"{len(wrong)} not as expected {wrong or ''}\nslowest {slowest:.1f} s; this process grew by at most {grown:.0f} MB in one file; "
        f"the largest child took {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MB of {MEMORY / 1e6:.0f} MB allowed; "
        f"{len(left)} descriptors {left or ''} and {len(children())} processes left"
    )
    return 1 if wrong or left or children() else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
