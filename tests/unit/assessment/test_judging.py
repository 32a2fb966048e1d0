"""A judge's scores count where the text bears them out; two judgements count where they agree."""

import pytest

from scrivano.assessment.comparing import settle_pair, verdict_of
from scrivano.assessment.comparison_dto import PairAnswer, PairVerdict
from scrivano.assessment.dto import Criterion, JudgeAnswer, Verdict
from scrivano.assessment.judging import settle
from scrivano.assessment.quotations import find_quote

TEXT = "The bench was “ninety\ncentimetres” high — and  the lamp hung low. It’s warm."
CRITERIA = [Criterion(slug=s, name=s, question="?", weight=w) for s, w in (("one", 3), ("two", 1))]


@pytest.mark.parametrize(
    ("quote", "stands"),
    [
        ("and the lamp hung low", True),
        ('"ninety centimetres" high - and the lamp', True),
        ("“and the lamp hung low.”", True),
        ("It's warm.", False),  # too short to prove anything
        ("and the lamp hung high", False),
        ("the lamp", False),
        ("", False),
    ],
)
def test_a_quotation_may_differ_in_space_and_marks_alone(quote: str, stands: bool) -> None:
    place = find_quote(TEXT, quote)
    assert (place is not None) is stands
    if place:
        assert "lamp" in TEXT[slice(*place)]


def verdict(criterion: str, score: float, quote: str = "and the lamp hung low") -> Verdict:
    return Verdict(criterion=criterion, score=score, quote=quote)


def test_a_score_without_its_quotation_in_the_text_does_not_count() -> None:
    answer = JudgeAnswer(verdicts=[verdict("one", 100, "nowhere in this text"), verdict("two", 40)])
    judged = settle(TEXT, CRITERIA, answer)
    assert judged.score == 40
    assert [(j.criterion, j.counts) for j in judged.criteria] == [("one", False), ("two", True)]
    assert judged.dropped == 1


def test_criteria_weigh_and_strangers_and_doubles_are_dropped() -> None:
    answer = JudgeAnswer(
        verdicts=[verdict("one", 80), verdict("two", 40), verdict("one", 0), verdict("three", 0)]
    )
    judged = settle(TEXT, CRITERIA, answer)
    assert (judged.score, judged.dropped) == (70, 2)


def test_nothing_counts_without_any_proof() -> None:
    assert (
        settle(TEXT, CRITERIA, JudgeAnswer(verdicts=[verdict("one", 90, "made up altogether")])).score is None
    )


def pair(better: str, shown: str, quote: str = "and the lamp hung low") -> PairVerdict:
    answer = PairAnswer.model_validate(
        {"better": better, "reason": "r", "first_quote": quote, "second_quote": "and the lamp hung low"}
    )
    return settle_pair(answer, TEXT, TEXT, list(shown), 0.0)


def test_who_wins_in_both_orders_wins() -> None:
    assert verdict_of([pair("first", "ab"), pair("second", "ba")]).better == "a"
    assert verdict_of([pair("second", "ab"), pair("first", "ba")]).better == "b"


def test_a_judge_who_favours_a_place_or_proves_nothing_decides_nothing() -> None:
    assert verdict_of([pair("first", "ab"), pair("first", "ba")]).better == "tie"
    assert verdict_of([pair("first", "ab"), pair("second", "ba", "this stands nowhere")]).better == "tie"
