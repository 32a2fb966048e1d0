"""A house, a scripted model beside it, and a worker in this process: for tests and benchmarks of books."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scrivano.books.public import BookResult, BookView, Brief
from scrivano.core.settings import Settings
from scrivano.llm.scripted.server import ScriptedServer
from scrivano.references.public import Reference
from scrivano.runs.public import RunStatus, RunView, raise_for_failure
from scrivano.wiring import House, open_house
from scrivano.worker import pipelines, worker
from tests.prompting import stray_messages


@dataclass
class Workshop:
    """What a test of books works with."""

    house: House
    model: ScriptedServer | None

    async def order(self, brief: Brief, references: list[Reference] | None = None, **how: Any) -> BookView:
        """A stored order whose run is queued."""
        return await self.house.books.order(brief, references or [], **how)

    async def finish(self, book: BookView) -> RunView:
        """A book's run as it ended or waits, carried out by a worker in this process."""
        return await self.ended(book.run_id)

    async def ended(self, run_id: str) -> RunView:
        """The same of any run."""
        own = worker(self.house)
        await own.launch(pipelines(self.house))
        try:
            return await self.house.runs.wait(run_id)
        finally:
            await own.stop()

    async def write(
        self, brief: Brief, references: list[Reference] | None = None, **how: Any
    ) -> tuple[BookView, BookResult]:
        """A finished book."""
        book = await self.order(brief, references, **how)
        run = await self.finish(book)
        raise_for_failure(run)
        assert run.status is RunStatus.SUCCEEDED
        return await self.house.books.get(book.id), BookResult.model_validate(run.output)


@asynccontextmanager
async def open_workshop(
    url: str | None,
    home: Path,
    script: dict[str, Any] | None = None,
    *,
    model: bool = True,
    checked: bool = True,
) -> AsyncIterator[Workshop]:
    """A workshop over the database at `url` (None: the embedded one in `home`). Without `model` none is in reach.

    At the end every message that a model was sent has to stand in a template, unless `checked` is False.
    """
    server = ScriptedServer(script or {}) if model else None
    if server is not None:
        await server.start()
    try:
        settings = Settings(
            home=home, database_url=url, discover_urls=server.url if server else "off", hosts="scrivano"
        )  # type: ignore[arg-type]
        async with open_house(settings) as house:
            yield Workshop(house, server)
            stray = await stray_messages(house) if checked else []
            assert not stray, stray
    finally:
        if server is not None:
            await server.stop()


def small_brief(**changes: Any) -> Brief:
    """A small book about workshops."""
    return Brief.model_validate(
        {
            "title": "The Small Workshop",
            "subject": "running a small repair workshop",
            "audience": "owners",
            "tone": "practical",
            "words": 1800,
            "chapters": 4,
            "author": "R. Amsel",
            "date": "2026-01-15",
            **changes,
        }
    )
