"""Which methods an address takes, before any route looks at it.

Routes are tried one after the other, so `GET /api/books/estimate`, which only takes POST, would be read as a book
called "estimate". Here the most exact address wins: its methods alone count, 405 names all of them, and OPTIONS
tells them.
"""

from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from scrivano.api.errors import problem
from scrivano.api.listing import routes_of

START = "/api/"


@dataclass
class Node:
    """The addresses that begin alike: by the next part of the path, and where that may be anything."""

    parts: dict[str, "Node"] = field(default_factory=dict[str, "Node"])
    anything: "Node | None" = None
    rest: "Node | None" = None
    methods: set[str] = field(default_factory=set[str])

    def add(self, path: str, methods: set[str]) -> None:
        """Take a route in. A parameter that spans several parts takes the whole rest."""
        node = self
        for part in path.split("/"):
            if not part.startswith("{"):
                node = node.parts.setdefault(part, Node())
            elif part.endswith(":path}"):
                node.rest = node = node.rest or Node()
                break
            else:
                node.anything = node = node.anything or Node()
        node.methods |= methods

    def find(self, parts: list[str], at: int = 0) -> "Node | None":
        """The most exact address that these parts fit; None where there is none."""
        if at == len(parts):
            return self if self.methods else None
        for node in (self.parts.get(parts[at]), self.anything if parts[at] else None):
            found = node.find(parts, at + 1) if node is not None else None
            if found is not None:
                return found
        return self.rest


class Methods:
    """Answers 405 and OPTIONS for the addresses of the API, and passes on everything else."""

    def __init__(self, app: ASGIApp, of: FastAPI) -> None:
        self._app = app
        self._of = of
        self._known: Node | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(START):
            await self._app(scope, receive, send)
            return
        found = self._addresses().find(scope["path"].split("/"))
        if found is None or scope["method"] in found.methods:
            await self._app(scope, receive, send)
            return
        headers = {"Allow": ", ".join(sorted(found.methods | {"OPTIONS"}))}
        answer: Response = Response(status_code=204, headers=headers)
        if scope["method"] != "OPTIONS":
            detail = f"This address takes {headers['Allow']}."
            answer = problem(
                Request(scope), 405, "method-not-allowed", "Method Not Allowed", detail, headers=headers
            )
        await answer(scope, receive, send)

    def _addresses(self) -> Node:
        if self._known is None:
            self._known = Node()
            for path, methods, _ in routes_of(self._of):
                self._known.add(path, set(methods))
        return self._known


def install(app: FastAPI) -> None:
    """Put it in front of the routes."""
    options: dict[str, Any] = {"of": app}
    app.add_middleware(Methods, **options)
