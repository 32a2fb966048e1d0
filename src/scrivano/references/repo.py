"""SQL of uploaded references. Functions take the session of the caller's transaction and return rows."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from scrivano.references.models import FileRow, OriginalRow, PassageRow, UseRow

_LOCK_CONTENT = text("SELECT pg_advisory_xact_lock(hashtextextended('reference ' || :sha256, 0))")
_ADD_PASSAGES = text(
    """
    INSERT INTO reference_passages (reference_id, number, begins, ends, kind, headings, page, text, search)
    SELECT :reference_id, r.number, r.begins, r.ends, r.kind, r.headings, r.page, r.text,
        setweight(to_tsvector(CAST(CAST(:configuration AS text) AS regconfig), r.title_terms), 'A')
            || to_tsvector(CAST(CAST(:configuration AS text) AS regconfig), r.terms)
    FROM jsonb_to_recordset(:rows) AS r(number int, begins int, ends int, kind text, headings jsonb, page int,
        text text, title_terms text, terms text)
    """
).bindparams(bindparam("rows", type_=JSONB))
_INDEX_ANEW = text(
    """
    UPDATE reference_passages SET search = setweight(to_tsvector(CAST(CAST(:configuration AS text) AS regconfig),
        (SELECT coalesce(string_agg(h, ' '), '') FROM jsonb_array_elements_text(headings) h)), 'A')
        || to_tsvector(CAST(CAST(:configuration AS text) AS regconfig), left(text, :most))
    WHERE reference_id = :reference_id
    """
)


async def lock_content(session: AsyncSession, sha256: str) -> None:
    """Let nobody else add or drop these bytes until the transaction ends."""
    await session.execute(_LOCK_CONTENT, {"sha256": sha256})


async def add_original(session: AsyncSession, sha256: str, content: bytes) -> None:
    """Keep the bytes of a file, unless they are kept already."""
    if await session.scalar(select(OriginalRow.sha256).where(OriginalRow.sha256 == sha256)) is None:
        await session.execute(
            insert(OriginalRow).values(sha256=sha256, content=content).on_conflict_do_nothing()
        )


async def get_original(session: AsyncSession, sha256: str) -> bytes | None:
    """The bytes of a file."""
    return await session.scalar(select(OriginalRow.content).where(OriginalRow.sha256 == sha256))


async def drop_unused_original(session: AsyncSession, sha256: str) -> None:
    """Forget bytes that no reference has any more. The caller holds their lock."""
    used = select(FileRow.id).where(FileRow.sha256 == sha256).exists()
    await session.execute(delete(OriginalRow).where(OriginalRow.sha256 == sha256, ~used))


async def add_file(session: AsyncSession, row: FileRow) -> None:
    """Store a reference."""
    session.add(row)
    await session.flush()


async def get_file(
    session: AsyncSession, reference_id: UUID, *, lock: bool = False, with_text: bool = False
) -> FileRow | None:
    """A reference; `lock` keeps others from changing it until the transaction ends."""
    query = select(FileRow).where(FileRow.id == reference_id)
    if with_text:
        query = query.options(undefer(FileRow.text))
    return await session.scalar(query.with_for_update() if lock else query)


async def project_of(session: AsyncSession, reference_id: UUID) -> UUID | None:
    """The project of a reference."""
    return await session.scalar(select(FileRow.project_id).where(FileRow.id == reference_id))


async def file_named(session: AsyncSession, project_id: UUID, name: str) -> FileRow | None:
    """The reference of this name in a project."""
    return await session.scalar(select(FileRow).where(FileRow.project_id == project_id, FileRow.name == name))


async def files_beginning(session: AsyncSession, project_id: UUID, prefix: str) -> Sequence[FileRow]:
    """References of this name, or whose id begins so; at most two, enough to see that it is ambiguous."""
    by_id = FileRow.id.cast(FileRow.name.type).startswith(prefix, autoescape=True)
    query = select(FileRow).where(FileRow.project_id == project_id, (FileRow.name == prefix) | by_id)
    return (await session.scalars(query.limit(2))).all()


async def list_files(
    session: AsyncSession,
    project_id: UUID,
    *,
    kind: str | None = None,
    status: str | None = None,
    words: str = "",
    sort: str = "name",
    limit: int | None = None,
    offset: int = 0,
) -> Sequence[FileRow]:
    """A project's references in the order asked for, without their texts; with `words` only those whose name or title
    has them."""
    query = select(FileRow).where(FileRow.project_id == project_id)
    if words:
        named = FileRow.name.icontains(words, autoescape=True)
        query = query.where(named | FileRow.title.icontains(words, autoescape=True))
    if kind is not None:
        query = query.where(FileRow.kind == kind)
    if status is not None:
        query = query.where(FileRow.status == status)
    columns = {"name": FileRow.name, "created_at": FileRow.created_at, "size": FileRow.size}
    by = columns[sort.removeprefix("-")]
    query = query.order_by(by.desc() if sort.startswith("-") else by, FileRow.id)
    return (await session.scalars(query.limit(limit).offset(offset))).all()


async def files_of(session: AsyncSession, project_id: UUID, ids: Collection[UUID]) -> Sequence[FileRow]:
    """References of a project with their texts; those of other projects are not given."""
    query = select(FileRow).where(FileRow.project_id == project_id, FileRow.id.in_(ids))
    return (await session.scalars(query.options(undefer(FileRow.text)))).all()


async def delete_file(session: AsyncSession, reference_id: UUID) -> None:
    """Remove a reference with its passages."""
    await session.execute(delete(FileRow).where(FileRow.id == reference_id))


async def replace_passages(
    session: AsyncSession, reference_id: UUID, configuration: str, rows: Sequence[Sequence[dict[str, Any]]]
) -> None:
    """Store the passages of a reference, batch by batch, in place of those it had."""
    await session.execute(delete(PassageRow).where(PassageRow.reference_id == reference_id))
    for batch in rows:
        values = {"reference_id": reference_id, "configuration": configuration, "rows": batch}
        await session.execute(_ADD_PASSAGES, values)


async def index_anew(session: AsyncSession, reference_id: UUID, configuration: str, most: int) -> None:
    """Make the search terms of a reference's passages by another configuration."""
    values = {"reference_id": reference_id, "configuration": configuration, "most": most}
    await session.execute(_INDEX_ANEW, values)


async def passages(
    session: AsyncSession, reference_id: UUID, *, limit: int | None = None, offset: int = 0
) -> Sequence[PassageRow]:
    """A reference's passages in the order of the text."""
    query = select(PassageRow).where(PassageRow.reference_id == reference_id).order_by(PassageRow.number)
    return (await session.scalars(query.limit(limit).offset(offset))).all()


async def get_passage(session: AsyncSession, reference_id: UUID, number: int) -> PassageRow | None:
    """One passage."""
    return await session.get(PassageRow, (reference_id, number))


async def revealed_later(session: AsyncSession, ids: Collection[UUID]) -> Sequence[tuple[UUID, int, int]]:
    """Reference, number and chapter of the passages that have a chapter of their own."""
    query = select(PassageRow.reference_id, PassageRow.number, PassageRow.from_chapter).where(
        PassageRow.reference_id.in_(ids), PassageRow.from_chapter.is_not(None)
    )
    return [(row[0], row[1], row[2] or 0) for row in (await session.execute(query)).all()]


async def set_vectors(session: AsyncSession, reference_id: UUID, vectors: dict[int, bytes]) -> None:
    """Keep the vectors of passages, by their number."""
    connection = await session.connection()
    statement = (
        update(PassageRow.__table__)  # type: ignore[arg-type]
        .where(PassageRow.reference_id == reference_id, PassageRow.number == bindparam("of_number"))
        .values(vector=bindparam("new_vector"))
    )
    await connection.execute(
        statement, [{"of_number": number, "new_vector": vector} for number, vector in vectors.items()]
    )


async def forget_vectors(session: AsyncSession, reference_id: UUID) -> None:
    """Drop the vectors of a reference's passages."""
    those = (PassageRow.reference_id == reference_id, PassageRow.vector.is_not(None))
    await session.execute(update(PassageRow).where(*those).values(vector=None))


async def without_vectors(session: AsyncSession, reference_id: UUID, limit: int) -> Sequence[PassageRow]:
    """The first passages that have no vector yet."""
    query = select(PassageRow).where(PassageRow.reference_id == reference_id, PassageRow.vector.is_(None))
    return (await session.scalars(query.order_by(PassageRow.number).limit(limit))).all()


async def add_uses(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Note where passages were used; the same place is noted once, with the newest request."""
    if not rows:
        return
    statement = insert(UseRow)
    fresh = {"request_id": statement.excluded.request_id, "used_at": statement.excluded.used_at}
    keys = ["reference_id", "passage", "feature", "item_id", "place"]
    await session.execute(statement.on_conflict_do_update(index_elements=keys, set_=fresh), list(rows))


async def uses_of(session: AsyncSession, reference_id: UUID, *, limit: int, offset: int) -> Sequence[UseRow]:
    """Where a reference's passages were used, newest first."""
    query = select(UseRow).where(UseRow.reference_id == reference_id)
    order = (UseRow.used_at.desc(), UseRow.passage, UseRow.item_id, UseRow.place)
    return (await session.scalars(query.order_by(*order).limit(limit).offset(offset))).all()


async def existing(session: AsyncSession, project_id: UUID, ids: Collection[UUID]) -> set[UUID]:
    """Which of these references the project has."""
    query = select(FileRow.id).where(FileRow.project_id == project_id, FileRow.id.in_(ids))
    return set((await session.scalars(query)).all())


async def sizes(session: AsyncSession, project_id: UUID) -> tuple[int, int]:
    """How many references a project has, and the bytes of their originals."""
    query = select(func.count(), func.coalesce(func.sum(FileRow.size), 0))
    row = (await session.execute(query.where(FileRow.project_id == project_id))).one()
    return int(row[0]), int(row[1])


async def set_converted(session: AsyncSession, row: FileRow, moment: datetime, **values: Any) -> None:
    """Change what is known of a reference after reading it. The caller holds its lock."""
    for name, value in values.items():
        setattr(row, name, value)
    row.updated_at = moment
    await session.flush()
