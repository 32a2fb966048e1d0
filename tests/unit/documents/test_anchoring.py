"""A quotation is found again: where it was, where it went, in the place of words that were changed, or not at all."""

import random

import pytest

from scrivano.documents.anchoring import Anchor, anchor, context_of, find_quote

TEXT = (
    "The gate stood open. Rain fell on the yard.\n\nNobody came that day. The gate stood open.\n\n"
    "In the evening a letter lay on the step, and the lamp was out."
)


def anchored(old: str, quote: str, start: int, new: str) -> Anchor | None:
    return anchor(new, quote, start, *context_of(old, start, start + len(quote)))


def test_of_two_equal_passages_the_quoted_one_is_kept() -> None:
    second = TEXT.rindex("The gate stood open.")
    new = "A new beginning, rather long, is put in front of it all.\n\n" + TEXT
    place = anchored(TEXT, "The gate stood open.", second, new)
    assert place == (new.rindex("The gate stood open."), new.rindex("The gate stood open.") + 20, False)


def test_altered_words_are_found_between_their_neighbours() -> None:
    start = TEXT.index("a letter lay")
    new = TEXT.replace("a letter lay on the step", "an unstamped letter was lying on the step")
    place = anchored(TEXT, "a letter lay", start, new)
    assert place is not None and place.changed
    assert new[place.start : place.end] == "an unstamped letter was lying"


def test_what_is_gone_has_no_place() -> None:
    start = TEXT.index("Nobody came")
    assert anchored(TEXT, "Nobody came", start, "Something else entirely stands here now.") is None


@pytest.mark.parametrize("seed", range(40))
def test_edits_elsewhere_never_move_it_to_other_words(seed: int) -> None:
    dice = random.Random(seed)
    old = " ".join(dice.choices(["oak", "elm", "ash", "yew", "fir"], k=200))
    start = dice.randint(60, 500)
    quote = old[start : start + 40]
    put_in = dice.randint(0, start - 50)
    new = old[:put_in] + "lime larch " * dice.randint(1, 20) + old[put_in:]
    place = anchored(old, quote, start, new)
    assert place == (start + len(new) - len(old), start + len(new) - len(old) + 40, False)


def test_the_nearest_place_is_meant() -> None:
    assert find_quote("a b a b a", "a", 5) == 4
    assert find_quote("a b a b a", "a", None) == 0
    assert find_quote("a", "z", 0) is None
