"""Forecasts of lengths: they rest on what scatters least, and say on what."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrivano.prompts.starter_files import read_starter
from scrivano.tasks.forecast import LEAST_HISTORY, Past, forecast
from scrivano.tasks.lengths import Asked, expected, in_words, known

VARIABLES_OF_PARTS = {name for part in read_starter().parts() for name in part.variables}


def past(words: float, tokens: int, prompt: int = 100) -> Past:
    return Past({"words": words}, prompt, tokens)


def test_without_history_it_is_the_length_asked_for_or_the_bound() -> None:
    asked = forecast([], Asked(values={"words": 100}), 50, 1000)
    assert (asked.basis, asked.low, asked.high) == ("length", 100, 190)
    assert forecast([], Asked(values={"subject": "x"}), 50, 1000) == forecast([], Asked(), 50, 1000)
    usual = forecast([], Asked(), 50, 1000)
    assert (usual.basis, usual.high) == ("usual", 1000)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("Write about 300 words.", 300, 570),
        ("Write 1,200 words, in 3 paragraphs. Length: about 200-300 words", 200, 570),
        ("In at most 100 words.", 25, 199.5),
        ("Answer with a 50-word summary", 50, 95),
        ("Schreibe etwa 400 Wörter.", 400, 760),
        ("Three points: 5 bullet points", 40, 225),
        ("Chapter 7 has words enough", None, None),
        ("0 words", None, None),
    ],
)
def test_the_length_that_a_prompt_names(text: str, low: float | None, high: float | None) -> None:
    found = in_words(text)
    assert found == (None if low is None else (pytest.approx(low), pytest.approx(high)))


def test_a_schema_says_how_long_its_json_is() -> None:
    small: dict[str, Any] = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
    basis, low, high = expected(Asked(answer_schema=small))
    assert basis == "schema" and 3 <= low <= 8 <= high < 30
    many = {"type": "array", "items": small, "minItems": 20, "maxItems": 20}
    basis, low, high = expected(Asked(answer_schema=many))
    assert 40 < low < high < 700
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(40):
        deep = {"type": "array", "items": deep, "minItems": 1, "maxItems": 1}
    assert expected(Asked(answer_schema=deep))[2] < 1000


def test_what_is_known_is_of_templates_and_variables_that_there_are() -> None:
    assert set(known().templates) <= {template.name for template in read_starter().templates()}
    for template in read_starter().templates():
        own = known().templates.get(template.name)
        assert own is None or own.by is None or own.by in {*template.variables, *VARIABLES_OF_PARTS}


def test_a_starter_template_is_known_better_than_by_its_count_of_words() -> None:
    outline = expected(Asked(template="post_outline", values={"words": 5000}))
    assert outline[0] == "template" and outline[2] < 1000
    assert expected(Asked(template="write_chapter", values={"words": 1000})) == ("template", 1000, 2000)


def test_few_answers_of_their_own_narrow_it() -> None:
    seen = [past(0, 100), past(0, 110), past(0, 120)]
    found = forecast(seen, Asked(), 50, 4000)
    assert (found.basis, found.low, found.high, found.samples) == ("usual", 60, 204, 3)


def test_a_model_that_answered_often_enough_is_judged_by_itself() -> None:
    short = [Past({}, 100, 50 + n % 3, "short") for n in range(20)]
    long = [Past({}, 100, 900 + n % 3, "long") for n in range(20)]
    found = forecast([*short, *long], Asked(), 100, 4000, "short")
    assert found.high < 70 and found.samples == 20
    both = forecast([*short, *long], Asked(), 100, 4000, "new")
    assert both.low < 60 < 880 < both.high


def test_it_follows_what_lengths_follow() -> None:
    draw = random.Random(1)
    seen = [past(w, round(w * draw.uniform(1.25, 1.45)), draw.randint(50, 5000)) for w in range(50, 850, 4)]
    found = forecast(seen, Asked(values={"words": 600}), 200, 10_000)
    assert found.basis == "history" and 690 < found.low < 780 < 840 < found.high < 920
    alike = [past(w, draw.randint(95, 105)) for w in range(50, 850, 4)]
    found = forecast(alike, Asked(values={"words": 600}), 200, 10_000)
    assert found.low > 85 and found.high < 115


def test_nearly_all_answers_lie_within() -> None:
    draw = random.Random(2)
    seen: list[Past] = []
    within = 0
    for number in range(600):
        words = draw.randint(20, 500)
        tokens = round(words * draw.lognormvariate(0.3, 0.12))
        found = forecast(seen[-400:], Asked(values={"words": words}), 100, 100_000)
        within += number >= 100 and found.low <= tokens <= found.high
        seen.append(past(words, tokens))
    assert within / 500 >= 0.95


@given(
    st.lists(st.builds(past, st.floats(0, 1e6), st.integers(0, 10**6)), max_size=30), st.integers(1, 10**6)
)
def test_it_never_leaves_what_is_possible(seen: list[Past], most: int) -> None:
    found = forecast(seen, Asked(values={"words": 10}), 10, most)
    assert 1 <= found.low <= found.high <= most
    assert found.samples == len(seen)
    if len(seen) < LEAST_HISTORY:
        assert found.basis == "length"


@pytest.mark.parametrize("strange", [True, "12", None, [1], -3, 0])
def test_a_length_that_is_no_number_is_not_taken_for_one(strange: object) -> None:
    assert forecast([], Asked(values={"words": strange}), 10, 50).basis == "usual"  # type: ignore[dict-item]
