"""From a model's text to an instance of a Pydantic model: read, mend, check, and say what is wrong."""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

T = TypeVar("T", bound=BaseModel)

_FENCE = re.compile(r"```(?:json|JSON)?\s*\n(.*?)(?:```|\Z)", re.S)
_THINKING = re.compile(r"<think>.*?</think>", re.S)


class Unfit(Exception):
    """A text that is not, and cannot be made, what was asked for; the message tells a model why."""


def read(text: str, shape: type[T], *, complete: bool = True) -> tuple[T, bool]:
    """The value, and whether the text had to be mended. Raises Unfit.

    `complete` is false where the answer was ended by its length: then nothing is mended, as what is missing
    cannot be told from what was meant.
    """
    bare = _THINKING.sub("", text).strip()
    first: ValidationError | None = None
    for number, candidate in enumerate(_candidates(bare)):
        try:
            return shape.model_validate_json(candidate), number > 0 or candidate != text.strip()
        except ValidationError as error:
            if first is None or not _is_syntax(error):
                first = error
    if not complete:
        raise Unfit("The answer was cut off before its end, as it reached its longest permitted length.")
    for candidate in _candidates(bare):
        mended = _mend(candidate)
        if mended is None:
            continue
        try:
            return shape.model_validate(_from_json(mended)), True
        except ValidationError as error:
            first = error
    raise Unfit(_told(first) if first else "The answer holds no JSON.")


def _candidates(text: str) -> Iterator[str]:
    """What may be the JSON: the text itself, what stands in fences, the outermost braces or brackets."""
    yield text
    for found in _FENCE.finditer(text):
        yield found[1].strip()
    for opening, closing in ("{}", "[]"):
        start, end = text.find(opening), text.rfind(closing)
        if 0 <= start < end:
            yield text[start : end + 1]
        elif start >= 0:
            yield text[start:]


def _mend(text: str) -> Any | None:
    if "{" not in text and "[" not in text:
        return None
    value: Any = import_module("json_repair").loads(text, skip_json_loads=True)
    return value if isinstance(value, (dict, list)) and value else None  # pyright: ignore[reportUnknownVariableType]


def _from_json(value: Any) -> Any:
    """Plain JSON types, and lists of one where a model wrapped an object."""
    plain: Any = orjson.loads(orjson.dumps(value))
    return plain[0] if isinstance(plain, list) and len(plain) == 1 else plain  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _is_syntax(error: ValidationError) -> bool:
    return any(
        part["type"] == "json_invalid" for part in error.errors(include_input=False, include_url=False)
    )


def _told(error: ValidationError) -> str:
    lines = [
        f"- {'.'.join(str(part) for part in item['loc']) or 'the whole answer'}: {item['msg']}"
        for item in error.errors(include_input=False, include_url=False)[:12]
    ]
    return "The JSON does not fit the schema:\n" + "\n".join(lines)
