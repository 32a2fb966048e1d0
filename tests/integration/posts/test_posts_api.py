"""Posts, workflows and publishing targets over REST."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from scrivano.api.app import make_app
from scrivano.wiring import House
from tests.integration.posts.post_room import furnish, script
from tests.workshop import open_workshop


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_workshop(database_url, tmp_path, script()) as place:
        assert place.model is not None
        await furnish(place.house, place.model.url)
        yield place.house


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=make_app(None, house=house), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


async def begun(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.post("/api/posts", json={"topic": "Glue", "targets": ["site"]})
    assert answer.status_code == 201, answer.text
    post: dict[str, Any] = answer.json()
    return post


async def test_a_post_is_begun_changed_moved_and_compared(client: httpx.AsyncClient) -> None:
    post = await begun(client)
    path = f"/api/posts/{post['id']}"
    changed = await client.patch(path, json={"revision": 1, "fields": {"body": "One.", "questions": ["q"]}})
    assert changed.json()["body_version"] == 1
    assert (await client.patch(path, json={"revision": 1, "fields": {"body": "Two."}})).status_code == 409
    assert (await client.post(f"{path}/stage", json={})).json()["stage"] == "research"
    assert (await client.post(f"{path}/stage", json={})).status_code == 409
    assert (await client.post(f"{path}/stage", json={"stage": "idea"})).json()["stage"] == "idea"
    await client.patch(path, json={"revision": 4, "fields": {"body": "Two."}})
    assert "+Two." in (await client.get(f"{path}/diff", params={"old": 1, "new": 2})).json()["unified"]
    assert (await client.post(f"{path}/versions/1/restore")).json()["fields"]["body"] == "One."
    kinds = [change["kind"] for change in (await client.get(f"{path}/history")).json()]
    assert kinds == ["restored version 1", "edited", "moved", "moved", "edited"]
    await client.put(f"{path}/archived", json={"archived": True})
    assert (await client.get("/api/posts")).json() == []


async def test_an_action_is_started_once_for_a_key(client: httpx.AsyncClient) -> None:
    post = await begun(client)
    path = f"/api/posts/{post['id']}/actions/find_angle"
    shown = await client.post(f"{path}/preview", json={})
    assert shown.json()["template"] == "post_idea"
    started = [(await client.post(path, json={}, headers={"Idempotency-Key": "k"})).json() for _ in range(2)]
    assert started[0] == started[1]
    assert (await client.get(f"/api/runs/{started[0]['run_id']}")).json()["pipeline"] == "automate_post"
    assert len((await client.get(f"/api/posts/{post['id']}/costs")).json()["runs"]) == 1


async def test_sources_are_added_and_dropped(client: httpx.AsyncClient) -> None:
    post = await begun(client)
    path = f"/api/posts/{post['id']}/sources"
    source = {"url": "https://example.org/a", "title": "A"}
    assert (await client.post(path, json=source)).json()["number"] == 1
    assert (await client.post(path, json=source)).status_code == 409
    assert (await client.patch(f"{path}/1", json={"kept": False})).json()["kept"] is False
    assert (await client.patch(f"{path}/7", json={"kept": False})).status_code == 404


async def test_workflows_are_copied_and_changed(client: httpx.AsyncClient) -> None:
    (starter,) = (await client.get("/api/workflows")).json()
    copy = await client.post(f"/api/workflows/{starter['id']}/copies", json={"name": "mine"})
    assert copy.status_code == 201
    content = copy.json()["content"]
    content["title"] = "Mine"
    path = f"/api/workflows/{copy.json()['id']}"
    assert (await client.put(path, json={"content": content, "expected": 1})).json()["number"] == 2
    assert (await client.put(path, json={"content": content, "expected": 1})).status_code == 409
    content["stages"][0]["fields"] = ["nowhere"]
    refused = await client.put(path, json={"content": content, "expected": 2})
    assert refused.status_code == 422
    assert len((await client.get(f"{path}/versions")).json()) == 2


async def test_targets_are_kept_without_showing_their_secrets(client: httpx.AsyncClient) -> None:
    given = {
        "name": "gh",
        "kind": "ghost",
        "settings": {"url": "http://127.0.0.1:9"},
        "secret": "abc:00ff",
    }
    made = await client.post("/api/publishing-targets", json=given)
    assert made.status_code == 201
    assert "00ff" not in made.text
    path = f"/api/publishing-targets/{made.json()['id']}"
    assert "00ff" not in (await client.get(path)).text
    assert (await client.post("/api/publishing-targets", json=given)).status_code == 409
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).status_code == 404
    assert len((await client.get("/api/publishing-targets/kinds")).json()) == 7


async def test_a_feed_is_served_and_a_preview_shows_it(client: httpx.AsyncClient) -> None:
    feed = (await client.post("/api/publishing-targets", json={"name": "feed", "kind": "atom"})).json()
    post = await begun(client)
    path = f"/api/posts/{post['id']}"
    assert (await client.post(f"{path}/publishing-preview", json={"targets": ["feed"]})).status_code == 422
    await client.patch(path, json={"revision": 1, "fields": {"body": "Glue holds."}})
    (shown,) = (await client.post(f"{path}/publishing-preview", json={"targets": ["feed"]})).json()
    assert "Glue holds." in shown["steps"][0]["body"]
    served = await client.get(f"/feeds/{feed['id']}.atom")
    assert served.headers["content-type"].startswith("application/atom+xml")
    assert "Glue holds." not in served.text


BAD: list[tuple[str, str, Any]] = [
    ("POST", "/api/posts", {"topic": ""}),
    ("POST", "/api/posts", {"topic": "a\0b"}),
    ("POST", "/api/posts", {"topic": "a", "workflow": "none"}),
    ("POST", "/api/posts", {"topic": "a", "fields": {"words": 10**400}}),
    ("POST", "/api/posts", {"topic": "a", "fields": {"tags": [{"a": "\0"}]}}),
    ("GET", "/api/posts?stage=%00", None),
    ("GET", "/api/posts?stage=Ä", None),
    ("GET", "/api/posts/00000000-0000-7000-8000-000000000009", None),
    ("GET", "/api/posts/nothing", None),
    ("POST", "/api/posts/{post}/stage", {"stage": "nowhere"}),
    ("POST", "/api/posts/{post}/actions/nothing", {}),
    ("POST", "/api/posts/{post}/actions/find_angle", {"inputs": {"title": "\0"}}),
    ("POST", "/api/posts/{post}/actions/find_angle", {"model": "nobody"}),
    ("POST", "/api/posts/{post}/actions/find_angle/preview", {"inputs": {"title": 5}}),
    ("POST", "/api/posts/{post}/actions/search_web/preview", {}),
    ("POST", "/api/posts/{post}/runs", {"until": "nowhere"}),
    ("GET", "/api/posts/{post}/versions/5", None),
    ("GET", "/api/posts/{post}/diff?old=1&new=99999999999999999999", None),
    ("POST", "/api/posts/{post}/sources", {"url": "https://[", "title": "a"}),
    ("POST", "/api/posts/{post}/proposals/00000000-0000-7000-8000-000000000009/accept", {}),
    ("GET", "/api/posts/{post}/images/" + "0" * 64, None),
    ("PUT", "/api/posts/{post}/workflow", {"number": 7}),
    ("POST", "/api/posts/{post}/publishing-preview", {"targets": ["nowhere"]}),
    ("POST", "/api/publishing-targets", {"name": "x", "kind": "hugo", "settings": {"folder": "\0"}}),
    (
        "POST",
        "/api/publishing-targets",
        {"name": "x", "kind": "hugo", "settings": {"url": "http://[::1"}},
    ),
    (
        "POST",
        "/api/publishing-targets",
        {"name": "x", "kind": "ghost", "settings": {"url": "http://a:99999"}},
    ),
    ("GET", "/feeds/00000000-0000-7000-8000-000000000009.atom", None),
    ("POST", "/api/workflows", {"name": "x", "content": {"title": "T", "fields": [], "stages": []}}),
]


async def test_bad_input_gets_a_sentence(client: httpx.AsyncClient) -> None:
    post = await begun(client)
    odd: list[tuple[str, str, int, str]] = []
    for method, path, body in BAD:
        answer = await client.request(method, path.replace("{post}", post["id"]), json=body)
        if not 400 <= answer.status_code < 500 or not answer.json()["detail"]:
            odd.append((method, path, answer.status_code, answer.text))
    assert odd == []
