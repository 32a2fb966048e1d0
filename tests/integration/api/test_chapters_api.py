"""Books over REST once they are written: chapters edited, written anew, traced, bound again; orders given once."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from scrivano.api.app import make_app
from scrivano.books.public import BookView
from scrivano.books.steps import binding
from scrivano.documents.public import Author
from scrivano.runs.public import RunStatus
from tests.workshop import Workshop, open_workshop, small_brief

BRIEF = {"subject": "running a small repair workshop", "words": 600, "chapters": 2, "date": "2026-01-15"}


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(database_url, tmp_path) as opened:
        yield opened


def client_of(place: Workshop) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(make_app(None, house=place.house))
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


@pytest.fixture
async def client(place: Workshop) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(place) as opened:
        yield opened


async def written(place: Workshop) -> BookView:
    book, _ = await place.write(small_brief(words=600, chapters=2))
    return book


async def test_a_chapter_is_edited_rewritten_and_bound_again(
    client: httpx.AsyncClient, place: Workshop
) -> None:
    book = await written(place)
    home = f"/api/books/{book.id}"
    first = await client.get(f"{home}/chapters/1")
    assert (first.status_code, first.headers["etag"]) == (200, '"1"')
    text = first.json()["text"]

    edit = {"text": f"A sentence of the author's own.\n\n{text}", "title": "Opening Day"}
    saved = await client.put(f"{home}/chapters/1", json=edit, headers={"If-Match": '"1"'})
    assert (saved.status_code, saved.headers["etag"]) == (200, '"2"')
    assert (saved.json()["title"], saved.json()["last_change_by"]) == ("Opening Day", "person")
    late = await client.put(f"{home}/chapters/1", json=edit, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["versions"]) == (409, {"expected": 1, "newest": 2})
    assert (await client.put(f"{home}/chapters/1", json=edit)).status_code == 422

    wish = {"instructions": "Say less."}
    key = {"Idempotency-Key": "again-1"}
    run = (await client.post(f"{home}/chapters/1/regenerate", json=wish, headers=key)).json()
    repeated = await client.post(f"{home}/chapters/1/regenerate", json=wish, headers=key)
    assert (repeated.json()["id"], repeated.headers["idempotency-replayed"]) == (run["id"], "true")
    done = await place.ended(run["id"])
    assert done.status is RunStatus.SUCCEEDED, done.error
    assert done.output["proposal_id"]
    chapter = (await client.get(f"{home}/chapters/1")).json()
    assert (chapter["version"], chapter["open_proposals"]) == (2, 1)
    assert chapter["text"].startswith("A sentence of the author's own.")

    other = (await client.post(f"{home}/chapters/2/regenerate", json=wish)).json()
    assert (await place.ended(other["id"])).output["proposal_id"] is None
    versions = (await client.get(f"{home}/chapters/2/versions")).json()
    assert [(v["number"], v["author"]["kind"]) for v in versions] == [(2, "run"), (1, "run")]
    diff = (await client.get(f"{home}/chapters/1/diff", params={"old": 1, "new": 2, "unit": "words"})).json()
    assert {"added"} == {line["kind"] for line in diff["lines"] if line["kind"] != "same"}

    listed = (await client.get(f"{home}/files")).json()
    assert {f["name"] for f in listed if not f["outdated"]} == {"cover.pdf", "cover.png", "cover.svg"}
    before = {f["name"]: f["sha256"] for f in listed}
    rebuilt = (await client.post(f"{home}/files")).json()
    assert (await place.ended(rebuilt["id"])).status is RunStatus.SUCCEEDED
    listed = (await client.get(f"{home}/files")).json()
    assert not [f["name"] for f in listed if f["outdated"]]
    after = {f["name"]: f["sha256"] for f in listed}
    assert after.keys() == before.keys()
    assert after["book.epub"] != before["book.epub"]
    account = (await client.get(f"{home}/provenance")).json()
    assert account["facts"]["edited_chapters"] == [1]
    assert [(c["version"], c["last_change_by"]) for c in account["chapters"]] == [(2, "person"), (2, "run")]
    assert place.model is not None
    assert account["calls"]["loopback"]["text"] == len(place.model.ledger.entries)
    markdown = (await client.get(f"{home}/files/book.md")).text
    assert "A sentence of the author's own." in markdown and "Opening Day" in markdown
    purposes = [r["purpose"] for r in (await client.get(f"{home}/runs")).json()]
    assert purposes == ["write", "rewrite", "rewrite", "bind"]


async def test_what_contradicts_the_references_becomes_remarks_and_is_said_once(
    database_url: str, tmp_path: Path
) -> None:
    wrong = "The lamp of the harbour burns for nine hours."
    found = {"quote": wrong, "against": "The lamp burns for six hours.", "problem": "Six.", "fix": "Say six."}
    made_up = {**found, "quote": "Opens on Mondays, as ever.", "against": "It never opens on a Monday."}
    script: dict[str, Any] = {
        "rule": [{"match": {"contains": wrong}, "json": {"findings": [found, made_up]}}]
    }
    async with open_workshop(database_url, tmp_path, script) as place, client_of(place) as client:
        book = await written(place)
        home = f"/api/books/{book.id}"
        note = b"# The lamp\n\nThe lamp burns for six hours."
        reference = (await client.post("/api/references", params={"name": "lamp.md"}, content=note)).json()
        await place.ended(reference["run_id"])
        text = (await client.get(f"{home}/chapters/1")).json()["text"]
        edit: dict[str, Any] = {
            "text": f"{text}\n\n{wrong} Opens on Mondays, as ever.\n",
            "expected_number": 1,
        }
        assert (await client.put(f"{home}/chapters/1", json=edit)).status_code == 200

        price = (await client.get(f"{home}/check")).json()
        one = (await client.get(f"{home}/check", params={"number": 1})).json()
        assert (price["model"], price["calls"], one["calls"]) == ("scripted", 2, 1)
        assert price["tokens"] > one["tokens"] > 300 and price["cost_usd"]["high"] == 0
        run = (await client.post(f"{home}/check", json={"number": 1})).json()
        done = await place.ended(run["id"])
        assert done.status is RunStatus.SUCCEEDED, done.error
        assert (done.output["chapters"], done.output["findings"], done.output["remarks"]) == (1, 1, 1)
        document = (await client.get(f"{home}/chapters/1")).json()["document_id"]
        (remark,) = (await client.get(f"/api/documents/{document}/comments")).json()
        assert (remark["quote"], remark["author"]) == (wrong, {"kind": "run", "id": run["id"]})
        assert remark["body"] == "Six.\n\n“The lamp burns for six hours.”\n\nSay six."

        again = (await client.post(f"{home}/check", json={})).json()
        done = await place.ended(again["id"])
        assert (done.output["findings"], done.output["remarks"]) == (1, 0)
        assert len((await client.get(f"/api/documents/{document}/comments")).json()) == 1
        assert (await client.get(f"{home}/chapters/1")).json()["version"] == 2
        assert (await client.post(f"{home}/check", json={"number": 99})).status_code == 404
        assert (await client.get(f"{home}/check", params={"number": 99})).status_code == 404
        assert [r["purpose"] for r in (await client.get(f"{home}/runs")).json()] == [
            "write",
            "check",
            "check",
        ]


async def test_all_files_are_of_one_edition_whatever_is_saved_meanwhile(
    client: httpx.AsyncClient, place: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = await written(place)
    home = f"/api/books/{book.id}"
    text = (await client.get(f"{home}/chapters/1")).json()["text"]
    typeset = binding.write_pdf

    async def saved_meanwhile(*given: Any, **more: Any) -> bytes:
        made = await typeset(*given, **more)
        edit = {"text": f"In the last moment.\n\n{text}"}
        saved = await client.put(f"{home}/chapters/1", json=edit, headers={"If-Match": '"1"'})
        assert saved.status_code == 200, saved.text
        return made

    monkeypatch.setattr(binding, "write_pdf", saved_meanwhile)
    rebuilt = (await client.post(f"{home}/files")).json()
    assert (await place.ended(rebuilt["id"])).status is RunStatus.SUCCEEDED
    monkeypatch.undo()
    files = {f["name"]: f for f in (await client.get(f"{home}/files")).json()}
    assert files["book.pdf"]["outdated"] and files["book.md"]["outdated"]
    assert "In the last moment." not in (await client.get(f"{home}/files/book.md")).text
    account = (await client.get(f"{home}/provenance")).json()
    assert account["chapters"][0]["version"] == 1

    rebuilt = (await client.post(f"{home}/files")).json()
    assert (await place.ended(rebuilt["id"])).status is RunStatus.SUCCEEDED
    assert not [f["name"] for f in (await client.get(f"{home}/files")).json() if f["outdated"]]
    assert "In the last moment." in (await client.get(f"{home}/files/book.md")).text


async def test_a_book_written_once_more_leaves_what_a_person_wrote(
    client: httpx.AsyncClient, place: Workshop
) -> None:
    book = await written(place)
    home = f"/api/books/{book.id}"
    mine = {"text": "All of it is mine.", "expected_number": 1}
    assert (await client.put(f"{home}/chapters/1", json=mine)).status_code == 200
    run = (await client.post(f"{home}/retry")).json()
    done = await place.ended(run["id"])
    assert (done.status, done.output["proposals"]) == (RunStatus.SUCCEEDED, [1])
    first = (await client.get(f"{home}/chapters/1")).json()
    assert first["text"] == "All of it is mine."
    listed = (await client.get(f"{home}/chapters")).json()
    assert listed[0] == {name: value for name, value in first.items() if name != "text"}
    assert "All of it is mine." in (await client.get(f"{home}/files/book.md")).text


async def test_a_paragraph_is_traced(client: httpx.AsyncClient, place: Workshop) -> None:
    book = await written(place)
    home = f"/api/books/{book.id}/chapters/1"
    text = (await client.get(home)).json()["text"]
    new = {"text": f"{text}\n\nMy own words stand here now.", "expected_number": 1}
    assert (await client.put(home, json=new)).status_code == 200
    machine = (await client.get(f"{home}/lineage", params={"offset": 5})).json()
    assert (machine["version"], machine["since_version"], machine["author"]["kind"]) == (2, 1, "run")
    assert machine["requests"][0]["prompt_name"] == "write_chapter"
    assert machine["requests"][0]["model"] == "scripted"
    own = (await client.get(f"{home}/lineage", params={"offset": len(text) + 4})).json()
    assert (own["paragraph"], own["author"]["kind"], own["requests"]) == (
        "My own words stand here now.",
        "person",
        [],
    )
    assert (await client.get(f"{home}/lineage", params={"offset": 10**7})).status_code == 422
    proposals = f"/api/documents/{(await client.get(home)).json()['document_id']}/proposals"
    made = await client.post(proposals, json={"text": "Shorter.", "base_number": 1})
    taken = await client.post(
        f"{proposals}/{made.json()['id']}/accept", json={"replace": True}, headers={"If-Match": "*"}
    )
    assert (taken.status_code, taken.json()["number"]) == (200, 3)
    back = await client.post(f"{home}/restore", json={"number": 1, "expected_number": 3})
    assert (back.json()["version"], back.json()["text"]) == (4, text)


async def test_an_order_is_given_once(client: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "order-1"}
    first = await client.post("/api/books/create-guided", json=BRIEF, headers=key)
    again = await client.post("/api/books/create-guided", json=BRIEF, headers=key)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.content == again.content
    other = await client.post("/api/books/create-guided", json={**BRIEF, "words": 700}, headers=key)
    assert (other.status_code, other.json()["type"]) == (409, "urn:scrivano:error:key-used-otherwise")
    wrong = await client.post(
        "/api/books/create-guided", json={"words": 1}, headers={"Idempotency-Key": "o2"}
    )
    assert wrong.status_code == 422
    nowhere = {**BRIEF, "project_id": "0190163d-8694-739b-aea5-966c26f8ad91"}
    assert (await client.post("/api/books/create-guided", json=nowhere)).status_code == 404
    assert (await client.get(f"/api/projects/{nowhere['project_id']}/events")).status_code == 404
    assert len((await client.get("/api/books")).json()) == 1
    gone = await client.delete(f"/api/books/{first.json()['id']}")
    assert gone.status_code == 204
    assert (await client.get(f"/api/books/{first.json()['id']}")).status_code == 404


async def test_an_estimate_holds_what_the_book_then_takes(client: httpx.AsyncClient, place: Workshop) -> None:
    estimate = (await client.post("/api/books/estimate", json=BRIEF)).json()
    assert place.model is not None and not place.model.ledger.entries
    book = (await client.post("/api/books/create-guided", json=BRIEF)).json()
    await place.finish(await place.house.books.get(book["id"]))
    account = (await client.get(f"/api/books/{book['id']}/provenance")).json()["measured"]
    assert estimate["calls"]["low"] <= account["attempts"] <= estimate["calls"]["high"]
    tokens = account["prompt_tokens"] + account["completion_tokens"]
    assert estimate["tokens"]["low"] <= tokens <= estimate["tokens"]["high"]
    capped = (await client.post("/api/books/estimate", json={**BRIEF, "max_cost": 0})).json()
    assert capped["cost_usd"]["high"] == 0
    lists = (await client.get("/api/books/choices")).json()
    assert [c["value"] for c in lists["cover_styles"]] == [
        "minimalist",
        "futuristic",
        "playful",
        "elegant",
        "corporate",
        "artistic",
    ]


async def test_the_outline_is_seen_changed_and_approved(client: httpx.AsyncClient, place: Workshop) -> None:
    book = (await client.post("/api/books/create-guided", json={**BRIEF, "approve_outline": True})).json()
    home = f"/api/books/{book['id']}"
    assert (await client.get(f"{home}/outline")).status_code == 404
    assert (await client.put(f"{home}/outline", json={"approved": True})).status_code == 409
    await place.finish(await place.house.books.get(book["id"]))
    outline = (await client.get(f"{home}/outline")).json()
    outline["chapters"] = outline["chapters"][:1]
    outline["chapters"][0]["title"] = "The Only One"
    empty = {"approved": True, "outline": {**outline, "chapters": []}}
    assert (await client.put(f"{home}/outline", json=empty)).status_code == 422
    approved = await client.put(f"{home}/outline", json={"approved": True, "outline": outline})
    assert approved.status_code == 200
    await place.finish(await place.house.books.get(book["id"]))
    chapters = (await client.get(f"{home}/chapters")).json()
    assert [c["title"] for c in chapters] == ["The Only One"]


async def test_events_of_run_and_project_are_polled_and_streamed(
    client: httpx.AsyncClient, place: Workshop
) -> None:
    book = await written(place)
    url = f"/api/runs/{book.run_id}/events"
    page = (await client.get(url, params={"limit": 5}, headers={"Accept": "application/json"})).json()
    assert ([e["id"] for e in page["events"]], page["ended"]) == ([1, 2, 3, 4, 5], False)
    last = await client.get(url, params={"limit": 500}, headers={"Accept": "application/json"})
    assert last.json()["ended"] is True
    events = last.json()["events"]
    pieces = [e["data"] for e in events if e["kind"] == "chapter_text" and e["data"]["chapter"] == "1"]
    text = ""
    for piece in pieces:
        text = text[: piece["from"]] + piece["text"]
    requests = await place.house.llm.run_requests(book.run_id)
    answers = [(await place.house.llm.get_request(r.id)).answer for r in requests if r.item == "1"]
    assert text in [a.content for a in answers if a]
    assert any(e["kind"] == "model_answered" and "run_cost_usd" in e["data"] for e in events)
    ended = await client.get(url, headers={"Last-Event-ID": str(events[-1]["id"])})
    assert ended.status_code == 204

    project = f"/api/projects/{book.project_id}/events"
    told = (await client.get(project, params={"limit": 500}, headers={"Accept": "application/json"})).json()
    assert [(e["kind"], e["data"].get("step")) for e in told["events"] if e["kind"] != "notification"] == [
        (e["kind"], e["data"].get("step")) for e in events
    ]
    stream = await client.get(project, params={"after": told["last_id"] - 2, "seconds": 0.2})
    assert [line for line in stream.text.splitlines() if line.startswith("id: ")] == [
        f"id: {told['last_id'] - 1}",
        f"id: {told['last_id']}",
    ]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/chapters/9", None, 404),
        ("GET", "/chapters/0", None, 422),
        ("GET", "/chapters/99999999999999", None, 422),
        ("PUT", "/chapters/1", {"text": "a\0b", "expected_number": 1}, 422),
        ("PUT", "/chapters/1", {"text": "x", "expected_number": 2**40}, 422),
        ("GET", "/chapters/1/versions/7", None, 404),
        ("POST", "/chapters/7/regenerate", {}, 404),
        ("POST", "/chapters/1/regenerate", {"model": "no-such-model"}, 404),
        ("POST", "/chapters/1/regenerate", {"max_cost": -1}, 422),
        ("POST", "/chapters/1/restore", {"number": 5, "expected_number": 1}, 404),
        ("GET", "/chapters/1/diff?old=1&new=4", None, 404),
        ("PUT", "/outline", {"approved": True}, 409),
        ("GET", "/files/%00", None, 422),
    ],
)
async def test_what_cannot_be_is_refused(
    client: httpx.AsyncClient, place: Workshop, method: str, path: str, body: Any, status: int
) -> None:
    """One book without a model, so that it is quick; its first chapter is put there by hand."""
    order = await client.post("/api/books/create-guided", json=BRIEF)
    home = f"/api/books/{order.json()['id']}"
    await chapter_by_hand(place, order.json()["id"])
    answer = await client.request(method, f"{home}{path}", json=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def chapter_by_hand(place: Workshop, book_id: str) -> None:
    """A first chapter, as a run would have left it."""
    await place.house.books.editing.add(
        UUID(book_id), 1, "One", "It stands here.", author=Author(kind="run", id="r")
    )
