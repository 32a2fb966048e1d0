"""Webhooks: signed, retried, never lost, and no way into the private network."""

import asyncio
import base64
import hashlib
import hmac
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import psycopg
import pytest
from aiohttp import web

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.errors import Conflict, InvalidInput, NotAllowed
from scrivano.core.ids import new_id
from scrivano.core.outbound import Outbound
from scrivano.core.secrets import SecretBox
from scrivano.notifications.courier import DELAYS
from scrivano.notifications.public import Courier, DeliveryDetails, Notifications, Webhooks
from scrivano.projects.public import DEFAULT_PROJECT

KEY = bytes(range(32))
CHILD = Path(__file__).with_name("courier_child.py")


@dataclass
class Receiver:
    """A program that is told; it answers with the statuses in `answers`, then 200."""

    url: str = ""
    answers: list[int] = field(default_factory=list[int])
    headers: dict[str, str] = field(default_factory=dict[str, str])
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list[tuple[dict[str, str], bytes]])

    async def take(self, request: web.Request) -> web.Response:
        """One message."""
        self.got.append((dict(request.headers), await request.read()))
        return web.Response(
            status=self.answers.pop(0) if self.answers else 200, text="thanks", headers=self.headers
        )


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    app = web.Application()
    app.router.add_post("/hook", made.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"{site.name}/hook"
    yield made
    await runner.cleanup()


@pytest.fixture
def webhooks(database: Database) -> Webhooks:
    box = SecretBox(KEY)
    return Webhooks(database, secret_box=lambda: box, private_hosts="127.0.0.1")


@pytest.fixture
def courier(database: Database, webhooks: Webhooks) -> Courier:
    box = SecretBox(KEY)
    return Courier(database, Notifications(database), webhooks.outbound, secret_box=lambda: box)


def finish_run(
    url: str, status: str = "succeeded", project: UUID = DEFAULT_PROJECT, user: str | None = None
) -> str:
    """A run that ends, as the engine's trigger writes it."""
    run_id = str(new_id())
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO runs (id, pipeline, input, project_id, user_id) VALUES (%s, 'write_book', '{}', %s, %s)",
            [run_id, str(project), user],
        )
        connection.execute("UPDATE runs SET status = %s WHERE id = %s", [status, run_id])
    return run_id


async def last(webhooks: Webhooks, webhook_id: UUID) -> DeliveryDetails:
    """The newest delivery."""
    delivery = (await webhooks.deliveries(webhook_id))[0]
    return await webhooks.delivery(webhook_id, delivery.id)


def make_due(url: str) -> None:
    """Let the time pass until everything that waits is due."""
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE webhook_deliveries SET due_at = now() WHERE status = 'pending'")


async def test_the_end_of_a_run_is_told_once_and_signed(
    database_url: str, webhooks: Webhooks, courier: Courier, receiver: Receiver
) -> None:
    made = await webhooks.add(DEFAULT_PROJECT, receiver.url, ["run.succeeded"])
    run_id = finish_run(database_url)
    finish_run(database_url, "failed")
    finish_run(database_url, project=new_id())
    assert await courier.send_due() == 1
    assert await courier.send_due() == 0
    [(headers, body)] = receiver.got
    told = orjson.loads(body)
    assert told["type"] == "run.succeeded" and told["data"]["run_id"] == run_id
    key = base64.b64decode(made.secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(headers["webhook-timestamp"]) - clock.now().timestamp()) < 60
    details = await last(webhooks, made.webhook.id)
    assert details.delivery.status == "delivered" and str(details.delivery.id) == headers["webhook-id"]
    assert details.body.encode() == body
    assert [(a.status_code, a.answer, a.error) for a in details.attempts] == [(200, "thanks", None)]


async def test_a_run_that_was_rolled_back_is_not_told(
    database_url: str, webhooks: Webhooks, receiver: Receiver
) -> None:
    made = await webhooks.add(DEFAULT_PROJECT, receiver.url)
    run_id = str(new_id())
    with psycopg.connect(database_url) as connection:
        connection.execute("INSERT INTO runs (id, pipeline, input) VALUES (%s, 'write_book', '{}')", [run_id])
        connection.commit()
        connection.execute("UPDATE runs SET status = 'succeeded' WHERE id = %s", [run_id])
        connection.rollback()
    assert await webhooks.deliveries(made.webhook.id) == []


async def test_what_fails_is_tried_again_with_the_same_id_until_it_is_given_up(
    database_url: str, webhooks: Webhooks, courier: Courier, receiver: Receiver
) -> None:
    made = await webhooks.add(DEFAULT_PROJECT, receiver.url)
    receiver.answers = [500, 302, 200]
    finish_run(database_url)
    waits: list[float] = []
    for _ in range(3):
        await courier.send_due()
        delivery = (await last(webhooks, made.webhook.id)).delivery
        waits.append((delivery.due_at - clock.now()).total_seconds() if delivery.due_at else 0)
        make_due(database_url)
    assert 3 < waits[0] < 6 and 50 < waits[1] < 70 and waits[2] == 0
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert len({body for _, body in receiver.got}) == 1
    assert [a.status_code for a in (await last(webhooks, made.webhook.id)).attempts] == [500, 302, 200]

    receiver.answers = [503] * 50
    finish_run(database_url, "failed")
    for _ in range(len(DELAYS) + 3):
        await courier.send_due()
        make_due(database_url)
    given_up = await last(webhooks, made.webhook.id)
    assert given_up.delivery.status == "failed" and len(given_up.attempts) == len(DELAYS) + 1
    receiver.answers = []
    await webhooks.send_again(made.webhook.id, given_up.delivery.id)
    await courier.send_due()
    again = await last(webhooks, made.webhook.id)
    assert again.delivery.status == "delivered" and len(again.attempts) == len(DELAYS) + 2


async def test_a_receiver_may_ask_for_time_or_for_silence(
    database_url: str, webhooks: Webhooks, courier: Courier, receiver: Receiver
) -> None:
    made = await webhooks.add(DEFAULT_PROJECT, receiver.url)
    receiver.answers, receiver.headers = [429], {"Retry-After": "900"}
    finish_run(database_url)
    await courier.send_due()
    due = (await last(webhooks, made.webhook.id)).delivery.due_at
    assert due is not None and (due - clock.now()).total_seconds() > 800
    receiver.answers = [410]
    make_due(database_url)
    await courier.send_due()
    view = await webhooks.get(made.webhook.id)
    assert not view.enabled and "410" in (view.disabled_reason or "")
    finish_run(database_url)
    assert len(await webhooks.deliveries(made.webhook.id)) == 1, "nothing is told while it is off"
    with pytest.raises(Conflict):
        await webhooks.ping(made.webhook.id)
    assert (await webhooks.change(made.webhook.id, enabled=True)).disabled_reason is None


@pytest.mark.parametrize(("point", "before"), [("webhooks.claimed", 0), ("webhooks.sent", 1)])
async def test_a_courier_that_is_killed_loses_nothing(
    database_url: str, webhooks: Webhooks, courier: Courier, receiver: Receiver, point: str, before: int
) -> None:
    made = await webhooks.add(DEFAULT_PROJECT, receiver.url)
    finish_run(database_url)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, str(CHILD), database_url, base64.b64encode(KEY).decode(), f"kill:{point}#1")
    )
    assert await child.wait() == -9
    assert len(receiver.got) == before
    assert await courier.send_due() == 1
    assert len(receiver.got) == before + 1
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    details = await last(webhooks, made.webhook.id)
    assert details.delivery.status == "delivered"
    assert [a.seconds is None for a in details.attempts] == [True, False]


async def test_two_couriers_do_not_send_the_same(
    database_url: str, webhooks: Webhooks, courier: Courier, receiver: Receiver, database: Database
) -> None:
    await webhooks.add(DEFAULT_PROJECT, receiver.url)
    for _ in range(20):
        finish_run(database_url)
    box = SecretBox(KEY)
    other = Courier(database, Notifications(database), webhooks.outbound, secret_box=lambda: box)
    assert sum(await asyncio.gather(courier.send_due(), other.send_due())) == 20
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == len(receiver.got) == 20


async def test_a_running_courier_hears_at_once(
    database_url: str, webhooks: Webhooks, courier: Courier, receiver: Receiver
) -> None:
    made = await webhooks.add(DEFAULT_PROJECT, receiver.url)
    taken = asyncio.Event()
    take = receiver.take

    async def and_tell(request: web.Request) -> web.Response:
        answer = await take(request)
        taken.set()
        return answer

    app = web.Application()
    app.router.add_post("/hook", and_tell)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    await webhooks.change(made.webhook.id, url=f"{site.name}/hook")
    async with courier.running(), asyncio.timeout(30):
        await webhooks.ping(made.webhook.id)
        await taken.wait()
    await runner.cleanup()
    assert orjson.loads(receiver.got[0][1])["type"] == "ping"


async def test_both_secrets_sign_after_a_change(
    database_url: str, webhooks: Webhooks, courier: Courier, receiver: Receiver
) -> None:
    made = await webhooks.add(DEFAULT_PROJECT, receiver.url)
    renewed = await webhooks.renew_secret(made.webhook.id)
    assert renewed.secret != made.secret
    await webhooks.ping(made.webhook.id)
    await courier.send_due()
    assert len(receiver.got[0][0]["webhook-signature"].split(" ")) == 2
    with psycopg.connect(database_url) as connection:
        [stored] = connection.execute("SELECT row_to_json(w)::text FROM webhooks w").fetchone() or [""]
    assert made.secret not in stored and renewed.secret not in stored


BAD: list[Any] = [
    "",
    "ftp://example.org/",
    "https://",
    "https://user:word@example.org/",
    "https://example.org/a b",
    "https://example.org/\nx",
    "https://example.org:99999/",
    "https://[::1/",
    "javascript:alert(1)",
    "https://example.org/" + "a" * 2000,
]


async def test_bad_addresses_and_events_are_refused(database: Database, webhooks: Webhooks) -> None:
    for url in BAD:
        with pytest.raises(InvalidInput) as caught:
            await webhooks.add(DEFAULT_PROJECT, url)
        assert caught.value.field == "url" and caught.value.remedy
    for events in ([], ["run.exploded"]):
        with pytest.raises(InvalidInput):
            await webhooks.add(DEFAULT_PROJECT, "https://127.0.0.1/", events)


async def test_private_addresses_are_told_nothing(
    database_url: str, database: Database, webhooks: Webhooks, receiver: Receiver
) -> None:
    box = SecretBox(KEY)
    strict = Webhooks(database, secret_box=lambda: box)
    for url in (
        "http://127.0.0.1/",
        "http://localhost:5432/",
        "http://10.0.0.8/",
        "http://169.254.169.254/latest",
        "http://[::ffff:127.0.0.1]/",
        "http://2130706433/",
    ):
        with pytest.raises(NotAllowed):
            await strict.add(DEFAULT_PROJECT, url)
    # The address is judged again where it is used: the list may have been changed, or the name leads elsewhere now.
    made = await webhooks.add(DEFAULT_PROJECT, receiver.url)
    finish_run(database_url)
    guarded = Courier(database, Notifications(database), Outbound([]), secret_box=lambda: box)
    await guarded.send_due()
    details = await last(webhooks, made.webhook.id)
    assert receiver.got == [] and "private" in (details.attempts[0].error or "")
