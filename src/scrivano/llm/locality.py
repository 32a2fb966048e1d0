"""How far a host is: this machine, the local network, or the cloud."""

import asyncio
import ipaddress
import socket
from functools import lru_cache
from urllib.parse import urlsplit

from scrivano.llm.dto import Locality


@lru_cache(maxsize=1024)
def locality_of_address(address: str) -> Locality:
    """By an IP address: loopback, private (RFC 1918, link-local, unique local), else the cloud."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return Locality.CLOUD
    mapped = getattr(ip, "ipv4_mapped", None)
    ip = mapped or ip
    if ip.is_loopback:
        return Locality.LOOPBACK
    if ip.is_private or ip.is_link_local:
        return Locality.LOCAL_NETWORK
    return Locality.CLOUD


async def locality_of_url(url: str) -> Locality:
    """By the addresses of a URL's host; the farthest counts.

    A name that does not resolve counts as the cloud, unless it is of a local domain.
    """
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return Locality.LOOPBACK
    try:
        return locality_of_address(str(ipaddress.ip_address(host)))
    except ValueError:
        pass
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # the second where a part of the name is longer than names may be
        local = host.endswith((".local", ".lan", ".internal", ".home.arpa")) or "." not in host
        return Locality.LOCAL_NETWORK if local else Locality.CLOUD
    order = [Locality.LOOPBACK, Locality.LOCAL_NETWORK, Locality.CLOUD]
    return max((locality_of_address(str(entry[4][0])) for entry in found), key=order.index)
