"""What wire formats over HTTP share: one session, time-outs by phase, and errors as troubles."""

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

import aiohttp
import orjson

from scrivano.core.outbound import Forbidden, Outbound
from scrivano.core.outbound_http import Gate, HeldBack, connector, note_peers
from scrivano.llm.dto import Locality, Timeouts, Usage
from scrivano.llm.locality import locality_of_address
from scrivano.llm.providers.base import AttemptFailed, Endpoint, Trouble, check_host

_TOO_LONG = re.compile(
    r"context[ _]?(length|size|window)|maximum context|too many tokens|prompt is too long"
    r"|exceeds? the (available )?context|input token count|prompt token count",
    re.I,
)
_FILTERED = re.compile(r"content[ _](filter|policy|management)|safety|responsible.?ai", re.I)
_WRONG_KEY = re.compile(r"api[ _]key[ _](not valid|invalid)|invalid[ _]api[ _]key", re.I)
_RETRY_DELAY = re.compile(rb'"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"')
"""Where Google says how long to wait."""

_LONGEST_ERROR = 600


class Http:
    """A connection to one provider."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def _client(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if self._session is None or self._session.closed or self._loop is not loop:
            # Many servers close idle connections after five seconds; a request must not meet that moment.
            outbound = Outbound(self.endpoint.private_hosts)
            own = connector(outbound, limit=0, keepalive_timeout=4.0, ttl_dns_cache=30)
            self._session = aiohttp.ClientSession(connector=own, auto_decompress=True)
            self._loop = loop
        return self._session

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    @asynccontextmanager
    async def send(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str],
        timeouts: Timeouts,
        deadline: float,
        ready: Gate | None = None,
    ) -> AsyncGenerator["Incoming"]:
        """Send a request; the block gets the response once its headers are there, before `deadline`.

        `deadline` is a time of the event loop's clock; `path` may be a whole URL of the same server. With `ready`
        nothing of a request with a body leaves before that has returned.
        A status above 299 is raised as AttemptFailed.
        """
        check_host(self.endpoint)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=timeouts.connect)
        sent = {"Content-Type": "application/json", **headers} if body is not None else dict(headers)
        data = None if body is None else orjson.dumps(body)
        if ready is not None and data is not None:
            data = HeldBack(data, ready)
        url = path if "://" in path else self.endpoint.base_url + path
        peers = note_peers()
        try:
            async with asyncio.timeout_at(deadline):
                response = await self._client().request(
                    method, url, data=data, headers=sent, timeout=timeout, allow_redirects=False
                )
        except TimeoutError as error:
            raise self._late(error) from error
        except aiohttp.ClientError as error:
            raise self._lost(error) from error
        incoming = Incoming(response, self, timeouts, deadline, peers[-1] if peers else None)
        try:
            if ready is not None:
                # There are servers that answer before they are asked.
                await ready()
            if response.status > 299:
                raise await self._refused(incoming)
            yield incoming
        finally:
            response.close() if not incoming.complete else response.release()

    def _late(self, error: TimeoutError) -> AttemptFailed:
        if isinstance(error, aiohttp.ServerTimeoutError):
            return AttemptFailed(
                Trouble.UNREACHABLE, f"{self.endpoint.name} could not be connected to in time."
            )
        return AttemptFailed(Trouble.SILENT, f"{self.endpoint.name} did not begin to answer in time.")

    def _lost(self, error: aiohttp.ClientError) -> AttemptFailed:
        if _is_forbidden(error):
            return AttemptFailed(
                Trouble.FORBIDDEN, f"{self.endpoint.name}: {self.clean(error)}", refused=True
            )
        if isinstance(error, (aiohttp.ClientConnectorError, aiohttp.InvalidURL)):
            return AttemptFailed(
                Trouble.UNREACHABLE, f"{self.endpoint.name} cannot be reached: {self.clean(error)}"
            )
        return AttemptFailed(Trouble.CUT, f"{self.endpoint.name} closed the connection: {self.clean(error)}")

    async def _refused(self, incoming: "Incoming") -> AttemptFailed:
        status = incoming.status
        try:
            raw = await incoming.read(limit=64 * 1024)
        except AttemptFailed:
            raw = b""
        message, code = _error_of(raw)
        text = self.clean(f"{self.endpoint.name} answered {status}: {message}")
        trouble = _trouble_of(status, f"{code} {message}")
        wait = incoming.retry_after
        if wait is None and (told := _RETRY_DELAY.search(raw)):
            wait = float(told[1])
        return AttemptFailed(trouble, text, retry_after=wait, locality=incoming.locality, refused=True)

    async def fetch(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
        timeouts: Timeouts | None = None,
        within: float = 10.0,
    ) -> "Fetched":
        """A whole answer, all of it within `timeouts`, or else within so many seconds. Raises AttemptFailed."""
        patience = timeouts or Timeouts(
            connect=within, first_token=within, between_tokens=within, total=within
        )
        deadline = loop_time() + (patience.first_token or within)
        async with self.send(
            method, path, body=body, headers=headers, timeouts=patience, deadline=deadline
        ) as incoming:
            raw = await incoming.read()
        return Fetched(raw, incoming, self)

    def garbage(self, incoming: "Incoming", raw: bytes) -> AttemptFailed:
        """The failure of an answer that cannot be read."""
        seen = self.clean(raw[:120].decode("utf-8", "replace"))
        message = f"{self.endpoint.name} answered what is no answer: {seen!r}"
        return AttemptFailed(Trouble.GARBAGE, message, locality=incoming.locality)

    def cut(
        self, incoming: "Incoming", why: object, trouble: Trouble = Trouble.CUT, usage: Usage | None = None
    ) -> AttemptFailed:
        """The failure of an answer that began and did not come to its end."""
        message = f"{self.endpoint.name} {self.clean(why)}"
        return AttemptFailed(trouble, message, locality=incoming.locality, usage=usage)

    def clean(self, error: object) -> str:
        """A text for logs and people: short, and without the key."""
        text = str(error) or type(error).__name__
        key = self.endpoint.api_key
        if key:
            text = text.replace(key, "***")
        return text[:_LONGEST_ERROR]


class Fetched:
    """A whole answer: its bytes, and where they came from."""

    def __init__(self, raw: bytes, incoming: "Incoming", http: Http) -> None:
        self.raw = raw
        self.incoming = incoming
        self._http = http

    @property
    def media_type(self) -> str:
        """What the server says it is, in lower case."""
        return self.incoming.media_type

    @property
    def locality(self) -> Locality | None:
        """How far the request went."""
        return self.incoming.locality

    def table(self) -> dict[str, Any]:
        """The JSON object that it is. Raises AttemptFailed for anything else."""
        try:
            body: Any = orjson.loads(self.raw)
        except orjson.JSONDecodeError as error:
            raise self.garbage() from error
        if not isinstance(body, dict):
            raise self.garbage()
        return cast(dict[str, Any], body)

    def garbage(self) -> AttemptFailed:
        """The failure of this answer, if it is not what was asked for."""
        return self._http.garbage(self.incoming, self.raw)


class Incoming:
    """A response on its way in."""

    def __init__(
        self,
        response: aiohttp.ClientResponse,
        http: Http,
        timeouts: Timeouts,
        deadline: float,
        peer: str | None,
    ) -> None:
        self._response = response
        self._http = http
        self._between = timeouts.between_tokens or 60.0
        self._deadline = deadline
        self._end = asyncio.get_running_loop().time() + timeouts.total
        self.complete = False
        self.locality = locality_of_address(peer) if peer else None

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self._response.status

    @property
    def media_type(self) -> str:
        """What the server says the body is, in lower case."""
        return self._response.content_type.lower()

    @property
    def retry_after(self) -> float | None:
        """Seconds that the server asks to wait, if it does so in seconds."""
        value = self._response.headers.get("Retry-After", "")
        return float(value) if re.fullmatch(r"\d+(\.\d+)?", value) else None

    def begun(self) -> None:
        """The first token is there: from now on the time between two counts."""
        self._deadline = float("inf")

    async def read(self, limit: int = 256 * 1024 * 1024) -> bytes:
        """The whole body. Raises AttemptFailed."""
        parts: list[bytes] = []
        size = 0
        while (part := await self._chunk()) and size < limit:
            parts.append(part)
            size += len(part)
        return b"".join(parts)

    async def events(self) -> AsyncGenerator[bytes]:
        """The data of server-sent events, one line each. Raises AttemptFailed if the connection breaks."""
        rest = b""
        while part := await self._chunk():
            lines = (rest + part).split(b"\n")
            rest = lines.pop()
            for line in lines:
                if line.startswith(b"data:"):
                    yield line[5:].strip()
        if rest.startswith(b"data:"):
            yield rest[5:].strip()

    async def drain(self) -> None:
        """Read what still comes after the end, for a moment, so that the connection can be used again."""
        self._end = min(self._end, loop_time() + 0.2)
        with contextlib.suppress(AttemptFailed):
            while await self._chunk():
                pass

    async def _chunk(self) -> bytes:
        content = self._response.content
        try:
            part = content.read_nowait()
            if not part and not content.at_eof():
                now = loop_time()
                waiting = self._deadline if self._deadline != float("inf") else now + self._between
                async with asyncio.timeout_at(min(waiting, self._end)):
                    part = await content.readany()
        except TimeoutError as error:
            name = self._http.endpoint.name
            raise AttemptFailed(
                Trouble.SILENT, f"{name} fell silent while it answered.", locality=self.locality
            ) from error
        except aiohttp.ClientError as error:
            raise AttemptFailed(
                Trouble.CUT,
                f"{self._http.endpoint.name} cut the answer off: {self._http.clean(error)}",
                locality=self.locality,
            ) from error
        if not part:
            self.complete = True
        return part


def _is_forbidden(error: aiohttp.ClientError) -> bool:
    return isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, Forbidden)


def _error_of(raw: bytes) -> tuple[str, str]:
    """The message and code of an error body, in any of the forms that servers give it."""
    try:
        body: Any = orjson.loads(raw)
    except orjson.JSONDecodeError:
        text = re.sub(r"<[^>]+>|\s+", " ", raw.decode("utf-8", "replace")).strip()
        return text[:200] or "no reason given", ""
    if isinstance(body, list) and body:
        body = cast(list[Any], body)[0]
    error: Any = cast(Any, body)
    if isinstance(body, dict):
        table = cast(dict[str, Any], body)
        several: Any = table.get("errors")
        first = cast(list[Any], several)[0] if isinstance(several, list) and several else error
        error = table.get("error") or table.get("detail") or first
    if isinstance(error, dict):
        fields = cast(dict[str, Any], error)
        message = fields.get("message") or fields.get("detail") or fields.get("error")
        message = message or orjson.dumps(fields).decode()
        return str(message), f"{fields.get('code', '')} {fields.get('type', '')}"
    return str(error), ""


def _trouble_of(status: int, text: str) -> Trouble:
    if status in (400, 413, 422):
        if _WRONG_KEY.search(text):
            return Trouble.FORBIDDEN
        if _TOO_LONG.search(text):
            return Trouble.TOO_LONG
        return Trouble.FILTERED if _FILTERED.search(text) else Trouble.REFUSED
    if status in (401, 402, 403, 407):
        return Trouble.FORBIDDEN
    if status == 404:
        return Trouble.MISSING
    if status in (408, 409, 425, 429, 503, 529):
        return Trouble.OVERLOADED
    return Trouble.BROKEN if status >= 500 else Trouble.REFUSED


def table(fields: dict[str, Any], name: str) -> dict[str, Any]:
    """The object under a name; an empty one where there is none."""
    return cast(dict[str, Any], fields.get(name) or {})


def loop_time() -> float:
    """The event loop's clock, for deadlines."""
    return asyncio.get_running_loop().time()
