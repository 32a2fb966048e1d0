"""Live events of a topic: server-sent (WHATWG HTML, section 9.2), or page by page for those who poll.

All who listen to a topic in one process share one reader of the database, and all topics one connection that hears
of news. A listener who is behind reads what it missed from the log and then joins the others.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from itertools import islice
from time import monotonic
from typing import Any, NamedTuple

import orjson
from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError

from scrivano.events.public import Event, EventLog
from scrivano.wiring import House

HEARTBEAT_SECONDS = 15.0
MOST_SECONDS = 3600.0
KEPT = 1_000
LAST = {"run_succeeded", "run_failed", "run_cancelled"}
_RETRY_SECONDS = 0.5
_log = logging.getLogger(__name__)

Ends = Callable[[Event], bool]


class EventPage(BaseModel):
    """Events of a topic for those who poll. Ask again with `after` = `last_id`; `ended`: no more will come."""

    events: list[Event]
    last_id: int = Field(description="Id of the newest event given, or what `after` was.")
    ended: bool = False


class Told(NamedTuple):
    """An event, and how it goes over the wire: made once for all who listen."""

    event: Event
    frame: bytes


class Channel:
    """The newest events of one topic in this process, for as long as somebody listens."""

    def __init__(self, events: EventLog, topic: str) -> None:
        self.topic = topic
        self.listeners = 0
        self.news = asyncio.Event()
        self.newest = -1
        self._events = events
        self._floor = 0
        self._kept: deque[Told] = deque()
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to follow the topic."""
        self._task = asyncio.create_task(self._follow(), name=f"events of {self.topic}")

    def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()

    def since(self, after: int) -> list[Told] | None:
        """What is kept with an id above `after`; None where older events are wanted than are kept."""
        if self.newest < 0 or after < self._floor:
            return None
        skip = after - self._floor
        return list(islice(self._kept, skip, None))

    async def _follow(self) -> None:
        while True:
            try:
                if self.newest < 0:
                    self._floor = self.newest = await self._events.last_id(self.topic)
                    self._tell()  # whoever read the log before may have missed what came meanwhile
                async with aclosing(self._events.follow(self.topic, after=self.newest)) as events:
                    async for event in events:
                        self.take(event)
            except (SQLAlchemyError, OSError):
                _log.warning("Cannot read the events of %s, trying again", self.topic, exc_info=True)
                await asyncio.sleep(_RETRY_SECONDS)

    def take(self, event: Event) -> None:
        """Keep the next event and wake who waits for it."""
        if event.id != self.newest + 1:  # an erased topic went on with its next number
            self._kept.clear()
            self._floor = event.id - 1
        self._kept.append(Told(event, frame(event)))
        self.newest = event.id
        if len(self._kept) > KEPT:
            self._floor = self._kept.popleft().event.id
        self._tell()

    def _tell(self) -> None:
        news, self.news = self.news, asyncio.Event()
        news.set()


class Broadcast:
    """The channels of one process."""

    def __init__(self, events: EventLog) -> None:
        self._events = events
        self._channels: dict[str, Channel] = {}

    def listeners(self, topic: str) -> int:
        """How many listen to a topic here at this moment."""
        channel = self._channels.get(topic)
        return channel.listeners if channel else 0

    async def listen(
        self, topic: str, after: int, *, ends: Ends | None = None, seconds: float = MOST_SECONDS
    ) -> AsyncIterator[list[Told]]:
        """The events of `topic` above `after`, in order, as they come; an empty list as a sign of life.

        Ends after the newest event for which `ends` is true, or after so many seconds.
        """
        channel = self._channels.get(topic)
        if channel is None:
            channel = self._channels[topic] = Channel(self._events, topic)
            channel.open()
        channel.listeners += 1
        stop = monotonic() + seconds
        try:
            while (left := stop - monotonic()) > 0:
                news = channel.news
                found = channel.since(after)
                if found is None:
                    found = [Told(e, frame(e)) for e in await self._events.read(topic, after=after)]
                if found:
                    after = found[-1].event.id
                    yield found
                    if ends is not None and ends(found[-1].event) and channel.newest <= after:
                        return
                    continue
                try:
                    async with asyncio.timeout(min(HEARTBEAT_SECONDS, left)):
                        await news.wait()
                except TimeoutError:
                    yield []
        finally:
            channel.listeners -= 1
            if not channel.listeners and self._channels.get(topic) is channel:
                del self._channels[topic]
                channel.close()


def broadcast_of(request: Request, house: House) -> Broadcast:
    """The one of this application."""
    state = request.app.state
    if not hasattr(state, "broadcast"):
        state.broadcast = Broadcast(house.events)
    found: Broadcast = state.broadcast
    return found


def wants_json(request: Request) -> bool:
    """Whether the client asked for a page of events instead of a stream."""
    accept = request.headers.get("accept", "")
    return "application/json" in accept and "text/event-stream" not in accept


def first_id(request: Request, after: int) -> int:
    """Where to begin: after `Last-Event-ID`, which a browser sends when it connects again, else after `after`."""
    header = request.headers.get("last-event-id", "")
    return int(header) if header.isascii() and header.isdigit() and len(header) < 18 else after


async def event_page(house: House, topic: str, after: int, limit: int, ended: bool) -> EventPage:
    """The next events of a topic."""
    events = await house.events.read(topic, after=after, limit=limit)
    last = events[-1].id if events else after
    return EventPage(events=events, last_id=last, ended=ended and len(events) < limit)


async def event_stream(
    request: Request,
    house: House,
    topic: str,
    after: int,
    *,
    ends: Ends | None = None,
    ended: bool = False,
    seconds: float = MOST_SECONDS,
) -> Response:
    """The topic's events after number `after`, then live.

    Where all has `ended` and nothing is left to tell, the answer is 204, upon which a browser asks no more.
    """
    if ended and await house.events.last_id(topic) <= after:
        return Response(status_code=204)
    batches = broadcast_of(request, house).listen(topic, after, ends=ends, seconds=seconds)
    return StreamingResponse(
        _frames(request, batches),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _frames(request: Request, batches: Any) -> AsyncIterator[bytes]:
    yield b"retry: 1000\n\n"
    async with aclosing(batches) as opened:
        async for events in opened:
            if events:
                yield b"".join(told.frame for told in events)
            elif await request.is_disconnected():
                return
            else:
                yield b": still here\n\n"


def frame(event: Event) -> bytes:
    """One event as it goes over the wire."""
    data = orjson.dumps({"kind": event.kind, "at": event.created_at, **event.data})
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.id, event.kind.encode(), data)
