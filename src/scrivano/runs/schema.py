"""Getting the database ready for runs: DBOS's tables, and our trigger on one of them."""

import asyncio

import psycopg

from scrivano.runs import engine

_IS_READY = """
    SELECT (SELECT max(version) FROM dbos.dbos_migrations) = %s
        AND EXISTS (SELECT FROM pg_trigger WHERE tgname = 'runs_follow_workflow')
        AND EXISTS (SELECT FROM dbos.queues WHERE name = %s)
"""
_TRIGGER = """
    CREATE OR REPLACE TRIGGER runs_follow_workflow AFTER INSERT OR UPDATE OF status ON dbos.workflow_status
    FOR EACH ROW EXECUTE FUNCTION runs_follow_workflow()
"""


async def prepare(url: str) -> None:
    """Make the database at `url`, which has been migrated, ready for runs. Quick if it is."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        try:
            found = await connection.execute(_IS_READY, [engine.SCHEMA_VERSION, engine.QUEUE])
            if (await found.fetchone()) == (True,):
                return
        except psycopg.errors.UndefinedTable:
            pass
        await asyncio.to_thread(engine.migrate, url)
        await connection.execute(_TRIGGER)
