"""What a person writes on the command line, checked: values, tables, files."""

import json
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from scrivano.core.errors import InvalidInput

Given = TypeVar("Given", bound=BaseModel)


def valid(kind: type[Given], given: Any) -> Given:
    """The DTO of these values. Raises InvalidInput that names the first value which does not fit."""
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"{first['msg'].removeprefix('Value error, ')}.", field=field or None) from error


def spelled(kind: Any, text: str, field: str) -> str:
    """A name or label, spelled as `kind` wants it. Raises InvalidInput."""
    try:
        return TypeAdapter[str](kind).validate_python(text)
    except ValidationError as error:
        raise InvalidInput(
            f"{text!r} is no {field}.",
            field=field,
            remedy="Small letters, digits and _; it begins with a letter.",
        ) from error


def text_of(path: Path, field: str = "--set") -> str:
    """A file's text. Raises InvalidInput that names the option or argument `field`."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read as text.", field=field) from error


def write_text(path: Path, text: str) -> None:
    """Write a file. Raises InvalidInput where that cannot be."""
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}.", field="--out") from error


def yaml_of(path: Path, field: str) -> Any:
    """What a YAML or JSON file holds. Raises InvalidInput."""
    try:
        return yaml.safe_load(text_of(path, field))
    except yaml.YAMLError as error:
        raise InvalidInput(
            f"{path} is no YAML: {error}", field=field, remedy="Mend it and try again."
        ) from error


def read_pairs(pairs: list[str]) -> dict[str, Any]:
    """`FIELD=VALUE` as a table: values are YAML, or with `@` the text of a file. Raises InvalidInput."""
    values: dict[str, Any] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise InvalidInput(f"{pair!r} is not FIELD=VALUE.", field="--set")
        try:
            values[name] = text_of(Path(value[1:])) if value.startswith("@") else yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise InvalidInput(f"The value of {name} is no YAML.", field="--set") from error
    return values


def parse_values(given: list[str]) -> dict[str, Any]:
    """The variables of a prompt: `NAME=VALUE` is text, `NAME=@FILE` that of a file, `NAME:=JSON` is JSON.

    Raises InvalidInput.
    """
    values: dict[str, Any] = {}
    for each in given:
        name, sign, value = each.partition("=")
        if not sign or not name:
            raise InvalidInput(f"{each!r} is no NAME=VALUE.", field="--set")
        if name.endswith(":"):
            try:
                values[name[:-1]] = json.loads(value)
            except ValueError as error:
                raise InvalidInput(f"The value of {name[:-1]} is no JSON: {error}", field="--set") from error
        else:
            values[name] = text_of(Path(value[1:])) if value.startswith("@") else value
    return values


def place(text: str, field: str) -> dict[str, str | None]:
    """`KIND:ID`, or `KIND:ID/FIELD`, as the parts that a source or sink is made of. Raises InvalidInput."""
    kind, colon, rest = text.partition(":")
    id, _, part = rest.partition("/")
    if not colon or not kind or not id:
        raise InvalidInput(
            f"{text!r} is no KIND:ID or KIND:ID/FIELD.", field=field, remedy="Such as post:ID/summary."
        )
    return {"kind": kind, "id": id, "field": part or None}


def version_of(text: str) -> int | str:
    """A version as it was written: a number, or else a label."""
    return int(text[:12]) if text.isascii() and text.isdigit() else text
