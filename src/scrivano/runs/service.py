"""Starting, watching and steering runs. Needs no worker in this process."""

import asyncio
import builtins
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from dbos import DBOSClient, EnqueueOptions, SetWorkflowID
from pydantic import BaseModel
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from scrivano.core.database import Database
from scrivano.core.errors import InvalidInput, NotFound
from scrivano.core.ids import new_id
from scrivano.events.public import EventLog
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.runs import engine, repo, schema, serializer
from scrivano.runs.dto import ErrorView, RunStatus, RunView, StepView, WrongState

_ENDED_BADLY = ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
_GIVEN_UP = ErrorView(
    kind="scrivano.runs.dto.RunFailed",
    code="run-failed",
    message=f"The run brought its worker down {engine.MOST_ATTEMPTS} times and was given up.",
    remedy="Look into the log of the worker, then resume the run.",
)


class Runs:
    """Runs of pipelines. Each call is complete when it returns, whichever worker carries the run out."""

    def __init__(self, database: Database, events: EventLog) -> None:
        self._database = database
        self._events = events
        self._client: DBOSClient | None = None
        self._preparing = asyncio.Lock()

    async def start(
        self,
        name: str,
        input: BaseModel,
        *,
        run_id: str | None = None,
        project_id: UUID | str = DEFAULT_PROJECT,
        user_id: UUID | str | None = None,
    ) -> str:
        """Queue a run of the workflow `name`; returns its id.

        A second call with the same `run_id` changes nothing. Raises InvalidInput for an id with a colon.
        """
        known_as = run_id or str(new_id())
        if not known_as or ":" in known_as:
            raise InvalidInput("A run's id is not empty and has no colon.", field="run_id")
        client = await self._ready()
        serializer.register_type(type(input))
        options = EnqueueOptions(workflow_name=name, queue_name=engine.QUEUE, workflow_id=known_as)
        async with self._database.begin() as session:
            given = input.model_dump(mode="json")
            if await repo.insert(session, known_as, name, given, _text(project_id), _text(user_id)):
                await session.run_sync(_enqueue, client, options, input)
        return known_as

    async def get(self, run_id: str) -> RunView:
        """The run. Raises NotFound."""
        async with self._reading() as session:
            row = await repo.get(session, run_id)
        if row is None:
            raise NotFound(f"There is no run {run_id}.")
        return _view(row)

    async def list(
        self,
        limit: int = 50,
        offset: int = 0,
        status: RunStatus | str | None = None,
        project_id: UUID | str | None = None,
    ) -> builtins.list[RunView]:
        """Runs, newest first. Raises InvalidInput for a status that does not exist."""
        wanted = None
        if status is not None:
            try:
                wanted = RunStatus(status).value
            except ValueError:
                known = ", ".join(RunStatus)
                raise InvalidInput(f"There is no status {status!r}.", field="status", remedy=known) from None
        async with self._reading() as session:
            rows = await repo.listed(session, limit, offset, wanted, _text(project_id))
        return [_view(row) for row in rows]

    async def steps(self, run_id: str) -> builtins.list[StepView]:
        """The steps of a run and its children, in the order in which they began."""
        await self.get(run_id)
        async with self._reading() as session:
            rows = await repo.recorded(session, run_id)
        started = await self._started(run_id)
        views = [
            _step(row, started.pop((row["workflow_id"], row["number"]), None))
            for row in rows
            if row["child_workflow_id"] is None and not row["step"].startswith("DBOS.")
        ]
        running = [
            StepView(
                workflow_id=data["workflow_id"],
                number=data["number"],
                step=data["step"],
                item=data["item"],
                status="running",
                started_at=data["at"],
                seconds=None,
                error=None,
            )
            for data in started.values()
        ]
        return views + running

    async def cancel(self, run_id: str) -> None:
        """Stop the run and all its parts, also in the middle of a step. It can be resumed.

        Returns once that is decided; a worker hears of it within milliseconds. Raises WrongState for a run
        that has ended otherwise.
        """
        run = await self.get(run_id)
        if run.status is RunStatus.CANCELLED:
            return
        if run.status.ended:
            raise WrongState(f"The run has {run.status} already.")
        client = await self._ready()
        await asyncio.to_thread(partial(client.cancel_workflow, run_id, cancel_children=True))

    async def resume(self, run_id: str) -> None:
        """Go on with a cancelled or failed run from the steps that are finished.

        Nothing to do for one that has not ended: a worker goes on with it by itself. Raises WrongState for
        one that succeeded.
        """
        run = await self.get(run_id)
        if run.status is RunStatus.SUCCEEDED:
            raise WrongState("The run has succeeded already.", remedy="Fork it to do a part of it again.")
        if not run.status.ended:
            return
        client = await self._ready()
        async with self._reading() as session:
            found = await repo.workflows(session, run_id)
        await asyncio.to_thread(_resume, client, found)

    async def retry(self, run_id: str) -> str:
        """Do the same again from the beginning, as a new run; returns its id."""
        return await self._fork(run_id, 1)

    async def fork(self, run_id: str, from_step: str) -> str:
        """A new run that has the recorded results before the first `from_step`, and does the rest again.

        For a step of a child the whole child is done again. Returns the new id; raises NotFound if the run
        never came to such a step.
        """
        await self.get(run_id)
        async with self._reading() as session:
            rows = await repo.recorded(session, run_id)
        return await self._fork(run_id, _start_of(rows, run_id, from_step))

    async def approve(
        self, run_id: str, gate: str, approved: bool, data: dict[str, Any] | None = None
    ) -> None:
        """Decide what the run waits for. Raises WrongState if it does not wait at `gate`."""
        run = await self.get(run_id)
        async with self._database.begin() as session:
            if not await repo.decide(session, run_id, gate, approved, data):
                raise WrongState(f"The run is {run.status} and does not wait for a decision on {gate}.")
            told = {"gate": gate, "approved": approved}
            await self._events.append(f"run:{run_id}", "run_decided", told, session=session)

    async def stop_project(self, project_id: UUID) -> None:
        """Cancel all of a project's runs that have not ended."""
        for status in (RunStatus.RUNNING, RunStatus.WAITING, RunStatus.QUEUED):
            while found := await self.list(limit=100, status=status, project_id=project_id):
                for run in found:
                    with suppress(WrongState):  # it ended by itself just now
                        await self.cancel(run.id)

    async def forget_project(self, project_id: UUID) -> None:
        """Remove a project's runs, which have ended, with what they were given, recorded and told."""
        client = await self._ready()
        while found := await self.list(limit=100, project_id=project_id):
            for run in found:
                async with self._reading() as session:
                    workflows = [row["id"] for row in await repo.workflows(session, run.id)]
                await asyncio.to_thread(partial(client.delete_workflows, workflows))
                async with self._database.begin() as session:
                    await repo.forget(session, run.id)
                await self._events.forget(f"run:{run.id}")
        await self._events.forget(f"project:{project_id}")

    async def wait(self, run_id: str) -> RunView:
        """The run, once it has ended or waits for a person."""
        topic = f"run:{run_id}"
        after = await self._events.last_id(topic)
        run = await self.get(run_id)
        if run.status.ended or run.status is RunStatus.WAITING:
            return run
        async with aclosing(self._events.follow(topic, after=after)) as events:
            async for event in events:
                if not event.kind.startswith("run_"):
                    continue
                run = await self.get(run_id)
                if run.status.ended or run.status is RunStatus.WAITING:
                    return run
        raise AssertionError("following events has no end")

    async def close(self) -> None:
        """Close what was opened."""
        client, self._client = self._client, None
        if client is not None:
            await asyncio.to_thread(client.destroy)

    async def _ready(self) -> DBOSClient:
        async with self._preparing:
            if self._client is None:
                await schema.prepare(self._database.url)
                self._client = engine.make_client(self._database.url)
            return self._client

    @asynccontextmanager
    async def _reading(self) -> AsyncGenerator[AsyncSession]:
        await self._ready()
        async with self._database.read() as session:
            yield session

    async def _fork(self, run_id: str, number: int) -> str:
        await self.get(run_id)
        client, forked = await self._ready(), str(new_id())

        def fork() -> None:
            with SetWorkflowID(forked):
                client.fork_workflow(run_id, number, queue_name=engine.QUEUE)

        await asyncio.to_thread(fork)
        return forked

    async def _started(self, run_id: str) -> dict[tuple[str, int], dict[str, Any]]:
        """The newest beginning of each step, as told by events."""
        started: dict[tuple[str, int], dict[str, Any]] = {}
        after = 0
        while events := await self._events.read(f"run:{run_id}", after=after, kinds=["step_started"]):
            after = events[-1].id
            for event in events:
                key = (event.data["workflow_id"], event.data["number"])
                started[key] = {**event.data, "at": event.created_at}
        return started


def _enqueue(session: Session, client: DBOSClient, options: EnqueueOptions, given: BaseModel) -> None:
    client.enqueue_in_transaction(session, options, given)


def _text(value: UUID | str | None) -> str | None:
    return None if value is None else str(value)


def _view(row: RowMapping) -> RunView:
    status = RunStatus(row["status"])
    error = None
    if status is RunStatus.FAILED:
        error = _GIVEN_UP if row["error"] is None else serializer.error_view(row["error"])
    return RunView(
        id=row["id"],
        pipeline=row["pipeline"],
        status=status,
        created_at=row["created_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        error=error,
        waiting_for=row["waiting_for"],
        question=row["question"],
        input=row["input"],
        output=serializer.plain(row["output"]) if status is RunStatus.SUCCEEDED else None,
        project_id=row["project_id"],
        user_id=row["user_id"],
        forked_from=row["forked_from"],
    )


def _step(row: RowMapping, started: dict[str, Any] | None) -> StepView:
    return StepView(
        workflow_id=row["workflow_id"],
        number=row["number"],
        step=row["step"],
        item=started["item"] if started else None,
        status="finished" if row["error"] is None else "failed",
        started_at=datetime.fromtimestamp(row["started"] / 1000, UTC),
        seconds=(row["completed"] - row["started"]) / 1000,
        error=None if row["error"] is None else serializer.error_view(row["error"]),
    )


def _resume(client: DBOSClient, found: Sequence[RowMapping]) -> None:
    """Children first: a parent that runs again finds them on their way."""
    for row in found:
        if row["status"] in _ENDED_BADLY:
            start = row["first_failed"] or row["last"] + 1
            client.rewind_workflow(row["id"], start_step=start, queue_name=engine.QUEUE)
        elif row["status"] == "CANCELLED":
            client.resume_workflow(row["id"], queue_name=engine.QUEUE)


def _start_of(rows: Sequence[RowMapping], run_id: str, step: str) -> int:
    """The number, in the run's own workflow, of the first `step` or of the start of the child with it."""
    parents = {r["child_workflow_id"]: (r["workflow_id"], r["number"]) for r in reversed(rows)}
    for row in rows:
        if row["step"] != step:
            continue
        workflow_id, number = row["workflow_id"], row["number"]
        while workflow_id != run_id:
            workflow_id, number = parents[workflow_id]
        return int(number)
    known = sorted({r["step"] for r in rows if not r["step"].startswith("DBOS.")})
    raise NotFound(f"The run never came to a step {step}.", remedy=f"It took: {', '.join(known)}.")
