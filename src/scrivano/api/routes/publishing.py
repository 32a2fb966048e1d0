"""Publishing targets: places that posts go to, and what went there."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from scrivano.accounts.public import Caller
from scrivano.api.access import OWNERS, PROJECT, PUBLIC, SIGNED_IN, CurrentCaller
from scrivano.api.dependencies import Limit, Offset, Services
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.publishing.public import (
    KindView,
    NewTarget,
    PublicationEvent,
    PublicationView,
    TargetChange,
    TargetView,
)
from scrivano.wiring import House

router = APIRouter(prefix="/api/publishing-targets", tags=["publishing"])
feeds = APIRouter(tags=["publishing"])


async def _target(house: House, value: str) -> UUID | None:
    return await house.publishing.project_of(UUID(value))


OWNERS["target_id"] = _target


@router.get("/kinds", dependencies=SIGNED_IN)
async def list_kinds(house: Services) -> list[KindView]:
    """The kinds of places there are, with the settings that each uses and needs."""
    return house.publishing.kinds()


@router.get("", dependencies=PROJECT)
async def list_targets(
    house: Services, project_id: UUID = DEFAULT_PROJECT, limit: Limit = 100, offset: Offset = 0
) -> list[TargetView]:
    """A project's targets, by name. Secrets never come back out."""
    return await house.publishing.targets(project_id, limit=limit, offset=offset)


@router.post("", status_code=201, dependencies=PROJECT)
async def add_target(
    house: Services, caller: CurrentCaller, target: NewTarget, project_id: UUID = DEFAULT_PROJECT
) -> TargetView:
    """Add a target. Nothing is sent there yet; look at a post's publishing preview to try it."""
    return await house.publishing.add_target(target, project_id=project_id, private=_may_be_private(caller))


@router.get("/{target_id}", dependencies=PROJECT)
async def get_target(house: Services, target_id: UUID) -> TargetView:
    """One target."""
    return await house.publishing.get_target(target_id)


@router.patch("/{target_id}", dependencies=PROJECT)
async def change_target(
    house: Services, caller: CurrentCaller, target_id: UUID, change: TargetChange
) -> TargetView:
    """Change settings or secret. A changed address or user needs the secret again."""
    return await house.publishing.change_target(target_id, change, private=_may_be_private(caller))


@router.delete("/{target_id}", status_code=204, dependencies=PROJECT)
async def remove_target(house: Services, target_id: UUID) -> None:
    """Forget a target and the record of what went there. What is there stays there."""
    await house.publishing.remove_target(target_id)


@router.get("/{target_id}/publications", dependencies=PROJECT)
async def list_publications(
    house: Services, target_id: UUID, limit: Limit = 100, offset: Offset = 0
) -> list[PublicationView]:
    """What went there, the newest first."""
    await house.publishing.get_target(target_id)
    return await house.publishing.publications(target_id=target_id, limit=limit, offset=offset)


@router.get("/{target_id}/history", dependencies=PROJECT)
async def publication_history(
    house: Services,
    target_id: UUID,
    marker: Annotated[UUID, Query(description="The post's id.")],
) -> list[PublicationEvent]:
    """What happened to a post there, the oldest first."""
    await house.publishing.get_target(target_id)
    return await house.publishing.history(target_id, str(marker))


@feeds.get(
    "/feeds/{target_id}.atom",
    response_class=Response,
    responses={200: {"content": {"application/atom+xml": {}}, "description": "The feed."}},
    dependencies=PUBLIC,
)
async def get_feed(house: Services, target_id: UUID) -> Any:
    """A feed's document (RFC 4287), for anybody who knows its address."""
    return Response(await house.publishing.feed(target_id), media_type="application/atom+xml")


def _may_be_private(caller: Caller) -> bool:
    """Only administrators may name places on this machine and in private networks."""
    return caller.role == "administrator" and caller.project_id is None
