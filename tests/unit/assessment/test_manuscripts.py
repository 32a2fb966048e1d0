"""Markdown as chapters, outline files as plans."""

import pytest

from scrivano.assessment.manuscripts import read_outline, split_manuscript
from scrivano.core.errors import InvalidInput

BOOK = "# The Book\n\n## One\n\nFirst.\n\n### Within\n\nMore.\n\n## Two\n\nSecond.\n"


def test_chapters_are_cut_at_the_highest_heading_that_comes_twice() -> None:
    chapters = split_manuscript(BOOK)
    assert [(c.title, c.text) for c in chapters] == [
        ("One", "First.\n\n### Within\n\nMore."),
        ("Two", "Second."),
    ]


def test_prose_before_the_first_chapter_is_kept_and_a_file_without_chapters_is_one() -> None:
    assert [c.title for c in split_manuscript("Before.\n\n# A\n\na.\n\n# B\n\nb.")] == ["", "A", "B"]
    assert [c.text for c in split_manuscript("Only this.")] == ["Only this."]


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("o.toml", '[[chapter]]\ntitle = "One"\npoints = ["a", "b"]\nextra = 1\n'),
        ("o.json", '{"outline": {"chapters": [{"title": "One", "points": ["a", "b"], "number": 1}]}}'),
        ("o.md", "# One\n\n- a\n- b\n"),
    ],
)
def test_outlines_in_three_forms(name: str, raw: str) -> None:
    (chapter,) = read_outline(raw, name)
    assert (chapter.title, chapter.points) == ("One", ["a", "b"])


@pytest.mark.parametrize(
    ("name", "raw"), [("o.toml", "=="), ("o.json", "[]"), ("o.json", '{"chapters": 3}'), ("o.json", "{")]
)
def test_what_is_no_outline_is_said(name: str, raw: str) -> None:
    with pytest.raises(InvalidInput):
        read_outline(raw, name)
