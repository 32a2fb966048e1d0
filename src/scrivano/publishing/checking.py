"""Whether a target can be: what its kind needs, an address that may be reached, a secret that is not sent in clear."""

import asyncio
import ipaddress
import re
import socket
from urllib.parse import urlsplit

from scrivano.core.errors import InvalidInput, NotAllowed
from scrivano.core.outbound import Outbound
from scrivano.publishing.adapters.kinds import KINDS
from scrivano.publishing.dto import Kind, TargetSettings
from scrivano.publishing.html import is_web_address

_ADDRESS = re.compile(r"[^\s@<>\",;:\\()\[\]]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_SENDER = re.compile(r"(?:[^<>\r\n]{0,100}<(?P<in>[^<>]+)>|(?P<plain>[^<>]+))")
_FOLDER = re.compile(r"[A-Za-z0-9_][\w-]*(\.[\w-]+)*(/[A-Za-z0-9_][\w-]*(\.[\w-]+)*)*", re.A)
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?")


async def check_target(
    kind: Kind, settings: TargetSettings, secret: str | None, outbound: Outbound, *, private: bool
) -> None:
    """Raises InvalidInput naming the field, or NotAllowed for an address that may not be reached.

    `private` says whether the person may name addresses of this machine and of private networks at all.
    """
    spec = KINDS[kind]
    _no_nul(settings, secret)
    for name in spec.required:
        if not getattr(settings, name):
            raise InvalidInput(f"A target for {spec.title} needs it.", field=f"settings.{name}")
    if spec.secret_needed and not secret:
        raise InvalidInput(f"A target for {spec.title} needs its secret.", field="secret", remedy=spec.secret)
    if settings.folder and not _FOLDER.fullmatch(settings.folder):
        raise InvalidInput(
            f"{settings.folder!r} is no folder's name.",
            field="settings.folder",
            remedy="Use letters, digits, hyphens and slashes, such as my-blog.",
        )
    if settings.url:
        await _check_url(kind, settings.url, outbound, private=private)
    if kind == "email":
        await _check_mail(settings, outbound, private=private)


def _no_nul(settings: TargetSettings, secret: str | None) -> None:
    texts = [str(value) for value in settings.model_dump().values()]
    if any("\0" in text or "\\x00" in text for text in texts) or "\0" in (secret or ""):
        raise InvalidInput("It holds a NUL character.", field="settings", remedy="Remove it: it is not text.")
    try:
        settings.model_dump_json()
        (secret or "").encode()
    except (UnicodeEncodeError, ValueError) as error:
        raise InvalidInput("It holds characters that are no valid Unicode.", field="settings") from error


async def _check_url(kind: Kind, url: str, outbound: Outbound, *, private: bool) -> None:
    parts = urlsplit(url) if is_web_address(url) else None
    if parts is None or parts.username or parts.query or parts.fragment or any(c.isspace() for c in url):
        raise InvalidInput(
            f"{url!r} is no site's address.", field="settings.url", remedy="Write https://example.org"
        )
    try:
        _ = parts.port
    except ValueError as error:
        raise InvalidInput(f"{url!r} has no valid port.", field="settings.url") from error
    if kind not in ("wordpress", "ghost"):
        return
    await outbound.check(url, "settings.url")
    near = await _is_private(parts.hostname or "")
    _may_be_private(near, private, "settings.url")
    if parts.scheme == "http" and not near:
        raise InvalidInput(
            "The secret would be sent in clear over the network.",
            field="settings.url",
            remedy="Use an https address.",
        )


async def _check_mail(settings: TargetSettings, outbound: Outbound, *, private: bool) -> None:
    if not _HOST.fullmatch(settings.host):
        raise InvalidInput(f"{settings.host!r} is no host's name.", field="settings.host")
    found = _SENDER.fullmatch(settings.sender.strip())
    sender = ((found["in"] or found["plain"]) if found else "").strip()
    for field, address in [("sender", sender), *(("recipients", r) for r in settings.recipients)]:
        if not _ADDRESS.fullmatch(address) or not address.isascii():
            raise InvalidInput(f"{address[:200]!r} is no e-mail address.", field=f"settings.{field}")
    if len(set(settings.recipients)) != len(settings.recipients):
        raise InvalidInput("A reader is named twice.", field="settings.recipients")
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    await outbound.check(f"smtp://{host}", "settings.host")
    near = await _is_private(settings.host)
    _may_be_private(near, private, "settings.host")
    if settings.security == "none" and not near:
        raise InvalidInput(
            "Mail and password would be sent in clear over the network.",
            field="settings.security",
            remedy="Use starttls or tls.",
        )


def _may_be_private(near: bool, allowed: bool, field: str) -> None:
    if near and not allowed:
        raise NotAllowed(
            "Only an administrator may publish to this machine or a private network.",
            field=field,
            remedy="Ask an administrator to make this target.",
        )


async def _is_private(host: str) -> bool:
    """Whether a name leads to this machine or a private network only; one that leads nowhere does not."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return all(
        not ipaddress.ip_address(str(entry[4][0]).partition("%")[0]).is_global for entry in found
    ) and bool(found)
