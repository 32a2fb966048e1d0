"""What a template gets from a post."""

from collections.abc import Mapping

from pydantic import JsonValue

from scrivano.posts.desk import Opened
from scrivano.posts.values import for_prompt, is_filled
from scrivano.posts.workflow import Action
from scrivano.prompts.public import Variable

SOURCES = "sources"
_EXCERPT = 1500


def prefilled(
    wanted: Mapping[str, Variable],
    action: Action,
    opened: Opened,
    given: Mapping[str, JsonValue],
    more: Mapping[str, JsonValue],
) -> dict[str, JsonValue]:
    """Values for a template's variables: those `given` by the person, those of this call (`more`), the kept
    sources, and else the field that the action names for a variable or that is named like it."""
    values: dict[str, JsonValue] = {}
    for name, variable in wanted.items():
        if name in given:
            values[name] = given[name]
        elif name in more:
            values[name] = more[name]
        elif name == SOURCES:
            values[name] = sources_for_prompt(opened)
        elif (field := action.inputs.get(name, name)) in opened.fields:
            value = opened.fields[field]
            # What is empty is left to the template's default, where it has one.
            if is_filled(value) or variable.required:
                values[name] = for_prompt(value, variable.type)
    return {name: value for name, value in values.items() if value is not None}


def sources_for_prompt(opened: Opened, only: set[int] | None = None) -> list[JsonValue]:
    """The kept sources, or those of these numbers, as templates show them."""
    return [
        {
            "number": source.number,
            "title": source.title,
            "url": source.url,
            "published": source.published or "",
            "text": source.excerpt[:_EXCERPT],
        }
        for source in opened.kept.values()
        if not only or source.number in only
    ]
