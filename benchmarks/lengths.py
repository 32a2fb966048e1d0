"""Models that write 0.2 to 5 times what they are asked, or stop early and say that they were done: what becomes of the books.

    python -m benchmarks.lengths [--books 60] [--seed 1]

Each answer of prose in each book has a length factor of its own, drawn evenly on a logarithmic scale, and one in four stops early.
Printed: the lowest length score of a chapter, how far the books are off, ends that are cut, sentences that stand twice or that no
answer holds.
"""

import argparse
import asyncio
import random
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from scrivano.assessment.public import length_score
from scrivano.books.length import count_words, ends_whole
from scrivano.references.public import split_sentences
from tests.workshop import Workshop, open_workshop, small_brief

ANSWERS = 80
LEAST, MOST = 0.2, 5.0
EARLY = 0.25
REPEATABLE = 5  # Shorter sentences may well come twice.


@dataclass
class Seen:
    """What the books show."""

    scores: list[float] = field(default_factory=list[float])
    off: list[float] = field(default_factory=list[float])
    cut: int = 0
    twice: int = 0
    foreign: int = 0


def script(draw: random.Random) -> dict[str, object]:
    """A rule for each answer of prose, in order."""
    rules: list[dict[str, object]] = []
    for _ in range(ANSWERS):
        factor = LEAST * (MOST / LEAST) ** draw.random()
        rule: dict[str, object] = {
            "match": {"pattern": r"about \d+"},
            "prose": True,
            "times": 1,
            "length_factor": factor,
        }
        if draw.random() < EARLY:
            rule["early_stop"] = draw.uniform(0.2, 0.9)
        rules.append(rule)
    return {"seed": draw.randrange(10**9), "rule": rules}


def words_of(text: str) -> str:
    """Text as its words alone, for looking sentences up in it."""
    return " ".join(re.findall(r"\w+", text.casefold()))


async def one(place: Workshop, draw: random.Random, seen: Seen) -> None:
    """Write a book and look at its chapters."""
    brief = small_brief(words=draw.choice([1500, 2400, 4000]), chapters=draw.randint(3, 6))
    book, result = await place.write(brief)
    assert book.outline is not None
    asked = {c.number: c.words for c in book.outline.chapters}
    answers = [
        await place.house.llm.get_request(r.id) for r in await place.house.llm.run_requests(book.run_id)
    ]
    given = words_of(" ".join(a.answer.text for a in answers if a.answer is not None))
    for chapter in await place.house.books.chapters(book.id):
        seen.scores.append(length_score(count_words(chapter.text), asked[chapter.number]))
        seen.cut += not ends_whole(chapter.text)
        lines = [line for line in chapter.text.splitlines() if line and not line.startswith("#")]
        sentences = [words_of(s) for line in lines for s in split_sentences(line)]
        long = [s for s in sentences if len(s.split()) >= REPEATABLE]
        seen.twice += len(long) - len(set(long))
        seen.foreign += sum(s not in given for s in long)
    seen.off.append(abs(result.words / brief.words - 1))


async def measure(books: int, seed: int) -> Seen:
    """Write the books, one after the other."""
    draw, seen = random.Random(seed), Seen()
    with tempfile.TemporaryDirectory(prefix="scrivano-lengths-") as folder:
        Path(folder).chmod(0o755)
        for _ in range(books):
            async with open_workshop(None, Path(folder), script(draw), checked=False) as place:
                await place.house.llm.registry.discover()
                await one(place, draw, seen)
                for provider in await place.house.llm.registry.providers():
                    await place.house.llm.registry.remove_provider(provider.id)
    return seen


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--books", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    seen = asyncio.run(measure(chosen.books, chosen.seed))
    print(f"{len(seen.off)} books, {len(seen.scores)} chapters")
    print(
        f"length score of a chapter: lowest {min(seen.scores):.1f}, below 95: {sum(s < 95 for s in seen.scores)}"
    )
    print(
        f"a book's length: off by {max(seen.off):.1%} at most, more than 3 %: {sum(o > 0.03 for o in seen.off)}"
    )
    print(f"chapters that end in mid-sentence: {seen.cut}")
    print(f"sentences that stand twice: {seen.twice}; that no answer holds: {seen.foreign}")


if __name__ == "__main__":
    main()
