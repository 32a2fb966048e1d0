"""The REST API over a real database: books, runs, domains, live events, and errors as problem details."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest

from scrivano.api.app import make_app
from scrivano.cli.context import meant
from scrivano.core.backup import backup
from scrivano.core.errors import InvalidInput, NotFound
from tests.workshop import Workshop, open_workshop, small_brief


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def client(place: Workshop) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(make_app(None, house=place.house))
    async with httpx.AsyncClient(transport=transport, base_url="http://scrivano") as opened:
        yield opened


def order(**changes: Any) -> dict[str, Any]:
    return {"brief": small_brief(words=600, chapters=3, **changes).model_dump(mode="json")}


async def test_domains_and_niches_come_from_the_packs(client: httpx.AsyncClient) -> None:
    domains = (await client.get("/api/domains")).json()
    assert [(d["slug"], d["name"]) for d in domains] == [
        ("ai_automation", "AI & Automation"),
        ("parenting_preschool_learning", "Parenting: Pre-school Speech & Learning"),
        ("ecommerce_digital_products", "E-commerce & Digital Products"),
    ]
    niches = (await client.get("/api/niches", params={"domain": "ecommerce_digital_products"})).json()
    assert [n["name"] for n in niches] == ["Digital Products", "Online Store Setup", "E-commerce Marketing"]
    assert all({"name", "slug", "icon", "order"} <= set(item) for item in [*domains, *niches])


async def test_a_book_is_ordered_followed_and_taken(client: httpx.AsyncClient, place: Workshop) -> None:
    ordered = await client.post("/api/books", json=order())
    assert ordered.status_code == 202
    book = ordered.json()

    work = asyncio.create_task(place.finish(await place.house.books.get(book["id"])))
    kinds: list[str] = []
    ids: list[int] = []
    async with client.stream("GET", f"/api/runs/{book['run_id']}/events") as stream:
        async for line in stream.aiter_lines():
            if line.startswith("id: "):
                ids.append(int(line[4:]))
            if line.startswith("event: "):
                kinds.append(line[7:])
    await work
    assert kinds[-1] == "run_succeeded"
    assert ids == list(range(1, len(ids) + 1))

    resumed = await client.get(f"/api/runs/{book['run_id']}/events", headers={"Last-Event-ID": str(ids[-3])})
    assert [int(x[4:]) for x in resumed.text.splitlines() if x.startswith("id: ")] == ids[-2:]

    files = {f["name"]: f for f in (await client.get(f"/api/books/{book['id']}/files")).json()}
    pdf = await client.get(f"/api/books/{book['id']}/files/book.pdf")
    assert pdf.headers["etag"] == f'"{files["book.pdf"]["sha256"]}"'
    assert pdf.content.startswith(b"%PDF")
    chapters = (await client.get(f"/api/books/{book['id']}/chapters")).json()
    assert [c["number"] for c in chapters] == [1, 2, 3]
    provenance = (await client.get(f"/api/books/{book['id']}")).json()["provenance"]
    assert provenance["generated_with"] == "scripted"


async def test_an_outline_is_approved_over_http(client: httpx.AsyncClient, place: Workshop) -> None:
    book = (await client.post("/api/books", json=order(approve_outline=True))).json()
    await place.finish(await place.house.books.get(book["id"]))
    run = (await client.get(f"/api/runs/{book['run_id']}")).json()
    assert (run["status"], run["waiting_for"]) == ("waiting", "outline")
    answered = await client.post(f"/api/runs/{book['run_id']}/gates/outline", json={"approved": True})
    assert answered.status_code == 200
    await place.finish(await place.house.books.get(book["id"]))
    assert (await client.get(f"/api/runs/{book['run_id']}")).json()["status"] == "succeeded"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/api/books/0190163d-8694-739b-aea5-966c26f8ad91", None, 404, "not-found"),
        ("GET", "/api/books/not-an-id", None, 422, "invalid-input"),
        ("GET", "/api/runs/nothing", None, 404, "not-found"),
        ("GET", "/api/niches?domain=nothing", None, 404, "pack-not-found"),
        ("GET", "/api/nowhere", None, 404, "not-found"),
        ("POST", "/api/books", {"brief": {"words": 900}}, 422, "invalid-input"),
        ("POST", "/api/books", {"brief": {"subject": "x", "words": 1}}, 422, "invalid-input"),
        ("POST", "/api/runs/nothing/cancel", None, 404, "not-found"),
        ("GET", "/api/runs?status=odd", None, 422, "invalid-input"),
    ],
)
async def test_errors_are_problem_details(
    client: httpx.AsyncClient, method: str, path: str, body: Any, status: int, code: str
) -> None:
    answer = await client.request(method, path, json=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = orjson.loads(answer.content)
    assert problem["type"] == f"urn:scrivano:error:{code}"
    assert problem["status"] == status
    assert problem["detail"]


@pytest.mark.parametrize(
    ("path", "body", "detail", "field"),
    [
        (
            "/api/projects",
            b'{"name": "x"',
            "The body is no valid JSON: Expecting ',' delimiter, at character 12.",
            "body",
        ),
        (
            "/api/projects",
            b'{"name": "a\\u0007b"}',
            "body.name: It holds a control character, such as a line break.",
            "body.name",
        ),
        (
            "/api/books/create-guided",
            b'{"words": 900}',
            "body: subject: name a subject, or a domain and a niche of an installed pack.",
            "body",
        ),
        (
            "/api/books/create-guided",
            b'{"subject": "Herons", "language": "english please"}',
            "body.language: This is no tag of a language such as en, de or pt-BR.",
            "body.language",
        ),
    ],
)
async def test_wrong_input_is_told_in_words(
    client: httpx.AsyncClient, path: str, body: bytes, detail: str, field: str
) -> None:
    answer = await client.post(path, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["detail"], answer.json()["field"]) == (422, detail, field)


async def test_a_book_is_found_by_each_run_that_worked_on_it(
    client: httpx.AsyncClient, place: Workshop
) -> None:
    book = (await client.post("/api/books", json=order(approve_outline=True))).json()
    await place.finish(await place.house.books.get(book["id"]))
    assert (await client.post(f"/api/books/{book['id']}/cancel")).status_code == 200
    again = (await client.post(f"/api/runs/{book['run_id']}/retry")).json()
    assert again["id"] != book["run_id"]
    for run in (book["run_id"], again["id"]):
        assert await meant(place.house, run) == (UUID(book["id"]), run)
    assert await meant(place.house, book["id"][:20]) == (UUID(book["id"]), None)
    with pytest.raises(NotFound):
        await meant(place.house, "nothing")


async def test_lists_are_sorted_and_searched_by_name(client: httpx.AsyncClient) -> None:
    for title in ("Otters", "herons", "100% Rain", "Badgers"):
        files = {"file": ("a.md", b"# One\n\nIt rained.")}
        assert (await client.post("/api/books/import", files=files, data={"title": title})).status_code == 201
    for name, size in (("b.md", 30), ("a_x.md", 20), ("c.md", 10)):
        await client.post("/api/references", params={"name": name}, content=b"# Rain\n\n" + b"w " * size)

    async def listed(path: str, key: str, **params: str) -> list[str]:
        answer = await client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return [thing[key] for thing in answer.json()]

    made = ["Otters", "herons", "100% Rain", "Badgers"]
    assert await listed("/api/books", "title") == made[::-1]
    assert await listed("/api/books", "title", sort="created_at") == made
    assert await listed("/api/books", "title", sort="title") == ["100% Rain", "Badgers", "herons", "Otters"]
    assert await listed("/api/books", "title", sort="-title", limit="2", offset="1") == ["herons", "Badgers"]
    assert await listed("/api/books", "title", q=" ER ") == ["Badgers", "herons", "Otters"]
    assert await listed("/api/books", "title", q="%") == ["100% Rain"]
    assert await listed("/api/references", "name") == ["a_x.md", "b.md", "c.md"]
    assert await listed("/api/references", "name", sort="-created_at") == ["c.md", "a_x.md", "b.md"]
    assert await listed("/api/references", "name", sort="size") == ["c.md", "a_x.md", "b.md"]
    assert await listed("/api/references", "name", q="_") == ["a_x.md"]
    assert (await client.get("/api/books", params={"sort": "odd"})).status_code == 422


async def test_a_backup_into_nowhere_is_refused(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for target in (tmp_path / "nowhere" / "a.tar", tmp_path / "folder"):
        with pytest.raises(InvalidInput, match=target.name):
            await backup(database_url, target)


async def test_health_says_that_the_database_answers(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).json()["status"] == "ok"
    assert (await client.get("/readyz")).json()["status"] == "ok"
