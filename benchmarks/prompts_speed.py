"""Speed of previews, of searches in the history, and of "what would this part change".

    python -m benchmarks.prompts_speed [--tasks 1000000] [--templates 10000]

A preview has 50 parts and 200,000 tokens by OpenAI's o200k tokenizer, of which one variable changes each time; the first one, which
counts everything, is told apart. Searches are for rare, common and absent words, alone and with filters, over that many tasks.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from scrivano.api.gateway.app import settle
from scrivano.core.ids import new_id
from scrivano.llm.public import ModelChange
from scrivano.prompts.public import PartContent, TemplateContent
from scrivano.tasks.public import TaskFilter, TaskStatus
from scrivano.wiring import House
from tests.workshop import open_workshop

PARTS, TOKENS = 50, 200_000
FILL = """
INSERT INTO tasks (id, name, template_name, version_id, version, variables, inputs, model, settings, status, result,
                   used_model, prompt_tokens, completion_tokens, cost, comment, created_at, search)
SELECT (lpad(to_hex(1700000000000 + n * 1000::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid,
       'Task ' || n, 't' || n %% 50, %(version)s, 1, jsonb_build_object('subject', 'tides'), '{}', 'auto', '{}',
       (ARRAY['succeeded','succeeded','succeeded','failed'])[1 + n %% 4], 'An answer', 'm' || n %% 5, 100, 200, 0.001, '',
       to_timestamp(1700000000 + n),
       to_tsvector('simple', 'task common answer t' || n %% 50 || ' word' || n %% 1000 || ' rare' || n %% 50000 || ' only' || n
           || CASE WHEN n %% 25 = 0 AND n >= %(count)s::int - 500 THEN ' fresh' ELSE '' END
           || (SELECT string_agg(' text' || (n * 7919::bigint + k * 104729) %% 20000, '') FROM generate_series(1, 20) AS k))
FROM generate_series(%(first)s::int, %(last)s::int) AS n
"""


async def previews(house: House, draw: random.Random) -> dict[str, Any]:
    """Previews of a large template."""
    for model in await house.llm.registry.models():
        await house.llm.registry.change_model(
            model.id, ModelChange.model_validate({"tokenizer": "o200k_base", "context_length": 400_000})
        )
    words = [
        f"{a}{b}" for a in ("sea", "tide", "moon", "wave", "shore") for b in ("ful", "less", "ly", "ward", "")
    ]
    for number in range(PARTS):
        lines = [" ".join(draw.choice(words) for _ in range(12)) for _ in range(TOKENS // PARTS // 18)]
        await house.prompts.create_part(f"p{number}", "data", "", PartContent(text="\n".join(lines)))
    items: list[dict[str, Any]] = [{"part": f"p{n}"} for n in range(PARTS)]
    items.append({"text": "Question: {{ question }}"})
    body = {"variables": {"question": {}}, "messages": [{"role": "user", "content": items}]}
    await house.prompts.create("large", "", TemplateContent.model_validate(body))
    times: list[float] = []
    tokens = 0
    for number in range(101):
        begun = time.perf_counter()
        seen = await house.desk.previews.preview("large", {"question": f"What is {number}?"})
        times.append((time.perf_counter() - begun) * 1000)
        tokens = seen.prompt_tokens
        assert seen.exact, seen.warnings
    warm = sorted(times[1:])
    return {
        "tokens": tokens,
        "first, ms": round(times[0]),
        "p50, ms": round(statistics.median(warm), 1),
        "p95, ms": round(warm[94], 1),
    }


def _at(number: int) -> datetime:
    return datetime.fromtimestamp(1_700_000_000 + number, UTC)


async def searches(house: House, count: int) -> dict[str, Any]:
    """Searches over many tasks."""
    async with await psycopg.AsyncConnection.connect(house.url, autocommit=True) as connection:
        for first in range(0, count, 100_000):
            last = min(first + 100_000, count) - 1
            await connection.execute(
                FILL, {"first": first, "last": last, "version": new_id(), "count": count}
            )
        await connection.execute("VACUUM ANALYZE tasks")
    asked: dict[str, TaskFilter] = {
        "newest": TaskFilter(),
        "rare word": TaskFilter(text="rare4711"),
        "one task": TaskFilter(text=f"only{count // 2}"),
        "word of one in a thousand": TaskFilter(text="word77"),
        "word that all have": TaskFilter(text="common"),
        "absent word": TaskFilter(text="nowhere"),
        "common and rare": TaskFilter(text="common rare99"),
        "common and what one in ninety has": TaskFilter(text="common text1999"),
        "common and the beginning of a rare one": TaskFilter(text="common rare9"),
        "two beginnings that many have": TaskFilter(text="rare4 text1"),
        "two beginnings that never meet": TaskFilter(text="word12 word34"),
        "word that came up of late": TaskFilter(text="common fresh"),
        "template and status": TaskFilter(template="t7", status=TaskStatus.FAILED),
        "template and word": TaskFilter(template="t7", text="answer"),
        "model": TaskFilter(model="m3"),
        "absent model": TaskFilter(model="nobody's"),
        "letter with which all have a word": TaskFilter(text="o"),
        "status that none has": TaskFilter(status=TaskStatus.RUNNING),
        "rare word with rare status": TaskFilter(text="word77", status=TaskStatus.FAILED),
        "long ago": TaskFilter(until=_at(count // 10)),
        "long ago, one letter": TaskFilter(until=_at(count // 10), text="o"),
    }
    figures: dict[str, Any] = {}
    for name, wanted in asked.items():
        times: list[float] = []
        for _ in range(5):
            begun = time.perf_counter()
            await house.desk.tasks.page(wanted, limit=50)
            times.append((time.perf_counter() - begun) * 1000)
        figures[name] = round(max(times[1:]), 1)
    deep = await house.desk.tasks.page(
        TaskFilter(), before=UUID(int=(1700000000000 + count * 500) << 80), limit=50
    )
    assert len(deep.items) == 50
    return {"tasks": count, "slowest of four, ms": figures}


async def impact(house: House, count: int) -> dict[str, Any]:
    """What a part that many templates have would change."""
    await house.prompts.create_part("shared", "style", "", PartContent(text="Write kindly and briefly."))
    body = {"messages": [{"role": "user", "content": [{"part": "shared"}, {"text": "Go."}]}]}
    await house.prompts.create("copy0", "", TemplateContent.model_validate(body))
    source = (await house.prompts.show("copy0")).info.id
    async with await psycopg.AsyncConnection.connect(house.url, autocommit=True) as connection:
        for statement in COPIES:
            await connection.execute(statement, {"count": count, "source": source})
        await connection.execute("ANALYZE")
    times: list[float] = []
    for number in range(6):
        begun = time.perf_counter()
        found = await house.desk.impacts.of_part(
            "shared", PartContent(text=f"Write kindly, briefly, {number} times.")
        )
        times.append(time.perf_counter() - begun)
        assert len(found.templates) == count
    return {"templates": count, "slowest of six, s": round(max(times), 2)}


COPIES = (
    """
    INSERT INTO prompt_templates (id, name, description, tags, created_at)
    SELECT md5('t' || n)::uuid, 'copy' || n, '', '{}', now() FROM generate_series(1, %(count)s - 1) AS n
    """,
    """
    INSERT INTO prompt_template_versions (id, template_id, number, variables, settings, answer, messages, content_hash, note,
                                          author_kind, created_at)
    SELECT md5('v' || n)::uuid, md5('t' || n)::uuid, 1, v.variables, v.settings, v.answer, v.messages, v.content_hash, '', 'person', now()
    FROM generate_series(1, %(count)s - 1) AS n, prompt_template_versions v WHERE v.id = %(source)s
    """,
    """
    INSERT INTO prompt_template_version_parts (template_version_id, part_name, part_version_id)
    SELECT md5('v' || n)::uuid, p.part_name, p.part_version_id
    FROM generate_series(1, %(count)s - 1) AS n, prompt_template_version_parts p WHERE p.template_version_id = %(source)s
    """,
    """
    INSERT INTO prompt_template_labels (template_id, label, version_id, set_by_kind, set_at)
    SELECT md5('t' || n)::uuid, 'production', md5('v' || n)::uuid, 'person', now() FROM generate_series(1, %(count)s - 1) AS n
    WHERE %(source)s IS NOT NULL
    """,
)


async def measure(tasks: int, templates: int) -> dict[str, Any]:
    """All three."""
    with tempfile.TemporaryDirectory(prefix="scrivano-speed-") as folder:
        Path(folder).chmod(0o755)
        async with open_workshop(None, Path(folder), {}) as place:
            await place.house.llm.registry.discover()
            # As the server does once it is up: else each of ten thousand rows counts towards a walk over all of memory.
            settle()
            return {
                "preview": await previews(place.house, random.Random(1)),
                "impact": await impact(place.house, templates),
                "search": await searches(place.house, tasks),
            }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int, default=1_000_000)
    parser.add_argument("--templates", type=int, default=10_000)
    chosen = parser.parse_args()
    for name, figures in asyncio.run(measure(chosen.tasks, chosen.templates)).items():
        print(f"{name}: {figures}")


if __name__ == "__main__":
    main()
