import random
import re

import pytest

from scrivano.llm.joint import Joint, NoJoint, anchor_of

TEXT = (
    "The mill stands where the brook leaves the wood. Its wheel has not turned since the war, “they say”, but "
    "the miller's daughter\n\nstill oils the axle each spring.\n\n## What followed\n\n- One thing\n- another\n"
)


def joined(before: str, rest: str, *, prefilled: bool, size: int = 3) -> str:
    joint = Joint(before, prefilled=prefilled)
    pieces = [joint.feed(rest[at : at + size]) for at in range(0, len(rest), size)]
    return before + "".join(pieces) + joint.finish()


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_any_cut_is_mended_by_a_prefilled_answer(size: int) -> None:
    for at in range(1, len(TEXT)):
        begun = TEXT[:at].rstrip()
        assert joined(TEXT[:at], TEXT[len(begun) :], prefilled=True, size=size) == TEXT


@pytest.mark.parametrize("preface", ["", "“", "Sure! Here is the rest:\n\n"])
def test_any_cut_is_mended_by_a_continuation_that_begins_with_the_anchor(preface: str) -> None:
    for at in range(1, len(TEXT)):
        before = TEXT[:at]
        anchor = anchor_of(before)
        rest = preface + anchor + TEXT[len(before.rstrip()) :]
        assert joined(before, rest, prefilled=False) == TEXT, at


def test_an_anchor_may_come_with_other_blanks_and_quotation_marks() -> None:
    before = 'He said "it is late" and the\nwhole house went'
    assert joined(before, "said “it is late” and the whole house went to bed.", prefilled=False) == (
        before + " to bed."
    )


def test_an_answer_written_anew_is_followed_to_where_it_broke_off() -> None:
    for prefilled in (True, False):
        for at in range(40, len(TEXT)):
            assert joined(TEXT[:at], TEXT, prefilled=prefilled) == TEXT


@pytest.mark.parametrize(
    "rest", ["and so they lived happily ever after, all of them, to this day. " * 20, "Yes.", ""]
)
def test_what_does_not_go_on_is_not_joined(rest: str) -> None:
    with pytest.raises(NoJoint):
        joined(TEXT[:150], rest, prefilled=False)


def test_another_answer_from_the_beginning_is_not_joined() -> None:
    with pytest.raises(NoJoint):
        joined(TEXT[:150], TEXT[:60] + "something else came of it" * 10, prefilled=True)


def test_anchors_are_long_enough_to_be_found_and_short_enough_to_be_repeated() -> None:
    draw = random.Random(5)
    words = ["a", "of", "winter", "extraordinary", "mill,", "I"]
    for _ in range(300):
        text = " ".join(draw.choices(words, k=draw.randint(1, 60)))
        anchor = anchor_of(text)
        assert text.endswith(anchor)
        assert len(anchor) >= min(24, len(text))
        assert len(anchor) <= 240
    assert len(anchor_of("字" * 5000)) == 240
    assert not re.search(r"^\s|\s$", anchor_of("one two \n"))
