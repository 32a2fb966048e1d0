"""What all wire formats of the scripted server share: refusing, hanging and resetting."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

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
