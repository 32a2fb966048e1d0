"""Runs that start at the same moment look for servers at the same moment."""

import asyncio
from pathlib import Path

from tests.workshop import open_workshop


async def test_a_server_found_by_many_at_once_is_stored_once(database_url: str, tmp_path: Path) -> None:
    async with open_workshop(database_url, tmp_path, {}) as place:
        registry = place.house.llm.registry
        for provider in await registry.providers():
            await registry.remove_provider(provider.id)
        found = await asyncio.gather(*(registry.discover() for _ in range(8)))
        assert all(len(one) == 1 for one in found)
        assert len(await registry.providers()) == 1
        assert sum(one[0].new for one in found) == 1
