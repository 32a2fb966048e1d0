"""All SQL of publishing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.publishing.models import DeliveryRow, PublicationEventRow, PublicationRow, TargetRow


async def add_target(session: AsyncSession, values: dict[str, Any]) -> TargetRow | None:
    """Store a target; None if the project has one of this name."""
    statement = insert(TargetRow).values(**values).on_conflict_do_nothing().returning(TargetRow)
    return await session.scalar(statement)


async def get_target(session: AsyncSession, target_id: UUID) -> TargetRow | None:
    """A target by id."""
    return await session.get(TargetRow, target_id)


async def named_targets(session: AsyncSession, project_id: UUID, names: Sequence[str]) -> Sequence[TargetRow]:
    """Those of a project that have one of these names."""
    statement = select(TargetRow).where(TargetRow.project_id == project_id, TargetRow.name.in_(names))
    return (await session.scalars(statement)).all()


async def list_targets(
    session: AsyncSession, project_id: UUID, *, limit: int, offset: int
) -> Sequence[TargetRow]:
    """A project's, by name."""
    statement = select(TargetRow).where(TargetRow.project_id == project_id).order_by(TargetRow.name)
    return (await session.scalars(statement.limit(limit).offset(offset))).all()


async def sealed_targets(session: AsyncSession) -> Sequence[TargetRow]:
    """All projects' targets that have a secret, locked."""
    statement = select(TargetRow).where(TargetRow.secret.is_not(None)).order_by(TargetRow.id)
    return (await session.scalars(statement.with_for_update())).all()


async def forget_project(session: AsyncSession, project_id: UUID) -> None:
    """Drop a project's targets with what is known of their publications."""
    await session.execute(delete(TargetRow).where(TargetRow.project_id == project_id))


async def delete_target(session: AsyncSession, target_id: UUID) -> None:
    """Forget a target with the record of what went there."""
    await session.execute(delete(TargetRow).where(TargetRow.id == target_id))


async def ensure_publication(session: AsyncSession, values: dict[str, Any]) -> None:
    """Make the row of a text at a place, unless it is there."""
    statement = insert(PublicationRow).values(**values)
    await session.execute(statement.on_conflict_do_nothing(index_elements=["target_id", "marker"]))


async def claim(
    session: AsyncSession, target_id: UUID, marker: str, claimant: str, now: datetime, until: datetime
) -> PublicationRow | None:
    """The row, which is the claimant's until then; None while it is somebody else's."""
    free = or_(
        PublicationRow.claimed_by.is_(None),
        PublicationRow.claimed_by == claimant,
        PublicationRow.claimed_until < now,
    )
    statement = (
        update(PublicationRow)
        .where(PublicationRow.target_id == target_id, PublicationRow.marker == marker, free)
        .values(claimed_by=claimant, claimed_until=until)
        .returning(PublicationRow)
    )
    return await session.scalar(statement)


async def get_publication(session: AsyncSession, target_id: UUID, marker: str) -> PublicationRow | None:
    """What is known of a text at a place."""
    statement = select(PublicationRow).where(
        PublicationRow.target_id == target_id, PublicationRow.marker == marker
    )
    return await session.scalar(statement)


async def update_publication(session: AsyncSession, publication_id: UUID, values: dict[str, Any]) -> None:
    """Change columns of a publication."""
    await session.execute(update(PublicationRow).where(PublicationRow.id == publication_id).values(**values))


async def publications(
    session: AsyncSession,
    *,
    marker: str | None = None,
    target_id: UUID | None = None,
    limit: int = 500,
    offset: int = 0,
) -> Sequence[tuple[PublicationRow, TargetRow]]:
    """Publications with their targets, the newest first."""
    statement = select(PublicationRow, TargetRow).join(TargetRow, TargetRow.id == PublicationRow.target_id)
    if marker is not None:
        statement = statement.where(PublicationRow.marker == marker)
    if target_id is not None:
        statement = statement.where(PublicationRow.target_id == target_id)
    statement = statement.order_by(PublicationRow.created_at.desc(), PublicationRow.id)
    rows = (await session.execute(statement.limit(limit).offset(offset))).all()
    return [(row[0], row[1]) for row in rows]


async def entries(session: AsyncSession, target_id: UUID, limit: int) -> Sequence[PublicationRow]:
    """What a feed shows, the newest first."""
    statement = (
        select(PublicationRow)
        .where(PublicationRow.target_id == target_id, PublicationRow.entry.is_not(None))
        .order_by(PublicationRow.entry["date"].astext.desc(), PublicationRow.marker)
    )
    return (await session.scalars(statement.limit(limit))).all()


async def add_event(
    session: AsyncSession, publication_id: UUID, kind: str, detail: dict[str, Any], at: datetime
) -> None:
    """Note that something happened."""
    session.add(PublicationEventRow(publication_id=publication_id, kind=kind, detail=detail, at=at))
    await session.flush()


async def events(session: AsyncSession, publication_id: UUID) -> Sequence[PublicationEventRow]:
    """What happened, the oldest first."""
    statement = select(PublicationEventRow).where(PublicationEventRow.publication_id == publication_id)
    return (await session.scalars(statement.order_by(PublicationEventRow.id).limit(1000))).all()


async def deliveries(session: AsyncSession, publication_id: UUID) -> dict[str, str]:
    """Status by recipient."""
    statement = select(DeliveryRow.recipient, DeliveryRow.status).where(
        DeliveryRow.publication_id == publication_id
    )
    return {row[0]: row[1] for row in (await session.execute(statement)).all()}


async def begin_delivery(session: AsyncSession, publication_id: UUID, recipient: str, at: datetime) -> bool:
    """Note that one reader's message is about to be sent; False if it was, or somebody else is at it."""
    statement = insert(DeliveryRow).values(
        publication_id=publication_id, recipient=recipient, status="sending", at=at
    )
    statement = statement.on_conflict_do_nothing().returning(DeliveryRow.recipient)
    return await session.scalar(statement) is not None


async def end_delivery(
    session: AsyncSession, publication_id: UUID, recipient: str, status: str, at: datetime
) -> None:
    """Note what became of one reader's message."""
    statement = update(DeliveryRow).where(
        DeliveryRow.publication_id == publication_id, DeliveryRow.recipient == recipient
    )
    await session.execute(statement.values(status=status, at=at))


async def count_publications(session: AsyncSession, target_id: UUID) -> int:
    """How many texts went to a target."""
    statement = select(func.count()).where(PublicationRow.target_id == target_id)
    return await session.scalar(statement) or 0
