"""Forecasts of lengths: they rest on what scatters least, and say on what."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrivano.tasks.forecast import LEAST_HISTORY, Past, forecast


def past(words: float, tokens: int, prompt: int = 100) -> Past:
    return Past({"words": words}, prompt, tokens)


def test_without_history_it_is_the_length_asked_for_or_the_bound() -> None:
    asked = forecast([], {"words": 100}, 50, 1000)
    assert (asked.basis, asked.low, asked.high) == ("length", 100, 190)
    assert forecast([], {"subject": "x"}, 50, 1000) == forecast([], {}, 50, 1000)
    bound = forecast([], {}, 50, 1000)
    assert (bound.basis, bound.low, bound.high) == ("bound", 1, 1000)


def test_it_follows_what_lengths_follow() -> None:
    draw = random.Random(1)
    seen = [past(w, round(w * draw.uniform(1.25, 1.45)), draw.randint(50, 5000)) for w in range(50, 850, 4)]
    found = forecast(seen, {"words": 600}, 200, 10_000)
    assert found.basis == "history" and 690 < found.low < 780 < 840 < found.high < 920
    alike = [past(w, draw.randint(95, 105)) for w in range(50, 850, 4)]
    found = forecast(alike, {"words": 600}, 200, 10_000)
    assert found.low > 85 and found.high < 115


def test_nearly_all_answers_lie_within() -> None:
    draw = random.Random(2)
    seen: list[Past] = []
    within = 0
    for number in range(600):
        words = draw.randint(20, 500)
        tokens = round(words * draw.lognormvariate(0.3, 0.12))
        found = forecast(seen[-400:], {"words": words}, 100, 100_000)
        within += number >= 100 and found.low <= tokens <= found.high
        seen.append(past(words, tokens))
    assert within / 500 >= 0.95


@given(
    st.lists(st.builds(past, st.floats(0, 1e6), st.integers(0, 10**6)), max_size=30), st.integers(1, 10**6)
)
def test_it_never_leaves_what_is_possible(seen: list[Past], most: int) -> None:
    found = forecast(seen, {"words": 10}, 10, most)
    assert 1 <= found.low <= found.high <= most
    assert found.samples == len(seen)
    if len(seen) < LEAST_HISTORY:
        assert found.basis == "length"


@pytest.mark.parametrize("strange", [True, "12", None, [1], -3, 0])
def test_a_length_that_is_no_number_is_not_taken_for_one(strange: object) -> None:
    assert forecast([], {"words": strange}, 10, 50).basis == "bound"  # type: ignore[dict-item]
