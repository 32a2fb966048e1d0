"""Price before the click: tasks whose cost is forecast, then run; how often the cost lies in the interval that was shown.

    python -m benchmarks.prompts_price [--runs 2000] [--templates 20] [--seed 1]

Twenty templates of different kinds: some name a length, some follow the size of their input, some always answer alike. The scripted
model's answers scatter around what they follow. Tokens of the prompt are counted by the model's own tokenizer and compared with those
that the model was given.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

from scrivano.llm.public import ModelChange
from scrivano.prompts.public import TemplateContent
from scrivano.tasks.public import NewTask, TaskStatus
from scrivano.worker import pipelines, worker
from tests.workshop import Workshop, open_workshop

KINDS = ("words", "input", "alike", "list")
RULES = [{"match": {"contains": f"variant {n} "}, "length_factor": 0.8 + n / 25} for n in range(10)]
AT_ONCE = 20


def template(kind: str, number: int) -> TemplateContent:
    """A template whose answers' length follows something of its own."""
    asked = {
        "words": "Write about {{ subject }}. Length: about {{ words }} words.",
        "input": "Rewrite this text:\n{{ text }}\nLength: about {{ size }} words.",
        "alike": f"Comment on {{{{ subject }}}}. Length: about {60 + 10 * number} words.",
        "list": "Describe each of these:\n{{#each things}}- {{ this }}\n{{/each}}Length: about {{ size }} words.",
    }[kind]
    variables: dict[str, Any] = {"noise": {"type": "text"}}
    variables |= {"words": {"subject": {}, "words": {"type": "number"}}, "alike": {"subject": {}}}.get(
        kind, {}
    )
    variables |= {"input": {"text": {}, "size": {}}, "list": {"things": {"type": "list"}, "size": {}}}.get(
        kind, {}
    )
    messages = [
        {"role": "system", "content": f"You are writer {number}, and you keep to what is asked."},
        {"role": "user", "content": "This is variant {{ noise }} of the question. " + asked},
    ]
    return TemplateContent.model_validate(
        {"variables": variables, "messages": messages, "settings": {"max_tokens": 4000}}
    )


def values(kind: str, draw: random.Random) -> dict[str, Any]:
    """An input for such a template."""
    given: dict[str, Any] = {"noise": str(draw.randrange(10))}
    if kind == "words":
        given |= {"subject": f"tide {draw.randrange(10**6)}", "words": draw.randint(40, 400)}
    elif kind == "input":
        count = draw.randint(40, 400)
        given |= {"text": " ".join(f"word{draw.randrange(999)}" for _ in range(count)), "size": str(count)}
    elif kind == "alike":
        given |= {"subject": f"tide {draw.randrange(10**6)}"}
    else:
        things = [f"thing {draw.randrange(10**6)}" for _ in range(draw.randint(2, 20))]
        given |= {"things": things, "size": str(20 * len(things))}
    return given


async def one(place: Workshop, name: str, given: dict[str, Any]) -> dict[str, Any]:
    """Preview, run, compare."""
    tasks = place.house.desk.tasks
    new = NewTask(template=name, variables=given)
    seen = await tasks.preview(new)
    made = await tasks.create(new.model_copy(update={"expected_hash": seen.preview.hash}))
    await place.house.runs.wait(str(made.run_id))
    done = await tasks.get(made.id)
    assert done.status is TaskStatus.SUCCEEDED and done.cost is not None and seen.forecast is not None, (
        done.error
    )
    return {
        "basis": seen.forecast.basis,
        "inside": seen.forecast.low <= done.cost <= seen.forecast.high,
        "ratio": float(seen.forecast.high / seen.forecast.low),
        "bounded": done.cost <= (seen.preview.high or 0),
        "tokens": (done.prompt_tokens or 0) - seen.preview.prompt_tokens,
    }


async def measure(runs: int, templates: int, seed: int) -> dict[str, Any]:
    """Carry them out; the figures."""
    draw = random.Random(seed)
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="scrivano-price-") as folder:
        Path(folder).chmod(0o755)
        async with open_workshop(None, Path(folder), {"rule": RULES}) as place:
            house = place.house
            await house.llm.registry.discover()
            for model in await house.llm.registry.models():
                change = ModelChange(input_mtok=Decimal(3), output_mtok=Decimal(15))
                await house.llm.registry.change_model(model.id, change)
            names = [(f"t{n}_{kind}", kind, n) for n in range(templates // len(KINDS)) for kind in KINDS]
            for name, kind, number in names:
                await house.prompts.create(name, "", template(kind, number))
            own = worker(house)
            await own.launch(pipelines(house))
            todo = [names[number % len(names)] for number in range(runs)]
            for start in range(0, runs, AT_ONCE):
                batch = todo[start : start + AT_ONCE]
                found += await asyncio.gather(
                    *(one(place, name, values(kind, draw)) for name, kind, _ in batch)
                )
            await own.stop()
    settled = [each for each in found if each["basis"] == "history"]
    first = [each for each in found if each["basis"] != "history"]
    return {
        "runs": runs,
        "inside the interval": f"{sum(f['inside'] for f in found) / runs:.2%}",
        "median of high / low": round(statistics.median(f["ratio"] for f in found), 2),
        "with history": len(settled),
        "median of high / low, with history": round(
            statistics.median([f["ratio"] for f in settled] or [0.0]), 2
        ),
        "inside, with history": f"{sum(f['inside'] for f in settled) / max(1, len(settled)):.2%}",
        "without history": len(first),
        "median of high / low, without": round(statistics.median([f["ratio"] for f in first] or [0.0]), 2),
        "inside, without": f"{sum(f['inside'] for f in first) / max(1, len(first)):.2%}",
        "above the bound": sum(not f["bounded"] for f in found),
        "tokens beyond those of the texts": sorted({f["tokens"] for f in found})[:8],
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--templates", type=int, default=20, help="A multiple of four.")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    print(asyncio.run(measure(chosen.runs, chosen.templates, chosen.seed)))


if __name__ == "__main__":
    main()
