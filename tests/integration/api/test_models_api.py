"""Providers and models over REST; a key that was entered never comes out again, wherever one looks."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql

from scrivano.api.app import make_app
from scrivano.llm.scripted.server import ScriptedServer
from scrivano.projects.public import DEFAULT_PROJECT
from tests.workshop import Workshop, open_workshop

CANARY = "sk-canary-4f1d8a77c2"


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(database_url, tmp_path, model=False) as opened:
        yield opened


@pytest.fixture
async def client(place: Workshop) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(make_app(None, house=place.house))
    async with httpx.AsyncClient(transport=transport, base_url="http://scrivano") as opened:
        yield opened


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    rules = [{"match": {"contains": "leak"}, "status": 500, "error_message": f"bad key {CANARY}"}]
    async with ScriptedServer({"models": ["one", "two"], "api_key": CANARY, "rule": rules}) as opened:
        yield opened


async def ok(response: httpx.Response, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json() if response.content else None


async def test_a_provider_and_its_models(client: httpx.AsyncClient, server: ScriptedServer) -> None:
    made = await ok(
        await client.post("/api/providers", json={"name": "mine", "base_url": server.url, "api_key": CANARY}),
        201,
    )
    assert made["has_key"] and "api_key" not in made
    tested = await ok(await client.post(f"/api/providers/{made['id']}/test"))
    assert tested["reachable"] and tested["models"] == ["one", "two"]
    model = await ok(
        await client.post(
            "/api/models",
            json={"provider_id": made["id"], "name": "one", "change": {"tier": "large-local", "priority": 3}},
        ),
        201,
    )
    assert (model["tier"], model["priority"]) == ("large-local", 3)
    answer = await ok(await client.post(f"/api/models/{model['id']}/test", json={"prompt": "Say hello."}))
    assert answer["text"] and answer["cost"] == "0"
    changed = await ok(await client.patch(f"/api/models/{model['id']}", json={"output_mtok": "2.5"}))
    assert changed["output_mtok"] == "2.5" and changed["prices_source"] == "entered"
    found = await ok(
        await client.post("/api/providers/discover", json={"urls": [server.url], "api_key": CANARY})
    )
    assert [m["name"] for m in found[0]["models"]] == ["one", "two"] and not found[0]["new"]
    assert {m["name"] for m in await ok(await client.get("/api/models?reachable=true"))} == {"one", "two"}
    await ok(await client.delete(f"/api/models/{model['id']}"), 204)
    await ok(await client.delete(f"/api/providers/{made['id']}"), 204)
    assert await ok(await client.get("/api/models")) == []


async def test_bad_input_names_field_and_remedy(client: httpx.AsyncClient, server: ScriptedServer) -> None:
    made = await ok(
        await client.post("/api/providers", json={"name": "mine", "base_url": server.url, "api_key": CANARY}),
        201,
    )
    cases: list[tuple[str, str, dict[str, Any], int, str]] = [
        ("POST", "/api/providers", {"name": "mine", "base_url": server.url}, 409, "name"),
        ("POST", "/api/providers", {"name": "x", "base_url": "ftp://x"}, 422, "base_url"),
        ("POST", "/api/providers", {"name": "x", "base_url": server.url, "kind": "odd"}, 422, "kind"),
        ("PATCH", f"/api/providers/{made['id']}", {"base_url": "http://127.0.0.1:9"}, 422, "api_key"),
        ("POST", "/api/models", {"provider_id": made["id"], "name": ""}, 422, "body.name"),
        (
            "PUT",
            f"/api/projects/{DEFAULT_PROJECT}/place",
            {"local_only": True, "hosts": ["http://x"]},
            422,
            "hosts",
        ),
        ("PUT", "/api/budgets/run/r", {"limit_usd": -1}, 422, "body.limit_usd"),
        ("PUT", "/api/budgets/run/r", {"limit_usd": 10**12}, 422, "limit_usd"),
    ]
    for method, path, body, status, field in cases:
        response = await client.request(method, path, json=body or None)
        assert response.status_code == status, response.text
        assert response.json()["field"] == field
        assert response.json()["remedy"]
        assert CANARY not in response.text


async def test_null_in_a_change_leaves_what_is(client: httpx.AsyncClient) -> None:
    new = {"name": "box", "base_url": "http://127.0.0.1:9", "settings": {}}
    provider = (await client.post("/api/providers", json=new)).json()
    where = f"/api/providers/{provider['id']}"
    nothing = {"name": None, "enabled": None, "settings": None, "base_url": None}
    changed = await client.patch(where, json=nothing)
    assert changed.status_code == 200, changed.text
    assert {k: changed.json()[k] for k in ("name", "enabled")} == {"name": "box", "enabled": True}


async def test_a_projects_place_and_budget(client: httpx.AsyncClient) -> None:
    await ok(
        await client.put(
            f"/api/projects/{DEFAULT_PROJECT}/place", json={"local_only": True, "hosts": ["Box.lan"]}
        )
    )
    assert await ok(await client.get(f"/api/projects/{DEFAULT_PROJECT}/place")) == {
        "local_only": True,
        "hosts": ["box.lan"],
    }
    await ok(await client.put("/api/budgets/project/p", json={"limit_usd": "1.5"}))
    assert (await ok(await client.get("/api/budgets/project/p")))["limit"] == "1.5"
    await ok(await client.put("/api/budgets/project/p", json={"limit_usd": None}))
    assert await ok(await client.get("/api/budgets/project/p")) is None


async def test_a_canary_key_is_found_nowhere(
    client: httpx.AsyncClient,
    server: ScriptedServer,
    place: Workshop,
    database_url: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(0)
    made = await ok(
        await client.post("/api/providers", json={"name": "mine", "base_url": server.url, "api_key": CANARY}),
        201,
    )
    model = await ok(await client.post("/api/models", json={"provider_id": made["id"], "name": "one"}), 201)
    seen: list[str] = []
    for prompt in ("hello", "leak"):
        seen.append((await client.post(f"/api/models/{model['id']}/test", json={"prompt": prompt})).text)
    await client.patch(f"/api/providers/{made['id']}", json={"api_key": CANARY, "odd": 1})
    for path in (
        "/api/providers",
        f"/api/providers/{made['id']}",
        "/api/models",
        "/openapi.json",
        "/metrics",
    ):
        seen.append((await client.get(path)).text)
    for request in await place.house.llm.latest_requests():
        seen.append((await place.house.llm.get_request(request.id)).model_dump_json())
    seen += [record.getMessage() + str(record.exc_text) for record in caplog.records]
    assert "bad key ***" in "".join(seen)
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        cursor = await connection.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
            "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        for (table,) in await cursor.fetchall():
            dumped = await connection.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.SQL(table)))
            seen += [str(row[0]) for row in await dumped.fetchall()]
    for text in seen:
        assert CANARY not in text
        assert CANARY.encode().hex() not in text
