"""A workshop over a fresh database."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from scrivano.books.public import Brief
from tests.workshop import Workshop, open_workshop, small_brief

Open = Callable[..., Awaitable[Workshop]]


@pytest.fixture
async def workshop(database_url: str, tmp_path: Path) -> AsyncIterator[Open]:
    """Opens a workshop: `await workshop(script)`, or `await workshop(model=False)` with no model in reach."""
    async with AsyncExitStack() as stack:

        async def open_one(script: dict[str, Any] | None = None, *, model: bool = True) -> Workshop:
            return await stack.enter_async_context(open_workshop(database_url, tmp_path, script, model=model))

        yield open_one


@pytest.fixture
def brief() -> Brief:
    """A small book about workshops."""
    return small_brief()
