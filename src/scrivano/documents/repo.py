"""All SQL of `documents`. Functions take the session of the caller's transaction and return rows."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core import clock
from scrivano.core.ids import new_id
from scrivano.documents.dto import Author, Owner
from scrivano.documents.models import Document, DocumentVersion


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


async def latest_version(session: AsyncSession, document_id: UUID) -> DocumentVersion | None:
    """The newest version."""
    query = select(DocumentVersion).where(DocumentVersion.document_id == document_id)
    return await session.scalar(query.order_by(DocumentVersion.number.desc()).limit(1))


async def list_versions(session: AsyncSession, document_id: UUID) -> Sequence[DocumentVersion]:
    """All versions, newest first."""
    query = select(DocumentVersion).where(DocumentVersion.document_id == document_id)
    return (await session.scalars(query.order_by(DocumentVersion.number.desc()))).all()
