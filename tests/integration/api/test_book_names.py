"""What a book is called over REST: renamed after it was written, also where its files could not be made."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from scrivano.api.app import make_app
from tests.workshop import Workshop, open_workshop, small_brief


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def client(place: Workshop) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(make_app(None, house=place.house))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as opened:
        yield opened


async def test_a_book_gets_another_title_and_author_and_its_files_show_them(
    client: httpx.AsyncClient, place: Workshop
) -> None:
    book, _ = await place.write(small_brief(words=600, chapters=2))
    home = f"/api/books/{book.id}"
    renamed = await client.patch(home, json={"title": " The Late Shift ", "author": "A. Writer"})
    assert renamed.status_code == 200
    told = renamed.json()
    assert (told["title"], told["outline"]["title"]) == ("The Late Shift", "The Late Shift")
    assert told["brief"]["author"] == "A. Writer"
    assert all(f["outdated"] for f in (await client.get(f"{home}/files")).json() if "cover" not in f["name"])

    made = (await client.post(f"{home}/files")).json()
    assert (await place.ended(made["id"])).status == "succeeded"
    text = (await client.get(f"{home}/files/book.md")).text
    assert "The Late Shift" in text and "A. Writer" in text
    assert not any(f["outdated"] for f in (await client.get(f"{home}/files")).json())

    # What is left out stays; a title of spaces is none.
    assert (await client.patch(home, json={"author": ""})).json()["title"] == "The Late Shift"
    assert (await client.patch(home, json={"title": "  "})).status_code == 422


async def test_a_title_that_no_font_can_show_is_taken_out_and_the_run_goes_on(
    client: httpx.AsyncClient, place: Workshop
) -> None:
    title = "\U00012000 signs"  # cuneiform, of which no font comes with Scrivano
    book = await place.order(small_brief(words=600, chapters=2, title=title))
    failed = await place.finish(book)
    assert failed.error is not None and failed.error.code == "missing-characters"
    await client.patch(f"/api/books/{book.id}", json={"title": "Signs"})
    await client.post(f"/api/runs/{book.run_id}/resume")
    assert (await place.ended(book.run_id)).status == "succeeded"
    account = (await client.get(f"/api/books/{book.id}")).json()
    assert account["provenance"]["title"] == account["title"] == "Signs"


async def test_a_novel_without_a_title_is_called_by_its_premise(client: httpx.AsyncClient) -> None:
    premise = "A keeper finds letters that were never sent. " * 10
    made = await client.post("/api/books", json={"brief": {"kind": "fiction", "premise": premise}})
    title = made.json()["title"]
    assert title.startswith("A keeper finds letters") and title.endswith("…") and len(title) < 130


async def test_the_list_tells_in_which_books_a_proposal_waits(
    client: httpx.AsyncClient, place: Workshop
) -> None:
    book, _ = await place.write(small_brief(words=600, chapters=2))
    assert [b["open_proposals"] for b in (await client.get("/api/books")).json()] == [0]
    chapter = (await client.get(f"/api/books/{book.id}/chapters/1")).json()
    document = f"/api/documents/{chapter['document_id']}/proposals"
    proposed = await client.post(document, json={"text": "Another text.", "base_number": chapter["version"]})
    assert [b["open_proposals"] for b in (await client.get("/api/books")).json()] == [1]
    assert (await client.get(f"/api/books/{book.id}")).json()["open_proposals"] == 1
    await client.post(f"{document}/{proposed.json()['id']}/reject")
    assert [b["open_proposals"] for b in (await client.get("/api/books")).json()] == [0]
