"""Use-cases of notifications: tell, list, mark as read."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from scrivano.accounts.public import Caller
from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.notifications import repo
from scrivano.notifications.dto import NotificationNotFound, NotificationView
from scrivano.notifications.models import NotificationRow
from scrivano.notifications.rows import notification_of

KEPT = timedelta(days=90)
_MOST_EXPORTED = 100_000
NOBODY = UUID(int=0)
"""Stands for the only user of an installation without sign-in."""


def reader_of(caller: Caller) -> UUID:
    """As whom a caller reads."""
    return caller.person_id or NOBODY


def topic_of(caller: Caller) -> str:
    """The topic of events on which a caller hears of what is for them."""
    return f"person:{reader_of(caller)}"


class Notifications:
    """What people are told. Ends of runs come by themselves, in the transaction that ends them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def tell(
        self, project_id: UUID, kind: str, data: dict[str, Any], *, person_id: UUID | None = None
    ) -> None:
        """Note something for all members of a project, or one person in it; webhooks that want `kind` get it too."""
        async with self._database.read() as session:
            await repo.tell(session, project_id, person_id, kind, data)

    async def list(
        self,
        caller: Caller,
        *,
        project_id: UUID | None = None,
        unread: bool = False,
        limit: int = 50,
        offset: int = 0,
    ) -> list[NotificationView]:
        """What is for the caller, newest first; with a project also what is for all its members.

        The only user of an installation without sign-in gets everything.
        """
        async with self._database.read() as session:
            rows = await repo.list_notifications(
                session,
                reader_of(caller),
                caller.person_id,
                project_id,
                unread=unread,
                limit=limit,
                offset=offset,
            )
        return [notification_of(row, read_at) for row, read_at in rows]

    async def count_unread(self, caller: Caller, *, project_id: UUID | None = None) -> int:
        """How many of those that `list` gives the caller has not read."""
        async with self._database.read() as session:
            return await repo.count_unread(session, reader_of(caller), caller.person_id, project_id)

    async def project_of(self, notification_id: int) -> UUID | None:
        """The project that a notification is about; None where there is no such notification."""
        async with self._database.read() as session:
            row = await repo.get_notification(session, notification_id)
        return row.project_id if row is not None else None

    async def mark(self, caller: Caller, notification_id: int, *, read: bool) -> NotificationView:
        """Note that the caller read it, or not. Raises NotificationNotFound, also for what is for somebody else."""
        async with self._database.begin() as session:
            row = await repo.get_notification(session, notification_id)
            if row is None or not _is_for(row, caller):
                raise NotificationNotFound(f"There is no notification {notification_id}.")
            if read:
                await repo.mark_read(session, notification_id, reader_of(caller), clock.now())
            else:
                await repo.mark_unread(session, notification_id, reader_of(caller))
            return notification_of(row, await repo.read_at(session, notification_id, reader_of(caller)))

    async def mark_all(
        self, caller: Caller, *, project_id: UUID | None = None, up_to: int | None = None
    ) -> None:
        """Note that the caller read all that `list` gives, up to an id if one is given."""
        async with self._database.begin() as session:
            await repo.mark_all_read(
                session, reader_of(caller), caller.person_id, project_id, up_to, clock.now()
            )

    async def forget_old(self) -> None:
        """Drop what is older than 90 days."""
        async with self._database.begin() as session:
            await repo.forget(session, clock.now() - KEPT)

    @property
    def name(self) -> str:
        """The folder in the archive of what is kept of a person."""
        return "notifications"

    async def export(self, person_id: UUID) -> AsyncIterator[tuple[str, bytes]]:
        """What was for one person, as one JSON file."""
        told = await self.list(Caller(person_id=person_id, role="member"), limit=_MOST_EXPORTED)
        yield "notifications.json", orjson.dumps([n.model_dump(mode="json") for n in told])

    async def erase(self, person_id: UUID) -> None:
        """Drop what was for one person, and what they read."""
        async with self._database.begin() as session:
            await repo.forget_person(session, person_id)

    async def forget_project(self, project_id: UUID) -> None:
        """Drop a project's notifications and webhooks."""
        async with self._database.begin() as session:
            await repo.forget_project(session, project_id)


def _is_for(row: NotificationRow, caller: Caller) -> bool:
    return caller.person_id is None or row.person_id in (None, caller.person_id)
