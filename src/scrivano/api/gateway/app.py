"""The gateway by itself: models for any program, from a process that carries nothing else."""

import gc
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from scrivano import __version__
from scrivano.api.gateway.door import Door
from scrivano.api.gateway.routing import routes
from scrivano.core.settings import Settings
from scrivano.gatehouse import Gatehouse, open_gatehouse

_BETWEEN_COLLECTIONS = 10_000
"""New objects that are waited for before the collector looks for circles among them; Python's own 700 are a request
or two."""


def make_gateway(settings: Settings | None, *, house: Gatehouse | None = None) -> Starlette:
    """The ASGI application with `/v1/…`, `/metrics`, `/healthz` and `/readyz`.

    With `settings` it opens the services when it starts and closes them when it ends; with `house` it uses that one.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        if settings is None:
            yield
            return
        async with open_gatehouse(settings) as own:
            app.state.house = own
            settle()
            yield

    health = [Route("/healthz", _healthy), Route("/readyz", _ready)]
    app = Starlette(routes=[*routes(), *health], lifespan=lifespan)
    if house is not None:
        app.state.house = house
    return app


class ShortWay:
    """An application whose gateway's endpoints are reached without passing what its other routes need.

    Middleware and the search for the right route take as long as a statement in the database does.
    """

    def __init__(self, app: Starlette) -> None:
        self._app = app
        routes = [route for route in app.routes if isinstance(route, Route)]
        self._doors = {
            r.path: r.endpoint for r in routes if isinstance(r.endpoint, Door) and "{" not in r.path
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        door = self._doors.get(scope["path"]) if scope["type"] == "http" else None
        if door is None:
            await self._app(scope, receive, send)
            return
        scope["app"] = self._app
        await door(scope, receive, send)


def settle() -> None:
    """What was made while starting stays to the end: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_BETWEEN_COLLECTIONS)


async def _healthy(_: Request) -> Response:
    return _health(200, "ok")


async def _ready(request: Request) -> Response:
    try:
        await request.app.state.house.database.ping()
    except Exception:
        return _health(503, "the database does not answer")
    return _health(200, "ok")


def _health(status: int, says: str) -> Response:
    body = orjson.dumps({"status": says, "version": __version__})
    return Response(body, status_code=status, media_type="application/json")
