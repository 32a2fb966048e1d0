"""Structured output under 1,000 scripted corruptions: how many are mended without a second call, and whether the rest is caught.

    python -m benchmarks.structured [--count 1000] [--seed 1] [--served]

A corruption is mended when the instance equals the original, caught when it is refused (and would be asked for again), and missed
when an instance comes out that differs from the original. `--served` sends each through the scripted server and the whole service
and counts the calls; without it the reading alone is measured.
"""

import argparse
import asyncio
import json
import os
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, Field

from scrivano.core.database import Database
from scrivano.core.secrets import SecretBox
from scrivano.llm.public import CallContext, LLMService, Message
from scrivano.llm.scripted.server import ScriptedServer
from scrivano.llm.structured import Unfit, read


class Chapter(BaseModel):
    """A nested part."""

    number: int
    title: str
    words: int
    points: list[str] = Field(min_length=1)


class Plan(BaseModel):
    """What is asked for."""

    title: str
    chapters: list[Chapter] = Field(min_length=2)
    kind: Literal["guide", "reference", "story"]
    rating: float
    finished: bool


WORDS = [
    "it's",
    "late",
    "–",
    '"now"',
    "über-alles",
    "{maybe}",
    "[draft]",
    "50%",
    "cost:",
    "3,5",
    "C:\\tmp",
    "I,",
    "you",
    "&",
    "we;",
    "naïve",
    "日本",
    "line\nbreak",
    "true",
    "none",
]
PLAIN = [
    "river",
    "stone",
    "winter",
    "bread",
    "garden",
    "letter",
    "market",
    "quiet",
    "morning",
    "bridge",
    "copper",
    "saddle",
]
Corrupt = Callable[[random.Random, Plan], tuple[str, bool]]


def make(draw: random.Random) -> Plan:
    """An original, with awkward characters in one string of five."""

    def text(low: int, high: int) -> str:
        pool = PLAIN + WORDS if draw.random() < 0.2 else PLAIN
        return " ".join(draw.choices(pool, k=draw.randint(low, high)))

    chapters = [
        Chapter(
            number=n + 1,
            title=text(1, 5),
            points=[text(2, 8) for _ in range(draw.randint(1, 4))],
            words=draw.randrange(300, 3000),
        )
        for n in range(draw.randint(2, 6))
    ]
    kind = draw.choice(["guide", "reference", "story"])
    return Plan(
        title=text(2, 6),
        chapters=chapters,
        kind=kind,
        rating=draw.randint(1, 9) / 2,
        finished=draw.random() < 0.5,
    )


def dump(plan: Plan, draw: random.Random) -> str:
    """As models write it: in one line or indented."""
    return json.dumps(plan.model_dump(), ensure_ascii=draw.random() < 0.3, indent=draw.choice([None, 2]))


def fences(draw: random.Random, plan: Plan) -> tuple[str, bool]:
    """In a fence, closed or not, with or without a language."""
    end = draw.choice(["\n```", "\n```\n\nAnything else?", "```", ""])
    return f"```{draw.choice(['json', '', 'JSON'])}\n{dump(plan, draw)}{end}", True


def prose(draw: random.Random, plan: Plan) -> tuple[str, bool]:
    """Words before and after."""
    before = draw.choice(
        ["Here is the plan:\n\n", "Sure! I filled {every} field:\n", "<think>{a} or [b]?</think>\n", ""]
    )
    after = draw.choice(["\n\nLet me know if it fits.", "\n\n(Chapters may be swapped.)", "\nDone."])
    return before + dump(plan, draw) + after, True


def commas(draw: random.Random, plan: Plan) -> tuple[str, bool]:
    """Trailing commas, or one left out between elements."""
    text = json.dumps(plan.model_dump(), indent=2)
    if draw.random() < 0.75:
        return re.sub(r'(["\de\]}])(\n\s*[\]}])', r"\1,\2", text), True
    places = [found.start() for found in re.finditer(r",\n", text)]
    at = draw.choice(places)
    return text[:at] + text[at + 1 :], True


def quotes(draw: random.Random, plan: Plan) -> tuple[str, bool]:
    """Single quotes, Python's literals, or keys without quotes."""
    if draw.random() < 0.7:
        return repr(plan.model_dump()), True
    return re.sub(r'"(\w+)": ', r"\1: ", json.dumps(plan.model_dump())), True


def truncation(draw: random.Random, plan: Plan) -> tuple[str, bool]:
    """Closing brackets left out; in one case of eight cut anywhere, half of them as the answer's length was reached."""
    flat = json.dumps({**plan.model_dump(exclude={"chapters"}), "chapters": plan.model_dump()["chapters"]})
    if draw.random() < 7 / 8:
        flat = dump(plan, draw) if draw.random() < 0.3 else flat
        closers = len(flat) - len(re.sub(r"[\s\]}]+\Z", "", flat))
        if closers == len(flat) - len(flat.rstrip("}\n ")) and not flat.rstrip().endswith("}]}"):
            closers = 1
        return flat[: -draw.randint(1, min(3, closers))], True
    return flat[: draw.randrange(10, len(flat) - 4)], draw.random() < 0.5


def types(draw: random.Random, plan: Plan) -> tuple[str, bool]:
    """Values of the wrong type, keys in another spelling, an envelope."""
    value: dict[str, Any] = plan.model_dump()
    for change in draw.sample(range(8), draw.randint(1, 3)):
        chapter = draw.choice(value["chapters"])
        if change == 0:
            chapter["words"] = draw.choice(
                [f"{chapter['words']}", f"{chapter['words']:,}", f"{chapter['words']} words"]
            )
        elif change == 1:
            chapter["number"] = f"Chapter {chapter['number']}"
        elif change == 2 and isinstance(chapter["points"], list) and len(chapter["points"]) == 1:
            chapter["points"] = chapter["points"][0]
        elif change == 3:
            value["kind"] = value["kind"].title()
        elif change == 4:
            value["rating"] = str(value["rating"])
        elif change == 5:
            value["finished"] = "Yes" if value["finished"] else "no"
        elif change == 6 and isinstance(chapter["points"], list):
            chapter["points"] = {str(n): point for n, point in enumerate(chapter["points"])}
        elif change == 7:
            chapter["Title"] = chapter.pop("title")
    if draw.random() < 0.1:
        value = {"plan": value}
    return json.dumps(value), True


KINDS: dict[str, Corrupt] = {
    "fences": fences,
    "prose around": prose,
    "commas": commas,
    "single quotes": quotes,
    "truncation": truncation,
    "wrong types": types,
}


def corruptions(count: int, seed: int) -> list[tuple[str, Plan, str, bool]]:
    """Kind, original, corrupted text, and whether the answer ended by itself."""
    draw = random.Random(seed)
    made: list[tuple[str, Plan, str, bool]] = []
    for number in range(count):
        kind = list(KINDS)[number % len(KINDS)]
        plan = make(draw)
        made.append((kind, plan, *KINDS[kind](draw, plan)))
    return made


def judge(plan: Plan, text: str, complete: bool) -> str:
    """`mended`, `caught` or `missed`."""
    try:
        value, _ = read(text, Plan, complete=complete)
    except Unfit:
        return "caught"
    return "mended" if value == plan else "missed"


async def served(made: list[tuple[str, Plan, str, bool]], url: str) -> Counter[str]:
    """The same through the whole service: mended with one call, caught (asked again, or an error), or missed."""

    async def prompts(name: str, variables: Mapping[str, Any]) -> tuple[list[Message], str]:
        return [Message(role="user", content=f"{name}: {variables['error']}")], name

    counts: Counter[str] = Counter()
    rules: list[dict[str, Any]] = []
    for number, (_, plan, text, complete) in enumerate(made):
        first = {"text": text} if complete else {"text": text, "finish_reason": "length"}
        rules += [{"match": {"contains": f"<{number}>"}, "times": 1, **first}]
        rules += [{"match": {"contains": f"<{number}>"}, "times": 1, "json": plan.model_dump()}]
    database = Database(url)
    async with (
        ScriptedServer({"rule": rules}) as server,
        LLMService(
            database, secret_box=lambda: SecretBox(os.urandom(32)), discover_urls="off", prompts=prompts
        ) as llm,
    ):
        await llm.registry.discover([server.url])
        for number, (_, plan, _, _) in enumerate(made):
            before = len(server.ledger.entries)
            result = await llm.generate_structured_response(
                [Message(role="user", content=f"<{number}>")],
                response_model=Plan,
                context=CallContext(feature="bench", purpose="structured"),
            )
            calls = len(server.ledger.entries) - before
            counts["missed" if result.value != plan else "mended" if calls == 1 else "caught"] += 1
    await database.dispose()
    return counts


def report(made: list[tuple[str, Plan, str, bool]]) -> Counter[str]:
    """Judge all, print a line a kind."""
    counts: Counter[str] = Counter()
    by_kind: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    began = time.perf_counter()
    for kind, plan, text, complete in made:
        outcome = judge(plan, text, complete)
        counts[outcome] += 1
        by_kind[kind][outcome] += 1
    seconds = time.perf_counter() - began
    for kind, found in by_kind.items():
        print(f"{kind:<14} {dict(found)}")
    print(f"{len(made)} corruptions: {dict(counts)}, {seconds / len(made) * 1000:.2f} ms each")
    return counts


async def main_served(made: list[tuple[str, Plan, str, bool]]) -> None:
    """The same over sockets."""
    from benchmarks.databases import fresh_databases

    async with fresh_databases(1) as urls:
        print("served:", dict(await served(made, urls[0])))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--served", action="store_true")
    chosen = parser.parse_args()
    made = corruptions(chosen.count, chosen.seed)
    report(made)
    if chosen.served:
        asyncio.run(main_served(made))


if __name__ == "__main__":
    main()
