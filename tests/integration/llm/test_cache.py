import asyncio
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from llm_support import Setup, user
from pydantic import BaseModel, ValidationError

from scrivano.core.database import Database
from scrivano.llm.public import (
    CachePolicy,
    CallContext,
    LLMService,
    Message,
    ModelChange,
    NobodyCould,
    Options,
    RequestStatus,
)

EXACT = Options(cache="exact")


async def priced(service: LLMService) -> None:
    for model in await service.registry.models():
        change = ModelChange(input_mtok=Decimal(3), output_mtok=Decimal(15))
        await service.registry.change_model(model.id, change)


async def test_the_same_question_is_answered_once_and_the_hit_says_what_it_saved(
    scripted: Setup, context: CallContext
) -> None:
    async with scripted() as (service, server):
        await priced(service)
        first = await service.generate_response(user("hi"), options=EXACT, context=context)
        stream = service.stream_response(user("hi"), options=EXACT, context=context)
        pieces = [piece async for piece in stream]
        second = stream.result
        row = await service.get_request(second.request_id)
        seen = await service.statistics.statistics()
    assert len(server.ledger.entries) == 1
    assert "".join(pieces) == second.text == first.text
    assert second.cached and not first.cached
    assert second.cost == 0 and second.request_id != first.request_id
    assert (row.status, row.source, row.saved) == (RequestStatus.FINISHED, first.request_id, first.cost)
    assert row.route == "cache: exact" and row.messages == tuple(user("hi"))
    assert (seen.total.attempts, seen.total.hits, seen.total.from_cache) == (2, 1, first.cost)
    assert seen.total.prompt_tokens == first.usage.prompt_tokens


@pytest.mark.parametrize(
    "change",
    [
        {"options": {"temperature": 0.5}},
        {"options": {"max_tokens": 50}},
        {"options": {"seed": 3}},
        {"options": {"stop": ("x",)}},
        {"options": {"cache": "off"}},
        {"context": {"project_id": "other"}},
        {"context": {"user_id": "other"}},
        {"context": {"feature": "other"}},
        {"text": "hello"},
    ],
)
async def test_another_question_gets_another_answer(
    scripted: Setup, context: CallContext, change: dict[str, Any]
) -> None:
    async with scripted() as (service, server):
        await service.generate_response(user("hi"), options=EXACT, context=context)
        await service.generate_response(
            user(change.get("text", "hi")),
            options=EXACT.model_copy(update=change.get("options", {})),
            context=context.model_copy(update=change.get("context", {})),
        )
    assert len(server.ledger.entries) == 2


async def _an_hour_later(database: Database) -> None:
    async with await psycopg.AsyncConnection.connect(database.url) as connection:
        await connection.execute("UPDATE llm_cache SET expires_at = expires_at - interval '1 hour'")


async def test_a_features_policy_is_kept_and_runs_out(
    scripted: Setup, context: CallContext, database: Database
) -> None:
    async with scripted() as (service, server):
        await service.generate_response(user("hi"), context=context)
        await service.cache.set_policy(CachePolicy(feature="books", mode="exact", seconds=3_600))
        for _ in range(3):
            await service.generate_response(user("hi"), context=context)
        assert len(server.ledger.entries) == 2
        await _an_hour_later(database)
        await service.generate_response(user("hi"), context=context)
        assert len(server.ledger.entries) == 3
        assert await service.cache.clear("books") == 1
        await service.generate_response(user("hi"), context=context)
        assert [policy.feature for policy in await service.cache.policies()] == ["books"]
        with pytest.raises(ValidationError):
            CachePolicy(feature="books", likeness=2)
    assert len(server.ledger.entries) == 4


async def test_many_who_ask_the_same_at_once_ask_once(scripted: Setup, context: CallContext) -> None:
    async with scripted({"tokens_per_second": 300}) as (service, server):
        answers = await asyncio.gather(
            *(
                service.generate_response(user("about 40 words"), options=EXACT, context=context)
                for _ in range(12)
            )
        )
        rows = await service.latest_requests()
    assert len(server.ledger.entries) == 1
    assert len({answer.text for answer in answers}) == 1
    assert sum(answer.cached for answer in answers) == 11
    assert len(rows) == 12


async def test_a_failed_first_asker_does_not_fail_the_others(scripted: Setup, context: CallContext) -> None:
    script = {"tokens_per_second": 300, "rule": [{"times": 1, "delay": 0.2, "status": 400}]}
    async with scripted(script) as (service, server):
        results = await asyncio.gather(
            *(service.generate_response(user("x"), options=EXACT, context=context) for _ in range(5)),
            return_exceptions=True,
        )
    assert sum(isinstance(result, Exception) for result in results) == 1
    assert len(server.ledger.entries) == 2


async def test_what_came_to_no_end_is_not_kept(scripted: Setup, context: CallContext) -> None:
    async with scripted() as (service, server):
        options = EXACT.model_copy(update={"max_tokens": 10})
        for _ in range(2):
            answer = await service.generate_response(user("about 90 words"), options=options, context=context)
            assert answer.finish_reason == "length"
    assert len(server.ledger.entries) == 2


async def test_an_answer_that_the_log_has_lost_is_asked_for_again(
    scripted: Setup, context: CallContext
) -> None:
    own = context.model_copy(update={"project_id": "p"})
    async with scripted() as (service, server):
        await service.generate_response(user("hi"), options=EXACT, context=own)
        await service.keeping.erase_project("p")
        answer = await service.generate_response(user("hi"), options=EXACT, context=own)
    assert not answer.cached and len(server.ledger.entries) == 2


async def test_a_question_that_means_the_same_is_answered_from_the_cache(
    scripted: Setup, context: CallContext
) -> None:
    async with scripted({"models": ["chatty", "nomic-embed"]}) as (service, server):
        await service.cache.set_policy(CachePolicy(feature="books", mode="semantic", likeness=0.8))
        system = [Message(role="system", content="Be brief.")]
        talk = "why does the old mill wheel in the valley turn so slowly in the winter"
        first = await service.generate_response(system + user(talk), context=context)
        alike = await service.generate_response(system + user(f"{talk} now"), context=context)
        other = await service.generate_response(system + user("which bread is best"), context=context)
        apart = await service.generate_response(user(f"{talk} now"), context=context)
        row = await service.get_request(alike.request_id)
    assert alike.cached and alike.text == first.text
    assert row.route == "cache: semantic" and row.source == first.request_id
    assert not other.cached and not apart.cached
    assert [entry.path for entry in server.ledger.entries].count("chat") == 3


async def test_without_an_embedding_model_only_the_very_same_question_hits(
    scripted: Setup, context: CallContext
) -> None:
    async with scripted() as (service, server):
        options = Options(cache="semantic")
        for text in ("hi there", "hi there", "hi there you"):
            await service.generate_response(user(text), options=options, context=context)
    assert len([entry for entry in server.ledger.entries if entry.path == "chat"]) == 2


class Shape(BaseModel):
    number: int


async def test_an_answer_that_did_not_fit_is_not_taken_for_the_next_models(
    scripted: Setup, context: CallContext
) -> None:
    script = {
        "models": ["a", "b"],
        "rule": [{"match": {"model": "a"}, "text": "no"}, {"json": {"number": 4}}],
    }
    async with scripted(script) as (service, server):
        chained = context.model_copy(update={"chain": ("a", "b")})
        result = await service.generate_structured_response(
            user("x"), response_model=Shape, options=EXACT, context=chained
        )
        with pytest.raises(NobodyCould):
            await service.generate_structured_response(
                user("x"),
                response_model=Shape,
                options=EXACT,
                context=chained.model_copy(update={"chain": ("a",)}),
            )
    assert result.value.number == 4
    assert [entry.model for entry in server.ledger.entries] == ["a", "b", "a"]
