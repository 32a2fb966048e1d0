"""JSON is taken at its word: a number is no truth value, and a text no number, whatever could be made of them."""

from functools import lru_cache
from typing import Any, cast

import orjson
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError

_TYPES = {"bool_type", "int_type", "float_type", "decimal_type", "string_type", "date_type", "datetime_type"}
_JSON = ("application/json", "")


async def typed(request: Request) -> None:
    """Raises RequestValidationError where a value in a JSON body has another type than is described."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    dependant: Any = getattr(request.scope.get("route"), "dependant", None)
    fields: list[Any] = list(getattr(dependant, "body_params", ()))
    if not fields or (kind not in _JSON and not kind.endswith("+json")):
        return
    sent = await request.body()
    if not sent:
        return
    body: dict[str, Any] = {}
    if len(fields) > 1:
        try:
            body = cast("dict[str, Any]", orjson.loads(sent))
        except orjson.JSONDecodeError:
            return  # the route itself says what is wrong with it
        if not isinstance(body, dict):  # pyright: ignore[reportUnnecessaryIsInstance]
            return
    for field in fields:
        given = sent
        if len(fields) > 1:
            if field.alias not in body:
                continue
            given = orjson.dumps(body[field.alias])
        _check(field, given, ("body", field.alias) if len(fields) > 1 else ("body",))


def _check(field: Any, given: bytes, where: tuple[str, ...]) -> None:
    try:
        _adapter(field).validate_json(given, strict=True)
    except ValidationError as error:
        wrong = [e for e in error.errors(include_url=False) if e["type"] in _TYPES and not _whole(e["input"])]
        if wrong:
            raise RequestValidationError([{**e, "loc": (*where, *e["loc"])} for e in wrong]) from None
    except ValueError:
        return  # the route itself says what is wrong with it


def _whole(value: Any) -> bool:
    """10.0 is an integer to JSON."""
    return isinstance(value, float) and value.is_integer()


@lru_cache(maxsize=1000)
def _adapter(field: Any) -> TypeAdapter[Any]:
    return TypeAdapter(field.field_info.annotation)
