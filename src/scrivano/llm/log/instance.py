"""Which processes are alive: each holds a number and its advisory lock.

Who gets a dead one's lock closes its rows.
"""

import asyncio
import contextlib
import datetime as dt
import os
import socket
from collections.abc import Awaitable, Callable
from uuid import UUID

import psycopg

from scrivano.core.clock import now
from scrivano.core.errors import Unavailable
from scrivano.llm.log import repo
from scrivano.llm.log.months import first_id
from scrivano.llm.pool import Connection, connect

_LOCK_CLASS = 0x5C1A0
_BEAT = 1.0
_SLACK = dt.timedelta(minutes=1)

Release = Callable[[Connection, int, UUID], Awaitable[None]]
"""Closes what a dead instance left; gets its number and an id not above its oldest open row."""


class Instance:
    """This process among the others. Notices within about a second that another one has died."""

    def __init__(self, url: str, release: Release, on_epoch: Callable[[], None]) -> None:
        """`on_epoch` is called after some process took texts out of the log."""
        self._url = url
        self._on_epoch = on_epoch
        self._epoch: int | None = None
        self._release = release
        self._connection: Connection | None = None
        self._task: asyncio.Task[None] | None = None
        self._open: set[UUID] = set()
        self.number = 0

    async def start(self) -> None:
        """Take a number, close what the dead left, and go on watching."""
        await self._enlist()
        await self.recover()
        self._task = asyncio.create_task(self._watch(), name="llm-instance")

    async def stop(self) -> None:
        """Give the number back. Rows still open are closed as `cut` by whoever comes next."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                if not self._open:
                    await self._connection.execute(repo.CLOSE_INSTANCE, [self.number])
            await self._connection.close()
            self._connection = None

    def opened(self, id: UUID) -> None:
        """A row is about to be opened."""
        self._open.add(id)

    def closed(self, id: UUID) -> None:
        """It was closed."""
        self._open.discard(id)

    async def recover(self) -> int:
        """Close what dead instances left; gives how many were dead."""
        connection = self._connection
        if connection is None:
            return 0
        dead = 0
        for row in await repo.fetch(connection, repo.OTHER_INSTANCES, [self.number]):
            lock = [_LOCK_CLASS, row["id"]]
            if not (await repo.fetch(connection, repo.TRY_LOCK_INSTANCE, lock))[0]["locked"]:
                continue
            try:
                async with connection.transaction():
                    await self._release(connection, row["id"], row["oldest_open"])
                    await connection.execute(repo.CLOSE_INSTANCE, [row["id"]])
                dead += 1
            finally:
                await connection.execute(repo.UNLOCK_INSTANCE, lock)
        return dead

    async def _enlist(self) -> None:
        connection = await connect(self._url)
        host, pid = socket.gethostname(), os.getpid()
        self.number = await repo.lock_instance(connection, _LOCK_CLASS, host, pid, self._oldest())
        self._connection = connection

    def _oldest(self) -> UUID:
        """No row that is open now, or will be opened, has a lower id; clocks may step back a bit."""
        return min(self._open, default=first_id(now() - _SLACK))

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_BEAT)
            try:
                await self._beat()
            except (psycopg.Error, Unavailable):
                # Without its connection this process counts as dead. It goes on under a new number; answers
                # of the old one still find their rows.
                with contextlib.suppress(psycopg.Error, Unavailable):
                    await self._reenlist()

    async def _beat(self) -> None:
        connection = self._connection
        if connection is None:
            raise Unavailable
        beat = {"id": self.number, "oldest": self._oldest()}
        touched = await repo.fetch(connection, repo.TOUCH_INSTANCE, beat)
        if not touched:
            await self._reenlist()
            return
        if touched[0]["epoch"] != self._epoch:
            self._epoch = touched[0]["epoch"]
            self._on_epoch()
        await self.recover()

    async def _reenlist(self) -> None:
        old, self._connection = self._connection, None
        if old is not None:
            await old.close()
        await self._enlist()
