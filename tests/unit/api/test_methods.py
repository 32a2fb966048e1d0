"""Methods of addresses, the types of JSON, and what the description says of problems."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.requests import Request

from scrivano.api.app import make_app
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


@pytest.mark.parametrize("body", [b'{"loud": true, "count": 3, "share": 1}', b"", b"{", b'{"other": "x"}'])
async def test_what_fits_or_cannot_be_read_is_left_to_the_route(body: bytes) -> None:
    await _given(body)
