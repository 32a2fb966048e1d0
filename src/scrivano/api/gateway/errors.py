"""Errors in the caller's form."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from scrivano.accounts.public import NotAuthenticated
from scrivano.core.errors import InvalidInput, NotFound, PersonError, ScrivanoError
from scrivano.llm.public import LLMError, NobodyCould, NotPermitted, TooDear, TryLater


class BadRequest(InvalidInput):
    """The request is not valid."""

    status = 400


class UnknownModel(NotFound):
    """There is no such model."""


class TooLarge(InvalidInput):
    """The request's body is too large."""

    status = 413


class Unsupported(InvalidInput):
    """This is not supported here."""

    status = 400


class NotImplementedHere(ScrivanoError):
    """There is no model that could do this."""

    status = 501


class WrongMethod(PersonError):
    """The method is not allowed here."""

    status = 405


@dataclass(frozen=True, slots=True)
class Told:
    """An error as a response: its status, its body and headers of its own."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()


Form = Callable[[ScrivanoError], Told]
"""Puts an error into the form of one interface."""

_OPENAI: tuple[tuple[type[ScrivanoError], int | None, str, str | None], ...] = (
    (UnknownModel, 404, "invalid_request_error", "model_not_found"),
    (TooLarge, 413, "invalid_request_error", "request_too_large"),
    (NotAuthenticated, 401, "authentication_error", "invalid_api_key"),
    (TooDear, 429, "insufficient_quota", "insufficient_quota"),
    (TryLater, 429, "rate_limit_error", "rate_limit_exceeded"),
    (NotPermitted, 403, "permission_error", "not_permitted"),
    (NobodyCould, 503, "server_error", "no_model_could_answer"),
    (NotImplementedHere, 501, "invalid_request_error", "not_implemented"),
    (WrongMethod, 405, "invalid_request_error", "method_not_allowed"),
    (InvalidInput, 400, "invalid_request_error", "invalid_request"),
    (PersonError, None, "invalid_request_error", None),
    (ScrivanoError, None, "server_error", None),
)
_ANTHROPIC: tuple[tuple[type[ScrivanoError], int | None, str], ...] = (
    (TooLarge, 413, "request_too_large"),
    (NotAuthenticated, 401, "authentication_error"),
    (TooDear, 402, "billing_error"),
    (TryLater, 429, "rate_limit_error"),
    (NotPermitted, 403, "permission_error"),
    (NotFound, 404, "not_found_error"),
    (NobodyCould, 529, "overloaded_error"),
    (NotImplementedHere, 501, "api_error"),
    (WrongMethod, 405, "invalid_request_error"),
    (InvalidInput, 400, "invalid_request_error"),
    (PersonError, None, "invalid_request_error"),
    (ScrivanoError, None, "api_error"),
)


def openai_error(error: ScrivanoError) -> Told:
    """`{"error": {"message", "type", "param", "code"}}`."""
    for kind, status, type, code in _OPENAI:
        if isinstance(error, kind):
            body: dict[str, Any] = {
                "message": _message(error),
                "type": type,
                "param": error.field,
                "code": code or error.code.replace("-", "_"),
            }
            return Told(status or error.status, orjson.dumps({"error": body}), _headers(error))
    raise AssertionError("the last row takes every error")


def anthropic_error(error: ScrivanoError) -> Told:
    """`{"type": "error", "error": {"type", "message"}}`."""
    for kind, status, type in _ANTHROPIC:
        if isinstance(error, kind):
            body = {"type": "error", "error": {"type": type, "message": str(error)}}
            return Told(status or error.status, orjson.dumps(body), _headers(error))
    raise AssertionError("the last row takes every error")


def unexpected() -> ScrivanoError:
    """What a caller is told of a fault in the program; the log has the rest."""
    return ScrivanoError("Something went wrong inside Scrivano.", remedy="The service's output tells what.")


def _message(error: ScrivanoError) -> str:
    return f"{error.message} {error.remedy}" if error.remedy else error.message


def _headers(error: ScrivanoError) -> tuple[tuple[bytes, bytes], ...]:
    headers: list[tuple[bytes, bytes]] = []
    if isinstance(error, TryLater) and error.retry_after is not None:
        headers.append((b"retry-after", b"%d" % -(-error.retry_after // 1)))
    elif isinstance(error, LLMError):
        # All that can be tried again was tried; the vendors' clients would do it twice more.
        headers.append((b"x-should-retry", b"false"))
    if isinstance(error, NotAuthenticated):
        headers.append((b"www-authenticate", b"Bearer"))
    return tuple(headers)
