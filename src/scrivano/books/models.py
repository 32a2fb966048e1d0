"""Tables of books. Chapter text lives in `documents`; here is what makes it a book."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Numeric, Text, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from scrivano.core.database import Base
from scrivano.projects.public import DEFAULT_PROJECT

_Moment = TIMESTAMP(timezone=True)


class BookRow(Base):
    """A book: what was asked for, and what became of it."""

    __tablename__ = "books"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(Text)
    project_id: Mapped[UUID] = mapped_column(default=DEFAULT_PROJECT)
    user_id: Mapped[UUID | None]
    title: Mapped[str] = mapped_column(Text)
    brief: Mapped[dict[str, Any]] = mapped_column(JSONB)
    outline: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    provenance: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    plan: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(_Moment)
    finished_at: Mapped[datetime | None] = mapped_column(_Moment)

    __table_args__ = (Index("ix_books_created_at", "created_at"), Index("ix_books_project_id", "project_id"))


class BookReferenceRow(Base):
    """A reference file as it was when the book was ordered."""

    __tablename__ = "book_references"

    book_id: Mapped[UUID] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[dict[str, Any]] = mapped_column(JSONB)


class BookChapterRow(Base):
    """A chapter's place in its book; its text is the newest version of the document."""

    __tablename__ = "book_chapters"

    book_id: Mapped[UUID] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)


class BookRunRow(Base):
    """A run that worked on a book: wrote it, wrote a chapter anew, drew covers, bound it again."""

    __tablename__ = "book_runs"

    book_id: Mapped[UUID] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), primary_key=True)
    run_id: Mapped[str] = mapped_column(Text, primary_key=True)
    purpose: Mapped[str] = mapped_column(Text)
    chapter: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(_Moment)

    __table_args__ = (Index("ix_book_runs_run_id", "run_id"),)


class BookCoverRow(Base):
    """A cover to choose from. `art` is a picture without words, `front` the finished front as PNG."""

    __tablename__ = "book_covers"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    book_id: Mapped[UUID] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(Text)
    style: Mapped[str] = mapped_column(Text)
    lettering: Mapped[dict[str, Any]] = mapped_column(JSONB)
    art: Mapped[bytes | None] = mapped_column(LargeBinary)
    front: Mapped[bytes] = mapped_column(LargeBinary)
    request_id: Mapped[UUID | None]
    model: Mapped[str | None] = mapped_column(Text)
    cost: Mapped[Decimal] = mapped_column(Numeric, server_default=text("0"))
    chosen: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime] = mapped_column(_Moment)

    __table_args__ = (
        CheckConstraint("kind IN ('drawn', 'model', 'upload')", name="kind"),
        Index("ix_book_covers_book_id", "book_id", "created_at"),
    )


class BookFileRow(Base):
    """A finished file. It is kept in the database, so that no worker's disk is the only place for it."""

    __tablename__ = "book_files"

    book_id: Mapped[UUID] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    media_type: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(_Moment)
