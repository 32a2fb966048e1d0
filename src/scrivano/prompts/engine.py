"""The template language: text with `{{ variable }}` and conditional sections.

    {{ name }}   {{ name.field }}                       a value
    {{#if C}} … {{else}} … {{/if}}                      C: [not] path [is WORD | has WORD]
    {{#each list}} … {{else}} … {{/each}}               inside: {{this}}, {{this.field}}, {{@number}} (from 1)
    {{! a remark }}                                     shows nothing
    \\{{                                                two literal braces

A section tag alone on its line takes the line with it. Runs of blank lines that omitted sections leave behind
become one blank line, and a message neither begins nor ends with blank lines; values are never touched, and
never read as a template.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from scrivano.prompts.dto import MissingVariable, TemplateSyntax, WrongValue

MAX_DEPTH = 16
MAX_LENGTH = 1_000_000

_TAG = re.compile(r"\\\{\{|\{\{(?P<inner>[^\n]*?)\}\}")
_PATH = re.compile(r"(?:@number|[A-Za-z_]\w*)(?:\.[A-Za-z_]\w*)*")
_CONDITION = re.compile(
    rf"(?P<negated>not\s+)?(?P<path>{_PATH.pattern})(?:\s+(?P<operator>is|has)\s+(?P<word>\S(?:.*\S)?))?"
)
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """When a section, a part or a message appears."""

    path: Path
    negated: bool = False
    operator: str = ""
    word: str = ""


@dataclass(frozen=True, slots=True)
class Literal:
    text: str


@dataclass(frozen=True, slots=True)
class Value:
    path: Path


@dataclass(frozen=True, slots=True)
class If:
    condition: Condition
    body: "tuple[Node, ...]"
    otherwise: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Each:
    path: Path
    body: "tuple[Node, ...]"
    otherwise: "tuple[Node, ...]"


Node = Literal | Value | If | Each


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # text, value, if, each, else, /if, /each
    text: str
    line: int


def parse(source: str, *, where: str = "template") -> tuple[Node, ...]:
    """Read a template. Raises TemplateSyntax, naming `where` and the line, if it isn't well-formed."""
    if len(source) > MAX_LENGTH:
        raise TemplateSyntax(f"{where} is longer than {MAX_LENGTH:,} characters.")
    return _Parser(list(_tokens(source, where)), where).parse()


def parse_condition(source: str, *, where: str = "when") -> Condition:
    """Read a condition such as `fiction`, `not world`, `tone has warm`. Raises TemplateSyntax."""
    return _condition(source.strip(), where, 1, in_each=False)


def names_used(nodes: tuple[Node, ...]) -> set[str]:
    """The variables that a template reads."""
    found: set[str] = set()
    for node in nodes:
        match node:
            case Literal():
                pass
            case Value(path):
                found.add(path[0])
            case If(condition, body, otherwise):
                found |= {condition.path[0]} | names_used(body) | names_used(otherwise)
            case Each(path, body, otherwise):
                found |= {path[0]} | names_used(body) | names_used(otherwise)
    return found - {"this", "@number"}


def render(nodes: tuple[Node, ...], values: Mapping[str, JsonValue]) -> str:
    """The text with `values` filled in.

    Raises MissingVariable for a name or field that has no value where one is shown, WrongValue for `#each`
    over something that is not a list.
    """
    pieces: list[tuple[bool, str]] = []
    for is_literal, text in _pieces(nodes, dict(values)):
        if not text:
            continue
        if is_literal and pieces and pieces[-1][0]:
            pieces[-1] = (True, pieces[-1][1] + text)
        else:
            pieces.append((is_literal, text))
    out = [_BLANK_LINES.sub("\n\n", text) if is_literal else text for is_literal, text in pieces]
    if pieces and pieces[0][0]:
        out[0] = out[0].lstrip()
    if pieces and pieces[-1][0]:
        out[-1] = out[-1].rstrip()
    return "".join(out)


def fixed(nodes: tuple[Node, ...]) -> str | None:
    """The text of a template that is the same whatever the values; None where they matter."""
    return render(nodes, {}) if all(isinstance(node, Literal) for node in nodes) else None


def holds(condition: Condition, values: Mapping[str, JsonValue]) -> bool:
    """Whether a condition is met. A field that isn't there counts as empty."""
    try:
        value = _look_up(condition.path, values)
    except MissingVariable:
        value = None
    return _test(condition, value) != condition.negated


def show(value: JsonValue) -> str:
    """A value as prompt text: text as it is, whole numbers without a fraction, yes or no, else JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


# --- reading --------------------------------------------------------------------------------------


def _tokens(source: str, where: str) -> Iterator[_Token]:
    position = 0
    for tag in _TAG.finditer(source):
        line = _line(source, tag.start())
        if tag["inner"] is None:
            yield _text(source[position : tag.start()] + "{{", where, _line(source, position), escaped=True)
            position = tag.end()
            continue
        token = _tag(tag["inner"].strip(), where, line)
        start, end = tag.start(), tag.end()
        if token.kind != "value":
            start, end = _whole_line(source, start, end)
        yield _text(source[position : max(start, position)], where, _line(source, position))
        yield token
        position = end
    yield _text(source[position:], where, _line(source, position))


def _line(source: str, position: int) -> int:
    return source.count("\n", 0, position) + 1


def _text(text: str, where: str, line: int, *, escaped: bool = False) -> _Token:
    at = (text[:-2] if escaped else text).find("{{")
    if at >= 0:
        raise _wrong(
            where,
            line + text.count("\n", 0, at),
            "`{{` is never closed.",
            remedy="Close it with `}}` on the same line, or write `\\{{` for two braces.",
        )
    return _Token("text", text, line)


def _tag(inner: str, where: str, line: int) -> _Token:
    if inner.startswith("!"):
        return _Token("remark", "", line)
    for opening in ("if", "each"):
        if re.match(rf"#{opening}\s", inner):
            return _Token(opening, inner[len(opening) + 1 :].strip(), line)
        if inner == f"/{opening}":
            return _Token(inner, "", line)
    if inner == "else":
        return _Token("else", "", line)
    if _PATH.fullmatch(inner):
        return _Token("value", inner, line)
    raise _wrong(
        where,
        line,
        f"`{{{{{inner}}}}}` is not understood.",
        remedy="Write a variable's name, #if, #each, else, /if or /each.",
    )


def _whole_line(source: str, start: int, end: int) -> tuple[int, int]:
    """Widen a section tag that stands alone on its line to the whole line."""
    before = source.rfind("\n", 0, start) + 1
    after = source.find("\n", end)
    after = len(source) if after < 0 else after
    if source[before:start].strip(" \t") or source[end:after].strip(" \t\r"):
        return start, end
    return before, min(after + 1, len(source))


def _condition(source: str, where: str, line: int, *, in_each: bool) -> Condition:
    found = _CONDITION.fullmatch(source)
    if found is None:
        raise _wrong(
            where,
            line,
            f"the condition `{source}` is not understood.",
            remedy="Write it like `name`, `not name`, `name is word` or `name has word`.",
        )
    path = _path(found["path"], where, line, in_each=in_each)
    word = (found["word"] or "").strip("\"'")
    return Condition(path, bool(found["negated"]), found["operator"] or "", word)


def _path(source: str, where: str, line: int, *, in_each: bool) -> Path:
    path = tuple(source.split("."))
    if not in_each and path[0] in ("this", "@number"):
        raise _wrong(where, line, f"`{source}` means something only inside `{{{{#each …}}}}`.")
    return path


def _wrong(where: str, line: int, what: str, *, remedy: str | None = None) -> TemplateSyntax:
    return TemplateSyntax(f"{where}, line {line}: {what}", remedy=remedy)


class _Parser:
    def __init__(self, tokens: list[_Token], where: str) -> None:
        self._tokens = tokens
        self._where = where
        self._at = 0

    def parse(self) -> tuple[Node, ...]:
        nodes = self._nodes(depth=0, in_each=False)
        if self._at < len(self._tokens):
            token = self._tokens[self._at]
            raise _wrong(self._where, token.line, f"`{{{{{token.kind}}}}}` without an opening tag.")
        return nodes

    def _nodes(self, *, depth: int, in_each: bool) -> tuple[Node, ...]:
        nodes: list[Node] = []
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.kind in ("else", "/if", "/each"):
                break
            self._at += 1
            match token.kind:
                case "text":
                    if token.text:
                        nodes.append(Literal(token.text))
                case "value":
                    nodes.append(Value(_path(token.text, self._where, token.line, in_each=in_each)))
                case "if" | "each":
                    nodes.append(self._section(token, depth=depth + 1, in_each=in_each))
                case _:
                    pass
        return tuple(nodes)

    def _section(self, opening: _Token, *, depth: int, in_each: bool) -> Node:
        if depth > MAX_DEPTH:
            raise _wrong(self._where, opening.line, f"sections are nested deeper than {MAX_DEPTH}.")
        body = self._nodes(depth=depth, in_each=in_each or opening.kind == "each")
        otherwise: tuple[Node, ...] = ()
        if self._at < len(self._tokens) and self._tokens[self._at].kind == "else":
            self._at += 1
            otherwise = self._nodes(depth=depth, in_each=in_each)
        if self._at >= len(self._tokens) or self._tokens[self._at].kind != f"/{opening.kind}":
            raise _wrong(
                self._where,
                opening.line,
                f"`{{{{#{opening.kind} {opening.text}}}}}` is never closed.",
                remedy=f"Close it with `{{{{/{opening.kind}}}}}`.",
            )
        self._at += 1
        if opening.kind == "if":
            condition = _condition(opening.text, self._where, opening.line, in_each=in_each)
            return If(condition, body, otherwise)
        if not _PATH.fullmatch(opening.text):
            raise _wrong(self._where, opening.line, "`#each` wants the name of a list.")
        return Each(_path(opening.text, self._where, opening.line, in_each=in_each), body, otherwise)


# --- filling in -----------------------------------------------------------------------------------


def _pieces(nodes: tuple[Node, ...], values: dict[str, JsonValue]) -> Iterator[tuple[bool, str]]:
    for node in nodes:
        match node:
            case Literal(text):
                yield True, text
            case Value(path):
                value = _look_up(path, values)
                if value is None:
                    raise MissingVariable(f"`{'.'.join(path)}` has no value.", field=path[0])
                yield False, show(value)
            case If(condition, body, otherwise):
                yield from _pieces(body if holds(condition, values) else otherwise, values)
            case Each(path, body, otherwise):
                yield from _each(path, body, otherwise, values)


def _each(
    path: Path, body: tuple[Node, ...], otherwise: tuple[Node, ...], values: dict[str, JsonValue]
) -> Iterator[tuple[bool, str]]:
    items = _look_up(path, values)
    if items is not None and not isinstance(items, list):
        raise WrongValue(f"`{'.'.join(path)}` should be a list.", field=path[0])
    if not items:
        yield from _pieces(otherwise, values)
        return
    for number, item in enumerate(items, start=1):
        yield from _pieces(body, {**values, "this": item, "@number": number})


def _look_up(path: Path, values: Mapping[str, JsonValue]) -> JsonValue:
    if path[0] not in values:
        raise MissingVariable(f"`{path[0]}` has no value.", field=path[0])
    value = values[path[0]]
    for field in path[1:]:
        if not isinstance(value, dict) or field not in value:
            raise MissingVariable(f"`{'.'.join(path)}` has no value: there is no `{field}`.", field=path[0])
        value = value[field]
    return value


def _test(condition: Condition, value: JsonValue) -> bool:
    word = condition.word.casefold()
    match condition.operator:
        case "is":
            return value is not None and show(value).strip().casefold() == word
        case "has":
            if isinstance(value, list):
                return any(show(item).strip().casefold() == word for item in value)
            return isinstance(value, str) and word in re.findall(r"[\w'-]+", value.casefold())
        case _:
            return bool(value.strip() if isinstance(value, str) else value)
