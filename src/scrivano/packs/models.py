"""Tables of `packs`. A sample that changes or goes is retired, not deleted: books refer to what they used."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import SmallInteger

from scrivano.core.database import Base


class Domain(Base):
    __tablename__ = "domains"
    __table_args__ = (CheckConstraint("origin IN ('shipped', 'installed')", name="origin"),)

    slug: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    icon: Mapped[str] = mapped_column(Text)
    sort_order: Mapped[int]
    version: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    license: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(Text)
    active: Mapped[bool]
    content_hash: Mapped[str] = mapped_column(Text)
    installed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    removed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Niche(Base):
    __tablename__ = "niches"

    domain: Mapped[str] = mapped_column(Text, ForeignKey("domains.slug"), primary_key=True)
    slug: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    icon: Mapped[str] = mapped_column(Text)
    sort_order: Mapped[int]
    description: Mapped[str] = mapped_column(Text)
    keywords: Mapped[list[str]] = mapped_column(ARRAY(Text))
    active: Mapped[bool]
    removed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class SampleRow(Base):
    __tablename__ = "samples"
    __table_args__ = (
        ForeignKeyConstraint(
            ["domain", "niche"], ["niches.domain", "niches.slug"], name="fk_samples_domain_niches"
        ),
        UniqueConstraint("sample_key", "content_hash", name="uq_samples_sample_key_content_hash"),
        CheckConstraint("kind IN ('outline', 'chapter')", name="kind"),
        Index(
            "ix_samples_sample_key", "sample_key", unique=True, postgresql_where=text("retired_at IS NULL")
        ),
        Index("ix_samples_domain_niche", "domain", "niche", postgresql_where=text("retired_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    sample_key: Mapped[str] = mapped_column(Text)
    domain: Mapped[str] = mapped_column(Text)
    niche: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    words: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    retired_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ShippedLoad(Base):
    """The one row that says which set of shipped packs was loaded last."""

    __tablename__ = "pack_shipped_loads"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(Text)
    loaded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
