"""Tasks that are run again and again, at times that a cron expression names."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from croniter import croniter  # pyright: ignore[reportMissingTypeStubs]
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.errors import InvalidInput, ScrivanoError
from scrivano.core.ids import new_id
from scrivano.events.public import EventLog
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.prompts.public import Line
from scrivano.tasks import repo
from scrivano.tasks.dto import NewTask, TaskNotFound
from scrivano.tasks.identity import moment_id
from scrivano.tasks.models import ScheduleRow
from scrivano.tasks.service import Tasks

_log = logging.getLogger(__name__)
TOPIC = "task-schedules"
_LONGEST_SLEEP = 300.0
_LEFT_BEHIND = timedelta(minutes=2)
_AT_ONCE = 50


class NewSchedule(BaseModel):
    """A task to be run at the times of a cron expression of five fields, in a time zone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Line = Field(min_length=1, max_length=200, examples=["Monday's newsletter"])
    cron: Line = Field(max_length=200, examples=["0 7 * * 1"])
    timezone: Line = Field(default="UTC", max_length=80, examples=["Europe/Vienna"])
    task: NewTask
    active: bool = True

    @property
    def project_id(self) -> UUID:
        """The project of its task."""
        return self.task.project_id


class ScheduleChange(BaseModel):
    """What is to be different; what is not given stays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Line | None = Field(default=None, min_length=1, max_length=200)
    cron: Line | None = Field(default=None, max_length=200)
    timezone: Line | None = Field(default=None, max_length=80)
    task: NewTask | None = None
    active: bool | None = None


class ScheduleView(BaseModel):
    """A schedule. `fault` says why the last task could not be set up."""

    id: UUID
    project_id: UUID
    name: str
    cron: str
    timezone: str
    task: NewTask
    active: bool
    next_at: datetime
    last_at: datetime | None
    last_task_id: UUID | None
    fault: str | None
    created_at: datetime


class Schedules:
    """Schedules of all projects."""

    def __init__(self, database: Database, events: EventLog, tasks: Tasks) -> None:
        self._database = database
        self._events = events
        self._tasks = tasks

    async def create(self, new: NewSchedule) -> ScheduleView:
        """A new schedule, whose first time is the next that its expression names. Raises InvalidInput."""
        row = ScheduleRow(
            id=new_id(),
            project_id=new.project_id,
            name=new.name,
            cron=new.cron,
            timezone=new.timezone,
            task=new.task.model_dump(mode="json"),
            active=new.active,
            next_at=next_time(new.cron, new.timezone, clock.now()),
            created_at=clock.now(),
        )
        await self._tasks.check(new.task)
        async with self._database.begin() as session:
            session.add(row)
        await self._tell()
        return await self.get(row.id)

    async def change(self, schedule_id: UUID, change: ScheduleChange) -> ScheduleView:
        """Change a schedule. Raises InvalidInput, TaskNotFound."""
        if change.task is not None:
            await self._tasks.check(change.task)
        async with self._database.begin() as session:
            row = await _schedule(session, schedule_id, lock=True)
            if change.task is not None and change.task.project_id != row.project_id:
                raise InvalidInput("A schedule stays in its project.", field="task.project_id")
            was_active = row.active
            for name, value in change.model_dump(mode="json", exclude_none=True).items():
                setattr(row, name, value)
            if change.cron or change.timezone or (row.active and not was_active):
                row.next_at = next_time(row.cron, row.timezone, clock.now())
        await self._tell()
        return await self.get(schedule_id)

    async def get(self, schedule_id: UUID) -> ScheduleView:
        """One schedule. Raises TaskNotFound."""
        async with self._database.read() as session:
            return _view(await _schedule(session, schedule_id))

    async def list(
        self, project_id: UUID = DEFAULT_PROJECT, *, limit: int = 50, offset: int = 0
    ) -> "list[ScheduleView]":
        """A project's schedules, by name."""
        async with self._database.read() as session:
            return [_view(row) for row in await repo.list_schedules(session, project_id, limit, offset)]

    async def remove(self, schedule_id: UUID) -> None:
        """Remove a schedule; its tasks stay. Raises TaskNotFound."""
        async with self._database.begin() as session:
            await _schedule(session, schedule_id, lock=True)
            await repo.remove_schedule(session, schedule_id)

    async def tick(self, moment: datetime | None = None) -> "list[UUID]":
        """Run what is due at `moment`, now if not given: each schedule once, however many of its times were missed.

        The ids of the tasks that were started. Any number of workers may do this at once.
        """
        now = moment or clock.now()
        async with self._database.begin() as session:
            due = await repo.due(session, now, _AT_ONCE)
            started: list[tuple[UUID, UUID, NewTask]] = []
            for row in due:
                task_id = moment_id(row.id, row.next_at)
                row.last_at, row.last_task_id, row.fault = now, task_id, None
                row.next_at = next_time(row.cron, row.timezone, now)
                started.append((row.id, task_id, NewTask.model_validate(row.task)))
        done = [task_id for id, task_id, task in started if await self._start(id, task_id, task)]
        await self._tasks.start_left_behind(now - _LEFT_BEHIND)
        return done

    async def _start(self, schedule_id: UUID, task_id: UUID, task: NewTask) -> bool:
        try:
            await self._tasks.create(task, task_id=task_id, of={"schedule_id": schedule_id})
            await self._tasks.queue(task_id)
            return True
        except ScrivanoError as error:
            async with self._database.begin() as session:
                row = await repo.get_schedule(session, schedule_id, lock=True)
                if row is not None:
                    row.fault, row.last_task_id = error.message, None
            return False

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Run what is due, for as long as the block lasts. A worker's task."""
        loop = asyncio.create_task(self._loop(), name="schedules")
        try:
            yield
        finally:
            loop.cancel()
            await asyncio.wait({loop})

    async def _loop(self) -> None:
        while True:
            try:
                after = await self._events.last_id(TOPIC)
                while await self.tick():
                    pass
                await self._until_due(after)
            except Exception:
                _log.warning("Schedules could not be looked at", exc_info=True)
                await asyncio.sleep(5.0)

    async def _until_due(self, after: int) -> None:
        """Wait for the next time, or for a change of any schedule."""
        async with self._database.read() as session:
            next_at = await repo.next_due(session)
        wait = _LONGEST_SLEEP if next_at is None else (next_at - clock.now()).total_seconds()
        async with aclosing(self._events.follow(TOPIC, after=after)) as changes:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(anext(changes), max(0.0, min(wait, _LONGEST_SLEEP)))

    async def _tell(self) -> None:
        await self._events.append(TOPIC, "changed", {})


def next_time(cron: str, timezone: str, after: datetime) -> datetime:
    """The first time after a moment that an expression names. Raises InvalidInput for one that is malformed or never
    comes."""
    if timezone not in available_timezones():
        raise InvalidInput(
            f"There is no time zone {timezone!r}.", field="timezone", remedy="Such as Europe/Vienna, or UTC."
        )
    if len(cron.split()) != 5 or not croniter.is_valid(cron):
        raise InvalidInput(
            f"{cron!r} is no cron expression.",
            field="cron",
            remedy="Give minute, hour, day, month and weekday, such as 0 7 * * 1 for Mondays at seven.",
        )
    try:
        found: datetime = croniter(cron, after.astimezone(ZoneInfo(timezone))).get_next(datetime)
    except (ValueError, KeyError, OverflowError) as error:
        raise InvalidInput(f"{cron!r} never comes.", field="cron") from error
    return found.astimezone(UTC)


async def _schedule(session: AsyncSession, schedule_id: UUID, *, lock: bool = False) -> ScheduleRow:
    row = await repo.get_schedule(session, schedule_id, lock=lock)
    if row is None:
        raise TaskNotFound(f"There is no schedule {schedule_id}.")
    return row


def _view(row: ScheduleRow) -> ScheduleView:
    return ScheduleView(
        id=row.id,
        project_id=row.project_id,
        name=row.name,
        cron=row.cron,
        timezone=row.timezone,
        task=NewTask.model_validate(row.task),
        active=row.active,
        next_at=row.next_at,
        last_at=row.last_at,
        last_task_id=row.last_task_id,
        fault=row.fault,
        created_at=row.created_at,
    )
