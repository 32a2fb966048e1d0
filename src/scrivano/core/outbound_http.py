"""HTTP connections that keep to the list of addresses that may be connected to. See `outbound`."""

import socket
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, AbstractStreamWriter, ResolveResult
from aiohttp.resolver import ThreadedResolver

from scrivano.core.outbound import Forbidden, Outbound

Gate = Callable[[], Awaitable[None]]

_peer: ContextVar[list[str] | None] = ContextVar("outbound_peer", default=None)


def note_peers() -> list[str]:
    """A list that gets the address of each connection that this task takes from a connector from now on."""
    peers: list[str] = []
    _peer.set(peers)
    return peers


class HeldBack(aiohttp.BytesPayload):
    """A JSON body that leaves once `gate` has returned, and with it the headers: they go together.

    So whatever must be safe before a request leaves can become so while the request is prepared and connected. What
    `gate` raises, the request raises as a ClientError.
    """

    def __init__(self, value: bytes, gate: Gate) -> None:
        super().__init__(value, content_type="application/json")
        self._gate = gate

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        """See aiohttp, which keeps the headers until there is something of the body to send with them."""
        await self._gate()
        await super().write_with_length(writer, content_length)


def connector(outbound: Outbound, **options: Any) -> aiohttp.TCPConnector:
    """A connector for an aiohttp session that keeps to the list at each connection, redirects included."""
    return _Connector(outbound, **options)


class _Connector(aiohttp.TCPConnector):
    def __init__(self, outbound: Outbound, **options: Any) -> None:
        self._outbound = outbound
        # Addresses that an allowed name led to: at the socket the name is not known any more.
        self._by_name: set[str] = set()
        resolver = _Resolver(outbound, self._by_name)
        super().__init__(resolver=resolver, socket_factory=self._socket, **options)

    def _socket(self, info: Any) -> socket.socket:
        family, kind, protocol, _, place = info
        address = str(place[0])
        if not self._outbound.permits(address) and address not in self._by_name:
            raise Forbidden(address)
        return socket.socket(family=family, type=kind, proto=protocol)

    async def connect(self, *args: Any, **more: Any) -> Any:
        """See aiohttp; the address that was connected to is noted."""
        connection = await super().connect(*args, **more)
        peers = _peer.get()
        if peers is not None and connection.transport is not None:
            name = connection.transport.get_extra_info("peername")
            if name:
                peers.append(str(name[0]))
        return connection


class _Resolver(AbstractResolver):
    def __init__(self, outbound: Outbound, by_name: set[str]) -> None:
        self._outbound = outbound
        self._by_name = by_name
        self._inner: ThreadedResolver | None = None

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if self._inner is None:
            self._inner = ThreadedResolver()
        found = await self._inner.resolve(host, port, family)
        permitted = [entry for entry in found if self._outbound.permits(entry["host"], host)]
        if found and not permitted:
            raise Forbidden(found[0]["host"])
        self._by_name.update(e["host"] for e in permitted if not self._outbound.permits(e["host"]))
        return permitted

    async def close(self) -> None:
        """Nothing is open."""
