"""Covers: drawn, painted, brought, lettered, chosen; the files show the chosen one, the wrap fits the pages."""

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from pypdf import PdfReader

from scrivano.api.app import make_app
from scrivano.books.covers.drawing import count_pages, spine_inches
from scrivano.books.importing import ImportedBook, ImportedChapter
from scrivano.books.public import BookView
from scrivano.llm.public import ModelChange
from scrivano.runs.public import raise_for_failure
from scrivano.worker import pipelines, worker
from tests.workshop import Workshop, open_workshop


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def client(place: Workshop) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(make_app(None, house=place.house))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as opened:
        yield opened


@pytest.fixture
async def book(place: Workshop) -> BookView:
    chapters = [ImportedChapter(title=f"Part {n}", text="Rain fell on the yard. " * 400) for n in (1, 2)]
    made = await place.house.books.bring_in(
        ImportedBook(title="The Yard", chapters=chapters), author="R. Amsel"
    )
    await carried_out(place, made.run_id)
    return made


async def carried_out(place: Workshop, run_id: str) -> Any:
    own = worker(place.house)
    await own.launch(pipelines(place.house))
    try:
        run = await place.house.runs.wait(run_id)
    finally:
        await own.stop()
    raise_for_failure(run)
    return run.output


def picture(kind: str = "PNG", size: tuple[int, int] = (800, 1200)) -> bytes:
    target = io.BytesIO()
    image = Image.new("RGB", size, (40, 90, 160))
    details = {"exif": Image.Exif()} if kind == "JPEG" else {}
    if kind == "JPEG":
        details["exif"][0x010E] = "secret place"
    image.save(target, kind, **details)
    return target.getvalue()


async def test_a_picture_is_brought_lettered_chosen_and_bound(
    client: httpx.AsyncClient, place: Workshop, book: BookView
) -> None:
    home = f"/api/books/{book.id}"
    upload = {"file": ("mine.jpg", picture("JPEG"), "image/jpeg")}
    brought = await client.post(f"{home}/covers/uploaded", files=upload)
    assert brought.status_code == 201, brought.text
    cover = brought.json()
    front = (await client.get(f"{home}/covers/{cover['id']}/front.png")).content
    shown = Image.open(io.BytesIO(front))
    assert shown.size == (1600, 2560)
    pixel = shown.convert("RGB").getpixel((800, 300))
    assert isinstance(pixel, tuple) and all(
        abs(a - b) <= 3 for a, b in zip(pixel, (40, 90, 160), strict=True)
    )
    assert b"secret place" not in front

    words = {"title": "Another Yard", "author": "B. Fink", "show": True}
    await client.put(f"{home}/covers/{cover['id']}/lettering", json=words)
    with_words = (await client.get(f"{home}/covers/{cover['id']}/front.png")).content
    assert with_words != front
    chosen = await client.post(f"{home}/covers/{cover['id']}/choose")
    assert chosen.json()["chosen"] is True
    assert (await client.delete(f"{home}/covers/{cover['id']}")).status_code == 409
    await carried_out(place, (await client.post(f"{home}/files")).json()["id"])
    assert (await client.get(f"{home}/files/cover.png")).content == with_words
    pdf = PdfReader(io.BytesIO((await client.get(f"{home}/files/cover.pdf")).content))
    assert "Another Yard" in " ".join(pdf.pages[0].extract_text().split())


async def test_styles_are_drawn_and_the_wrap_fits_the_pages(
    client: httpx.AsyncClient, place: Workshop, book: BookView
) -> None:
    home = f"/api/books/{book.id}"
    for style in ("futuristic", "elegant"):
        drawn = await client.post(f"{home}/covers/drawn", json={"style": style})
        assert drawn.status_code == 201, drawn.text
    covers = (await client.get(f"{home}/covers")).json()
    assert [(c["kind"], c["style"], c["cost_usd"]) for c in covers] == [
        ("drawn", "futuristic", "0"),
        ("drawn", "elegant", "0"),
    ]
    assert (await client.delete(f"{home}/covers/{covers[0]['id']}")).status_code == 204
    _, interior = await place.house.books.file(book.id, "book.pdf")
    pages = len(PdfReader(io.BytesIO(interior)).pages)
    assert count_pages(interior) == pages
    wrap = await client.get(f"{home}/print-cover.pdf")
    sheet = PdfReader(io.BytesIO(wrap.content)).pages[0].mediabox
    spine = max(0.05, spine_inches(pages))
    assert float(sheet.width) == pytest.approx((2 * 6 + spine + 0.25) * 72, abs=0.1)
    assert float(sheet.height) == pytest.approx(9.25 * 72, abs=0.1)


async def test_candidates_are_painted_priced_and_logged(
    client: httpx.AsyncClient, place: Workshop, book: BookView
) -> None:
    home = f"/api/books/{book.id}"
    assert (await client.get(f"{home}/covers/price")).json()["model"] is None
    nobody = await client.post(f"{home}/covers/painted", json={"count": 1})
    assert (nobody.status_code, nobody.json()["detail"]) == (409, "No model that makes images is in reach.")
    assert await place.house.runs.list(project_id=book.project_id, limit=100) == [
        r for r in await place.house.runs.list(project_id=book.project_id) if r.pipeline != "paint_covers"
    ]
    await place.house.llm.registry.discover()
    models = await place.house.llm.registry.models()
    await place.house.llm.registry.change_model(
        models[0].id, ModelChange(capabilities=frozenset({"chat", "images"}), output_mtok=40)
    )
    price = (await client.get(f"{home}/covers/price", params={"count": 2})).json()
    assert (price["model"], float(price["high_usd"])) == ("scripted", pytest.approx(1.6))
    run = (await client.post(f"{home}/covers/painted", json={"count": 2, "wishes": "a bench"})).json()
    output = await carried_out(place, run["id"])
    covers = (await client.get(f"{home}/covers")).json()
    assert [c["id"] for c in covers] == output["covers"]
    requests = await place.house.llm.run_requests(run["id"])
    assert {str(r.id) for r in requests} == {c["request_id"] for c in covers}
    assert {r.prompt_name for r in requests} == {"cover_picture"}
    assert sum(float(c["cost_usd"]) for c in covers) <= float(price["high_usd"])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no picture",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
        picture(size=(200, 300)),
        b"GIF89a" + b"\xff" * 9,
    ],
)
async def test_what_is_no_cover_is_refused(
    client: httpx.AsyncClient, place: Workshop, content: bytes
) -> None:
    made = await place.house.books.bring_in(
        ImportedBook(title="The Yard", chapters=[ImportedChapter(title="One", text="Rain.")])
    )
    upload = {"file": ("mine.png", content, "image/png")}
    answer = await client.post(f"/api/books/{made.id}/covers/uploaded", files=upload)
    assert answer.status_code == 422, answer.text
    assert (await client.get(f"/api/books/{made.id}/print-cover.pdf")).status_code == 409
