"""The ceiling on a run's cost: 500 scripted books with retries and truncated answers, none above it.

An undisturbed book costs about $0.06; the ceilings lie between a sixth of that and three times as much, so that many runs
end at theirs, at every stage, and many come through.

    python -m benchmarks.ceiling [--runs 500] [--seed 1]

What a run really cost is counted from the server's ledger: every token that it took in and gave, whether the answer arrived or
not, at the model's prices.
"""

import argparse
import asyncio
import random
import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path

from scrivano.llm.public import LLMError, ModelChange, TooDear
from scrivano.runs.public import RunStatus, raise_for_failure
from tests.workshop import Workshop, open_workshop, small_brief

IN, OUT = Decimal(3), Decimal(15)  # US dollars per million tokens
FAULTS = [
    {"status": 500},
    {"status": 429, "retry_after": 0},
    {"cut_after": 40},
    {"early_stop": 0.5},
    {"garbage": True},
    {"malformed_chunk": True},
    {"reset": True},
    {"length_factor": 5.0, "prose": True, "match": {"pattern": "Length: about"}},
    {"finish_reason": "length", "match": {"pattern": "Length: about"}},
]


def script(draw: random.Random) -> dict[str, object]:
    """Faults that come the first time that a request comes, a few kinds at once."""
    chosen = draw.sample(FAULTS, draw.randint(1, 3))
    return {
        "seed": draw.randrange(10**9),
        "rule": [{"times": draw.randint(1, 2), **fault} for fault in chosen],
    }


async def one(place: Workshop, ceiling: Decimal) -> tuple[Decimal, Decimal, str]:
    """What a run cost by the ledger and by the log, and how it ended."""
    assert place.model is not None
    seen = len(place.model.ledger.entries)
    book = await place.order(small_brief(words=600, chapters=3), max_cost=float(ceiling))
    run = await place.finish(book)
    entries = place.model.ledger.entries[seen:]
    billed = [e for e in entries if e.outcome != "refused"]  # an error status is billed by nobody
    spent = sum((e.prompt_tokens * IN + e.completion_tokens * OUT for e in billed), Decimal(0)) / 1_000_000
    logged = (await place.house.llm.run_totals(book.run_id)).cost
    if run.status is RunStatus.SUCCEEDED:
        return spent, logged, "finished"
    try:
        raise_for_failure(run)
    except TooDear:
        return spent, logged, "too dear"
    except LLMError:  # too many faults; any other failure is one of the measurement
        return spent, logged, "at a fault"
    raise AssertionError(f"The run is {run.status}.")


async def measure(runs: int, seed: int) -> dict[str, object]:
    """Carry the runs out; the figures."""
    draw = random.Random(seed)
    above, above_log, highest = 0, 0, Decimal(0)
    ended: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="scrivano-ceiling-") as folder:
        Path(folder).chmod(0o755)
        for number in range(runs):
            ceiling = Decimal(draw.randint(10, 180)) / 1000
            async with open_workshop(None, Path(folder), script(draw), checked=False) as place:
                for model in await _priced(place):
                    await place.house.llm.registry.change_model(
                        model, ModelChange(input_mtok=IN, output_mtok=OUT)
                    )
                spent, logged, how = await one(place, ceiling)
                for provider in await place.house.llm.registry.providers():
                    await place.house.llm.registry.remove_provider(provider.id)
            above += spent > ceiling
            above_log += logged > ceiling
            ended[how] += 1
            highest = max(highest, spent / ceiling)
            if (number + 1) % 50 == 0:
                print(f"{number + 1} runs: {above} above the ceiling, {dict(ended)}", flush=True)
    return {
        "runs": runs,
        "above": above,
        "above_log": above_log,
        "ended": dict(ended),
        "highest": float(highest),
    }


async def _priced(place: Workshop) -> list:  # type: ignore[type-arg]
    await place.house.llm.registry.discover()
    return [m.id for m in await place.house.llm.registry.models()]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    print(asyncio.run(measure(chosen.runs, chosen.seed)))


if __name__ == "__main__":
    main()
