"""The routes of an application, one after the other, however they were included."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute


class Listed(NamedTuple):
    """A route with a description: its path as it is written, its methods, what it depends on, and what of the
    application's routes leads to it: itself, or the router that it was included with."""

    path: str
    methods: set[str]
    dependant: Any
    way: BaseRoute


def routes_of(app: FastAPI) -> Iterator[Listed]:
    """Every route with a description, in the order in which they are tried."""
    for way in app.routes:
        if isinstance(way, APIRoute):
            yield Listed(way.path, set(way.methods or ()), way.dependant, way)
            continue
        contexts: Any = getattr(way, "effective_route_contexts", None)
        for route in contexts() if contexts else ():
            yield Listed(route.path, set(route.methods), route.dependant, way)
