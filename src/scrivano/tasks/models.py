"""Tables of `tasks`."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION, JSONB, TIMESTAMP, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from scrivano.core.database import Base
from scrivano.projects.public import DEFAULT_PROJECT

_Moment = TIMESTAMP(timezone=True)
_PROJECT = text(f"'{DEFAULT_PROJECT}'")
_STATUSES = "status IN ('created', 'queued', 'running', 'succeeded', 'failed', 'cancelled')"


class TaskRow(Base):
    """A task: what was set up, and what became of it."""

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint(_STATUSES, name="status"),
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
        Index("ix_tasks_project_id_id", "project_id", "id"),
        Index("ix_tasks_project_id_template_name_id", "project_id", "template_name", "id"),
        Index("ix_tasks_project_id_status_id", "project_id", "status", "id"),
        Index("ix_tasks_project_id_model_id", "project_id", "model", "id"),
        Index("ix_tasks_project_id_used_model_id", "project_id", "used_model", "id"),
        Index(
            "ix_tasks_project_id_schedule_id_id",
            "project_id",
            "schedule_id",
            "id",
            postgresql_where=text("schedule_id IS NOT NULL"),
        ),
        Index("ix_tasks_group_id", "group_id"),
        Index("ix_tasks_run_id", "run_id"),
        Index("ix_tasks_search", "search", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(server_default=_PROJECT)
    user_id: Mapped[UUID | None]
    name: Mapped[str] = mapped_column(Text)
    template_name: Mapped[str | None] = mapped_column(Text)
    version_id: Mapped[UUID | None]
    version: Mapped[int | None]
    messages: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    variables: Mapped[dict[str, Any]] = mapped_column(JSONB)
    inputs: Mapped[dict[str, Any]] = mapped_column(JSONB)
    resolved: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    model: Mapped[str] = mapped_column(Text)
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sink: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    receipt: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    expected_hash: Mapped[str | None] = mapped_column(Text)
    prompt_hash: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    run_id: Mapped[str | None] = mapped_column(Text)
    parent_id: Mapped[UUID | None]
    group_id: Mapped[UUID | None]
    schedule_id: Mapped[UUID | None]
    input_index: Mapped[int | None]
    variant_index: Mapped[int | None]
    variant: Mapped[str | None] = mapped_column(Text)
    result: Mapped[str | None] = mapped_column(Text)
    value: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    request_id: Mapped[UUID | None]
    used_model: Mapped[str | None] = mapped_column(Text)
    used_provider: Mapped[str | None] = mapped_column(Text)
    prompt_tokens: Mapped[int | None]
    completion_tokens: Mapped[int | None]
    cost: Mapped[Decimal | None] = mapped_column(Numeric(24, 9))
    seconds: Mapped[float | None] = mapped_column(DOUBLE_PRECISION)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    rating: Mapped[int | None] = mapped_column(SmallInteger)
    comment: Mapped[str] = mapped_column(Text, server_default="")
    score: Mapped[float | None] = mapped_column(DOUBLE_PRECISION)
    checks: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(_Moment)
    started_at: Mapped[datetime | None] = mapped_column(_Moment)
    finished_at: Mapped[datetime | None] = mapped_column(_Moment)
    search: Mapped[str] = mapped_column(TSVECTOR, server_default=text("''::tsvector"), deferred=True)


class DatasetRow(Base):
    """A dataset: inputs with what is expected of the answers."""

    __tablename__ = "task_datasets"
    __table_args__ = (UniqueConstraint("project_id", "name", name="uq_task_datasets_project_id_name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(server_default=_PROJECT)
    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_Moment)


class DatasetItemRow(Base):
    """One input of a dataset."""

    __tablename__ = "task_dataset_items"

    dataset_id: Mapped[UUID] = mapped_column(
        ForeignKey("task_datasets.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    variables: Mapped[dict[str, Any]] = mapped_column(JSONB)
    expectations: Mapped[list[Any]] = mapped_column(JSONB)


class EvaluationRow(Base):
    """A dataset run with some variants of a template. `items` are those of the dataset as they were then."""

    __tablename__ = "task_evaluations"
    __table_args__ = (Index("ix_task_evaluations_dataset_id", "dataset_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(server_default=_PROJECT)
    dataset_id: Mapped[UUID] = mapped_column(ForeignKey("task_datasets.id", ondelete="CASCADE"))
    template_name: Mapped[str] = mapped_column(Text)
    variants: Mapped[list[Any]] = mapped_column(JSONB)
    items: Mapped[list[Any]] = mapped_column(JSONB)
    judge: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    run_id: Mapped[str] = mapped_column(Text)
    scores: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(_Moment)
    finished_at: Mapped[datetime | None] = mapped_column(_Moment)


class ScheduleRow(Base):
    """A task that is run again and again."""

    __tablename__ = "task_schedules"
    __table_args__ = (Index("ix_task_schedules_due", "next_at", postgresql_where=text("active")),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(server_default=_PROJECT)
    name: Mapped[str] = mapped_column(Text)
    cron: Mapped[str] = mapped_column(Text)
    timezone: Mapped[str] = mapped_column(Text)
    task: Mapped[dict[str, Any]] = mapped_column(JSONB)
    active: Mapped[bool]
    next_at: Mapped[datetime] = mapped_column(_Moment)
    last_at: Mapped[datetime | None] = mapped_column(_Moment)
    last_task_id: Mapped[UUID | None]
    fault: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_Moment)
