"""Diffs give both texts back; merges keep what either side changed; hostile texts take no time."""

import random
import re
from time import process_time

import pytest

from scrivano.documents.comparing import by_lines, by_words, hunks, lines_of, merged, unified
from scrivano.documents.dto import DiffLine

WORDS = [
    "the",
    "orchard",
    "gate",
    "stood",
    "open",
    ",",
    "and",
    "rain",
    "fell",
    ".",
    "Nobody",
    "came",
    ";",
    "\u2028",
    "\x0c",
    "ü",
    "李",
    "é",
]


def some_text(dice: random.Random, lines: int = 12) -> str:
    return "\n".join(
        " ".join(dice.choices(WORDS, k=dice.randint(0, 9))) for _ in range(dice.randint(0, lines))
    )


def changed(dice: random.Random, text: str) -> str:
    lines = lines_of(text)
    for _ in range(dice.randint(1, 4)):
        at = dice.randint(0, len(lines))
        match dice.choice(["add", "take", "alter"]):
            case "add":
                lines.insert(at, f"new {dice.random()}")
            case "take" if lines:
                del lines[min(at, len(lines) - 1)]
            case _ if lines:
                lines[min(at, len(lines) - 1)] += " altered"
            case _:
                pass
    return "\n".join(lines)


def side(told: list[DiffLine], *, without: str, joint: str) -> str:
    return joint.join(line.text for line in told if line.kind != without)


@pytest.mark.parametrize("seed", range(60))
def test_a_diff_holds_both_texts(seed: int) -> None:
    dice = random.Random(seed)
    before = some_text(dice)
    after = changed(dice, before)
    for told, joint in ((by_lines(before, after), "\n"), (by_words(before, after), "")):
        assert side(told, without="added", joint=joint) == before
        assert side(told, without="removed", joint=joint) == after


def test_words_are_compared_within_the_line_that_changed() -> None:
    told = by_words("One.\nThe red gate.\nEnd.", "One.\nThe green gate.\nEnd.")
    assert [(t.kind, t.text) for t in told if t.kind != "same"] == [("removed", "red"), ("added", "green")]


def test_the_patch_counts_its_lines_as_patch_programs_do() -> None:
    before = "\n".join(f"line {n}" for n in range(1, 30))
    after = before.replace("line 4\n", "").replace("line 25", "line 25\nline 25b")
    heads = re.findall(r"@@ -(\d+),(\d+) \+(\d+),(\d+) @@", unified(before, after, "a", "b"))
    assert heads == [("1", "7", "1", "6"), ("23", "6", "22", "7")]
    assert unified(before, before, "a", "b") == ""


@pytest.mark.parametrize("seed", range(120))
def test_merging_keeps_the_changes_of_both_sides_or_says_which_collide(seed: int) -> None:
    dice = random.Random(seed)
    base = "\n".join(f"line {n}" for n in range(30))
    proposed, newest = changed(dice, base), changed(dice, base)
    found = hunks(base, proposed, newest)
    text, refused = merged(base, proposed, newest)
    assert refused == [h.index for h in found if not h.applies]
    ours = [line for line in proposed.split("\n") if line not in base.split("\n")]
    theirs = [line for line in newest.split("\n") if line not in base.split("\n")]
    result = text.split("\n")
    assert all(line in result for line in theirs)
    if not refused:
        assert all(line in result for line in ours)
        gone = set(base.split("\n")) - set(proposed.split("\n")) | (
            set(base.split("\n")) - set(newest.split("\n"))
        )
        assert not gone & set(result)


def test_nothing_changed_meanwhile_means_the_proposal_as_it_is() -> None:
    assert merged("a\r\nb\n", "c\x0bd\n\n", "a\r\nb\n") == ("c\x0bd\n\n", [])


def test_all_hunks_one_by_one_are_the_proposal() -> None:
    base, proposed = "a\n\nb\n\nc\n\nd", "a\n\nB\n\nc\n\nd\n\ne"
    count = len(hunks(base, proposed, base))
    assert count == 2
    assert merged(base, proposed, base, range(count))[0] == proposed
    assert merged(base, proposed, base, [0])[0] == "a\n\nB\n\nc\n\nd"


@pytest.mark.parametrize(
    "before, after", [("a\n" * 40_000, "a\nb\n" * 30_000), ("x " * 60_000, "y x " * 60_000)]
)
def test_texts_made_to_be_slow_are_not(before: str, after: str) -> None:
    begun = process_time()
    told = by_words(before, after)
    assert side(told, without="added", joint="") == before
    by_lines(before, after)
    assert process_time() - begun < 30
