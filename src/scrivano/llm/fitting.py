"""Making a JSON value fit a Pydantic model where only its form is wrong: a number in words' clothes, a single thing
where a list was asked for, a key in another spelling. What would have to be guessed is left as it is."""

import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any, TypeVar, cast

import orjson
from pydantic import BaseModel, ValidationError

T = TypeVar("T", bound=BaseModel)

_ROUNDS = 4
_NUMBER = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?")
_QUOTED = re.compile(r"'([^']*)'")
_NUMERALS = "zero,one,two,three,four,five,six,seven,eight,nine,ten,eleven,twelve"
_WORDS = {word: number for number, word in enumerate(_NUMERALS.split(","))}


class _Hopeless(Exception):
    """This cannot be made to fit."""


def fit(value: Any, shape: type[T]) -> tuple[T | None, ValidationError | None]:
    """The instance, or why there is none."""
    first: ValidationError | None = None
    for _ in range(_ROUNDS):
        try:
            return shape.model_validate(value), None
        except ValidationError as error:
            first = first or error
            changed = _amended(value, error)
            if changed is None:
                return None, first
            value = changed
    return None, first


def _amended(value: Any, error: ValidationError) -> Any | None:
    """A copy with every fault put right that can be; None if there was none of them."""
    copy = deepcopy(value)
    done = False
    for fault in error.errors(include_url=False, include_input=False):
        amend = _AMENDMENTS.get(fault["type"])
        if amend is None:
            continue
        try:
            copy = _at(copy, fault["loc"], lambda found, amend=amend, fault=fault: amend(found, fault))
            done = True
        except (_Hopeless, LookupError, TypeError, ValueError):
            continue
    return copy if done else None


def _at(value: Any, place: tuple[int | str, ...], change: Callable[[Any], Any]) -> Any:
    """`value` with what is at `place` changed; a missing key's place is its object's."""
    if not place:
        return change(value)
    inner = value
    key = place[0]
    if isinstance(inner, dict) and len(place) == 1 and key not in inner:
        return change(inner)  # pyright: ignore[reportUnknownArgumentType]
    found = _at(inner[key], place[1:], change)
    if found is _GONE:
        del inner[key]
    else:
        inner[key] = found
    return cast(Any, inner)


_GONE = object()


def _text(value: Any, fault: Any) -> Any:
    if value is None:
        return _GONE
    if isinstance(value, (bool, int, float)):
        return orjson.dumps(value).decode()
    if isinstance(value, list) and len(cast(list[Any], value)) == 1 and isinstance(value[0], str):
        return value[0]
    raise _Hopeless


def _number(value: Any, fault: Any) -> Any:
    if value is None:
        return _GONE
    if not isinstance(value, str):
        raise _Hopeless
    if (word := value.strip().lower()) in _WORDS:
        return _WORDS[word]
    found = _NUMBER.findall(value)
    if len(found) != 1:
        raise _Hopeless
    number = float(found[0].replace(",", ""))
    return int(number) if number.is_integer() else number


def _boolean(value: Any, fault: Any) -> Any:
    word = str(value).strip(" .!").lower()
    if word in ("true", "yes", "y", "on", "1"):
        return True
    if word in ("false", "no", "n", "off", "0"):
        return False
    raise _Hopeless


def _listed(value: Any, fault: Any) -> Any:
    if value is None:
        return _GONE
    if isinstance(value, str) and value.lstrip().startswith("["):
        return orjson.loads(value)
    if isinstance(value, dict):
        fields = cast(dict[str, Any], value)
        if fields and all(re.fullmatch(r"(?:item_?)?\d+", key) for key in fields):
            return list(fields.values())
    return [value]


def _object(value: Any, fault: Any) -> Any:
    if isinstance(value, str) and value.lstrip().startswith("{"):
        return orjson.loads(value)
    if isinstance(value, list) and len(cast(list[Any], value)) == 1:
        return cast(Any, value[0])
    raise _Hopeless


def _choice(value: Any, fault: Any) -> Any:
    expected = _QUOTED.findall(str(fault["ctx"]["expected"]))
    return _only(str(value), expected)


def _missing(value: Any, fault: Any) -> Any:
    """The object with the key that was meant under the name that was asked for."""
    wanted = str(fault["loc"][-1])
    found = _only(wanted, [key for key in value if key != wanted])
    return {wanted if key == found else key: content for key, content in value.items()}


def _only(wanted: str, among: list[str]) -> str:
    same = [name for name in among if _plain(name) == _plain(wanted)]
    if len(same) != 1:
        raise _Hopeless
    return same[0]


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


_AMENDMENTS: dict[str, Callable[[Any, Any], Any]] = {
    "string_type": _text,
    **dict.fromkeys(("int_parsing", "int_type", "float_parsing", "float_type", "decimal_parsing"), _number),
    **dict.fromkeys(("bool_parsing", "bool_type"), _boolean),
    **dict.fromkeys(("list_type", "tuple_type", "set_type"), _listed),
    **dict.fromkeys(("model_type", "dict_type", "model_attributes_type"), _object),
    **dict.fromkeys(("literal_error", "enum"), _choice),
    "missing": _missing,
}
