"""All SQL of `documents`. Functions take the session of the caller's transaction and return rows."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from scrivano.core import clock
from scrivano.core.ids import new_id
from scrivano.documents.dto import Author, Owner
from scrivano.documents.models import Document, DocumentComment, DocumentProposal, DocumentVersion


async def add_document(
    session: AsyncSession, document_id: UUID, kind: str, owner: Owner | None, title: str
) -> None:
    """Add a document without a version, unless there is one of this id."""
    await session.execute(
        insert(Document)
        .values(
            id=document_id,
            kind=kind,
            owner_feature=owner.feature if owner else None,
            owner_id=owner.id if owner else None,
            title=title,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["id"])
    )


async def get_document(session: AsyncSession, document_id: UUID, *, lock: bool = False) -> Document | None:
    """A document; `lock` keeps others from adding versions until the transaction ends."""
    query = select(Document).where(Document.id == document_id)
    return await session.scalar(query.with_for_update() if lock else query)


async def documents_of(session: AsyncSession, owner: Owner) -> Sequence[Document]:
    """What belongs to an owner, oldest first."""
    query = (
        select(Document)
        .where(Document.owner_feature == owner.feature, Document.owner_id == owner.id)
        .order_by(Document.created_at, Document.id)
    )
    return (await session.scalars(query)).all()


async def delete_owned(session: AsyncSession, feature: str, id: str) -> None:
    """Remove everything that belongs to one thing of a feature."""
    await session.execute(delete(Document).where(Document.owner_feature == feature, Document.owner_id == id))


async def delete_document(session: AsyncSession, document_id: UUID) -> None:
    """Remove a document with all that hangs on it."""
    await session.execute(delete(Document).where(Document.id == document_id))


async def add_version(
    session: AsyncSession,
    document: Document,
    *,
    text: str,
    author: Author,
    request_ids: Sequence[UUID],
    note: str,
    sources: Sequence[dict[str, Any]],
    key: str | None,
) -> DocumentVersion:
    """Add the next version. The caller holds the document's lock."""
    document.latest_number += 1
    row = DocumentVersion(
        id=new_id(),
        document_id=document.id,
        number=document.latest_number,
        text=text,
        author_kind=author.kind,
        author_id=author.id,
        request_ids=list(request_ids),
        note=note,
        sources=list(sources),
        key=key,
        created_at=clock.now(),
    )
    session.add(row)
    await session.flush()
    return row


async def get_version(session: AsyncSession, document_id: UUID, number: int) -> DocumentVersion | None:
    """A version by number."""
    query = select(DocumentVersion).where(
        DocumentVersion.document_id == document_id, DocumentVersion.number == number
    )
    return await session.scalar(query)


async def version_with_key(session: AsyncSession, document_id: UUID, key: str) -> DocumentVersion | None:
    """The version that was saved under this key."""
    query = select(DocumentVersion).where(
        DocumentVersion.document_id == document_id, DocumentVersion.key == key
    )
    return await session.scalar(query)


async def version_by(
    session: AsyncSession, document_id: UUID, author: Author, text: str | None = None
) -> DocumentVersion | None:
    """The newest version by this author, with this text if given."""
    query = select(DocumentVersion).where(
        DocumentVersion.document_id == document_id,
        DocumentVersion.author_kind == author.kind,
        DocumentVersion.author_id.is_not_distinct_from(author.id),
    )
    if text is not None:
        query = query.where(DocumentVersion.text == text)
    return await session.scalar(query.order_by(DocumentVersion.number.desc()).limit(1))


async def latest_version(session: AsyncSession, document_id: UUID) -> DocumentVersion | None:
    """The newest version."""
    query = select(DocumentVersion).where(DocumentVersion.document_id == document_id)
    return await session.scalar(query.order_by(DocumentVersion.number.desc()).limit(1))


# What is long of a version, and stays where it is when only lists are made.
_LONG = (DocumentVersion.text, DocumentVersion.sources, DocumentVersion.request_ids)
_SHORT = tuple(defer(column, raiseload=True) for column in _LONG)


async def newest_of(
    session: AsyncSession, document_ids: Sequence[UUID], *, texts: bool
) -> Sequence[tuple[Document, DocumentVersion]]:
    """These documents with their newest versions, whole or without `texts`; those that have none are left out."""
    newest = (DocumentVersion.document_id == Document.id) & (DocumentVersion.number == Document.latest_number)
    query = select(Document, DocumentVersion).join(DocumentVersion, newest)
    query = query.where(Document.id.in_(document_ids)).options(*(() if texts else _SHORT))
    return [(d, v) for d, v in await session.execute(query)]


async def list_versions(
    session: AsyncSession, document_id: UUID, limit: int | None = None, offset: int = 0
) -> Sequence[DocumentVersion]:
    """All versions, or some of them, newest first and without their texts."""
    query = select(DocumentVersion).where(DocumentVersion.document_id == document_id).options(*_SHORT)
    query = query.order_by(DocumentVersion.number.desc()).limit(limit).offset(offset)
    return (await session.scalars(query)).all()


async def requests_behind(session: AsyncSession, document_ids: Sequence[UUID]) -> set[UUID]:
    """Every request that a version of these documents names."""
    query = select(func.unnest(DocumentVersion.request_ids)).where(
        DocumentVersion.document_id.in_(document_ids)
    )
    return set((await session.scalars(query)).all())


async def add_proposal(
    session: AsyncSession,
    document_id: UUID,
    *,
    base_number: int,
    text: str,
    author: Author,
    request_ids: Sequence[UUID],
    note: str,
    sources: Sequence[dict[str, Any]],
    key: str | None,
) -> DocumentProposal:
    """Put a text beside the newest version."""
    row = DocumentProposal(
        id=new_id(),
        document_id=document_id,
        base_number=base_number,
        text=text,
        author_kind=author.kind,
        author_id=author.id,
        request_ids=list(request_ids),
        note=note,
        sources=list(sources),
        key=key,
        status="open",
        result_number=None,
        decided_by=None,
        decided_at=None,
        created_at=clock.now(),
    )
    session.add(row)
    await session.flush()
    return row


async def get_proposal(
    session: AsyncSession, document_id: UUID, proposal_id: UUID
) -> DocumentProposal | None:
    """A proposal of this document."""
    query = select(DocumentProposal).where(
        DocumentProposal.document_id == document_id, DocumentProposal.id == proposal_id
    )
    return await session.scalar(query)


async def document_of_proposal(session: AsyncSession, proposal_id: UUID) -> UUID | None:
    """Which document a proposal is for."""
    return await session.scalar(
        select(DocumentProposal.document_id).where(DocumentProposal.id == proposal_id)
    )


async def same_proposal(
    session: AsyncSession, document_id: UUID, author: Author, text: str, key: str | None
) -> DocumentProposal | None:
    """The proposal of this key, or of this author with this very text, whatever became of it."""
    same = DocumentProposal.document_id == document_id
    if key is not None:
        found = await session.scalar(select(DocumentProposal).where(same, DocumentProposal.key == key))
        if found is not None:
            return found
    query = select(DocumentProposal).where(
        same,
        DocumentProposal.author_kind == author.kind,
        DocumentProposal.author_id.is_not_distinct_from(author.id),
        DocumentProposal.text == text,
    )
    return await session.scalar(query.order_by(DocumentProposal.created_at.desc()).limit(1))


async def supersede(session: AsyncSession, document_id: UUID, author: Author) -> None:
    """What this author proposed before and nobody decided gives way to what they propose now."""
    await session.execute(
        update(DocumentProposal)
        .where(
            DocumentProposal.document_id == document_id,
            DocumentProposal.author_kind == author.kind,
            DocumentProposal.author_id.is_not_distinct_from(author.id),
            DocumentProposal.status == "open",
        )
        .values(status="superseded", decided_at=clock.now())
    )


async def list_proposals(
    session: AsyncSession, document_id: UUID, status: str | None, limit: int, offset: int
) -> Sequence[DocumentProposal]:
    """Newest first; those in one state if it is given."""
    query = select(DocumentProposal).where(DocumentProposal.document_id == document_id)
    if status is not None:
        query = query.where(DocumentProposal.status == status)
    query = query.order_by(DocumentProposal.created_at.desc(), DocumentProposal.id.desc())
    return (await session.scalars(query.limit(limit).offset(offset))).all()


async def open_proposals(session: AsyncSession, document_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many are undecided, by document; documents without one are left out."""
    query = (
        select(DocumentProposal.document_id, func.count())
        .where(DocumentProposal.document_id.in_(document_ids), DocumentProposal.status == "open")
        .group_by(DocumentProposal.document_id)
    )
    return {row[0]: row[1] for row in (await session.execute(query)).all()}


async def waiting(session: AsyncSession, feature: str, ids: Sequence[str]) -> dict[str, int]:
    """How many proposals are undecided, by the owner of their documents; owners without one are left out."""
    query = (
        select(Document.owner_id, func.count())
        .join(DocumentProposal, DocumentProposal.document_id == Document.id)
        .where(
            Document.owner_feature == feature,
            Document.owner_id.in_(ids),
            DocumentProposal.status == "open",
        )
        .group_by(Document.owner_id)
    )
    return {str(row[0]): row[1] for row in (await session.execute(query)).all()}


async def add_comment(session: AsyncSession, row: DocumentComment) -> None:
    """Store a comment."""
    session.add(row)
    await session.flush()


async def get_comment(session: AsyncSession, document_id: UUID, comment_id: UUID) -> DocumentComment | None:
    """A comment on this document."""
    query = select(DocumentComment).where(
        DocumentComment.document_id == document_id, DocumentComment.id == comment_id
    )
    return await session.scalar(query)


async def document_of_comment(session: AsyncSession, comment_id: UUID) -> UUID | None:
    """Which document a comment is on."""
    return await session.scalar(select(DocumentComment.document_id).where(DocumentComment.id == comment_id))


async def list_comments(
    session: AsyncSession, document_id: UUID, resolved: bool | None, limit: int, offset: int
) -> Sequence[DocumentComment]:
    """Oldest first, replies among them; `resolved` keeps those whose discussion is, or is not, settled."""
    query = select(DocumentComment).where(DocumentComment.document_id == document_id)
    if resolved is not None:
        settled = select(DocumentComment.id).where(
            DocumentComment.document_id == document_id, DocumentComment.resolved_at.is_not(None)
        )
        root = func.coalesce(DocumentComment.parent_id, DocumentComment.id)
        query = query.where(root.in_(settled) if resolved else root.not_in(settled))
    query = query.order_by(DocumentComment.created_at, DocumentComment.id)
    return (await session.scalars(query.limit(limit).offset(offset))).all()


async def delete_comment(session: AsyncSession, comment_id: UUID) -> None:
    """Remove a comment with its replies."""
    await session.execute(delete(DocumentComment).where(DocumentComment.id == comment_id))


# --- people -------------------------------------------------------------------------------------


async def versions_of_person(session: AsyncSession, person: str) -> Sequence[RowMapping]:
    """What a person wrote, oldest first."""
    return await _theirs(
        session,
        person,
        DocumentVersion,
        DocumentVersion.document_id,
        DocumentVersion.number,
        DocumentVersion.note,
        DocumentVersion.text,
        DocumentVersion.created_at,
    )


async def proposals_of_person(session: AsyncSession, person: str) -> Sequence[RowMapping]:
    """What a person proposed, oldest first."""
    return await _theirs(
        session,
        person,
        DocumentProposal,
        DocumentProposal.document_id,
        DocumentProposal.status,
        DocumentProposal.note,
        DocumentProposal.text,
        DocumentProposal.created_at,
    )


async def comments_of_person(session: AsyncSession, person: str) -> Sequence[RowMapping]:
    """What a person remarked, oldest first."""
    return await _theirs(
        session,
        person,
        DocumentComment,
        DocumentComment.document_id,
        DocumentComment.quote,
        DocumentComment.body,
        DocumentComment.created_at,
    )


async def _theirs(session: AsyncSession, person: str, table: Any, *columns: Any) -> Sequence[RowMapping]:
    query = select(*columns).where(table.author_kind == "person", table.author_id == person)
    return (await session.execute(query.order_by(table.created_at, table.id))).mappings().all()


async def forget_person(session: AsyncSession, person: str) -> None:
    """Take a person's name off all that they wrote, decided and settled."""
    for table in (DocumentVersion, DocumentProposal, DocumentComment):
        mine = (table.author_kind == "person", table.author_id == person)
        await session.execute(update(table).where(*mine).values(author_id=None))
    decided, settled = DocumentProposal.decided_by == person, DocumentComment.resolved_by == person
    await session.execute(update(DocumentProposal).where(decided).values(decided_by=None))
    await session.execute(update(DocumentComment).where(settled).values(resolved_by=None))
