"""The one connection of a process that hears that something was appended."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager, suppress

import psycopg

from scrivano.events.repo import LISTEN

_log = logging.getLogger(__name__)
_RETRY_SECONDS = 0.5


class Listener:
    """Wakes those who wait for a topic. Listens only while somebody waits."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()

    @contextmanager
    def subscribe(self, topic: str) -> Generator[asyncio.Event]:
        """An event that is set at each append to `topic`, and whenever one may have been missed.

        It counts only from when `ready` returned. The subscriber clears it before it reads.
        """
        woken = asyncio.Event()
        self._waiting[topic].add(woken)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="events listener")
        try:
            yield woken
        finally:
            self._waiting[topic].discard(woken)
            if not self._waiting[topic]:
                del self._waiting[topic]
            if not self._waiting:
                self._stop()

    async def ready(self) -> None:
        """Return once the connection listens."""
        await self._listening.wait()

    async def close(self) -> None:
        """Close the connection."""
        task = self._task
        self._stop()
        if task is not None:
            await asyncio.wait({task})

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._listening.clear()

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except psycopg.Error as error:
                _log.warning("Lost the connection that listens for events, connecting again: %s", error)
            self._listening.clear()
            await asyncio.sleep(_RETRY_SECONDS)

    async def _listen(self) -> None:
        async with await self._connected() as connection:
            await connection.execute(LISTEN)
            self._listening.set()
            # Whatever was appended while nobody listened was not announced to us.
            for topic in list(self._waiting):
                self._wake(topic)
            async for notification in connection.notifies():
                self._wake(notification.payload)

    async def _connected(self) -> psycopg.AsyncConnection:
        connecting = asyncio.ensure_future(
            psycopg.AsyncConnection.connect(
                self._url, autocommit=True, keepalives_idle=5, keepalives_interval=2, keepalives_count=3
            )
        )
        try:
            return await asyncio.shield(connecting)
        except asyncio.CancelledError:
            # Cut off in the middle it would stay open until somebody collects the garbage.
            with suppress(psycopg.Error):
                await (await connecting).close()
            raise

    def _wake(self, topic: str) -> None:
        for woken in self._waiting.get(topic, ()):
            woken.set()
