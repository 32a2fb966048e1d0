"""Tables of `documents`. A version is never changed after it is written."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from scrivano.core.database import Base

_AUTHORS = "author_kind IN ('person', 'run', 'import')"
_Moment = DateTime(timezone=True)


class Document(Base):
    __tablename__ = "documents"
    __table_args__ = (Index("ix_documents_owner_feature_owner_id", "owner_feature", "owner_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    owner_feature: Mapped[str | None] = mapped_column(Text)
    owner_id: Mapped[str | None] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    latest_number: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[datetime] = mapped_column(_Moment)


class DocumentVersion(Base):
    __tablename__ = "document_versions"
    __table_args__ = (
        UniqueConstraint("document_id", "number", name="uq_document_versions_document_id_number"),
        UniqueConstraint("document_id", "key", name="uq_document_versions_document_id_key"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint(_AUTHORS, name="author_kind"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    author_kind: Mapped[str] = mapped_column(Text)
    author_id: Mapped[str | None] = mapped_column(Text)
    request_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    note: Mapped[str] = mapped_column(Text)
    sources: Mapped[list[Any]] = mapped_column(JSONB)
    key: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_Moment)


class DocumentProposal(Base):
    """A text beside the newest version, waiting for a person's decision."""

    __tablename__ = "document_proposals"
    __table_args__ = (
        UniqueConstraint("document_id", "key", name="uq_document_proposals_document_id_key"),
        CheckConstraint(_AUTHORS, name="author_kind"),
        CheckConstraint("status IN ('open', 'accepted', 'partly', 'rejected', 'superseded')", name="status"),
        Index("ix_document_proposals_document_id", "document_id", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    base_number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    author_kind: Mapped[str] = mapped_column(Text)
    author_id: Mapped[str | None] = mapped_column(Text)
    request_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    note: Mapped[str] = mapped_column(Text)
    sources: Mapped[list[Any]] = mapped_column(JSONB)
    key: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    result_number: Mapped[int | None]
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None] = mapped_column(_Moment)
    created_at: Mapped[datetime] = mapped_column(_Moment)


class DocumentComment(Base):
    """A remark about a passage of one version, kept with the words around it so that it can be found again."""

    __tablename__ = "document_comments"
    __table_args__ = (
        CheckConstraint(_AUTHORS, name="author_kind"),
        Index("ix_document_comments_document_id", "document_id", "created_at"),
        Index("ix_document_comments_parent_id", "parent_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("document_comments.id", ondelete="CASCADE"))
    version_number: Mapped[int]
    quote: Mapped[str] = mapped_column(Text)
    start: Mapped[int]
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    author_kind: Mapped[str] = mapped_column(Text)
    author_id: Mapped[str | None] = mapped_column(Text)
    resolved_at: Mapped[datetime | None] = mapped_column(_Moment)
    resolved_by: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_Moment)
    edited_at: Mapped[datetime | None] = mapped_column(_Moment)
