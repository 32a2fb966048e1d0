import asyncio
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrivano.llm.dto import Message, ToolCall, Usage
from scrivano.llm.money import Prices, dollars, nano_dollars
from scrivano.llm.tokens import bound, bound_prompt, count_prompt, count_text

PRICE = st.decimals(min_value=0, max_value=200, places=4)


@settings(deadline=None)
@given(PRICE, PRICE, st.integers(0, 200_000), st.integers(1, 100_000), st.data())
def test_no_answer_within_its_cap_costs_more_than_its_bound(
    input_price: Decimal, output_price: Decimal, prompt: int, most: int, data: st.DataObject
) -> None:
    prices = Prices(input_price, output_price, input_price / 10)
    usage = Usage(
        prompt_tokens=data.draw(st.integers(0, prompt)), completion_tokens=data.draw(st.integers(0, most))
    )
    assert prices.cost(usage) <= prices.bound(prompt, most, 0)


@settings(deadline=None)
@given(PRICE, PRICE, st.integers(0, 50_000), st.integers(0, 10**10))
def test_affordable_tokens_are_affordable(
    input_price: Decimal, output_price: Decimal, prompt: int, left: int
) -> None:
    prices = Prices(input_price, output_price)
    tokens = prices.affordable_tokens(left, prompt, 0)
    if tokens is None:
        assert output_price == 0
        assert prices.bound(prompt, 10**9, 0) <= left
    elif tokens:
        assert prices.bound(prompt, tokens, 0) <= left


def test_cached_tokens_have_their_own_price() -> None:
    prices = Prices(Decimal("2.5"), Decimal(10), Decimal("1.25"))
    usage = Usage(prompt_tokens=1000, cached_tokens=400, completion_tokens=100)
    assert dollars(prices.cost(usage)) == Decimal("0.003")


def test_time_costs_where_there_is_a_price_for_it() -> None:
    prices = Prices(electricity_hour=Decimal("0.36"))
    assert dollars(prices.cost(Usage(), seconds=10)) == Decimal("0.001")
    assert prices.only_time and not prices.free


@pytest.mark.parametrize("amount", ["0", "1", "0.000000001", "12345.678901234", "100", "1E+3"])
def test_dollars_and_nano_dollars_are_the_same_amount(amount: str) -> None:
    assert dollars(nano_dollars(Decimal(amount))) == Decimal(amount)
    assert "E" not in str(dollars(nano_dollars(Decimal("12"))))


@settings(deadline=None)
@given(st.text(max_size=400))
def test_the_bound_holds_for_openais_tokenizers(text: str) -> None:
    for encoding in ("o200k_base", "cl100k_base"):
        counted = asyncio.run(count_text(encoding, text, "m", None))
        assert counted.exact
        assert counted.tokens <= bound(text)


def test_the_bound_knows_letters_that_grow() -> None:
    assert bound("ﷺ") >= len("صلى الله عليه وسلم".encode()) - 2
    assert bound("plain") == 5


async def test_a_conversation_counts_all_that_is_sent() -> None:
    call = ToolCall(id="c1", name="find", arguments='{"query": "a long one"}')
    messages = [Message(role="user", content="hello"), Message(role="assistant", tool_calls=(call,))]
    plain = bound_prompt(messages[:1])
    assert bound_prompt(messages) > plain + len(call.arguments)
    assert bound_prompt(messages, {"type": "object"}) > bound_prompt(messages)
    counted = await count_prompt("bytes", messages, "m", None)
    assert not counted.exact
    assert abs(counted.tokens - bound_prompt(messages)) < 10


async def test_openais_counts_are_exact() -> None:
    assert (await count_text("o200k_base", "hello world", "gpt-4o", None)).tokens == 2
