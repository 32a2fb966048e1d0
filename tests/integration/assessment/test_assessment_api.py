"""Assessment, blind comparisons and training samples over HTTP."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from scrivano.api.app import make_app
from scrivano.documents.public import Author
from scrivano.worker import pipelines, worker
from tests.workshop import Workshop, open_workshop, small_brief

BENCH = "A bench of oak stands ninety centimetres high and carries a vise of iron. "
LAMP = "A lamp with a warm light hangs sixty centimetres above the middle of the bench. "
SCRIPT: dict[str, Any] = {
    "models": ["small", "large"],
    "rule": [
        {
            "match": {
                "contains": "You compare two versions",
                "pattern": "(?s)# First version.*A bench of oak.*# Second",
            },
            "json": {
                "better": "first",
                "reason": "It is firmer.",
                "first_quote": BENCH,
                "second_quote": LAMP,
            },
        },
        {
            "match": {"contains": "You compare two versions"},
            "json": {
                "better": "second",
                "reason": "It is firmer.",
                "first_quote": LAMP,
                "second_quote": BENCH,
            },
        },
        {"match": {"model": "small", "contains": "Write chapter 1"}, "text": BENCH * 20},
        {"match": {"model": "large", "contains": "Write chapter 1"}, "text": LAMP * 20},
    ],
}


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(database_url, tmp_path, SCRIPT) as opened:
        yield opened


@pytest.fixture
async def client(place: Workshop) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(make_app(None, house=place.house))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as opened:
        yield opened


async def compared(client: httpx.AsyncClient, place: Workshop, **changes: Any) -> dict[str, Any]:
    order = {
        "chapter_title": "Bench and lamp",
        "points": ["oak bench", "warm lamp"],
        "words": 200,
        "sides": [{"model": "small"}, {"model": "large"}],
        **changes,
    }
    await place.house.llm.registry.discover()
    ordered = await client.post("/api/blind-comparisons", json={"name": "Which?", "order": order})
    assert ordered.status_code == 202, ordered.text
    own = worker(place.house)
    await own.launch(pipelines(place.house))
    try:
        run = await place.house.runs.wait(ordered.json()["run_id"])
    finally:
        await own.stop()
    assert run.status == "succeeded", run.error
    return (await client.get(f"/api/blind-comparisons/{ordered.json()['id']}")).json()


async def test_any_text_is_assessed_with_findings_in_their_places(client: httpx.AsyncClient) -> None:
    text = "The bench is 95 cm high. Studies show that it is enough."
    body = {
        "chapters": [{"text": text}],
        "references": [{"name": "notes.md", "text": "The bench is 90 cm high."}],
    }
    answer = await client.post("/api/assess", json=body)
    assert answer.status_code == 200
    report = answer.json()
    findings = [f for m in report["chapters"][0]["measures"] for f in m["findings"]]
    assert {f["measure"] for f in findings} == {"contradictions", "citations"}
    assert all(text[f["start"] : f["end"]] == f["quote"] for f in findings)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"chapters": []}, 422),
        ({"chapters": [{"text": "  "}]}, 422),
        ({"chapters": [{"text": "a\0b"}]}, 422),
        ({"chapters": [{"text": "Fine."}], "genre": "no such"}, 404),
        ({"chapters": [{"text": "Fine."}], "words": -1}, 422),
        ({"chapters": [{"text": "Fine."}], "language": "\ud800"}, 422),
        ({"chapters": [{"text": "Fine.", "more": 1}]}, 422),
    ],
)
async def test_what_cannot_be_assessed_is_refused(
    client: httpx.AsyncClient, body: dict[str, Any], status: int
) -> None:
    answer = await client.post(
        "/api/assess", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_genres_are_data_that_an_administrator_changes(
    client: httpx.AsyncClient, place: Workshop
) -> None:
    genres = (await client.get("/api/genres")).json()
    assert {g["slug"] for g in genres} >= {
        "non-fiction",
        "fiction",
        "parenting",
        "practical-guide",
        "scholarly",
    }
    content = {**genres[0]["content"], "bar": 12.5}
    changed = await client.put(f"/api/genres/{content['slug']}", json=content)
    assert (changed.json()["version"], changed.json()["content"]["bar"]) == (genres[0]["version"] + 1, 12.5)
    await place.house.assessments.load_shipped()
    kept = (await client.get(f"/api/genres/{content['slug']}")).json()
    assert kept["content"]["bar"] == 12.5, "what comes with Scrivano does not undo a person's change"
    assert (await client.put("/api/genres/other", json=content)).status_code == 422
    bad = {**content, "criteria": [{"slug": "a", "name": "b", "question": "c", "levels": {"0": "\0"}}]}
    assert (await client.put(f"/api/genres/{content['slug']}", json=bad)).status_code == 422


async def test_scores_of_a_book_as_it_stands(client: httpx.AsyncClient, place: Workshop) -> None:
    book, _ = await place.write(small_brief(words=900, chapters=2), model="small")
    again = await client.post(f"/api/books/{book.id}/assess")
    assert again.status_code == 200
    scores = (await client.get(f"/api/books/{book.id}/scores")).json()
    assert [s["chapter"] for s in scores] == [None, 1, 2, None, 1, 2]
    assert {s["version"] for s in scores if s["chapter"] and not s["run_id"]} == {1}
    one = (await client.get(f"/api/scores/{scores[1]['id']}")).json()
    assert one["combined"] == scores[1]["combined"]
    assert len((await client.get("/api/scores", params={"limit": 4})).json()) == 4
    (point,) = (await client.get("/api/scores/trend", params={"by": "model", "measure": "length"})).json()
    assert (point["group"], point["count"]) == ("small", 4)
    assert (await client.get("/api/scores/trend", params={"measure": "beauty"})).status_code == 422
    assert (await client.get(f"/api/books/{book.run_id}/scores")).status_code == 404


async def test_nobody_is_told_who_wrote_which_before_the_choice(
    client: httpx.AsyncClient, place: Workshop
) -> None:
    view = await compared(client, place)
    assert view["ready"] and view["chosen"] is None
    told = json.dumps(view)
    assert "small" not in told and "large" not in told
    assert all(s["side"] is None and s["facts"] is None and s["scores"] is None for s in view["sides"])
    texts = {s["place"]: s["text"] for s in view["sides"]}
    assert sorted(t[:8] for t in texts.values()) == ["A bench ", "A lamp w"]

    better = next(p for p, t in texts.items() if t.startswith("A bench"))
    chosen = (
        await client.post(f"/api/blind-comparisons/{view['id']}/choice", json={"better": better})
    ).json()
    winner = next(s for s in chosen["sides"] if s["place"] == better)
    assert (winner["model"], winner["side"], chosen["chosen"]) == ("small", "a", better)
    assert winner["facts"]["cost"] == 0 and winner["facts"]["completion_tokens"] > 0
    assert {m["name"] for m in winner["scores"]["measures"]} >= {"length", "coverage"}
    again = await client.post(f"/api/blind-comparisons/{view['id']}/choice", json={"better": "tie"})
    assert again.status_code == 409
    samples = (await client.get("/api/training/samples")).json()
    assert samples == [], "nobody has agreed"


async def test_the_places_are_drawn(client: httpx.AsyncClient, place: Workshop) -> None:
    body = {"chapter_title": "x", "sides": [{"model": "small"}, {"model": "large"}]}
    for _ in range(24):
        await client.post("/api/blind-comparisons", json={"order": body})
    from sqlalchemy import text

    async with place.house.database.begin() as session:
        drawn = {row.swapped for row in await session.execute(text("SELECT swapped FROM comparisons"))}
    assert drawn == {True, False}, "one in eight million draws is one-sided"


async def test_a_judge_is_asked_in_both_orders_and_its_verdict_can_be_taken(
    client: httpx.AsyncClient, place: Workshop
) -> None:
    view = await compared(client, place, judge=True, judge_model="small")
    assert view["verdict"] is None
    taken = (await client.post(f"/api/blind-comparisons/{view['id']}/verdict")).json()
    assert taken["verdict"]["better"] == "a"
    assert sorted(v["order"] for v in taken["verdict"]["judgements"]) == [["a", "b"], ["b", "a"]]
    winner = next(s for s in taken["sides"] if s["place"] == taken["chosen"])
    assert (winner["model"], taken["chosen_by"]) == ("small", "rubric")


async def test_choices_become_samples_with_consent_that_can_be_withdrawn(
    client: httpx.AsyncClient, place: Workshop
) -> None:
    assert (await client.get("/api/training/consent")).json()["choices"] is False
    await client.put("/api/training/consent", json={"choices": True})
    view = await compared(client, place)
    chosen = {"better": "first", "reason": "clearer"}
    await client.post(f"/api/blind-comparisons/{view['id']}/choice", json=chosen)
    (sample,) = (await client.get("/api/training/samples")).json()
    assert sample["chosen"] == view["sides"][0]["text"] and sample["rejected"] == view["sides"][1]["text"]
    assert sample["facts"]["reason"] == "clearer" and "oak bench" in sample["prompt"]
    lines = (await client.get("/api/training/samples.jsonl")).text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [sample["id"]]
    await client.put("/api/training/consent", json={"choices": False})
    assert (await client.get("/api/training/samples")).json() == []
    assert (await client.get(f"/api/training/samples/{sample['id']}")).status_code == 404


async def test_edits_become_samples_that_can_be_deleted(client: httpx.AsyncClient, place: Workshop) -> None:
    book, _ = await place.write(small_brief(words=500, chapters=1), model="small")
    (chapter,) = await place.house.books.chapters(book.id)
    body = {"document_id": str(chapter.document_id)}
    assert (await client.post("/api/training/edits", json=body)).status_code == 409
    await client.put("/api/training/consent", json={"edits": True})
    assert (await client.post("/api/training/edits", json=body)).status_code == 422, "nobody has edited it"
    edited = chapter.text.replace("oak", "ash", 1)
    await place.house.documents.add_version(
        chapter.document_id, edited, expected_number=chapter.version, author=Author(kind="person")
    )
    made = await client.post("/api/training/edits", json=body)
    assert made.status_code == 201, made.text
    sample = made.json()
    assert "ash" in sample["chosen"] and "ash" not in sample["rejected"]
    again = await client.post("/api/training/edits", json=body)
    assert again.json()["id"] == sample["id"], "one edit is one sample"
    assert (await client.delete(f"/api/training/samples/{sample['id']}")).status_code == 204
    assert (await client.get("/api/training/samples")).json() == []
    foreign = {"document_id": book.run_id}
    assert (await client.post("/api/training/edits", json=foreign)).status_code == 404


async def test_saving_a_chapter_makes_a_sample_by_itself_where_the_project_agreed(
    client: httpx.AsyncClient, place: Workshop
) -> None:
    book, _ = await place.write(small_brief(words=500, chapters=1), model="small")
    (chapter,) = await place.house.books.chapters(book.id)
    where = f"/api/books/{book.id}/chapters/1"

    async def save(text: str) -> None:
        saved = await client.put(where, json={"text": text}, headers={"If-Match": "*"})
        assert saved.status_code == 200, saved.text

    await save(chapter.text.replace("oak", "elm", 1))
    assert (await client.get("/api/training/samples")).json() == [], "the project has not agreed"
    await client.put("/api/training/consent", json={"edits": True})
    await save(chapter.text.replace("oak", "ash", 1))
    await save(chapter.text.replace("oak", "yew", 1))
    (sample,) = (await client.get("/api/training/samples")).json()
    assert "yew" in sample["chosen"] and "ash" not in sample["chosen"], "one sample, of how the text is now"
