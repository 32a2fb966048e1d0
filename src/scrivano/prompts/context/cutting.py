"""Shorter forms of a long piece: whole sentences that follow on each other, those that bear most on the scene."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from scrivano.references.public import split_sentences, terms

# Shorter pieces go in whole or not at all.
LONG = 120
_SHARES = (0.25, 0.5, 0.75)
# What a stretch loses beside the share of the scene's words that it keeps: it stands without its surroundings.
_TORN = 0.95
_SHAPED = re.compile(r"^\s*(?:[-*+|>#]|\d+[.)]\s|```|~~~)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Sentences:
    """The sentences of a piece with what is needed to cut it; `breaks` tells which end a paragraph."""

    texts: list[str]
    breaks: list[bool]
    terms: list[set[str]]
    tokens: list[int]

    def stretch(self, begin: int, end: int) -> str:
        """The sentences from `begin` up to `end`, with the paragraphs that they had."""
        text = ""
        for number in range(begin, end):
            text += self.texts[number]
            if number < end - 1:
                text += _after(self.breaks[number])
        return text


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch of a piece. `share` is what it keeps of the worth of the whole."""

    begin: int
    end: int
    share: float


def sentences_of(text: str, count: Callable[[str], int]) -> Sentences | None:
    """The sentences of a long piece of prose; None for what is short, or has a shape (lists, tables, code)."""
    if text.count(" ") < LONG or _SHAPED.search(text):
        return None
    texts: list[str] = []
    breaks: list[bool] = []
    for paragraph in text.split("\n\n"):
        found = split_sentences(paragraph)
        texts += found
        breaks += [False] * (len(found) - 1) + [True] * bool(found)
    if len(texts) < 3:
        return None
    before = ["", *map(_after, breaks)]
    counts = [count(gap + t) for gap, t in zip(before, texts, strict=False)]
    return Sentences(texts, breaks, [set(terms(t)) for t in texts], counts)


def _after(ends_paragraph: bool) -> str:
    return "\n\n" if ends_paragraph else " "


def cuts_of(sentences: Sentences, weights: Mapping[str, float]) -> Sequence[Cut]:
    """For each of some lengths the stretch that holds most of the scene's words, told by their `weights`."""
    gains = [0.2 + sum(weights.get(term, 0.0) for term in own) for own in sentences.terms]
    sums = [0.0]
    for gain in gains:
        sums.append(sums[-1] + gain)
    size = len(gains)
    cuts: list[Cut] = []
    for share in _SHARES:
        length = max(1, round(size * share))
        if length >= size or any(cut.end - cut.begin == length for cut in cuts):
            continue
        begin = max(range(size - length + 1), key=lambda at: sums[at + length] - sums[at])
        cuts.append(Cut(begin, begin + length, _TORN * (sums[begin + length] - sums[begin]) / sums[-1]))
    return cuts
