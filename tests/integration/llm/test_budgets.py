import asyncio
import random
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from llm_support import Setup, make_service, user

from scrivano.core.database import Database
from scrivano.core.errors import InvalidInput
from scrivano.llm.public import (
    CallContext,
    LLMService,
    ModelChange,
    Options,
    RequestStatus,
    Timeouts,
    TooDear,
)

PRICED = ModelChange(input_mtok=Decimal("2.5"), output_mtok=Decimal("10"))
CONTEXT = CallContext(feature="books", purpose="write_chapter", run_id="run-1")


async def price(service: LLMService, change: ModelChange = PRICED) -> None:
    for model in await service.registry.models():
        await service.registry.change_model(model.id, change)


def billed(entries: list[Any]) -> Decimal:
    """What the server would bill for what it gave, the broken answers included."""
    tokens = Decimal(0)
    for entry in entries:
        if entry.outcome != "refused":
            tokens += entry.prompt_tokens * Decimal("2.5") + entry.completion_tokens * 10
    return tokens / 1_000_000


async def test_an_answer_costs_what_the_tokens_cost(scripted: Setup) -> None:
    async with scripted() as (service, server):
        await price(service)
        await service.set_budget("run", "run-1", 1)
        response = await service.generate_response(
            user("about 40 words"), options=Options(max_tokens=200), context=CONTEXT
        )
        budget = await service.get_budget("run", "run-1")
        totals = await service.run_totals("run-1")
    assert response.cost == billed(server.ledger.entries) > 0
    assert budget is not None
    assert (budget.spent, budget.reserved) == (response.cost, Decimal(0))
    assert totals.cost == response.cost


async def test_the_answer_is_capped_to_what_is_left(scripted: Setup) -> None:
    async with scripted() as (service, server):
        await price(service)
        await service.set_budget("run", "run-1", "0.0010")
        response = await service.generate_response(user("about 500 words"), context=CONTEXT)
        with pytest.raises(TooDear, match="are left"):
            await service.generate_response(user("about 500 words"), context=CONTEXT)
        budget = await service.get_budget("run", "run-1")
        row = await service.get_request(response.request_id)
    assert response.finish_reason == "length"
    assert 16 <= row.settings["max_tokens"] < 100
    assert budget is not None and budget.spent == response.cost <= budget.limit
    assert len(server.ledger.entries) == 1


async def test_what_calls_under_way_only_hold_is_waited_for(scripted: Setup) -> None:
    # The longest answer of this model costs $0.33, so that the budget pays for one at a time at worst.
    async with scripted({"rule": [{"hold_after": 1, "hold": "first", "times": 1}]}) as (service, server):
        await price(service)
        await service.set_budget("run", "run-1", "0.5")
        calls = [
            asyncio.ensure_future(service.generate_response(user(f"{n}: about 40 words"), context=CONTEXT))
            for n in range(3)
        ]
        await server.ledger.until(lambda entries: any(entry.completion_tokens for entry in entries))
        server.engine.release("first")
        responses = await asyncio.gather(*calls)
        budget = await service.get_budget("run", "run-1")
    assert [response.finish_reason for response in responses] == ["stop"] * 3
    assert budget is not None
    assert (budget.spent, budget.reserved) == (billed(server.ledger.entries), Decimal(0))


async def test_a_cheaper_model_answers_when_the_first_is_too_dear(scripted: Setup) -> None:
    async with scripted({"models": ["dear", "free"]}) as (service, _):
        dear = next(model for model in await service.registry.models() if model.name == "dear")
        await service.registry.change_model(dear.id, PRICED)
        await service.set_budget("run", "run-1", 0)
        chained = CONTEXT.model_copy(update={"chain": ("dear", "free")})
        response = await service.generate_response(user("hi"), context=chained)
    assert response.model == "free"


async def test_a_calls_own_ceiling(scripted: Setup) -> None:
    async with scripted() as (service, _):
        await price(service)
        options = Options(max_cost=Decimal("0.0010"))
        response = await service.generate_response(user("about 500 words"), options=options, context=CONTEXT)
        with pytest.raises(TooDear):
            tiny = Options(max_cost=Decimal("0.0001"))
            await service.generate_response(user("about 500 words"), options=tiny, context=CONTEXT)
    assert response.cost <= Decimal("0.0010")
    assert response.finish_reason == "length"


async def test_unknown_prices_keep_no_budget(scripted: Setup, database: Database) -> None:
    async with scripted() as (service, server):
        async with await psycopg.AsyncConnection.connect(database.url, autocommit=True) as connection:
            await connection.execute("UPDATE llm_models SET prices_known = false")
        await service.registry.models()
        await service.set_budget("run", "run-1", 5)
        with pytest.raises(TooDear, match="not known"):
            await service.generate_response(user("hi"), context=CONTEXT)
    assert server.ledger.entries == []


async def test_failed_attempts_are_charged_by_what_came(scripted: Setup) -> None:
    script = {
        "rule": [{"times": 1, "status": 500}, {"times": 1, "cut_after": 48}, {"times": 1, "hang": True}]
    }
    async with scripted(script) as (service, server):
        await price(service)
        await service.set_budget("run", "run-1", 1)
        options = Options(max_tokens=300, timeouts=Timeouts(first_token=0.3))
        await service.generate_response(user("about 60 words"), options=options, context=CONTEXT)
        rows = await service.run_requests("run-1")
        budget = await service.get_budget("run", "run-1")
    costs = [row.cost for row in rows]
    assert costs[0] == 0
    assert Decimal(48 * 10) / 1_000_000 <= costs[1] < costs[2]
    assert costs[2] >= Decimal(300 * 10) / 1_000_000
    assert budget is not None
    assert budget.spent == sum(costs) >= billed(server.ledger.entries)
    assert budget.reserved == 0


async def test_concurrent_calls_of_several_processes_never_cross_it(
    scripted: Setup, database: Database
) -> None:
    async with scripted({"slots": 16}) as (service, server), make_service(database) as other:
        await price(service)
        await service.set_budget("run", "run-1", "0.02")
        calls = [
            (service if n % 2 else other).generate_response(
                user(f"{n}: about 60 words"), options=Options(max_tokens=120), context=CONTEXT
            )
            for n in range(60)
        ]
        results = await asyncio.gather(*calls, return_exceptions=True)
        budget = await service.get_budget("run", "run-1")
    answered = [result for result in results if not isinstance(result, BaseException)]
    assert {type(result) for result in results if isinstance(result, BaseException)} == {TooDear}
    assert answered
    assert budget is not None
    assert budget.spent == billed(server.ledger.entries) <= Decimal("0.02")
    assert budget.reserved == 0


async def test_a_limit_is_never_crossed_whatever_goes_wrong(scripted: Setup) -> None:
    dice = random.Random(20260514)
    faults: list[dict[str, Any]] = [
        {"times": 3, "cut_after": dice.randrange(1, 60)},
        {"times": 3, "status": 500},
        {"times": 2, "malformed_chunk": True},
        {"times": 3, "reset": True},
        {"times": 2, "no_usage": True},
        {"times": 3, "early_stop": 0.4},
        {"times": 3, "status": 429, "retry_after": 0.01},
        {"times": 3, "length_factor": 4.0, "prose": True},
    ]
    dice.shuffle(faults)
    async with scripted({"slots": 4, "rule": faults}) as (service, server):
        await price(service)
        await service.set_budget("run", "run-1", "0.03")
        await service.set_budget("project", "p", "0.05")
        context = CONTEXT.model_copy(update={"project_id": "p"})
        options = Options(max_tokens=200, retries=2)
        await asyncio.gather(
            *(
                service.generate_response(user(f"{n}: about 60 words"), options=options, context=context)
                for n in range(40)
            ),
            return_exceptions=True,
        )
        budgets = [await service.get_budget("run", "run-1"), await service.get_budget("project", "p")]
        rows = await service.run_requests("run-1")
    for budget in budgets:
        assert budget is not None
        assert billed(server.ledger.entries) <= budget.spent <= budget.limit
        assert budget.spent == sum(row.cost for row in rows)
        assert budget.reserved == 0


async def test_what_a_dead_process_reserved_is_charged(scripted: Setup, database: Database) -> None:
    async with scripted({"rule": [{"times": 1, "hang": True}]}) as (service, server):
        await price(service)
        await service.set_budget("run", "run-1", 1)
        waiting = asyncio.create_task(
            service.generate_response(user("hi"), options=Options(max_tokens=100), context=CONTEXT)
        )
        await server.ledger.until(lambda entries: len(entries) == 1)
        before = await service.get_budget("run", "run-1")
        async with await psycopg.AsyncConnection.connect(database.url, autocommit=True) as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s",
                [service.log.instance.number],
            )
        async with make_service(database) as other, asyncio.timeout(30):
            while (await other.run_requests("run-1"))[0].status != RequestStatus.CUT:
                await other.log.instance.recover()
            after = await other.get_budget("run", "run-1")
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        settled = await service.get_budget("run", "run-1")
    assert before is not None and after is not None and settled is not None
    assert before.reserved > 0
    assert (after.reserved, after.spent) == (Decimal(0), before.reserved)
    assert (settled.reserved, settled.spent) == (Decimal(0), before.reserved)


async def test_electricity_counts_by_the_hour(scripted: Setup) -> None:
    async with scripted({"rule": [{"first_token_delay": 0.2}]}) as (service, _):
        await price(service, ModelChange(electricity_hour=Decimal("0.36")))
        response = await service.generate_response(user("about 20 words"), context=CONTEXT)
    assert Decimal("0.00002") <= response.cost < Decimal("0.001")


async def test_an_estimate_holds(scripted: Setup) -> None:
    async with scripted() as (service, _):
        await price(service)
        options = Options(max_tokens=150)
        estimate = await service.estimate_cost(user("about 60 words"), options)
        response = await service.generate_response(user("about 60 words"), options=options, context=CONTEXT)
    assert estimate.low <= response.cost <= estimate.high
    assert estimate.max_completion_tokens == 150
    assert estimate.prompt_tokens >= response.usage.prompt_tokens


async def test_bad_amounts(scripted: Setup) -> None:
    async with scripted() as (service, _):
        for amount in ("-1", "much", "NaN"):
            with pytest.raises(InvalidInput):
                await service.set_budget("run", "run-1", amount)
        assert await service.set_budget("run", "run-1", 2) is not None
        assert await service.set_budget("run", "run-1", None) is None
        assert await service.get_budget("run", "run-1") is None
