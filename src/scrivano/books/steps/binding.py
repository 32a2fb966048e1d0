"""From chapters to a book on the shelf: what is kept, the cover, the files, and the account of how it was made."""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal
from uuid import UUID, uuid5

from scrivano.books import repo
from scrivano.books.covers.drawing import draw_front, lettered
from scrivano.books.covers.dto import Lettering
from scrivano.books.dto import BookOutline, TracedSentence
from scrivano.books.files import Cover, write_docx, write_epub, write_markdown, write_pdf
from scrivano.books.models import BookFileRow, BookRow
from scrivano.books.provenance import Account, ChapterAccount, calls_by_kind, measured, named, writers
from scrivano.books.stages import BUILT_IN, BookResult, ChapterDraft, Edition, Plan, chapter_number
from scrivano.books.steps.shelf import Shelf, Shelved
from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.documents.public import Author, Documents, Owner, VersionInfo
from scrivano.llm.public import LLMService
from scrivano.runs.public import current, step

FileKind = Literal["pdf", "epub", "docx", "markdown"]
FILES: dict[FileKind, tuple[str, str]] = {
    "pdf": ("book.pdf", "application/pdf"),
    "epub": ("book.epub", "application/epub+zip"),
    "docx": ("book.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "markdown": ("book.md", "text/markdown; charset=utf-8"),
}
COVERS = {"cover.png": "image/png", "cover.svg": "image/svg+xml", "cover.pdf": "application/pdf"}
ACCOUNT = "provenance.json"
_CHAPTERS = UUID("6f2a86e4-6d5e-5c0b-9a53-0d2f6f6f4b51")


def book_owner(book_id: UUID) -> Owner:
    """A book as the owner of its chapters' texts."""
    return Owner(feature="books", id=str(book_id))


def chapter_document(book_id: UUID, number: int) -> UUID:
    """The document of a chapter: the same in every run."""
    return uuid5(_CHAPTERS, f"{book_id}/{number}")


def _kind(plan: Plan, edition: Edition, kind: FileKind) -> str:
    return kind


class Binding:
    """What a run leaves behind for good goes through here."""

    def __init__(
        self,
        database: Database,
        documents: Documents,
        llm: LLMService,
        shelf: Shelf,
        font_dirs: Sequence[Path] = (),
    ) -> None:
        self._font_dirs = font_dirs
        self._database = database
        self._documents = documents
        self._llm = llm
        self._shelf = shelf

    @step(item=chapter_number)
    async def keep_chapter(self, plan: Plan, draft: ChapterDraft) -> ChapterDraft:
        """Store the chapter as a new version of its document. The same text again makes no second version; where a
        person has edited the chapter meanwhile, it becomes a proposal beside their text."""
        return await self.store_chapter(plan, draft, [])

    async def store_chapter(
        self, plan: Plan, draft: ChapterDraft, sentences: list[TracedSentence]
    ) -> ChapterDraft:
        """The same within another step; `sentences` are stored with the version as its sources."""
        document_id = chapter_document(plan.book_id, draft.number)
        kept = await self._documents.put(
            document_id,
            kind="chapter",
            title=draft.title,
            text=draft.text,
            author=Author(kind="run", id=current().run_id),
            owner=book_owner(plan.book_id),
            request_ids=draft.request_ids,
            sources=[s.model_dump() for s in sentences],
        )
        facts = draft.model_dump(mode="json", exclude={"text"})
        async with self._database.begin() as session:
            place = await repo.get_chapter(session, plan.book_id, draft.number)
            if place is None or kept.author.kind == "run":
                await repo.put_chapter(session, plan.book_id, draft.number, draft.title, document_id, facts)
        return draft

    @step()
    async def settle_edition(self, plan: Plan) -> Edition:
        """The texts as they stand now. All files and the account are of these, whatever is saved meanwhile."""
        return await self._shelf.newest(plan)

    @step()
    async def draw_cover(self, plan: Plan, edition: Edition) -> None:
        """Draw the cover that was chosen, else one in the brief's style, and keep it as PNG, SVG and PDF."""
        shelved = await self._shelf.take(plan, current().run_id, edition)
        async with self._database.read() as session:
            chosen = await repo.chosen_cover(session, plan.book_id)
        shown, art, words = shelved.manuscript, None, True
        if chosen is not None:
            lettering = Lettering.model_validate(chosen.lettering)
            shown, art, words = lettered(shown, lettering, chosen.style), chosen.art, lettering.show
        cover = await asyncio.to_thread(draw_front, shown, art, words, self._font_dirs)
        for name, content in (("cover.png", cover.png), ("cover.svg", cover.svg), ("cover.pdf", cover.pdf)):
            await self._put(plan, name, COVERS[name], content)

    @step(item=_kind)
    async def make_file(self, plan: Plan, edition: Edition, kind: FileKind) -> str:
        """Typeset the book in one format; returns the SHA-256 of the file."""
        shelved = await self._shelf.take(plan, current().run_id, edition)
        name, media_type = FILES[kind]
        return await self._put(plan, name, media_type, await self._typeset(plan, shelved, kind))

    async def _typeset(self, plan: Plan, shelved: Shelved, kind: FileKind) -> bytes:
        match kind:
            case "pdf":
                return await write_pdf(shelved.manuscript, font_dirs=self._font_dirs)
            case "epub":
                return await asyncio.to_thread(write_epub, shelved.manuscript, await self._cover(plan))
            case "docx":
                return await asyncio.to_thread(write_docx, shelved.manuscript)
            case "markdown":
                return await asyncio.to_thread(write_markdown, shelved.manuscript)

    async def _cover(self, plan: Plan) -> Cover:
        async with self._database.read() as session:
            found = {name: await repo.get_file(session, plan.book_id, name) for name in COVERS}
        drawn = {name.split(".")[1]: row.content for name, row in found.items() if row}
        return Cover.model_validate(drawn)

    async def _put(self, plan: Plan, name: str, media_type: str, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        row = BookFileRow(
            book_id=plan.book_id,
            name=name,
            media_type=media_type,
            sha256=digest,
            content=content,
            made_at=clock.now(),
        )
        async with self._database.begin() as session:
            await repo.put_file(session, row)
        return digest

    @step()
    async def settle_account(
        self, plan: Plan, edition: Edition, outline: BookOutline, notes: list[str]
    ) -> BookResult:
        """Write `provenance.json`: what wrote the book, what went out, what it cost."""
        run_id = current().run_id
        shelved = await self._shelf.take(plan, run_id, edition)
        requests = await self._shelf.requests(plan, run_id)
        finished = clock.now()
        async with self._database.read() as session:
            book = await repo.get_book(session, plan.book_id)
        seconds = _seconds(plan, book, finished)
        calls = calls_by_kind(requests)
        chapters = [
            _chapter_account(
                draft,
                sentences,
                named(writers([r for r in requests if r.item == str(draft.number)]), plan.writer),
                version,
            )
            for draft, sentences, version in zip(
                shelved.drafts, shelved.sentences, shelved.versions, strict=True
            )
        ]
        result = Account(
            title=shelved.manuscript.title,
            language=plan.brief.language,
            words=sum(c.words for c in chapters),
            words_asked=plan.brief.words,
            generated_with=shelved.facts.generated_with,
            external_api_calls=sum(calls["cloud"].values()),
            calls=calls,
            facts=shelved.facts,
            chapters=chapters,
            measured={**measured(requests, seconds), "run_id": run_id, "book_id": str(plan.book_id)},
        )
        await self._put(plan, ACCOUNT, "application/json", result.model_dump_json(indent=2).encode() + b"\n")
        async with self._database.begin() as session:
            await repo.set_provenance(session, plan.book_id, result.model_dump(mode="json"), finished)
            files = [name for name, *_ in await repo.list_files(session, plan.book_id)]
        waiting = {d.id: d.open_proposals for d in await self._documents.of(book_owner(plan.book_id))}
        return BookResult(
            book_id=plan.book_id,
            title=result.title,
            words=result.words,
            chapters=len(chapters),
            generated_with=result.generated_with,
            files=files,
            notes=[*outline.notes, *notes],
            proposals=[
                draft.number
                for draft in shelved.drafts
                if waiting.get(chapter_document(plan.book_id, draft.number))
            ],
        )


def _seconds(plan: Plan, book: BookRow | None, finished: datetime) -> float:
    """How long the writing took: of a book that is bound again, the time that it took the first time."""
    if book is None:
        return 0.0
    if plan.runs and book.provenance:
        return float(book.provenance["measured"]["seconds"])
    return (finished - book.created_at).total_seconds()


def _chapter_account(
    draft: ChapterDraft, sentences: list[dict[str, str]], model: str, version: VersionInfo
) -> ChapterAccount:
    return ChapterAccount(
        version=version.number,
        last_change_by=version.author.kind,
        number=draft.number,
        title=draft.title,
        words=draft.words,
        words_asked=draft.target,
        generated_with=BUILT_IN if sentences else model,
        sources=draft.sources,
        sentences=sentences,
        notes=draft.notes,
    )
