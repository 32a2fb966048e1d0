"""What `prompts` takes and gives: contents of parts and templates, their versions, the feature's errors."""

import json
import math
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    field_validator,
    model_validator,
)

from scrivano.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from scrivano.llm.public import Message

# --- errors ---------------------------------------------------------------------------------------


class TemplateSyntax(InvalidInput):
    """The template is not well-formed."""


class MissingVariable(InvalidInput):
    """A variable that the template needs was not given."""


class UnknownVariable(InvalidInput):
    """A variable was given, or used in a text, that the template doesn't declare."""


class WrongValue(InvalidInput):
    """A variable's value is not of its type."""


class TemplateCycle(InvalidInput):
    """A template would include itself, or templates would be nested too deeply."""


class TooMuch(InvalidInput):
    """Filling in a template took more time, memory or output than it may."""


class LabelProtected(NotAllowed):
    """The label is protected, and the caller is none of those who may move it."""


class StillUsed(Conflict):
    """Something else is made with this."""


class PromptNotFound(NotFound):
    """There is no such part, template, version or label."""


class PromptChanged(Conflict):
    """Somebody else changed this prompt in the meantime."""


# --- contents -------------------------------------------------------------------------------------

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,79}$")]
LabelName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{0,39}$")]
VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,79}$")]
PartKind = Literal["system", "style", "task", "data", "example", "format", "guard"]
AuthorKind = Literal["starter", "person", "import"]
Role = Literal["system", "user", "assistant", "tool"]
VariableType = Literal["text", "number", "flag", "choice", "list", "reference", "json"]
Engine = Literal["default", "jinja2"]

PRODUCTION = "production"
DEEPEST = 5
"""How many levels of templates within templates there may be, the outermost included."""

_DEEPEST_JSON = 60
_EMPTY: dict[VariableType, JsonValue] = {
    "text": "",
    "number": None,
    "flag": False,
    "choice": "",
    "list": [],
    "reference": "",
    "json": None,
}


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("a text may not hold a NUL character")
    return text


Text = Annotated[str, StringConstraints(max_length=1_000_000), AfterValidator(_storable)]
Line = Annotated[str, StringConstraints(max_length=2_000), AfterValidator(_storable)]
Tag = Annotated[str, StringConstraints(pattern=r"^[^\s\x00\x85][^\x00\n]{0,79}$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Variable(_Frozen):
    """One input of a template. With a default, or `required: false`, it may be left out.

    A `reference` is text that usually comes from one of the project's reference files.
    """

    type: VariableType = "text"
    help: str = ""
    required: bool = True
    default: JsonValue = None
    choices: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _default_makes_optional(cls, given: object) -> object:
        if isinstance(given, dict) and given.get("default") is not None:  # pyright: ignore[reportUnknownMemberType]
            return {**given, "required": False}  # pyright: ignore[reportUnknownVariableType]
        return given  # pyright: ignore[reportUnknownVariableType]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.type == "choice") != bool(self.choices):
            raise ValueError("`choices` belong to a variable of type choice, and it needs them")
        if self.default is not None:
            check_value("default", self, self.default)
        return self

    @property
    def fallback(self) -> JsonValue:
        """What an optional variable holds when nothing is given."""
        return _EMPTY[self.type] if self.default is None else self.default


def check_value(name: str, variable: Variable, value: JsonValue) -> None:
    """Raise WrongValue unless `value` fits the variable's type and can be written down as JSON in UTF-8."""
    expected = {
        "text": isinstance(value, str),
        "number": isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value),
        "flag": isinstance(value, bool),
        "choice": value in variable.choices,
        "list": isinstance(value, list),
        "reference": isinstance(value, str),
        "json": True,
    }[variable.type]
    if not expected:
        wanted = (
            f"one of {', '.join(variable.choices)}" if variable.type == "choice" else f"a {variable.type}"
        )
        raise WrongValue(f"The value of `{name}` should be {wanted}.", field=name)
    try:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise WrongValue(f"The value of `{name}` is not plain text or JSON: {error}", field=name) from error
    if fault := unstorable(value):
        raise WrongValue(f"The value of `{name}` {fault}.", field=name)


def unstorable(value: JsonValue, depth: int = 0) -> str | None:
    """Why JSON cannot be kept in the database, in words that follow its name; None where it can."""
    if depth > _DEEPEST_JSON:
        return f"is nested deeper than {_DEEPEST_JSON} levels"
    if isinstance(value, str):
        return "holds a NUL character, which is not text" if "\0" in value else None
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return "holds a whole number beyond 64 bits"
    if isinstance(value, float) and not math.isfinite(value):
        return "holds a number that is none"
    within: Iterator[JsonValue] = iter(())
    if isinstance(value, dict):
        within = chain(value.keys(), value.values())
    elif isinstance(value, list):
        within = iter(value)
    return next((fault for item in within if (fault := unstorable(item, depth + 1))), None)


def _storable_json(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    if fault := unstorable(value):
        raise ValueError(f"this {fault}")
    return value


JsonObject = Annotated[dict[str, JsonValue], AfterValidator(_storable_json)]
"""A JSON object that the database can keep."""


class PartContent(_Frozen):
    """The versioned content of a part."""

    text: Text
    variables: dict[VariableName, Variable] = {}


class ContentItem(_Frozen):
    """A piece of a message: a text, a part by name, or a template by name, which brings the pieces of its messages of
    the same role. `when` is a condition such as `not fiction`."""

    text: Text | None = None
    part: Name | None = None
    template: Name | None = None
    when: Line | None = None

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if sum(what is not None for what in (self.text, self.part, self.template)) != 1:
            raise ValueError("a piece is either a `text`, a `part` or a `template`")
        return self


class MessageContent(_Frozen):
    """One message. Its pieces are joined by a blank line; one whose pieces are all empty is left out."""

    role: Role
    content: tuple[ContentItem, ...]
    when: Line | None = None

    @field_validator("content", mode="before")
    @classmethod
    def _plain_text(cls, value: object) -> object:
        return [{"text": value}] if isinstance(value, str) else value


class PromptSettings(_Frozen):
    """How the model is to be called. What is None is left to the route or the model.

    `tier` is where `auto` begins, `answer_schema` a JSON schema that the answer has to fit, and `max_cost` the most
    that one call may cost, in US dollars.
    """

    model: Line | None = None
    tier: Literal["small-local", "large-local", "cloud"] | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    max_tokens: int | None = Field(default=None, ge=1)
    seed: int | None = Field(default=None, ge=-(2**63), lt=2**63)
    stop: tuple[Line, ...] | None = None
    answer_schema: JsonObject | None = None
    max_cost: float | None = Field(default=None, ge=0, le=1_000_000, allow_inf_nan=False)

    def wire(self) -> dict[str, JsonValue]:
        """What is sent with the messages and covered by their hash: not where they go, nor what that may cost."""
        return self.model_dump(mode="json", exclude_none=True, exclude={"model", "tier", "max_cost"})

    def options(self) -> dict[str, JsonValue]:
        """What `llm.public.Options` has a field for."""
        return self.model_dump(mode="json", exclude_none=True, exclude={"tier", "answer_schema"})


class TemplateContent(_Frozen):
    """The versioned content of a template. `answer` names the schema that the answer follows, if any. `engine` is the
    language of its texts, those of its parts included; conditions in `when` are always in the default one."""

    variables: dict[VariableName, Variable] = {}
    settings: PromptSettings = PromptSettings()
    answer: Line | None = None
    engine: Engine = "default"
    messages: tuple[MessageContent, ...] = Field(min_length=1)

    def part_names(self) -> list[str]:
        """The parts that it is made of, each once, in order of appearance."""
        names = (item.part for message in self.messages for item in message.content if item.part)
        return list(dict.fromkeys(names))

    def template_names(self) -> list[str]:
        """The templates that it includes, each once, in order of appearance."""
        names = (item.template for message in self.messages for item in message.content if item.template)
        return list(dict.fromkeys(names))


# --- views ----------------------------------------------------------------------------------------


class Author(_Frozen):
    """Who made a version or moved a label. `id` is the person's id where there is one."""

    kind: AuthorKind = "person"
    id: str | None = None


class LabelView(_Frozen):
    """A label and the version that it points at."""

    label: str
    version_id: UUID
    number: int
    set_by: Author
    set_at: datetime


class LabelRole(_Frozen):
    """Members of a project, from a role on."""

    project_id: UUID
    role: Literal["editor", "owner"] = "owner"


class Protection(_Frozen):
    """Who may move a label: everybody, or, where it is protected, administrators and those in `roles`."""

    protected: bool
    roles: tuple[LabelRole, ...] = Field(default=(), max_length=100)

    @model_validator(mode="after")
    def _roles_of_protected(self) -> Self:
        if self.roles and not self.protected:
            raise ValueError("`roles` belong to a label that is protected")
        if len({each.project_id for each in self.roles}) < len(self.roles):
            raise ValueError("a project stands in `roles` more than once")
        return self


class VersionInfo(_Frozen):
    """One version without its content."""

    id: UUID
    number: int
    hash: str
    note: str
    author: Author
    created_at: datetime
    labels: tuple[str, ...] = ()


class PartInfo(_Frozen):
    """A part in a list. `version` is the number under the label `production`."""

    name: str
    kind: PartKind
    description: str
    tags: tuple[str, ...]
    order: int
    language: str
    version: int | None
    archived: bool = False


class TemplateInfo(_Frozen):
    """A template in a list. `version` is the number under the label `production`."""

    name: str
    description: str
    tags: tuple[str, ...]
    version: int | None
    archived: bool = False


class PartVersion(_Frozen):
    """A version of a part with its content."""

    name: str
    kind: PartKind
    info: VersionInfo
    content: PartContent


class PinnedPart(_Frozen):
    """The version of a part that a template version is made of."""

    name: str
    version_id: UUID
    number: int
    hash: str
    content: PartContent


class TemplateVersion(_Frozen):
    """A version of a template with its content, and the versions of parts and templates that it pins."""

    name: str
    description: str
    info: VersionInfo
    content: TemplateContent
    parts: dict[str, PinnedPart]
    templates: "dict[str, TemplateVersion]" = {}

    def variables(self) -> dict[str, Variable]:
        """Its inputs, those of its parts and templates included; the outer declaration wins."""
        merged: dict[str, Variable] = {}
        for template in self.templates.values():
            merged |= template.variables()
        for part in self.parts.values():
            merged |= part.content.variables
        return merged | self.content.variables


class PartEdit(_Frozen):
    """What saving a part did: its new version, and the template versions made to take it up."""

    part: PartVersion
    templates: tuple[TemplateVersion, ...]


class RenderedPrompt(_Frozen):
    """The exact messages to send. `hash` is the SHA-256 of their canonical form and of the settings that are sent with
    them. `settings` fit `llm.public.Options`; `tier` and `answer_schema` go beside these."""

    messages: list[Message]
    name: str
    version_id: str
    version: int
    hash: str
    settings: dict[str, JsonValue]
    tier: str | None = None
    answer_schema: dict[str, JsonValue] | None = None


class StarterReport(_Frozen):
    """What loading the starter prompts changed."""

    new_versions: tuple[str, ...] = ()
    kept_edited: tuple[str, ...] = ()
    unchanged: bool = False
