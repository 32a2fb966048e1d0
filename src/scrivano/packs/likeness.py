"""Which samples are most like what is to be written: BM25 over weighted fields.

The same query over the same samples gives the same order in every process.
"""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Generic, TypeVar

from scrivano.packs.dto import ChapterSample, OutlineSample
from scrivano.packs.text import stems

SampleT = TypeVar("SampleT", OutlineSample, ChapterSample)

# What a sample is called and said to be about tells more than a word somewhere in it.
_TITLE, _TOPICS, _SUMMARY, _TEXT = 3.0, 3.0, 2.0, 1.0
_SATURATION, _LENGTH = 1.2, 0.5
# A sample for the same readers, or in the same tone, is preferred among those about equally near.
_BONUS = 0.15


class LikenessIndex(Generic[SampleT]):
    """An index over the samples of one kind in one niche."""

    def __init__(self, samples: Sequence[SampleT]) -> None:
        self._samples = sorted(samples, key=lambda sample: sample.id)
        self._counts = [_weighted(sample) for sample in self._samples]
        self._lengths = [sum(count.values()) for count in self._counts]
        self._seen_in = Counter(term for count in self._counts for term in count)

    def nearest(self, query: str, k: int, *, audience: str | None, tone: str | None) -> list[SampleT]:
        """The `k` samples nearest to `query`, best first; readers and tone are taken from it by default."""
        terms = Counter(stems(query))
        readers = set(stems(query if audience is None else audience))
        voice = set(stems(query if tone is None else tone))
        scored = [
            (-self._score(number, terms) * _preference(sample, readers, voice), sample.id, sample)
            for number, sample in enumerate(self._samples)
        ]
        return [sample for *_, sample in sorted(scored, key=lambda entry: entry[:2])[:k]]

    def _score(self, number: int, terms: Counter[str]) -> float:
        counts, length = self._counts[number], self._lengths[number]
        average = sum(self._lengths) / len(self._lengths)
        score = 1e-6
        for term in sorted(terms):
            found = counts.get(term, 0.0)
            if found:
                total, seen = len(self._samples), self._seen_in[term]
                rarity = math.log(1 + (total - seen + 0.5) / (seen + 0.5))
                damping = _SATURATION * (1 - _LENGTH + _LENGTH * length / average)
                score += terms[term] * rarity * found * (_SATURATION + 1) / (found + damping)
        return score


def _weighted(sample: OutlineSample | ChapterSample) -> Counter[str]:
    if isinstance(sample, ChapterSample):
        topics, text = " ".join(sample.topics), sample.text
    else:
        topics = " ".join(chapter.title for chapter in sample.chapters)
        text = " ".join(f"{c.summary} {' '.join(c.points)}" for c in sample.chapters)
    counts: Counter[str] = Counter()
    fields = ((sample.title, _TITLE), (topics, _TOPICS), (sample.summary, _SUMMARY), (text, _TEXT))
    for source, weight in fields:
        for term, found in Counter(stems(source)).items():
            counts[term] += weight * found  # pyright: ignore[reportArgumentType]
    return counts


def _preference(sample: OutlineSample | ChapterSample, readers: set[str], voice: set[str]) -> float:
    same_readers = not readers.isdisjoint(stems(sample.audience))
    same_tone = not voice.isdisjoint(stems(sample.tone))
    return 1 + _BONUS * same_readers + _BONUS * same_tone
