"""Prompts and tasks over HTTP."""

from collections.abc import AsyncIterator

import httpx
import pytest

from scrivano.api.app import make_app
from tests.integration.tasks.conftest import Open

PROBLEM = "application/problem+json"


@pytest.fixture
async def api(studio: Open) -> AsyncIterator[httpx.AsyncClient]:
    place = await studio()
    app = make_app(None, house=place.house)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


async def test_a_prompt_lives_through_its_whole_life(api: httpx.AsyncClient) -> None:
    part = {"name": "tone", "kind": "style", "content": {"text": "Kindly."}}
    assert (await api.post("/api/prompt-parts", json=part)).status_code == 201
    assert (await api.post("/api/prompt-parts", json=part)).status_code == 409
    body = {
        "name": "greet",
        "tags": ["letters"],
        "content": {
            "variables": {"name": {"type": "text", "help": "Whom."}},
            "messages": [
                {"role": "system", "content": [{"part": "tone"}]},
                {"role": "user", "content": "Hello {{ name }}"},
            ],
        },
    }
    made = await api.post("/api/prompt-templates", json=body)
    assert made.status_code == 201 and made.json()["info"]["number"] == 1
    found = (await api.get("/api/prompt-templates", params={"search": "hello", "tag": "letters"})).json()
    assert [each["name"] for each in found] == ["greet"]

    seen = (await api.post("/api/prompt-templates/greet/preview", json={"variables": {"name": "Ada"}})).json()
    assert [m["text"] for m in seen["preview"]["messages"]] == ["Kindly.", "Hello Ada"]
    unsaved = {"variables": {}, "content": {"messages": [{"role": "user", "content": [{"part": "tone"}]}]}}
    seen = (await api.post("/api/prompt-templates/greet/preview", json=unsaved)).json()
    assert seen["preview"]["version_id"] is None

    impact = await api.post(
        "/api/prompt-parts/tone/impact", json={"content": {"text": "Very kindly indeed."}}
    )
    assert [(t["name"], t["change"] > 0) for t in impact.json()["templates"]] == [("greet", True)]
    saved = await api.post(
        "/api/prompt-parts/tone/versions", json={"content": {"text": "Sternly."}, "expected": 1}
    )
    assert [t["name"] for t in saved.json()["templates"]] == ["greet"]
    stale = await api.post("/api/prompt-parts/tone/versions", json={"content": {"text": "x"}, "expected": 1})
    assert stale.status_code == 409 and stale.headers["content-type"] == PROBLEM
    assert "+" in (await api.get("/api/prompt-templates/greet/diff", params={"old": "1"})).json()["unified"]
    moved = await api.put("/api/prompt-templates/greet/labels/production", json={"number": 1, "expected": 2})
    assert moved.json()["number"] == 1
    again = await api.put("/api/prompt-templates/greet/labels/production", json={"number": 2, "expected": 2})
    assert again.status_code == 409
    copy = await api.post("/api/prompt-templates/greet/duplicate", json={"name": "greet_too"})
    assert copy.status_code == 201
    assert (await api.delete("/api/prompt-parts/tone")).status_code == 409
    assert (await api.delete("/api/prompt-templates/greet_too")).status_code == 204
    assert (await api.get("/api/prompt-templates/greet_too")).json()["archived"]
    exported = await api.get("/api/prompt-files", params={"name": "greet"})
    assert "scrivano_prompts: 1" in exported.text
    report = await api.post("/api/prompt-files", json={"text": exported.text})
    assert report.json()["new"] == []


async def test_a_task_is_run_once_per_key_and_followed_live(api: httpx.AsyncClient) -> None:
    new = {"template": "describe", "variables": {"subject": "tides"}}
    key = {"Idempotency-Key": "one"}
    first = await api.post("/api/tasks", json=new, headers=key)
    second = await api.post("/api/tasks", json=new, headers=key)
    assert first.status_code == second.status_code == 202
    assert first.json()["id"] == second.json()["id"]
    task = first.json()["id"]
    kinds: list[str] = []
    async with api.stream("GET", f"/api/tasks/{task}/events") as events:
        async for line in events.aiter_lines():
            if line.startswith("event: "):
                kinds.append(line.removeprefix("event: "))
    assert "task_text" in kinds and kinds[-1] == "run_succeeded"
    done = (await api.get(f"/api/tasks/{task}")).json()
    assert done["status"] == "succeeded"
    assert (await api.get(f"/api/tasks/{task}/result")).text == done["text"]
    rated = await api.put(f"/api/tasks/{task}/verdict", json={"rating": 5})
    assert rated.json()["rating"] == 5
    page = (await api.get("/api/tasks", params={"text": "tides"})).json()
    assert [each["id"] for each in page["items"]] == [task] and page["next"] is None


async def test_a_list_says_what_was_asked(api: httpx.AsyncClient) -> None:
    message = "  What holds\n an old table?  "
    new = {"messages": [{"role": "system", "content": "Briefly."}, {"role": "user", "content": message}]}
    assert (await api.post("/api/tasks", json=new)).status_code == 202
    (listed,) = (await api.get("/api/tasks")).json()["items"]
    assert (listed["asked"], listed["begins"]) == ("What holds an old table?", "")


async def test_what_somebody_else_put_into_a_dataset_is_not_lost(api: httpx.AsyncClient) -> None:
    made = (await api.post("/api/datasets", json={"name": "tides"})).json()
    path, mine, theirs = f"/api/datasets/{made['id']}", [{"name": "mine"}], [{"name": "theirs"}]
    first = await api.patch(path, json={"items": theirs, "expected_edition": made["edition"]})
    late = await api.patch(path, json={"items": mine, "expected_edition": made["edition"]})
    assert (first.status_code, late.status_code) == (200, 409)
    assert late.json()["field"] == "expected_edition" and late.json()["remedy"]
    now = (await api.get(path)).json()
    assert [item["name"] for item in now["items"]] == ["theirs"] and now["edition"] == first.json()["edition"]
    both = {"items": [*now["items"], *mine], "expected_edition": now["edition"]}
    assert [item["name"] for item in (await api.patch(path, json=both)).json()["items"]] == ["theirs", "mine"]
    renamed = (await api.patch(path, json={"name": "the tides"})).json()
    assert len(renamed["items"]) == 2


BAD: list[tuple[str, dict[str, object], int]] = [
    ("/api/tasks", {"template": "describe"}, 422),
    ("/api/tasks", {"template": "nobody"}, 404),
    ("/api/tasks", {"template": "describe", "variables": {"subject": "a\0b"}}, 422),
    ("/api/tasks", {"template": "describe", "variables": {"subject": "x", "words": 10**30}}, 422),
    ("/api/tasks", {"messages": []}, 422),
    ("/api/tasks", {"messages": [{"content": ""}]}, 422),
    ("/api/prompt-parts", {"name": "x", "kind": "style", "content": {"text": "a\0"}}, 422),
    ("/api/prompt-parts/nobody/impact", {"content": {"text": "x"}}, 404),
    (
        "/api/prompt-templates",
        {"name": "x", "content": {"messages": [{"role": "user", "content": "{{"}]}},
        422,
    ),
    ("/api/prompt-files", {"text": ": : :"}, 422),
    ("/api/datasets/00000000-0000-7000-8000-000000000009/evaluations", {"template": "describe"}, 404),
    ("/api/schedules", {"name": "x", "cron": "never", "task": {"messages": [{"content": "x"}]}}, 422),
]


async def test_bad_input_is_a_clear_problem(api: httpx.AsyncClient) -> None:
    for path, body, status in BAD:
        answer = await api.post(path, json=body)
        assert answer.status_code == status, (path, answer.text)
        assert answer.headers["content-type"] == PROBLEM and answer.json()["detail"]
