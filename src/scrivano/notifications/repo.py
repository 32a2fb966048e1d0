"""All SQL of `notifications`. Functions take the session of the caller's transaction and return rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import DateTime, Uuid

from scrivano.notifications.models import AttemptRow, DeliveryRow, NotificationRow, ReadRow, WebhookRow

LISTEN = "LISTEN scrivano_webhooks"

_TELL = text("SELECT notifications_tell(:project, :person, :kind, :data)").bindparams(
    bindparam("data", type_=JSONB), bindparam("person", type_=Uuid)
)
_WAKE = text("SELECT pg_notify('scrivano_webhooks', '')")
# A claim is a due time in the future: a process that dies with it leaves the delivery to the next, once that is past.
_CLAIM = text(
    """
    WITH taken AS (
        SELECT d.id FROM webhook_deliveries d
        WHERE d.status = 'pending' AND d.due_at <= clock_timestamp()
        ORDER BY d.due_at LIMIT :limit FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE webhook_deliveries d
        SET tries = d.tries + 1, due_at = clock_timestamp() + make_interval(secs => :seconds)
        FROM taken WHERE d.id = taken.id RETURNING d.id, d.tries
    ), noted AS (
        INSERT INTO webhook_attempts (delivery_id, number, begun_at)
        SELECT id, coalesce((SELECT max(number) FROM webhook_attempts a WHERE a.delivery_id = claimed.id), 0) + 1,
            clock_timestamp() FROM claimed
        RETURNING delivery_id, number
    )
    SELECT delivery_id, number FROM noted
    """
)
_NEXT_DUE = text(
    """
    SELECT extract(epoch FROM min(due_at) - clock_timestamp()) FROM webhook_deliveries WHERE status = 'pending'
    """
)


async def tell(
    session: AsyncSession, project: UUID, person: UUID | None, kind: str, data: dict[str, Any]
) -> None:
    """Note something for a project or one of its people, and for its webhooks."""
    await session.execute(_TELL, {"project": project, "person": person, "kind": kind, "data": data})


def _mine(person: UUID | None, project: UUID | None) -> list[ColumnElement[bool]]:
    """What a person gets to see: what is theirs, and what is for everybody in the project they look at."""
    row = NotificationRow
    wanted: list[ColumnElement[bool]] = []
    if project is not None:
        wanted.append(row.project_id == project)
    if person is not None:
        theirs = row.person_id == person
        wanted.append(theirs | row.person_id.is_(None) if project is not None else theirs)
    return wanted


def _unread(reader: UUID) -> ColumnElement[bool]:
    read = select(ReadRow.reader).where(
        ReadRow.notification_id == NotificationRow.id, ReadRow.reader == reader
    )
    return ~read.exists()


async def list_notifications(
    session: AsyncSession,
    reader: UUID,
    person: UUID | None,
    project: UUID | None,
    *,
    unread: bool,
    limit: int,
    offset: int,
) -> list[tuple[NotificationRow, datetime | None]]:
    """Notifications with the time at which `reader` read them, newest first."""
    joined = (ReadRow.notification_id == NotificationRow.id) & (ReadRow.reader == reader)
    query = select(NotificationRow, ReadRow.read_at).outerjoin(ReadRow, joined)
    query = query.where(*_mine(person, project))
    if unread:
        query = query.where(ReadRow.reader.is_(None))
    query = query.order_by(NotificationRow.id.desc()).limit(limit).offset(offset)
    return [(row[0], row[1]) for row in (await session.execute(query)).all()]


async def count_unread(session: AsyncSession, reader: UUID, person: UUID | None, project: UUID | None) -> int:
    """How many the reader has not read."""
    query = select(func.count()).select_from(NotificationRow)
    return await session.scalar(query.where(*_mine(person, project), _unread(reader))) or 0


async def get_notification(session: AsyncSession, notification_id: int) -> NotificationRow | None:
    """One notification."""
    return await session.get(NotificationRow, notification_id)


async def read_at(session: AsyncSession, notification_id: int, reader: UUID) -> datetime | None:
    """When the reader read it."""
    row = await session.get(ReadRow, (notification_id, reader))
    return row.read_at if row is not None else None


async def mark_read(session: AsyncSession, notification_id: int, reader: UUID, moment: datetime) -> None:
    """Note that it was read; the first time counts."""
    values = {"notification_id": notification_id, "reader": reader, "read_at": moment}
    await session.execute(insert(ReadRow).values(**values).on_conflict_do_nothing())


async def mark_unread(session: AsyncSession, notification_id: int, reader: UUID) -> None:
    """Forget that it was read."""
    await session.execute(
        delete(ReadRow).where(ReadRow.notification_id == notification_id, ReadRow.reader == reader)
    )


async def mark_all_read(
    session: AsyncSession,
    reader: UUID,
    person: UUID | None,
    project: UUID | None,
    up_to: int | None,
    moment: datetime,
) -> None:
    """Note that everything was read that the person gets to see, up to an id if one is given."""
    who, when = literal(reader, Uuid), literal(moment, DateTime(timezone=True))
    chosen = select(NotificationRow.id, who, when).where(*_mine(person, project), _unread(reader))
    if up_to is not None:
        chosen = chosen.where(NotificationRow.id <= up_to)
    columns = ["notification_id", "reader", "read_at"]
    await session.execute(insert(ReadRow).from_select(columns, chosen).on_conflict_do_nothing())


async def forget(session: AsyncSession, before: datetime) -> None:
    """Drop notifications, and deliveries that came to an end, from before a moment."""
    await session.execute(delete(NotificationRow).where(NotificationRow.created_at < before))
    ended = DeliveryRow.status != "pending"
    await session.execute(delete(DeliveryRow).where(DeliveryRow.created_at < before, ended))


async def forget_person(session: AsyncSession, person: UUID) -> None:
    """Drop what was for one person only, and what they read."""
    await session.execute(delete(NotificationRow).where(NotificationRow.person_id == person))
    await session.execute(delete(ReadRow).where(ReadRow.reader == person))


async def forget_project(session: AsyncSession, project: UUID) -> None:
    """Drop a project's notifications and webhooks."""
    await session.execute(delete(NotificationRow).where(NotificationRow.project_id == project))
    await session.execute(delete(WebhookRow).where(WebhookRow.project_id == project))


async def add_webhook(session: AsyncSession, row: WebhookRow) -> None:
    """Store a webhook."""
    session.add(row)
    await session.flush()


async def get_webhook(session: AsyncSession, webhook_id: UUID, *, lock: bool = False) -> WebhookRow | None:
    """One webhook."""
    query = select(WebhookRow).where(WebhookRow.id == webhook_id)
    return await session.scalar(query.with_for_update() if lock else query)


async def list_webhooks(
    session: AsyncSession, project_id: UUID, *, limit: int, offset: int
) -> Sequence[WebhookRow]:
    """A project's webhooks, oldest first."""
    query = select(WebhookRow).where(WebhookRow.project_id == project_id).order_by(WebhookRow.id)
    return (await session.scalars(query.limit(limit).offset(offset))).all()


async def all_webhooks(session: AsyncSession) -> Sequence[WebhookRow]:
    """All projects' webhooks, locked."""
    return (await session.scalars(select(WebhookRow).order_by(WebhookRow.id).with_for_update())).all()


async def count_webhooks(session: AsyncSession, project_id: UUID) -> int:
    """How many webhooks a project has."""
    query = select(func.count()).select_from(WebhookRow).where(WebhookRow.project_id == project_id)
    return await session.scalar(query) or 0


async def delete_webhook(session: AsyncSession, webhook_id: UUID) -> None:
    """Remove a webhook with its deliveries."""
    await session.execute(delete(WebhookRow).where(WebhookRow.id == webhook_id))


async def add_delivery(
    session: AsyncSession, webhook_id: UUID, event: str, data: dict[str, Any]
) -> DeliveryRow:
    """Something to be sent to one webhook as soon as possible."""
    row = DeliveryRow(webhook_id=webhook_id, event=event, data=data)
    session.add(row)
    await session.flush()
    await session.refresh(row)
    await session.execute(_WAKE)
    return row


async def get_delivery(session: AsyncSession, delivery_id: UUID, *, lock: bool = False) -> DeliveryRow | None:
    """One delivery."""
    query = select(DeliveryRow).where(DeliveryRow.id == delivery_id)
    return await session.scalar(query.with_for_update() if lock else query)


async def list_deliveries(
    session: AsyncSession, webhook_id: UUID, *, status: str | None, limit: int, offset: int
) -> Sequence[DeliveryRow]:
    """A webhook's deliveries, newest first."""
    query = select(DeliveryRow).where(DeliveryRow.webhook_id == webhook_id)
    if status is not None:
        query = query.where(DeliveryRow.status == status)
    query = query.order_by(DeliveryRow.created_at.desc(), DeliveryRow.id)
    return (await session.scalars(query.limit(limit).offset(offset))).all()


async def attempts_of(session: AsyncSession, delivery_id: UUID) -> Sequence[AttemptRow]:
    """A delivery's attempts, oldest first."""
    query = select(AttemptRow).where(AttemptRow.delivery_id == delivery_id).order_by(AttemptRow.number)
    return (await session.scalars(query)).all()


async def send_again(session: AsyncSession, row: DeliveryRow, moment: datetime) -> None:
    """Let a delivery be sent again from its first try on. The caller holds its lock."""
    row.status, row.tries, row.due_at, row.finished_at = "pending", 0, moment, None
    await session.flush()
    await session.execute(_WAKE)


async def claim(session: AsyncSession, limit: int, seconds: float) -> Sequence[tuple[UUID, int]]:
    """Take deliveries that are due, for so many seconds: their ids, and the number of the attempt."""
    found = await session.execute(_CLAIM, {"limit": limit, "seconds": seconds})
    return [(row[0], row[1]) for row in found.all()]


async def next_due(session: AsyncSession) -> float | None:
    """Seconds until a delivery is due, below 0 if one is; None if none waits."""
    found = await session.scalar(_NEXT_DUE)
    return None if found is None else float(found)


async def note_attempt(session: AsyncSession, delivery_id: UUID, number: int, **values: Any) -> None:
    """How an attempt ended."""
    where = (AttemptRow.delivery_id == delivery_id, AttemptRow.number == number)
    await session.execute(update(AttemptRow).where(*where).values(**values))
