"""An outline holds whatever a model proposes: as many chapters as asked, lengths that add up, no cycle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrivano.books.dto import BookOutline, Brief, OutlineChapter
from scrivano.books.outline import (
    ProposedChapter,
    ProposedOutline,
    chapters_asked,
    edited_outline,
    settle,
    shares,
    waves,
)
from scrivano.core.errors import InvalidInput


def brief(**changes: object) -> Brief:
    return Brief.model_validate({"subject": "Orchards", "words": 10_000, "chapters": 5, **changes})


def proposal(count: int, **changes: object) -> ProposedOutline:
    chapters = [
        ProposedChapter(title=f"T{n}", summary="S", points=["p"], share=1 + n % 3)
        for n in range(1, count + 1)
    ]
    return ProposedOutline.model_validate(
        {"title": "Trees", "chapters": [c.model_dump() for c in chapters], **changes}
    )


@pytest.mark.parametrize("proposed", [5, 6, 9, 20])
def test_surplus_chapters_are_folded_into_their_neighbours(proposed: int) -> None:
    outline = settle(proposal(proposed), brief())
    assert [c.number for c in outline.chapters] == [1, 2, 3, 4, 5]
    assert sum(c.words for c in outline.chapters) == 10_000
    assert outline.notes == []


def test_too_few_chapters_are_said_and_the_length_is_kept() -> None:
    outline = settle(proposal(3), brief())
    assert len(outline.chapters) == 3
    assert sum(c.words for c in outline.chapters) == 10_000
    assert "3 chapters instead of 5" in outline.notes[0]


def test_a_point_that_is_made_twice_stands_once() -> None:
    proposed = proposal(5)
    proposed.chapters[0].points[:] = ["The first hive", "Smoke", " the first  hive. ", ".", "Queens"]
    assert settle(proposed, brief()).chapters[0].points == ["The first hive", "Smoke", "Queens"]


def test_the_authors_title_wins() -> None:
    assert settle(proposal(5), brief(title="My Own")).title == "My Own"
    assert settle(proposal(5), brief()).title == "Trees"


@given(st.lists(st.floats(0.01, 10), min_size=1, max_size=60), st.integers(500, 250_000))
def test_shares_add_up_and_none_starves(weights: list[float], total: int) -> None:
    result = shares(weights, total)
    assert sum(result) == total
    even = total / len(weights)
    assert min(result) >= even * 0.24 - 1


def test_chapters_wait_for_those_they_depend_on_and_for_no_other() -> None:
    chapters = [
        OutlineChapter(number=n, title=str(n), depends_on=d)
        for n, d in [(1, []), (2, []), (3, [1]), (4, [3]), (5, [2]), (6, [])]
    ]
    assert waves(BookOutline(title="T", chapters=chapters)) == [[1, 2, 6], [3, 5], [4]]


def test_a_dependency_on_itself_or_a_later_chapter_is_dropped() -> None:
    proposed = proposal(5)
    chapters = [c.model_copy(update={"depends_on": [1, 2, 3, 9]}) for c in proposed.chapters]
    outline = settle(proposed.model_copy(update={"chapters": chapters}), brief())
    assert [c.depends_on for c in outline.chapters] == [[], [1], [1, 2], [1, 2, 3], [1, 2, 3]]


def test_an_edited_outline_is_numbered_anew_and_has_the_length_of_the_book() -> None:
    edited = edited_outline(
        {
            "title": "T",
            "chapters": [
                {"number": 7, "title": "b", "words": 200},
                {"number": 1, "title": "a", "words": 100},
            ],
        },
        brief(),
    )
    assert [(c.number, c.title) for c in edited.chapters] == [(1, "b"), (2, "a")]
    assert sum(c.words for c in edited.chapters) == 10_000


@pytest.mark.parametrize(
    "data", [{}, {"title": "T", "chapters": []}, {"title": "T", "chapters": [{"number": 1}]}]
)
def test_an_edit_that_is_no_outline_names_the_field(data: dict[str, object]) -> None:
    with pytest.raises(InvalidInput) as caught:
        edited_outline(data, brief())
    assert caught.value.field is not None
    assert caught.value.field.startswith("outline")


def test_without_a_number_chapters_suit_the_length() -> None:
    assert chapters_asked(brief(chapters=None, words=500)) == 3
    assert chapters_asked(brief(chapters=None, words=18_000)) == 10
    assert chapters_asked(brief(chapters=None, words=250_000)) == 40
