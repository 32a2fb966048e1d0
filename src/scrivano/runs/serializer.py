"""How inputs and results of steps are stored: JSON with the names of types, never pickle.

Only types that were registered, by the annotations of a step or workflow, are ever built from what is stored.
A value other than plain JSON is an object with the key `$`, which names its kind.
"""

import base64
import builtins
import dataclasses
import math
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePosixPath
from typing import Any, cast
from uuid import UUID

import orjson
from pydantic import BaseModel

from scrivano.core.errors import ScrivanoError
from scrivano.runs.dto import ErrorView, RunFailed, error_class

_INT_LIMIT = 1 << 53
_types: dict[str, type[Any]] = {}

_SIMPLE: dict[type[Any], tuple[str, Callable[[Any], Any], Callable[[Any], Any]]] = {
    datetime: ("datetime", datetime.isoformat, datetime.fromisoformat),
    date: ("date", date.isoformat, date.fromisoformat),
    timedelta: ("timedelta", timedelta.total_seconds, lambda v: timedelta(seconds=v)),
    UUID: ("uuid", str, UUID),
    Decimal: ("decimal", str, Decimal),
    bytes: ("bytes", lambda v: base64.b64encode(v).decode(), base64.b64decode),
    PurePosixPath: ("path", str, PurePosixPath),
}
_SIMPLE_BACK = {name: back for name, _, back in _SIMPLE.values()}
_COLLECTIONS: dict[type[Any], str] = {tuple: "tuple", set: "set", frozenset: "frozenset"}
_COLLECTIONS_BACK: dict[str, type[Any]] = {name: kind for kind, name in _COLLECTIONS.items()}


def name_of(kind: type[Any]) -> str:
    """The name under which a type is stored."""
    return f"{kind.__module__}.{kind.__qualname__}"


def register_type(kind: type[Any]) -> None:
    """Let values of this pydantic model, enum, dataclass or exception be stored and rebuilt."""
    _types[name_of(kind)] = kind


def register_annotations(function: Callable[..., Any]) -> None:
    """Register every type that the annotations of `function` mention."""
    for hint in typing.get_type_hints(function).values():
        _register_hint(hint)


def _register_hint(hint: Any) -> None:
    if isinstance(hint, type):
        kind = cast(type[Any], hint)
        if issubclass(kind, BaseModel | Enum) or dataclasses.is_dataclass(kind):
            register_type(kind)
    for inner in typing.get_args(hint):
        _register_hint(inner)


def dumps(value: Any) -> str:
    """Encode a value as JSON. Raises TypeError for one whose type is not registered."""
    return orjson.dumps(_encode(value)).decode()


def loads(text: str) -> Any:
    """Rebuild a value that `dumps` made. Raises TypeError where its type is not registered here."""
    return _decode(orjson.loads(text))


def plain(text: str | None) -> Any:
    """What `dumps` made, without building any type: what a person sees as JSON."""
    return None if text is None else _strip(orjson.loads(text))


def error_view(text: str) -> ErrorView:
    """What a stored exception says."""
    stored = orjson.loads(text)
    return ErrorView.model_validate(stored["v"]) if isinstance(stored, dict) else ErrorView(**_UNKNOWN)


_UNKNOWN: dict[str, Any] = {"kind": name_of(RunFailed), "code": RunFailed.code, "message": "The run failed."}


def view_of(error: BaseException) -> ErrorView:
    """What `error` says, for display and storage."""
    kind = name_of(type(error))
    if isinstance(error, ScrivanoError):
        return ErrorView(
            kind=kind,
            code=error.code,
            message=error.message,
            field=error.field,
            remedy=error.remedy,
            exit_code=error.exit_code,
            status=error.status,
        )
    return ErrorView(kind=kind, code="internal", message=f"{type(error).__name__}: {error}")


def _encode(value: Any) -> Any:
    if value is None or value is True or value is False or type(value) is str:
        return value
    kind = cast(type[Any], type(value))
    if kind is int:
        return value if abs(value) < _INT_LIMIT else {"$": "int", "v": str(value)}
    if kind is float:
        return value if math.isfinite(value) else {"$": "float", "v": repr(value)}
    if kind is list:
        return [_encode(v) for v in value]
    if kind in _COLLECTIONS:
        return {"$": _COLLECTIONS[kind], "v": [_encode(v) for v in value]}
    if isinstance(value, dict):
        return _encode_mapping(cast(dict[Any, Any], value))
    if kind in _SIMPLE:
        name, to, _ = _SIMPLE[kind]
        return {"$": name, "v": to(value)}
    return _encode_typed(value)


def _encode_mapping(value: dict[Any, Any]) -> Any:
    if all(type(key) is str for key in value) and "$" not in value:
        return {key: _encode(v) for key, v in value.items()}
    return {"$": "dict", "v": [[_encode(key), _encode(v)] for key, v in value.items()]}


def _encode_typed(value: Any) -> Any:
    if isinstance(value, BaseException):
        return _encode_error(value)
    if isinstance(value, PurePosixPath):
        return {"$": "path", "v": str(value)}
    name = name_of(cast(type[Any], type(value)))
    if name not in _types:
        raise TypeError(
            f"{name} cannot be stored: the step or workflow that gives it is not annotated with it."
        )
    if isinstance(value, BaseModel):
        return {"$": f"model:{name}", "v": value.model_dump(mode="json", by_alias=True, round_trip=True)}
    if isinstance(value, Enum):
        return {"$": f"enum:{name}", "v": _encode(value.value)}
    fields = {field.name: _encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return {"$": f"dataclass:{name}", "v": fields}


def _encode_error(error: BaseException) -> Any:
    view = view_of(error).model_dump()
    if isinstance(error, ScrivanoError):
        extra = {k: v for k, v in vars(error).items() if k not in ("message", "field", "remedy")}
        return {
            "$": "error",
            "v": view,
            "data": {k: e for k, v in extra.items() if (e := _try(v)) is not None},
        }
    reduced: Any = error.__reduce__()
    return {"$": "error", "v": view, "args": _try(list(reduced[1]))}


def _try(value: Any) -> Any:
    try:
        return _encode(value)
    except TypeError:
        return None


def _decode(value: Any) -> Any:
    if isinstance(value, list):
        return [_decode(v) for v in cast(list[Any], value)]
    if not isinstance(value, dict):
        return value
    stored = cast(dict[str, Any], value)
    kind = stored.get("$")
    if kind is None:
        return {key: _decode(v) for key, v in stored.items()}
    inner = stored["v"]
    if kind in _SIMPLE_BACK:
        return _SIMPLE_BACK[kind](inner)
    if kind in _COLLECTIONS_BACK:
        return _COLLECTIONS_BACK[kind](_decode(v) for v in inner)
    if kind in ("int", "float"):
        return getattr(builtins, kind)(inner)
    if kind == "dict":
        return {_decode(key): _decode(v) for key, v in inner}
    if kind == "error":
        return _decode_error(stored)
    return _decode_typed(kind, inner)


def _decode_typed(kind: str, inner: Any) -> Any:
    how, _, name = kind.partition(":")
    found = _types.get(name)
    if found is None:
        raise TypeError(f"{name} was stored by a step, but no step of this version is annotated with it.")
    if how == "model":
        return found.model_validate(inner)
    if how == "enum":
        return found(_decode(inner))
    return found(**{key: _decode(v) for key, v in inner.items()})


def _decode_error(stored: Mapping[str, Any]) -> BaseException:
    view = ErrorView.model_validate(stored["v"])
    scrivano = error_class(view.kind)
    if scrivano is not None:
        error = scrivano.__new__(scrivano)
        ScrivanoError.__init__(error, view.message, field=view.field, remedy=view.remedy)
        vars(error).update({key: _decode(v) for key, v in stored.get("data", {}).items()})
        return error
    found: Any = _types.get(view.kind) or getattr(builtins, view.kind.removeprefix("builtins."), None)
    if isinstance(found, type) and issubclass(found, Exception) and stored.get("args") is not None:
        return found(*_decode(stored["args"]))
    return RunFailed(view.message)


def _strip(value: Any) -> Any:
    if isinstance(value, list):
        return [_strip(v) for v in cast(list[Any], value)]
    if not isinstance(value, dict):
        return value
    stored = cast(dict[str, Any], value)
    if "$" not in stored:
        return {key: _strip(v) for key, v in stored.items()}
    if stored["$"] == "dict":
        return {str(_strip(key)): _strip(v) for key, v in stored["v"]}
    return _strip(stored["v"]) if not stored["$"].startswith("model:") else stored["v"]
