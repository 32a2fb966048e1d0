"""What other rooms may use of notifications."""

from scrivano.notifications.courier import Courier
from scrivano.notifications.dto import (
    EVENTS,
    AttemptView,
    DeliveryDetails,
    DeliveryStatus,
    DeliveryView,
    EventName,
    NewWebhook,
    NotificationView,
    WebhookView,
)
from scrivano.notifications.service import Notifications, topic_of
from scrivano.notifications.webhooks import Webhooks

__all__ = [
    "EVENTS",
    "AttemptView",
    "Courier",
    "DeliveryDetails",
    "DeliveryStatus",
    "DeliveryView",
    "EventName",
    "NewWebhook",
    "NotificationView",
    "Notifications",
    "WebhookView",
    "Webhooks",
    "topic_of",
]
