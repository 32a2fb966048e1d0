"""How adapters reach the world: reads are always made, writes only when it is not a dry run, which notes them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, cast
from urllib.parse import urlencode

import aiohttp
import orjson

from scrivano.core.outbound import Forbidden, Outbound
from scrivano.core.outbound_http import connector
from scrivano.publishing.dto import CredentialsRefused, Planned, TargetRefused, TargetUnreachable, Unclear

PATIENCE = 60.0
_LARGEST_ANSWER = 8 * 1024 * 1024
_CONNECT = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said: status, and the JSON of its body (None if it was none)."""

    status: int
    body: Any
    headers: Mapping[str, str]

    def table(self) -> dict[str, Any]:
        """The body as an object, empty if it is none."""
        return cast(dict[str, Any], self.body) if isinstance(self.body, dict) else {}

    def rows(self) -> list[dict[str, Any]]:
        """The body as a list of objects, empty if it is none."""
        if not isinstance(self.body, list):
            return []
        return [cast(dict[str, Any], row) for row in cast(list[Any], self.body) if isinstance(row, dict)]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to send: as it is, or as the field `file` of a form."""

    name: str
    media_type: str
    data: bytes = field(repr=False)
    form: Mapping[str, str] | None = None


Authorize = Callable[[], Mapping[str, str]]


class Wire:
    """HTTP to one place, within the addresses that may be connected to. Redirects are not followed: whoever owns
    another address would get the credentials."""

    def __init__(
        self, outbound: Outbound, base: str, authorize: Authorize, *, dry: bool, patience: float = PATIENCE
    ) -> None:
        self._outbound = outbound
        self._base = base.rstrip("/")
        self._authorize = authorize
        self._patience = patience
        self.dry = dry
        self.planned: list[Planned] = []

    async def read(self, path: str, query: Mapping[str, Any] | None = None) -> Answer:
        """GET; the caller looks at the status of what is below 500 and not about credentials."""
        url = f"{self._base}{path}" + (f"?{urlencode(query, doseq=True)}" if query else "")
        return await self._call("GET", url, None, {})

    async def write(
        self,
        method: str,
        path: str,
        content: dict[str, Any] | Upload,
        *,
        summary: str,
        stand_in: dict[str, Any],
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send it. In a dry run it is noted and `stand_in` is the answer's body."""
        url = f"{self._base}{path}"
        more = dict(headers or {})
        self.planned.append(_planned(method, url, content, summary, more))
        if self.dry:
            return Answer(200, stand_in, {})
        return await self._call(method, url, content, more)

    async def _call(
        self, method: str, url: str, content: dict[str, Any] | Upload | None, headers: dict[str, str]
    ) -> Answer:
        waits = aiohttp.ClientTimeout(total=self._patience, sock_connect=_CONNECT)
        try:
            async with (
                aiohttp.ClientSession(connector=connector(self._outbound), timeout=waits) as session,
                session.request(
                    method,
                    url,
                    data=_data(content),
                    headers={**_headers(content), **headers, **self._authorize()},
                    allow_redirects=False,
                ) as response,
            ):
                raw = await response.content.read(_LARGEST_ANSWER)
                answer = Answer(response.status, _json(raw), dict(response.headers))
                return _checked(answer, url, writing=content is not None)
        except (aiohttp.ClientConnectorError, aiohttp.InvalidURL, Forbidden) as error:
            raise TargetUnreachable(
                f"{self._base} cannot be reached: {_reason(error)}.", remedy="Check its address."
            ) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if content is None:
                raise TargetUnreachable(f"{self._base} did not answer.", remedy="Try again later.") from error
            raise Unclear(
                f"{self._base} broke off without an answer; it may have taken the text.",
                remedy="Publish again: what it took is looked up first.",
            ) from error


def _data(content: dict[str, Any] | Upload | None) -> Any:
    if content is None:
        return None
    if isinstance(content, dict):
        return orjson.dumps(content)
    if content.form is None:
        return content.data
    form = aiohttp.FormData()
    form.add_field("file", content.data, filename=content.name, content_type=content.media_type)
    for name, value in content.form.items():
        form.add_field(name, value)
    return form


def _headers(content: dict[str, Any] | Upload | None) -> dict[str, str]:
    if isinstance(content, dict):
        return {"Content-Type": "application/json"}
    if content is None or content.form is not None:
        return {}
    return {
        "Content-Type": content.media_type,
        "Content-Disposition": f'attachment; filename="{content.name}"',
    }


def _planned(
    method: str, url: str, content: dict[str, Any] | Upload, summary: str, headers: dict[str, str]
) -> Planned:
    if isinstance(content, dict):
        body = orjson.dumps(content, option=orjson.OPT_INDENT_2).decode()
    else:
        body = f"{content.name}: {len(content.data)} bytes, SHA-256 {sha256(content.data).hexdigest()}"
    shown = {**_headers(content), **headers}
    return Planned(kind="request", summary=summary, method=method, place=url, headers=shown, body=body)


def _json(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None


def _checked(answer: Answer, url: str, *, writing: bool) -> Answer:
    if answer.status in (401, 403):
        raise CredentialsRefused(
            f"The site refused: {said(answer)}.",
            field="secret",
            remedy="Check the user and the secret of the target, and what that user may do there.",
        )
    if answer.status >= 500 and writing:
        # A gateway says 502 or 504 for a server behind it that goes on working.
        raise Unclear(
            f"The site answered {answer.status}; it may have taken the text all the same.",
            remedy="Publish again: what it took is looked up first.",
        )
    if answer.status == 429 or answer.status >= 500:
        raise TargetUnreachable(f"The site answered {answer.status}.", remedy="Try again later.")
    if 300 <= answer.status < 400:
        location = answer.headers.get("Location", "another address")[:300]
        raise TargetRefused(
            f"{url} sends on to {location}.", field="url", remedy="Give the target that address."
        )
    return answer


def said(answer: Answer) -> str:
    """The reason that a server gave, in its own words, shortened."""
    body = answer.table()
    errors = body.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        body = cast(dict[str, Any], errors[0])
    words = [str(body[key]) for key in ("message", "context") if body.get(key)]
    return " ".join(words)[:300] or f"HTTP status {answer.status}"


def refuse(answer: Answer, what: str) -> TargetRefused:
    """The error for an answer that is none of those expected."""
    return TargetRefused(
        f"{what} was refused: {said(answer)}.", remedy="Change what it names, and try again."
    )


def _reason(error: Exception) -> str:
    inner = getattr(error, "os_error", error)
    return str(getattr(inner, "strerror", None) or inner)[:300]


async def unclear_again(find: Callable[[], Awaitable[Any]], pauses: tuple[float, ...]) -> Any:
    """What `find` gives, asked again after each pause while it gives None: a server may still be at work."""
    found = await find()
    for pause in pauses:
        if found is not None:
            return found
        await asyncio.sleep(pause)
        found = await find()
    return found
