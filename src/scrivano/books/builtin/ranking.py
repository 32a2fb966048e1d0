"""Which unit serves which chapter: BM25 with the chapter as query, made comparable between chapters."""

import re
from collections.abc import Mapping, Sequence

from scrivano.books.builtin.likeness import fit
from scrivano.books.builtin.stock import Unit
from scrivano.books.dto import Brief, OutlineChapter
from scrivano.references.public import Bm25, terms

TITLE, POINT, SUMMARY, BRIEF = 2.0, 1.5, 0.7, 0.25
HOME = 0.6


class Ranker:
    """Scores of units for chapters and for points of chapters; 0 means that no word is shared."""

    def __init__(self, units: Sequence[Unit], brief: Brief) -> None:
        self._index = Bm25([unit.terms for unit in units])
        self._units = units
        self._headings = [[plain(name) for name in unit.headings or (unit.source_title,)] for unit in units]
        self._fits = [_fitting(unit, brief) for unit in units]
        wanted = (brief.audience, brief.title, brief.subtitle, brief.subject, brief.notes)
        self._brief = dict.fromkeys(terms(" ".join(filter(None, wanted))), BRIEF)

    def chapter(self, title: str, summary: str, points: Sequence[str], *, home: float = HOME) -> list[float]:
        """For each unit how well it serves such a chapter, as a share of what a perfect one would score.

        A unit whose heading is the chapter's title or one of its points is at home there and gets `home`
        more. Among units that serve equally, those written for the brief's audience and tone come first.
        """
        query: dict[str, float] = {}
        for text, weight in ((title, TITLE), (summary, SUMMARY), *((point, POINT) for point in points)):
            for term in set(terms(text)):
                query[term] = query.get(term, 0.0) + weight
        for term, weight in self._brief.items():
            query.setdefault(term, weight)
        scores = self._scores(query)
        here = self.at_home(title, points)
        return [
            (score + home * (number in here)) * suits
            for number, (score, suits) in enumerate(zip(scores, self._fits, strict=True))
        ]

    def at_home(self, title: str, points: Sequence[str]) -> set[int]:
        """Numbers of the units under a heading that is the chapter's title or one of its points.

        Text without headings is at home under the title of its source.
        """
        names = {plain(text) for text in (title, title.partition(": ")[0], *points)}
        return {
            number
            for number, headings in enumerate(self._headings)
            if any(heading in names for heading in headings)
        }

    def points(self, chapter: OutlineChapter) -> list[list[float]]:
        """For each point of `chapter` the score of each unit."""
        return [self._scores(dict.fromkeys(terms(point), 1.0)) for point in chapter.points]

    def _scores(self, query: Mapping[str, float]) -> list[float]:
        ideal = sum(self._index.idf(term) * weight for term, weight in query.items())
        found = self._index.scores(query.items())
        return [found.get(number, 0.0) / ideal if ideal else 0.0 for number in range(len(self._units))]


def _fitting(unit: Unit, brief: Brief) -> float:
    if unit.sample is None:
        return 1.0
    return 0.7 + 0.6 * fit(brief.audience, brief.tone, unit.sample.audience, unit.sample.tone)


def plain(text: str) -> str:
    """`text` for comparing headings: its words only."""
    return re.sub(r"[\W_]+", " ", text).strip().casefold()


def as_text(heading: str) -> str:
    """A heading's Markdown as the text that a reader sees."""
    text = re.sub(r"\[([^\[\]]*)\]\([^()]*\)", r"\1", heading)
    return re.sub(r"\\([^\w\s])", r"\1", re.sub(r"(?<!\\)[*`]+|(?<!\\)\b__|__\b", "", text)).strip()
