import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from scrivano.api.app import make_app
from scrivano.core.settings import Settings
from scrivano.llm.scripted.server import ScriptedServer
from scrivano.wiring import House, build


@dataclass
class Gate:
    """A running server with one scripted model behind it; `client` asks it over a socket."""

    house: House
    model: ScriptedServer
    url: str
    client: httpx.AsyncClient


Open = Callable[..., AbstractAsyncContextManager[Gate]]


@pytest.fixture
def open_gate(database_url: str, tmp_path: Path) -> Open:
    @asynccontextmanager
    async def opened(script: Any = None, **settings: Any) -> AsyncIterator[Gate]:
        given = Settings(
            home=tmp_path, database_url=database_url, discover_urls="off", **{"secret_key": None, **settings}
        )
        house = build(given, database_url)
        async with ScriptedServer(script or {}) as model, house.llm:
            await house.llm.registry.discover([model.url])
            async with _serving(house) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
                yield Gate(house, model, url, client)
        await house.events.close()
        await house.runs.close()
        await house.database.dispose()

    return opened


@pytest.fixture
async def gate(open_gate: Open) -> AsyncIterator[Gate]:
    async with open_gate() as opened:
        yield opened


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@asynccontextmanager
async def _serving(house: House) -> AsyncIterator[str]:
    config = uvicorn.Config(make_app(None, house=house), port=0, log_level="warning", lifespan="off")
    server = _Server(config)
    task = asyncio.create_task(server.serve())
    await server.ready.wait()
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await task
