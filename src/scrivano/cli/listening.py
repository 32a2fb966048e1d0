"""Running an HTTP server over a database: what `scrivano serve` and `scrivano gateway` have in common."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import Any

import uvicorn
from pydantic import SecretStr

from scrivano.core.settings import Settings
from scrivano.gatehouse import database_url

KEPT_OPEN = 75
"""Seconds for which a connection is kept on which nothing is asked."""

STREAMS_END_AFTER = 2
"""Seconds that a server which is told to stop leaves to the requests under way."""


class Server(uvicorn.Server):
    """Stops without raising the signal anew, which would end this process before its worker is told."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """See uvicorn."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def server_of(app: Any, settings: Settings, **more: Any) -> Server:
    """A server for an ASGI application."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        # Streams of events have no end of their own.
        timeout_graceful_shutdown=STREAMS_END_AFTER,
        # Longer than browsers and proxies leave a connection idle: who closes first must not be the one being asked.
        timeout_keep_alive=KEPT_OPEN,
        **more,
    )
    return Server(config)


def run_over_database(settings: Settings, body: Callable[[Settings], Awaitable[None]]) -> None:
    """Run `body` on the fast event loop, with the database's URL in its settings."""
    import uvloop

    async def run(url: str) -> None:
        await body(settings.model_copy(update={"database_url": SecretStr(url)}))

    # The embedded database drops root for its processes, which asyncio's own loop alone knows how to do.
    with asyncio.Runner() as plain:
        database = database_url(settings)
        url = plain.run(database.__aenter__())
        try:
            uvloop.run(run(url))
        finally:
            plain.run(database.__aexit__(None, None, None))
