"""Tasks, comparisons, datasets with evaluations, schedules."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from scrivano.api import values
from scrivano.api.access import PROJECT, SIGNED_IN, CurrentCaller, require
from scrivano.api.dependencies import Limit, Offset, Services
from scrivano.api.idempotency import Once
from scrivano.api.routes.runs import STREAM
from scrivano.api.sse import LAST, MOST_SECONDS, EventPage, event_page, event_stream, first_id, wants_json
from scrivano.api.values import After, Line
from scrivano.events.public import Event
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.tasks.public import (
    Again,
    Comparison,
    DatasetChange,
    DatasetInfo,
    DatasetView,
    EvaluationEstimate,
    EvaluationView,
    FromHistory,
    Grid,
    NewDataset,
    NewEvaluation,
    NewSchedule,
    NewTask,
    ScheduleChange,
    ScheduleView,
    SinkRef,
    TaskFilter,
    TaskPage,
    TaskPreview,
    TaskStatus,
    TaskView,
    Verdict,
)

tasks = APIRouter(prefix="/api/tasks", tags=["tasks"])
comparisons = APIRouter(prefix="/api/comparisons", tags=["tasks"])
datasets = APIRouter(prefix="/api/datasets", tags=["tasks"])
evaluations = APIRouter(prefix="/api/evaluations", tags=["tasks"])
schedules = APIRouter(prefix="/api/schedules", tags=["tasks"])

Project = Annotated[UUID, Query(description="Of which project.")]
Filter = Annotated[Line | None, Query(description="Only those with exactly this.")]
Words = Annotated[
    Line | None, Query(description="Words of name, template, input or result, or their beginnings.")
]
Moment = Annotated[values.Moment | None, Query(description="Such as 2026-03-01T00:00:00Z.")]
Start = Annotated[bool, Query(description="Queue it at once.")]


class Kinds(BaseModel):
    """The names of sources and sinks that tasks can be bound to."""

    sources: list[str]
    sinks: list[str]


@tasks.get("", dependencies=SIGNED_IN)
async def list_tasks(
    house: Services,
    caller: CurrentCaller,
    project_id: Project = DEFAULT_PROJECT,
    template: Filter = None,
    model: Filter = None,
    status: TaskStatus | None = None,
    text: Words = None,
    since: Moment = None,
    until: Moment = None,
    before: Annotated[UUID | None, Query(description="The `next` of the page before.")] = None,
    limit: Limit = 50,
) -> TaskPage:
    """The history of tasks, newest first, a page at a time."""
    await require(house, caller, project_id, "viewer")
    wanted = TaskFilter(
        project_id=project_id,
        template=template,
        model=model,
        status=status,
        text=text,
        since=_aware(since),
        until=_aware(until),
    )
    return await house.desk.tasks.page(wanted, before=before, limit=limit)


@tasks.post("", status_code=202, dependencies=SIGNED_IN)
async def create_task(
    house: Services, caller: CurrentCaller, once: Once, new: NewTask, start: Start = True
) -> TaskView:
    """Set up a task and queue it. Follow it live at `/api/tasks/{task_id}/events`."""
    await require(house, caller, new.project_id, "editor")

    async def work(task_id: UUID) -> TaskView:
        return await house.desk.tasks.create(new, user_id=caller.person_id, task_id=task_id, start=start)

    return await once(work)  # type: ignore[no-any-return]


@tasks.post("/preview", dependencies=SIGNED_IN)
async def preview_task(house: Services, caller: CurrentCaller, new: NewTask) -> TaskPreview:
    """What a task would send now, with tokens, bounds of the cost and a forecast of it. Nothing is sent or kept."""
    await require(house, caller, new.project_id, "viewer")
    return await house.desk.tasks.preview(new)


@tasks.get("/kinds", dependencies=SIGNED_IN)
async def list_kinds(house: Services) -> Kinds:
    """What tasks can read from and write to."""
    return Kinds.model_validate(house.desk.tasks.kinds)


@tasks.get("/{task_id}", dependencies=PROJECT)
async def get_task(house: Services, task_id: UUID) -> TaskView:
    """One task with its input and result."""
    return await house.desk.tasks.get(task_id)


@tasks.post("/{task_id}/start", status_code=202, dependencies=PROJECT)
async def start_task(house: Services, task_id: UUID) -> TaskView:
    """Queue a task that was only set up."""
    return await house.desk.tasks.start(task_id)


@tasks.post("/{task_id}/cancel", dependencies=PROJECT)
async def cancel_task(house: Services, task_id: UUID) -> TaskView:
    """Stop a task, also in the middle of an answer."""
    return await house.desk.tasks.cancel(task_id)


@tasks.post("/{task_id}/retry", status_code=202, dependencies=PROJECT)
async def retry_task(
    house: Services, caller: CurrentCaller, once: Once, task_id: UUID, again: Again
) -> TaskView:
    """The same once more as a new task, with another model, version or settings if given."""

    async def work(new_id: UUID) -> TaskView:
        return await house.desk.tasks.retry(task_id, again, user_id=caller.person_id, new_task_id=new_id)

    return await once(work)  # type: ignore[no-any-return]


@tasks.put("/{task_id}/verdict", dependencies=PROJECT)
async def judge_task(house: Services, task_id: UUID, verdict: Verdict) -> TaskView:
    """Keep what a person thinks of the result."""
    return await house.desk.tasks.judge(task_id, verdict)


@tasks.post("/{task_id}/save", dependencies=PROJECT)
async def save_result(house: Services, task_id: UUID, sink: SinkRef) -> TaskView:
    """Write the result to a document, chapter or post, as a new version or a proposal."""
    return await house.desk.tasks.save(task_id, sink)


@tasks.get(
    "/{task_id}/result",
    dependencies=PROJECT,
    response_class=Response,
    responses={200: {"content": {"text/markdown": {"schema": {"type": "string"}}}}},
)
async def get_result(house: Services, task_id: UUID) -> Response:
    """The result as a file; empty while there is none."""
    task = await house.desk.tasks.get(task_id)
    headers = {"Content-Disposition": f'attachment; filename="{task_id}.md"'}
    return Response((task.text or "").encode(), media_type="text/markdown; charset=utf-8", headers=headers)


@tasks.get("/{task_id}/events", dependencies=PROJECT, response_model=EventPage, responses=STREAM)
async def follow_task(
    request: Request,
    house: Services,
    task_id: UUID,
    after: After = 0,
    limit: Limit = 100,
) -> Any:
    """The task's run, live: `task_text` events carry the answer while it grows, each with the place (`from`) where its
    `text` belongs. Ends with the run; goes on from `Last-Event-ID`."""
    task = await house.desk.tasks.get(task_id)
    topic = f"run:{task.run_id or task_id}"
    start = first_id(request, after)
    ended = task.run_id is not None and (await house.runs.get(task.run_id)).status.ended
    if wants_json(request):
        return await event_page(house, topic, start, limit, ended)
    return await event_stream(request, house, topic, start, ends=_ends, ended=ended, seconds=MOST_SECONDS)


@comparisons.post("", status_code=202, dependencies=SIGNED_IN)
async def compare(house: Services, caller: CurrentCaller, once: Once, wanted: Comparison) -> Grid:
    """Run a task in several variants for several inputs, side by side."""
    await require(house, caller, wanted.task.project_id, "editor")

    async def work(group_id: UUID) -> Grid:
        return await house.desk.tasks.compare(wanted, user_id=caller.person_id, group_id=group_id)

    return await once(work)  # type: ignore[no-any-return]


@comparisons.get("/{group_id}", dependencies=PROJECT)
async def get_comparison(house: Services, group_id: UUID) -> Grid:
    """A comparison as it stands: inputs down, variants across."""
    return await house.desk.tasks.grid(group_id)


# --- datasets and evaluations ---------------------------------------------------------------------


@datasets.get("", dependencies=SIGNED_IN)
async def list_datasets(
    house: Services,
    caller: CurrentCaller,
    project_id: Project = DEFAULT_PROJECT,
    limit: Limit = 50,
    offset: Offset = 0,
) -> list[DatasetInfo]:
    """A project's datasets, by name."""
    await require(house, caller, project_id, "viewer")
    return await house.desk.evaluations.list(project_id, limit=limit, offset=offset)


@datasets.post("", status_code=201, dependencies=SIGNED_IN)
async def create_dataset(house: Services, caller: CurrentCaller, new: NewDataset) -> DatasetView:
    """Inputs with what is expected of the answers to them."""
    await require(house, caller, new.project_id, "editor")
    return await house.desk.evaluations.create(new)


@datasets.get("/{dataset_id}", dependencies=PROJECT)
async def get_dataset(house: Services, dataset_id: UUID) -> DatasetView:
    """One dataset with its items."""
    return await house.desk.evaluations.get(dataset_id)


@datasets.patch("/{dataset_id}", dependencies=PROJECT)
async def change_dataset(house: Services, dataset_id: UUID, change: DatasetChange) -> DatasetView:
    """Change name, description or items; evaluations keep the items that they were run with. 409 where somebody else
    changed it since `expected_edition`."""
    return await house.desk.evaluations.change(dataset_id, change)


@datasets.delete("/{dataset_id}", status_code=204, dependencies=PROJECT)
async def delete_dataset(house: Services, dataset_id: UUID) -> Response:
    """Remove a dataset with its evaluations; their tasks stay in the history."""
    await house.desk.evaluations.remove(dataset_id)
    return Response(status_code=204)


@datasets.post("/{dataset_id}/items-from-tasks", dependencies=PROJECT)
async def add_from_tasks(house: Services, dataset_id: UUID, given: FromHistory) -> DatasetView:
    """Add the inputs of tasks of the history as items; what is expected of the answers is added by `PATCH`."""
    return await house.desk.evaluations.add_from(dataset_id, given)


@datasets.post("/{dataset_id}/estimates", dependencies=PROJECT)
async def estimate_evaluation(house: Services, dataset_id: UUID, new: NewEvaluation) -> EvaluationEstimate:
    """What an evaluation would cost: in all likelihood, and at the very most. Answers what starting it would answer
    where an item does not fit. Nothing is sent or kept."""
    return await house.desk.evaluations.estimate(dataset_id, new)


@datasets.get("/{dataset_id}/evaluations", dependencies=PROJECT)
async def list_evaluations(
    house: Services, dataset_id: UUID, limit: Limit = 50, offset: Offset = 0
) -> list[EvaluationView]:
    """A dataset's evaluations, newest first: how scores went over versions and models."""
    return await house.desk.evaluations.evaluations(dataset_id, limit=limit, offset=offset)


@datasets.post("/{dataset_id}/evaluations", status_code=202, dependencies=PROJECT)
async def evaluate(
    house: Services, caller: CurrentCaller, once: Once, dataset_id: UUID, new: NewEvaluation
) -> EvaluationView:
    """Run variants of a template over a dataset and score the answers."""

    async def work(evaluation_id: UUID) -> EvaluationView:
        return await house.desk.evaluations.evaluate(
            dataset_id, new, user_id=caller.person_id, evaluation_id=evaluation_id
        )

    return await once(work)  # type: ignore[no-any-return]


@evaluations.get("/{evaluation_id}", dependencies=PROJECT)
async def get_evaluation(house: Services, evaluation_id: UUID) -> EvaluationView:
    """One evaluation with its scores. Its tasks are those of the comparison of the same id."""
    return await house.desk.evaluations.evaluation(evaluation_id)


# --- schedules ------------------------------------------------------------------------------------


@schedules.get("", dependencies=SIGNED_IN)
async def list_schedules(
    house: Services,
    caller: CurrentCaller,
    project_id: Project = DEFAULT_PROJECT,
    limit: Limit = 50,
    offset: Offset = 0,
) -> list[ScheduleView]:
    """A project's schedules, by name."""
    await require(house, caller, project_id, "viewer")
    return await house.desk.schedules.list(project_id, limit=limit, offset=offset)


@schedules.post("", status_code=201, dependencies=SIGNED_IN)
async def create_schedule(house: Services, caller: CurrentCaller, new: NewSchedule) -> ScheduleView:
    """Run a task at the times of a cron expression. Times that were missed are made up for once."""
    await require(house, caller, new.project_id, "editor")
    return await house.desk.schedules.create(new)


@schedules.get("/{schedule_id}", dependencies=PROJECT)
async def get_schedule(house: Services, schedule_id: UUID) -> ScheduleView:
    """One schedule."""
    return await house.desk.schedules.get(schedule_id)


@schedules.patch("/{schedule_id}", dependencies=PROJECT)
async def change_schedule(house: Services, schedule_id: UUID, change: ScheduleChange) -> ScheduleView:
    """Change a schedule, or pause it with `active: false`."""
    return await house.desk.schedules.change(schedule_id, change)


@schedules.delete("/{schedule_id}", status_code=204, dependencies=PROJECT)
async def delete_schedule(house: Services, schedule_id: UUID) -> Response:
    """Remove a schedule; its tasks stay in the history."""
    await house.desk.schedules.remove(schedule_id)
    return Response(status_code=204)


def _aware(moment: dt.datetime | None) -> dt.datetime | None:
    return moment.replace(tzinfo=dt.UTC) if moment is not None and moment.tzinfo is None else moment


def _ends(event: Event) -> bool:
    return event.kind in LAST


routers = (tasks, comparisons, datasets, evaluations, schedules)
