"""Rows of `notifications` as others see them, and the body that a webhook gets."""

from datetime import datetime

import orjson

from scrivano.notifications.dto import AttemptView, DeliveryView, NotificationView, WebhookView
from scrivano.notifications.models import AttemptRow, DeliveryRow, NotificationRow, WebhookRow


def notification_of(row: NotificationRow, read_at: datetime | None) -> NotificationView:
    """A notification as its reader sees it."""
    return NotificationView(
        id=row.id,
        project_id=row.project_id,
        person_id=row.person_id,
        kind=row.kind,
        data=row.data,
        created_at=row.created_at,
        read_at=read_at,
    )


def webhook_of(row: WebhookRow) -> WebhookView:
    """A webhook without its secret."""
    return WebhookView.model_validate(row, from_attributes=True)


def delivery_of(row: DeliveryRow) -> DeliveryView:
    """A delivery without its body."""
    return DeliveryView.model_validate(row, from_attributes=True)


def attempt_of(row: AttemptRow) -> AttemptView:
    """One try."""
    return AttemptView.model_validate(row, from_attributes=True)


def body_of(row: DeliveryRow) -> bytes:
    """What is sent: the same bytes in every attempt."""
    told = {"type": row.event, "timestamp": row.created_at, "data": row.data}
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
