"""Secrets are planted in providers and accounts, everything goes wrong that can, and they are found nowhere."""

import asyncio
import itertools
import logging
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg import sql

from scrivano.api.gateway.app import ShortWay, make_gateway
from scrivano.core.settings import Settings
from scrivano.gatehouse import open_gatehouse
from scrivano.llm.scripted.server import ScriptedServer

CANARY = "sk-canary-5e8d03b1f7"
RULES = [
    {"match": {"contains": "refuse"}, "status": 401, "error_message": f"wrong key {CANARY}"},
    {"match": {"contains": "break"}, "status": 500, "error_message": f"Bearer {CANARY} went wrong"},
    {"match": {"contains": "cut"}, "cut_after": 3},
]
ASKED = ("hello", "refuse this", "break this", "cut this")


async def _dump(url: str) -> str:
    """Every row of every table."""
    found: list[str] = []
    async with await psycopg.AsyncConnection.connect(url) as connection:
        tables = await connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in await tables.fetchall():
            rows = await connection.execute(
                sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier("public", table))
            )
            found += [str(row[0]) for row in await rows.fetchall()]
    return "\n".join(found)


async def test_no_secret_comes_out(
    database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings = Settings(home=tmp_path, database_url=database_url, discover_urls="off")  # type: ignore[arg-type]
    told: list[str] = []
    async with ScriptedServer({"api_key": CANARY, "rule": RULES}) as model, open_gatehouse(settings) as house:
        await house.llm.registry.discover([model.url], api_key=CANARY)
        made = await house.accounts.create_key("theirs")
        transport = httpx.ASGITransport(ShortWay(make_gateway(None, house=house)))  # type: ignore[arg-type]
        headers = {"Authorization": f"Bearer {made.secret}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:

            async def ask(path: str, text: str, stream: bool) -> None:
                body = {"model": "auto", "stream": stream, "max_tokens": 50, "input": text}
                body["messages"] = [{"role": "user", "content": text}]
                answer = await client.post(path, json=body, headers=headers, timeout=60)
                told.extend([answer.text, str(answer.headers)])

            paths = ("/v1/chat/completions", "/v1/messages", "/v1/responses")
            await asyncio.gather(*(ask(*each) for each in itertools.product(paths, ASKED, (False, True))))
            for path in ("/v1/models", "/v1/models/scripted", "/metrics", "/readyz"):
                told.append((await client.get(path, headers=headers)).text)
            wrong = {"Authorization": f"Bearer {made.secret}x"}
            told.append((await client.get("/v1/models", headers=wrong)).text)
        requests = await house.llm.latest_requests(limit=200)
        told += [str(await house.llm.get_request(request.id)) for request in requests]
        told += [str(await house.llm.registry.providers()), repr(await house.accounts.list_keys())]
        assert any(request.error and "***" in request.error for request in requests), "no server told the key"
    told += [await _dump(database_url), caplog.text]
    everything = "\n".join(told)
    assert "refuse this" in everything, "the dump is no dump"
    for secret in (CANARY, made.secret):
        assert secret not in everything
        assert secret.encode().hex() not in everything
