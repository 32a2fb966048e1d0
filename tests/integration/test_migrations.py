"""Migrations: they go up and down, and make the tables that the models declare."""

import asyncio

import psycopg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

import scrivano.wiring  # noqa: F401 - so that every table is declared
from scrivano.core import migrate
from scrivano.core.database import Base


def _tables(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {name for (name,) in rows}


async def test_a_database_goes_down_to_nothing_and_up_again(empty_database_url: str) -> None:
    await migrate.upgrade(empty_database_url)
    tables = _tables(empty_database_url)
    await migrate.downgrade(empty_database_url, "base")
    assert _tables(empty_database_url) == {"alembic_version"}
    await migrate.upgrade(empty_database_url)
    assert _tables(empty_database_url) == tables


async def test_the_models_declare_what_the_migrations_make(database_url: str) -> None:
    def differences() -> list[object]:
        engine = create_engine(make_url(database_url).set(drivername="postgresql+psycopg"))
        declared = set(Base.metadata.tables)
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection,
                opts={
                    "include_object": lambda item, name, kind, reflected, other: (
                        kind != "table" or name in declared
                    )
                },
            )
            found = compare_metadata(context, Base.metadata)
        engine.dispose()
        return list(found)

    assert await asyncio.to_thread(differences) == []
