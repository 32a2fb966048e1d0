"""Runs over an embedded PostgreSQL that dies under them."""

import asyncio
import os
import signal
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from scrivano.core import migrate
from scrivano.core.database import Database
from scrivano.core.postgres import EmbeddedPostgres
from scrivano.events.public import EventLog
from scrivano.runs.public import Runs, Worker
from tests.toy_runs import Order, ToyPipeline, make_marks, marks


async def test_a_run_outlives_the_death_of_its_database(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path, settings={"fsync": "off"})
    url = await server.start()
    await migrate.upgrade(url)
    database = Database(url)
    events = EventLog(database)
    runs, worker = Runs(database, events), Worker(url, database, events)
    await make_marks(database)
    await worker.launch([ToyPipeline(database)])
    try:
        run_id = await runs.start("toy", Order(ask=True))
        await runs.wait(run_id)
        pid = int((tmp_path / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        async with asyncio.timeout(60):
            while True:
                try:
                    await runs.approve(run_id, "plan", True)
                    break
                except DBAPIError:
                    await asyncio.sleep(0.05)
            run = await runs.wait(run_id)
        assert run.output is not None and run.output["total"] == 509
        assert [m[0] for m in await marks(database)].count("plan") == 1
    finally:
        # Whatever went wrong: other tests of this process want a worker of their own.
        await worker.stop()
    await runs.close()
    await events.close()
    await database.dispose()
    assert await server.stop_if_unused()
