"""The routes of an application, one after the other, however they were included."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute


def routes_of(app: FastAPI) -> Iterator[tuple[str, set[str], Any]]:
    """The path as it is written, its methods, and what it depends on, for every route with a description."""
    for included in app.routes:
        if isinstance(included, APIRoute):
            yield included.path, set(included.methods or ()), included.dependant
            continue
        contexts: Any = getattr(included, "effective_route_contexts", None)
        for route in contexts() if contexts else ():
            yield route.path, set(route.methods), route.dependant
