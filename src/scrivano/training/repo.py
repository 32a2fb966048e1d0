"""All SQL of `training`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.training.models import ConsentRow, SampleRow


async def get_consent(session: AsyncSession, project_id: UUID, *, lock: bool = False) -> ConsentRow | None:
    """What a project agreed to, on request so that it cannot be withdrawn before the transaction ends."""
    statement = select(ConsentRow).where(ConsentRow.project_id == project_id)
    return (await session.scalars(statement.with_for_update() if lock else statement)).first()


async def drop_consent(session: AsyncSession, project_id: UUID) -> None:
    """Take back what a project agreed to."""
    await session.execute(delete(ConsentRow).where(ConsentRow.project_id == project_id))


async def put_consent(
    session: AsyncSession, project_id: UUID, choices: bool, edits: bool, by: UUID | None, at: datetime
) -> None:
    """Keep what a project agrees to."""
    values = {"choices": choices, "edits": edits, "given_by": by, "given_at": at}
    statement = insert(ConsentRow).values(project_id=project_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["project_id"], set_=values))


async def put_sample(session: AsyncSession, values: dict[str, Any]) -> UUID:
    """Store a sample in place of one of the same source; returns the id that stands."""
    statement = insert(SampleRow).values(**values)
    changed = {k: v for k, v in values.items() if k not in ("id", "project_id", "source", "created_at")}
    statement = statement.on_conflict_do_update(
        constraint="uq_training_samples_project_id_source", set_=changed
    )
    return (await session.execute(statement.returning(SampleRow.id))).scalar_one()


async def get_sample(session: AsyncSession, sample_id: UUID) -> SampleRow | None:
    """One sample."""
    return await session.get(SampleRow, sample_id)


async def samples(
    session: AsyncSession, project_id: UUID, kind: str | None, *, limit: int, offset: int
) -> Sequence[SampleRow]:
    """Newest first."""
    statement = select(SampleRow).where(SampleRow.project_id == project_id)
    if kind is not None:
        statement = statement.where(SampleRow.kind == kind)
    statement = statement.order_by(SampleRow.created_at.desc(), SampleRow.id).limit(limit).offset(offset)
    return (await session.scalars(statement)).all()


async def drop_sample(session: AsyncSession, sample_id: UUID) -> None:
    """Delete one."""
    await session.execute(delete(SampleRow).where(SampleRow.id == sample_id))


async def drop_samples(
    session: AsyncSession, project_id: UUID, *, kind: str | None = None, user_id: UUID | None = None
) -> int:
    """Delete a project's, of one kind or one person; returns how many."""
    statement = delete(SampleRow).where(SampleRow.project_id == project_id)
    if kind is not None:
        statement = statement.where(SampleRow.kind == kind)
    if user_id is not None:
        statement = statement.where(SampleRow.user_id == user_id)
    return len((await session.scalars(statement.returning(SampleRow.id))).all())


async def samples_of_person(session: AsyncSession, user_id: UUID) -> Sequence[SampleRow]:
    """Everything that came from one person, in every project."""
    statement = select(SampleRow).where(SampleRow.user_id == user_id).order_by(SampleRow.created_at)
    return (await session.scalars(statement)).all()


async def forget_person(session: AsyncSession, user_id: UUID) -> None:
    """Delete a person's samples; consents stay, without their name."""
    await session.execute(delete(SampleRow).where(SampleRow.user_id == user_id))
    await session.execute(update(ConsentRow).where(ConsentRow.given_by == user_id).values(given_by=None))
