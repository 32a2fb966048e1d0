"""Use-cases of `assessment`: genres, measures, the rubric, scores over time."""

import asyncio
import hashlib
from datetime import timedelta
from uuid import UUID, uuid5

import orjson

from scrivano.assessment import repo
from scrivano.assessment.dto import (
    AssessmentNotFound,
    Finding,
    GenreContent,
    GenreView,
    Judgement,
    Manuscript,
    Report,
    ScoreKeys,
    Scores,
    StoredScore,
    TrendPoint,
)
from scrivano.assessment.genre_files import chosen, shipped
from scrivano.assessment.judging import JudgeCall, findings_of, judge
from scrivano.assessment.measuring import measure
from scrivano.assessment.models import GenreRow, ScoreRow
from scrivano.assessment.repo import Grouping
from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.errors import InvalidInput
from scrivano.core.ids import new_id
from scrivano.llm.public import LLMService
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.prompts.public import Prompts

LONGEST = 3_000_000
MOST_FINDINGS = 200
_SCORES = UUID("5b8f6c0e-3c53-5d0e-9a41-7c2b8fb1f6d2")


class Assessments:
    """Scores of texts. Measures cost a third of a second for ten thousand words and are made in a thread."""

    def __init__(self, database: Database, llm: LLMService, prompts: Prompts) -> None:
        self._database = database
        self._llm = llm
        self._prompts = prompts

    # --- genres -----------------------------------------------------------------------------------

    async def load_shipped(self) -> None:
        """Bring the genres that come with Scrivano into the database; one that a person changed stays as it is."""
        async with self._database.begin() as session:
            there = {row.slug: row for row in await repo.genres(session)}
            for slug, content in shipped().items():
                data = content.model_dump(mode="json")
                digest = _digest(data)
                row = there.get(slug)
                if row is None or row.shipped_hash not in (None, digest):
                    await repo.put_genre(session, slug, data, digest, clock.now())

    async def genres(self) -> list[GenreView]:
        """Every genre with its weights and criteria, by slug."""
        async with self._database.read() as session:
            return [_genre(row) for row in await repo.genres(session)]

    async def genre(self, slug: str = "", *, kind: str = "non-fiction", domain: str = "") -> GenreContent:
        """The genre of this slug, or the one that suits the domain or kind. Raises GenreNotFound."""
        return chosen({g.slug: g.content for g in await self.genres()}, slug, kind, domain)

    async def put_genre(self, content: GenreContent) -> GenreView:
        """Store a genre; one of the same slug gets a new version. What was scored before keeps its score."""
        async with self._database.begin() as session:
            await repo.put_genre(session, content.slug, content.model_dump(mode="json"), None, clock.now())
            row = await repo.get_genre(session, content.slug)
            assert row is not None
            return _genre(row)

    # --- assessing --------------------------------------------------------------------------------

    async def measure(self, manuscript: Manuscript, *, domain: str = "") -> Report:
        """All measures of a text. Raises NothingToAssess, GenreNotFound, InvalidInput for more than three million
        characters."""
        size = sum(len(c.text) for c in manuscript.chapters) + sum(len(r.text) for r in manuscript.references)
        if size > LONGEST:
            raise InvalidInput(
                f"The text has {size:,} characters; {LONGEST:,} can be assessed at once.",
                field="chapters",
                remedy="Assess it in parts.",
            )
        genre = await self.genre(manuscript.genre, kind=manuscript.kind, domain=domain)
        return await asyncio.to_thread(measure, manuscript, genre)

    async def judge(self, text: str, genre: GenreContent, call: JudgeCall) -> Judgement:
        """The rubric of the genre, asked of a model. Raises what the model's service raises."""
        return await judge(self._llm, self._prompts, text, genre, call)

    async def keep(
        self,
        keys: ScoreKeys,
        genre: str,
        scores: Scores,
        words: int,
        *,
        judgement: Judgement | None = None,
        kept: bool = True,
    ) -> StoredScore:
        """Store the scores of one text. Of a run, the same chapter and round again changes nothing."""
        about = (keys.run_id, keys.book_id, keys.chapter, keys.round)
        stored = StoredScore(
            **keys.model_dump(exclude={"project_id"}),
            project_id=keys.project_id or DEFAULT_PROJECT,
            id=uuid5(_SCORES, "/".join(map(str, about))) if keys.run_id else new_id(),
            genre=genre,
            score=scores.score,
            rubric_score=judgement.score if judgement else None,
            combined=combined(scores, judgement),
            words=words,
            kept=kept,
            created_at=clock.now(),
            measures={m.name: m.score for m in scores.measures},
            criteria={j.criterion: j.score for j in judgement.criteria if j.counts} if judgement else {},
            findings=_findings(scores, judgement, keys.chapter),
        )
        values = stored.model_dump(exclude={"findings"})
        values["findings"] = [f.model_dump(mode="json") for f in stored.findings]
        async with self._database.begin() as session:
            await repo.put_score(session, values)
        return stored

    async def mark_kept(self, run_id: str, chapter: int, round_: int) -> None:
        """Say which round's text of a chapter stands in the book."""
        async with self._database.begin() as session:
            await repo.set_kept(session, run_id, chapter, round_)

    async def forget_book(self, book_id: UUID) -> None:
        """Delete a book's scores with the passages that their findings quote."""
        async with self._database.begin() as session:
            await repo.drop_scores_of(session, book_id)

    async def forget_project(self, project_id: UUID) -> None:
        """Delete a project's scores, and its comparisons with their texts."""
        async with self._database.begin() as session:
            await repo.forget_project(session, project_id)

    # --- looking back -----------------------------------------------------------------------------

    async def score(self, score_id: UUID) -> StoredScore:
        """One score with its findings. Raises AssessmentNotFound."""
        async with self._database.read() as session:
            row = await repo.get_score(session, score_id)
        if row is None:
            raise AssessmentNotFound(f"There is no score {score_id}.")
        return _stored(row)

    async def scores(
        self,
        *,
        project_id: UUID | None = None,
        book_id: UUID | None = None,
        kept: bool | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[StoredScore]:
        """Scores, newest first; of a book by run, chapter and round."""
        async with self._database.read() as session:
            rows = await repo.scores(
                session, project_id=project_id, book_id=book_id, kept=kept, limit=limit, offset=offset
            )
        return [_stored(row) for row in rows]

    async def trend(
        self, project_id: UUID, by: Grouping, *, measure: str | None = None, days: int = 90, limit: int = 500
    ) -> list[TrendPoint]:
        """Chapters' scores by day and group: the combined score, or one measure's. Only texts that were kept count."""
        since = clock.now() - timedelta(days=days)
        async with self._database.read() as session:
            rows = await repo.trend(session, project_id, by, measure, since, limit)
        return [
            TrendPoint(day=day, group=group, count=n, mean=round(mean, 2), lowest=low, highest=high)
            for day, group, n, mean, low, high in rows
        ]


def combined(scores: Scores, judgement: Judgement | None) -> float:
    """The mean of measures and rubric where there is a rubric that counts, else the measures'."""
    if judgement is None or judgement.score is None:
        return round(scores.score, 4)
    return round((scores.score + judgement.score) / 2, 4)


def _findings(scores: Scores, judgement: Judgement | None, chapter: int | None) -> list[Finding]:
    found = [f for m in scores.measures for f in m.findings]
    if judgement is not None:
        found += findings_of(judgement, chapter)
    return found[:MOST_FINDINGS]


def _digest(data: dict[str, object]) -> str:
    return hashlib.sha256(orjson.dumps(data, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _genre(row: GenreRow) -> GenreView:
    content = GenreContent.model_validate(row.content)
    return GenreView(slug=row.slug, version=row.version, content=content, changed_at=row.changed_at)


def _stored(row: ScoreRow) -> StoredScore:
    return StoredScore.model_validate(row, from_attributes=True)
