"""Uploaded references over a real database: read in the background, searched, changed, taken away."""

import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from scrivano.api.app import make_app
from scrivano.core.ids import new_id
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.references.public import MAX_BYTES, ReferenceNotFound, ReferenceNotReady, split_passages
from scrivano.worker import pipelines, worker
from tests.workshop import Workshop, open_workshop

ADA = """# Ada Lovell

Ada keeps the lighthouse at Skerry Point. Her eyes are grey.

## Secrets

She is the lost daughter of the harbour master.

## Habits

She drinks black tea and counts the ships at dusk.
"""


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def client(place: Workshop) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(make_app(None, house=place.house))
    async with httpx.AsyncClient(transport=transport, base_url="http://scrivano") as opened:
        yield opened


async def upload(client: httpx.AsyncClient, name: str, content: bytes | str, **more: Any) -> httpx.Response:
    body = content.encode() if isinstance(content, str) else content
    return await client.post("/api/references", params={"name": name, **more}, content=body)


async def read(place: Workshop, answer: httpx.Response) -> dict[str, Any]:
    """The uploaded reference after a worker has read it."""
    assert answer.status_code == 201, answer.text
    added = answer.json()
    own = worker(place.house)
    await own.launch(pipelines(place.house))
    try:
        await place.house.runs.wait(added["run_id"])
    finally:
        await own.stop()
    return (await place.house.library.get(UUID(added["id"]))).model_dump(mode="json")


async def put(place: Workshop, name: str, text: str, **more: Any) -> UUID:
    """A reference that is read without a worker."""
    added = await place.house.library.add(
        more.pop("project_id", DEFAULT_PROJECT), name, text.encode(), **more
    )
    await place.house.intake.convert(added.id)
    return added.id


async def test_an_uploaded_file_is_read_in_the_background_and_can_be_taken_back(
    client: httpx.AsyncClient, place: Workshop
) -> None:
    answer = await upload(client, "ada.md", ADA, kind="character")
    assert answer.json()["status"] == "converting"
    view = await read(place, answer)
    assert (view["status"], view["title"], view["kind"], view["language"]) == (
        "ready",
        "Ada Lovell",
        "character",
        "en",
    )
    assert view["passages"] == 3 and view["words"] > 20
    url = f"/api/references/{view['id']}"
    text = (await client.get(f"{url}/text")).json()["text"]
    passages = (await client.get(f"{url}/passages")).json()
    assert [p["headings"] for p in passages] == [[], ["Secrets"], ["Habits"]]
    assert all(text[p["start"] : p["end"]] == p["text"] for p in passages)
    original = await client.get(f"{url}/original")
    assert original.content == ADA.encode()
    assert original.headers["etag"] == f'"{view["sha256"]}"'
    assert original.headers["x-content-type-options"] == "nosniff"
    events = await place.house.events.read(f"project:{DEFAULT_PROJECT}")
    assert [e.kind for e in events if e.kind.startswith("reference_")] == [
        "reference_added",
        "reference_ready",
    ]


async def test_the_same_file_again_is_the_same_reference_and_another_of_its_name_a_conflict(
    client: httpx.AsyncClient,
) -> None:
    first = await upload(client, "ada.md", ADA)
    again = await upload(client, "ada.md", ADA)
    assert again.json()["id"] == first.json()["id"]
    other = await upload(client, "ada.md", "Something else.")
    assert other.status_code == 409 and other.json()["field"] == "name"
    elsewhere = await upload(client, "ada.md", "Something else.", project_id=str(new_id()))
    assert elsewhere.status_code == 201


BAD: list[tuple[dict[str, str], bytes]] = [
    ({"name": ""}, b"x"),
    ({"name": "a\x00b.md"}, b"x"),
    ({"name": "a.md", "kind": "song"}, b"x"),
    ({"name": "a.md", "from_chapter": "0"}, b"x"),
    ({"name": "a.md", "from_chapter": "99999999999999999999"}, b"x"),
    ({"name": "a.md", "language": "\x00"}, b"x"),
    ({"name": "a.md"}, b""),
    ({"name": "a.md", "project_id": "nobody"}, b"x"),
]


async def test_what_cannot_be_stored_is_refused(client: httpx.AsyncClient) -> None:
    for params, body in BAD:
        answer = await client.post("/api/references", params=params, content=body)
        assert answer.status_code == 422, (params, answer.text)
        assert answer.json()["field"]


async def test_over_fifty_megabytes_are_refused_before_they_are_all_there(client: httpx.AsyncClient) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while taken <= 2 * MAX_BYTES:
            taken += 1_000_000
            yield b"a" * 1_000_000

    answer = await client.post("/api/references", params={"name": "big.txt"}, content=endless())
    assert answer.status_code == 413 and answer.json()["remedy"]
    said = await client.post(
        "/api/references",
        params={"name": "big.txt"},
        headers={"content-length": str(MAX_BYTES + 1)},
        content=b"small",
    )
    assert said.status_code == 413
    assert (await client.get("/api/references")).json() == []


async def test_a_file_that_cannot_be_read_says_why_and_can_be_read_again(
    client: httpx.AsyncClient, place: Workshop
) -> None:
    view = await read(place, await upload(client, "broken.docx", b"PK\x03\x04 not really"))
    assert view["status"] == "failed"
    assert "damaged" in view["problem"]["reason"] and view["problem"]["remedy"]
    assert (await client.get(f"/api/references/{view['id']}/text")).status_code == 409
    with pytest.raises(ReferenceNotReady):
        await place.house.library.get_many(DEFAULT_PROJECT, [UUID(view["id"])])
    again = await client.post(f"/api/references/{view['id']}/read")
    assert again.status_code == 202 and again.json()["status"] == "converting"
    assert again.json()["run_id"] != view["run_id"]


async def test_search_finds_words_in_their_forms_with_position_and_marks(
    client: httpx.AsyncClient, place: Workshop
) -> None:
    await put(place, "ada.md", ADA, kind="character")
    await put(place, "style.md", "# Style\n\nShort sentences. No adverbs.", kind="style guide")
    found = (await client.get("/api/references/search", params={"q": "ship counting"})).json()
    assert found[0]["passage"]["id"] == "ada.md#3" and found[0]["by_words"]
    marked = [found[0]["snippet"][a:b] for a, b in found[0]["marks"]]
    assert "ships" in marked and "counts" in marked
    text = (await client.get(f"/api/references/{found[0]['reference_id']}/text")).json()["text"]
    assert text[found[0]["snippet_start"] : found[0]["snippet_end"]] == found[0]["snippet"]
    only = await client.get("/api/references/search", params={"q": "short ships", "kind": "style guide"})
    assert {hit["passage"]["source"] for hit in only.json()} == {"style.md"}
    for query in ("'", '"', "& | ! ( ) :* <->", "a:b & c", "-", "\\", "%_"):
        assert (await client.get("/api/references/search", params={"q": query})).status_code == 200, query
    assert (await client.get("/api/references/search", params={"q": "\x00"})).status_code == 422


async def test_search_knows_the_language_of_each_reference(place: Workshop) -> None:
    german = "# Haus\n\nDie Häuser am Hafen sind alt und das Dach ist nicht dicht, aber die Leute sind froh."
    await put(place, "haus.md", german)
    await put(place, "kanji.md", "# 灯台\n\n彼女は灯台を守っている。", language="ja")
    house = place.house.library
    assert [f.passage.id for f in await house.search(DEFAULT_PROJECT, "ein Haus")] == ["haus.md#1"]
    assert [f.passage.id for f in await house.search(DEFAULT_PROJECT, "灯台")] == ["kanji.md#1"]


async def test_what_the_story_tells_later_is_left_out(client: httpx.AsyncClient, place: Workshop) -> None:
    reference_id = await put(place, "ada.md", ADA)
    url = f"/api/references/{reference_id}/passages/2"
    changed = await client.patch(url, json={"from_chapter": 9})
    assert changed.json()["from_chapter"] == 9

    async def ids(chapter: int) -> list[str]:
        params: dict[str, Any] = {"q": "daughter harbour", "up_to_chapter": chapter}
        answer = await client.get("/api/references/search", params=params)
        return [hit["passage"]["id"] for hit in answer.json()]

    assert await ids(8) == [] and await ids(9) == ["ada.md#2"]
    [reference] = await place.house.library.get_many(DEFAULT_PROJECT, [reference_id])
    assert [p.from_chapter for p in split_passages(reference)] == [None, 9, None]
    assert (
        await client.patch(f"/api/references/{reference_id}", json={"from_chapter": 3})
    ).status_code == 200
    assert (await client.patch(url, json={"from_chapter": None})).json()["from_chapter"] == 3
    assert (await client.patch(f"{url}99", json={"from_chapter": 1})).status_code == 404


async def test_references_are_given_as_books_use_them_and_only_to_their_project(place: Workshop) -> None:
    one, two = await put(place, "a.md", "# A\n\nFirst."), await put(place, "b.md", "# B\n\nSecond.")
    given = await place.house.library.get_many(DEFAULT_PROJECT, [two, one, two])
    assert [(r.id, r.name, r.title) for r in given] == [(two, "b.md", "B"), (one, "a.md", "A")]
    assert split_passages(given[0])[0].reference_id == two
    with pytest.raises(ReferenceNotFound):
        await place.house.library.get_many(new_id(), [one])


async def test_a_reference_is_renamed_moved_to_another_kind_and_removed(
    client: httpx.AsyncClient, place: Workshop, database_url: str
) -> None:
    one = await put(place, "a.md", ADA)
    await put(place, "copy.md", ADA)
    changed = await client.patch(f"/api/references/{one}", json={"name": "b.md", "kind": "timeline"})
    assert (changed.json()["name"], changed.json()["kind"]) == ("b.md", "timeline")
    assert (await client.patch(f"/api/references/{one}", json={"name": "copy.md"})).status_code == 409
    assert (await client.patch(f"/api/references/{one}", json={"kind": None})).status_code == 422
    assert (await client.patch(f"/api/references/{one}", json={"colour": 1})).status_code == 422

    def originals() -> int:
        with psycopg.connect(database_url) as connection:
            found = connection.execute("SELECT count(*) FROM reference_originals").fetchone()
            return found[0] if found else -1

    assert originals() == 1
    assert (await client.delete(f"/api/references/{one}")).status_code == 204
    assert (await client.get(f"/api/references/{one}")).status_code == 404
    assert originals() == 1, "the bytes are the other reference's too"
    await place.house.library.forget_project(DEFAULT_PROJECT)
    assert originals() == 0


async def test_what_nobody_queued_can_be_read_later(place: Workshop) -> None:
    library = place.house.library
    added = await library.add(DEFAULT_PROJECT, "a.md", ADA.encode(), queue=False)
    assert added.run_id is None and await place.house.runs.list() == []
    queued = await library.read_again(added.id)
    assert queued.run_id and [run.id for run in await place.house.runs.list()] == [queued.run_id]
    assert (await place.house.intake.convert(added.id)).status == "ready"


async def test_a_changed_language_changes_the_search(place: Workshop) -> None:
    one = await put(place, "a.md", "# A\n\nHäuser.", language="en")
    library = place.house.library
    assert await library.search(DEFAULT_PROJECT, "Haus") == []
    await library.change(one, language="de")
    assert len(await library.search(DEFAULT_PROJECT, "Haus")) == 1


async def test_what_was_written_with_a_passage_is_listed(client: httpx.AsyncClient, place: Workshop) -> None:
    one = await put(place, "a.md", ADA)
    note = place.house.library.note_uses
    for _ in range(2):
        await note(
            DEFAULT_PROJECT, [(one, 2), (new_id(), 1)], feature="book", item_id="b1", place="chapter 3"
        )
    await note(new_id(), [(one, 1)], feature="book", item_id="b2")
    uses = (await client.get(f"/api/references/{one}/uses")).json()
    assert [(u["passage"], u["item_id"], u["place"]) for u in uses] == [(2, "b1", "chapter 3")]


async def test_an_epub_and_its_pages_of_text_are_read(client: httpx.AsyncClient, place: Workshop) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        container = '<container><rootfiles><rootfile full-path="O/p.opf"/></rootfiles></container>'
        book.writestr("META-INF/container.xml", container)
        book.writestr(
            "O/p.opf",
            '<package><manifest><item id="b" href="t/2.xhtml" media-type="application/xhtml+xml"/>'
            '<item id="a" href="t/1.xhtml" media-type="application/xhtml+xml"/></manifest>'
            '<spine><itemref idref="a"/><itemref idref="b"/></spine></package>',
        )
        book.writestr("O/t/1.xhtml", "<html><body><h1>One</h1><p>The first text of it.</p></body></html>")
        book.writestr("O/t/2.xhtml", "<html><body><h2>Two</h2><p>The second text of it.</p></body></html>")
    view = await read(place, await upload(client, "book.epub", packed.getvalue()))
    assert (view["status"], view["title"], view["passages"]) == ("ready", "One", 2)
    text = await place.house.library.text(UUID(view["id"]))
    assert text.index("first") < text.index("## Two") < text.index("second")
