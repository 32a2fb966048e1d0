"""What pieces mean and what their words mean, as directions: near to a question though no word of it stands there."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from scrivano.references.public import meanings, terms, words

_SLICE = 32


class Senses:
    """The meanings of pieces and of the telling words in them. Made once; a question costs milliseconds."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._pieces = _stacked(meanings(texts))
        numbers: dict[str, int] = {}
        # The sign of a piece without a word: it is near to nothing.
        spelled = [""]
        held: list[list[int]] = []
        for text in texts:
            found = spelled_terms(text)
            for term, word in found.items():
                if term not in numbers:
                    numbers[term] = len(spelled)
                    spelled.append(word)
            held.append([numbers[term] for term in found] or [0])
        rows = meanings(spelled)
        self._spelled = {term: rows[number] for term, number in numbers.items()}
        self._words = _stacked(rows)
        self._held = np.array([number for own in held for number in own], dtype=np.int64)
        sizes = np.array([len(own) for own in held], dtype=np.int64)
        self._begins = np.cumsum(sizes) - sizes
        self._sizes = np.log(sizes.astype(np.float64))

    def of(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """The cosine of every piece (rows) with every one of `texts` (columns)."""
        return _cosines(self._pieces, meanings(texts))[: len(self._begins)].astype(np.float64)

    def near(self, asked: Mapping[str, str]) -> NDArray[np.float64]:
        """How much nearer than chance each piece (rows) has a word to every one of `asked` (columns), 0 to 1.

        `asked` has words by their terms. Chance is what a piece of so many words comes to: a long one has for every
        word something that is a little like it.
        """
        if not len(self._begins) or not asked:
            return np.zeros((len(self._begins), len(asked)))
        rows = meanings(list(asked.values()))
        for at, term in enumerate(asked):
            if term in self._spelled:
                rows[at] = self._spelled[term]
        alike = np.ascontiguousarray(_cosines(self._words, rows).T)
        best = np.maximum.reduceat(alike.take(self._held, axis=1), self._begins, axis=1).T.astype(np.float64)
        usual = best.mean(axis=0)
        spread = self._sizes - self._sizes.mean()
        growth = (spread @ (best - usual)) / max(float(spread @ spread), 1e-9)
        return np.clip(best - usual - spread[:, None] * np.maximum(growth, 0.0), 0.0, 1.0)


def _stacked(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The rows in slices of equal size, the last filled up with zeros.

    A product by slices is worked out on one processor, which for a few columns is quicker than to share it among all.
    """
    slices = -(-len(rows) // _SLICE)
    whole = np.zeros((slices * _SLICE, rows.shape[1]), dtype=np.float32)
    whole[: len(rows)] = rows
    return whole.reshape(slices, _SLICE, rows.shape[1])


def _cosines(stack: NDArray[np.float32], asked: NDArray[np.float32]) -> NDArray[np.float32]:
    return (stack @ np.ascontiguousarray(asked.T)).reshape(-1, len(asked))


def spelled_terms(text: str) -> dict[str, str]:
    """The telling words of a text by their terms, each as it stands there first."""
    found: dict[str, str] = {}
    for word in words(text):
        if term := _term(word):
            found.setdefault(term, word)
    return found


@lru_cache(maxsize=200_000)
def _term(word: str) -> str:
    return " ".join(terms(word))
