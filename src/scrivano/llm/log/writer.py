"""Group commit: whatever waits while one transaction is written goes into the next one together."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar, cast

import psycopg

from scrivano.core.errors import DiskFull, Unavailable
from scrivano.llm.log.repo import plan_once
from scrivano.llm.pool import Connection, connect

Item = TypeVar("Item")
Result = TypeVar("Result")
Write = Callable[[Connection, Sequence[Item]], Awaitable[Sequence[Result]]]

_LARGEST_BATCH = 256
_PATIENCE = (0.05, 0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds between tries to reach a database that went away."""


class Written(Generic[Result]):
    """What becomes of one item. Whoever waits for it and is cancelled does not take the item back."""

    __slots__ = ("_error", "_result", "_waiting", "done")

    def __init__(self) -> None:
        self.done = False
        self._result: Result | None = None
        self._error: Exception | None = None
        self._waiting: list[asyncio.Future[None]] = []

    async def committed(self) -> Result:
        """Returns once the item is committed. Raises Unavailable if the database stays away."""
        if not self.done:
            waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(waiting)
            await waiting
        if self._error is not None:
            raise self._error
        return cast(Result, self._result)

    def tell(self, result: Result | None, error: Exception | None = None) -> None:
        """It was written, or could not be."""
        self.done, self._result, self._error = True, result, error
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)


_Entry = tuple[Item, Written[Result]]


class GroupWriter(Generic[Item, Result]):
    """Writes items on a connection of its own; `write` gets a batch and gives a result for each.

    `write` must be idempotent: after a lost connection the same batch is written again.
    """

    def __init__(
        self, url: str, write: Write[Item, Result], apart: Callable[[Item], object] | None = None
    ) -> None:
        """`apart` gives a mark that may be in a batch only once (None: no mark)."""
        self._url = url
        self._write = write
        self._apart = apart
        self._waiting: deque[_Entry[Item, Result]] = deque()
        self._batch: list[_Entry[Item, Result]] = []
        """What is being written."""
        self._idle: asyncio.Future[None] | None = None
        """Done as soon as something waits."""
        self._connection: Connection | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._run(), name="llm-log-writer")

    async def stop(self) -> None:
        """Write what still waits, then end."""
        if self._task is None:
            return
        while (left := [*self._batch, *self._waiting]) and not self._task.done():
            with suppress(Exception):
                await asyncio.wait_for(left[-1][1].committed(), 10)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
        await self._disconnect()

    def put(self, item: Item) -> Written[Result]:
        """Have an item written with the next batch."""
        written: Written[Result] = Written()
        self._waiting.append((item, written))
        if self._idle is not None and not self._idle.done():
            self._idle.set_result(None)
        return written

    async def submit(self, item: Item) -> Result:
        """Returns once the item is committed. Raises Unavailable if the database stays away.

        A caller that is cancelled does not take the item back.
        """
        return await self.put(item).committed()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            if not self._waiting:
                self._idle = loop.create_future()
                await self._idle
            self._batch = batch = self._take()
            try:
                results = await self._commit([item for item, _ in batch])
            except Exception as error:
                await self._fail(batch, error)
            else:
                for (_, written), result in zip(batch, results, strict=True):
                    written.tell(result)
            self._batch = []

    def _take(self) -> "list[_Entry[Item, Result]]":
        batch: list[_Entry[Item, Result]] = []
        later: list[_Entry[Item, Result]] = []
        marks: set[object] = set()
        while self._waiting and len(batch) < _LARGEST_BATCH:
            entry = self._waiting.popleft()
            mark = self._apart(entry[0]) if self._apart else None
            if mark is not None and mark in marks:
                later.append(entry)
                continue
            marks.add(mark)
            batch.append(entry)
        self._waiting.extendleft(reversed(later))
        return batch

    async def _commit(self, items: Sequence[Item]) -> Sequence[Result]:
        for pause in (*_PATIENCE, None):
            try:
                if self._connection is None:
                    self._connection = await self._connected()
                return await self._write(self._connection, items)
            except psycopg.errors.DeadlockDetected:
                continue
            except psycopg.errors.InvalidSqlStatementName:
                # psycopg forgets all prepared statements after a rollback, as of a partition that two began to make.
                await self._disconnect()
            except (psycopg.Error, Unavailable):
                if self._connection is not None and not self._connection.closed:
                    raise
                await self._disconnect()
                if pause is None:
                    raise
                await asyncio.sleep(pause)
        raise Unavailable("The request log could not be written.")

    async def _connected(self) -> Connection:
        connection = await connect(self._url)
        try:
            await plan_once(connection)
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _fail(self, batch: "list[_Entry[Item, Result]]", error: Exception) -> None:
        """One item that cannot be written must not take the others with it."""
        if len(batch) == 1 or self._connection is None:
            for _, written in batch:
                written.tell(None, _told(error))
            return
        for item, written in batch:
            try:
                result = (await self._commit([item]))[0]
            except Exception as own:
                written.tell(None, _told(own))
            else:
                written.tell(result)

    async def _disconnect(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.close()


def _told(error: Exception) -> Exception:
    if isinstance(error, psycopg.errors.DiskFull):
        return DiskFull("The database's disk is full.", remedy="Free some space; nothing written is lost.")
    if isinstance(error, psycopg.Error):
        return Unavailable(f"The request log could not be written: {str(error).strip()}")
    return error
