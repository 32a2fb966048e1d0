"""Which addresses this process may connect to on behalf of what people enter: public ones, and private ones only
where an administrator has named them.

The address is judged where it is used: at the socket, after the name was resolved. So a name that points elsewhere
a moment later, and a redirect, meet the same check.
"""

import asyncio
import errno
import ipaddress
import socket
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from scrivano.core.errors import InvalidInput, NotAllowed

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

OWN_MACHINE = ("127.0.0.0/8", "::1")
"""The addresses of this machine itself, where local model servers are."""

_REMEDY = "Add it to SCRIVANO_PRIVATE_HOSTS if it may be reached."
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Forbidden(OSError):
    """An address that may not be connected to. Its text names it."""

    def __init__(self, address: str) -> None:
        super().__init__(
            errno.EACCES, f"{address} is a private address, and not one of those allowed. {_REMEDY}"
        )


class Outbound:
    """An allow-list of private addresses: `10.1.2.3`, `192.168.0.0/16`, `fd00::/8` or a host's name."""

    def __init__(self, allowed: Iterable[str] = OWN_MACHINE) -> None:
        """Raises InvalidInput for an entry that is neither an address nor a name."""
        self._networks: list[_Network] = []
        self._names: set[str] = set()
        for entry in (part.strip().lower() for part in allowed if part.strip()):
            self._add(entry)

    def _add(self, entry: str) -> None:
        try:
            self._networks.append(ipaddress.ip_network(entry.strip("[]"), strict=False))
        except ValueError:
            if "/" in entry or ":" in entry or " " in entry:
                raise InvalidInput(
                    f"{entry!r} is neither an address, a network nor a host's name.",
                    field="private_hosts",
                    remedy="Write entries such as 192.168.0.0/16 or ollama.lan, separated by commas.",
                ) from None
            self._names.add(entry.rstrip("."))

    def permits(self, address: str, host: str = "") -> bool:
        """Whether `address`, which `host` resolved to, may be connected to."""
        try:
            ip = _plain(ipaddress.ip_address(address.partition("%")[0]))
        except ValueError:
            return False
        if ip.is_global and not ip.is_multicast:
            return True
        named = host.lower().rstrip(".") in self._names
        return named or any(ip.version == network.version and ip in network for network in self._networks)

    async def check(self, url: str, field: str = "base_url") -> None:
        """Whether a URL may be saved: none of the addresses that its host has now may be a forbidden one.

        Raises NotAllowed that names the address. A name that does not resolve passes: it is judged when it is used.
        """
        host = urlsplit(url).hostname or ""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        for entry in found:
            address = str(entry[4][0])
            if not self.permits(address, host):
                raise NotAllowed(
                    f"{host} is at {address}, a private address that is not one of those allowed.",
                    field=field,
                    remedy=_REMEDY,
                )

    def connector(self, **options: Any) -> aiohttp.TCPConnector:
        """A connector for an aiohttp session that keeps to the list at each connection, redirects included."""
        return _Connector(self, **options)


_peer: ContextVar[list[str] | None] = ContextVar("outbound_peer", default=None)


def note_peers() -> list[str]:
    """A list that gets the address of each connection that this task takes from a connector from now on."""
    peers: list[str] = []
    _peer.set(peers)
    return peers


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


def _plain(ip: _Address) -> _Address:
    """The IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return ip.ipv4_mapped
        if ip.sixtofour is not None:
            return ip.sixtofour
        if ip in _NAT64:
            return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip
