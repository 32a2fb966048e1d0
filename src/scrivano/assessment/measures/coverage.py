"""Whether each chapter tells what the outline wanted, where the outline wanted it."""

from collections import Counter
from collections.abc import Sequence
from math import log

from scrivano.assessment.dto import Finding, PlannedChapter
from scrivano.assessment.measures.outcome import Outcome, clipped
from scrivano.assessment.text import Prose
from scrivano.references.public import terms

# A point whose words are there to seven tenths, weighed by how telling they are, counts as told.
ENOUGH = 0.7
MISSING = 0.3
ASTRAY = 0.6


class Plan:
    """An outline, read once: its points as weighed words."""

    def __init__(self, outline: Sequence[PlannedChapter]) -> None:
        self.outline = outline
        self._points = [_points(chapter) for chapter in outline]
        spread = Counter(t for points in self._points for t in {t for _, ts in points for t in ts})
        self._weight = {t: log((len(outline) + 1) / n) + 0.1 for t, n in spread.items()}

    def chapter(self, prose: Prose) -> Outcome | None:
        """How much of its plan a chapter tells; None for one that is not in the outline."""
        at = prose.number - 1
        if at >= len(self.outline) or not self._points[at]:
            return None
        said = Counter(prose.terms)
        shares = [self._told(ts, said) for _, ts in self._points[at]]
        mine = sum(shares) / len(shares)
        outcome = Outcome(
            clipped(100 * mine), {"points": len(shares), "told": sum(s >= ENOUGH for s in shares)}
        )
        for (point, _), share in zip(self._points[at], shares, strict=True):
            if share < MISSING:
                why = f"The outline wants “{point}”, and the chapter says nothing of it."
                outcome.findings.append(
                    prose.remark("coverage", why, "Write it, or take it out of the outline.")
                )
        if astray := self._better(at, said, mine):
            outcome.score *= ASTRAY
            why = (
                f"The text is closer to chapter {astray} of the outline, “{self.outline[astray - 1].title}”."
            )
            outcome.findings.append(prose.remark("coverage", why, "Check the order of the chapters."))
        return outcome

    def whole(self, chapters: Sequence[Outcome | None], count: int) -> Outcome:
        """The mean over all chapters, planned or there; one that is only either counts nothing."""
        places = max(len(self.outline), count)
        score = sum(c.score for c in chapters if c) / places
        findings = [
            _absent(number, self.outline[number - 1].title)
            for number in range(count + 1, len(self.outline) + 1)
        ]
        if count > len(self.outline):
            why = f"There are {count} chapters; the outline has {len(self.outline)}."
            findings.append(Finding(measure="coverage", why=why, advice="See which one stands twice."))
        return Outcome(clipped(score), {"planned": len(self.outline), "there": count}, findings)

    def _told(self, wanted: Sequence[str], said: Counter[str]) -> float:
        whole = sum(self._weight[t] for t in wanted)
        # Words that come up once may be there by chance; twice, they are spoken of.
        there = sum(self._weight[t] * min(1.0, 0.6 + 0.2 * said[t]) for t in wanted if said[t])
        return min(1.0, there / whole) if whole else 1.0

    def _better(self, at: int, said: Counter[str], mine: float) -> int:
        """The number of the planned chapter that the text tells clearly better than its own; 0 if there is none."""
        others = [
            (sum(self._told(ts, said) for _, ts in points) / len(points), -number)
            for number, points in enumerate(self._points, start=1)
            if number != at + 1 and points
        ]
        best, number = max(others, default=(0.0, 0))
        return -number if best > mine + 0.1 else 0


def _points(chapter: PlannedChapter) -> list[tuple[str, list[str]]]:
    told = [(p, list(dict.fromkeys(terms(p)))) for p in [chapter.title, *chapter.points]]
    if not chapter.points and chapter.summary:
        told.append((chapter.summary, list(dict.fromkeys(terms(chapter.summary)))))
    return [(point, ts) for point, ts in told if ts]


def _absent(number: int, title: str) -> Finding:
    return Finding(
        measure="coverage",
        chapter=number,
        why=f"Chapter {number} of the outline, “{title}”, is not there.",
        advice="Write it, or take it out of the outline.",
    )
