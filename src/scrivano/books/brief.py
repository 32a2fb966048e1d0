"""Reading a brief from TOML or JSON, with errors that a person can act on."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from scrivano.books.dto import Brief, CoverStyle, Kind, Trim
from scrivano.core.errors import InvalidInput

MAX_BYTES = 2_000_000
_ALLOWED: dict[str, tuple[str, ...]] = {
    "kind": get_args(Kind),
    "cover_style": get_args(CoverStyle),
    "trim": get_args(Trim),
}
_LANGUAGES = {
    "english": "en",
    "british": "en-GB",
    "american": "en-US",
    "german": "de",
    "deutsch": "de",
    "french": "fr",
    "français": "fr",
    "spanish": "es",
    "español": "es",
    "italian": "it",
    "italiano": "it",
    "portuguese": "pt",
    "dutch": "nl",
    "polish": "pl",
    "russian": "ru",
    "arabic": "ar",
    "chinese": "zh",
    "japanese": "ja",
    "korean": "ko",
    "turkish": "tr",
    "ukrainian": "uk",
}


def load_brief(path: Path) -> Brief:
    """Read the brief at `path` (`.toml` or `.json`; anything else is tried as TOML).

    Raises InvalidInput with the field at fault, what is allowed there and, for a slip of the pen, what was
    probably meant.
    """
    return parse_brief(_read(path), source=path.name)


def parse_brief(data: Mapping[str, Any], *, source: str = "The brief") -> Brief:
    """Make a brief of `data`; raises InvalidInput that names the first field at fault and every problem."""
    try:
        return Brief.model_validate(dict(data))
    except ValidationError as error:
        raise _explain(error, source) from None


def check_niche(brief: Brief, known: Mapping[str, Sequence[str]]) -> None:
    """Raise InvalidInput unless the brief's domain and niche are among `known` (domain → its niches)."""
    if not brief.domain or not brief.niche:
        return
    if brief.domain not in known:
        raise _unknown("domain", brief.domain, sorted(known), "Installed are")
    if brief.niche not in known[brief.domain]:
        elsewhere = [d for d, niches in sorted(known.items()) if brief.niche in niches]
        if elsewhere:
            raise InvalidInput(
                f"The niche {brief.niche!r} does not belong to the domain {brief.domain!r}.",
                field="niche",
                remedy=f'It belongs to "{elsewhere[0]}": write domain = "{elsewhere[0]}".',
            )
        raise _unknown("niche", brief.niche, sorted(known[brief.domain]), f"The domain {brief.domain!r} has")


def _unknown(field: str, value: str, allowed: list[str], lead: str) -> InvalidInput:
    listed = ", ".join(allowed) if allowed else "none"
    return InvalidInput(
        f"There is no {field} {value!r}.",
        field=field,
        remedy=f"{_did_you_mean(value, allowed)}{lead}: {listed}.",
    )


def _did_you_mean(value: object, allowed: Sequence[str]) -> str:
    close = get_close_matches(str(value).lower().replace("-", "_"), allowed, n=1, cutoff=0.6)
    close = close or get_close_matches(str(value).lower(), allowed, n=1, cutoff=0.6)
    return f"Did you mean {close[0]!r}? " if close else ""


def _read(path: Path) -> Mapping[str, Any]:
    raw = _read_bytes(path)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(
            f"{path} is not UTF-8 text.", field="brief", remedy="Save it as UTF-8 and try again."
        ) from None
    try:
        data: Any = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        kind = "JSON" if path.suffix.lower() == ".json" else "TOML"
        raise InvalidInput(
            f"{path} is not valid {kind}: {error}.", field="brief", remedy="Mend that place and try again."
        ) from None
    except RecursionError:
        raise InvalidInput(
            f"{path} is nested too deeply.", field="brief", remedy="A brief is flat."
        ) from None
    if not isinstance(data, dict):
        raise InvalidInput(
            f"{path} holds no fields.", field="brief", remedy="A JSON brief is one object: {…}."
        )
    return data  # pyright: ignore[reportUnknownVariableType]


def _read_bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "does not exist"
            raise InvalidInput(
                f"{path} {what}.",
                field="brief",
                remedy="Give the path of a brief in TOML or JSON; see examples/.",
            )
        if path.stat().st_size > MAX_BYTES:
            raise InvalidInput(
                f"{path} is larger than {MAX_BYTES // 1_000_000} MB; that is no brief.",
                field="brief",
                remedy="Put long texts into files and name these under `references`.",
            )
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read: {error.strerror}.", field="brief", remedy="Check its permissions."
        ) from None


def _explain(error: ValidationError, source: str) -> InvalidInput:
    problems = [_problem(detail) for detail in error.errors(include_url=False)]
    messages = [f"`{field}` {message}" if field else message for field, message in problems]
    head = "" if len(messages) == 1 else f"{source} has {len(messages)} problems: "
    return InvalidInput(head + " ".join(messages), field=problems[0][0] or None)


def _problem(detail: ErrorDetails) -> tuple[str, str]:
    location = [str(part) for part in detail["loc"]]
    field = ".".join(location)
    kind, value, context = detail["type"], detail.get("input"), detail.get("ctx") or {}
    if kind == "extra_forbidden":
        known = _fields_beside(location)
        return (
            field,
            f"is not a field of a brief. {_did_you_mean(location[-1], known)}Known are: {', '.join(known)}.",
        )
    if kind == "missing":
        return field, "is missing."
    if kind == "literal_error":
        allowed = _ALLOWED.get(location[-1], ())
        return field, f"is {value!r}. {_did_you_mean(value, allowed)}Allowed are: {', '.join(allowed)}."
    if kind in ("greater_than_equal", "less_than_equal") and location[-1] in ("words", "chapters"):
        low, high = ("500", "250,000") if location[-1] == "words" else ("1", "60")
        return field, f"is {value}; it may be from {low} to {high}."
    if location[-1:] == ["language"] and kind == "string_pattern_mismatch":
        meant = _LANGUAGES.get(str(value).strip().lower())
        hint = f" Did you mean {meant!r}?" if meant else ""
        return field, f'is {value!r}; it should be a language code such as "en", "de" or "pt-BR".{hint}'
    if kind == "value_error" and not location:
        name, _, message = str(context.get("error", detail["msg"])).partition(": ")
        return name, f"is needed: {message}"
    return field, f"is {_shown(value)}, but {_expectation(kind, detail['msg'], context)}."


def _expectation(kind: str, message: str, context: Mapping[str, Any]) -> str:
    if kind.startswith("int"):
        return "must be a whole number"
    if kind.startswith("bool"):
        return "must be true or false"
    if kind.startswith("date"):
        return "must be a date such as 2025-03-31"
    if kind == "string_type":
        return "must be text in quotation marks"
    if kind == "list_type":
        return "must be a list in square brackets"
    if kind == "string_too_long":
        return f"may have {context.get('max_length')} characters at most"
    if kind == "too_long":
        return f"may have {context.get('max_length')} entries at most"
    return message[:1].lower() + message[1:].rstrip(".")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _fields_beside(location: list[str]) -> list[str]:
    parents = [part for part in location[:-1] if not part.isdigit()]
    if parents[:1] == ["characters"]:
        return ["name", "role", "description", "facts"]
    if parents[:1] == ["world"]:
        return ["setting", "rules", "timeline"]
    return list(Brief.model_fields)
