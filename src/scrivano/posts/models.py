"""Tables of posts. The text of a post lives in `documents`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from scrivano.core.database import Base
from scrivano.projects.public import DEFAULT_PROJECT

_Moment = TIMESTAMP(timezone=True)
_DEFAULT = text(f"'{DEFAULT_PROJECT}'::uuid")


class WorkflowRow(Base):
    """A workflow by name; what it is stands in its versions."""

    __tablename__ = "workflows"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(server_default=_DEFAULT)
    name: Mapped[str] = mapped_column(Text)
    latest_number: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(_Moment)
    archived: Mapped[bool] = mapped_column(server_default=false())

    __table_args__ = (UniqueConstraint("project_id", "name", name="uq_workflows_project_id"),)


class WorkflowVersionRow(Base):
    """A version of a workflow. It never changes."""

    __tablename__ = "workflow_versions"

    workflow_id: Mapped[UUID] = mapped_column(
        ForeignKey("workflows.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    note: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_Moment)


class PostRow(Base):
    """A post: where it stands and what its fields hold, but for the body. `revision` counts changes."""

    __tablename__ = "posts"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(server_default=_DEFAULT)
    user_id: Mapped[UUID | None]
    workflow_id: Mapped[UUID]
    workflow_version: Mapped[int]
    stage: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    fields: Mapped[dict[str, Any]] = mapped_column(JSONB)
    revision: Mapped[int]
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"))
    archived: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[datetime] = mapped_column(_Moment)
    updated_at: Mapped[datetime] = mapped_column(_Moment)

    __table_args__ = (
        ForeignKeyConstraint(
            ["workflow_id", "workflow_version"],
            ["workflow_versions.workflow_id", "workflow_versions.number"],
            name="fk_posts_workflow_id_workflow_versions",
        ),
        Index("ix_posts_project_id_created_at", "project_id", "created_at"),
    )


class SourceRow(Base):
    """A page that a post can rest on, as it was found. Its number never changes, as texts point at it."""

    __tablename__ = "post_sources"

    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    excerpt: Mapped[str] = mapped_column(Text)
    published: Mapped[str | None] = mapped_column(Text)
    query: Mapped[str] = mapped_column(Text)
    kept: Mapped[bool]
    found_at: Mapped[datetime] = mapped_column(_Moment)

    __table_args__ = (UniqueConstraint("post_id", "url", name="uq_post_sources_post_id"),)


class ChangeRow(Base):
    """One change of a post: what each field held before and after, and who did it."""

    __tablename__ = "post_changes"

    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    author_kind: Mapped[str] = mapped_column(Text)
    author_id: Mapped[str | None] = mapped_column(Text)
    proposal_id: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(_Moment)


class ProposalRow(Base):
    """What an action would put into fields. `before` is what they held when it was made; of the body the version."""

    __tablename__ = "post_proposals"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    stage: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(Text)
    before: Mapped[dict[str, Any]] = mapped_column(JSONB)
    values: Mapped[dict[str, Any]] = mapped_column(JSONB)
    accepted: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    notes: Mapped[list[str]] = mapped_column(JSONB)
    request_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    run_id: Mapped[str | None] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_Moment)
    decided_at: Mapped[datetime | None] = mapped_column(_Moment)

    __table_args__ = (UniqueConstraint("post_id", "key", name="uq_post_proposals_post_id"),)


class PostRunRow(Base):
    """A run that worked on a post."""

    __tablename__ = "post_runs"

    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    run_id: Mapped[str] = mapped_column(Text, primary_key=True)
    what: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_Moment)


class PostImageRow(Base):
    """A picture of a post, by the SHA-256 of its bytes."""

    __tablename__ = "post_images"

    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    sha256: Mapped[str] = mapped_column(Text, primary_key=True)
    media_type: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(_Moment)
