"""The search in references without a model: what the built-in vectors find that words do not.

    python -m benchmarks.reference_search [--near 0.12]

Each point of a chapter in tests/fixtures/context is a question; what the chapter needs is what should be found. Told is the
share of questions with a needed passage among the first five: by words alone; with the places that words left empty filled
by chance, as in a small project five passages are a good part of it; and with the built-in vectors beside the words. First
each project by itself (26 to 40 passages), then the passages of a set in one heap. The last line tells how much is shown of a
project that the question is not about.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from math import comb

from benchmarks.context import CASES, SETS, Project, projects
from scrivano.references.public import meanings
from scrivano.references.ranking import NEAR_BUILT_IN, by_direction, by_telling_words, fused, packed
from scrivano.references.searching import _ENGINE_WEIGHT, _MEANING_WEIGHT, _WORDS_WEIGHT  # pyright: ignore

SHOWN = 5
Key = tuple[str, str]
Block = tuple[str, Sequence[int], bytes]


class Heap:
    """The passages of projects, as the search sees them."""

    def __init__(self, those: Sequence[Project]) -> None:
        self.projects = those
        self.texts = {
            (p.name, c.id): (c.text, c.headings)
            for p in those
            for c in p.index.candidates
            if c.kind != "outline"
        }
        self.keys = list(self.texts)
        raw = b"".join(packed(row) for row in meanings([text for text, _ in self.texts.values()]))
        self.block: Block = ("", range(len(self.keys)), raw)

    def near(self, question: str, near: float) -> list[Key]:
        """The passages that are near a question by the built-in vectors."""
        direction = meanings([question])[0].tolist()
        return [self.keys[n] for _, n in by_direction(direction, [self.block], 100, near)]

    def questions(self) -> Iterator[tuple[str, set[Key]]]:
        """Each question, with the passages that its chapter needs."""
        for project in self.projects:
            for case in project.cases:
                for point in case.scene.points:
                    yield point, {(project.name, needed) for needed in case.needs}

    def found(self, near: float) -> list[float]:
        """For how many of the questions words, words and chance, and words and vectors find something, and how many
        there are."""
        sums = [0.0, 0.0, 0.0, 0.0]
        for question, needed in self.questions():
            words = by_telling_words(question, self.texts, len(self.keys))
            scores = fused(
                (_WORDS_WEIGHT, words), (_ENGINE_WEIGHT, words), (_MEANING_WEIGHT, self.near(question, near))
            )
            best = sorted(scores, key=lambda key: (-scores[key], key))
            hit = bool(needed & set(words[:SHOWN]))
            sums[0] += hit
            sums[1] += 1.0 if hit else self._by_chance(words, needed)
            sums[2] += bool(needed & set(best[:SHOWN]))
            sums[3] += 1
        return sums

    def _by_chance(self, words: Sequence[Key], needed: set[Key]) -> float:
        """How likely one of those needed is in the empty places, if these are filled with any passages."""
        others = len(self.keys) - len(words)
        empty = min(max(0, SHOWN - len(words)), others)
        return 1 - comb(others - len(needed - set(words)), empty) / comb(others, empty)


def main() -> int:
    """Print the shares; 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--near", type=float, default=NEAR_BUILT_IN)
    near = parser.parse_args().near
    print(f"cosine from {near}: by words, by words and chance, by words and built-in vectors")
    alone: list[Heap] = []
    for name in (*SETS, "german"):
        those = list(projects(CASES / name))
        heaps = [Heap([project]) for project in those]
        alone += heaps if name != "german" else []
        for how, of in (("each", heaps), ("one heap", [Heap(those)])):
            *sums, count = (sum(column) for column in zip(*(h.found(near) for h in of), strict=True))
            shares = ", ".join(f"{hits / count:.3f}" for hits in sums)
            print(f"  {SETS.get(name, name):<24} {how:<9} {count:4.0f} questions: {shares}")
    shares = [
        len(heap.near(question, near)) / len(heap.keys)
        for heap in alone
        for other in alone
        if other is not heap
        for question, _ in list(other.questions())[::8]
    ]
    print(f"  of a project that the question is not about {sum(shares) / len(shares):.3f} is shown")
    return 0


if __name__ == "__main__":
    sys.exit(main())
