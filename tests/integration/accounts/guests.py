"""A house where people sign in, and browsers that do what browsers do with cookies and tokens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx

from scrivano.accounts import passwords
from scrivano.api.app import make_app
from scrivano.core.settings import Settings
from scrivano.wiring import House, open_house

PASSWORD = "seven quiet herons"
BASE = "http://localhost:8020"


_apps: dict[int, tuple[House, Any]] = {}


def _app(house: House) -> Any:
    """One application a house: making one takes a while."""
    if id(house) not in _apps:
        _apps.clear()
        _apps[id(house)] = (house, make_app(None, house=house))
    return _apps[id(house)][1]


class Browser:
    """Keeps cookies and sends the token that belongs to them with every change."""

    def __init__(self, house: House, *, address: str = "127.0.0.1", base: str = BASE) -> None:
        transport = httpx.ASGITransport(_app(house), client=(address, 4711))
        self.http = httpx.AsyncClient(transport=transport, base_url=base, headers={"Origin": base})
        self.person: dict[str, Any] = {}

    async def __call__(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """Send a request as a page of the studio would."""
        headers = {**self._token(), **more.pop("headers", {})}
        return await self.http.request(method, path, json=body, headers=headers, **more)

    async def ok(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """The same, which has to work; gives the answer's body."""
        answer = await self(method, path, body, **more)
        assert answer.status_code < 400, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def enter(self, path: str, body: Any) -> "Browser":
        """Sign in by one of the ways there are."""
        self.person = (await self.ok("POST", path, body))["person"]
        return self

    async def sign_in(self, email: str, password: str = PASSWORD, **more: Any) -> "Browser":
        """Sign in with a password."""
        return await self.enter("/api/sessions", {"email": email, "password": password, **more})

    def _token(self) -> dict[str, str]:
        token = self.http.cookies.get("scrivano-csrf") or self.http.cookies.get("__Host-scrivano-csrf")
        return {"X-CSRF-Token": token} if token else {}


@asynccontextmanager
async def open_installation(url: str, home: Path, **settings: Any) -> AsyncIterator[House]:
    """A house without models, and with passwords that are quick to hash."""
    cheap = {"time_cost": 1, "memory_cost": 64, "parallelism": 1}
    given: Any = {"home": home, "database_url": url, "discover_urls": "off", **settings}
    with patch.dict(passwords.COST, cheap):
        async with open_house(Settings(**given)) as house:
            yield house


async def set_up(house: House, email: str = "ada@example.org", **how: Any) -> Browser:
    """The first administrator, signed in."""
    link = await house.entrance.links.set_up()
    assert link is not None
    body = {"token": token_of(link.url), "email": email, "name": "Ada Amsel", "password": PASSWORD}
    return await Browser(house, **how).enter("/api/set-up", body)


async def join(house: House, admin: Browser, email: str, **invitation: Any) -> Browser:
    """Somebody who was invited and came, signed in."""
    made = await admin.ok("POST", "/api/invitations", {"email": email, **invitation})
    name = email.partition("@")[0].title()
    body = {"token": token_of(made["url"]), "name": name, "password": PASSWORD}
    return await Browser(house).enter("/api/invitations/accept", body)


def token_of(url: str) -> str:
    """The secret of a link."""
    return url.partition("#")[2]
