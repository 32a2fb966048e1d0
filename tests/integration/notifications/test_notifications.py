"""Notifications: written with what they tell of, read by each person for themselves."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import orjson
import psycopg
import pytest

from scrivano.accounts.public import Caller
from scrivano.api.app import make_app
from scrivano.core.database import Database
from scrivano.core.ids import new_id
from scrivano.notifications.dto import NotificationNotFound
from scrivano.notifications.public import Notifications
from scrivano.projects.public import DEFAULT_PROJECT
from tests.integration.notifications.test_webhooks import finish_run
from tests.workshop import Workshop, open_workshop, small_brief


@pytest.fixture
def notifications(database: Database) -> Notifications:
    return Notifications(database)


async def test_a_persons_run_is_told_to_them_and_a_projects_to_all_in_it(
    database_url: str, notifications: Notifications
) -> None:
    ann, ben = (Caller(person_id=new_id(), role="member") for _ in range(2))
    theirs = finish_run(database_url, "failed", user=str(ann.person_id))
    shared = finish_run(database_url)
    assert [n.data["run_id"] for n in await notifications.list(ann)] == [theirs]
    assert [n.kind for n in await notifications.list(ann)] == ["run.failed"]
    both = await notifications.list(ann, project_id=DEFAULT_PROJECT)
    assert [n.data["run_id"] for n in both] == [shared, theirs]
    assert [n.data["run_id"] for n in await notifications.list(ben, project_id=DEFAULT_PROJECT)] == [shared]
    assert await notifications.list(ben) == []
    with pytest.raises(NotificationNotFound):
        await notifications.mark(ben, both[1].id, read=True)
    assert len(await notifications.list(Caller())) == 2, "the only user gets everything"
    assert ann.person_id is not None
    [(name, content)] = [file async for file in notifications.export(ann.person_id)]
    assert name == "notifications.json" and [n["data"]["run_id"] for n in orjson.loads(content)] == [theirs]


async def test_reading_is_everybodys_own(database_url: str, notifications: Notifications) -> None:
    ann, ben = (Caller(person_id=new_id(), role="member") for _ in range(2))
    for _ in range(3):
        finish_run(database_url)
    newest, middle, _ = await notifications.list(ann, project_id=DEFAULT_PROJECT)
    read = await notifications.mark(ann, newest.id, read=True)
    assert read.read_at is not None
    assert (await notifications.mark(ann, newest.id, read=True)).read_at == read.read_at
    assert await notifications.count_unread(ann, project_id=DEFAULT_PROJECT) == 2
    assert await notifications.count_unread(ben, project_id=DEFAULT_PROJECT) == 3
    await notifications.mark(ann, newest.id, read=False)
    await notifications.mark_all(ann, project_id=DEFAULT_PROJECT, up_to=middle.id)
    unread = await notifications.list(ann, project_id=DEFAULT_PROJECT, unread=True)
    assert [n.id for n in unread] == [newest.id]
    assert ann.person_id is not None
    await notifications.erase(ann.person_id)
    assert await notifications.count_unread(ann, project_id=DEFAULT_PROJECT) == 3


async def test_waiting_is_told_once_and_reading_a_reference_is_not(
    database_url: str, notifications: Notifications
) -> None:
    with psycopg.connect(database_url) as connection:
        for run_id, pipeline in (("a", "write_book"), ("b", "read_reference"), ("c", "write_book")):
            connection.execute(
                "INSERT INTO runs (id, pipeline, input) VALUES (%s, %s, '{}')", [run_id, pipeline]
            )
        for _ in range(2):
            connection.execute("UPDATE runs SET waiting_for = 'outline' WHERE id = 'a'")
        connection.execute("UPDATE runs SET waiting_for = NULL, status = 'running' WHERE id = 'a'")
        connection.execute("UPDATE runs SET status = 'succeeded' WHERE id = 'b'")
        connection.execute(
            "UPDATE runs SET status = 'cancelled', project_id = 'no uuid', user_id = 'x' WHERE id = 'c'"
        )
    told = await notifications.list(Caller())
    assert [(n.kind, n.data["run_id"]) for n in told] == [("run.cancelled", "c"), ("run.waiting", "a")]
    assert told[1].data["waiting_for"] == "outline"


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(database_url, tmp_path) as opened:
        yield opened


async def test_a_waiting_book_shows_up_over_http_with_a_live_event(place: Workshop) -> None:
    transport = httpx.ASGITransport(make_app(None, house=place.house))
    async with httpx.AsyncClient(transport=transport, base_url="http://scrivano") as client:
        book = await place.order(small_brief(words=600, chapters=3, approve_outline=True))
        await place.finish(book)
        [told] = (await client.get("/api/notifications")).json()
        assert told["kind"] == "run.waiting" and told["data"]["run_id"] == book.run_id
        assert (await client.get("/api/notifications/count")).json() == {"unread": 1}
        events = await client.get("/api/notifications/events", headers={"accept": "application/json"})
        [event] = events.json()["events"]
        assert event["data"]["notification_id"] == told["id"]
        stream = await client.get("/api/notifications/events", params={"seconds": 0.2})
        assert "event: notification" in stream.text
        assert orjson.loads(stream.text.split("data: ")[1].split("\n")[0])["about"] == "run.waiting"
        read = await client.put(f"/api/notifications/{told['id']}/read")
        assert read.status_code == 200 and read.json()["read_at"]
        assert (await client.get("/api/notifications", params={"unread": True})).json() == []
        assert (await client.delete(f"/api/notifications/{told['id']}/read")).json()["read_at"] is None
        assert (await client.post("/api/notifications/read", json={})).status_code == 204
        assert (await client.get("/api/notifications/count")).json() == {"unread": 0}
        assert (await client.put("/api/notifications/999999/read")).status_code == 404
        assert (await client.put("/api/notifications/99999999999999999999/read")).status_code == 422


async def test_webhooks_over_http(place: Workshop) -> None:
    transport = httpx.ASGITransport(make_app(None, house=place.house))
    async with httpx.AsyncClient(transport=transport, base_url="http://scrivano") as client:
        inside = await client.post("/api/webhooks", json={"url": "http://127.0.0.1:9/"})
        assert inside.status_code == 403 and inside.json()["field"] == "url"
        made = await client.post(
            "/api/webhooks", json={"url": "https://192.88.99.7/h", "events": ["run.failed"]}
        )
        assert made.status_code == 201, made.text
        webhook = made.json()["webhook"]
        assert made.json()["secret"].startswith("whsec_")
        url = f"/api/webhooks/{webhook['id']}"
        assert (await client.get(url)).json() == webhook
        assert [w["id"] for w in (await client.get("/api/webhooks")).json()] == [webhook["id"]]
        assert (await client.patch(url, json={"events": []})).status_code == 422
        assert (await client.patch(url, json={"description": "a\x00"})).status_code == 422
        changed = await client.patch(url, json={"events": ["run.waiting"], "description": "Office"})
        assert (changed.json()["events"], changed.json()["description"]) == (["run.waiting"], "Office")
        ping = await client.post(f"{url}/ping")
        assert ping.status_code == 202
        [delivery] = (await client.get(f"{url}/deliveries", params={"status": "pending"})).json()
        shown = (await client.get(f"{url}/deliveries/{delivery['id']}")).json()
        assert orjson.loads(shown["body"])["type"] == "ping" and shown["attempts"] == []
        other = (await client.post("/api/webhooks", json={"url": "https://192.88.99.7/h"})).json()["webhook"]
        stolen = await client.get(f"/api/webhooks/{other['id']}/deliveries/{delivery['id']}")
        assert stolen.status_code == 404
        assert (await client.post(f"{url}/deliveries/{delivery['id']}/send")).status_code == 202
        assert (await client.post(f"{url}/secret")).json()["secret"] != made.json()["secret"]
        assert (await client.delete(url)).status_code == 204
        assert (await client.get(url)).status_code == 404
