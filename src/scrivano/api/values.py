"""Kinds of values that routes take, held to what the database can keep."""

import datetime as dt
from typing import Annotated, Any

from fastapi import Header, Path, Query
from pydantic import AfterValidator, BeforeValidator, StringConstraints

from scrivano.core.errors import InvalidInput

MOST = 2_147_483_647


def _without_nul(value: str) -> str:
    if "\0" in value:
        raise ValueError("a NUL character is no text")
    return value


def json_without_nul(value: Any) -> Any:
    """`value`, if no text in it holds a NUL character, which the database cannot keep. Raises ValueError."""
    todo: list[Any] = [value]
    while todo:
        item: Any = todo.pop()
        if isinstance(item, str):
            _without_nul(item)
        elif isinstance(item, dict):
            todo.extend(item.keys())  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
            todo.extend(item.values())  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        elif isinstance(item, list):
            todo.extend(item)  # pyright: ignore[reportUnknownArgumentType]
    return value


Line = Annotated[str, StringConstraints(max_length=300), AfterValidator(_without_nul)]
Paragraphs = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_without_nul)]
Prose = Annotated[str, StringConstraints(max_length=5_000_000), AfterValidator(_without_nul)]
JsonObject = Annotated[dict[str, Any], AfterValidator(json_without_nul)]
"""Any JSON object whose texts hold no NUL characters."""
Number = Annotated[int, Path(ge=1, le=MOST, description="Counted from 1.")]
MOST_ID = 2**53 - 1
"""The greatest number that every reader of JSON keeps exactly."""
After = Annotated[int, Query(ge=0, le=MOST_ID, description="Only events with a greater id.")]
IfMatch = Annotated[
    str | None,
    Header(
        max_length=200,
        description='The ETag of the version that was read, such as `"3"`. Else name `expected_number`.',
    ),
]


def _written_out(value: Any) -> Any:
    if isinstance(value, str) and value.replace(".", "", 1).removeprefix("-").isdigit():
        raise ValueError("a moment is written as 2026-03-01T00:00:00Z")
    return value


Moment = Annotated[dt.datetime, BeforeValidator(_written_out)]
"""A moment as RFC 3339 writes it; a bare number is none."""


def etag(number: int) -> str:
    """The ETag of a version."""
    return f'"{number}"'


def expected(if_match: str | None, expected_number: int | None, newest: int) -> int:
    """The version that the caller read: by `If-Match` (`*`: whichever is newest) or by number.

    Raises InvalidInput where neither is given, or where they do not name a version.
    """
    if if_match is None:
        if expected_number is None:
            raise InvalidInput(
                "It is not said which version was changed.",
                field="If-Match",
                remedy="Send the ETag that you read as If-Match, or `expected_number`.",
            )
        return expected_number
    tag = if_match.strip().removeprefix("W/").strip('"')
    if tag == "*":
        return newest
    if not (tag.isascii() and tag.isdigit() and len(tag) <= 10):
        raise InvalidInput(
            f"{if_match!r} is no ETag of a version.",
            field="If-Match",
            remedy='Send it as it came, such as "3".',
        )
    return int(tag)
