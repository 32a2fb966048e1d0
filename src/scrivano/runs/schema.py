"""Getting the database ready for runs: DBOS's tables, and our trigger on one of them."""

import asyncio

import psycopg

from scrivano.runs import engine, repo


async def prepare(url: str) -> None:
    """Make the database at `url`, which has been migrated, ready for runs. Quick if it is."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        try:
            found = await connection.execute(repo.IS_READY, [engine.SCHEMA_VERSION, engine.QUEUE])
            if (await found.fetchone()) == (True,):
                return
        except psycopg.errors.UndefinedTable:
            pass
        await asyncio.to_thread(engine.migrate, url)
        await connection.execute(repo.MAKE_TRIGGER)
