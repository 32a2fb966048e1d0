"""Tables of `references`. The bytes of a file are kept once, whoever uploaded them how often."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, deferred, mapped_column

from scrivano.core.database import Base
from scrivano.projects.public import DEFAULT_PROJECT


class OriginalRow(Base):
    __tablename__ = "reference_originals"

    sha256: Mapped[str] = mapped_column(Text, primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class FileRow(Base):
    __tablename__ = "reference_files"
    __table_args__ = (
        UniqueConstraint("project_id", "name", name="uq_reference_files_project_id_name"),
        CheckConstraint(
            "kind IN ('character', 'style guide', 'world-building', 'timeline', 'research', 'glossary', 'other')",
            name="kind",
        ),
        CheckConstraint("status IN ('converting', 'ready', 'failed')", name="status"),
        Index("ix_reference_files_sha256", "sha256"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(server_default=text(f"'{DEFAULT_PROJECT}'"))
    name: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    media_type: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text, ForeignKey("reference_originals.sha256"))
    size: Mapped[int] = mapped_column(BigInteger)
    language: Mapped[str] = mapped_column(Text)
    configuration: Mapped[str] = mapped_column(Text)
    words: Mapped[int]
    passages: Mapped[int]
    page_starts: Mapped[list[int]] = mapped_column(JSONB)
    text: Mapped[str] = deferred(mapped_column(Text, nullable=False))
    from_chapter: Mapped[int | None]
    embedding_model: Mapped[str | None] = mapped_column(Text)
    run_id: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class PassageRow(Base):
    __tablename__ = "reference_passages"
    __table_args__ = (Index("ix_reference_passages_search", "search", postgresql_using="gin"),)

    reference_id: Mapped[UUID] = mapped_column(
        ForeignKey("reference_files.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    begins: Mapped[int]
    ends: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    headings: Mapped[list[str]] = mapped_column(JSONB)
    page: Mapped[int | None]
    from_chapter: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text)
    search: Mapped[str] = deferred(mapped_column(TSVECTOR, nullable=False))
    vector: Mapped[bytes | None] = deferred(mapped_column(LargeBinary, nullable=True))


class UseRow(Base):
    __tablename__ = "reference_uses"

    reference_id: Mapped[UUID] = mapped_column(
        ForeignKey("reference_files.id", ondelete="CASCADE"), primary_key=True
    )
    passage: Mapped[int] = mapped_column(primary_key=True)
    feature: Mapped[str] = mapped_column(Text, primary_key=True)
    item_id: Mapped[str] = mapped_column(Text, primary_key=True)
    place: Mapped[str] = mapped_column(Text, primary_key=True)
    request_id: Mapped[UUID | None]
    used_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
