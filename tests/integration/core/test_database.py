import uuid

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from scrivano.core.clock import now
from scrivano.core.database import Database, lost_connection
from scrivano.projects.models import Project

END_MINE = text("SELECT pg_terminate_backend(pg_backend_pid())")
END_OTHERS = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def project(name: str = "One") -> Project:
    return Project(id=uuid.uuid4(), name=name, created_at=now(), changed_at=now())


async def test_what_was_committed_is_read_and_what_failed_is_not(database: Database) -> None:
    kept, lost = project("Kept"), project("Lost")
    async with database.begin() as session:
        session.add(kept)
    with pytest.raises(ZeroDivisionError):
        async with database.begin() as session:
            session.add(lost)
            await session.flush()
            raise ZeroDivisionError
    async with database.read() as session:
        names = (await session.scalars(select(Project.name).where(Project.id.in_([kept.id, lost.id])))).all()
    assert names == ["Kept"]


async def test_what_one_transaction_wrote_nobody_sees_before_it_ends(database: Database) -> None:
    row = project()
    async with database.begin() as session:
        session.add(row)
        await session.flush()
        async with database.read() as other:
            assert await other.get(Project, row.id) is None


async def test_who_only_reads_changes_and_locks_nothing(database: Database) -> None:
    row = project()
    async with database.begin() as session:
        session.add(row)
    refused = pytest.raises(RuntimeError, match="use `begin`")
    with refused:
        async with database.read() as session:
            await session.execute(update(Project).values(name="Two"))
    with refused:
        async with database.read() as session:
            await session.execute(text("UPDATE projects SET name = 'Two'"))
    with refused:
        async with database.read() as session:
            await session.scalar(select(Project).with_for_update())
    with refused:
        async with database.read() as session:
            found = await session.get(Project, row.id)
            assert found is not None
            found.name = "Two"
    async with database.read() as session:
        assert await session.scalar(select(Project.name).where(Project.id == row.id)) == "One"


async def test_a_connection_that_the_server_closed_is_replaced(database: Database) -> None:
    async with database.read() as session:
        await session.execute(select(Project.id))
    async with database.begin() as session, database.read() as other:
        await other.execute(select(Project.id))
        await session.execute(END_OTHERS)
    for _ in range(3):
        async with database.read() as session:
            await session.execute(select(Project.id))
        async with database.begin() as session:
            await session.execute(select(Project.id))


async def test_a_connection_that_goes_away_under_a_statement_is_told_from_a_refusal(
    database: Database,
) -> None:
    with pytest.raises(DBAPIError) as gone:
        async with database.begin() as session:
            await session.execute(END_MINE)
    assert lost_connection(gone.value)
    with pytest.raises(DBAPIError) as refused:
        async with database.begin() as session:
            await session.execute(text("SELECT nothing FROM nowhere"))
    assert not lost_connection(refused.value)
