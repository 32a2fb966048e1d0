"""What all wire formats of the scripted server share: refusing, hanging and resetting."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

import orjson
from aiohttp import web

from scrivano.llm.scripted.engine import Call, Dropped, Engine

Body = Callable[[Call], Awaitable[web.StreamResponse]]


def drop(request: web.Request) -> None:
    """Reset the connection: the other side sees ECONNRESET, not an orderly end."""
    transport = request.transport
    if transport is None:
        return
    raw = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    cast(Any, transport).abort()


async def answer(
    engine: Engine, request: web.Request, call: Call, respond: Body, refuse: Callable[[Call], web.Response]
) -> web.StreamResponse:
    """Go through the faults that come before a body, then `respond` within a slot."""
    rule = call.rule
    if rule.status is not None:
        engine.refuse(call, rule.status)
    async with engine.slot(call):
        if rule.delay:
            await asyncio.sleep(rule.delay)
        if rule.hang:
            await asyncio.Event().wait()
        if rule.reset:
            drop(request)
            return web.Response()
        if rule.status is not None:
            return refuse(call)
        try:
            return await respond(call)
        except Dropped:
            drop(request)
            return web.Response()


async def whole(engine: Engine, call: Call) -> str:
    """The complete text, after as long as it takes to write it."""
    return "".join([piece async for piece in pieces(engine, call)])


async def pieces(engine: Engine, call: Call) -> AsyncIterator[str]:
    """The text in pieces."""
    async for piece in engine.pieces(call):
        yield piece


async def read_body(request: web.Request) -> dict[str, Any] | None:
    """The request's JSON object; None for anything else."""
    try:
        body = orjson.loads(await request.read())
    except orjson.JSONDecodeError:
        return None
    return cast(dict[str, Any], body) if isinstance(body, dict) else None


def table(fields: dict[str, Any], name: str) -> dict[str, Any]:
    """The object under a name; an empty one where there is none."""
    return cast(dict[str, Any], fields.get(name) or {})


def as_json(body: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON response."""
    return web.Response(
        status=status, body=orjson.dumps(body), content_type="application/json", headers=headers
    )


def retry_headers(call: Call) -> dict[str, str]:
    """The Retry-After header of a refusal, if its rule has one."""
    wait = call.rule.retry_after
    return {} if wait is None else {"Retry-After": f"{wait:g}"}


async def open_stream(request: web.Request) -> web.StreamResponse:
    """A stream of server-sent events, its headers sent."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    return response


async def send(response: web.StreamResponse, event: object, name: str | None = None) -> None:
    """One event."""
    head = b"" if name is None else b"event: " + name.encode() + b"\n"
    await response.write(head + b"data: " + orjson.dumps(event) + b"\n\n")


class Breaker:
    """Breaks a stream in its middle where the script says so."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._middle = len(call.reply.tokens) // 2
        self._done = not call.rule.malformed_chunk

    async def pass_by(self, response: web.StreamResponse) -> None:
        """Send what is no event, once, when the middle is there."""
        if not self._done and self._call.entry.completion_tokens >= self._middle:
            await response.write(b'data: {"broken": "\xff\xfe\n\n')
            self._done = True
