"""Bad input over REST, case by case: a typed error that says what to do, and nothing half done."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from scrivano.api.app import make_app
from scrivano.llm.public import ModelChange
from tests.integration.tasks.conftest import Open
from tests.workshop import Workshop


@pytest.fixture
async def place(studio: Open) -> Workshop:
    return await studio(working=False)


@pytest.fixture
async def api(place: Workshop) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=make_app(None, house=place.house))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


def message(*items: Any, role: str = "user") -> dict[str, Any]:
    return {"messages": [{"role": role, "content": list(items)}]}


async def made(api: httpx.AsyncClient, name: str, content: dict[str, Any]) -> httpx.Response:
    return await api.post("/api/prompt-templates", json={"name": name, "content": content})


async def everything(api: httpx.AsyncClient) -> list[Any]:
    """All prompts with their versions, and all tasks."""
    names = [t["name"] for t in (await api.get("/api/prompt-templates", params={"limit": 500})).json()]
    own = [n for n in names if n in ("inner", "middle", "outer", "describe", "broken")]
    versions = [(await api.get(f"/api/prompt-templates/{name}/versions")).json() for name in own]
    parts = (await api.get("/api/prompt-parts", params={"limit": 500})).json()
    return [names, versions, parts, (await api.get("/api/tasks")).json()]


def refused(answer: httpx.Response, status: int, code: str, says: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:scrivano:error:{code}", answer.text
    assert says in answer.json()["detail"], answer.text


async def test_a_cycle_is_refused_wherever_it_closes(api: httpx.AsyncClient) -> None:
    assert (await made(api, "inner", message({"text": "Hi."}))).status_code == 201
    assert (await made(api, "middle", message({"template": "inner"}))).status_code == 201
    assert (await made(api, "outer", message({"template": "middle"}))).status_code == 201
    before = await everything(api)
    for name, closes in (("inner", "outer"), ("inner", "inner"), ("middle", "outer")):
        save = {"content": message({"text": "Hi."}, {"template": closes})}
        answer = await api.post(f"/api/prompt-templates/{name}/versions", json=save)
        refused(answer, 422, "template-cycle", name)
    assert await everything(api) == before


async def test_templates_go_five_deep_and_no_deeper(api: httpx.AsyncClient) -> None:
    await made(api, "d0", message({"text": "Hi."}))
    answers = [await made(api, f"d{n}", message({"template": f"d{n - 1}"})) for n in range(1, 7)]
    depth = [a.status_code for a in answers].index(422)
    assert depth in (4, 5) and {a.status_code for a in answers[depth + 1 :]} <= {404, 422}
    assert (await api.get(f"/api/prompt-templates/d{depth + 1}")).status_code == 404


UNKNOWN: list[tuple[str, dict[str, Any], str]] = [
    ("/api/prompt-templates", {"name": "broken", "content": message({"text": "{{ nobody }}"})}, "nobody"),
    ("/api/tasks", {"template": "describe", "variables": {"subject": "x", "nobody": 1}}, "nobody"),
    ("/api/tasks/preview", {"template": "describe", "variables": {"subject": "x", "nobody": 1}}, "nobody"),
    (
        "/api/tasks",
        {
            "template": "describe",
            "variables": {"subject": "x"},
            "inputs": {"nobody": {"kind": "post", "id": "1"}},
        },
        "nobody",
    ),
    (
        "/api/comparisons",
        {"task": {"template": "describe"}, "inputs": [{"subject": "x"}, {"nobody": 1}], "variants": [{}]},
        "nobody",
    ),
]


async def test_an_unknown_variable_is_named(api: httpx.AsyncClient) -> None:
    before = await everything(api)
    for path, body, says in UNKNOWN:
        refused(await api.post(path, json=body), 422, "unknown-variable", says)
    assert await everything(api) == before


async def test_a_value_of_another_type_is_named(api: httpx.AsyncClient) -> None:
    before = await everything(api)
    for wrong in ("many", [1], {"a": 1}, True):
        task = {"template": "describe", "variables": {"subject": "x", "words": wrong}}
        for path in ("/api/tasks", "/api/tasks/preview"):
            refused(await api.post(path, json=task), 422, "wrong-value", "words")
    default = {"variables": {"n": {"type": "number", "default": "many"}}, **message({"text": "{{ n }}"})}
    assert (await made(api, "broken", default)).status_code == 422
    assert await everything(api) == before


async def test_of_two_who_move_a_label_at_once_one_is_told(api: httpx.AsyncClient) -> None:
    for text in ("One.", "Two.", "Three."):
        save = {"content": message({"text": text})}
        path = "/api/prompt-templates/inner/versions"
        answer = await (made(api, "inner", save["content"]) if text == "One." else api.post(path, json=save))
        assert answer.status_code == 201
    label = "/api/prompt-templates/inner/labels/production"
    answers = await asyncio.gather(*(api.put(label, json={"number": n, "expected": 3}) for n in (1, 2)))
    assert sorted(a.status_code for a in answers) == [200, 409]
    won = next(a.json()["number"] for a in answers if a.status_code == 200)
    lost = next(a for a in answers if a.status_code == 409)
    refused(lost, 409, "prompt-changed", "production")
    labels = (await api.get("/api/prompt-templates/inner/labels")).json()
    assert [(each["label"], each["number"]) for each in labels] == [("production", won)]


async def test_a_prompt_beyond_the_context_length_is_refused_before_it_is_kept(
    api: httpx.AsyncClient, place: Workshop
) -> None:
    (model,) = await place.house.llm.registry.models()
    await place.house.llm.registry.change_model(
        model.id, ModelChange.model_validate({"context_length": 2_000, "tokenizer": "o200k_base"})
    )
    before = await everything(api)
    long = {"template": "describe", "variables": {"subject": "the tides " * 3_000}}
    seen = await api.post("/api/tasks/preview", json=long)
    assert [w["code"] for w in seen.json()["preview"]["warnings"]] == ["over_context_length"]
    answer = await api.post("/api/tasks", json=long)
    assert answer.status_code == 422 and answer.json()["field"] == "variables", answer.text
    assert await everything(api) == before
    assert place.model is not None and place.model.ledger.entries == []
