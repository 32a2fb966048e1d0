"""Runs and live events, of a run and of a project."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from scrivano.api.access import PROJECT, SIGNED_IN, CurrentCaller, require
from scrivano.api.dependencies import Limit, Offset, Services
from scrivano.api.idempotency import Once
from scrivano.api.sse import LAST, MOST_SECONDS, EventPage, event_page, event_stream, first_id, wants_json
from scrivano.api.values import After, JsonObject, Line
from scrivano.events.public import Event
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.runs.public import RunStatus, RunView, StepView

router = APIRouter(prefix="/api/runs", tags=["runs"])
project_router = APIRouter(prefix="/api/projects", tags=["runs"])

RunId = Annotated[str, Path(max_length=400, pattern=r"^[^\x00:]+$", description="The run's id.")]
Gate = Annotated[
    str, Path(max_length=200, pattern=r"^[^\x00]+$", description="What waits, such as `outline`.")
]
Seconds = Annotated[
    float, Query(gt=0, le=MOST_SECONDS, description="Close the stream after so many seconds at the latest.")
]
STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
        "description": "Server-sent events; a page of them for `Accept: application/json`.",
    },
    204: {"description": "All was told, and nothing more will come."},
}


class Answer(BaseModel):
    """A person's answer at a gate; `data` is the changed version, if they changed it."""

    approved: bool
    data: JsonObject | None = None


class Fork(BaseModel):
    """Where to begin anew."""

    from_step: Line


class Ceiling(BaseModel):
    """A new ceiling for what a run may cost."""

    max_cost: float | None = Field(default=None, ge=0, lt=1_000_000, description="US dollars.")


@router.get("", dependencies=SIGNED_IN)
async def list_runs(
    house: Services,
    caller: CurrentCaller,
    project_id: UUID = DEFAULT_PROJECT,
    status: RunStatus | None = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> list[RunView]:
    """Runs of a project, newest first."""
    await require(house, caller, project_id, "viewer")
    return await house.runs.list(limit=limit, offset=offset, status=status, project_id=project_id)


@router.get("/{run_id}", dependencies=PROJECT)
async def get_run(house: Services, run_id: RunId) -> RunView:
    """One run."""
    return await house.runs.get(run_id)


@router.get("/{run_id}/steps", dependencies=PROJECT)
async def list_steps(house: Services, run_id: RunId) -> list[StepView]:
    """The steps taken so far."""
    return await house.runs.steps(run_id)


@router.post("/{run_id}/gates/{gate}", dependencies=PROJECT)
async def answer_gate(house: Services, run_id: RunId, gate: Gate, answer: Answer) -> RunView:
    """Approve or reject what the run waits for."""
    await house.runs.approve(run_id, gate, approved=answer.approved, data=answer.data)
    return await house.runs.get(run_id)


@router.post("/{run_id}/cancel", dependencies=PROJECT)
async def cancel_run(house: Services, run_id: RunId) -> RunView:
    """Stop a run, also in the middle of an answer."""
    await house.runs.cancel(run_id)
    return await house.runs.get(run_id)


@router.post("/{run_id}/resume", dependencies=PROJECT)
async def resume_run(house: Services, run_id: RunId, ceiling: Ceiling | None = None) -> RunView:
    """Go on from the last finished step, under another ceiling if one is given. Repeating it changes nothing."""
    await house.runs.get(run_id)
    if ceiling is not None and ceiling.max_cost is not None:
        await house.llm.set_budget("run", run_id, ceiling.max_cost)
    await house.runs.resume(run_id)
    return await house.runs.get(run_id)


@router.post("/{run_id}/retry", status_code=202, dependencies=PROJECT, response_model=RunView)
async def retry_run(house: Services, run_id: RunId, once: Once) -> Any:
    """The same work again from the beginning, as a new run."""

    async def work(_: UUID) -> RunView:
        return await house.runs.get(await house.runs.retry(run_id))

    return await once(work)


@router.post("/{run_id}/fork", status_code=202, dependencies=PROJECT, response_model=RunView)
async def fork_run(house: Services, run_id: RunId, fork: Fork, once: Once) -> Any:
    """A new run that keeps what came before a step."""

    async def work(_: UUID) -> RunView:
        return await house.runs.get(await house.runs.fork(run_id, fork.from_step))

    return await once(work)


@router.get("/{run_id}/events", dependencies=PROJECT, response_model=EventPage, responses=STREAM)
async def follow_run(
    request: Request,
    house: Services,
    run_id: RunId,
    after: After = 0,
    limit: Limit = 100,
    seconds: Seconds = MOST_SECONDS,
) -> Any:
    """Everything that happens in a run, from the event after `Last-Event-ID` on; ends when the run does.

    `step_started`, `step_finished` and `step_failed` tell the stage and its item, `chapter_text` the words so far
    with the text as it grows (a piece belongs at character `from`), `model_answered` tokens a second and the cost so
    far, `run_waiting` that a person has to decide.
    """
    ended = (await house.runs.get(run_id)).status.ended
    topic, start = f"run:{run_id}", first_id(request, after)
    if wants_json(request):
        return await event_page(house, topic, start, limit, ended)
    return await event_stream(request, house, topic, start, ends=_ended, ended=ended, seconds=seconds)


@project_router.get("/{project_id}/events", dependencies=PROJECT, response_model=EventPage, responses=STREAM)
async def follow_project(
    request: Request,
    house: Services,
    caller: CurrentCaller,
    project_id: UUID,
    after: After = 0,
    limit: Limit = 100,
    seconds: Seconds = MOST_SECONDS,
) -> Response | EventPage:
    """Everything that happens in a project's runs, from the event after `Last-Event-ID` on, without end.

    The same events as those of a run, each with its `run_id`.
    """
    await house.projects.get(project_id, caller)
    topic, start = f"project:{project_id}", first_id(request, after)
    if wants_json(request):
        return await event_page(house, topic, start, limit, ended=False)
    return await event_stream(request, house, topic, start, seconds=seconds)


def _ended(event: Event) -> bool:
    return event.kind in LAST
