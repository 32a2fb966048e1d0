"""Finding passages by their words: BM25 over stemmed terms."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scrivano.references.dto import Passage
from scrivano.references.stemming import terms

K1 = 1.2
B = 0.6
HEADING_WEIGHT = 2


@dataclass(frozen=True)
class Hit:
    """A passage that was found; `score` compares only within one answer."""

    passage: Passage
    score: float


class Bm25:
    """BM25 over documents given as the weights of their terms (how often each stands there, or less or more).

    Scores are those of Lucene's variant, never negative.
    """

    def __init__(self, documents: Sequence[Mapping[str, float]]) -> None:
        self.size = len(documents)
        self._postings: dict[str, list[tuple[int, float]]] = {}
        self._lengths = [sum(document.values()) for document in documents]
        for number, document in enumerate(documents):
            for term, weight in document.items():
                self._postings.setdefault(term, []).append((number, weight))
        average = sum(self._lengths) / self.size if self.size else 0.0
        self._norms = [K1 * (1 - B + B * length / (average or 1.0)) for length in self._lengths]

    def idf(self, term: str) -> float:
        """How telling `term` is: 0 if no document has it."""
        having = len(self._postings.get(term, ()))
        return math.log(1 + (self.size - having + 0.5) / (having + 0.5)) if having else 0.0

    def scores(self, query: Iterable[tuple[str, float]]) -> dict[int, float]:
        """Score by number of every document that has a term of the weighted `query`."""
        found: dict[int, float] = {}
        for term, weight in query:
            idf = self.idf(term) * weight
            for number, count in self._postings.get(term, ()):
                gain = idf * count * (K1 + 1) / (count + self._norms[number])
                found[number] = found.get(number, 0.0) + gain
        return found


class PassageIndex:
    """Search over passages; a heading's words count as often as `HEADING_WEIGHT` words of the text."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages = list(passages)
        self._index = Bm25(
            [Counter(terms(p.text) + terms(" ".join(p.headings)) * HEADING_WEIGHT) for p in self.passages]
        )

    def search(self, query: str, k: int = 10) -> list[Hit]:
        """The `k` passages nearest to `query`, best first; fewer if fewer share a word with it.

        Equal scores keep the order of the text.
        """
        weights = Counter(terms(query))
        scores = self._index.scores((term, float(count)) for term, count in weights.items())
        best = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))[:k]
        return [Hit(self.passages[number], score) for number, score in best]
