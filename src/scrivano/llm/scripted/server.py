"""The scripted model over HTTP.

    async with ScriptedServer({"slots": 4, "rule": [...]}) as server:
        ...  # server.url, server.ledger.entries

As a process: `scrivano scripted-model --port 8099 --script FILE --ledger FILE`.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson
from aiohttp import web

from scrivano.core.errors import Unavailable
from scrivano.llm.scripted.engine import Engine
from scrivano.llm.scripted.ledger import Ledger
from scrivano.llm.scripted.script import Script, read_script
from scrivano.llm.scripted.wires import anthropic, cloudflare, gemini, images, openai, searches

_LARGEST_REQUEST = 64 * 1024 * 1024


class ScriptedServer:
    """A scripted model server. `script` is a script, a table, or a TOML file; `port` 0 takes a free one."""

    def __init__(
        self,
        script: Script | dict[str, Any] | Path | str | None = None,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        ledger: Path | None = None,
    ) -> None:
        self.engine = Engine(read_script(script), Ledger(ledger))
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None

    @property
    def ledger(self) -> Ledger:
        """What was asked so far."""
        return self.engine.ledger

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`; the OpenAI format is below `/v1`, Anthropic's below `/anthropic/v1`, Gemini's
        below `/v1beta`, Cloudflare's below `/client/v4/accounts/any/ai`, and each search engine's where its own
        address has it."""
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        """Listen. Raises Unavailable if the port is taken."""
        app = web.Application(client_max_size=_LARGEST_REQUEST)
        for wire in (openai, anthropic, gemini, cloudflare, images, searches):
            app.add_routes(wire.routes(self.engine))
        app.add_routes([web.get("/ledger", self._ledger), web.post("/release/{hold}", self._release)])
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            raise Unavailable(
                f"Port {self._port} cannot be used: {error.strerror}.",
                field="port",
                remedy="Choose another one.",
            ) from error
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening; requests under way are cut."""
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

    async def _ledger(self, request: web.Request) -> web.Response:
        body = orjson.dumps([entry.model_dump() for entry in self.ledger.entries])
        return web.Response(body=body, content_type="application/json")

    async def _release(self, request: web.Request) -> web.Response:
        self.engine.release(request.match_info["hold"])
        return web.Response(status=204)


async def run(
    port: int,
    script: Path | None = None,
    ledger: Path | None = None,
    *,
    host: str = "127.0.0.1",
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve until cancelled. `on_ready` gets the URL once it listens; `ledger` grows as requests end."""
    async with ScriptedServer(script, port=port, host=host, ledger=ledger) as server:
        if on_ready is not None:
            on_ready(server.url)
        await asyncio.Event().wait()


async def serve(port: int, script_path: Path | None = None) -> None:
    """Serve the script at `script_path` until cancelled."""
    await run(port, script_path)
