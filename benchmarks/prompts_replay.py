"""Eternal replay: tasks are run, every part and template is edited, archived, restored; then what each sent is rebuilt and compared with
what the model was sent, byte for byte. And export, wipe, import: the same hashes.

    python -m benchmarks.prompts_replay [--runs 10000] [--templates 20] [--rounds 2] [--seed 1]
"""

import argparse
import asyncio
import random
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from scrivano.prompts.public import PartContent, TemplateContent
from scrivano.tasks.public import NewTask, TaskStatus
from scrivano.wiring import House
from scrivano.worker import pipelines, worker
from tests.prompting import stray_messages
from tests.workshop import open_workshop

AT_ONCE = 50
WIPE = """
TRUNCATE prompt_starter_loads, prompt_template_labels, prompt_template_version_templates, prompt_template_version_parts,
         prompt_template_versions, prompt_templates, prompt_part_labels, prompt_part_versions, prompt_parts
"""


async def make(house: House, count: int) -> None:
    """Parts, templates that are made of them, templates that include others, and one in Jinja2."""
    for number in range(5):
        text = f"Rule {number}: {{{{#if strict}}}}always{{{{else}}}}mostly{{{{/if}}}} be brief."
        content = PartContent.model_validate(
            {"text": text, "variables": {"strict": {"type": "flag", "default": False}}}
        )
        await house.prompts.create_part(f"rule{number}", "style", "", content)
    for number in range(count):
        await house.prompts.create(f"t{number}", "", body(number, 0))


def body(number: int, edit: int) -> TemplateContent:
    """The content of a template, in one of its editions."""
    items: list[dict[str, Any]] = [{"part": f"rule{(number + n) % 5}"} for n in range(2)]
    if number % 4 == 3:
        items.append({"template": f"t{number - 1}"})
    jinja = number % 4 == 1
    items.append({"text": f"Edition {edit}: describe {{{{ subject }}}} in about 5 words."})
    if jinja:
        items = [
            {
                "text": f"Edition {edit}: {{% for w in subject.split() %}}[{{{{ w }}}}]{{% endfor %}}, in about 5 words."
            }
        ]
    messages = [
        {"role": "system", "content": f"You are number {number}."},
        {"role": "user", "content": items},
    ]
    variables: dict[str, Any] = {"subject": {}, "strict": {"type": "flag", "default": False}}
    return TemplateContent.model_validate(
        {"variables": variables, "messages": messages, "engine": "jinja2" if jinja else "default"}
    )


async def run(house: House, draw: random.Random, count: int, templates: int) -> list[Any]:
    """So many tasks, finished; their ids."""
    made: list[Any] = []
    for start in range(0, count, AT_ONCE):
        batch = [
            await house.desk.tasks.create(
                NewTask(
                    template=f"t{draw.randrange(templates)}",
                    variables={
                        "subject": f"tide {{{{ {draw.randrange(10**9)} }}}} 🌊",
                        "strict": draw.random() < 0.5,
                    },
                )
            )
            for _ in range(min(AT_ONCE, count - start))
        ]
        for task in batch:
            await house.runs.wait(str(task.run_id))
        made += [task.id for task in batch]
    return made


async def disturb(house: House, edit: int, templates: int) -> None:
    """Edit every part and template; archive and restore them; roll some back."""
    for number in range(5):
        shown = await house.prompts.show_part(f"rule{number}")
        changed = shown.content.model_copy(update={"text": f"{shown.content.text} Edition {edit}."})
        await house.prompts.edit_part(f"rule{number}", changed)
    for number in range(templates):
        await house.prompts.edit(f"t{number}", body(number, edit))
        if number % 3 == 0:
            await house.prompts.set_label(f"t{number}", "production", 1)
    for number in reversed(range(templates)):
        if number % 4 == 2 and number + 1 < templates:
            continue  # it is included by the next one, and so cannot be archived
        await house.prompts.archive(f"t{number}")
        await house.prompts.archive(f"t{number}", archived=False)


async def rebuilt(house: House, ids: list[Any]) -> tuple[int, int]:
    """How many tasks are rebuilt as they were sent, and how many are not."""
    same = other = 0
    for id in ids:
        task = await house.desk.tasks.get(id)
        assert task.status is TaskStatus.SUCCEEDED and task.request_id is not None, task.error
        sent = await house.llm.get_request(task.request_id)
        again = await house.desk.tasks.rebuild(id)
        equal = sent.messages is not None and b"".join(m.canonical() for m in sent.messages) == b"".join(
            m.canonical() for m in again.messages
        )
        same += equal and again.hash == task.prompt_hash
        other += not (equal and again.hash == task.prompt_hash)
    return same, other


async def carried_over(house: House) -> dict[str, Any]:
    """Export, wipe, import; whether every version of everything has its hash again."""
    before = await house.desk.files.export()
    async with await psycopg.AsyncConnection.connect(house.url, autocommit=True) as connection:
        await connection.execute(WIPE)
    begun = time.monotonic()
    report = await house.desk.files.take_in(before)
    seconds = time.monotonic() - begun
    after = await house.desk.files.export()
    return {
        "prompts": len(report.new),
        "versions": before.count("- hash: "),
        "identical": before == after,
        "seconds": round(seconds, 1),
    }


async def measure(runs: int, templates: int, rounds: int, seed: int) -> dict[str, Any]:
    """All of it; the figures."""
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="scrivano-replay-") as folder:
        Path(folder).chmod(0o755)
        # Whether each message stands in a template is looked at before the wipe, which takes the templates' ids.
        async with open_workshop(None, Path(folder), {}, checked=False) as place:
            house = place.house
            await house.llm.registry.discover()
            await make(house, templates)
            own = worker(house)
            await own.launch(pipelines(house))
            ids: list[Any] = []
            for edit in range(1, rounds + 1):
                ids += await run(house, draw, runs // rounds, templates)
                await disturb(house, edit, templates)
            await own.stop()
            same, other = await rebuilt(house, ids)
            begun = time.monotonic()
            found = await house.llm.keeping.verify()
            stray = await stray_messages(house)
            return {
                "runs": len(ids),
                "rebuilt byte for byte": same,
                "different": other,
                "verify": f"{found.whole} of {found.requests} whole, {len(found.broken)} broken, {time.monotonic() - begun:.1f} s",
                "messages of no template": len(stray),
                "export, wipe, import": await carried_over(house),
            }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--templates", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    print(asyncio.run(measure(chosen.runs, chosen.templates, chosen.rounds, chosen.seed)))


if __name__ == "__main__":
    main()
