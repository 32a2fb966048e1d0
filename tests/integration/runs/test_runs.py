"""Runs, carried out by a worker in this process."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from scrivano.core.database import Database
from scrivano.core.errors import InvalidInput, NotFound
from scrivano.events.public import EventLog
from scrivano.runs.public import Runs, RunStatus, RunView, Worker, WrongState, raise_for_failure
from tests.toy_runs import Order, ToyPipeline, make_marks, marks


@pytest.fixture
async def events(database: Database) -> AsyncIterator[EventLog]:
    log = EventLog(database)
    yield log
    await log.close()


@pytest.fixture
async def runs(database: Database, events: EventLog) -> AsyncIterator[Runs]:
    await make_marks(database)
    runs = Runs(database, events)
    yield runs
    await runs.close()


@pytest.fixture
async def worker(database: Database, events: EventLog, runs: Runs) -> AsyncIterator[Worker]:
    worker = Worker(database.url, database, events)
    await worker.launch([ToyPipeline(database)])
    yield worker
    await worker.stop()


async def ended(runs: Runs, run_id: str) -> RunView:
    async with asyncio.timeout(30):
        return await runs.wait(run_id)


async def until_marked(database: Database, step: str) -> None:
    async with asyncio.timeout(30):
        while not any(mark[0] == step for mark in await marks(database)):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_run_gives_its_result_and_tells_what_it_did(
    runs: Runs, worker: Worker, events: EventLog
) -> None:
    run_id = await runs.start("toy", Order(), project_id="p")
    run = await ended(runs, run_id)
    assert (run.status, run.output) == ("succeeded", {"values": [144, 169, 196], "total": 509, "note": ""})
    assert run.input["parts"] == 3 and run.pipeline == "toy" and run.project_id == "p"
    assert run.started_at and run.finished_at and run.error is None
    steps = await runs.steps(run_id)
    assert sorted((s.step, s.item) for s in steps) == [
        *[("grow", n) for n in "123"],
        ("plan", None),
        *[("polish", n) for n in "123"],
        *[("square", n) for n in "123"],
        ("total", None),
    ]
    assert all(s.status == "finished" and s.seconds is not None for s in steps)
    told = await events.read(f"run:{run_id}")
    kinds = [e.kind for e in told]
    assert kinds[:2] == ["run_queued", "run_running"] and kinds[-1] == "run_succeeded"
    assert kinds.count("step_started") == kinds.count("step_finished") == 11
    assert {e.data["number"] for e in told if e.kind == "growing"} == {1, 2, 3}
    # Who follows the project sees the same in the same order, and which run it is of.
    seen = await events.read("project:p")
    assert [e.kind for e in seen] == kinds
    assert {e.data["run_id"] for e in seen if e.kind == "step_started"} == {run_id}


async def test_a_failure_keeps_its_class_and_what_it_says(runs: Runs, worker: Worker) -> None:
    run = await ended(runs, await runs.start("toy", Order(fail="polish")))
    assert run.status is RunStatus.FAILED and run.error is not None and run.output is None
    assert (run.error.code, run.error.message) == ("too-much", "polish is too much.")
    assert (run.error.field, run.error.remedy, run.error.exit_code) == ("parts", "Take less.", 2)
    with pytest.raises(Exception, match=r"parts: polish is too much\. Take less\.") as caught:
        raise_for_failure(run)
    assert type(caught.value).__name__ == "TooMuch"
    assert {s.status for s in await runs.steps(run.id) if s.step == "polish"} == {"failed"}


async def test_a_failed_run_resumes_with_the_steps_that_were_finished(
    runs: Runs, worker: Worker, database: Database
) -> None:
    run = await ended(runs, await runs.start("toy", Order(fail="polish")))
    before = await marks(database)
    async with database.begin() as session:
        await (await session.connection()).exec_driver_sql("INSERT INTO marks (step) VALUES ('mended')")
    await runs.resume(run.id)
    run = await ended(runs, run.id)
    assert run.output is not None and run.output["total"] == 509 and run.error is None
    after = [m[:2] for m in (await marks(database))[len(before) :] if m[0] != "mended"]
    assert sorted(after) == [
        *[("polish", n) for n in "123"],
        *[("square", n) for n in "123"],
        ("total", ""),
    ]


async def test_a_run_waits_for_a_person_and_goes_on_with_the_answer(
    runs: Runs, worker: Worker, events: EventLog
) -> None:
    run = await ended(runs, await runs.start("toy", Order(ask=True)))
    assert (run.status, run.waiting_for, run.question) == ("waiting", "plan", {"base": 10})
    assert [r.id for r in await runs.list(status="waiting")] == [run.id]
    with pytest.raises(WrongState):
        await runs.approve(run.id, "cover", True)
    await runs.approve(run.id, "plan", True, {"base": 11})
    run = await ended(runs, run.id)
    assert run.output is not None and run.output["note"] == "True {'base': 11}"
    with pytest.raises(WrongState):
        await runs.approve(run.id, "plan", True)


async def test_old_news_of_a_cancellation_does_not_stop_a_run_that_goes_on(
    runs: Runs, worker: Worker, database: Database
) -> None:
    run = await ended(runs, await runs.start("toy", Order(ask=True)))
    assert worker.active() == {run.id}
    async with database.begin() as session:
        await session.execute(text("SELECT pg_notify('scrivano_cancelled', :run)"), {"run": run.id})
    await runs.approve(run.id, "plan", True, {"base": 11})
    assert (await ended(runs, run.id)).status is RunStatus.SUCCEEDED


async def test_cancel_stops_in_the_middle_of_a_step_and_resume_goes_on(
    runs: Runs, worker: Worker, database: Database
) -> None:
    run_id = await runs.start("toy", Order(hang="grow"))
    await until_marked(database, "grow")
    await runs.cancel(run_id)
    run = await ended(runs, run_id)
    assert run.status is RunStatus.CANCELLED
    async with asyncio.timeout(30):
        while worker.active():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    await runs.cancel(run_id)
    await runs.resume(run_id)
    async with asyncio.timeout(30):
        while [m[0] for m in await marks(database)].count("grow") < 6:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert [m[0] for m in await marks(database)].count("plan") == 1
    await runs.cancel(run_id)


async def test_retry_begins_anew_and_fork_keeps_what_came_before(
    runs: Runs, worker: Worker, database: Database
) -> None:
    run_id = await runs.start("toy", Order(), project_id="p")
    await ended(runs, run_id)
    seen = len(await marks(database))
    forked = await ended(runs, await runs.fork(run_id, "square"))
    assert forked.output is not None and forked.output["total"] == 509
    assert (forked.forked_from, forked.project_id, forked.pipeline) == (run_id, "p", "toy")
    done = [m[0] for m in (await marks(database))[seen:]]
    assert sorted(done) == ["square", "square", "square", "total"]
    seen += len(done)
    retried = await ended(runs, await runs.retry(run_id))
    assert retried.output == forked.output and retried.id not in (run_id, forked.id)
    assert len(await marks(database)) == seen + 11
    seen += 11
    again = await ended(runs, await runs.fork(run_id, "polish"))
    assert again.output == forked.output
    assert [m[0] for m in (await marks(database))[seen:]].count("plan") == 0
    with pytest.raises(NotFound, match=r"grow, plan, polish, square, total"):
        await runs.fork(run_id, "dance")


async def test_stopping_the_worker_leaves_the_run_for_the_next(
    runs: Runs, database: Database, events: EventLog
) -> None:
    first = Worker(database.url, database, events)
    await first.launch([ToyPipeline(database)])
    run_id = await runs.start("toy", Order(ask=True))
    await ended(runs, run_id)
    await first.stop()
    assert (await runs.get(run_id)).status is RunStatus.WAITING
    await runs.approve(run_id, "plan", False)
    second = Worker(database.url, database, events)
    await second.launch([ToyPipeline(database)])
    run = await ended(runs, run_id)
    await second.stop()
    assert run.output is not None and run.output["note"] == "False None"
    assert [m[0] for m in await marks(database)].count("plan") == 1


async def test_starting_twice_with_one_id_is_starting_once(runs: Runs, worker: Worker) -> None:
    assert await runs.start("toy", Order(), run_id="mine") == "mine"
    assert await runs.start("toy", Order(), run_id="mine") == "mine"
    assert (await ended(runs, "mine")).status is RunStatus.SUCCEEDED
    assert len(await runs.list()) == 1


async def test_bad_requests_say_what_is_wrong(runs: Runs, worker: Worker) -> None:
    with pytest.raises(InvalidInput):
        await runs.start("toy", Order(), run_id="a:b")
    with pytest.raises(NotFound):
        await runs.get("nobody")
    with pytest.raises(InvalidInput, match="queued, running"):
        await runs.list(status="dancing")
    run_id = await runs.start("toy", Order())
    await ended(runs, run_id)
    with pytest.raises(WrongState):
        await runs.cancel(run_id)
    with pytest.raises(WrongState):
        await runs.resume(run_id)
