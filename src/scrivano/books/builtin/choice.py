"""Which of the pack's outlines is nearest to a brief and best served by the material."""

from collections import Counter
from collections.abc import Sequence

from scrivano.books.builtin.candidates import Candidate, of_sample, pick
from scrivano.books.builtin.likeness import fit
from scrivano.books.builtin.ranking import Ranker
from scrivano.books.builtin.stock import Unit
from scrivano.books.dto import Brief
from scrivano.packs.public import OutlineSample
from scrivano.references.public import Bm25, terms

READERS, WORDS, REFERENCES, SERVED = 2.0, 0.7, 0.5, 0.6


def nearest(
    brief: Brief, samples: Sequence[OutlineSample], units: Sequence[Unit], ranker: Ranker, length: int
) -> tuple[OutlineSample, list[Candidate]]:
    """The sample with its chapters: audience and tone weigh most, then the brief's words, then the material.

    Of two that are equally near the one with the lower id is taken.
    """
    samples = sorted(samples, key=lambda sample: sample.id)
    index = Bm25([Counter(_words_of(sample)) for sample in samples])
    wanted = (brief.title, brief.subtitle, brief.subject, brief.notes, brief.audience)
    by_words = _shares(index, terms(" ".join(filter(None, wanted))))
    spoken = sorted({term for unit in units if unit.own for term in unit.terms if unit.terms[term] > 1})
    by_references = _shares(index, spoken)
    chapters = [of_sample(sample, ranker) for sample in samples]
    count = brief.chapters or max(1, length // 1000)
    served = [sum(c.support for c in pick(each, min(count, len(each)), units, length)) for each in chapters]
    most = max(served) or 1.0

    def nearness(number: int) -> float:
        sample = samples[number]
        readers = fit(brief.audience, brief.tone, f"{sample.audience} {sample.subtitle}", sample.tone)
        return (
            READERS * readers
            + WORDS * by_words.get(number, 0.0)
            + REFERENCES * by_references.get(number, 0.0)
            + SERVED * served[number] / most
        )

    best = max(range(len(samples)), key=lambda number: (nearness(number), -number))
    return samples[best], chapters[best]


def _shares(index: Bm25, query: Sequence[str]) -> dict[int, float]:
    scores = index.scores((term, 1.0) for term in query)
    most = max(scores.values(), default=0.0)
    return {number: score / most for number, score in scores.items()} if most else {}


def _words_of(sample: OutlineSample) -> list[str]:
    parts = [sample.title, sample.subtitle, sample.audience, sample.tone, sample.summary]
    for chapter in sample.chapters:
        parts += [chapter.title, chapter.summary, *chapter.points]
    return terms(" ".join(parts))
