"""Migrations."""

import asyncio
import re
from pathlib import Path

import psycopg
import pytest

from scrivano.core import migrate
from scrivano.core.database import Database
from scrivano.core.errors import OperationalError

VERSIONS = Path(migrate.__file__).parent.parent / "migrations" / "versions"


def test_every_file_is_named_as_its_revision_and_follows_the_one_before() -> None:
    before = None
    for path in sorted(VERSIONS.glob("[0-9]*.py")):
        text = path.read_text()
        assert re.search(r'^revision(: str)? = "(.+)"$', text, re.M)[2] == path.stem  # type: ignore[index]
        down = re.search(r"^down_revision(: str \| None)? = (.+)$", text, re.M)[2]  # type: ignore[index]
        assert down.strip('"') == (before or "None")
        before = path.stem


async def test_an_empty_database_is_at_no_revision(empty_database_url: str) -> None:
    assert await migrate.current(empty_database_url) is None


async def test_upgrade_reaches_the_head_and_then_does_nothing(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate.upgrade(empty_database_url)
    assert (await migrate.current(empty_database_url),) == migrate.heads()
    monkeypatch.setattr(migrate, "_run", None)
    await migrate.upgrade(empty_database_url)


async def test_a_database_of_a_newer_version_is_left_alone(database_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute("UPDATE alembic_version SET version_num = '9999_from_the_future'")
    with pytest.raises(OperationalError, match="newer Scrivano"):
        await migrate.upgrade(database_url)


async def test_several_processes_may_upgrade_at_once(empty_database_url: str) -> None:
    await asyncio.gather(*(migrate.upgrade(empty_database_url) for _ in range(4)))
    assert (await migrate.current(empty_database_url),) == migrate.heads()


async def test_every_revision_can_be_taken_back(empty_database_url: str) -> None:
    await migrate.upgrade(empty_database_url)
    await migrate.downgrade(empty_database_url, "base")
    query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    async with await psycopg.AsyncConnection.connect(empty_database_url) as connection:
        assert await (await connection.execute(query)).fetchall() == []
    await migrate.upgrade(empty_database_url)


async def test_each_test_gets_a_migrated_database(database: Database) -> None:
    async with database.begin() as session:
        found = await session.connection()
        assert (await found.exec_driver_sql("SELECT version_num FROM alembic_version")).scalar_one()


def test_only_revisions_of_this_version_are_known() -> None:
    assert migrate.knows(migrate.heads()[0]) and migrate.knows(None)
    assert not migrate.knows("9999_from_the_future") and not migrate.knows("../versions/0001_events")
