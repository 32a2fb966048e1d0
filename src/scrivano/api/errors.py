"""Errors as problem details (RFC 9457)."""

import logging
import math
from collections.abc import Mapping
from typing import Any

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from scrivano.core.errors import ScrivanoError

_PATTERNS = {
    r"^[^@\s": "This is no e-mail address such as ada@example.org",
    r"^[^\x00-\x1f": "It holds a control character, such as a line break",
    r"^[^\x00]": "It is empty or holds a NUL character, which is no text",
    r"^[A-Za-z]{2,3}(": "This is no tag of a language such as en, de or pt-BR",
    r"^[a-z][a-z0-9_]{": "It takes small letters, figures and _, begins with a letter and is not too long",
    r"^[a-z][a-z0-9_.-]{": "It takes small letters, figures, _, . and -, begins with a letter and is not too long",
    r"^[0-9a-f]{64}$": "It is no SHA-256 in 64 small hexadecimal figures",
    r"^https?://": "This is no address that begins with http:// or https://",
}
"""What a value has to be, in words, by how the pattern begins that says so."""
MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger(__name__)


class Problem(BaseModel):
    """What went wrong, as RFC 9457 has it, with the field at fault and what to do."""

    type: str = Field(description="`urn:scrivano:error:` and the error's code.")
    title: str
    status: int
    detail: str
    field: str | None = None
    remedy: str | None = None
    instance: str | None = None
    versions: dict[str, int] | None = Field(
        default=None, description="Of a text that changed meanwhile: `expected` and `newest`."
    )


def install(app: FastAPI) -> None:
    """Answer every error of this application with problem details."""
    app.add_exception_handler(ScrivanoError, _ours)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    for kind in (psycopg.Error, DBAPIError):
        app.add_exception_handler(kind, _database)
    app.add_exception_handler(UnicodeEncodeError, _no_text)


def problem(
    request: Request,
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    field: str | None = None,
    remedy: str | None = None,
    headers: Mapping[str, str] | None = None,
    versions: dict[str, int] | None = None,
) -> JSONResponse:
    """A response that holds one problem."""
    body = Problem(
        type=f"urn:scrivano:error:{code}",
        title=title,
        status=status,
        detail=detail,
        field=field,
        remedy=remedy,
        instance=request.url.path,
        versions=versions,
    )
    return JSONResponse(
        body.model_dump(exclude_none=True),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


async def _ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ScrivanoError)
    title = (type(error).__doc__ or "Error").strip().splitlines()[0]
    headers: dict[str, str] = {}
    wait = getattr(error, "retry_after", None)
    if wait is not None:
        headers["Retry-After"] = str(math.ceil(wait))
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return problem(
        request,
        error.status,
        error.code,
        title,
        error.message,
        field=error.field,
        remedy=error.remedy,
        headers=headers,
        versions=getattr(error, "versions", None),
    )


async def _validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        detail = f"The body is no valid JSON: {first['ctx']['error']}, at character {first['loc'][-1]}."
        return problem(
            request,
            422,
            "invalid-input",
            "The input is not valid.",
            detail,
            field="body",
            remedy="Mend that place and send it again.",
        )
    field = ".".join(str(part) for part in first["loc"])
    return problem(
        request,
        422,
        "invalid-input",
        "The input is not valid.",
        f"{field}: {_in_words(first)}.",
        field=field,
        remedy=f"Change {field}; what it may be is told at /docs.",
    )


def _in_words(error: Mapping[str, Any]) -> str:
    """What is wrong with a value, without the machinery that found it out and without a full stop."""
    if error["type"] == "string_pattern_mismatch":
        # That nothing is allowed as well says nothing of what something has to be.
        pattern = str(error["ctx"]["pattern"]).removeprefix("^$|")
        words = (text for start, text in _PATTERNS.items() if pattern.startswith(start))
        return next(words, f"It does not have the form {pattern}")
    return str(error["msg"]).removeprefix("Value error, ").removesuffix(".")


async def _database(request: Request, error: Exception) -> JSONResponse:
    """What the database cannot keep is the caller's to change; that it is away is not."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, psycopg.IntegrityError):
        _log.warning("The database refused a change", exc_info=error)
        detail = "It does not fit with what is stored: something is missing, there already, or in use."
        return problem(request, 409, "conflict", "It does not fit with how things are.", detail)
    if isinstance(cause, psycopg.DataError):
        detail = "A value is beyond what can be stored, such as a number that is too large or too small."
        return problem(request, 422, "invalid-input", "The input is not valid.", detail)
    if isinstance(cause, (psycopg.OperationalError, psycopg.InterfaceError)):
        _log.warning("The database is away", exc_info=error)
        detail = "The database does not answer."
        return problem(request, 503, "unavailable", "Try again later.", detail, headers={"Retry-After": "5"})
    raise error


async def _no_text(request: Request, error: Exception) -> JSONResponse:
    detail = "A text holds half of a character (a lone surrogate), which no file can keep."
    return problem(request, 422, "invalid-input", "The input is not valid.", detail)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = {404: "not-found", 405: "method-not-allowed"}.get(error.status_code, "http-error")
    return problem(
        request, error.status_code, code, str(error.detail), str(error.detail), headers=error.headers
    )
