"""Runs and their live events."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from scrivano.api.dependencies import Limit, Offset, Services
from scrivano.api.sse import event_stream
from scrivano.runs.public import RunView, StepView

router = APIRouter(prefix="/api/runs", tags=["runs"])


class Answer(BaseModel):
    """A person's answer at a gate; `data` is the changed version, if they changed it."""

    approved: bool
    data: dict[str, Any] | None = None


class Fork(BaseModel):
    """Where to begin anew."""

    from_step: str


@router.get("")
async def list_runs(
    house: Services, limit: Limit = 50, offset: Offset = 0, status: str | None = None
) -> list[RunView]:
    """Runs, newest first."""
    return await house.runs.list(limit=limit, offset=offset, status=status)


@router.get("/{run_id}")
async def get_run(house: Services, run_id: str) -> RunView:
    """One run."""
    return await house.runs.get(run_id)


@router.get("/{run_id}/steps")
async def list_steps(house: Services, run_id: str) -> list[StepView]:
    """The steps taken so far."""
    return await house.runs.steps(run_id)


@router.post("/{run_id}/gates/{gate}")
async def answer_gate(house: Services, run_id: str, gate: str, answer: Answer) -> RunView:
    """Approve or reject what the run waits for."""
    await house.runs.approve(run_id, gate, approved=answer.approved, data=answer.data)
    return await house.runs.get(run_id)


@router.post("/{run_id}/cancel")
async def cancel_run(house: Services, run_id: str) -> RunView:
    """Stop a run, also in the middle of an answer."""
    await house.runs.cancel(run_id)
    return await house.runs.get(run_id)


@router.post("/{run_id}/resume")
async def resume_run(house: Services, run_id: str) -> RunView:
    """Go on from the last finished step."""
    await house.runs.resume(run_id)
    return await house.runs.get(run_id)


@router.post("/{run_id}/retry", status_code=202)
async def retry_run(house: Services, run_id: str) -> RunView:
    """The same work again from the beginning, as a new run."""
    return await house.runs.get(await house.runs.retry(run_id))


@router.post("/{run_id}/fork", status_code=202)
async def fork_run(house: Services, run_id: str, fork: Fork) -> RunView:
    """A new run that keeps what came before a step."""
    return await house.runs.get(await house.runs.fork(run_id, fork.from_step))


@router.get(
    "/{run_id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "Server-sent events."}},
)
async def follow_run(
    request: Request,
    house: Services,
    run_id: str,
    last_event_id: Annotated[str | None, Header()] = None,
    after: Annotated[int, Query(ge=0, description="Only events with a greater id.")] = 0,
) -> Any:
    """Everything that happens in a run, from the event after `Last-Event-ID` on; ends when the run does."""
    await house.runs.get(run_id)
    start = int(last_event_id) if last_event_id and last_event_id.isdigit() else after
    return event_stream(request, house, run_id, start)
