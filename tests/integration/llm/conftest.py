from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from llm_support import Setup, make_service

from scrivano.core.database import Database
from scrivano.llm.public import CallContext, LLMService, forbid_foreign_hosts
from scrivano.llm.scripted.server import ScriptedServer

forbid_foreign_hosts()


@pytest.fixture
def scripted(database: Database) -> Setup:
    """A service whose only models are those of a scripted server with the given script."""

    @asynccontextmanager
    async def setup(script: Any = None, **more: Any) -> AsyncIterator[tuple[LLMService, ScriptedServer]]:
        async with ScriptedServer(script) as server, make_service(database, **more) as service:
            await service.registry.discover([server.url])
            yield service, server

    return setup


@pytest.fixture
def context() -> CallContext:
    return CallContext(feature="books", purpose="write_chapter")
