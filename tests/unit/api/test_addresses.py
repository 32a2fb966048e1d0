"""Addresses and their methods, the types of JSON, and what the description says of problems."""

import re
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError, OperationalError
from starlette.requests import Request
from starlette.routing import Match

from scrivano.api import errors
from scrivano.api.addresses import Addresses
from scrivano.api.app import make_app
from scrivano.api.listing import routes_of
from scrivano.api.typed import typed


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return make_app(None)


async def ask(app: FastAPI, method: str, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.request(method, path)


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/api/books/estimate", "OPTIONS, POST"),
        ("DELETE", "/api/books", "GET, OPTIONS, POST"),
        ("TRACE", "/api/books/0190163d-8694-739b-aea5-966c26f8ad91/outline", "GET, OPTIONS, PUT"),
    ],
)
async def test_the_most_exact_address_says_which_methods_it_takes(
    app: FastAPI, method: str, path: str, allow: str
) -> None:
    answer = await ask(app, method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allow)
    assert answer.headers["content-type"] == "application/problem+json"
    options = await ask(app, "OPTIONS", path)
    assert (options.status_code, options.headers["allow"]) == (204, allow)


async def test_an_address_that_is_none_stays_404(app: FastAPI) -> None:
    assert (await ask(app, "GET", "/api/nothing/here")).status_code == 404


def test_every_operation_names_its_problems_as_problem_details(app: FastAPI) -> None:
    document = app.openapi()
    assert "HTTPValidationError" not in document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            problems = {s: a for s, a in operation["responses"].items() if s.startswith("4")}
            assert problems, f"{method} {path}"
            for status, answer in problems.items():
                assert list(answer["content"]) == ["application/problem+json"], f"{method} {path} {status}"
    taking = document["paths"]["/api/books"]["post"]["responses"]
    assert {"400", "401", "402", "403", "404", "409", "413", "422", "429", "503"} <= set(taking)
    assert document["paths"]["/api/books"]["post"]["security"] == [{"key": []}, {"session": []}]
    assert "security" not in document["paths"]["/healthz"]["get"]


class Wish(BaseModel):
    """A body with values of several types."""

    loud: bool = False
    count: int = 1
    share: float = 0.5


async def _given(body: bytes) -> None:
    class Field:
        alias = "wish"

        class field_info:  # noqa: N801
            annotation = Wish

    class Route:
        class dependant:  # noqa: N801
            body_params = (Field(),)

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", b"application/json")]
    await typed(Request({"type": "http", "headers": headers, "route": Route()}, receive))


@pytest.mark.parametrize("body", [b'{"loud": 0}', b'{"count": "3"}', b'{"share": false}', b'{"count": true}'])
async def test_json_is_taken_at_its_word(body: bytes) -> None:
    with pytest.raises(RequestValidationError) as caught:
        await _given(body)
    assert caught.value.errors()[0]["loc"][0] == "body"


@pytest.mark.parametrize(
    "body", [b'{"loud": true, "count": 3, "share": 1}', b'{"count": 3.0}', b"", b"{", b'{"other": "x"}']
)
async def test_what_fits_or_cannot_be_read_is_left_to_the_route(body: bytes) -> None:
    await _given(body)


async def test_what_the_database_cannot_keep_is_the_callers_to_change() -> None:
    app = FastAPI()
    errors.install(app)

    @app.get("/api/{kind}")
    async def fail(kind: str) -> None:
        if kind == "large":
            raise psycopg.errors.NumericValueOutOfRange("value out of range")
        if kind == "wrapped":
            raise DBAPIError("SELECT", {}, psycopg.errors.UntranslatableCharacter("half a character"))
        if kind == "away":
            raise OperationalError("SELECT", {}, psycopg.OperationalError("terminated"))
        "\ud800".encode()

    answers = {kind: await ask(app, "GET", f"/api/{kind}") for kind in ("large", "wrapped", "away", "half")}
    assert {k: a.status_code for k, a in answers.items()} == {
        "large": 422,
        "wrapped": 422,
        "away": 503,
        "half": 422,
    }
    assert answers["away"].headers["retry-after"] == "5"


def test_the_tag_of_a_value_of_several_kinds_is_required(app: FastAPI) -> None:
    schemas = app.openapi()["components"]["schemas"]
    tagged: list[tuple[str, Any]] = []

    def look(value: Any) -> None:
        if isinstance(value, dict):
            if "mapping" in value.get("discriminator", {}):
                tagged.append((value["discriminator"]["propertyName"], value["discriminator"]["mapping"]))
            for inner in value.values():
                look(inner)

    look(schemas)
    assert tagged
    for name, mapping in tagged:
        assert all(name in schemas[r.rsplit("/", 1)[1]]["required"] for r in mapping.values())


def test_the_route_that_is_found_is_the_one_that_a_search_would_have_found(app: FastAPI) -> None:
    async def nothing(*_: object) -> None: ...

    finds, id = Addresses(nothing, app), "0190163d-8694-739b-aea5-966c26f8ad91"
    seen = 0
    for path, methods, _, _ in routes_of(app):
        if not path.startswith("/api/"):
            continue
        for value in (id, "3", "estimate"):
            given = re.sub(r"\{[^}]*\}", value, path)
            for method in methods:
                scope = {"type": "http", "path": given, "method": method, "headers": [], "root_path": ""}
                searched = next(r for r in app.routes[1:] if r.matches(scope)[0] is Match.FULL)
                node = finds.tree().find(given.split("/"))
                found = node and node.ways.get(method)
                assert found is searched or value == "estimate", f"{method} {given}"
                seen += found is searched
    assert seen > 500
