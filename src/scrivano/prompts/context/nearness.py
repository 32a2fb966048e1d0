"""Which pieces speak of the same things, by the telling words that they share."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scrivano.prompts.context.words import WordIndex

# A word of the heading says more of what a piece is about.
_UNDER_IT = 1.5


class Nearness:
    """The cosine between pieces, a word weighing what it tells. Nothing is worked out before it is asked for.

    `pieces` are the words of each piece and those of its heading, in the order of `words`; `names`, such as those of
    the cast, count as nothing: who is in a piece, other parts of its score say.
    """

    def __init__(
        self, words: WordIndex, pieces: Sequence[tuple[Sequence[str], Sequence[str]]], names: set[str]
    ) -> None:
        self._words = words
        self._own = [
            {**dict.fromkeys(set(text) - names, 1.0), **dict.fromkeys(set(heading) - names, _UNDER_IT)}
            for text, heading in pieces
        ]
        self._headed: dict[str, list[int]] = {}
        for number, (_, heading) in enumerate(pieces):
            for term in set(heading) - names:
                self._headed.setdefault(term, []).append(number)
        self._lengths = np.array([self._length(own) for own in self._own], dtype=np.float64)
        self._found: dict[int, NDArray[np.float64]] = {}

    def of(self, number: int) -> NDArray[np.float64]:
        """How near every piece is to this one, from 0 to 1; to itself 0. Worked out once."""
        if number not in self._found:
            self._found[number] = self._work_out(number)
        return self._found[number]

    def _length(self, own: dict[str, float]) -> float:
        return float(sum((weight * self._words.idf(term)) ** 2 for term, weight in own.items()) ** 0.5) or 1.0

    def _work_out(self, number: int) -> NDArray[np.float64]:
        near = np.zeros(self._words.size)
        for term, weight in self._own[number].items():
            shared = weight * self._words.idf(term) ** 2
            near[self._words.holders(term)] += shared
            if term in self._headed:
                near[self._headed[term]] += shared * (_UNDER_IT - 1.0)
        near /= self._lengths * self._lengths[number]
        near[number] = 0.0
        return near
