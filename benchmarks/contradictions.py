"""How many contradictions are found, and how much is blamed that agrees?

    python -m benchmarks.contradictions [SET …] [--url URL | --file MODEL.gguf] [--model NAME] [--rows N]

The sets are those of tests/fixtures/contradictions: pairs of what is known and what a chapter says. Without more the
patterns are asked (`scrivano.assessment.contradictions`). With a server or a model's file, the model is asked too, by the
prompt and with the proofs that a book's continuity check has: the note is the reference, the sentences are the chapter,
and a finding counts where both quotations stand. `--rows` takes so many of each list, evenly spread.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from scrivano.assessment.contradictions.detect import clashes, statements
from scrivano.assessment.text import Prose
from scrivano.books.brief import parse_brief
from scrivano.books.stages import ChapterDraft, ContinuityReport
from scrivano.books.steps.checking import beside, proved
from scrivano.core.settings import Settings
from scrivano.llm.public import CallContext, LLMError, Options
from scrivano.references.public import Reference
from scrivano.wiring import House, open_house

FIXTURES = Path(__file__).parents[1] / "tests" / "fixtures" / "contradictions"
SETS = ("seen", "kept_aside", "third", "fourth", "fifth", "wide")
Row = list[Any]


def by_patterns(known: str, said: str) -> bool:
    """Whether the patterns see that both cannot be true."""
    return bool(clashes(statements(Prose(known), "known"), statements(Prose(said), 1)))


async def by_model(house: House, model: str, known: str, said: str) -> bool:
    """Whether the model says so, and proves it by two quotations."""
    brief = parse_brief({"title": "A Book", "subject": "what it is about", "words": 500, "chapters": 1})
    note = Reference(name="notes", title="Notes", media_type="text/markdown", sha256="", words=0, text=known)
    draft = ChapterDraft(number=2, title="Two", text=said, words=len(said.split()), target=500)
    shown = beside(brief, draft, [], [note])
    prompt = await house.prompts.render("check_continuity", shown)
    settings = {k: v for k, v in prompt.settings.items() if v is not None} | {"model": model}
    about = CallContext(
        feature="benchmarks",
        purpose=prompt.name,
        prompt_name=prompt.name,
        prompt_version=prompt.version_id,
    )
    answer = await house.llm.generate_structured_response(
        prompt.messages,
        response_model=ContinuityReport,
        options=Options.model_validate(settings | {"max_tokens": 600}),
        context=about,
    )
    return any(proved(finding, said, shown) for finding in answer.value.findings)


def told(
    name: str, how: str, found: list[Row], rows: list[Row], blamed: list[Row], others: list[Row]
) -> None:
    """One line of figures, and one of the kinds."""
    kinds, hits = Counter(r[0] for r in rows), Counter(r[0] for r in found)
    print(
        f"{name}, {how}: {len(found)} of {len(rows)} contradictions found ({len(found) / len(rows):.1%}), "
        f"{len(blamed)} of {len(others)} others blamed ({len(blamed) / len(others):.1%})"
    )
    print("  " + ", ".join(f"{kind} {hits[kind]}/{kinds[kind]}" for kind in kinds), flush=True)


def spread(rows: list[Row], wanted: int | None) -> list[Row]:
    """So many of the rows, evenly spread; all without a number."""
    if not wanted or wanted >= len(rows):
        return rows
    return [rows[len(rows) * n // wanted] for n in range(wanted)]


async def ask(args: argparse.Namespace, pairs: dict[str, dict[str, list[Row]]]) -> None:
    """The same of a model."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), discover_urls="off")  # type: ignore[arg-type]
        async with open_house(settings) as house:
            where, kind = (args.file, "llama_cpp") if args.file else (args.url, "openai_compatible")
            provider = await house.llm.registry.add_provider("asked", where, kind=kind)
            seen = sorted(await house.llm.registry.check(provider) or ())
            model = args.model or seen[0]
            await house.llm.registry.add_model(provider.id, model)
            for name, lists in pairs.items():
                began, failed = time.perf_counter(), 0
                right: dict[str, list[Row]] = {"contradicts": [], "agrees": []}
                for which, rows in lists.items():
                    for row in rows:
                        try:
                            if await by_model(house, model, row[1], row[2]):
                                right[which].append(row)
                        except LLMError:
                            failed += 1
                told(
                    name, model, right["contradicts"], lists["contradicts"], right["agrees"], lists["agrees"]
                )
                print(f"  {time.perf_counter() - began:.0f} s, {failed} without a usable answer", flush=True)


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("sets", nargs="*", default=list(SETS))
    parser.add_argument("--url")
    parser.add_argument("--file", type=lambda path: str(Path(path).resolve()))
    parser.add_argument("--model")
    parser.add_argument("--rows", type=int)
    args = parser.parse_args()
    pairs: dict[str, dict[str, list[Row]]] = {}
    for name in args.sets:
        lists: dict[str, list[Row]] = yaml.safe_load((FIXTURES / f"{name}.yaml").read_text("utf-8"))
        pairs[name] = {which: spread(rows, args.rows) for which, rows in lists.items()}
        found, blamed = (
            [r for r in pairs[name][k] if by_patterns(r[1], r[2])] for k in ("contradicts", "agrees")
        )
        told(name, "patterns", found, pairs[name]["contradicts"], blamed, pairs[name]["agrees"])
    if args.url or args.file:
        asyncio.run(ask(args, pairs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
