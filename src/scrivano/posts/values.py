"""Values of fields: checked by kind, as models are asked for them, and as prompts get them."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, cast

import orjson
from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError, create_model

from scrivano.posts.dto import WrongField
from scrivano.posts.workflow import WorkflowContent, WorkflowField

_LONGEST = {"text": 2_000, "long_text": 50_000, "markdown": 1_000_000}
Line = Annotated[str, Field(max_length=5_000)]
Number = Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000)]


class Section(BaseModel):
    """A section of an outline; `sources` are the numbers of those that it rests on."""

    model_config = ConfigDict(extra="ignore")

    heading: str = Field(min_length=1, max_length=300)
    points: list[Annotated[str, Field(max_length=2000)]] = Field(default_factory=list[str], max_length=50)
    sources: list[Annotated[int, Field(ge=0, le=1_000_000)]] = Field(
        default_factory=list[int], max_length=100
    )


class Finding(BaseModel):
    """Something in the text that the sources do not bear out, quoted verbatim."""

    model_config = ConfigDict(extra="ignore")

    quote: str = Field(max_length=5000, description="Verbatim from the text.")
    problem: str = Field(max_length=5000)
    fix: str = Field(max_length=5000, description="What it should say instead, in a sentence.")


class PictureValue(BaseModel):
    """A picture that is stored with the post."""

    model_config = ConfigDict(extra="forbid")

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    media_type: str = Field(max_length=100)


_SECTIONS = Annotated[list[Section], Field(max_length=60)]
_FINDINGS = Annotated[list[Finding], Field(max_length=60)]
_LINES = Annotated[list[Line], Field(max_length=200)]


def type_of(field: WorkflowField) -> Any:
    """The Python type of a field's values, as a model is asked for them."""
    if field.kind == "choice":
        return Literal[field.choices]  # pyright: ignore[reportInvalidTypeForm]
    kinds: dict[str, Any] = {
        "lines": _LINES,
        "number": Number,
        "flag": bool,
        "outline": _SECTIONS,
        "findings": _FINDINGS,
        "picture": PictureValue,
    }
    return kinds.get(field.kind) or Annotated[str, Field(max_length=_LONGEST[field.kind])]


def answer_model(name: str, fields: Iterable[WorkflowField]) -> type[BaseModel]:
    """The schema of an answer that fills these fields."""
    wanted: dict[str, Any] = {
        field.name: (type_of(field), Field(description=field.help or field.title)) for field in fields
    }
    return create_model(name, __config__=ConfigDict(extra="ignore"), **wanted)


def checked(content: WorkflowContent, name: str, value: JsonValue) -> JsonValue:
    """`value` as the field keeps it. None empties a field. Raises WrongField naming it."""
    field = content.field(name)
    if field is None:
        known = ", ".join(f.name for f in content.fields)
        raise WrongField(f"The workflow has no field {name!r}.", field=name, remedy=f"It has: {known}.")
    if value is None:
        return None
    if "\0" in str(value) or "\\x00" in repr(value):
        raise WrongField(
            f"{field.title} holds a NUL character.", field=name, remedy="Remove it: it is not text."
        )
    try:
        adapter = TypeAdapter[Any](type_of(field))
        read = adapter.validate_json(orjson.dumps(value), strict=field.kind != "number")
        result = adapter.dump_python(read, mode="json")
    except (ValidationError, TypeError) as error:
        why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else "it is no valid Unicode"
        raise WrongField(f"{field.title} ({field.kind}): {why}.", field=name) from error
    return cast(JsonValue, result)


def is_filled(value: JsonValue) -> bool:
    """Whether a field holds something."""
    return value not in (None, "", [], {}) and not (isinstance(value, str) and not value.strip())


def for_prompt(value: JsonValue, kind: str) -> JsonValue:
    """A field's value as a variable of this type."""
    if kind == "list":
        lines: list[JsonValue] = list(str(value).splitlines()) if value else []
        return [*value] if isinstance(value, list) else lines
    if kind == "number":
        return value if isinstance(value, int | float) else None
    if kind == "text":
        if isinstance(value, list):
            return "\n".join(str(item) for item in value)
        return "" if value is None else str(value)
    if kind == "flag":
        return bool(value)
    return value
