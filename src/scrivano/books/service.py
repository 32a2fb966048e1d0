"""Use-cases of books: order one, look at it, take its files."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel, JsonValue

from scrivano.books import repo
from scrivano.books.brief import check_niche
from scrivano.books.dto import BookOutline, Brief
from scrivano.books.models import BookRow
from scrivano.books.stages import BUILT_IN, BookOrder
from scrivano.books.writers import require_model
from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.errors import Conflict, InvalidInput, NotFound
from scrivano.core.ids import new_id
from scrivano.documents.public import Documents
from scrivano.llm.public import LLMService
from scrivano.packs.public import Packs
from scrivano.references.public import Reference
from scrivano.runs.public import Runs


class BookView(BaseModel):
    """A book in a list, or with its outline and account."""

    id: UUID
    run_id: str
    title: str
    created_at: datetime
    finished_at: datetime | None
    brief: Brief
    outline: BookOutline | None = None
    provenance: dict[str, JsonValue] | None = None


class FileView(BaseModel):
    """A finished file. `size` is in bytes."""

    name: str
    media_type: str
    sha256: str
    size: int
    made_at: datetime


class ChapterView(BaseModel):
    """A chapter as it stands; `version` counts from 1."""

    number: int
    title: str
    words: int
    document_id: UUID
    version: int
    text: str


class Books:
    """Everything about books but the writing itself, which is the pipeline's."""

    def __init__(
        self, database: Database, runs: Runs, packs: Packs, documents: Documents, llm: LLMService
    ) -> None:
        self._database = database
        self._runs = runs
        self._packs = packs
        self._documents = documents
        self._llm = llm

    async def order(
        self,
        brief: Brief,
        references: Sequence[Reference] = (),
        *,
        model: str | None = None,
        max_cost: float | None = None,
        project_id: UUID | None = None,
        user_id: UUID | None = None,
    ) -> BookView:
        """Store the brief with its references and start the run that writes the book.

        `model` names one model, or `built-in writer`; without it the models in reach are asked. `max_cost` is a
        ceiling in US dollars. Raises InvalidInput for a niche or ceiling that cannot be, NotFound for a
        model that is not registered.
        """
        await self._check(brief, model, max_cost)
        book_id, run_id = new_id(), str(new_id())
        row = BookRow(
            id=book_id,
            run_id=run_id,
            project_id=project_id,
            user_id=user_id,
            title=brief.title or brief.subject or brief.niche or "Untitled",
            brief=brief.model_dump(mode="json"),
            created_at=clock.now(),
        )
        async with self._database.begin() as session:
            await repo.add_book(session, row, [r.model_dump(mode="json") for r in references])
        order = BookOrder(book_id=book_id, model=model, max_cost=max_cost)
        await self._runs.start("write_book", order, run_id=run_id, project_id=project_id, user_id=user_id)
        return _view(row)

    async def _check(self, brief: Brief, model: str | None, max_cost: float | None) -> None:
        if max_cost is not None and not 0 <= max_cost < 1_000_000:
            raise InvalidInput(
                f"The ceiling is {max_cost}.",
                field="max_cost",
                remedy="Give US dollars, 0 or more, such as 0.50.",
            )
        if brief.niche:
            domains = await self._packs.domains()
            check_niche(brief, {d.slug: [n.slug for n in await self._packs.niches(d.slug)] for d in domains})
        if model and model != BUILT_IN:
            await require_model(self._llm, model)

    async def get(self, book_id: UUID) -> BookView:
        """One book. Raises NotFound."""
        async with self._database.begin() as session:
            row = await repo.get_book(session, book_id)
        if row is None:
            raise NotFound(f"There is no book {book_id}.", remedy="See: scrivano book list")
        return _view(row)

    async def find(self, reference: str) -> BookView:
        """The book whose id, or whose run's id, begins so. Raises NotFound, or Conflict if there are several."""
        async with self._database.begin() as session:
            rows = await repo.find_books(session, reference)
        if not rows:
            raise NotFound(f"There is no book {reference!r}.", remedy="See: scrivano book list")
        if len(rows) > 1:
            raise Conflict(f"Several books begin with {reference!r}.", remedy="Give more of the id.")
        return _view(rows[0])

    async def list(self, *, limit: int = 50, offset: int = 0) -> list[BookView]:
        """Newest first."""
        async with self._database.begin() as session:
            rows = await repo.list_books(session, limit=limit, offset=offset)
        return [_view(row) for row in rows]

    async def chapters(self, book_id: UUID) -> "list[ChapterView]":
        """The chapters that are stored so far, in reading order, with their newest text."""
        await self.get(book_id)
        async with self._database.begin() as session:
            places = await repo.list_chapters(session, book_id)
        views: list[ChapterView] = []
        for place in places:
            version = await self._documents.latest(place.document_id)
            views.append(
                ChapterView(
                    number=place.number,
                    title=place.title,
                    words=int(place.facts.get("words", 0)),
                    document_id=place.document_id,
                    version=version.number,
                    text=version.text,
                )
            )
        return views

    async def files(self, book_id: UUID) -> "list[FileView]":
        """The finished files, without their bytes."""
        await self.get(book_id)
        async with self._database.begin() as session:
            rows = await repo.list_files(session, book_id)
        return [
            FileView(name=name, media_type=media, sha256=sha, size=size, made_at=made)
            for name, media, sha, size, made in rows
        ]

    async def file(self, book_id: UUID, name: str) -> tuple[FileView, bytes]:
        """One file with its bytes. Raises NotFound."""
        async with self._database.begin() as session:
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


def _view(row: BookRow) -> BookView:
    return BookView(
        id=row.id,
        run_id=row.run_id,
        title=row.title,
        created_at=row.created_at,
        finished_at=row.finished_at,
        brief=Brief.model_validate(row.brief),
        outline=BookOutline.model_validate(row.outline) if row.outline else None,
        provenance=row.provenance,
    )
