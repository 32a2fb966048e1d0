import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrivano.core.errors import InvalidInput
from scrivano.llm.routing.complexity import read_text_rules, score_music, score_text
from scrivano.llm.routing.rules import level_of, packaged, tier_of
from scrivano.llm.routing.signals import read_signals

SIX = [
    ("Generate a simple C major progression", None, 4, "small-local"),
    ("simple C major jazz progression", 8, 4, "small-local"),
    ("Create sophisticated jazz progression with altered dominants", None, 6, "large-local"),
    (
        "sophisticated bebop progression with altered dominants and tritone substitutions",
        32,
        7,
        "large-local",
    ),
    ("Experimental avant-garde fusion with unusual modulations", None, 9, "cloud"),
    (
        "experimental avant-garde jazz fusion with unusual modulations and innovative harmonic concepts",
        64,
        10,
        "cloud",
    ),
]


@pytest.mark.parametrize(("text", "bars", "level", "tier"), SIX)
def test_the_six_requests_land_in_their_tiers(text: str, bars: int | None, level: int, tier: str) -> None:
    found = score_music(text, bars)
    assert (found.level, found.tier) == (level, tier)
    assert found.raw == 5 + sum(reason.weight for reason in found.reasons)


def test_reasons_name_rule_weight_and_evidence() -> None:
    found = score_music("An innovative waltz", 40)
    assert [tuple(reason) for reason in found.reasons] == [
        ("asks for new ground", 2.0, "innovative"),
        ("more than 16 bars", 1.0, "40 bars"),
        ("more than 32 bars", 2.0, "40 bars"),
    ]


@pytest.mark.parametrize(
    ("text", "bars", "raw"),
    [
        ("a waltz", None, 5),
        ("a waltz", 16, 5),
        ("a waltz", 17, 6),
        ("a waltz", 32, 6),
        ("a waltz", 33, 8),
        ("x" * 100, None, 5),
        ("x" * 101, None, 6),
        ("simple, basic and easy", None, 2),
        ("simple and simple again", None, 4),
        ("SIMPLE", None, 4),
        ("uneasy simplers", None, 5),
        ("Avant garde or avant-garde", None, 7),
        ("avant\u2011garde", None, 7),
        ("simple but sophisticated", None, 5),
    ],
)
def test_each_factor_of_the_music_rules(text: str, bars: int | None, raw: float) -> None:
    assert score_music(text, bars).raw == raw


def test_the_score_is_held_and_raw_is_not() -> None:
    found = score_music("experimental avant-garde innovative sophisticated advanced detailed", 64)
    assert (found.score, found.level, found.raw) == (10.0, 10, 17.0)


def test_bars_have_to_be_some() -> None:
    with pytest.raises(InvalidInput) as caught:
        score_music("a waltz", 0)
    assert caught.value.field == "bars"


@pytest.mark.parametrize(
    ("score", "level"),
    [(-3, 1), (1, 1), (1.49, 1), (1.5, 2), (4.49, 4), (4.5, 5), (7.49, 7), (7.5, 8), (10, 10), (99, 10)],
)
def test_a_level_is_the_bucket_of_its_score(score: float, level: int) -> None:
    assert level_of(score) == level


def test_tiers_are_data() -> None:
    assert [tier_of(level) for level in range(1, 11)] == (
        ["small-local"] * 4 + ["large-local"] * 3 + ["cloud"] * 3
    )
    own = {"tier": [{"name": "only", "from": 1, "to": 9}]}
    assert score_music("easy", tiers=own).tier == "only"
    with pytest.raises(InvalidInput):
        tier_of(10, own)


def test_music_rules_are_data() -> None:
    own: dict[str, Any] = {"base": 2.5, "words": [{"rule": "odd", "weight": 0.25, "words": ["quintuplet"]}]}
    found = score_music("a Quintuplet", rules=own)
    assert found.raw == 2.75 and found.level == 3


@given(st.text(max_size=400))
def test_any_text_gets_a_level_and_reasons_that_add_up(text: str) -> None:
    found = score_text(text)
    assert 1 <= found.level <= 10 and 1.0 <= found.score <= 10.0
    assert found.raw == pytest.approx(packaged("text")["base"] + sum(r.weight for r in found.reasons))
    assert found.raw == pytest.approx(read_text_rules().raw(text))


def test_demanding_prompts_score_above_plain_ones() -> None:
    plain = score_text("What is the capital of France?")
    hard = score_text(
        "Prove that, unless p divides n, every subgroup must be normal; compare both arguments, state each "
        "assumption, and explain why neither premise can be dropped. Answer in exactly 12 steps as JSON."
    )
    assert plain.tier == "small-local"
    assert hard.raw > plain.raw + 3
    assert {"reasoning words", "constraints", "negations"} <= {reason.rule for reason in hard.reasons}


def test_statements_judged_together_are_noticed() -> None:
    prompt = (
        "Statement 1 | Trees have roots.\nStatement 2 | Roots have trees.\n"
        "A. True, True\nB. False, False\nC. True, False\nD. False, True\nAnswer:"
    )
    rules = {reason.rule for reason in score_text(prompt).reasons}
    assert {"several claims judged together", "options that combine verdicts"} <= rules


def test_amounts_are_counted() -> None:
    names = ["characters", "words", "numbers", "years", "decimals", "large numbers", "capitals", "sentences"]
    entries = [{"name": name, "measure": name.replace(" ", "_")} for name in names]
    signals = read_signals(
        [*entries, {"name": "odd", "words": ["owl"]}, {"name": "two", "phrases": ["barn owl"]}], 4000
    )
    text = "Barn owls and the barn owl: 3.5 of 12,000 in 1984. An owl!"
    assert dict(zip(signals.names, signals.take(text), strict=True)) == {
        "characters": 58, "words": 10, "numbers": 3, "years": 1, "decimals": 1, "large numbers": 1,
        "capitals": 2, "sentences": 2, "odd": 2, "two": 2,
    }  # fmt: skip


def test_of_long_prompts_both_ends_are_read() -> None:
    signals = read_signals(
        [{"name": "length", "measure": "characters"}, {"name": "w", "words": ["first", "middle", "last"]}], 60
    )
    prompt = "first " + "x " * 5000 + "middle " + "x " * 5000 + "last"
    assert signals.take(prompt) == [len(prompt), 2]


def test_ten_megabytes_are_no_trouble() -> None:
    started = time.process_time()
    assert score_text("why not, " * 1_200_000).level >= 7
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    "signals",
    [
        [{"name": "a", "measure": "moods"}],
        [{"name": "a"}],
        [{"name": "a", "words": ["x"]}, {"name": "a", "words": ["y"]}],
    ],
)
def test_faulty_signals_are_refused(signals: list[dict[str, Any]]) -> None:
    with pytest.raises(InvalidInput):
        read_signals(signals, 100)


def test_a_rule_without_signal_is_refused() -> None:
    own = {"base": 1, "window": 9, "signal": [], "rule": [{"signal": "ghost", "weight": 1, "most": 1}]}
    with pytest.raises(InvalidInput, match="ghost"):
        score_text("boo", rules=own)


def test_packaged_rules_use_known_signals_and_no_name_twice() -> None:
    rules = packaged("text")
    names = [signal["name"] for signal in rules["signal"]]
    used = [rule["signal"] for rule in rules["rule"]]
    assert len(names) == len(set(names)) and len(used) == len(set(used)) and set(used) <= set(names)
