import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from llm_support import make_service, user

from scrivano.core.database import Database
from scrivano.llm.limits.service import Limits
from scrivano.llm.public import AskDifferently, CallContext, LLMService, Options, Timeouts, TryLater
from scrivano.llm.scripted.server import ScriptedServer

OWN = CallContext(feature="f", purpose="p", user_id="ada", api_key_id="k")
AT_ONCE = Options(timeouts=Timeouts(longest_wait=0))


@asynccontextmanager
async def two(
    database: Database, window: int = 60
) -> AsyncIterator[tuple[LLMService, LLMService, ScriptedServer]]:
    """Two services as two processes would have them, before one server; a minute lasts `window` seconds."""
    async with ScriptedServer({}) as server, make_service(database) as one, make_service(database) as other:
        for service in (one, other):
            service.limits._window = window
        await one.registry.discover([server.url])
        yield one, other, server


async def test_requests_a_minute_over_all_processes(database: Database) -> None:
    async with two(database) as (one, other, server):
        await one.limits.set("key", "k", requests_minute=7, tokens_minute=None)
        asked = [
            service.generate_response(user(f"{n}"), context=OWN, options=AT_ONCE)
            for n in range(10)
            for service in (one, other)
        ]
        results = await asyncio.gather(*asked, return_exceptions=True)
        refused = [result for result in results if isinstance(result, TryLater)]
        limit = await other.limits.get("key", "k")
        rows = await one.latest_requests()
    assert len(refused) == 13
    assert len(server.ledger.entries) == len(rows) == 7
    assert limit is not None and limit.requests_used == 7
    assert all(error.retry_after and 50 < error.retry_after <= 61 for error in refused)


async def test_who_may_wait_is_let_in_when_there_is_room(database: Database) -> None:
    async with two(database, window=1) as (one, other, server):
        await one.limits.set("user", "ada", requests_minute=2, tokens_minute=None)
        began = time.monotonic()
        await asyncio.gather(
            *(
                service.generate_response(user(f"{n}"), context=OWN)
                for n in range(3)
                for service in (one, other)
            )
        )
        seconds = time.monotonic() - began
    assert seconds > 2.0
    assert len(server.ledger.finished) == 6


async def test_tokens_are_reserved_then_settled(database: Database) -> None:
    async with two(database) as (one, other, _):
        await one.limits.set("user", "ada", requests_minute=None, tokens_minute=1000)
        response = await one.generate_response(user("about 40 words"), context=OWN, options=AT_ONCE)
        limit = await one.limits.get("user", "ada")
        assert limit is not None
        assert limit.tokens_used == response.usage.prompt_tokens + response.usage.completion_tokens
        other_key = OWN.model_copy(update={"user_id": "bob"})
        await one.limits.set("user", "bob", requests_minute=None, tokens_minute=500)
        capped = await other.generate_response(
            user("about 2000 words"), context=other_key, options=Options(max_tokens=800)
        )
        assert 300 < capped.usage.completion_tokens < 500
        with pytest.raises(TryLater):
            await one.generate_response(user("x" * 950), context=OWN, options=AT_ONCE)
        with pytest.raises(AskDifferently, match="a minute"):
            await one.generate_response(user("word " * 4000), context=OWN, options=AT_ONCE)
        await one.limits.set("user", "ada", requests_minute=None, tokens_minute=None)
        assert await one.limits.get("user", "ada") is None
        await one.generate_response(user("free again"), context=OWN, options=AT_ONCE)


async def test_tokens_are_never_overspent_by_many_at_once(database: Database) -> None:
    async with two(database) as (one, other, server):
        await one.limits.set("user", "ada", requests_minute=None, tokens_minute=2000)
        options = Options(max_tokens=150, timeouts=Timeouts(longest_wait=0))
        asked = [
            service.generate_response(user(f"{n}: about 90 words"), context=OWN, options=options)
            for n in range(15)
            for service in (one, other)
        ]
        results = await asyncio.gather(*asked, return_exceptions=True)
        spent = sum(entry.prompt_tokens + entry.completion_tokens for entry in server.ledger.entries)
    assert {type(result) for result in results if isinstance(result, Exception)} == {TryLater}
    assert 0 < spent <= 2000


async def test_a_cancelled_call_gives_back_what_it_did_not_take(database: Database) -> None:
    async with ScriptedServer({"rule": [{"hang": True}]}) as server, make_service(database) as service:
        await service.registry.discover([server.url])
        await service.limits.set("user", "ada", requests_minute=None, tokens_minute=5000)
        task = asyncio.create_task(service.generate_response(user("hi"), context=OWN))
        await server.ledger.until(lambda entries: len(entries) == 1)
        held = await service.limits.get("user", "ada")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        left = await service.limits.get("user", "ada")
    assert held is not None and left is not None
    assert held.tokens_used > 4000
    assert left.tokens_used < 100


async def test_limits_know_what_a_minute_is(database: Database) -> None:
    limits = Limits(None)  # type: ignore[arg-type]
    row = {"id": 1, "requests_minute": 2, "tokens_minute": 100}
    used = [
        {"limit_id": 1, "second": 940, "requests": 1, "tokens": 60},
        {"limit_id": 1, "second": 970, "requests": 1, "tokens": 30},
        {"limit_id": 2, "second": 970, "requests": 9, "tokens": 30},
    ]
    assert limits._until(row, used, 10, 1000.5) == pytest.approx(0.5)
    assert limits._until(row, used, 80, 1000.5) == pytest.approx(30.5)
    assert limits._until(row | {"requests_minute": 3}, used, 10, 1000.5) == 0.0
