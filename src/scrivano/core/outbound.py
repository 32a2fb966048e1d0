"""Which addresses this process may connect to on behalf of what people enter: public ones, and private ones only
where an administrator has named them.

The address is judged where it is used: at the socket, after the name was resolved. So a name that points elsewhere
a moment later, and a redirect, meet the same check. The sockets are in `outbound_http`, which is only imported when
something is sent.
"""

import asyncio
import errno
import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

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
