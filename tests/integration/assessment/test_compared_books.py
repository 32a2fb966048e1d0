"""The same book twice, by two models: blind until the choice, with costs and measures side by side afterwards."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from scrivano.api.app import make_app
from scrivano.worker import pipelines, worker
from tests.workshop import Workshop, open_workshop, small_brief

BENCH = "A bench of oak stands ninety centimetres high and carries a vise of iron. "
LAMP = "A lamp with a warm light hangs sixty centimetres above the middle of the bench. "
SCRIPT: dict[str, Any] = {
    "models": ["small", "large"],
    "rule": [
        {"match": {"model": "small", "contains": "Write chapter"}, "text": BENCH * 40},
        {"match": {"model": "large", "contains": "Write chapter"}, "text": LAMP * 40},
    ],
}


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(database_url, tmp_path, SCRIPT, checked=False) as opened:
        await opened.house.llm.registry.discover()
        yield opened


@pytest.fixture
async def client(place: Workshop) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(make_app(None, house=place.house))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as opened:
        yield opened


def request(**changes: Any) -> dict[str, Any]:
    brief = small_brief(words=500, chapters=1).model_dump(mode="json")
    return {"brief": brief, "sides": [{"model": "small"}, {"model": "large"}], **changes}


async def test_two_books_are_compared_blindly(client: httpx.AsyncClient, place: Workshop) -> None:
    again = {"Idempotency-Key": "one-comparison"}
    ordered = await client.post("/api/blind-comparisons/books", json=request(), headers=again)
    assert ordered.status_code == 202, ordered.text
    assert (await client.post("/api/blind-comparisons/books", json=request(), headers=again)).json()[
        "id"
    ] == ordered.json()["id"]
    where = f"/api/blind-comparisons/{ordered.json()['id']}"
    assert ordered.json()["ready"] is False
    early = await client.post(f"{where}/choice", json={"better": "first"})
    assert early.status_code == 409
    own = worker(place.house)
    await own.launch(pipelines(place.house))
    try:
        for run_id in await place.house.book_comparisons.runs(ordered.json()["id"]):
            assert (await place.house.runs.wait(run_id)).status == "succeeded"
    finally:
        await own.stop()
    view = (await client.get(where)).json()
    assert view["ready"] and view["scope"] == "book"
    assert {("oak" in s["text"], "warm" in s["text"]) for s in view["sides"]} == {
        (True, False),
        (False, True),
    }
    for side in view["sides"]:
        assert {k for k, v in side.items() if v is not None} == {"place", "text"}
    assert all(s == {"model": None, "prompt_version": None} for s in view["order"]["sides"])
    assert view["verdict"] is None
    assert (await client.get("/api/books")).json() == []

    chosen = (await client.post(f"{where}/choice", json={"better": "first", "reason": "Firmer."})).json()
    first = next(s for s in chosen["sides"] if s["place"] == "first")
    assert first["model"] == ("small" if "oak" in first["text"] else "large")
    for side in chosen["sides"]:
        assert side["scores"]["score"] > 0 and side["facts"]["completion_tokens"] > 0
        assert side["facts"]["seconds"] > 0 and side["facts"]["cost"] == 0
        assert (await client.get(f"/api/books/{side['facts']['book_id']}")).status_code == 200
    assert chosen["verdict"]["better"] in ("a", "b", "tie")
    assert len((await client.get("/api/books")).json()) == 2


async def test_a_side_may_use_another_version_of_a_prompt(client: httpx.AsyncClient, place: Workshop) -> None:
    shown = await place.house.prompts.show("write_chapter")
    sides = [{"model": "small"}, {"model": "small", "prompts": {"write_chapter": str(shown.info.number)}}]
    ordered = await client.post("/api/blind-comparisons/books", json=request(sides=sides))
    assert ordered.status_code == 202, ordered.text
    waiting = await place.house.book_comparisons.runs(ordered.json()["id"])
    inputs = [(await place.house.runs.get(run)).input for run in waiting]
    assert [i["prompts"] for i in inputs] == [{}, {"write_chapter": str(shown.info.id)}]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"sides": [{"model": "small"}, {"model": "small"}]}, 422),
        ({"sides": [{"model": "small"}, {"model": "nobody"}]}, 404),
        ({"sides": [{"model": "small"}, {"prompts": {"write_chapter": "999"}}]}, 404),
        ({"sides": [{"model": "small"}, {"prompts": {"no_such": "1"}}]}, 404),
        ({"sides": [{"model": "small"}]}, 422),
    ],
)
async def test_what_cannot_be_compared_is_refused_before_anything_is_written(
    client: httpx.AsyncClient, changes: dict[str, Any], status: int
) -> None:
    answer = await client.post("/api/blind-comparisons/books", json=request(**changes))
    assert answer.status_code == status, answer.text
    assert (await client.get("/api/blind-comparisons")).json() == []
    assert (await client.get("/api/books")).json() == []
