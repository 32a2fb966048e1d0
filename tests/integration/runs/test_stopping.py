"""A worker that stops while runs of a dead one wait to be taken over."""

import pytest

from scrivano.core.database import Database
from scrivano.events.public import EventLog
from scrivano.runs import engine, recovery
from scrivano.runs.public import Worker
from tests.toy_runs import ToyPipeline, make_marks


async def test_nothing_is_taken_over_once_the_engine_goes(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_marks(database)
    events = EventLog(database)
    worker = Worker(database.url, database, events)
    await worker.launch([ToyPipeline(database)])
    lease = worker._lease  # pyright: ignore[reportPrivateUsage]
    assert lease is not None and lease._connection is not None  # pyright: ignore[reportPrivateUsage]
    taken: list[str] = []
    monkeypatch.setattr(recovery, "recover_runs", lambda executor_id: taken.append(executor_id) or 0)
    destroy = engine.destroy

    async def watched() -> None:
        await destroy()
        # What the lease's thread would do at its next beat, before it is told to end.
        dead = recovery._connect(database.url)  # pyright: ignore[reportPrivateUsage]
        dead.execute(recovery.repo.ADD_EXECUTOR, ["dead", 1, engine.VERSION, "here", 1])
        dead.execute(recovery.repo.RELEASE_EXECUTOR, ["dead"])
        lease._watch(dead)  # pyright: ignore[reportPrivateUsage]
        dead.close()

    monkeypatch.setattr(engine, "destroy", watched)
    await worker.stop()
    await events.close()
    assert taken == []
