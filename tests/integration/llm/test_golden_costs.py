import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from llm_support import Setup, user

from scrivano.llm.dto import Usage
from scrivano.llm.money import Prices
from scrivano.llm.public import CallContext, LLMService, ModelChange, Options, RequestStatus
from scrivano.llm.scripted.ledger import Entry

CASES: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("golden_costs.toml").read_text())["case"]
IN, OUT = Decimal(3), Decimal(15)


@pytest.mark.parametrize("streaming", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
async def test_the_bill_of_one_answer(
    scripted: Setup, context: CallContext, case: dict[str, Any], streaming: bool
) -> None:
    own = context.model_copy(update={"run_id": "r"})
    async with scripted({"rule": [{"usage": case["usage"]}]}) as (service, _):
        for model in await service.registry.models():
            await service.registry.change_model(model.id, ModelChange(**case["prices"]))
        await service.set_budget("run", "r", 1)
        answer = await service.generate_response(user("x"), options=Options(streaming=streaming), context=own)
        row = await service.get_request(answer.request_id)
        budget = await service.get_budget("run", "r")
        totals = await service.run_totals("r")
        seen = await service.statistics.statistics()
    bill = Decimal(case["dollars"])
    assert budget is not None
    assert answer.cost == row.cost == budget.spent == totals.cost == seen.total.cost == bill
    assert row.usage == answer.usage


async def price(service: LLMService, **prices: tuple[Decimal, Decimal]) -> None:
    for model in await service.registry.models():
        price_in, price_out = prices.get(model.name, (IN, OUT))
        await service.registry.change_model(model.id, ModelChange(input_mtok=price_in, output_mtok=price_out))


def billed(entry: Entry, price_in: Decimal = IN, price_out: Decimal = OUT) -> Decimal:
    return (entry.prompt_tokens * price_in + entry.completion_tokens * price_out) / 1_000_000


async def test_retries_are_billed_as_what_they_were(scripted: Setup, context: CallContext) -> None:
    own = context.model_copy(update={"run_id": "r"})
    rules = [
        {"times": 1, "status": 429, "retry_after": 0},
        {"times": 1, "status": 500},
        {"times": 1, "cut_after": 48, "counts_as_it_goes": True},
    ]
    async with scripted({"rule": rules, "tokens_per_second": 3000}) as (service, server):
        await price(service)
        await service.set_budget("run", "r", 1)
        answer = await service.generate_response(user("about 90 words"), context=own)
        rows = await service.run_requests("r")
        budget = await service.get_budget("run", "r")
        entries = server.ledger.entries
    assert [row.status for row in rows] == [*[RequestStatus.FAILED] * 3, RequestStatus.FINISHED]
    assert [row.cost for row in rows] == [0, 0, billed(entries[2]), billed(entries[3])]
    assert answer.cost == billed(entries[3])
    assert budget is not None and budget.spent == billed(entries[2]) + billed(entries[3])


async def test_a_stream_that_goes_on_elsewhere_is_billed_in_two_parts(
    scripted: Setup, context: CallContext
) -> None:
    own = context.model_copy(update={"run_id": "r", "chain": ("dear", "cheap")})
    rules = [{"match": {"model": "dear"}, "cut_after": 40, "counts_as_it_goes": True}]
    prices = {"dear": (IN, OUT), "cheap": (Decimal(1), Decimal(2))}
    async with scripted({"models": ["dear", "cheap"], "rule": rules, "tokens_per_second": 3000}) as (
        service,
        server,
    ):
        await price(service, **prices)
        await service.set_budget("run", "r", 1)
        stream = service.stream_response(user("about 90 words"), context=own)
        answer = await stream.response()
        rows = await service.run_requests("r")
        budget = await service.get_budget("run", "r")
        first, second = server.ledger.entries
        seen = await service.statistics.statistics()
    assert first.completion_tokens == 40
    assert [row.cost for row in rows] == [billed(first), billed(second, *prices["cheap"])]
    assert budget is not None
    assert answer.cost == budget.spent == seen.total.cost == sum(row.cost for row in rows)
    assert answer.usage.completion_tokens == first.completion_tokens + second.completion_tokens


async def test_a_cut_stream_that_was_not_counted_is_billed_by_what_came(
    scripted: Setup, context: CallContext
) -> None:
    async with scripted({"rule": [{"times": 1, "cut_after": 48}], "tokens_per_second": 3000}) as (
        service,
        server,
    ):
        await price(service)
        await service.generate_response(user("about 90 words"), context=context)
        rows = await service.latest_requests()
        entry = server.ledger.entries[0]
    assert billed(entry) <= rows[1].cost < billed(entry) + Decimal("0.01")


def test_kinds_that_add_up_to_more_than_the_total_cost_no_less_than_nothing() -> None:
    prices = Prices(Decimal(1), Decimal(1), cached_mtok=Decimal("0.5"), image_input_mtok=Decimal(2))
    usage = Usage(prompt_tokens=100, cached_tokens=80, image_prompt_tokens=60)
    assert prices.cost(usage) == 160_000
    assert prices.bound(100, 10, 0) == 210_000
