"""Tables of `publishing`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from scrivano.core.database import Base
from scrivano.projects.public import DEFAULT_PROJECT

_Moment = TIMESTAMP(timezone=True)
_DEFAULT = text(f"'{DEFAULT_PROJECT}'::uuid")


class TargetRow(Base):
    """A place that texts are published to. `secret` is sealed for `publishing target <id>`."""

    __tablename__ = "publishing_targets"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(server_default=_DEFAULT)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(_Moment)

    __table_args__ = (UniqueConstraint("project_id", "name", name="uq_publishing_targets_project_id"),)


class PublicationRow(Base):
    """What became of one text at one place. While `claimed_until` has not passed, `claimed_by` is publishing it."""

    __tablename__ = "publications"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    target_id: Mapped[UUID] = mapped_column(ForeignKey("publishing_targets.id", ondelete="CASCADE"))
    marker: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    remote_id: Mapped[str | None] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int]
    digest: Mapped[str | None] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    entry: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    error: Mapped[str | None] = mapped_column(Text)
    claimed_by: Mapped[str | None] = mapped_column(Text)
    claimed_until: Mapped[datetime | None] = mapped_column(_Moment)
    created_at: Mapped[datetime] = mapped_column(_Moment)
    published_at: Mapped[datetime | None] = mapped_column(_Moment)

    __table_args__ = (
        UniqueConstraint("target_id", "marker", name="uq_publications_target_id"),
        Index("ix_publications_marker", "marker"),
    )


class PublicationEventRow(Base):
    """One thing that happened to a publication: created, updated, found again, failed."""

    __tablename__ = "publication_events"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    publication_id: Mapped[UUID] = mapped_column(ForeignKey("publications.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)
    at: Mapped[datetime] = mapped_column(_Moment)

    __table_args__ = (Index("ix_publication_events_publication_id", "publication_id"),)


class DeliveryRow(Base):
    """Whether one reader has a newsletter: `sending` is written before it is sent, `sent` once it was taken."""

    __tablename__ = "publication_deliveries"

    publication_id: Mapped[UUID] = mapped_column(
        ForeignKey("publications.id", ondelete="CASCADE"), primary_key=True
    )
    recipient: Mapped[str] = mapped_column(Text, primary_key=True)
    status: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(_Moment)
