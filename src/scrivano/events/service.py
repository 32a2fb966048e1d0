"""The log of events."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core.database import Database
from scrivano.events import repo
from scrivano.events.dto import Event
from scrivano.events.listener import Listener


class EventLog:
    """Appends and reads events. All followers of one instance share one connection that listens."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listener = Listener(database.url)

    async def append(
        self,
        topics: str | Sequence[str],
        kind: str,
        data: dict[str, Any],
        *,
        session: AsyncSession | None = None,
    ) -> None:
        """Add one event of `kind` to each topic; `data` has to be JSON.

        With `session` it happens in that transaction, and the topics stay locked until it ends: append last,
        and to all topics in one call. Without, it is committed on return.
        """
        names = [topics] if isinstance(topics, str) else topics
        if session is not None:
            await repo.append(session, names, kind, data)
            return
        async with self._database.begin() as own:
            await repo.append(own, names, kind, data)

    async def read(
        self, topic: str, *, after: int = 0, limit: int = 500, kinds: Sequence[str] | None = None
    ) -> list[Event]:
        """Up to `limit` events of `topic` with an id above `after`, oldest first; of `kinds` if given."""
        async with self._database.read() as session:
            rows = await repo.read(session, topic, after, limit, kinds)
        return [Event.model_validate(dict(row)) for row in rows]

    async def last_id(self, topic: str) -> int:
        """The id of the newest event of `topic`, from which to follow what is to come; 0 if there is none."""
        async with self._database.read() as session:
            return await repo.last_id(session, topic)

    async def forget(self, topic: str) -> None:
        """Remove the events of `topic`. Its next event still gets the next number."""
        async with self._database.begin() as session:
            await repo.delete(session, topic)

    async def close(self) -> None:
        """Stop listening. Whoever still follows gets nothing more."""
        await self._listener.close()

    async def follow(self, topic: str, *, after: int = 0) -> AsyncGenerator[Event]:
        """All events of `topic` with an id above `after`, then each new one as it is committed, without end.

        None is lost or given twice, also where the connection breaks meanwhile. Close the generator
        (`contextlib.aclosing`) to stop.
        """
        with self._listener.subscribe(topic) as woken:
            while True:
                woken.clear()
                while events := await self.read(topic, after=after):
                    for event in events:
                        after = event.id
                        yield event
                await self._listener.ready()
                await woken.wait()
