"""The log looked through, a route before it is taken, packs with their samples, the archive of everything."""

import io
import tarfile
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from scrivano.api.app import make_app
from scrivano.llm.public import CallContext, Message
from scrivano.projects.public import DEFAULT_PROJECT
from tests.workshop import Workshop, open_workshop


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(database_url, tmp_path, checked=False) as opened:
        await opened.house.llm.registry.discover()
        yield opened


@pytest.fixture
async def client(place: Workshop) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(make_app(None, house=place.house))
    async with httpx.AsyncClient(transport=transport, base_url="http://scrivano") as opened:
        yield opened


async def ok(response: httpx.Response, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json() if response.content else None


async def _ask(place: Workshop, feature: str, text: str, project: UUID = DEFAULT_PROJECT) -> str:
    context = CallContext(feature=feature, purpose="test", project_id=str(project))
    answer = await place.house.llm.generate_response([Message(role="user", content=text)], context=context)
    return str(answer.request_id)


async def test_the_log_is_looked_through(place: Workshop, client: httpx.AsyncClient) -> None:
    books = [await _ask(place, "books", f"Write about the sea, part {n}.") for n in range(3)]
    posts = [await _ask(place, "posts", "Name three ports.")]
    counted = await ok(await client.get("/api/requests/count"))
    assert (counted["requests"], counted["newest"]) == (4, posts[0])
    found = await ok(await client.get("/api/requests", params={"feature": "books", "limit": 2, "offset": 1}))
    assert [row["id"] for row in found] == [books[1], books[0]]
    still = {"newest": counted["newest"]}
    await _ask(place, "books", "One more.")
    assert (await ok(await client.get("/api/requests", params=still)))[0]["id"] == posts[0]
    assert (await ok(await client.get("/api/requests/count", params=still)))["requests"] == 4
    facets = await ok(await client.get("/api/requests/facets"))
    assert facets["features"] == ["books", "posts"] and facets["models"]
    for params, expected in (
        ({"status": "failed"}, 0),
        ({"model": facets["models"][0]}, 5),
        ({"project_id": str(DEFAULT_PROJECT)}, 5),
        ({"since": "2020-01-01T00:00:00Z"}, 5),
        ({"since": "2999-01-01T00:00:00Z"}, 0),
        ({"run_id": "none"}, 0),
    ):
        assert (await ok(await client.get("/api/requests/count", params=params)))["requests"] == expected
    for bad in ({"feature": "a\0b"}, {"status": "odd"}, {"newest": "x"}, {"offset": 10**12}):
        assert (await client.get("/api/requests", params=bad)).status_code == 422


async def test_a_request_is_sent_again(place: Workshop, client: httpx.AsyncClient) -> None:
    first = await _ask(place, "books", "Say what a lighthouse is for.")
    again = await ok(await client.post(f"/api/requests/{first}/replay"), 201)
    assert again["id"] != first and again["purpose"] == "replay" and again["labels"] == {"replay_of": first}
    before = await ok(await client.get(f"/api/requests/{first}"))
    assert again["messages"] == before["messages"] and again["answer"]
    assert (await client.post(f"/api/requests/{UUID(int=7)}/replay")).status_code == 404


async def test_a_route_is_told_and_nothing_is_sent(client: httpx.AsyncClient) -> None:
    easy = await ok(await client.post("/api/routes", json={"text": "Hello."}))
    hard = await ok(
        await client.post(
            "/api/routes",
            json={
                "text": "Prove rigorously, step by step, that the algorithm terminates and analyse its cost."
            },
        )
    )
    assert hard["score"] > easy["score"] and hard["stops"] and hard["reasons"]
    assert hard["stops"][0]["breaker"] == "closed"
    assert (await ok(await client.get("/api/requests/count")))["requests"] == 0
    unknown = await client.post("/api/routes", json={"text": "Hello.", "model": "none-such"})
    assert unknown.status_code == 422
    states = await ok(await client.get("/api/breakers"))
    assert {row["state"] for row in states} == {"closed"}


async def test_a_pack_is_exported_changed_and_installed(client: httpx.AsyncClient) -> None:
    installed = await ok(await client.get("/api/packs"))
    slug = installed[0]["slug"]
    samples = await ok(await client.get(f"/api/packs/{slug}/samples"))
    sample = next(row for row in samples if row["kind"] == "outline")
    at = f"/api/packs/{slug}/samples/{sample['niche']}/outline"
    changed = sample["text"].replace("title =", "# by hand\ntitle =", 1)
    put = await ok(await client.put(f"{at}/one-of-mine", json={"text": changed}))
    assert put["outlines"] == installed[0]["outlines"] + 1 and put["origin"] == "installed"
    broken = await client.put(f"{at}/broken", json={"text": "title = 3"})
    assert broken.status_code == 422 and "broken" in broken.json()["detail"]
    archive = await client.get(f"/api/packs/{slug}/archive.zip")
    names = zipfile.ZipFile(io.BytesIO(archive.content)).namelist()
    assert f"{slug}/{sample['niche']}/outlines/one-of-mine.toml" in names
    assert (await ok(await client.delete(f"{at}/one-of-mine")))["outlines"] == installed[0]["outlines"]
    await ok(await client.delete(f"/api/packs/{slug}"), 204)
    assert slug not in [row["slug"] for row in await ok(await client.get("/api/packs"))]
    back = await ok(await client.post("/api/packs", content=archive.content), 201)
    assert back["slug"] == slug
    for wrong in (b"no zip", _zip("../pack.toml"), _zip("pack.toml"), _zip("readme.md")):
        assert (await client.post("/api/packs", content=wrong)).status_code == 422
    for name in ("..%2Fx", "a%00b", "UPPER"):
        assert (await client.put(f"{at}/{name}", json={"text": "x"})).status_code in (404, 422)


async def test_the_whole_installation_is_one_file(client: httpx.AsyncClient) -> None:
    response = await client.get("/api/backup")
    assert response.status_code == 200
    with tarfile.open(fileobj=io.BytesIO(response.content)) as archive:
        assert sorted(archive.getnames()) == ["database.dump", "manifest.json"]


def _zip(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        target.writestr(name, "x = 1")
    return buffer.getvalue()
