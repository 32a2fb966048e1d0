"""Server-sent events (WHATWG HTML, section 9.2) out of the event log."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import orjson
from fastapi import Request
from fastapi.responses import StreamingResponse

from scrivano.events.public import Event
from scrivano.wiring import House

HEARTBEAT_SECONDS = 15.0
LAST = {"run_succeeded", "run_failed", "run_cancelled"}


def event_stream(request: Request, house: House, run_id: str, after: int) -> StreamingResponse:
    """The run's events after number `after`, then live; closes itself after the one that ends the run."""
    return StreamingResponse(
        _frames(request, house, run_id, after),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _frames(request: Request, house: House, run_id: str, after: int) -> AsyncIterator[bytes]:
    yield b"retry: 1000\n\n"
    async with aclosing(house.events.follow(f"run:{run_id}", after=after)) as events:
        following = asyncio.ensure_future(anext(events))
        try:
            while not await request.is_disconnected():
                done, _ = await asyncio.wait({following}, timeout=HEARTBEAT_SECONDS)
                if not done:
                    yield b": still here\n\n"
                    continue
                event = following.result()
                yield frame(event)
                if event.kind in LAST:
                    return
                following = asyncio.ensure_future(anext(events))
        finally:
            following.cancel()


def frame(event: Event) -> bytes:
    """One event as it goes over the wire."""
    data = orjson.dumps({"kind": event.kind, "at": event.created_at, **event.data})
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.id, event.kind.encode(), data)
