"""The template language: what it fills in, what it refuses, and that a value is never read as a template."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrivano.prompts import engine
from scrivano.prompts.dto import MissingVariable, TemplateSyntax, WrongValue


def fill(source: str, **values: object) -> str:
    return engine.render(engine.parse(source), values)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("source", "values", "expected"),
    [
        ("Dear {{ name }},", {"name": "Ada"}, "Dear Ada,"),
        ("{{name}} and {{  name  }}", {"name": "x"}, "x and x"),
        ("{{ a.b.c }}", {"a": {"b": {"c": "deep"}}}, "deep"),
        ("{{ n }} {{ f }} {{ g }}", {"n": 1200, "f": 2.0, "g": 0.25}, "1200 2 0.25"),
        ("{{ yes }} {{ no }}", {"yes": True, "no": False}, "yes no"),
        ("{{ x }}", {"x": {"a": ["é", 1]}}, '{"a": ["é", 1]}'),
        ("a {{! not shown }}b", {}, "a b"),
        (r"\{{ name }}", {}, "{{ name }}"),
        ('{"a": {"b": 1}}', {}, '{"a": {"b": 1}}'),
    ],
)
def test_values_are_filled_in(source: str, values: dict[str, object], expected: str) -> None:
    assert fill(source, **values) == expected


@pytest.mark.parametrize(
    ("condition", "value", "expected"),
    [
        ("x", "text", True),
        ("x", "  \n", False),
        ("x", [], False),
        ("x", None, False),
        ("x", 0, False),
        ("not x", "", True),
        ("x.missing", {}, False),
        ("not x.missing", {}, True),
        ("x is fiction", "Fiction ", True),
        ("x is 'two words'", "two words", True),
        ("not x is fiction", "non-fiction", True),
        ("x has warm", "warm and practical", True),
        ("x has warm", "lukewarm", False),
        ("x has warm", ["cold", "warm"], True),
    ],
)
def test_conditions(condition: str, value: object, expected: bool) -> None:
    assert fill("{{#if " + condition + "}}1{{else}}0{{/if}}", x=value) == str(int(expected))


def test_each_numbers_its_items_and_reaches_their_fields_and_the_outside() -> None:
    source = "{{#each list}}{{@number}}. {{this.title}} ({{ by }}) {{/each}}"
    assert fill(source, list=[{"title": "A"}, {"title": "B"}], by="me") == "1. A (me) 2. B (me)"


def test_nested_each_sees_its_own_item() -> None:
    source = "{{#each rows}}{{#each this.cells}}{{ this }}{{@number}};{{/each}}|{{/each}}"
    assert fill(source, rows=[{"cells": ["a", "b"]}, {"cells": ["c"]}]) == "a1;b2;|c1;|"


def test_each_over_nothing_shows_its_else() -> None:
    assert fill("{{#each list}}x{{else}}none{{/each}}", list=[]) == "none"


def test_section_tags_alone_on_a_line_leave_no_empty_line() -> None:
    source = "Points:\n{{#each points}}\n- {{ this }}\n{{/each}}\nEnd"
    assert fill(source, points=["one", "two"]) == "Points:\n- one\n- two\nEnd"


def test_omitted_sections_leave_one_blank_line_but_values_keep_theirs() -> None:
    source = "\n\nA\n\n{{#if gone}}\nx\n{{/if}}\n\n{{#if gone}}\ny\n{{/if}}\n\nB\n\n{{ v }}\n"
    assert fill(source, gone=False, v="1\n\n\n\n2\n\n") == "A\n\nB\n\n1\n\n\n\n2\n\n"


@given(st.text())
def test_a_value_is_never_read_as_a_template(value: str) -> None:
    assert fill("{{ v }}", v=value) == value
    assert fill("<{{#each l}}{{ this }}|{{/each}}>", l=[value, value]) == f"<{value}|{value}|>"


@given(st.text(alphabet="{}#/!\\@ \nabeifsc.", max_size=40))
def test_any_source_is_read_or_refused_with_a_typed_error(source: str) -> None:
    with suppress(TemplateSyntax, MissingVariable):
        engine.render(engine.parse(source), {})


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("one\ntwo {{ three", "line 2"),
        ("{{#if a}}x", "never closed"),
        ("{{/if}}", "without an opening"),
        ("{{else}}", "without an opening"),
        ("{{#if a}}x{{/each}}", "never closed"),
        ("{{#each}}x{{/each}}", "not understood"),
        ("{{#each a b}}x{{/each}}", "wants the name of a list"),
        ("{{#if a or b}}x{{/if}}", "not understood"),
        ("{{ a + b }}", "not understood"),
        ("{{ __import__('os') }}", "not understood"),
        ("{{ this }}", "only inside"),
        ("{{#each a}}x{{else}}{{ this }}{{/each}}", "only inside"),
        ("{{#if a}}" * 20 + "{{/if}}" * 20, "nested deeper"),
        ("x" * 1_000_001, "longer than"),
    ],
)
def test_what_is_not_well_formed_is_refused_with_its_place(source: str, says: str) -> None:
    with pytest.raises(TemplateSyntax, match=says):
        engine.parse(source, where="a template")


def test_a_missing_name_or_field_is_an_error_that_names_it() -> None:
    with pytest.raises(MissingVariable, match="`name`") as raised:
        fill("{{ name }}")
    assert raised.value.field == "name"
    with pytest.raises(MissingVariable, match=r"item\.title"):
        fill("{{ item.title }}", item={"name": "x"})
    with pytest.raises(MissingVariable):
        fill("{{ x }}", x=None)


def test_each_wants_a_list() -> None:
    with pytest.raises(WrongValue, match="list"):
        fill("{{#each x}}y{{/each}}", x="abc")


def test_names_used_are_found_in_every_branch() -> None:
    source = "{{ a }}{{#if not b.c}}{{ d }}{{else}}{{ e }}{{/if}}{{#each f}}{{ this.g }}{{ h }}{{/each}}"
    assert engine.names_used(engine.parse(source)) == {"a", "b", "d", "e", "f", "h"}
