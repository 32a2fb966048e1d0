"""What people are told, and webhooks, as others see them."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from scrivano.core.errors import NotFound

EventName = Literal["run.succeeded", "run.failed", "run.cancelled", "run.waiting"]
EVENTS: tuple[EventName, ...] = ("run.succeeded", "run.failed", "run.cancelled", "run.waiting")
"""What a webhook can be told of."""

PING = "ping"
DeliveryStatus = Literal["pending", "delivered", "failed"]


class NotificationNotFound(NotFound):
    """There is no such notification."""


class WebhookNotFound(NotFound):
    """There is no such webhook."""


class DeliveryNotFound(NotFound):
    """There is no such delivery."""


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class NotificationView(_View):
    """Something that a person should know. `kind` is as in webhooks, `data` says what it is about."""

    id: int
    project_id: UUID
    person_id: UUID | None = Field(description="Whom it is for; null for all members of the project.")
    kind: str = Field(examples=["run.waiting"])
    data: dict[str, Any] = Field(
        examples=[{"run_id": "0199c2f4-…", "pipeline": "write_book", "waiting_for": "outline"}]
    )
    created_at: datetime
    read_at: datetime | None


class WebhookView(_View):
    """A URL that is told of events, without its secret."""

    id: UUID
    project_id: UUID
    url: str
    description: str
    events: tuple[str, ...]
    enabled: bool
    disabled_reason: str | None = Field(description="Why Scrivano turned it off, if it did.")
    created_at: datetime
    updated_at: datetime


class NewWebhook(_View):
    """A webhook that was just made, or given a new secret. `secret` is told here and never again."""

    webhook: WebhookView
    secret: str = Field(repr=False, description="`whsec_` and 32 bytes in base64.")


class DeliveryView(_View):
    """One event on its way to one webhook. `due_at` is when it is tried next."""

    id: UUID = Field(description="Also the header `webhook-id`, the same in every attempt.")
    webhook_id: UUID
    event: str
    status: DeliveryStatus
    tries: int
    due_at: datetime | None
    created_at: datetime
    finished_at: datetime | None


class AttemptView(_View):
    """One try of a delivery. Without `seconds` the process that tried it ended in the middle."""

    number: int
    begun_at: datetime
    seconds: float | None
    status_code: int | None
    answer: str = Field(description="How the answer's body begins.")
    error: str | None


class DeliveryDetails(_View):
    """A delivery with the body that is sent, and its attempts, oldest first."""

    delivery: DeliveryView
    body: str
    attempts: tuple[AttemptView, ...]
