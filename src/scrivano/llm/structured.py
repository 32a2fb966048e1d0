"""From a model's text to an instance of a Pydantic model: read, mend, check, and say what is wrong.

What is mended must hold all that the text held. A text that stops in the middle of something is never completed
by guessing: only brackets that were left open are closed.
"""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any, TypeVar, cast

import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from scrivano.llm.fitting import fit
from scrivano.llm.json_ends import ending

T = TypeVar("T", bound=BaseModel)

_FENCE = re.compile(r"```[ \t]*(?:json|JSON|jsonc|json5)?\s*(.*?)(?:```|\Z)", re.S)
_THINKING = re.compile(r"<think>.*?</think>", re.S)
_AT_LINE = re.compile(r"^[ \t]*[{\[]", re.M)
_STARTS = 3
"""How many lines that begin with a bracket are taken for the beginning of the JSON."""

_WORD = re.compile(r"\w+")
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.S)
_AS_JSON = {"true": "true", "false": "false", "none": "null", "null": "null", "undefined": "null"}


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
    problem: Unfit | None = None
    for candidate in _mendable(bare):
        try:
            value = _parsed(candidate)
        except Unfit as unfit:
            problem = problem or unfit
            continue
        if value is None:
            continue
        for form in _forms(value):
            fitted, error = fit(form, shape)
            if fitted is not None:
                return fitted, True
            first = error or first
    if problem is not None:
        raise problem
    raise Unfit(_told(first) if first else "The answer holds no JSON.")


def partial(text: str) -> Any | None:
    """The JSON of which `text` is the beginning, as far as it came; None while there is nothing of it."""
    bare = _THINKING.sub("", text)
    starts = [at for at in (bare.find("{"), bare.find("[")) if at >= 0]
    if not starts or "<think>" in bare:
        return None
    body = bare[min(starts) :]
    for attempt in (body, body[: max(body.rfind("}"), body.rfind("]")) + 1]):
        try:
            return from_json(attempt, allow_partial="trailing-strings")
        except ValueError:
            continue
    return None


def _candidates(text: str) -> Iterator[str]:
    """What may be the JSON as it stands: the text itself, what is in fences, from the first brace to the last."""
    yield text
    for found in _FENCE.finditer(text):
        yield found[1].strip()
    for opening, closing in ("{}", "[]"):
        start, end = text.find(opening), text.rfind(closing)
        if 0 <= start < end:
            yield text[start : end + 1]


def _mendable(text: str) -> Iterator[str]:
    """What may be the JSON after mending, each from a bracket to where that closes, or to the end."""
    for body in [*(found[1] for found in _FENCE.finditer(text)), text]:
        starts = [found.end() - 1 for found in _AT_LINE.finditer(body)]
        first = min((at for at in (body.find("{"), body.find("[")) if at >= 0), default=None)
        for start in [*([] if first is None or first in starts else [first]), *starts[:_STARTS]]:
            yield body[start:].rstrip()


def _parsed(text: str) -> Any | None:
    """The JSON with which a text begins, after mending; None if it is empty. Raises Unfit where it cannot be."""
    end = ending(text)
    if end.breaks_off:
        raise Unfit("The answer breaks off before its end.")
    text = text[: end.end]
    try:
        return _container(orjson.loads(text))
    except orjson.JSONDecodeError:
        value = _container(import_module("json_repair").loads(text, skip_json_loads=True))
    if value is None:
        return None
    value = orjson.loads(orjson.dumps(value))
    if _words(text) != _words(orjson.dumps(value).decode()):
        raise Unfit("The answer is no valid JSON, and what it means is not clear.")
    return value


def _container(value: Any) -> Any | None:
    return value if isinstance(value, (dict, list)) and value else None  # pyright: ignore[reportUnknownVariableType]


def _forms(value: Any) -> Iterator[Any]:
    """The value, and what a list of one or an envelope such as `{"result": {…}}` holds."""
    yield value
    inside = list(cast(dict[str, Any], value).values()) if isinstance(value, dict) else cast(list[Any], value)
    if len(inside) == 1 and isinstance(inside[0], (dict, list)):
        yield cast(Any, inside[0])


def _words(text: str) -> list[str]:
    """The words of a JSON text, whatever its quotation marks, brackets and escapes."""
    plain = _ESCAPED.sub(_unescaped, text)
    words: list[str] = _WORD.findall(plain)
    return [_AS_JSON.get(word.lower(), word) for word in words]


def _unescaped(found: re.Match[str]) -> str:
    if found[1]:
        return chr(int(found[1], 16))
    return {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}.get(found[2], found[2])


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
