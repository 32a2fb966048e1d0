"""From a template version to messages: checked once when it is saved or first used, then filled in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import cast

from pydantic import BaseModel, JsonValue

from scrivano.llm.public import Message
from scrivano.prompts import engine
from scrivano.prompts.canonical import prompt_hash
from scrivano.prompts.dto import (
    MissingVariable,
    PromptNotFound,
    RenderedPrompt,
    Role,
    TemplateVersion,
    UnknownVariable,
    Variable,
    WrongValue,
    check_value,
)


@dataclass(frozen=True, slots=True)
class _Piece:
    condition: engine.Condition | None
    nodes: tuple[engine.Node, ...]


@dataclass(frozen=True, slots=True)
class _Message:
    role: Role
    condition: engine.Condition | None
    pieces: tuple[_Piece, ...]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A template version ready to be filled in. It never changes, so it can be kept."""

    name: str
    version_id: str
    number: int
    variables: dict[str, Variable]
    settings: dict[str, JsonValue]
    messages: tuple[_Message, ...]


def compile_version(version: TemplateVersion) -> Compiled:
    """Check a template version and make it ready.

    Raises TemplateSyntax for a text or condition that is not well-formed, UnknownVariable where one uses a
    variable that neither the template nor the part declares, PromptNotFound for a part that is not pinned,
    WrongValue where template and part declare a variable with different types.
    """
    variables = _merged_variables(version)
    messages = tuple(
        _Message(
            role=message.role,
            condition=_condition(message.when, variables, version.name),
            pieces=tuple(
                _Piece(
                    condition=_condition(item.when, variables, version.name),
                    nodes=_nodes(version, item.text, item.part, variables),
                )
                for item in message.content
            ),
        )
        for message in version.content.messages
    )
    settings = version.content.settings.model_dump(mode="json", exclude_none=True)
    return Compiled(version.name, str(version.info.id), version.info.number, variables, settings, messages)


def render(compiled: Compiled, given: Mapping[str, object]) -> RenderedPrompt:
    """The messages with the given values.

    Raises UnknownVariable, MissingVariable or WrongValue; a value of None counts as not given.
    """
    values = _checked(compiled, given)
    messages: list[Message] = []
    for message in compiled.messages:
        if not _applies(message.condition, values):
            continue
        pieces = [engine.render(p.nodes, values) for p in message.pieces if _applies(p.condition, values)]
        text = "\n\n".join(piece for piece in pieces if piece)
        if text:
            messages.append(Message(role=message.role, content=text))
    return RenderedPrompt(
        messages=messages,
        name=compiled.name,
        version_id=compiled.version_id,
        version=compiled.number,
        hash=prompt_hash(messages, compiled.settings),
        settings=dict(compiled.settings),
    )


def _merged_variables(version: TemplateVersion) -> dict[str, Variable]:
    own = version.content.variables
    for part in version.parts.values():
        for name, variable in part.content.variables.items():
            if name in own and own[name].type != variable.type:
                raise WrongValue(
                    f"`{name}` is a {own[name].type} in {version.name}, "
                    f"but a {variable.type} in its part {part.name}.",
                    field=name,
                )
    return version.variables()


def _nodes(
    version: TemplateVersion, text: str | None, part: str | None, variables: Mapping[str, Variable]
) -> tuple[engine.Node, ...]:
    where = version.name
    if part is not None:
        if part not in version.parts:
            raise PromptNotFound(f"{version.name} uses the part {part}, which there is none of.", field=part)
        where, text = part, version.parts[part].content.text
    nodes = engine.parse(text or "", where=where)
    _declared(engine.names_used(nodes), variables, where)
    return nodes


def _condition(source: str | None, variables: Mapping[str, Variable], where: str) -> engine.Condition | None:
    if source is None:
        return None
    condition = engine.parse_condition(source, where=f"{where}, `when`")
    _declared({condition.path[0]}, variables, where)
    return condition


def _declared(names: Iterable[str], variables: Mapping[str, Variable], where: str) -> None:
    for name in sorted(names):
        if name not in variables:
            raise UnknownVariable(
                f"{where} uses `{name}`, which is not declared.",
                field=name,
                remedy=_did_you_mean(name, variables) or "Declare it under `variables`.",
            )


def _applies(condition: engine.Condition | None, values: Mapping[str, JsonValue]) -> bool:
    return condition is None or engine.holds(condition, values)


def _checked(compiled: Compiled, given: Mapping[str, object]) -> dict[str, JsonValue]:
    for name in given:
        if name not in compiled.variables:
            raise UnknownVariable(
                f"The prompt {compiled.name} has no variable `{name}`.",
                field=name,
                remedy=_did_you_mean(name, compiled.variables)
                or f"It knows {', '.join(sorted(compiled.variables)) or 'none'}.",
            )
    values = {name: _as_json(name, value) for name, value in given.items() if value is not None}
    missing = [n for n, v in compiled.variables.items() if v.required and n not in values]
    if missing:
        raise MissingVariable(
            f"The prompt {compiled.name} needs {', '.join(f'`{n}`' for n in missing)}.", field=missing[0]
        )
    for name, value in values.items():
        check_value(name, compiled.variables[name], value)
    return {name: values.get(name, variable.fallback) for name, variable in compiled.variables.items()}


def _as_json(name: str, value: object) -> JsonValue:
    """Plain JSON of a value; models and tuples, which callers have at hand, are taken as well."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case BaseModel():
            return value.model_dump(mode="json")
        case Mapping():
            fields = cast("Mapping[object, object]", value)
            return {str(key): _as_json(name, item) for key, item in fields.items()}
        case list() | tuple():
            return [_as_json(name, item) for item in cast("Sequence[object]", value)]
        case _:
            raise WrongValue(f"The value of `{name}` is a {type(value).__name__}, not JSON.", field=name)


def _did_you_mean(name: str, known: Iterable[str]) -> str | None:
    close = get_close_matches(name, list(known), n=1)
    return f"Did you mean `{close[0]}`?" if close else None
