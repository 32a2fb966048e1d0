"""The editor's desk: a chapter is measured and judged, written anew with the findings, and judged again."""

from uuid import UUID

from pydantic import BaseModel, Field

from scrivano.assessment.public import (
    Assessments,
    ChapterScores,
    Finding,
    JudgeCall,
    Report,
    ScoreKeys,
    findings_of,
)
from scrivano.assessment.public import combined as combined_score
from scrivano.books import repo
from scrivano.books.dto import BookOutline
from scrivano.books.length import count_words, fit_length, without_cut_end, without_repeats
from scrivano.books.provenance import named, writers
from scrivano.books.scaffolding import without_scaffolding
from scrivano.books.scoring import WRITTEN_FROM, manuscript_of, niche_of
from scrivano.books.stages import ChapterDraft, Plan
from scrivano.books.steps.asking import Asking
from scrivano.books.steps.planning import brief_variables
from scrivano.core.database import Database
from scrivano.llm.public import CallContext, LLMService
from scrivano.runs.public import current, progress, step

JUDGES, REVISES = "assess_chapter", "revise_chapter"
FINDINGS_A_ROUND = 12
# A revision shorter than this share of what was asked is a summary, not a chapter.
TOO_LITTLE = 0.5


class Seen(BaseModel):
    """What was found of one version of a chapter. Below `bar` it is written anew."""

    score: float
    bar: float
    findings: list[Finding] = Field(default_factory=list[Finding])


class DeskOrder(BaseModel):
    """A chapter that goes over the editor's desk."""

    plan: Plan
    outline: BookOutline
    draft: ChapterDraft


def _number(plan: Plan, outline: BookOutline, draft: ChapterDraft, *_: object) -> str:
    return str(draft.number)


def _numbered(scores: ChapterScores, number: int) -> ChapterScores:
    """A chapter that was measured alone, under its number in the book."""
    measures = [
        m.model_copy(update={"findings": [f.model_copy(update={"chapter": number}) for f in m.findings]})
        for m in scores.measures
    ]
    return scores.model_copy(update={"number": number, "measures": measures})


class Assessing:
    """Scores of every round are stored; the best version stays."""

    def __init__(self, database: Database, asking: Asking, assessments: Assessments, llm: LLMService) -> None:
        self._database = database
        self._asking = asking
        self._assessments = assessments
        self._llm = llm

    @step(item=_number)
    async def assess_chapter(
        self, plan: Plan, outline: BookOutline, draft: ChapterDraft, round_: int
    ) -> Seen:
        """Measures of one chapter, and the rubric of its genre judged by the book's model."""
        brief = plan.brief
        genre = await self._assessments.genre(kind=brief.kind, domain=brief.domain or "")
        report = await self._report(plan, outline, [draft], alone=True)
        scores = _numbered(report.chapters[0], draft.number)
        run_id = current().run_id
        judgement = await self._assessments.judge(
            draft.text,
            genre,
            JudgeCall(
                context=CallContext(
                    feature="books",
                    purpose=JUDGES,
                    run_id=run_id,
                    key="/".join([run_id, JUDGES, str(draft.number), str(round_)]),
                    chain=tuple(plan.models),
                    labels={"book": str(plan.book_id), "item": str(draft.number)},
                ),
                version_id=plan.prompts[JUDGES],
                model=plan.models[0] if len(plan.models) == 1 else None,
                situation={
                    "title": outline.title,
                    "subject": brief.subject or (brief.niche or "").replace("_", " "),
                    "audience": brief.audience,
                    "tone": brief.tone,
                    "language": brief.language,
                    "chapter_title": draft.title,
                },
            ),
        )
        keys = await self._keys(plan, draft.number, round_)
        await self._assessments.keep(
            keys, report.genre, scores, scores.words, judgement=judgement, kept=round_ == 0
        )
        bar = genre.bar if brief.revision_bar is None else brief.revision_bar
        score = combined_score(scores, judgement)
        findings = [
            *findings_of(judgement, draft.number),
            *(f for m in scores.measures if m.weight for f in m.findings if m.name != "length"),
        ]
        await progress("chapter_assessed", {"chapter": str(draft.number), "round": round_, "score": score})
        return Seen(score=score, bar=bar, findings=findings[:FINDINGS_A_ROUND])

    @step(preemptible=True, item=_number)
    async def revise_chapter(
        self, plan: Plan, outline: BookOutline, draft: ChapterDraft, findings: list[Finding], round_: int
    ) -> ChapterDraft:
        """The chapter written anew with the findings; as it was where the answer is no whole chapter."""
        chapter = outline.chapters[draft.number - 1]
        response = await self._asking.prose(
            plan,
            REVISES,
            {
                **brief_variables(plan.brief),
                "book_title": outline.title,
                "number": draft.number,
                "chapter_title": draft.title,
                "chapter_summary": chapter.summary,
                "points": chapter.points,
                "words": draft.target,
                "text": draft.text,
                "findings": [{"quote": f.quote, "why": f.why, "advice": f.advice} for f in findings],
            },
            max_words=round(max(draft.target, draft.words) * 1.5),
            item=str(draft.number),
            round_=round_,
        )
        text, _ = without_scaffolding(response.text, title=draft.title)
        text = without_repeats(without_cut_end(text, was_cut=response.finish_reason == "length"))
        text = fit_length(text, draft.target)
        if count_words(text) < draft.target * TOO_LITTLE:
            return draft
        return draft.model_copy(
            update={
                "text": text,
                "words": count_words(text),
                "request_ids": [*draft.request_ids, response.request_id],
            }
        )

    @step(item=_number)
    async def keep_round(self, plan: Plan, outline: BookOutline, draft: ChapterDraft, round_: int) -> int:
        """Note which round's version stands in the book."""
        await self._assessments.mark_kept(current().run_id, draft.number, round_)
        return round_

    @step()
    async def measure_book(self, plan: Plan, outline: BookOutline, drafts: list[ChapterDraft]) -> float:
        """Measure the finished text and store the scores of the whole and, unless the desk has, of each chapter."""
        if not any(draft.words for draft in drafts):
            return 0.0
        report = await self._report(plan, outline, drafts)
        await self._assessments.keep(await self._keys(plan, None, 0), report.genre, report, report.words)
        if not plan.brief.revision_rounds:
            for draft, scores in zip(drafts, report.chapters, strict=True):
                keys = await self._keys(plan, draft.number, 0)
                await self._assessments.keep(keys, report.genre, scores, scores.words)
        return report.score

    async def _report(
        self, plan: Plan, outline: BookOutline, drafts: list[ChapterDraft], *, alone: bool = False
    ) -> Report:
        references = await self._asking.references(plan.book_id)
        planned = outline
        if alone:
            planned = outline.model_copy(update={"chapters": [outline.chapters[drafts[0].number - 1]]})
        manuscript = manuscript_of(plan.brief, planned, [(d.title, d.text) for d in drafts], references)
        return await self._assessments.measure(manuscript, domain=plan.brief.domain or "")

    async def _keys(self, plan: Plan, chapter: int | None, round_: int) -> ScoreKeys:
        run_id = current().run_id
        async with self._database.read() as session:
            book = await repo.get_book(session, plan.book_id)
            place = await repo.get_chapter(session, plan.book_id, chapter) if chapter else None
        requests = await self._llm.run_requests(run_id)
        mine = [r for r in requests if chapter is None or r.item == str(chapter)]
        document: UUID | None = place.document_id if place else None
        return ScoreKeys(
            project_id=book.project_id if book else None,
            book_id=plan.book_id,
            chapter=chapter,
            document_id=document,
            run_id=run_id,
            round=round_,
            model=named(writers(mine), plan.writer),
            prompt_version=plan.prompts.get(WRITTEN_FROM, ""),
            niche=niche_of(plan.brief),
        )
