"""Runs over workers that are killed, frozen, cut off and stopped."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest

from scrivano.core.database import Database
from scrivano.events.public import Event, EventLog
from scrivano.runs.public import Runs, RunStatus, RunView
from tests.toy_runs import Order, make_marks, marks

ROOT = Path(__file__).parent.parent.parent.parent
WORKER = "import asyncio, sys; from tests.toy_runs import main; asyncio.run(main(sys.argv[1]))"
RESULT = {"values": [144, 169, 196], "total": 509, "note": ""}
STEPS = {"plan": 1, "grow": 3, "polish": 3, "square": 3, "total": 1}


class Workers:
    """Worker processes of a test."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._processes: list[asyncio.subprocess.Process] = []

    async def start(self, crash_at: str = "") -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            WORKER,
            self._url,
            cwd=ROOT,
            env={**os.environ, "SCRIVANO_CRASH_AT": crash_at},
            stdout=asyncio.subprocess.PIPE,
        )
        self._processes.append(process)
        assert process.stdout is not None
        async with asyncio.timeout(60):
            assert await process.stdout.readline() == b"ready\n"
        return process

    async def close(self) -> None:
        for process in self._processes:
            if process.returncode is None:
                process.kill()
            await process.communicate()


@pytest.fixture
async def workers(database_url: str) -> AsyncIterator[Workers]:
    workers = Workers(database_url)
    yield workers
    await workers.close()


@pytest.fixture
async def runs(database: Database) -> AsyncIterator[Runs]:
    await make_marks(database)
    events = EventLog(database)
    runs = Runs(database, events)
    yield runs
    await runs.close()
    await events.close()


async def ended(runs: Runs, run_id: str) -> RunView:
    async with asyncio.timeout(60):
        return await runs.wait(run_id)


async def counted(database: Database) -> dict[str, int]:
    names = [mark[0] for mark in await marks(database)]
    return {name: names.count(name) for name in names}


@pytest.mark.parametrize(
    "point",
    [
        "run.step_end:plan#1",
        "run.step_begin:grow#2",
        "run.step_recorded:polish#1",
        "run.step_end:square#2",
        "run.step_begin:total#1",
        "run.step_recorded:total#1",
    ],
)
async def test_a_killed_worker_is_replaced_and_the_result_is_the_same(
    point: str, workers: Workers, runs: Runs, database: Database
) -> None:
    doomed = await workers.start(f"kill:{point}")
    run_id = await runs.start("toy", Order())
    assert await doomed.wait() == -signal.SIGKILL
    assert (await runs.get(run_id)).status is RunStatus.RUNNING
    await workers.start()
    run = await ended(runs, run_id)
    assert run.output == RESULT
    done = await counted(database)
    assert all(STEPS[name] <= done[name] <= STEPS[name] * 2 for name in STEPS)
    if "plan" not in point:
        assert done["plan"] == 1


async def test_a_survivor_takes_over(workers: Workers, runs: Runs, database: Database) -> None:
    doomed = await workers.start("kill:run.step_begin:square#1")
    run_id = await runs.start("toy", Order())
    started = asyncio.create_task(workers.start())
    await doomed.wait()
    await started
    assert (await ended(runs, run_id)).output == RESULT


async def test_a_frozen_worker_loses_its_runs_and_does_no_harm_when_it_wakes(
    workers: Workers, runs: Runs, database: Database
) -> None:
    frozen = await workers.start("stop:run.step_begin:grow#2")
    run_id = await runs.start("toy", Order())
    async with asyncio.timeout(30):
        while not is_stopped(frozen.pid):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    survivor = await workers.start()
    run = await ended(runs, run_id)
    assert run.output == RESULT
    before = await decisive_events(database, run_id)
    os.kill(frozen.pid, signal.SIGCONT)
    # Woken, it begins anew as another executor and can be given work.
    survivor.terminate()
    await survivor.wait()
    second = await ended(runs, await runs.start("toy", Order()))
    assert second.output == RESULT
    assert {mark[2] for mark in (await marks(database))[-5:]} == {frozen.pid}
    assert (await runs.get(run_id)) == run
    assert await decisive_events(database, run_id) == before


async def decisive_events(database: Database, run_id: str) -> list[Event]:
    """What happened in a run, without how far a step was: a worker that wakes may still say that."""
    return [e for e in await EventLog(database).read(f"run:{run_id}") if e.kind.startswith(("run_", "step_"))]


async def test_a_worker_that_is_cut_off_gives_up_and_begins_anew(
    workers: Workers, runs: Runs, database: Database, database_url: str
) -> None:
    worker = await workers.start()
    run_id = await runs.start("toy", Order(ask=True))
    await ended(runs, run_id)
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        query = (
            "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN runs_executors e"
            " ON (l.classid::bigint << 32 | l.objid::bigint) = e.lock_key WHERE l.locktype = 'advisory'"
        )
        assert len(await (await connection.execute(query)).fetchall()) == 1
    await runs.approve(run_id, "plan", True)
    assert (await ended(runs, run_id)).output == {**RESULT, "note": "True None"}
    assert (await counted(database))["plan"] == 1
    assert worker.returncode is None


async def test_a_worker_that_is_stopped_hands_its_run_on_at_once(
    workers: Workers, runs: Runs, database: Database
) -> None:
    first, second = await workers.start(), None
    run_id = await runs.start("toy", Order(ask=True))
    await ended(runs, run_id)
    first.terminate()
    assert await first.wait() == 0
    second = await workers.start()
    await runs.approve(run_id, "plan", True)
    assert (await ended(runs, run_id)).status is RunStatus.SUCCEEDED
    assert {mark[2] for mark in await marks(database)} == {first.pid, second.pid}


async def test_a_run_is_cancelled_in_the_middle_of_a_step_on_another_machine(
    workers: Workers, runs: Runs, database: Database
) -> None:
    await workers.start()
    run_id = await runs.start("toy", Order(hang="grow"))
    async with asyncio.timeout(30):
        while "grow" not in await counted(database):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await runs.cancel(run_id)
    # The step would hang for ever.
    assert (await ended(runs, run_id)).status is RunStatus.CANCELLED


def is_stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"
