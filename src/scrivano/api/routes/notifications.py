"""Notifications: what a person should know, such as that a run ended or waits for them."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from scrivano.accounts.public import Caller
from scrivano.api.access import OWNERS, SIGNED_IN, CurrentCaller, refuse_held, require
from scrivano.api.dependencies import Limit, Offset, Services
from scrivano.api.sse import MOST_SECONDS, EventPage, event_page, event_stream, first_id, wants_json
from scrivano.api.values import MOST_ID, After
from scrivano.core.errors import NotFound
from scrivano.notifications.public import NotificationView, topic_of
from scrivano.wiring import House

router = APIRouter(prefix="/api/notifications", tags=["notifications"])

NotificationId = Annotated[int, Path(ge=1, le=MOST_ID)]
Project = Annotated[
    UUID | None, Query(description="Only this project's, and then also what is for all its members.")
]
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
        "description": "Server-sent events; a page of them for `Accept: application/json`.",
    }
}


async def _owner(house: House, notification_id: str) -> UUID | None:
    number = int(notification_id)
    return await house.notifications.project_of(number) if 0 < number <= MOST_ID else None


OWNERS["notification_id"] = _owner


class Unread(BaseModel):
    """How many notifications the caller has not read."""

    unread: int


class ReadUpTo(BaseModel):
    """What was read: everything, or everything up to an id, so that what came meanwhile stays unread."""

    model_config = ConfigDict(extra="forbid")

    project_id: UUID | None = None
    up_to: int | None = Field(default=None, ge=1, le=MOST_ID)


@router.get("", dependencies=SIGNED_IN)
async def list_notifications(
    house: Services,
    caller: CurrentCaller,
    project_id: Project = None,
    unread: Annotated[bool, Query(description="Only what was not read yet.")] = False,
    limit: Limit = 50,
    offset: Offset = 0,
) -> list[NotificationView]:
    """What is for the caller, newest first. Kept for 90 days."""
    project_id = project_id or caller.project_id
    if project_id is not None:
        await require(house, caller, project_id, "viewer")
    return await house.notifications.list(
        caller, project_id=project_id, unread=unread, limit=limit, offset=offset
    )


@router.get("/count", dependencies=SIGNED_IN)
async def count_notifications(house: Services, caller: CurrentCaller, project_id: Project = None) -> Unread:
    """How many the caller has not read."""
    project_id = project_id or caller.project_id
    if project_id is not None:
        await require(house, caller, project_id, "viewer")
    return Unread(unread=await house.notifications.count_unread(caller, project_id=project_id))


@router.get("/events", dependencies=SIGNED_IN, response_model=EventPage, responses=_STREAM)
async def follow_notifications(
    request: Request,
    house: Services,
    caller: CurrentCaller,
    after: After = 0,
    limit: Limit = 100,
    seconds: Annotated[
        float,
        Query(gt=0, le=MOST_SECONDS, description="Close the stream after so many seconds at the latest."),
    ] = MOST_SECONDS,
) -> Response | EventPage:
    """An event `notification` for each new one that is for the caller, from the one after `Last-Event-ID` on."""
    refuse_held(caller)
    topic, start = topic_of(caller), first_id(request, after)
    if wants_json(request):
        return await event_page(house, topic, start, limit, ended=False)
    return await event_stream(request, house, topic, start, seconds=seconds)


@router.post("/read", status_code=204, dependencies=SIGNED_IN)
async def read_all(house: Services, caller: CurrentCaller, which: ReadUpTo) -> None:
    """Note that the caller read everything, or everything up to an id."""
    project_id = which.project_id or caller.project_id
    if project_id is not None:
        await require(house, caller, project_id, "viewer")
    await house.notifications.mark_all(caller, project_id=project_id, up_to=which.up_to)


@router.put("/{notification_id}/read", dependencies=SIGNED_IN)
async def read_one(
    house: Services, caller: CurrentCaller, notification_id: NotificationId
) -> NotificationView:
    """Note that the caller, who may be a viewer, read it."""
    await _may_see(house, caller, notification_id)
    return await house.notifications.mark(caller, notification_id, read=True)


@router.delete("/{notification_id}/read", dependencies=SIGNED_IN)
async def unread_one(
    house: Services, caller: CurrentCaller, notification_id: NotificationId
) -> NotificationView:
    """Note that the caller, who may be a viewer, has not read it yet."""
    await _may_see(house, caller, notification_id)
    return await house.notifications.mark(caller, notification_id, read=False)


async def _may_see(house: House, caller: Caller, notification_id: int) -> None:
    project_id = await house.notifications.project_of(notification_id)
    if project_id is None:
        raise NotFound(f"There is no notification {notification_id}.")
    await require(house, caller, project_id, "viewer")
