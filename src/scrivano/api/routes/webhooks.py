"""Webhooks: programs elsewhere that are told when a run ends or waits for a person."""

from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from scrivano.api.access import OWNERS, PROJECT, SIGNED_IN, CurrentCaller, require
from scrivano.api.dependencies import Limit, Offset, Services
from scrivano.api.values import Line
from scrivano.core.errors import NotAllowed
from scrivano.notifications.public import (
    EVENTS,
    DeliveryDetails,
    DeliveryStatus,
    DeliveryView,
    EventName,
    NewWebhook,
    WebhookView,
)
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.wiring import House

router = APIRouter(prefix="/api/webhooks", tags=["webhooks"])

Url = Annotated[str, Field(min_length=1, max_length=2000, examples=["https://example.org/hooks/scrivano"])]
Events = Annotated[list[EventName], Field(min_length=1, max_length=20)]


async def _owner(house: House, webhook_id: str) -> UUID | None:
    return await house.webhooks.project_of(UUID(webhook_id))


OWNERS["webhook_id"] = _owner


class WebhookOrder(BaseModel):
    """Where to send what."""

    model_config = ConfigDict(extra="forbid")

    project_id: UUID = DEFAULT_PROJECT
    url: Url
    events: Events = list(EVENTS)
    description: Line = ""


class WebhookChange(BaseModel):
    """What to change; what is not given stays."""

    model_config = ConfigDict(extra="forbid")

    url: Url = ""
    events: Events = []
    description: Line = ""
    enabled: bool = True


@router.post("", status_code=201, dependencies=SIGNED_IN)
async def add_webhook(house: Services, caller: CurrentCaller, order: WebhookOrder) -> NewWebhook:
    """A new webhook. Its secret is told here once: messages are signed with it as Standard Webhooks has it
    (`webhook-id`, `webhook-timestamp`, `webhook-signature`).

    The address must be a public one, unless the installation allows a private one.
    """
    await require(house, caller, order.project_id, "editor")
    return await house.webhooks.add(
        order.project_id,
        order.url,
        order.events,
        description=order.description,
        created_by=caller.person_id,
    )


@router.get("", dependencies=SIGNED_IN)
async def list_webhooks(
    house: Services,
    caller: CurrentCaller,
    project_id: Annotated[UUID, Query(description="The project whose events they get.")] = DEFAULT_PROJECT,
    limit: Limit = 50,
    offset: Offset = 0,
) -> list[WebhookView]:
    """A project's webhooks, oldest first, for its editors: an address may hold a secret of its own."""
    await require(house, caller, project_id, "editor")
    return await house.webhooks.list(project_id, limit=limit, offset=offset)


@router.get("/{webhook_id}", dependencies=PROJECT)
async def get_webhook(house: Services, caller: CurrentCaller, webhook_id: UUID) -> WebhookView:
    """One webhook, and why it was turned off if it was. Viewers see of its address only where it is."""
    view = await house.webhooks.get(webhook_id)
    try:
        await require(house, caller, view.project_id, "editor")
    except NotAllowed:
        parts = urlsplit(view.url)
        return view.model_copy(update={"url": f"{parts.scheme}://{parts.hostname}/…"})
    return view


@router.patch("/{webhook_id}", dependencies=PROJECT)
async def change_webhook(house: Services, webhook_id: UUID, change: WebhookChange) -> WebhookView:
    """Change address, events or description, or turn it on or off."""
    return await house.webhooks.change(webhook_id, **change.model_dump(exclude_unset=True))


@router.delete("/{webhook_id}", status_code=204, dependencies=PROJECT)
async def remove_webhook(house: Services, webhook_id: UUID) -> None:
    """Forget a webhook with what was sent to it."""
    await house.webhooks.remove(webhook_id)


@router.post("/{webhook_id}/secret", dependencies=PROJECT)
async def renew_secret(house: Services, webhook_id: UUID) -> NewWebhook:
    """A new secret, told here once. For 24 hours messages carry a signature with the old one as well."""
    return await house.webhooks.renew_secret(webhook_id)


@router.post("/{webhook_id}/ping", status_code=202, dependencies=PROJECT)
async def ping_webhook(house: Services, webhook_id: UUID) -> DeliveryView:
    """Send a message of type `ping`, to try it out."""
    return await house.webhooks.ping(webhook_id)


@router.get("/{webhook_id}/deliveries", dependencies=PROJECT)
async def list_deliveries(
    house: Services,
    webhook_id: UUID,
    status: DeliveryStatus | None = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> list[DeliveryView]:
    """What was sent, or is to be, newest first. Kept for 90 days."""
    return await house.webhooks.deliveries(webhook_id, status=status, limit=limit, offset=offset)


@router.get("/{webhook_id}/deliveries/{delivery_id}", dependencies=PROJECT)
async def get_delivery(house: Services, webhook_id: UUID, delivery_id: UUID) -> DeliveryDetails:
    """One delivery with its body and every attempt: when, how long, what came back."""
    return await house.webhooks.delivery(webhook_id, delivery_id)


@router.post("/{webhook_id}/deliveries/{delivery_id}/send", status_code=202, dependencies=PROJECT)
async def send_again(house: Services, webhook_id: UUID, delivery_id: UUID) -> DeliveryView:
    """Send a delivery again, with the same `webhook-id`, whatever became of it."""
    return await house.webhooks.send_again(webhook_id, delivery_id)
