"""The gateway by itself: the same answers from a process that carries nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from scrivano.api.gateway.app import ShortWay, make_gateway
from scrivano.core.settings import Settings
from scrivano.gatehouse import Gatehouse, open_gatehouse
from scrivano.llm.public import RequestStatus
from scrivano.llm.scripted.server import ScriptedServer

QUESTION = [{"role": "user", "content": "What is the capital of Piedmont?"}]


@asynccontextmanager
async def opened(
    url: str, home: Path, **settings: object
) -> AsyncIterator[tuple[Gatehouse, httpx.AsyncClient]]:
    given = Settings(home=home, database_url=url, discover_urls="off", **settings)  # type: ignore[arg-type]
    async with open_gatehouse(given) as house:
        transport = httpx.ASGITransport(ShortWay(make_gateway(None, house=house)))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            yield house, client


async def test_it_answers_streams_lists_and_is_healthy(database_url: str, tmp_path: Path) -> None:
    async with ScriptedServer({}) as model, opened(database_url, tmp_path) as (house, client):
        await house.llm.registry.discover([model.url])
        whole = await client.post("/v1/chat/completions", json={"model": "auto", "messages": QUESTION})
        request = await house.llm.get_request(UUID(whole.headers["x-scrivano-request-id"]))
        assert request.status is RequestStatus.FINISHED
        assert request.answer is not None
        assert whole.json()["choices"][0]["message"]["content"] == request.answer.text
        streamed = await client.post(
            "/v1/chat/completions", json={"model": "auto", "messages": QUESTION, "stream": True}
        )
        assert streamed.text.endswith("data: [DONE]\n\n")
        assert "auto" in (await client.get("/v1/models")).text
        assert (await client.get("/v1/models/scripted")).json()["id"] == "scripted"
        assert (await client.get("/v1/nothing")).status_code == 404
        assert (await client.get("/healthz")).json()["status"] == "ok"
        assert (await client.get("/readyz")).status_code == 200
        assert "scrivano_llm_answers_total" in (await client.get("/metrics")).text
        assert (await client.get("/api/books")).status_code == 404


async def test_it_asks_for_a_key_once_one_was_made(database_url: str, tmp_path: Path) -> None:
    async with ScriptedServer({}) as model, opened(database_url, tmp_path) as (house, client):
        await house.llm.registry.discover([model.url])
        made = await house.accounts.create_key("mine")
        body = {"model": "auto", "messages": QUESTION}
        assert (await client.post("/v1/chat/completions", json=body)).status_code == 401
        bearer = {"Authorization": f"Bearer {made.secret}"}
        assert (await client.post("/v1/chat/completions", json=body, headers=bearer)).status_code == 200


async def test_a_template_is_asked_like_a_model_with_its_own_settings(
    database_url: str, tmp_path: Path
) -> None:
    async with ScriptedServer({}) as model, opened(database_url, tmp_path) as (house, client):
        await house.llm.registry.discover([model.url])
        asked = {
            "model": "llm_reask",
            "messages": QUESTION,
            "variables": {"error": "e", "schema": "s", "answer": "a"},
        }
        answer = await client.post("/v1/chat/completions", json=asked)
        assert answer.status_code == 200, answer.text
        request = await house.llm.get_request(UUID(answer.headers["x-scrivano-request-id"]))
        assert request.prompt_name == "llm_reask"
        unknown = await client.post("/v1/chat/completions", json={"model": "none-such", "messages": QUESTION})
        assert unknown.status_code == 404
        assert unknown.json()["error"]["code"] == "model_not_found"


async def test_nothing_leaves_before_its_row_is_there(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ScriptedServer({}) as model, opened(database_url, tmp_path) as (house, client):
        await house.llm.registry.discover([model.url])
        await client.post("/v1/chat/completions", json={"model": "auto", "messages": QUESTION})
        before = len(model.ledger.entries)
        held, write = asyncio.Event(), house.llm.log.open
        waiting = asyncio.Event()

        async def slowly(*arguments: object) -> None:
            waiting.set()
            await held.wait()
            await write(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(house.llm.log, "open", slowly)
        asking = asyncio.create_task(
            client.post("/v1/chat/completions", json={"model": "auto", "messages": QUESTION})
        )
        await waiting.wait()
        # What could leave by mistake would have: the connection is there, and the model answers at once.
        for _ in range(200):
            await asyncio.sleep(0)
        assert len(model.ledger.entries) == before
        held.set()
        assert (await asking).status_code == 200
        assert len(model.ledger.entries) == before + 1


async def test_a_row_that_cannot_be_written_sends_nothing(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ScriptedServer({}) as model, opened(database_url, tmp_path) as (house, client):
        await house.llm.registry.discover([model.url])

        async def fails(*_: object) -> None:
            raise ValueError("no room")

        monkeypatch.setattr(house.llm.log, "open", fails)
        answer = await client.post("/v1/chat/completions", json={"model": "auto", "messages": QUESTION})
        assert answer.status_code == 500
        assert not model.ledger.entries
        assert await house.llm.latest_requests() == []
