"""Scripted sites over HTTP: WordPress and Ghost on one free port of this machine."""

from types import TracebackType
from typing import Self

from aiohttp import web

from scrivano.publishing.scripted.ghost import ScriptedGhost
from scrivano.publishing.scripted.wordpress import ScriptedWordPress


class ScriptedSites:
    """Both, at `url`. Use it in `async with`, or call `start` and `stop`."""

    def __init__(
        self, wordpress: ScriptedWordPress | None = None, ghost: ScriptedGhost | None = None
    ) -> None:
        self.wordpress = wordpress or ScriptedWordPress()
        self.ghost = ghost or ScriptedGhost()
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on a free port."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.add_routes(self.wordpress.routes())
        app.add_routes(self.ghost.routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
