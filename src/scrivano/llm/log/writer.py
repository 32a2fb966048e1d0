"""Group commit: whatever waits while one transaction is written goes into the next one together."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

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
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._wake = asyncio.Event()
        self._connection: Connection | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._run(), name="llm-log-writer")

    async def stop(self) -> None:
        """Write what still waits, then end."""
        if self._task is None:
            return
        while self._waiting and not self._task.done():
            await asyncio.wait([self._waiting[-1][1]], timeout=10)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
        await self._disconnect()

    async def submit(self, item: Item) -> Result:
        """Returns once the item is committed. Raises Unavailable if the database stays away.

        A caller that is cancelled does not take the item back.
        """
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        future.add_done_callback(_notice)
        self._waiting.append((item, future))
        self._wake.set()
        return await asyncio.shield(future)

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                batch = self._take()
                try:
                    results = await self._commit([item for item, _ in batch])
                except Exception as error:
                    await self._fail(batch, error)
                    continue
                for (_, future), result in zip(batch, results, strict=True):
                    if not future.done():
                        future.set_result(result)

    def _take(self) -> list[tuple[Item, "asyncio.Future[Result]"]]:
        batch: list[tuple[Item, asyncio.Future[Result]]] = []
        later: list[tuple[Item, asyncio.Future[Result]]] = []
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

    async def _fail(self, batch: list[tuple[Item, "asyncio.Future[Result]"]], error: Exception) -> None:
        """One item that cannot be written must not take the others with it."""
        if len(batch) == 1 or self._connection is None:
            for _, future in batch:
                self._tell(future, error)
            return
        for item, future in batch:
            try:
                result = (await self._commit([item]))[0]
            except Exception as own:
                self._tell(future, own)
            else:
                if not future.done():
                    future.set_result(result)

    @staticmethod
    def _tell(future: "asyncio.Future[Result]", error: Exception) -> None:
        if future.done():
            return
        if isinstance(error, psycopg.errors.DiskFull):
            error = DiskFull(
                "The database's disk is full.", remedy="Free some space; nothing written is lost."
            )
        elif isinstance(error, psycopg.Error):
            error = Unavailable(f"The request log could not be written: {str(error).strip()}")
        future.set_exception(error)

    async def _disconnect(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.close()


def _notice(future: "asyncio.Future[Result]") -> None:
    """The caller may be gone; then nobody else asks for the exception."""
    if not future.cancelled():
        future.exception()
