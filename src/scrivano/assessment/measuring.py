"""All measures of a text at once. Pure: the same text gives the same report."""

from collections.abc import Sequence

from scrivano.assessment.contradictions.detect import Clash, Statement, clashes, statements
from scrivano.assessment.dto import (
    ChapterScores,
    Finding,
    GenreContent,
    Manuscript,
    Measure,
    NothingToAssess,
    Report,
    Scores,
)
from scrivano.assessment.measures.citations import citations
from scrivano.assessment.measures.cohesion import cohesion
from scrivano.assessment.measures.coverage import Plan
from scrivano.assessment.measures.dialogue import dialogue
from scrivano.assessment.measures.length import length, length_score, wholeness
from scrivano.assessment.measures.names import Spellings
from scrivano.assessment.measures.outcome import Outcome, clipped
from scrivano.assessment.measures.readability import readability, suits
from scrivano.assessment.measures.repetition import Heard
from scrivano.assessment.measures.voice import voice
from scrivano.assessment.text import Prose

# What is left of a chapter's score for each contradiction in it, and of the whole's.
EACH_IN_CHAPTER, EACH_IN_WHOLE = 0.75, 0.9
# Of the whole these count each chapter alike, so that an empty one cannot hide behind long ones.
_BY_CHAPTER = frozenset(("wholeness", "length", "repetition"))


def measure(manuscript: Manuscript, genre: GenreContent) -> Report:
    """Scores of the whole and of each chapter. Raises NothingToAssess for a text without a word."""
    chapters = [Prose(c.text, n, c.title) for n, c in enumerate(manuscript.chapters, start=1)]
    if not any(c.words for c in chapters):
        raise NothingToAssess(
            "The text has no words.", field="chapters", remedy="Give Markdown with at least a sentence."
        )
    return _Measuring(manuscript, genre, chapters).report()


class _Measuring:
    def __init__(self, manuscript: Manuscript, genre: GenreContent, chapters: list[Prose]) -> None:
        self._asked = manuscript
        self._genre = genre
        self._chapters = chapters
        self._band = suits(manuscript.audience, genre.reading_ease)
        self._spellings = Spellings(chapters, manuscript.language)
        self._plan = Plan(manuscript.outline) if manuscript.outline else None

    def report(self) -> Report:
        heard = Heard()
        disagreements = self._disagreements()
        outcomes = [self._chapter(c, heard, disagreements) for c in self._chapters]
        scored = [
            ChapterScores(
                number=prose.number,
                title=prose.title,
                words=prose.words,
                **_scored(found, self._genre.weights).model_dump(),
            )
            for prose, found in zip(self._chapters, outcomes, strict=True)
        ]
        whole = self._whole(outcomes, disagreements)
        return Report(
            genre=self._genre.slug,
            words=sum(c.words for c in self._chapters),
            language=self._asked.language,
            chapters=scored,
            **_scored(whole, self._genre.weights).model_dump(),
        )

    def _disagreements(self) -> list[Clash]:
        if not self._asked.language.lower().startswith("en"):
            return []
        known: list[Statement] = []
        for reference in self._asked.references:
            known += statements(Prose(reference.text), reference.name)
        told = [s for chapter in self._chapters for s in statements(chapter, chapter.number)]
        return clashes(known, told)

    def _chapter(self, prose: Prose, heard: Heard, found: Sequence[Clash]) -> dict[str, Outcome]:
        asked, outline = self._asked, self._asked.outline
        planned = outline[prose.number - 1].words if prose.number <= len(outline) else 0
        one = len(self._chapters) == 1
        outcomes: dict[str, Outcome | None] = {
            "length": length(prose, planned or (asked.words if one else 0)),
            "wholeness": wholeness(prose),
            "coverage": self._plan.chapter(prose) if self._plan else None,
            "repetition": heard.take(prose) if prose.sentences else Outcome(0.0),
            "cohesion": cohesion(prose),
            "readability": readability(prose, asked.language, self._band),
            "voice": voice(prose, asked.language, asked.kind),
            "names": self._spellings.chapter(prose),
            "contradictions": self._contradictions(prose, found),
            "citations": citations(prose, asked.kind),
            "dialogue": dialogue(prose, self._genre.dialogue),
        }
        return {name: outcome for name, outcome in outcomes.items() if outcome is not None}

    def _contradictions(self, prose: Prose, found: Sequence[Clash]) -> Outcome | None:
        if not self._asked.language.lower().startswith("en"):
            return None
        here = [c for c in found if c.second.source == prose.number]
        findings = [_told(prose, clash) for clash in here]
        return Outcome(100 * EACH_IN_CHAPTER ** len(here), {"contradictions": len(here)}, findings)

    def _whole(self, outcomes: Sequence[dict[str, Outcome]], found: Sequence[Clash]) -> dict[str, Outcome]:
        whole: dict[str, Outcome] = {}
        for name in dict.fromkeys(n for o in outcomes for n in o):
            mean = self._mean(name, outcomes)
            if mean is not None:
                whole[name] = Outcome(mean)
        if self._plan:
            whole["coverage"] = self._plan.whole([o.get("coverage") for o in outcomes], len(self._chapters))
        asked = self._asked.words or sum(c.words for c in self._asked.outline)
        if asked:
            words = sum(c.words for c in self._chapters)
            total = length_score(words, asked)
            both = (total + whole["length"].score) / 2 if "length" in whole else total
            whole["length"] = Outcome(both, {"words": words, "asked": asked})
        if "contradictions" in whole:
            whole["contradictions"] = Outcome(
                100 * EACH_IN_WHOLE ** len(found), {"contradictions": len(found)}
            )
        return whole

    def _mean(self, name: str, outcomes: Sequence[dict[str, Outcome]]) -> float | None:
        pairs = [
            (o[name].score, 1.0 if name in _BY_CHAPTER else float(max(1, c.words)))
            for o, c in zip(outcomes, self._chapters, strict=True)
            if name in o
        ]
        total = sum(w for _, w in pairs)
        return sum(s * w for s, w in pairs) / total if total else None


def _told(prose: Prose, clash: Clash) -> Finding:
    source = clash.first.source
    where = f"Chapter {source}" if isinstance(source, int) else source
    if source == prose.number:
        where = "The same chapter"
    return prose.finding(
        "contradictions",
        clash.second.sentence,
        f"{where} says: “{clash.first.sentence.text}”",
        "Decide which is right and change the other.",
    )


def _scored(outcomes: dict[str, Outcome], weights: dict[str, float]) -> Scores:
    measures = [
        Measure(
            name=name,
            score=round(clipped(o.score), 3),
            weight=weights.get(name, 0.0),
            facts=o.facts,
            findings=o.findings,
        )
        for name, o in outcomes.items()
    ]
    total = sum(m.weight for m in measures)
    score = sum(m.score * m.weight for m in measures) / total if total else 0.0
    return Scores(score=round(score, 4), measures=measures)
