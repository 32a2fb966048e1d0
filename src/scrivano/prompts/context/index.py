"""All that can be known of a project's material before there is a scene. Made once, asked for every chapter."""

import math
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from scrivano.prompts.context.cutting import Sentences, sentences_of
from scrivano.prompts.context.dto import Candidate, CastMember
from scrivano.prompts.context.nearness import Nearness
from scrivano.prompts.context.people import NameFinder
from scrivano.prompts.context.repeating import alike
from scrivano.prompts.context.senses import Senses
from scrivano.prompts.context.words import WordIndex
from scrivano.references.public import terms

Count = Callable[[str], int]
Frame = Callable[[Candidate, str], str]

JOINT = "\n\n"
"""What stands between two pieces."""

# Who a piece is about stands above it; who is named within it plays a part in it.
_ABOUT, _NAMED = 1.0, 0.35
_MANY_LONG = 64
_PAIRS = 8


def plain_frame(candidate: Candidate, text: str) -> str:
    """A piece as it is shown where nothing else is said: its innermost heading, then the text."""
    heading = candidate.headings[-1] if candidate.headings else candidate.source
    return f"{heading}: {text}" if heading else text


class ContextIndex:
    """The candidates of a project, ready to be ranked and counted.

    `count` is the model's own tokenizer. It is called once for each candidate as `frame` shows it, with what parts it
    from the next, for some pairs and for each sentence of long ones; nothing of that depends on the scene.
    """

    def __init__(
        self,
        candidates: Sequence[Candidate],
        cast: Sequence[CastMember] = (),
        *,
        count: Count,
        frame: Frame = plain_frame,
    ) -> None:
        self.candidates = list(candidates)
        self.count = count
        self.frame = frame
        self.names = NameFinder(cast)
        self.blocks = [frame(c, c.text) for c in self.candidates]
        alone = [count(block + JOINT) for block in self.blocks]
        self.twice = _counted_twice(self.blocks, alone, count)
        self.joint = alone[0] - count(self.blocks[0]) if self.blocks else 0
        self.tokens = [max(1, tokens - self.twice) for tokens in alone]
        texts = [terms(c.text) for c in self.candidates]
        self.headings = [tuple(terms(" ".join(c.headings))) for c in self.candidates]
        self.words = WordIndex([t + list(h) for t, h in zip(texts, self.headings, strict=True)])
        self.sizes: NDArray[np.float64] = np.array([max(4, len(t)) for t in texts], dtype=np.float64)
        self.sentences: list[Sentences | None] = [sentences_of(c.text, count) for c in self.candidates]
        self._long = sum(s is not None for s in self.sentences)
        self._stretches: dict[tuple[int, int, int], int] = {}
        self.about = self._about()
        self.of_style: NDArray[np.float64] = np.array([float(c.kind == "style") for c in self.candidates])
        self.named = set(terms(" ".join(name for m in cast for name in (m.name, *m.aliases))))
        self.nearness = Nearness(self.words, list(zip(texts, self.headings, strict=True)), self.named)
        self.senses = Senses([f"{' '.join(c.headings)}. {c.text}" for c in self.candidates])
        own = [set(t) for t in texts]
        self.twins = alike(own, {term: self.words.idf(term) for term in set[str]().union(*own)})
        self.vectors = _unit_rows([c.vector for c in self.candidates])
        self._from = np.array([c.from_chapter for c in self.candidates], dtype=np.int64)
        # No chapter is numbered 0.
        self._of = np.array([c.chapter or 0 for c in self.candidates], dtype=np.int64)

    def told(self, chapter: int) -> NDArray[np.bool_]:
        """What may be shown for a chapter: nothing that is revealed later, and not what tells of the chapter itself."""
        return (self._from <= chapter) & (self._of != chapter)

    def stretch(self, number: int, begin: int, end: int) -> str:
        """A candidate cut to a stretch of its sentences."""
        sentences = self.sentences[number]
        return self.candidates[number].text if sentences is None else sentences.stretch(begin, end)

    def tokens_of_stretch(self, number: int, begin: int, end: int) -> int:
        """Its tokens as it is shown: counted, or where that would be a thousand counts, added up."""
        sentences = self.sentences[number]
        if sentences is None:
            return self.tokens[number]
        if self._long > _MANY_LONG:
            return sum(sentences.tokens[begin:end]) + max(1, self.tokens[number] - sum(sentences.tokens))
        key = (number, begin, end)
        if key not in self._stretches:
            text = self.stretch(number, begin, end)
            block = self.frame(self.candidates[number], text)
            self._stretches[key] = max(1, self.count(block + JOINT) - self.twice)
        return self._stretches[key]

    def _about(self) -> NDArray[np.float64]:
        """A row for each member of the cast: how far each candidate is about them, from 0 to 1."""
        about = np.zeros((len(self.names.cast), len(self.candidates)))
        for number, candidate in enumerate(self.candidates):
            for who in self.names.count(candidate.text):
                about[who, number] = _NAMED
            for who in self.names.count(f"{' '.join(candidate.headings)}. {candidate.source}"):
                about[who, number] = _ABOUT
        return about


def _counted_twice(blocks: Sequence[str], alone: Sequence[int], count: Count) -> int:
    """The tokens that two pieces have more alone than together, such as a sign that begins each text."""
    pairs = range(min(_PAIRS, len(blocks) - 1))
    together = [count(blocks[n] + JOINT + blocks[n + 1] + JOINT) for n in pairs]
    return min((alone[n] + alone[n + 1] - both for n, both in zip(pairs, together, strict=True)), default=0)


def _unit_rows(vectors: Sequence[tuple[float, ...] | None]) -> NDArray[np.float64] | None:
    """The vectors as rows of length 1, zeros where there is none; None if there is none at all.

    Those of another length than most come from another model, and count as none.
    """
    lengths = Counter(len(v) for v in vectors if v)
    if not lengths:
        return None
    width = lengths.most_common(1)[0][0]
    rows = np.zeros((len(vectors), width))
    for number, vector in enumerate(vectors):
        if vector and len(vector) == width:
            norm = math.sqrt(sum(x * x for x in vector))
            if norm > 0 and math.isfinite(norm):
                rows[number] = np.array(vector) / norm
    return rows
