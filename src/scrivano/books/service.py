"""Use-cases of books: order one, look at it, take its files."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid5

from pydantic import BaseModel, Field, JsonValue

from scrivano.books import repo
from scrivano.books.brief import check_niche, parse_brief
from scrivano.books.context.service import ChapterContexts
from scrivano.books.dto import BookOutline, BookSort, Brief, OutlineChapter
from scrivano.books.editing import ChapterInfo, ChapterView, Editing
from scrivano.books.importing import ImportedBook
from scrivano.books.length import count_words
from scrivano.books.models import BookRow
from scrivano.books.outline import edited_outline
from scrivano.books.stages import AUTHOR, BUILT_IN, BookOrder, Plan, ProofOrder, RebindOrder, RewriteOrder
from scrivano.books.steps.binding import COVERS, book_owner
from scrivano.books.writers import require_model
from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.errors import Conflict, InvalidInput, NotFound
from scrivano.core.ids import new_id
from scrivano.documents.public import Author, Documents
from scrivano.llm.public import LLMService
from scrivano.packs.public import Packs
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.references.public import Reference
from scrivano.runs.public import Runs, WrongState

_LONGEST_NAME = 120


class BookView(BaseModel):
    """A book in a list, or with its outline and account."""

    id: UUID
    project_id: UUID
    run_id: str
    title: str
    created_at: datetime
    finished_at: datetime | None
    brief: Brief
    outline: BookOutline | None = None
    provenance: dict[str, JsonValue] | None = None
    open_proposals: int = Field(default=0, description="Texts that wait beside its chapters for a decision.")


class BookRunView(BaseModel):
    """A run that worked on a book. `purpose` is write, rewrite, check, bind or cover."""

    run_id: str
    purpose: str
    chapter: int | None
    created_at: datetime


class FileView(BaseModel):
    """A finished file. `size` is in bytes; `outdated` says that a chapter was changed since it was made."""

    name: str
    media_type: str
    sha256: str
    size: int
    made_at: datetime
    outdated: bool = False


class Books:
    """Everything about books but the writing itself, which is the pipeline's."""

    def __init__(
        self,
        database: Database,
        runs: Runs,
        packs: Packs,
        documents: Documents,
        llm: LLMService,
        contexts: ChapterContexts,
    ) -> None:
        self._database = database
        self._runs = runs
        self._packs = packs
        self._documents = documents
        self._llm = llm
        self._contexts = contexts
        self.editing = Editing(database, documents, llm)

    async def order(
        self,
        brief: Brief,
        references: Sequence[Reference] = (),
        *,
        model: str | None = None,
        max_cost: float | None = None,
        prompts: Mapping[str, str] | None = None,
        project_id: UUID = DEFAULT_PROJECT,
        user_id: UUID | None = None,
        book_id: UUID | None = None,
    ) -> BookView:
        """Store the brief with its references and start the run that writes the book.

        `model` names one model, or `built-in writer`; without it the models in reach are asked. `max_cost` is a
        ceiling in US dollars, `prompts` are ids of versions that stand in for those in production. An order with the
        `book_id` of
        an earlier one gives that one. Raises InvalidInput for a niche or ceiling that cannot be, NotFound for a
        model that is not registered.
        """
        await self.check(brief, model, max_cost)
        known_as = book_id or new_id()
        run_id = str(uuid5(known_as, "write"))
        row = BookRow(
            id=known_as,
            run_id=run_id,
            project_id=project_id,
            user_id=user_id,
            title=brief.title or _beginning(brief.subject or brief.niche or brief.premise or "Untitled"),
            brief=brief.model_dump(mode="json"),
            created_at=clock.now(),
        )
        async with self._database.begin() as session:
            there = await repo.get_book(session, known_as)
            if there is None:
                await repo.add_book(session, row, [r.model_dump(mode="json") for r in references])
                await repo.add_run(session, known_as, run_id, "write")
        order = BookOrder(book_id=known_as, model=model, max_cost=max_cost, prompts=dict(prompts or {}))
        await self._runs.start("write_book", order, run_id=run_id, project_id=project_id, user_id=user_id)
        return _view(there or row)

    async def bring_in(
        self,
        manuscript: ImportedBook,
        *,
        author: str = "",
        language: str = "en",
        project_id: UUID = DEFAULT_PROJECT,
        user_id: UUID | None = None,
        book_id: UUID | None = None,
    ) -> BookView:
        """Store a manuscript that was written elsewhere as a book with editable chapters, and start its files.

        A call with the `book_id` of an earlier one gives that book. Raises InvalidInput for a language tag or an
        author's name that cannot be.
        """
        words = sum(count_words(c.text) for c in manuscript.chapters)
        brief = parse_brief(
            {
                "title": manuscript.title,
                "subject": manuscript.title,
                "author": author,
                "language": language,
                "words": min(250_000, max(500, words)),
            }
        )
        known_as = book_id or new_id()
        run_id = str(uuid5(known_as, "bind"))
        plan = Plan(book_id=known_as, brief=brief, writer=AUTHOR, day=clock.now().date())
        outline = BookOutline(
            title=manuscript.title,
            chapters=[
                OutlineChapter(number=n, title=c.title, words=count_words(c.text))
                for n, c in enumerate(manuscript.chapters, start=1)
            ],
        )
        row = BookRow(
            id=known_as,
            run_id=run_id,
            project_id=project_id,
            user_id=user_id,
            title=manuscript.title,
            brief=brief.model_dump(mode="json"),
            outline=outline.model_dump(mode="json"),
            plan=plan.model_dump(mode="json"),
            created_at=clock.now(),
        )
        async with self._database.begin() as session:
            if await repo.get_book(session, known_as) is None:
                await repo.add_book(session, row, [])
        for number, chapter in enumerate(manuscript.chapters, start=1):
            await self.editing.add(
                known_as, number, chapter.title, chapter.text, author=Author(kind="import")
            )
        await self.rebind(known_as, run_id=run_id, user_id=user_id)
        return await self.get(known_as)

    async def check(self, brief: Brief, model: str | None, max_cost: float | None) -> None:
        """Raise InvalidInput for a niche or ceiling that cannot be, NotFound for a model that is not registered."""
        check_ceiling(max_cost)
        if brief.niche:
            domains = await self._packs.domains()
            check_niche(brief, {d.slug: [n.slug for n in await self._packs.niches(d.slug)] for d in domains})
        if model and model != BUILT_IN:
            await require_model(self._llm, model)

    async def project_of(self, book_id: UUID) -> UUID | None:
        """The project that a book belongs to; None where there is no such book."""
        async with self._database.read() as session:
            return await repo.project_of(session, book_id)

    def check_outline(self, book: BookView, data: Mapping[str, object]) -> None:
        """Raise InvalidInput for an edited outline that does not fit the book's brief."""
        edited_outline(data, book.brief)

    async def get(self, book_id: UUID) -> BookView:
        """One book. Raises NotFound."""
        row = await self._row(book_id)
        waiting = await self._documents.waiting(book_owner(book_id).feature, [str(book_id)])
        return _view(row, proposals=waiting.get(str(book_id), 0))

    async def rename(self, book_id: UUID, *, title: str | None = None, author: str | None = None) -> BookView:
        """Give the book another title or author; its files show them once they are made again. Raises NotFound."""
        await self._row(book_id)
        async with self._database.begin() as session:
            await repo.rename(session, book_id, title, author)
        return await self.get(book_id)

    async def find(self, reference: str) -> BookView:
        """The book whose id begins or ends so, or whose run's id begins so. Raises NotFound, or Conflict if there are
        several."""
        async with self._database.read() as session:
            rows = await repo.find_books(session, reference)
        if not rows:
            raise NotFound(f"There is no book {reference!r}.", remedy="See: scrivano book list")
        if len(rows) > 1:
            raise Conflict(f"Several books have an id with {reference!r}.", remedy="Give more of the id.")
        return _view(rows[0])

    async def list(
        self,
        *,
        project_id: UUID | None = None,
        without: Collection[UUID] = (),
        limit: int = 50,
        offset: int = 0,
        sort: BookSort = "-created_at",
        words: str = "",
    ) -> list[BookView]:
        """Without the account of how each was made; those of one project, if it is named, and whose title has `words`.

        Newest first, or as `sort` says.
        """
        async with self._database.read() as session:
            rows = await repo.list_books(
                session,
                project_id=project_id,
                without=without,
                limit=limit,
                offset=offset,
                sort=sort,
                words=words,
            )
        owners = [book_owner(row.id) for row in rows]
        waiting = await self._documents.waiting(owners[0].feature, [o.id for o in owners]) if owners else {}
        return [_view(row, account=False, proposals=waiting.get(str(row.id), 0)) for row in rows]

    async def chapters(self, book_id: UUID) -> "list[ChapterView]":
        """The chapters that are stored so far, in reading order, with their newest text."""
        return await self.editing.chapters(book_id)

    async def chapter_list(self, book_id: UUID) -> "list[ChapterInfo]":
        """The same without their texts."""
        return await self.editing.listed(book_id)

    async def rewrite(
        self,
        book_id: UUID,
        number: int,
        *,
        instructions: str = "",
        model: str | None = None,
        max_cost: float | None = None,
        run_id: str | None = None,
        user_id: UUID | None = None,
    ) -> str:
        """Start the run that writes a chapter anew; returns its id. A second call with one `run_id` changes nothing.

        Raises NotFound for a chapter or model that is not there, InvalidInput for a ceiling that cannot be.
        """
        row = await self._row(book_id)
        await self.editing.chapter(book_id, number)
        check_ceiling(max_cost)
        if model:
            await require_model(self._llm, model)
        order = RewriteOrder(
            book_id=book_id, number=number, instructions=instructions, model=model, max_cost=max_cost
        )
        return await self._start(row, "regenerate_chapter", order, "rewrite", run_id, user_id, number)

    async def proofread(
        self,
        book_id: UUID,
        number: int | None = None,
        *,
        model: str | None = None,
        max_cost: float | None = None,
        run_id: str | None = None,
        user_id: UUID | None = None,
    ) -> str:
        """Start the run that reads the book, or one chapter, for contradictions; returns its id.

        What it finds becomes remarks on the passages. Raises NotFound for a chapter or model that is not there,
        Conflict where no chapter is written, InvalidInput for a ceiling that cannot be.
        """
        row = await self._row(book_id)
        if number is not None:
            await self.editing.place(book_id, number)
        elif not await self.editing.places(book_id):
            raise Conflict("No chapter of the book is written yet.", remedy="Let its run end first.")
        check_ceiling(max_cost)
        if model:
            await require_model(self._llm, model)
        order = ProofOrder(book_id=book_id, number=number, model=model, max_cost=max_cost)
        return await self._start(row, "check_book", order, "check", run_id, user_id, number)

    async def rebind(self, book_id: UUID, *, run_id: str | None = None, user_id: UUID | None = None) -> str:
        """Start the run that makes the files again out of the texts as they stand; returns its id.

        Raises NotFound, Conflict where no chapter is there or the book is being written.
        """
        row = await self._row(book_id)
        if not await self.editing.places(book_id):
            raise Conflict("No chapter of the book is written yet.", remedy="Let its run end first.")
        return await self._start(row, "rebuild_files", RebindOrder(book_id=book_id), "bind", run_id, user_id)

    async def _start(
        self,
        row: BookRow,
        workflow: str,
        order: BaseModel,
        purpose: str,
        run_id: str | None,
        user_id: UUID | None,
        number: int | None = None,
    ) -> str:
        known_as = run_id or str(new_id())
        async with self._database.begin() as session:
            await repo.add_run(session, row.id, known_as, purpose, number)
        return await self._runs.start(
            workflow, order, run_id=known_as, project_id=row.project_id, user_id=user_id
        )

    async def runs(self, book_id: UUID) -> "list[BookRunView]":
        """The runs that worked on a book, oldest first. Raises NotFound."""
        await self._row(book_id)
        async with self._database.read() as session:
            rows = await repo.list_runs(session, book_id)
        return [
            BookRunView(run_id=r.run_id, purpose=r.purpose, chapter=r.chapter, created_at=r.created_at)
            for r in rows
        ]

    async def delete(self, book_id: UUID) -> None:
        """Remove a book with its texts, files and covers, and stop what works on it. Raises NotFound."""
        await self._row(book_id)
        for run in await self.runs(book_id):
            try:
                if not (await self._runs.get(run.run_id)).status.ended:
                    await self._runs.cancel(run.run_id)
            except (NotFound, WrongState):
                continue  # it ended by itself just now
        async with self._database.begin() as session:
            await repo.delete_book(session, book_id)
        await self._documents.forget_owned(book_owner(book_id))
        await self._contexts.forget(book_id)

    async def forget_project(self, project_id: UUID) -> None:
        """Remove a project's books, and stop what works on them."""
        while found := await self.list(project_id=project_id, limit=100):
            for book in found:
                await self.delete(book.id)

    async def _row(self, book_id: UUID) -> BookRow:
        async with self._database.read() as session:
            row = await repo.get_book(session, book_id)
        if row is None:
            raise NotFound(f"There is no book {book_id}.", remedy="See: scrivano book list")
        return row

    async def files(self, book_id: UUID) -> "list[FileView]":
        """The finished files, without their bytes."""
        book = await self.get(book_id)
        async with self._database.read() as session:
            rows = await repo.list_files(session, book_id)
        changed = await self._changed(book)
        return [
            FileView(
                name=name,
                media_type=media,
                sha256=sha,
                size=size,
                made_at=made,
                outdated=changed and name not in COVERS,
            )
            for name, media, sha, size, made in rows
        ]

    async def _changed(self, book: BookView) -> bool:
        """Whether the title or the chapters are others than those that the files were made of."""
        if book.provenance is None:
            return False
        if book.provenance.get("title", book.title) != book.title:
            return True
        made = cast(list[dict[str, Any]], book.provenance["chapters"])
        numbers = {place.document_id: place.number for place in await self.editing.places(book.id)}
        texts = await self._documents.of(book_owner(book.id))
        now = {numbers[text.id]: text.number for text in texts if text.id in numbers}
        return now != {chapter["number"]: chapter["version"] for chapter in made}

    async def file(self, book_id: UUID, name: str) -> tuple[FileView, bytes]:
        """One file with its bytes. Raises NotFound."""
        async with self._database.read() as session:
            row = await repo.get_file(session, book_id, name)
        if row is None:
            there = [f.name for f in await self.files(book_id)]
            raise NotFound(
                f"The book has no file {name!r}.",
                field="name",
                remedy=f"It has: {', '.join(there) or 'none yet'}.",
            )
        view = FileView(
            name=row.name,
            media_type=row.media_type,
            sha256=row.sha256,
            size=len(row.content),
            made_at=row.made_at,
        )
        return view, row.content


def check_ceiling(max_cost: float | None) -> None:
    """Raise InvalidInput for what cannot be a ceiling."""
    if max_cost is not None and not 0 <= max_cost < 1_000_000:
        raise InvalidInput(
            f"The ceiling is {max_cost}.",
            field="max_cost",
            remedy="Give US dollars, 0 or more, such as 0.50.",
        )


def file_stem(title: str) -> str:
    """A file name made of a title: letters and digits of any script, joined by hyphens, at most 60 characters."""
    words = "".join(c if c.isalnum() else " " for c in title.lower()).split()
    stem = "-".join(words)[:60].strip("-")
    return stem or "book"


def reserved_paths(folder: Path, title: str, names: Sequence[str]) -> dict[str, Path]:
    """Where each stored file goes below `folder`: `book.pdf` becomes `<title>.pdf`."""
    stem = file_stem(title)
    return {
        name: folder / f"{stem}{Path(name).suffix}" if name.startswith("book.") else folder / name
        for name in names
    }


def _beginning(text: str) -> str:
    """What a book is called until its outline has a title for it."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_NAME else f"{line[:_LONGEST_NAME].rsplit(' ', 1)[0]} …"


def _view(row: BookRow, *, account: bool = True, proposals: int = 0) -> BookView:
    return BookView(
        id=row.id,
        project_id=row.project_id,
        run_id=row.run_id,
        title=row.title,
        created_at=row.created_at,
        finished_at=row.finished_at,
        brief=Brief.model_validate(row.brief),
        outline=BookOutline.model_validate(row.outline) if row.outline else None,
        provenance=row.provenance if account else None,
        open_proposals=proposals,
    )
