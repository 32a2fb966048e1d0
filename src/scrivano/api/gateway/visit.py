"""One HTTP request: what came in, who asks, and the ways to answer."""

import asyncio
import ipaddress
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send

from scrivano.accounts.public import ApiKeyView, NotAuthenticated
from scrivano.api.gateway.errors import BadRequest, TooLarge
from scrivano.api.gateway.house import House

LARGEST_BODY = 20 * 1024 * 1024
Headers = list[tuple[bytes, bytes]]

_EVENT_STREAM: Headers = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class Visit:
    """A request and its response. `key` is None where none is asked for."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.house: House = scope["app"].state.house
        self.headers: Mapping[bytes, bytes] = dict(scope["headers"])
        self.key: ApiKeyView | None = None
        self.status = 0
        self.gone = False
        self._finished = False
        self._watch: asyncio.Future[None] | None = None
        self._receive = receive
        self._send = send

    @property
    def begun(self) -> bool:
        """Whether something of the response has left."""
        return self.status != 0

    async def let_in(self, scope: str) -> None:
        """Check the key. Raises NotAuthenticated."""
        secret = _secret(self.headers)
        if secret:
            self.key = await self.house.accounts.authenticate(secret, scope)
        elif not self._at_home() or await self.house.accounts.any_key():
            raise NotAuthenticated(
                "An API key is needed: `Authorization: Bearer sk-scrivano-…`.",
                field="api_key",
                remedy="Make one with: scrivano keys create NAME",
            )

    def _at_home(self) -> bool:
        """Whether a program of this machine asks a service that only this machine can reach.

        A page in a browser can be led to a local address too, but not without saying where it comes from; and
        what comes through a proxy may come from anywhere.
        """
        settings, headers = self.house.settings, self.headers
        if settings.require_api_key != "auto" or not _is_loopback(settings.host):
            return False
        client = self.scope.get("client")
        if client is None or not _is_loopback(client[0]):
            return False
        if any(name in headers for name in (b"forwarded", b"x-forwarded-for", b"x-real-ip")):
            return False
        origin = headers.get(b"origin")
        if origin is not None and not _is_loopback(_host_of(origin.partition(b"//")[2])):
            return False
        return _is_loopback(_host_of(headers.get(b"host", b"")))

    async def json(self) -> dict[str, Any]:
        """The body, a JSON object; from then on the calling task is cancelled if the caller leaves.

        Raises TooLarge, BadRequest.
        """
        raw = await self._body()
        self._attend()
        try:
            body: Any = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise BadRequest(f"The body is no valid JSON: {error}.", field="body") from error
        if not isinstance(body, dict):
            raise BadRequest("The body must be a JSON object.", field="body")
        return body  # pyright: ignore[reportUnknownVariableType]

    async def _body(self) -> bytes:
        length = self.headers.get(b"content-length", b"")
        if length.isdigit() and int(length) > LARGEST_BODY:
            raise _too_large()
        message = await self._receive()
        first: bytes = message.get("body", b"")
        if not message.get("more_body"):
            return first
        parts, size = [first], len(first)
        while message.get("more_body"):
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise asyncio.CancelledError
            part: bytes = message.get("body", b"")
            parts.append(part)
            size += len(part)
            if size > LARGEST_BODY:
                raise _too_large()
        return b"".join(parts)

    def _attend(self) -> None:
        task = asyncio.current_task()
        assert task is not None

        def leave(watch: asyncio.Future[None]) -> None:
            # The server says the same once the response is complete.
            if not self._finished and not watch.cancelled():
                self.gone = True
                task.cancel()

        self._watch = asyncio.ensure_future(self._left())
        self._watch.add_done_callback(leave)

    async def _left(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    def over(self) -> None:
        """Nobody waits for more; the caller may leave."""
        self._finished = True
        if self._watch is not None:
            self._watch.cancel()

    async def reply(
        self,
        body: bytes,
        headers: Headers | None = None,
        status: int = 200,
        content_type: bytes = b"application/json",
    ) -> None:
        """A whole response."""
        self.status = status
        own: Headers = [(b"content-type", content_type), (b"content-length", b"%d" % len(body))]
        await self._send({"type": "http.response.start", "status": status, "headers": own + (headers or [])})
        self._finished = True
        await self._send({"type": "http.response.body", "body": body})

    async def begin(self, headers: Headers) -> None:
        """Begin a stream of events."""
        self.status = 200
        await self._send({"type": "http.response.start", "status": 200, "headers": _EVENT_STREAM + headers})

    async def event(self, data: bytes) -> None:
        """Some events of the stream, as they go over the wire."""
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self, data: bytes = b"") -> None:
        """The last events of the stream."""
        self._finished = True
        await self._send({"type": "http.response.body", "body": data})


def _secret(headers: Mapping[bytes, bytes]) -> str:
    """The key, as OpenAI's clients send it or as Anthropic's do."""
    given = headers.get(b"authorization")
    if given is not None:
        kind, _, secret = given.partition(b" ")
        if kind.lower() == b"bearer":
            given = secret.strip()
    else:
        given = headers.get(b"x-api-key", b"")
    secret = given.decode("latin-1")
    # Programs that must send something and were given no key send what their documentation shows. Only ours counts.
    return secret if secret.startswith("sk-scrivano-") else ""


def _host_of(authority: bytes) -> str:
    host = authority.decode("latin-1").partition("/")[0]
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _too_large() -> TooLarge:
    return TooLarge(
        f"The body is larger than {LARGEST_BODY // 1024 // 1024} MB.",
        field="body",
        remedy="Send less at once; give images by URL.",
    )
