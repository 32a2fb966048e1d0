"""What lay in the bin long enough goes for good, with everything that belonged to it."""

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from scrivano.accounts.public import Audit, Caller
from scrivano.core.clock import now
from scrivano.core.database import Database
from scrivano.core.errors import ScrivanoError
from scrivano.projects import repo
from scrivano.projects.dto import ProjectNotFound

Forget = Callable[[UUID], Awaitable[None]]
"""Forgets all that a feature keeps of a project. Doing it twice does no harm."""

LOOK_EVERY = 3600.0
"""Seconds between two looks into the bin."""

_MACHINE = Caller()
_log = logging.getLogger(__name__)


class Bin:
    """Empties the bin: `days` after a project came into it, or at once where its owner says so."""

    def __init__(self, database: Database, audit: Audit, rooms: Sequence[Forget], days: int) -> None:
        self._database = database
        self._audit = audit
        self._rooms = rooms
        self.days = days
        self._gone: set[UUID] = set()

    async def empty(self) -> int:
        """Remove every project whose time is up; returns how many there were. What fails is tried again later.

        Before that, what was removed since the last time is swept once more: a save that was on its way to a project
        may have ended after its room was emptied.
        """
        for id in list(self._gone):
            try:
                await self._forget(id)
                self._gone.discard(id)
            except (ScrivanoError, SQLAlchemyError, OSError):
                _log.warning("Cannot sweep project %s yet, trying again later", id, exc_info=True)
        if not self.days:
            return 0
        async with self._database.read() as session:
            due = await repo.binned(session, now() - dt.timedelta(days=self.days))
        gone = 0
        for id in due:
            try:
                await self.remove(id, _MACHINE)
                gone += 1
            except ProjectNotFound:
                continue  # another worker was quicker
            except (ScrivanoError, SQLAlchemyError, OSError):
                _log.warning("Cannot remove project %s yet, trying again later", id, exc_info=True)
        return gone

    async def remove(self, id: UUID, by: Caller) -> None:
        """Remove a project that is in the bin, for good: feature by feature, the project itself last, so that what
        failed half-way can be done again. Then every feature once more: nobody finds the project any longer, but a save
        that had found it before may have come after its feature was done. Raises ProjectNotFound for one that is not
        in the bin."""
        async with self._database.begin() as session:
            row = await repo.lock(session, id)
            if row is None or row.deleted_at is None:
                raise ProjectNotFound(f"There is no project {id} in the bin.", field="project_id")
            # From here on it cannot be restored any more: half of it may be gone.
            await repo.change(session, id, {"doomed": True})
            name = row.name
        await self._forget(id)
        async with self._database.begin() as session:
            if await repo.drop(session, id):
                await self._audit.note(session, "project_removed", by, subject=name, project_id=id)
        self._gone.add(id)
        await self._forget(id)

    async def _forget(self, id: UUID) -> None:
        for forget in self._rooms:
            await forget(id)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Look into the bin now and then, for as long as the block lasts."""
        task = asyncio.create_task(self._watch(), name="the bin of projects")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _watch(self) -> None:
        while True:
            try:
                await self.empty()
            except (SQLAlchemyError, OSError):
                _log.warning("Cannot look into the bin", exc_info=True)
            await asyncio.sleep(LOOK_EVERY)
