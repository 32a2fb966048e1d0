"""Tables of `training`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from scrivano.core.database import Base
from scrivano.projects.public import DEFAULT_PROJECT

_Moment = DateTime(timezone=True)


class SampleRow(Base):
    """A sample. `source` names what it was made of, so that nothing becomes two samples."""

    __tablename__ = "training_samples"
    __table_args__ = (
        CheckConstraint("kind IN ('choice', 'edit')", name="kind"),
        UniqueConstraint("project_id", "source", name="uq_training_samples_project_id_source"),
        Index("ix_training_samples_project_id", "project_id", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(server_default=text(f"'{DEFAULT_PROJECT}'"))
    user_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    domain: Mapped[str] = mapped_column(Text)
    niche: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    prompt: Mapped[str] = mapped_column(Text)
    chosen: Mapped[str] = mapped_column(Text)
    rejected: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    consent_at: Mapped[datetime] = mapped_column(_Moment)
    created_at: Mapped[datetime] = mapped_column(_Moment)


class ConsentRow(Base):
    """What a project agreed to."""

    __tablename__ = "training_consents"

    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    choices: Mapped[bool]
    edits: Mapped[bool]
    given_by: Mapped[UUID | None]
    given_at: Mapped[datetime] = mapped_column(_Moment)
