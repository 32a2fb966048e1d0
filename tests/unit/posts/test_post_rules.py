"""Sections, citations, fall-backs, rules and workflows as data."""

from typing import Any

import pytest
from pydantic import ValidationError

from scrivano.posts.fallbacks import slug_of, summary_of, tags_of
from scrivano.posts.rules import Standing, missing
from scrivano.posts.sections import (
    Part,
    cited_numbers,
    cleaned,
    join_sections,
    links_in,
    split_sections,
    strange_marks,
    without_strange_marks,
)
from scrivano.posts.workflow import StageRule, WorkflowContent
from scrivano.posts.workflows import read_starter

TEXT = "Before.\n\n## One\n\nA.[^1]\n\n```\n## no heading\n```\n\n## Two\n\n### Below\n\nB.[^2][^x]\n"


def test_a_text_is_the_same_after_it_was_taken_apart() -> None:
    parts = split_sections(TEXT)
    assert [part.heading for part in parts] == ["", "One", "Two"]
    assert join_sections(parts) == TEXT


def test_marks_are_found_and_taken_out() -> None:
    assert cited_numbers(TEXT) == [1, 2]
    assert strange_marks(TEXT, {1}) == ["[^2]", "[^x]"]
    assert without_strange_marks("A [^9]. B[^1].", {1}) == "A. B[^1]."
    assert strange_marks("[^1]: A note.", set()) == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("## One\n\nText.", "Text."),
        ("**One**\n\nText.", "Text."),
        ("```markdown\nText.\n```", "Text."),
        ("Text.[^1]\n\n[^1]: A note of its own", "Text.[^1]"),
        ("Text.\n\n## Own\n\nMore.", "Text.\n\n### Own\n\nMore."),
    ],
)
def test_a_section_is_freed_of_what_is_not_its_text(given: str, kept: str) -> None:
    assert cleaned(given, "One") == kept


def test_links_are_found() -> None:
    text = "[a](https://a.org/x) ![p](p.png) <https://b.org> [c](#c) [a](https://a.org/x)"
    assert links_in(text) == ["https://a.org/x", "https://b.org", "#c"]


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Glue for OLD tables!", "glue-for-old-tables"),
        ("Grüße aus Łódź", "grusse-aus-lodz"),
        ("日本語 の タイトル", "日本語-の-タイトル"),
        ("!!!", "post"),
        ("a" * 200, "a" * 80),
    ],
)
def test_an_address_is_made_of_a_title(title: str, slug: str) -> None:
    assert slug_of(title) == slug


def test_summary_and_tags_are_the_texts_own_words() -> None:
    body = "## Head\n\n- a list\n\nGlue holds tables.[^1] Glue holds [chairs](https://x.org).\n"
    assert summary_of(body) == "Glue holds tables. Glue holds chairs."
    assert tags_of(body) == ["glue", "holds"]
    assert summary_of("") == ""


def rule(test: str, field: str | None = None, value: int = 1) -> StageRule:
    return StageRule.model_validate({"test": test, "field": field, "value": value})


@pytest.mark.parametrize(
    ("given", "fields", "holds"),
    [
        (rule("filled", "topic"), {"topic": " "}, False),
        (rule("filled", "topic"), {"topic": "x"}, True),
        (rule("at_least", "tags", 2), {"tags": ["a"]}, False),
        (rule("at_least", "body", 2), {"body": "two words"}, True),
        (rule("at_most", "summary", 1), {"summary": "two words"}, False),
        (rule("slug", "slug"), {"slug": "No Slug"}, False),
        (rule("slug", "slug"), {"slug": "a-slug"}, True),
        (rule("sources", value=2), {}, True),
        (rule("sources", value=3), {}, False),
        (rule("cited"), {"body": "[^7]"}, False),
        (rule("cited"), {"body": "[^1]"}, True),
        (rule("cites_kept"), {"body": "[^1][^7]"}, False),
        (rule("no_open_proposals"), {}, False),
    ],
)
def test_rules_say_what_is_missing(given: StageRule, fields: dict[str, Any], holds: bool) -> None:
    (starter,) = read_starter()
    said = missing(starter.content, [given], Standing(fields, {1, 2}, 1))
    assert (said == []) is holds
    assert all(line.endswith(".") for line in said)


def _changed(**changes: Any) -> dict[str, Any]:
    (starter,) = read_starter()
    return {**starter.content.model_dump(mode="json"), **changes}


@pytest.mark.parametrize(
    "content",
    [
        _changed(
            fields=[{"name": "title", "title": "T"}, {"name": "other", "title": "O"}],
            stages=[{"name": "a", "title": "A"}],
        ),
        _changed(stages=[{"name": "a", "title": "A"}, {"name": "a", "title": "B"}]),
        _changed(stages=[{"name": "a", "title": "A", "fields": ["nowhere"]}]),
        _changed(
            stages=[
                {
                    "name": "a",
                    "title": "A",
                    "actions": [{"name": "x", "title": "X", "kind": "ask", "outputs": ["title"]}],
                }
            ]
        ),
        _changed(
            stages=[
                {
                    "name": "a",
                    "title": "A",
                    "actions": [{"name": "x", "title": "X", "kind": "draw", "outputs": ["title"]}],
                }
            ]
        ),
        _changed(stages=[{"name": "a", "title": "A", "leave": [{"test": "filled"}]}]),
        _changed(stages=[]),
    ],
    ids=[
        "no body",
        "two stages of a name",
        "unknown field",
        "no template",
        "draws a title",
        "no field",
        "no stage",
    ],
)
def test_a_workflow_that_does_not_hold_together_is_refused(content: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        WorkflowContent.model_validate(content)


def test_parts_without_text_leave_nothing() -> None:
    assert join_sections([Part("", ""), Part("A", "b")]) == "## A\n\nb\n"
