"""Chapters as a person works on them: read, edit, restore, and see where a paragraph comes from."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal, NamedTuple
from uuid import UUID

from pydantic import BaseModel, Field

from scrivano.books import repo
from scrivano.books.length import count_words
from scrivano.books.models import BookChapterRow
from scrivano.books.stages import ChapterDraft
from scrivano.books.steps.binding import book_owner, chapter_document
from scrivano.core.database import Database
from scrivano.core.errors import InvalidInput, NotFound
from scrivano.documents.public import (
    Author,
    Diff,
    DiffUnit,
    Documents,
    DocumentView,
    VersionInfo,
    VersionView,
)
from scrivano.llm.public import LLMService, RequestView
from scrivano.references.public import Reference, split_passages

_PERSON = Author()
_SENTENCE = re.compile(r"[^.!?\n]{12,}[.!?]")
MOST_SOURCES = 20
_MOST_COUNTED = 50_000


class ChapterInfo(BaseModel):
    """A chapter without its text; `version` counts from 1. `last_change_by` says whose version it is."""

    number: int
    title: str
    words: int
    document_id: UUID
    version: int
    last_change_by: Literal["person", "run", "import"] = "run"
    open_proposals: int = 0


class ChapterView(ChapterInfo):
    """A chapter as it stands."""

    text: str


class LineageRequest(BaseModel):
    """A call to a model that the paragraph came from. `cost` in US dollars is that of the whole call."""

    id: UUID
    purpose: str
    prompt_name: str | None
    prompt_version: str | None
    provider: str
    model: str
    cost: Decimal
    seconds: float | None
    verbatim: bool = Field(description="Whether the paragraph, or a sentence of it, stands so in the answer.")


class LineageSource(BaseModel):
    """A passage of a reference or sample. `use`: taken over word by word, or shown to the model."""

    source: str
    title: str
    passage: str
    text: str
    use: Literal["quoted", "shown"]


class Lineage(BaseModel):
    """What stands behind a paragraph: since which version it reads so, who wrote it, from which calls and sources."""

    version: int
    start: int
    end: int
    paragraph: str
    since_version: int
    author: Author
    requests: list[LineageRequest]
    sources: list[LineageSource]


class _Origin(NamedTuple):
    """The version in which a paragraph first stood as it stands, and all that stood before or with it."""

    version: VersionView
    request_ids: list[UUID]


class Editing:
    """The chapters of stored books. Every method raises NotFound for a book or chapter that is not there."""

    def __init__(self, database: Database, documents: Documents, llm: LLMService) -> None:
        self._database = database
        self._documents = documents
        self._llm = llm
        # A version never changes: its words are counted once in a process. The oldest are forgotten first.
        self._words: dict[UUID, int] = {}

    async def places(self, book_id: UUID) -> Sequence[BookChapterRow]:
        """The chapters' places, in reading order."""
        async with self._database.read() as session:
            return await repo.list_chapters(session, book_id)

    async def chapters(self, book_id: UUID) -> list[ChapterView]:
        """The chapters that are stored so far, in reading order, with their newest text."""
        async with self._database.read() as session:
            if await repo.get_book(session, book_id) is None:
                raise _no_book(book_id)
        places = await self.places(book_id)
        found = await self._documents.newest([place.document_id for place in places])
        return [
            _chapter_view(place, *found[place.document_id]) for place in places if place.document_id in found
        ]

    async def listed(self, book_id: UUID) -> list[ChapterInfo]:
        """What `chapters` gives, without the texts; those whose words are known are not even read."""
        async with self._database.read() as session:
            if await repo.get_book(session, book_id) is None:
                raise _no_book(book_id)
            places = await repo.list_chapters(session, book_id)
        found = await self._documents.newest_infos([place.document_id for place in places])
        words = {v.id: self._words[v.id] for _, v in found.values() if v.id in self._words}
        if uncounted := [id for id, (_, version) in found.items() if version.id not in words]:
            read = await self._documents.newest(uncounted)
            counted = {version.id: count_words(version.text) for _, version in read.values()}
            words, found = words | counted, found | read
            self._words |= counted
            for id in list(self._words)[:-_MOST_COUNTED]:
                del self._words[id]
        return [
            ChapterInfo(**_facts(place, document, version), words=words[version.id])
            for place in places
            if place.document_id in found
            for document, version in [found[place.document_id]]
            if version.id in words
        ]

    async def chapter(self, book_id: UUID, number: int) -> ChapterView:
        """One chapter as it stands."""
        return await self._view(await self.place(book_id, number))

    async def add(self, book_id: UUID, number: int, title: str, text: str, *, author: Author) -> ChapterView:
        """Put a chapter at a place of the book, as a version by `author`; what stood there stays as a version."""
        document_id = chapter_document(book_id, number)
        await self._documents.put(
            document_id, kind="chapter", title=title, text=text, author=author, owner=book_owner(book_id)
        )
        words = count_words(text)
        draft = ChapterDraft(number=number, title=title, text=text, words=words, target=words)
        facts = draft.model_dump(mode="json", exclude={"text"})
        async with self._database.begin() as session:
            await repo.put_chapter(session, book_id, number, title, document_id, facts)
        return await self.chapter(book_id, number)

    async def edit(
        self,
        book_id: UUID,
        number: int,
        text: str,
        *,
        expected_number: int,
        title: str | None = None,
        note: str = "",
        author: Author = _PERSON,
    ) -> ChapterView:
        """Save a person's text on top of version `expected_number`, and another title if one is given.

        Raises DocumentChanged where there is a newer version.
        """
        place = await self.place(book_id, number)
        if title is not None and not title.strip():
            raise InvalidInput(
                "The chapter has no title.", field="title", remedy="Give one, or leave it out."
            )
        await self._documents.add_version(
            place.document_id, text, expected_number=expected_number, author=author, note=note
        )
        if title is not None and title.strip() != place.title:
            await self._documents.rename(place.document_id, title.strip())
            facts = {**place.facts, "title": title.strip()}
            async with self._database.begin() as session:
                await repo.put_chapter(session, book_id, number, title.strip(), place.document_id, facts)
        return await self.chapter(book_id, number)

    async def versions(
        self, book_id: UUID, number: int, *, limit: int | None = None, offset: int = 0
    ) -> list[VersionInfo]:
        """Every version, newest first."""
        place = await self.place(book_id, number)
        return await self._documents.versions(place.document_id, limit=limit, offset=offset)

    async def version(self, book_id: UUID, number: int, version: int) -> VersionView:
        """One version with its text."""
        return await self._documents.version((await self.place(book_id, number)).document_id, version)

    async def diff(self, book_id: UUID, number: int, old: int, new: int, *, unit: DiffUnit = "lines") -> Diff:
        """What changed between two versions."""
        place = await self.place(book_id, number)
        return await self._documents.diff(place.document_id, old, new, unit=unit)

    async def restore(
        self, book_id: UUID, number: int, version: int, *, expected_number: int, author: Author = _PERSON
    ) -> ChapterView:
        """An older version as the newest. Raises DocumentChanged where another is the newest."""
        place = await self.place(book_id, number)
        await self._documents.restore(
            place.document_id, version, expected_number=expected_number, author=author
        )
        return await self.chapter(book_id, number)

    async def place(self, book_id: UUID, number: int) -> BookChapterRow:
        """Where a chapter stands."""
        async with self._database.read() as session:
            place = await repo.get_chapter(session, book_id, number)
        if place is None:
            raise NotFound(
                f"The book {book_id} has no chapter {number}.",
                field="number",
                remedy="See: scrivano book chapters BOOK",
            )
        return place

    async def _view(self, place: BookChapterRow) -> ChapterView:
        document = await self._documents.get(place.document_id)
        return _chapter_view(place, document, await self._documents.latest(place.document_id))

    async def lineage(
        self, book_id: UUID, number: int, offset: int, *, version: int | None = None
    ) -> Lineage:
        """Which requests, prompt versions and source passages stand behind the paragraph at character `offset`.

        Raises InvalidInput for an offset beyond the text's end.
        """
        place = await self.place(book_id, number)
        documents = self._documents
        shown = (
            await documents.latest(place.document_id)
            if version is None
            else await documents.version(place.document_id, version)
        )
        start, end = paragraph_at(shown.text, offset)
        paragraph = shown.text[start:end]
        origin = await self._origin(place.document_id, shown, paragraph)
        requests = [await self._llm.get_request(i) for i in origin.request_ids]
        behind = _behind(paragraph, requests)
        sources = _quoted(paragraph, origin.version)
        if behind:
            async with self._database.read() as session:
                stored = await repo.get_references(session, book_id)
            references = [Reference.model_validate(r) for r in stored]
            sources += _shown(references, [r for r in requests if r.id in {b.id for b in behind}])
        return Lineage(
            version=shown.number,
            start=start,
            end=end,
            paragraph=paragraph,
            since_version=origin.version.number,
            author=origin.version.author,
            requests=behind,
            sources=sources[:MOST_SOURCES],
        )

    async def _origin(self, document_id: UUID, shown: VersionView, paragraph: str) -> _Origin:
        """Backwards through the versions for as long as the paragraph reads so."""
        origin = shown
        for number in range(shown.number - 1, 0, -1):
            older = await self._documents.version(document_id, number)
            if paragraph not in older.text:
                break
            origin = older
        return _Origin(origin, list(dict.fromkeys(origin.request_ids)))


def paragraph_at(text: str, offset: int) -> tuple[int, int]:
    """Where the paragraph around character `offset` begins and ends. Raises InvalidInput beyond the end."""
    if not 0 <= offset < max(1, len(text)):
        raise InvalidInput(
            f"The text has {len(text):,} characters; {offset:,} lies beyond.",
            field="offset",
            remedy="Characters are counted from 0.",
        )
    start = text.rfind("\n\n", 0, offset + 1)
    start = 0 if start < 0 else start + 2
    end = text.find("\n\n", max(start, offset))
    return start, len(text) if end < 0 else end


def _behind(paragraph: str, requests: Sequence[RequestView]) -> list[LineageRequest]:
    """The requests whose answer has the paragraph or a sentence of it; all of them where none has."""
    sentences = _SENTENCE.findall(paragraph)
    pieces = [paragraph.strip(), *(s.strip() for s in sentences)]

    def has(request: RequestView) -> bool:
        answer = str(request.answer.content) if request.answer and request.answer.content else ""
        return any(piece and piece in answer for piece in pieces)

    found = [(request, has(request)) for request in requests]
    chosen = [f for f in found if f[1]] or found
    return [
        LineageRequest(
            id=r.id,
            purpose=r.purpose,
            prompt_name=r.prompt_name,
            prompt_version=r.prompt_version,
            provider=r.provider,
            model=r.model,
            cost=r.cost,
            seconds=r.seconds,
            verbatim=verbatim,
        )
        for r, verbatim in chosen
    ]


def _quoted(paragraph: str, version: VersionView) -> list[LineageSource]:
    """The passages that the built-in writer took the paragraph's sentences from."""
    return [
        LineageSource(
            source=str(s["source_id"]),
            title=str(s.get("source_title", "")),
            passage=str(s.get("passage_id", "")),
            text=str(s["text"]),
            use="quoted",
        )
        for s in version.sources
        if s.get("text") and s.get("source_id") and str(s["text"]) in paragraph
    ]


def _shown(references: Sequence[Reference], requests: Sequence[RequestView]) -> list[LineageSource]:
    """The passages of the author's references that the model had before it."""
    prompts = "\n".join(str(m.content) for r in requests for m in r.messages or () if m.content)
    return [
        LineageSource(
            source=passage.source,
            title=passage.source_title or reference.title,
            passage=passage.id,
            text=passage.text,
            use="shown",
        )
        for reference in references
        for passage in split_passages(reference)
        if passage.text in prompts
    ]


def _chapter_view(place: BookChapterRow, document: DocumentView, version: VersionView) -> ChapterView:
    facts = _facts(place, document, version)
    return ChapterView(**facts, words=count_words(version.text), text=version.text)


def _facts(place: BookChapterRow, document: DocumentView, version: VersionInfo) -> dict[str, Any]:
    return {
        "number": place.number,
        "title": place.title,
        "document_id": place.document_id,
        "version": version.number,
        "last_change_by": version.author.kind,
        "open_proposals": document.open_proposals,
    }


def _no_book(book_id: UUID) -> NotFound:
    return NotFound(f"There is no book {book_id}.", remedy="See: scrivano book list")
