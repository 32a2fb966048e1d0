"""All SQL of books."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from scrivano.books.models import (
    BookChapterRow,
    BookCoverRow,
    BookFileRow,
    BookReferenceRow,
    BookRow,
    BookRunRow,
)
from scrivano.core import clock


async def add_book(session: AsyncSession, row: BookRow, references: Sequence[dict[str, Any]]) -> None:
    """Store an order with the references as they are now."""
    session.add(row)
    await session.flush()
    session.add_all(
        BookReferenceRow(book_id=row.id, position=position, reference=reference)
        for position, reference in enumerate(references)
    )


async def get_book(session: AsyncSession, book_id: UUID) -> BookRow | None:
    """One book by its id."""
    return await session.get(BookRow, book_id)


async def find_books(session: AsyncSession, reference: str) -> Sequence[BookRow]:
    """Books whose id begins or ends so, or whose run begins so; at most two, enough to see that it is ambiguous."""
    text_id = BookRow.id.cast(BookRow.run_id.type)
    own = text_id.startswith(reference, autoescape=True) | text_id.endswith(reference, autoescape=True)
    matches = own | BookRow.run_id.startswith(reference, autoescape=True)
    return (await session.scalars(select(BookRow).where(matches).limit(2))).all()


async def list_books(
    session: AsyncSession,
    *,
    project_id: UUID | None,
    without: Collection[UUID],
    limit: int,
    offset: int,
    sort: str = "-created_at",
    words: str = "",
) -> Sequence[BookRow]:
    """In the order asked for, without their accounts, which are long; those of one project, if it is named, and with
    `words` only those whose title has them."""
    statement = select(BookRow).options(defer(BookRow.provenance)).limit(limit).offset(offset)
    by = func.lower(BookRow.title) if sort.endswith("title") else BookRow.created_at
    statement = statement.order_by(by.desc() if sort.startswith("-") else by, BookRow.id)
    if words:
        statement = statement.where(BookRow.title.icontains(words, autoescape=True))
    if project_id is not None:
        statement = statement.where(BookRow.project_id == project_id)
    if without:
        statement = statement.where(BookRow.id.not_in(without))
    return (await session.scalars(statement)).all()


async def delete_book(session: AsyncSession, book_id: UUID) -> None:
    """Remove a book with its chapters' places, files and covers; the texts are removed by `documents`."""
    await session.execute(delete(BookRow).where(BookRow.id == book_id))


async def set_plan(session: AsyncSession, book_id: UUID, plan: dict[str, Any]) -> None:
    """Keep what was decided before the first word."""
    await session.execute(update(BookRow).where(BookRow.id == book_id).values(plan=plan))


async def add_run(
    session: AsyncSession, book_id: UUID, run_id: str, purpose: str, chapter: int | None = None
) -> None:
    """Remember that a run works on a book."""
    values = {"book_id": book_id, "run_id": run_id, "purpose": purpose, "chapter": chapter}
    statement = insert(BookRunRow).values(**values, created_at=clock.now())
    await session.execute(statement.on_conflict_do_nothing())


async def list_runs(session: AsyncSession, book_id: UUID) -> Sequence[BookRunRow]:
    """The runs that worked on a book, oldest first."""
    statement = select(BookRunRow).where(BookRunRow.book_id == book_id)
    return (await session.scalars(statement.order_by(BookRunRow.created_at, BookRunRow.run_id))).all()


async def get_references(session: AsyncSession, book_id: UUID) -> Sequence[dict[str, Any]]:
    """The stored references, in their order."""
    statement = (
        select(BookReferenceRow.reference)
        .where(BookReferenceRow.book_id == book_id)
        .order_by(BookReferenceRow.position)
    )
    return (await session.scalars(statement)).all()


async def set_run(session: AsyncSession, book_id: UUID, run_id: str) -> None:
    """Remember the run that makes, or makes again, this book."""
    await session.execute(update(BookRow).where(BookRow.id == book_id).values(run_id=run_id))


async def set_outline(session: AsyncSession, book_id: UUID, title: str, outline: dict[str, Any]) -> None:
    """Keep the outline that the chapters follow."""
    await session.execute(update(BookRow).where(BookRow.id == book_id).values(title=title, outline=outline))


async def rename(session: AsyncSession, book_id: UUID, title: str | None, author: str | None) -> None:
    """Another title or author, wherever the book keeps them; None leaves one as it is."""
    row = await session.get(BookRow, book_id, with_for_update=True)
    if row is None:
        return
    brief = dict(row.brief)
    if title is not None:
        row.title = brief["title"] = title
        row.outline = {**row.outline, "title": title} if row.outline else None
    if author is not None:
        brief["author"] = author
    row.brief = brief


async def set_provenance(
    session: AsyncSession, book_id: UUID, provenance: dict[str, Any], finished_at: datetime
) -> None:
    """Keep the account of how the book was made, and when it was done."""
    await session.execute(
        update(BookRow).where(BookRow.id == book_id).values(provenance=provenance, finished_at=finished_at)
    )


async def put_chapter(
    session: AsyncSession, book_id: UUID, number: int, title: str, document_id: UUID, facts: dict[str, Any]
) -> None:
    """Place a chapter, or update its place."""
    values = {"title": title, "document_id": document_id, "facts": facts}
    statement = insert(BookChapterRow).values(book_id=book_id, number=number, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["book_id", "number"], set_=values))


async def drop_chapters_after(session: AsyncSession, book_id: UUID, count: int) -> None:
    """Forget places beyond the end of the outline; the documents stay."""
    await session.execute(
        delete(BookChapterRow).where(BookChapterRow.book_id == book_id, BookChapterRow.number > count)
    )


async def list_chapters(session: AsyncSession, book_id: UUID) -> Sequence[BookChapterRow]:
    """In reading order."""
    statement = (
        select(BookChapterRow).where(BookChapterRow.book_id == book_id).order_by(BookChapterRow.number)
    )
    return (await session.scalars(statement)).all()


async def get_chapter(session: AsyncSession, book_id: UUID, number: int) -> BookChapterRow | None:
    """A chapter's place by its number."""
    return await session.get(BookChapterRow, (book_id, number))


async def put_file(session: AsyncSession, row: BookFileRow) -> None:
    """Store a file in place of one of the same name."""
    values = {
        "media_type": row.media_type,
        "sha256": row.sha256,
        "content": row.content,
        "made_at": row.made_at,
    }
    statement = insert(BookFileRow).values(book_id=row.book_id, name=row.name, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["book_id", "name"], set_=values))


async def list_files(session: AsyncSession, book_id: UUID) -> Sequence[tuple[str, str, str, int, datetime]]:
    """Name, media type, SHA-256, size in bytes and time of each file, without the bytes."""
    statement = (
        select(
            BookFileRow.name,
            BookFileRow.media_type,
            BookFileRow.sha256,
            func.octet_length(BookFileRow.content),
            BookFileRow.made_at,
        )
        .where(BookFileRow.book_id == book_id)
        .order_by(BookFileRow.name)
    )
    rows = (await session.execute(statement)).all()
    return [(row.name, row.media_type, row.sha256, row.octet_length, row.made_at) for row in rows]


async def get_file(session: AsyncSession, book_id: UUID, name: str) -> BookFileRow | None:
    """One file with its bytes."""
    return await session.get(BookFileRow, (book_id, name))


async def project_of(session: AsyncSession, book_id: UUID) -> UUID | None:
    """The project of a book, without reading the book itself."""
    return await session.scalar(_PROJECT_OF, {"book": book_id})


async def add_cover(session: AsyncSession, row: BookCoverRow) -> None:
    """Store a cover to choose from; one that is there already stays as it is."""
    if await session.get(BookCoverRow, row.id) is None:
        session.add(row)
        await session.flush()


async def list_covers(session: AsyncSession, book_id: UUID) -> Sequence[BookCoverRow]:
    """A book's covers without their pictures, oldest first."""
    statement = (
        select(BookCoverRow)
        .options(defer(BookCoverRow.art, raiseload=True), defer(BookCoverRow.front, raiseload=True))
        .where(BookCoverRow.book_id == book_id)
        .order_by(BookCoverRow.created_at, BookCoverRow.id)
    )
    return (await session.scalars(statement)).all()


async def get_cover(session: AsyncSession, book_id: UUID, cover_id: UUID) -> BookCoverRow | None:
    """One cover of this book, with its pictures."""
    statement = select(BookCoverRow).where(BookCoverRow.book_id == book_id, BookCoverRow.id == cover_id)
    return await session.scalar(statement)


async def chosen_cover(session: AsyncSession, book_id: UUID) -> BookCoverRow | None:
    """The cover that was chosen, with its pictures."""
    return await session.scalar(
        select(BookCoverRow).where(BookCoverRow.book_id == book_id, BookCoverRow.chosen)
    )


async def cover_project(session: AsyncSession, cover_id: UUID) -> UUID | None:
    """The project of the book that a cover is for."""
    statement = select(BookRow.project_id).join(BookCoverRow, BookCoverRow.book_id == BookRow.id)
    return await session.scalar(statement.where(BookCoverRow.id == cover_id))


async def choose_cover(session: AsyncSession, book_id: UUID, cover_id: UUID) -> None:
    """Choose this one and no other."""
    await session.execute(
        update(BookCoverRow).where(BookCoverRow.book_id == book_id).values(chosen=BookCoverRow.id == cover_id)
    )


async def delete_cover(session: AsyncSession, cover_id: UUID) -> None:
    """Remove a cover."""
    await session.execute(delete(BookCoverRow).where(BookCoverRow.id == cover_id))


_PROJECT_OF = select(BookRow.project_id).where(BookRow.id == bindparam("book"))
"""Asked with every request about a book, so made once."""
