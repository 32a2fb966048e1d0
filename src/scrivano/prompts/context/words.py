"""How well candidates match weighted words: BM25 with the terms of references, thousands at once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import log

import numpy as np
from numpy.typing import NDArray

K1 = 1.2
B = 0.6


class WordIndex:
    """BM25 (Lucene's variant, never negative) over documents given as their terms."""

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        self.size = len(documents)
        lengths = [len(d) for d in documents]
        average = (sum(lengths) / self.size if self.size else 0.0) or 1.0
        norms = [K1 * (1 - B + B * length / average) for length in lengths]
        found: dict[str, tuple[list[int], list[float]]] = {}
        for number, document in enumerate(documents):
            for term, count in Counter(document).items():
                numbers, gains = found.setdefault(term, ([], []))
                numbers.append(number)
                gains.append(count * (K1 + 1) / (count + norms[number]))
        self._postings = {
            term: (np.array(numbers, dtype=np.int64), np.array(gains))
            for term, (numbers, gains) in found.items()
        }
        self._rarity = {
            term: log(1 + (self.size - len(numbers) + 0.5) / (len(numbers) + 0.5))
            for term, (numbers, _) in found.items()
        }

    @property
    def rarest(self) -> float:
        """How telling a term is that one document alone has."""
        return log(1 + (self.size - 0.5) / 1.5) if self.size else 1.0

    def idf(self, term: str) -> float:
        """How telling `term` is: 0 if no document has it."""
        return self._rarity.get(term, 0.0)

    def holders(self, term: str) -> NDArray[np.int64]:
        """The documents that have `term`."""
        posting = self._postings.get(term)
        return posting[0] if posting is not None else np.zeros(0, dtype=np.int64)

    def scores(self, query: Mapping[str, float]) -> NDArray[np.float64]:
        """The score of every document for the weighted terms of `query`."""
        scores = np.zeros(self.size)
        for term, weight in query.items():
            posting = self._postings.get(term)
            if posting is not None:
                numbers, gains = posting
                scores[numbers] += gains * (weight * self._rarity[term])
        return scores
