"""Tables of `prompts`. Versions are never changed once they are written; labels point at them."""

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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import SmallInteger

from scrivano.core.database import Base

_NO_WORDS = text("''::tsvector")
_AUTHOR_CHECK = "{} IN ('starter', 'person', 'import')"


class Part(Base):
    __tablename__ = "prompt_parts"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('system', 'style', 'task', 'data', 'example', 'format', 'guard')", name="kind"
        ),
        Index("ix_prompt_parts_search", "search", postgresql_using="gin"),
        Index("ix_prompt_parts_tags", "tags", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    sort_order: Mapped[int]
    language: Mapped[str] = mapped_column(Text)
    archived_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    search: Mapped[str] = mapped_column(TSVECTOR, server_default=_NO_WORDS, deferred=True)


class PartVersionRow(Base):
    __tablename__ = "prompt_part_versions"
    __table_args__ = (
        UniqueConstraint("part_id", "number", name="uq_prompt_part_versions_part_id_number"),
        UniqueConstraint("part_id", "id", name="uq_prompt_part_versions_part_id_id"),
        CheckConstraint(_AUTHOR_CHECK.format("author_kind"), name="author_kind"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    part_id: Mapped[UUID] = mapped_column(ForeignKey("prompt_parts.id"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    variables: Mapped[dict[str, Any]] = mapped_column(JSONB)
    content_hash: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    author_kind: Mapped[str] = mapped_column(Text)
    author_id: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class PartLabel(Base):
    __tablename__ = "prompt_part_labels"
    __table_args__ = (
        ForeignKeyConstraint(
            ["part_id", "version_id"],
            ["prompt_part_versions.part_id", "prompt_part_versions.id"],
            name="fk_prompt_part_labels_part_id_prompt_part_versions",
        ),
        CheckConstraint(_AUTHOR_CHECK.format("set_by_kind"), name="set_by_kind"),
    )

    part_id: Mapped[UUID] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(Text, primary_key=True)
    version_id: Mapped[UUID]
    set_by_kind: Mapped[str] = mapped_column(Text)
    set_by_id: Mapped[str | None] = mapped_column(Text)
    set_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Template(Base):
    __tablename__ = "prompt_templates"
    __table_args__ = (
        Index("ix_prompt_templates_search", "search", postgresql_using="gin"),
        Index("ix_prompt_templates_tags", "tags", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    description: Mapped[str] = mapped_column(Text)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    archived_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    search: Mapped[str] = mapped_column(TSVECTOR, server_default=_NO_WORDS, deferred=True)


class TemplateVersionRow(Base):
    __tablename__ = "prompt_template_versions"
    __table_args__ = (
        UniqueConstraint("template_id", "number", name="uq_prompt_template_versions_template_id_number"),
        UniqueConstraint("template_id", "id", name="uq_prompt_template_versions_template_id_id"),
        CheckConstraint("engine IN ('default', 'jinja2')", name="engine"),
        CheckConstraint(_AUTHOR_CHECK.format("author_kind"), name="author_kind"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    template_id: Mapped[UUID] = mapped_column(ForeignKey("prompt_templates.id"))
    number: Mapped[int]
    variables: Mapped[dict[str, Any]] = mapped_column(JSONB)
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    answer: Mapped[str | None] = mapped_column(Text)
    messages: Mapped[list[Any]] = mapped_column(JSONB)
    engine: Mapped[str] = mapped_column(Text, server_default="default")
    content_hash: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    author_kind: Mapped[str] = mapped_column(Text)
    author_id: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class TemplateVersionPart(Base):
    """Which version of each part a template version is made of."""

    __tablename__ = "prompt_template_version_parts"
    __table_args__ = (Index("ix_prompt_template_version_parts_part_version_id", "part_version_id"),)

    template_version_id: Mapped[UUID] = mapped_column(
        ForeignKey("prompt_template_versions.id"), primary_key=True
    )
    part_name: Mapped[str] = mapped_column(Text, primary_key=True)
    part_version_id: Mapped[UUID] = mapped_column(ForeignKey("prompt_part_versions.id"))
    uses: Mapped[int] = mapped_column(server_default=text("1"))


class TemplateVersionTemplate(Base):
    """Which version of each template that it includes a template version is made of."""

    __tablename__ = "prompt_template_version_templates"
    __table_args__ = (
        Index("ix_prompt_template_version_templates_included_version_id", "included_version_id"),
    )

    template_version_id: Mapped[UUID] = mapped_column(
        ForeignKey("prompt_template_versions.id"), primary_key=True
    )
    template_name: Mapped[str] = mapped_column(Text, primary_key=True)
    included_version_id: Mapped[UUID] = mapped_column(ForeignKey("prompt_template_versions.id"))


class TemplateLabel(Base):
    __tablename__ = "prompt_template_labels"
    __table_args__ = (
        Index("ix_prompt_template_labels_version_id", "version_id"),
        ForeignKeyConstraint(
            ["template_id", "version_id"],
            ["prompt_template_versions.template_id", "prompt_template_versions.id"],
            name="fk_prompt_template_labels_template_id_prompt_template_versions",
        ),
        CheckConstraint(_AUTHOR_CHECK.format("set_by_kind"), name="set_by_kind"),
    )

    template_id: Mapped[UUID] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(Text, primary_key=True)
    version_id: Mapped[UUID]
    set_by_kind: Mapped[str] = mapped_column(Text)
    set_by_id: Mapped[str | None] = mapped_column(Text)
    set_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class StarterLoad(Base):
    """The one row that says which set of starter files was loaded last."""

    __tablename__ = "prompt_starter_loads"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(Text)
    loaded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ProtectedLabel(Base):
    """A label that administrators move, and those to whom `LabelRole` lets it."""

    __tablename__ = "prompt_protected_labels"

    label: Mapped[str] = mapped_column(Text, primary_key=True)


class LabelRole(Base):
    """Members of a project who may move a protected label: those who have at least this role there."""

    __tablename__ = "prompt_label_roles"
    __table_args__ = (CheckConstraint("role IN ('editor', 'owner')", name="role"),)

    label: Mapped[str] = mapped_column(
        ForeignKey("prompt_protected_labels.label", ondelete="CASCADE"), primary_key=True
    )
    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(Text)
