"""Who a request comes from: the cookie or key that it carries, and whether the page that sent it is one of ours."""

import ipaddress
from urllib.parse import urlsplit

from fastapi import Request, Response

from scrivano.accounts.public import (
    SECRET_START,
    Caller,
    ForeignRequest,
    NotAuthenticated,
    SignedIn,
    Visitor,
    csrf_token,
    same,
)
from scrivano.core.settings import Settings
from scrivano.wiring import House

CSRF_HEADER = "X-CSRF-Token"
_READING = ("GET", "HEAD", "OPTIONS")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
_LONGEST_TOKEN = 200


async def recognise(request: Request, house: House) -> Caller:
    """On whose behalf to answer. Raises NotAuthenticated, ForeignRequest, and what keys can be wrong with."""
    address = address_of(request)
    secret = _bearer(request)
    if secret is not None:
        scope = "read" if request.method in _READING else "write"
        return await house.accounts.caller(secret, scope, address)
    if not await sign_in_needed(request, house):
        _refuse_rebound(request, house)
        refuse_foreign_page(request, house)
        return Caller(address=address)
    token = session_cookie(request, house)
    caller = await house.entrance.sessions.caller(token, address) if token else None
    if caller is None or token is None:
        raise NotAuthenticated(
            "Sign in first, or send an API key.", remedy="POST /api/sessions opens a session."
        )
    if request.method not in _READING:
        refuse_foreign_page(request, house)
        if not same(request.headers.get(CSRF_HEADER, ""), csrf_token(token)):
            raise ForeignRequest(
                f"The header {CSRF_HEADER} is missing or does not belong to this session.",
                remedy=f"Send the value of the cookie {csrf_name(request, house)} in it.",
            )
    return caller


async def sign_in_needed(request: Request, house: House) -> bool:
    """Whether people sign in here. Not while the service listens on a loopback address only and nobody ever made an
    account; what came through a proxy came from elsewhere."""
    if always_signs_in(house.settings):
        return True
    client = request.client
    if client is not None and _is_elsewhere(client.host):
        return True
    if any(name in request.headers for name in _FORWARDED):
        return True
    return await house.entrance.people.anybody()


def always_signs_in(settings: Settings) -> bool:
    """Whether people sign in also while nobody has an account, so that the first one needs the set-up link."""
    return settings.sign_in == "always" or not _is_loopback(settings.host)


def refuse_foreign_page(request: Request, house: House) -> None:
    """Raises ForeignRequest where a browser says that another site's page sends this to change something, or to
    read it by script. Programs that are no browsers say neither."""
    origin = request.headers.get("origin")
    if origin is not None and not _is_own(origin, request, house):
        raise ForeignRequest("This request was sent by a page of another site.", field="Origin")
    if request.method not in _READING:
        site = request.headers.get("sec-fetch-site")
        if site is not None and site not in ("same-origin", "none"):
            raise ForeignRequest("This request was sent by a page of another site.", field="Sec-Fetch-Site")


def visitor(request: Request) -> Visitor:
    """Where a request comes from, for limits and the audit trail."""
    program = "".join(c for c in request.headers.get("user-agent", "") if c.isprintable())
    return Visitor(address=address_of(request), program=program[:300])


def address_of(request: Request) -> str:
    """The client's address. Behind a proxy on this machine: what it says, which the server has put here."""
    return request.client.host[:100] if request.client is not None else ""


def session_cookie(request: Request, house: House) -> str | None:
    """The session's secret, if a cookie of the right name came along."""
    token = request.cookies.get(_cookie_name(request, house))
    return token if token and len(token) <= _LONGEST_TOKEN else None


def set_session(response: Response, request: Request, house: House, made: SignedIn) -> str:
    """Put a session into the browser; gives the value of the header that changes need from now on."""
    secure = is_secure(request, house)
    token = csrf_token(made.token)
    response.set_cookie(
        _cookie_name(request, house),
        made.token,
        expires=made.expires_at,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
    # Readable by our own pages alone: another site can neither read it nor send it in a header.
    response.set_cookie(
        csrf_name(request, house),
        token,
        expires=made.expires_at,
        path="/",
        secure=secure,
        httponly=False,
        samesite="lax",
    )
    return token


def drop_session(response: Response, request: Request, house: House) -> None:
    """Take the session out of the browser."""
    secure = is_secure(request, house)
    for name in (_cookie_name(request, house), csrf_name(request, house)):
        response.delete_cookie(name, path="/", secure=secure, samesite="lax")


def is_secure(request: Request, house: House) -> bool:
    """Whether browsers reach this service by https."""
    return request.url.scheme == "https" or house.settings.public_url.startswith("https://")


def csrf_name(request: Request, house: House) -> str:
    """The name of the cookie that our pages read."""
    return "__Host-scrivano-csrf" if is_secure(request, house) else "scrivano-csrf"


def _cookie_name(request: Request, house: House) -> str:
    # The prefix keeps other hosts of the same domain from planting a cookie.
    return "__Host-scrivano" if is_secure(request, house) else "scrivano"


def _bearer(request: Request) -> str | None:
    given = request.headers.get("authorization", "")
    kind, _, secret = given.partition(" ")
    if kind.lower() == "bearer":
        return secret.strip()
    key = request.headers.get("x-api-key", "")
    return key if key.startswith(SECRET_START) else None


def _refuse_rebound(request: Request, house: House) -> None:
    """A name that an attacker's name server points to this machine is in `Host`, and not one of ours."""
    host = _host_of(request.headers.get("host", ""))
    if not _is_loopback(host) and host not in _names(house):
        raise ForeignRequest(
            f"This service does not go by the name {host!r}.",
            field="Host",
            remedy="Open it as http://localhost, or add the name to SCRIVANO_HOSTS.",
        )


def _names(house: House) -> set[str]:
    names = {part.strip().lower() for part in house.settings.hosts.split(",") if part.strip()}
    public = urlsplit(house.settings.public_url).hostname if house.settings.public_url else None
    return names | {public} if public else names


def _is_own(origin: str, request: Request, house: House) -> bool:
    """Whether pages of this origin are ours: the address that the browser itself asked, or the public one."""
    try:
        given = urlsplit(origin)
    except ValueError:
        return False
    if given.scheme not in ("http", "https") or not given.netloc:
        return False
    public = house.settings.public_url
    if public:
        own = urlsplit(public)
        if (given.scheme, given.netloc.lower()) == (own.scheme, own.netloc.lower()):
            return True
    return given.netloc.lower() == request.headers.get("host", "").lower()


def _host_of(authority: str) -> str:
    if authority.startswith("["):
        return authority[1:].partition("]")[0].lower()
    return authority.partition(":")[0].lower()


def _is_elsewhere(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False  # the path of a socket on this machine


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
