"""What uploaded references cost: reading, searching by words and by meaning, and the memory of the process.

    python -m benchmarks.references [--passages 20000] [--dimensions 768]

A project of so many made-up passages is read from one text file; some words are rare, most are common. Then questions of three words
are asked, and again with the built-in vectors, and with vectors that a scripted model on loopback makes of the questions (those of the passages are random).
"""

import argparse
import asyncio
import random
import resource
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles

import numpy as np

from benchmarks.databases import fresh_databases
from scrivano.core.ids import new_id
from scrivano.llm.public import ModelChange
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.references import repo
from scrivano.references.ranking import packed
from scrivano.runs.public import prepare
from tests.workshop import Workshop, open_workshop

QUESTIONS = 60


def made_up(passages: int, chance: random.Random) -> tuple[str, list[str]]:
    """A text of so many paragraphs of 60 words, and its words from the commonest to the rarest."""
    vocabulary = [
        "".join(chance.choices("abdefgiklmnoprstuvz", k=chance.randint(3, 9))) for _ in range(20_000)
    ]
    weights = [1 / (rank + 10) for rank in range(len(vocabulary))]
    words = chance.choices(vocabulary, weights, k=passages * 60)
    paragraphs = [" ".join(words[n * 60 : n * 60 + 60]).capitalize() + "." for n in range(passages)]
    return "\n\n".join(paragraphs), vocabulary


def milliseconds(times: list[float]) -> str:
    """Median and 95th percentile."""
    cuts = quantiles(times, n=20)
    return f"{cuts[9] * 1000:.0f} ms median, {cuts[18] * 1000:.0f} ms p95"


async def ask(place: Workshop, questions: list[str]) -> tuple[list[float], int]:
    """Seconds of each search, and how many found something."""
    times: list[float] = []
    found = 0
    for question in questions:
        begun = time.perf_counter()
        found += bool(await place.house.library.search(DEFAULT_PROJECT, question, 10))
        times.append(time.perf_counter() - begun)
    return times, found


async def give_vectors(place: Workshop, model: str, dimensions: int) -> None:
    """Random vectors for every passage, as a model of that name would have made them."""
    [file] = await place.house.library.list(DEFAULT_PROJECT)
    dice = np.random.default_rng(1)
    for start in range(1, file.passages + 1, 2000):
        numbers = range(start, min(start + 2000, file.passages + 1))
        vectors = {n: packed(dice.normal(size=dimensions)) for n in numbers}
        async with place.house.database.begin() as session:
            await repo.set_vectors(session, file.id, vectors)
    async with place.house.database.begin() as session:
        row = await repo.get_file(session, file.id, lock=True)
        assert row is not None
        row.embedding_model = model


async def main() -> int:
    """Measure; 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=20_000)
    parser.add_argument("--dimensions", type=int, default=768)
    given = parser.parse_args()
    chance = random.Random(7)
    text, vocabulary = made_up(given.passages, chance)
    questions = [
        f"{vocabulary[chance.randint(0, 40)]} {vocabulary[chance.randint(200, 2000)]} {vocabulary[chance.randint(2000, 15000)]}"
        for _ in range(QUESTIONS)
    ]
    # Named so that it passes for no embedding model before it is said to be one.
    script = {"models": ["writer"], "embedding_dimensions": given.dimensions}
    async with fresh_databases(1) as [url]:
        with tempfile.TemporaryDirectory(prefix="scrivano-bench-") as home:
            await prepare(url)
            async with open_workshop(url, Path(home), script) as place:
                before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
                begun = time.perf_counter()
                added = await place.house.library.add(DEFAULT_PROJECT, f"{new_id()}.md", text.encode())
                read = await place.house.intake.convert(added.id)
                took = time.perf_counter() - begun
                grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before
                print(
                    f"read: {len(text) / 1e6:.1f} MB, {read.words:,} words, {read.passages:,} passages in {took:.1f} s "
                    f"({len(text) / 1e6 / took:.1f} MB/s); this process grew by {grown:.0f} MB"
                )
                times, found = await ask(place, questions)
                print(
                    f"search by words: {milliseconds(times)}; {found} of {QUESTIONS} questions found something"
                )
                begun = time.perf_counter()
                await place.house.intake.embed(added.id)
                print(
                    f"built-in vectors of {read.passages:,} passages: {time.perf_counter() - begun:.1f} s more"
                )
                times, found = await ask(place, questions)
                print(
                    f"search by words and built-in vectors: {milliseconds(times)}; {found} of {QUESTIONS} questions found something"
                )
                await place.house.llm.registry.discover()
                [model] = await place.house.llm.reachable_models()
                await place.house.llm.registry.change_model(
                    model.id, ModelChange(capabilities=frozenset({"embeddings"}))
                )
                await give_vectors(place, f"{model.provider}/{model.name}", given.dimensions)
                times, _ = await ask(place, questions[:20])
                print(
                    f"search by words and {read.passages:,} vectors of {given.dimensions} numbers, compared one by one: {milliseconds(times)}"
                )
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
