"""Tables of `assessment`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from scrivano.core.database import Base
from scrivano.projects.public import DEFAULT_PROJECT

_Moment = DateTime(timezone=True)
_PROJECT = text(f"'{DEFAULT_PROJECT}'")


class GenreRow(Base):
    """A genre as it is now. `shipped_hash` is that of the file it came from, unless a person changed it since."""

    __tablename__ = "genres"

    slug: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    shipped_hash: Mapped[str | None] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(_Moment)


class ScoreRow(Base):
    """What was found of one version of one text. `chapter` is null for a whole book."""

    __tablename__ = "scores"
    __table_args__ = (
        Index("ix_scores_book_id", "book_id", "chapter", "round"),
        Index("ix_scores_project_id", "project_id", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(server_default=_PROJECT)
    book_id: Mapped[UUID | None]
    chapter: Mapped[int | None]
    document_id: Mapped[UUID | None]
    version: Mapped[int | None]
    run_id: Mapped[str | None] = mapped_column(Text)
    round: Mapped[int]
    model: Mapped[str] = mapped_column(Text)
    prompt_version: Mapped[str] = mapped_column(Text)
    niche: Mapped[str] = mapped_column(Text)
    genre: Mapped[str] = mapped_column(Text)
    score: Mapped[float]
    rubric_score: Mapped[float | None]
    combined: Mapped[float]
    words: Mapped[int]
    kept: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(_Moment)
    measures: Mapped[dict[str, float]] = mapped_column(JSONB)
    criteria: Mapped[dict[str, float]] = mapped_column(JSONB)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class ComparisonRow(Base):
    """Two texts to the same order. `swapped`: the second side is shown as the first, which nobody is told before
    they have chosen."""

    __tablename__ = "comparisons"
    __table_args__ = (
        CheckConstraint("scope IN ('book', 'chapter')", name="scope"),
        CheckConstraint("chosen IN ('a', 'b', 'tie')", name="chosen"),
        Index("ix_comparisons_project_id", "project_id", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(server_default=_PROJECT)
    name: Mapped[str] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(Text)
    run_id: Mapped[str] = mapped_column(Text)
    order_given: Mapped[dict[str, Any]] = mapped_column(JSONB)
    swapped: Mapped[bool]
    chosen: Mapped[str | None] = mapped_column(Text)
    chosen_by: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    verdict: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(_Moment)
    chosen_at: Mapped[datetime | None] = mapped_column(_Moment)


class SideRow(Base):
    """One of the two: who wrote it from which prompts, its text, its cost and its scores."""

    __tablename__ = "comparison_sides"
    __table_args__ = (CheckConstraint("side IN ('a', 'b')", name="side"),)

    comparison_id: Mapped[UUID] = mapped_column(
        ForeignKey("comparisons.id", ondelete="CASCADE"), primary_key=True
    )
    side: Mapped[str] = mapped_column(Text, primary_key=True)
    model: Mapped[str] = mapped_column(Text)
    prompts: Mapped[dict[str, str]] = mapped_column(JSONB)
    book_id: Mapped[UUID | None]
    run_id: Mapped[str | None] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    report: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
