"""Use-cases of webhooks: set up, look at what was sent, send again."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.errors import Conflict, InvalidInput, LimitReached
from scrivano.core.ids import new_id
from scrivano.core.outbound import Outbound
from scrivano.core.secrets import Resealing, SecretBox
from scrivano.notifications import repo
from scrivano.notifications.dto import (
    EVENTS,
    PING,
    DeliveryDetails,
    DeliveryNotFound,
    DeliveryStatus,
    DeliveryView,
    NewWebhook,
    WebhookNotFound,
    WebhookView,
)
from scrivano.notifications.models import DeliveryRow, WebhookRow
from scrivano.notifications.rows import attempt_of, body_of, delivery_of, webhook_of
from scrivano.notifications.signing import new_secret

MOST_WEBHOOKS = 50
OLD_SECRET_LASTS = timedelta(hours=24)
_LONGEST_URL = 2000


def place_of(webhook_id: UUID) -> str:
    """What a webhook's secret is bound to at rest."""
    return f"webhook {webhook_id}"


class Webhooks:
    """URLs that are told of events. Their secrets are encrypted at rest."""

    def __init__(
        self, database: Database, *, secret_box: Callable[[], SecretBox], private_hosts: str = ""
    ) -> None:
        """`private_hosts` are the private addresses that may be told, as in the settings; without them only
        public ones may, not even this machine."""
        self._database = database
        self._secret_box = secret_box
        self.outbound = Outbound(private_hosts.split(","))

    async def add(
        self,
        project_id: UUID,
        url: str,
        events: Sequence[str] = EVENTS,
        *,
        description: str = "",
        created_by: UUID | None = None,
    ) -> NewWebhook:
        """A new webhook with its secret, which cannot be had again.

        Raises InvalidInput for a bad URL or an unknown event, NotAllowed for a private address.
        """
        await self._check_url(url)
        webhook_id, secret, moment = new_id(), new_secret(), clock.now()
        row = WebhookRow(
            id=webhook_id,
            project_id=project_id,
            url=url,
            description=description,
            events=_checked_events(events),
            secret=self._secret_box().seal(secret, place_of(webhook_id)),
            old_secret=None,
            old_secret_until=None,
            enabled=True,
            disabled_reason=None,
            created_by=created_by,
            created_at=moment,
            updated_at=moment,
        )
        async with self._database.begin() as session:
            if await repo.count_webhooks(session, project_id) >= MOST_WEBHOOKS:
                raise LimitReached(
                    f"The project has {MOST_WEBHOOKS} webhooks, which is the most.",
                    remedy="Remove one first.",
                )
            await repo.add_webhook(session, row)
        return NewWebhook(webhook=webhook_of(row), secret=secret)

    async def _check_url(self, url: str) -> None:
        wrong = InvalidInput(
            f"{url[:200]!r} is no address that can be told.",
            field="url",
            remedy="Give one such as https://example.org/hooks/scrivano, without user name and password.",
        )
        strange = any(ord(c) < 33 or ord(c) == 127 for c in url)
        try:
            parts = urlsplit(url)
            fine = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            raise wrong from None
        if strange or not fine or parts.username or parts.password or len(url) > _LONGEST_URL:
            raise wrong
        await self.outbound.check(url, "url")

    async def get(self, webhook_id: UUID) -> WebhookView:
        """One webhook. Raises WebhookNotFound."""
        async with self._database.read() as session:
            return webhook_of(await _webhook(session, webhook_id))

    async def project_of(self, webhook_id: UUID) -> UUID | None:
        """The project of a webhook; None where there is no such webhook."""
        async with self._database.read() as session:
            row = await repo.get_webhook(session, webhook_id)
        return row.project_id if row is not None else None

    async def list(self, project_id: UUID, *, limit: int = 50, offset: int = 0) -> list[WebhookView]:
        """A project's webhooks, oldest first."""
        async with self._database.read() as session:
            rows = await repo.list_webhooks(session, project_id, limit=limit, offset=offset)
        return [webhook_of(row) for row in rows]

    async def change(self, webhook_id: UUID, **changes: Any) -> WebhookView:
        """Change `url`, `events`, `description` or `enabled`; what is not given stays. Raises as `add` does."""
        if "url" in changes:
            await self._check_url(changes["url"])
        if "events" in changes:
            changes["events"] = _checked_events(changes["events"])
        async with self._database.begin() as session:
            row = await _webhook(session, webhook_id, lock=True)
            for name, value in changes.items():
                setattr(row, name, value)
            if row.enabled:
                row.disabled_reason = None
            row.updated_at = clock.now()
            return webhook_of(row)

    async def renew_secret(self, webhook_id: UUID) -> NewWebhook:
        """A new secret. For 24 hours messages are signed with the old one as well. Raises WebhookNotFound."""
        secret = new_secret()
        async with self._database.begin() as session:
            row = await _webhook(session, webhook_id, lock=True)
            row.old_secret, row.old_secret_until = row.secret, clock.now() + OLD_SECRET_LASTS
            row.secret = self._secret_box().seal(secret, place_of(webhook_id))
            row.updated_at = clock.now()
            return NewWebhook(webhook=webhook_of(row), secret=secret)

    async def reseal(self, resealing: Resealing) -> None:
        """Encrypt all webhooks' secrets with the newest key of this installation."""
        async with self._database.begin() as session:
            for row in await repo.all_webhooks(session):
                place, name = place_of(row.id), f"the secret of the webhook {row.id}"
                row.secret = resealing.again(row.secret, place, name)
                if row.old_secret is not None:
                    row.old_secret = resealing.again(row.old_secret, place, name)

    async def remove(self, webhook_id: UUID) -> None:
        """Forget a webhook with what was sent to it. Raises WebhookNotFound."""
        async with self._database.begin() as session:
            await _webhook(session, webhook_id)
            await repo.delete_webhook(session, webhook_id)

    async def ping(self, webhook_id: UUID) -> DeliveryView:
        """Send a test message. Raises WebhookNotFound, Conflict where the webhook is off."""
        async with self._database.begin() as session:
            row = await _webhook(session, webhook_id)
            _check_enabled(row)
            data = {"webhook_id": str(row.id), "project_id": str(row.project_id)}
            return delivery_of(await repo.add_delivery(session, webhook_id, PING, data))

    async def deliveries(
        self, webhook_id: UUID, *, status: DeliveryStatus | None = None, limit: int = 50, offset: int = 0
    ) -> "list[DeliveryView]":
        """What was sent to a webhook, or is to be, newest first. Raises WebhookNotFound."""
        async with self._database.read() as session:
            await _webhook(session, webhook_id)
            rows = await repo.list_deliveries(session, webhook_id, status=status, limit=limit, offset=offset)
        return [delivery_of(row) for row in rows]

    async def delivery(self, webhook_id: UUID, delivery_id: UUID) -> DeliveryDetails:
        """One of a webhook's deliveries with its attempts. Raises DeliveryNotFound."""
        async with self._database.read() as session:
            row = await _delivery(session, webhook_id, delivery_id)
            attempts = await repo.attempts_of(session, delivery_id)
        return DeliveryDetails(
            delivery=delivery_of(row),
            body=body_of(row).decode(),
            attempts=tuple(attempt_of(attempt) for attempt in attempts),
        )

    async def send_again(self, webhook_id: UUID, delivery_id: UUID) -> DeliveryView:
        """Send a delivery again, whatever became of it. Raises DeliveryNotFound, Conflict where the webhook is off."""
        async with self._database.begin() as session:
            _check_enabled(await _webhook(session, webhook_id))
            row = await _delivery(session, webhook_id, delivery_id, lock=True)
            await repo.send_again(session, row, clock.now())
            return delivery_of(row)


async def _webhook(session: AsyncSession, webhook_id: UUID, *, lock: bool = False) -> WebhookRow:
    row = await repo.get_webhook(session, webhook_id, lock=lock)
    if row is None:
        raise WebhookNotFound(f"There is no webhook {webhook_id}.")
    return row


async def _delivery(
    session: AsyncSession, webhook_id: UUID, delivery_id: UUID, *, lock: bool = False
) -> DeliveryRow:
    row = await repo.get_delivery(session, delivery_id, lock=lock)
    if row is None or row.webhook_id != webhook_id:
        raise DeliveryNotFound(f"The webhook has no delivery {delivery_id}.")
    return row


def _check_enabled(row: WebhookRow) -> None:
    if not row.enabled:
        raise Conflict("The webhook is turned off.", field="enabled", remedy="Turn it on first.")


def _checked_events(events: Sequence[str]) -> "list[str]":
    unknown = sorted(set(events) - set(EVENTS))
    if unknown or not events:
        raise InvalidInput(
            f"There are no events {', '.join(unknown)}." if unknown else "A webhook needs an event.",
            field="events",
            remedy=f"Choose from: {', '.join(EVENTS)}.",
        )
    return sorted(set(events))
