"""Searching a long history: the same tasks in the same order, however they are looked for."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.tasks import repo
from scrivano.tasks.dto import TaskFilter
from scrivano.tasks.models import TaskRow

COUNT = 60
BEGIN = 1_700_000_000


def words(number: int) -> str:
    return f"common {'even' if number % 2 == 0 else 'odd'} tenth{number % 10} only{number}"


@pytest.fixture
async def history(database: Database) -> Database:
    async with database.begin() as session:
        for number in range(COUNT):
            row = TaskRow(
                id=UUID(int=((BEGIN + number) * 1000 << 80) + number),
                project_id=DEFAULT_PROJECT,
                name=f"Task {number}",
                variables={},
                inputs={},
                model="auto",
                settings={},
                status="failed" if number % 4 == 0 else "succeeded",
                comment="",
                created_at=datetime.fromtimestamp(BEGIN + number, UTC),
            )
            await repo.add(session, row, words(number))
    return database


ASKED = ("common", "even", "tenth7", "only3", "onl", "common tenth1", "even odd", "nowhere", "c o")


async def test_a_search_finds_all_and_in_order(history: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for newest in (3, 10, 500):
        monkeypatch.setattr(repo, "_NEWEST", newest)
        for asked in ASKED:
            assert await pages(history, asked) == wanted(asked), (newest, asked)


def wanted(asked: str) -> list[str]:
    return [
        f"Task {n}"
        for n in reversed(range(COUNT))
        if all(any(w.startswith(part) for w in words(n).split()) for part in asked.split())
    ]


async def pages(history: Database, asked: str) -> list[str]:
    found: list[str] = []
    before: UUID | None = None
    async with history.begin() as session:
        while page := await repo.page(session, TaskFilter(text=asked), before, 7):
            found += [row.name for row in page]
            before = page[-1].id
    return found


async def test_moments_bound_a_search(history: Database) -> None:
    since, until = (datetime.fromtimestamp(BEGIN + n, UTC) for n in (10, 20))
    async with history.begin() as session:
        found = await repo.page(session, TaskFilter(since=since, until=until), None, 100)
        far = await repo.page(session, TaskFilter(until=datetime.max.replace(tzinfo=UTC)), None, 100)
        near = await repo.page(session, TaskFilter(since=clock.now()), None, 100)
    assert [row.name for row in found] == [f"Task {n}" for n in reversed(range(10, 20))]
    assert (len(far), len(near)) == (COUNT, 0)
