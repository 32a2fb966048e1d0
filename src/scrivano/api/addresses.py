"""Which route an address is, and which methods it takes, found at once by the parts of its path.

Left alone, the framework tries its routes one after the other: half a millisecond for one of the last of some 350, and
`GET /api/books/estimate`, which only takes POST, would be read as a book called "estimate". Here the most exact address
wins: its methods alone count, 405 names all of them, and OPTIONS tells them.
"""

from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from scrivano.api.errors import problem
from scrivano.api.listing import routes_of

START = "/api/"
_FOUND = "scrivano.route"
"""Where a request carries the route that its address and method are."""


@dataclass
class Node:
    """The addresses that begin alike: by the next part of the path, and where that may be anything."""

    parts: dict[str, "Node"] = field(default_factory=dict[str, "Node"])
    anything: "Node | None" = None
    rest: "Node | None" = None
    ways: dict[str, BaseRoute] = field(default_factory=dict[str, BaseRoute])
    """By method, which of the application's routes leads on."""

    def at(self, path: str) -> "Node":
        """The node of a route's path. A parameter that spans several parts takes the whole rest."""
        node = self
        for part in path.split("/"):
            if not part.startswith("{"):
                node = node.parts.setdefault(part, Node())
            elif part.endswith(":path}"):
                node.rest = node = node.rest or Node()
                break
            else:
                node.anything = node = node.anything or Node()
        return node

    def find(self, parts: list[str], at: int = 0) -> "Node | None":
        """The most exact address that these parts fit; None where there is none."""
        if at == len(parts):
            return self if self.ways else None
        for node in (self.parts.get(parts[at]), self.anything if parts[at] else None):
            found = node.find(parts, at + 1) if node is not None else None
            if found is not None:
                return found
        return self.rest


class Addresses:
    """Finds the route of a request to the API, answers 405 and OPTIONS, and passes on everything else."""

    def __init__(self, app: ASGIApp, of: FastAPI) -> None:
        self._app = app
        self._of = of
        self._known: Node | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(START):
            await self._app(scope, receive, send)
            return
        found = self.tree().find(scope["path"].split("/"))
        if found is None or scope["method"] in found.ways:
            scope[_FOUND] = found and found.ways[scope["method"]]
            await self._app(scope, receive, send)
            return
        headers = {"Allow": ", ".join(sorted({*found.ways, "OPTIONS"}))}
        answer: Response = Response(status_code=204, headers=headers)
        if scope["method"] != "OPTIONS":
            detail = f"This address takes {headers['Allow']}."
            answer = problem(
                Request(scope), 405, "method-not-allowed", "Method Not Allowed", detail, headers=headers
            )
        await answer(scope, receive, send)

    def tree(self) -> Node:
        """All addresses, made at the first request."""
        if self._known is None:
            self._known = Node()
            for listed in routes_of(self._of):
                node = self._known.at(listed.path)
                # Where two have the same address the first one answers, as it would have.
                node.ways = dict.fromkeys(listed.methods, listed.way) | node.ways
        return self._known


class Found(BaseRoute):
    """Tried before all others: the one that was found, if the values in its path are what it takes."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Full for a request whose route was found, with what the route says of it."""
        way: BaseRoute | None = scope.get(_FOUND)
        if way is not None:
            match, more = way.matches(scope)
            if match == Match.FULL:
                return match, more
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let it answer."""
        await scope[_FOUND].handle(scope, receive, send)


def install(app: FastAPI) -> None:
    """Put both in front of the routes."""
    options: dict[str, Any] = {"of": app}
    app.router.routes.insert(0, Found())
    app.add_middleware(Addresses, **options)
