"""Bringing prose to a length never cuts a sentence, never adds anything and never repeats."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrivano.books.length import (
    count_words,
    ends_whole,
    fit_length,
    without_cut_end,
    without_repeats,
)
from scrivano.references.public import split_sentences

SUBJECTS = [
    "The clerk",
    "A gardener",
    "Every invoice",
    "The old press",
    "Her cousin",
    "No customer",
    "The river",
]
VERBS = ["counted", "kept", "forgot", "measured", "returned", "described", "repaired", "sold"]
OBJECTS = [
    "nine loaves",
    "the copper wire",
    "a letter from Turin",
    "its own shadow",
    "the third drawer",
    "salt",
]


def prose(words: int, seed: int = 0) -> str:
    """Paragraphs of distinct sentences, at least so many words, with a heading now and then."""
    draw = random.Random(seed)
    blocks: list[str] = []
    total = 0
    while total < words:
        sentences = [
            f"{draw.choice(SUBJECTS)} {draw.choice(VERBS)} {draw.choice(OBJECTS)} on day {draw.randrange(10**6)}."
            for _ in range(draw.randint(2, 6))
        ]
        blocks.append(" ".join(sentences))
        total += count_words(blocks[-1])
        if draw.random() < 0.25:
            blocks.append(f"## About {draw.choice(OBJECTS)} {len(blocks)}")
    return "\n\n".join(blocks)


def sentences_of(text: str) -> list[str]:
    return [s for block in text.split("\n\n") if not block.startswith("#") for s in split_sentences(block)]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(250, 900), st.floats(1.02, 5.0))
def test_a_long_text_is_brought_to_its_length_in_whole_sentences(
    seed: int, asked: int, factor: float
) -> None:
    text = prose(round(asked * factor), seed)
    fitted = fit_length(text, asked)
    assert abs(count_words(fitted) - asked) <= asked * 0.03
    original = sentences_of(text)
    kept = sentences_of(fitted)
    remaining = iter(original)
    assert all(sentence in remaining for sentence in kept), "sentences were changed or put in another order"
    assert kept[0] == original[0]
    assert kept[-1] == original[-1]


def test_a_text_that_is_short_or_right_stays_as_it_is() -> None:
    text = prose(400)
    assert fit_length(text, count_words(text)).split() == text.split()
    assert fit_length(text, 900).split() == text.split()


def test_a_section_that_lost_all_its_text_loses_its_heading_too() -> None:
    text = (
        "Opening words stay here.\n\n## Gone\n\n"
        + prose(300, 3).replace("##", "")
        + "\n\n## Last\n\nThe close stays."
    )
    fitted = fit_length(text, 40)
    lines = [line for line in fitted.split("\n\n") if line]
    assert not any(a.startswith("#") and b.startswith("#") for a, b in pairwise(lines))
    assert not lines[-1].startswith("#")


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("One is whole. Two is cut off in the", "One is whole."),
        ("A paragraph.\n\nAnother that never ends", "A paragraph."),
        ("A paragraph.\n\n## A heading at the end", "A paragraph."),
        ('He said: "It is done."', 'He said: "It is done."'),
        ("It was *really* done.*", "It was *really* done.*"),
        ("Nothing but a cut sentence without an end", ""),
        ("Er fragte: »Wirklich?«", "Er fragte: »Wirklich?«"),
    ],
)
def test_a_cut_end_goes_and_a_whole_one_stays(text: str, whole: str) -> None:
    assert without_cut_end(text).strip() == whole
    assert whole == "" or ends_whole(whole)


def test_a_list_cut_by_the_limit_loses_its_last_item_only() -> None:
    text = "Take three things:\n\n- flour\n- salt\n- a large bow"
    assert without_cut_end(text, was_cut=True).strip() == "Take three things:\n\n- flour\n- salt"
    assert without_cut_end(text).strip() == text


def test_sentences_that_stand_there_already_are_not_taken_again() -> None:
    before = "The press was older than the town. Nobody had oiled it."
    more = "The press was older than the town. In May it was sold. Nobody had oiled it. No."
    assert without_repeats(more, before).strip() == "In May it was sold. Nobody had oiled it. No."


def test_words_are_counted_as_a_reader_would() -> None:
    assert count_words("## Two words\n\n- a *third*, and – the sixth-seventh") == 7
    assert count_words("春は曙") == 3
