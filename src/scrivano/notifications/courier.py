"""Sends what is due to webhooks. Any number of couriers share one database."""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import aiohttp
import psycopg
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core import clock, crashpoints
from scrivano.core.database import Database
from scrivano.core.outbound import Outbound
from scrivano.core.outbound_http import connector
from scrivano.core.secrets import SecretBox, SecretLost
from scrivano.notifications import repo, signing
from scrivano.notifications.rows import body_of
from scrivano.notifications.service import Notifications
from scrivano.notifications.webhooks import place_of

DELAYS = (5.0, 60.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 86_400.0)
"""Seconds from each failed attempt to the next; after the last one a delivery is given up."""

CLAIM_SECONDS = 60.0
"""How long a courier may take over an attempt. One that died with it leaves it to others after that."""

_PATIENCE = 15.0
_AT_ONCE = 16
_ANSWER_KEPT = 1000
_LONGEST_WAIT = 300.0
_RETRY_SECONDS = 2.0
_JITTER = 0.1
_FORGET_EVERY = 3600.0
_GONE = 410
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Letter:
    """Everything that an attempt needs, read beforehand."""

    delivery_id: UUID
    number: int
    url: str
    body: bytes
    secrets: list[str]


@dataclass(frozen=True)
class _Outcome:
    status_code: int | None = None
    answer: str = ""
    error: str | None = None
    retry_after: float | None = None

    @property
    def delivered(self) -> bool:
        return self.status_code is not None and 200 <= self.status_code < 300


class Courier:
    """Delivers at least once: a receiver knows a message that comes twice by its `webhook-id`."""

    def __init__(
        self,
        database: Database,
        notifications: Notifications,
        outbound: Outbound,
        *,
        secret_box: Callable[[], SecretBox],
        claim_seconds: float = CLAIM_SECONDS,
    ) -> None:
        self._database = database
        self._notifications = notifications
        self._outbound = outbound
        self._secret_box = secret_box
        self._claim_seconds = claim_seconds
        self._news = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Send what becomes due, for as long as the block lasts."""
        tasks = [
            asyncio.create_task(self._listen(), name="webhooks: listening"),
            asyncio.create_task(self._run(), name="webhooks: sending"),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def send_due(self) -> int:
        """Send all that is due now; returns how many attempts were made."""
        made = 0
        while True:
            async with self._database.begin() as session:
                claimed = await repo.claim(session, _AT_ONCE, self._claim_seconds)
            if not claimed:
                return made
            crashpoints.reach("webhooks.claimed")
            await asyncio.gather(*(self._attempt(delivery_id, number) for delivery_id, number in claimed))
            made += len(claimed)

    async def _run(self) -> None:
        forgotten = monotonic()
        while True:
            self._news.clear()
            try:
                await self.send_due()
                if monotonic() - forgotten > _FORGET_EVERY:
                    await self._notifications.forget_old()
                    forgotten = monotonic()
                async with self._database.begin() as session:
                    due = await repo.next_due(session)
            except (SQLAlchemyError, psycopg.Error, OSError) as error:
                _log.warning("Webhooks cannot be sent, trying again: %s", error)
                due = _RETRY_SECONDS
            wait = min(_LONGEST_WAIT, max(0.05, due if due is not None else _LONGEST_WAIT))
            try:
                async with asyncio.timeout(wait):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def _listen(self) -> None:
        """Hear at once that something is to be sent."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._database.url, autocommit=True, keepalives_idle=5, keepalives_count=3
                ) as connection:
                    await connection.execute(repo.LISTEN)
                    self._news.set()
                    async for _ in connection.notifies():
                        self._news.set()
            except psycopg.Error as error:
                _log.warning("Lost the connection that hears of webhooks, connecting again: %s", error)
            await asyncio.sleep(_RETRY_SECONDS)

    async def _attempt(self, delivery_id: UUID, number: int) -> None:
        letter = await self._letter(delivery_id, number)
        begun = monotonic()
        outcome = letter if isinstance(letter, _Outcome) else await self._post(letter)
        crashpoints.reach("webhooks.sent")
        await self._note(delivery_id, number, outcome, monotonic() - begun)

    async def _letter(self, delivery_id: UUID, number: int) -> _Letter | _Outcome:
        async with self._database.read() as session:
            row = await repo.get_delivery(session, delivery_id)
            webhook = await repo.get_webhook(session, row.webhook_id) if row is not None else None
        if row is None or webhook is None or not webhook.enabled:
            return _Outcome(status_code=_GONE, error="The webhook is turned off.")
        sealed = [webhook.secret]
        if webhook.old_secret is not None and (webhook.old_secret_until or clock.now()) > clock.now():
            sealed.append(webhook.old_secret)
        try:
            opened = [self._secret_box().open(secret, place_of(webhook.id)) for secret in sealed]
        except SecretLost as lost:
            return _Outcome(error=f"{lost.message} Renew the webhook's secret.")
        return _Letter(delivery_id, number, webhook.url, body_of(row), opened)

    async def _post(self, letter: _Letter) -> _Outcome:
        """One request. A redirect is not followed: it is an answer like any other that is not 2xx."""
        headers = signing.headers(
            letter.secrets, str(letter.delivery_id), int(clock.now().timestamp()), letter.body
        )
        try:
            async with (
                aiohttp.ClientSession(
                    connector=connector(self._outbound, force_close=True),
                    timeout=aiohttp.ClientTimeout(total=_PATIENCE),
                    cookie_jar=aiohttp.DummyCookieJar(),
                    trust_env=False,
                ) as http,
                http.post(letter.url, data=letter.body, headers=headers, allow_redirects=False) as answer,
            ):
                start = await answer.content.read(_ANSWER_KEPT)
                return _Outcome(
                    status_code=answer.status,
                    answer=start.decode("utf-8", "replace").replace("\x00", ""),
                    error=None if answer.ok and answer.status < 300 else f"It answered {answer.status}.",
                    retry_after=_seconds(answer.headers.get("Retry-After", "")),
                )
        except TimeoutError:
            return _Outcome(error=f"It did not answer within {_PATIENCE:.0f} seconds.")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return _Outcome(error=f"{type(error).__name__}: {error}"[:500].replace("\x00", ""))

    async def _note(self, delivery_id: UUID, number: int, outcome: _Outcome, seconds: float) -> None:
        """Keep how it went, and when it is tried again, if it is."""
        async with self._database.begin() as session:
            values: dict[str, Any] = {
                "seconds": seconds,
                "status_code": outcome.status_code,
                "answer": outcome.answer,
                "error": outcome.error,
            }
            await repo.note_attempt(session, delivery_id, number, **values)
            row = await repo.get_delivery(session, delivery_id, lock=True)
            if row is None or row.status != "pending":
                return
            if outcome.delivered:
                row.status, row.due_at, row.finished_at = "delivered", None, clock.now()
            elif outcome.status_code == _GONE or row.tries > len(DELAYS):
                row.status, row.due_at, row.finished_at = "failed", None, clock.now()
                if outcome.status_code == _GONE:
                    await self._turn_off(session, row.webhook_id)
            else:
                row.due_at = clock.now() + timedelta(seconds=_delay(row.tries, outcome.retry_after))

    async def _turn_off(self, session: AsyncSession, webhook_id: UUID) -> None:
        webhook = await repo.get_webhook(session, webhook_id, lock=True)
        if webhook is not None and webhook.enabled:
            webhook.enabled = False
            webhook.disabled_reason = "It answered 410: it wants nothing more."


def _delay(tries: int, asked: float | None) -> float:
    """Seconds to wait after so many tries, a little more or less, so that not all come back at once."""
    usual = DELAYS[min(tries, len(DELAYS)) - 1] * random.uniform(1 - _JITTER, 1 + _JITTER)
    return max(usual, min(asked or 0.0, DELAYS[-1]))


def _seconds(header: str) -> float | None:
    return float(header) if header.isascii() and header.isdigit() and len(header) < 8 else None
