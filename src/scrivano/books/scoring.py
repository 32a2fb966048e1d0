"""A book as a text to assess, and the scores of one as it stands."""

from collections.abc import Sequence
from uuid import UUID

from scrivano.assessment.public import (
    Assessments,
    ChapterText,
    KnownText,
    Manuscript,
    PlannedChapter,
    Report,
    ScoreKeys,
)
from scrivano.books import repo
from scrivano.books.dto import BookOutline, Brief
from scrivano.books.editing import ChapterView
from scrivano.books.provenance import named, writers
from scrivano.books.service import Books, BookView
from scrivano.core.database import Database
from scrivano.core.errors import Conflict
from scrivano.llm.public import LLMService
from scrivano.references.public import Reference

WRITTEN_FROM = "write_chapter"


def manuscript_of(
    brief: Brief,
    outline: BookOutline | None,
    chapters: Sequence[tuple[str, str]],
    references: Sequence[Reference],
) -> Manuscript:
    """The chapters (title and Markdown), with the plan that they were written to and what they may not contradict."""
    known = [KnownText(name=r.name[:300], text=r.text) for r in references]
    if sheet := _sheet(brief):
        known.append(KnownText(name="the brief", text=sheet))
    return Manuscript(
        chapters=[ChapterText(title=title[:300], text=text) for title, text in chapters],
        outline=[
            PlannedChapter(title=c.title[:300], summary=c.summary, points=c.points[:60], words=c.words)
            for c in (outline.chapters if outline else [])
        ],
        references=known[:200],
        language=brief.language,
        kind=brief.kind,
        audience=brief.audience,
    )


def niche_of(brief: Brief) -> str:
    """`domain/niche`, by which scores are looked up; empty without a niche."""
    return f"{brief.domain}/{brief.niche}" if brief.domain and brief.niche else ""


def _sheet(brief: Brief) -> str:
    """What the brief says of its people and its world, one sentence a paragraph."""
    lines: list[str] = []
    for person in brief.characters:
        lines.append(f"## {person.name}")
        lines += [text for text in [person.description, *person.facts] if text]
    if brief.world:
        lines += [
            "## The world",
            *filter(None, [brief.world.setting]),
            *brief.world.rules,
            *brief.world.timeline,
        ]
    return "\n\n".join(lines)


class Scoring:
    """Assesses books as they stand, with a person's edits in them."""

    def __init__(self, database: Database, books: Books, assessments: Assessments, llm: LLMService) -> None:
        self._database = database
        self._books = books
        self._assessments = assessments
        self._llm = llm

    async def assess(self, book_id: UUID) -> Report:
        """Measure the newest versions and store the scores. Raises NotFound; Conflict where no chapter is written."""
        book, chapters, report = await self._measured(book_id)
        requests = await self._llm.run_requests(book.run_id)
        version = next((r.prompt_version for r in requests if r.purpose == WRITTEN_FROM), None) or ""
        keys = ScoreKeys(
            project_id=book.project_id,
            book_id=book_id,
            prompt_version=version,
            niche=niche_of(book.brief),
            model=named(writers(requests)),
        )
        await self._assessments.keep(keys, report.genre, report, report.words)
        for scored, chapter in zip(report.chapters, chapters, strict=True):
            own = keys.model_copy(
                update={
                    "chapter": chapter.number,
                    "document_id": chapter.document_id,
                    "version": chapter.version,
                    "model": named(writers([r for r in requests if r.item == str(chapter.number)])),
                }
            )
            await self._assessments.keep(own, report.genre, scored, scored.words)
        return report

    async def measure(self, book_id: UUID) -> Report:
        """The same without storing anything."""
        return (await self._measured(book_id))[2]

    async def _measured(self, book_id: UUID) -> tuple[BookView, list[ChapterView], Report]:
        book = await self._books.get(book_id)
        chapters = await self._books.chapters(book_id)
        if not chapters:
            raise Conflict("The book has no chapter yet.", remedy=f"Look at its run {book.run_id}.")
        async with self._database.read() as session:
            stored = await repo.get_references(session, book_id)
        references = [Reference.model_validate(r) for r in stored]
        texts = [(c.title, c.text) for c in chapters]
        manuscript = manuscript_of(book.brief, book.outline, texts, references)
        report = await self._assessments.measure(manuscript, domain=book.brief.domain or "")
        return book, chapters, report
