"""From a template version to messages: checked once when it is saved or first used, then filled in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import cast

from pydantic import BaseModel, JsonValue

from scrivano.llm.public import Message
from scrivano.prompts import engine
from scrivano.prompts.canonical import prompt_hash
from scrivano.prompts.dto import (
    DEEPEST,
    ContentItem,
    MessageContent,
    MissingVariable,
    PromptNotFound,
    PromptSettings,
    RenderedPrompt,
    Role,
    TemplateCycle,
    TemplateVersion,
    UnknownVariable,
    Variable,
    WrongValue,
    check_value,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a message. `source` is its Jinja2 text where that is its language; else `nodes` are what it says,
    and `fixed` is its text where no value changes it."""

    conditions: tuple[engine.Condition, ...]
    where: str
    nodes: tuple[engine.Node, ...] = ()
    source: str | None = None
    fixed: str | None = None


@dataclass(frozen=True, slots=True)
class _Message:
    role: Role
    condition: engine.Condition | None
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A template version ready to be filled in. It never changes, so it can be kept."""

    name: str
    version_id: str
    number: int
    variables: dict[str, Variable]
    settings: PromptSettings
    messages: tuple[_Message, ...]

    @property
    def when_names(self) -> set[str]:
        """The variables that decide whether messages appear."""
        return {message.condition.path[0] for message in self.messages if message.condition}

    @property
    def jinja_pieces(self) -> list[Piece]:
        """The pieces that are filled in by Jinja2."""
        return [piece for message in self.messages for piece in message.pieces if piece.source is not None]


def compile_version(version: TemplateVersion) -> Compiled:
    """Check a template version and make it ready.

    Raises TemplateSyntax for a text or condition that is not well-formed, UnknownVariable where one uses a
    variable that neither the template nor the part declares, PromptNotFound for a part or template that is not
    pinned, WrongValue where template and part declare a variable with different types, TemplateCycle where templates
    are nested too deeply. Jinja2 texts are not looked into.
    """
    _check_depth(version)
    variables = _merged_variables(version)
    messages = tuple(
        _Message(
            role=message.role,
            condition=_condition(message.when, variables, version.name),
            pieces=tuple(_pieces(version, message, variables, ())),
        )
        for message in version.content.messages
    )
    return Compiled(
        version.name,
        str(version.info.id),
        version.info.number,
        variables,
        version.content.settings,
        messages,
    )


def applying(compiled: Compiled, values: Mapping[str, JsonValue]) -> list[Piece]:
    """The pieces that appear with these values, all of which are given."""
    return [
        piece
        for message in compiled.messages
        if _applies(message.condition, values)
        for piece in message.pieces
        if _all_apply(piece, values)
    ]


@dataclass(frozen=True, slots=True)
class Filling:
    """A template with its values: what is left to do is to fill in `sources`, the Jinja2 texts that apply."""

    compiled: Compiled
    values: dict[str, JsonValue]
    sources: list[Piece]


def begin(compiled: Compiled, given: Mapping[str, object]) -> Filling:
    """Check the given values. Raises UnknownVariable, MissingVariable or WrongValue; None counts as not given."""
    values = _checked(compiled, given)
    sources = [piece for piece in applying(compiled, values) if piece.source is not None]
    return Filling(compiled, values, sources)


def finish(filling: Filling, texts: Sequence[str] = ()) -> RenderedPrompt:
    """The messages; `texts` are what the sources of the filling became, in their order.

    System messages come first, as some wire formats hold them apart from all others and so forget their place.
    """
    compiled, values, filled = filling.compiled, filling.values, iter(texts)
    messages: list[Message] = []
    for message in compiled.messages:
        if not _applies(message.condition, values):
            continue
        pieces = [
            next(filled) if piece.source is not None else _said(piece, values)
            for piece in message.pieces
            if _all_apply(piece, values)
        ]
        text = "\n\n".join(piece for piece in pieces if piece)
        if text:
            messages.append(Message(role=message.role, content=text))
    messages.sort(key=lambda message: message.role != "system")
    settings = compiled.settings
    return RenderedPrompt(
        messages=messages,
        name=compiled.name,
        version_id=compiled.version_id,
        version=compiled.number,
        hash=prompt_hash(messages, settings.wire()),
        settings=settings.options(),
        tier=settings.tier,
        answer_schema=settings.answer_schema,
    )


def _said(piece: Piece, values: Mapping[str, JsonValue]) -> str:
    return piece.fixed if piece.fixed is not None else engine.render(piece.nodes, values)


def render(compiled: Compiled, given: Mapping[str, object]) -> RenderedPrompt:
    """The messages with the given values, of a template without Jinja2. Raises as `begin`."""
    return finish(begin(compiled, given))


def _check_depth(version: TemplateVersion, above: tuple[str, ...] = ()) -> None:
    path = (*above, version.name)
    if version.name in above:
        raise TemplateCycle(
            f"{version.name} would include itself: {' → '.join(path)}.",
            field="messages",
            remedy="Take one of these templates out of the other.",
        )
    if len(path) > DEEPEST:
        raise TemplateCycle(
            f"Templates are nested {len(path)} deep: {' → '.join(path)}.",
            field="messages",
            remedy=f"At most {DEEPEST} levels are possible.",
        )
    for included in version.templates.values():
        _check_depth(included, path)


def _pieces(
    version: TemplateVersion,
    message: MessageContent,
    variables: Mapping[str, Variable],
    above: tuple[engine.Condition, ...],
) -> Iterator[Piece]:
    """The pieces of a message, those of templates that it includes in their place."""
    for item in message.content:
        condition = _condition(item.when, variables, version.name)
        conditions = (*above, condition) if condition else above
        if item.template is None:
            yield _piece(version, item, variables, conditions)
            continue
        if item.template not in version.templates:
            raise PromptNotFound(
                f"{version.name} includes the template {item.template}, which there is none of.",
                field=item.template,
            )
        included = version.templates[item.template]
        for inner in included.content.messages:
            if inner.role == message.role:
                own = _condition(inner.when, variables, included.name)
                yield from _pieces(included, inner, variables, (*conditions, own) if own else conditions)


def _merged_variables(version: TemplateVersion) -> dict[str, Variable]:
    own = version.content.variables
    inner = [("part", part.name, part.content.variables) for part in version.parts.values()]
    inner += [("template", each.name, _merged_variables(each)) for each in version.templates.values()]
    for kind, where, variables in inner:
        for name, variable in variables.items():
            if name in own and own[name].type != variable.type:
                message = other_type(name, own[name].type, version.name, variable.type, kind, where)
                raise WrongValue(message, field=name)
    return version.variables()


def _piece(
    version: TemplateVersion,
    item: ContentItem,
    variables: Mapping[str, Variable],
    conditions: tuple[engine.Condition, ...],
) -> Piece:
    where, text, part = version.name, item.text, item.part
    if part is not None:
        if part not in version.parts:
            raise PromptNotFound(f"{version.name} uses the part {part}, which there is none of.", field=part)
        where, text = part, version.parts[part].content.text
    if version.content.engine == "jinja2":
        return Piece(conditions, where, source=text or "")
    nodes = engine.parse(text or "", where=where)
    declared(engine.names_used(nodes), variables, where)
    return Piece(conditions, where, nodes, fixed=engine.fixed(nodes))


def _condition(source: str | None, variables: Mapping[str, Variable], where: str) -> engine.Condition | None:
    if source is None:
        return None
    condition = engine.parse_condition(source, where=f"{where}, `when`")
    declared({condition.path[0]}, variables, where)
    return condition


def other_type(name: str, own: str, template: str, inner: str, kind: str, where: str) -> str:
    """What to say where a template and what it is made of declare a variable with different types."""
    return f"`{name}` is a {own} in {template}, but a {inner} in its {kind} {where}."


def undeclared(name: str, where: str) -> str:
    """What to say of a variable that is used and not declared."""
    return f"{where} uses `{name}`, which is not declared."


def declared(names: Iterable[str], variables: Mapping[str, Variable], where: str) -> None:
    """Raise UnknownVariable for a name that is not among the variables."""
    for name in sorted(names):
        if name not in variables:
            raise UnknownVariable(
                undeclared(name, where),
                field=name,
                remedy=_did_you_mean(name, variables) or "Declare it under `variables`.",
            )


def _applies(condition: engine.Condition | None, values: Mapping[str, JsonValue]) -> bool:
    return condition is None or engine.holds(condition, values)


def _all_apply(piece: Piece, values: Mapping[str, JsonValue]) -> bool:
    return not piece.conditions or all(engine.holds(condition, values) for condition in piece.conditions)


def _checked(compiled: Compiled, given: Mapping[str, object]) -> dict[str, JsonValue]:
    for name in given:
        check_known(compiled, name)
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


def stand_in(name: str, variable: Variable) -> JsonValue:
    """A value that shows where a missing one would stand."""
    shown = f"⟨{name}⟩"
    match variable.type:
        case "number":
            return 0
        case "flag":
            return False
        case "choice":
            return variable.choices[0]
        case "list":
            return [shown]
        case _:
            return shown


def check_known(compiled: Compiled, name: str) -> None:
    """Raise UnknownVariable for a name that the template does not declare."""
    if name not in compiled.variables:
        raise UnknownVariable(
            f"The prompt {compiled.name} has no variable `{name}`.",
            field=name,
            remedy=_did_you_mean(name, compiled.variables)
            or f"It knows {', '.join(sorted(compiled.variables)) or 'none'}.",
        )


def _did_you_mean(name: str, known: Iterable[str]) -> str | None:
    close = get_close_matches(name, list(known), n=1)
    return f"Did you mean `{close[0]}`?" if close else None
