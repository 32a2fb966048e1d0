"""A manuscript becomes chapters, and none of its words is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrivano.books.importing import divide
from scrivano.core.errors import InvalidInput


def test_a_title_chapters_and_sections() -> None:
    book = divide(
        "# The Yard\n\nFor M.\n\n## One\n\nRain.\n\n### At night\n\nSnow.\n\n## Two\n\nSun.\n", "yard.md"
    )
    assert book.title == "The Yard"
    assert [(c.title, c.text) for c in book.chapters] == [
        ("The Yard", "For M."),
        ("One", "Rain.\n\n## At night\n\nSnow."),
        ("Two", "Sun."),
    ]


def test_headings_of_the_first_level_are_chapters_where_there_are_several() -> None:
    book = divide("# *One*\n\nRain.\n\n## Then\n\nHail.\n\n# Two #\n\n```\n# no heading\n```\n", "The yard")
    assert (book.title, [c.title for c in book.chapters]) == ("The yard", ["One", "Two"])
    assert book.chapters[0].text == "Rain.\n\n## Then\n\nHail."
    assert book.chapters[1].text == "```\n# no heading\n```"


def test_without_headings_it_is_one_chapter() -> None:
    assert [c.text for c in divide("Rain.\n\nSun.", "yard").chapters] == ["Rain.\n\nSun."]


@pytest.mark.parametrize(
    "text", ["", "\n\n", "# One\n\n# Two\n", "\n".join(f"# {n}\n\nx\n" for n in range(500))]
)
def test_what_is_no_book_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        divide(text, "yard")


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from(["# a", "## b", "### c", "rain", "", "```", "sun * moon", "#tag"]), max_size=25)
)
def test_no_words_are_lost(lines: list[str]) -> None:
    text = "start\n\n" + "\n".join(lines)
    book = divide(text, "yard")
    kept = " ".join([book.title, *(f"{c.title} {c.text}" for c in book.chapters)])
    for word in ("rain", "sun * moon", "#tag"):
        assert kept.count(word) == text.count(word)
