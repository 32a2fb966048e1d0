"""Covers of a book: see, draw, have painted, bring one's own, letter, choose; and the print cover."""

from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import APIRouter, File, Form, Query, Response, UploadFile
from pydantic import BaseModel, Field

from scrivano.api.access import PROJECT, CurrentCaller
from scrivano.api.dependencies import Services
from scrivano.api.idempotency import Once
from scrivano.api.routes.books import Ceiling
from scrivano.api.values import Line, Paragraphs
from scrivano.books.public import CoverPrice, CoverStyle, CoverView, Lettering, PaintOrder
from scrivano.runs.public import RunView

router = APIRouter(prefix="/api/books/{book_id}", tags=["covers"], dependencies=PROJECT)

MOST_CANDIDATES = 6
MOST_BYTES = 20_000_000
_PNG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/png": {}}, "description": "The picture."}}
_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {}}, "description": "The print cover."}
}


class DrawnCover(BaseModel):
    """A typographic cover to draw."""

    style: CoverStyle
    lettering: Lettering = Lettering()


class PaintedCovers(BaseModel):
    """Pictures to have painted by a model, one by default."""

    model_config = {"json_schema_extra": {"examples": [{"count": 2, "wishes": "A bench in morning light."}]}}

    count: int = Field(default=1, ge=1, le=MOST_CANDIDATES)
    wishes: Paragraphs = Field(default="", description="What the picture should show.")
    model: Line | None = None
    max_cost: Ceiling = None


@router.get("/covers")
async def list_covers(house: Services, book_id: UUID) -> list[CoverView]:
    """The covers to choose from, oldest first."""
    return await house.covers.list(book_id)


@router.get("/covers/price")
async def price_covers(
    house: Services, book_id: UUID, count: Annotated[int, Query(ge=1, le=MOST_CANDIDATES)] = 1
) -> CoverPrice:
    """What having pictures painted costs at most. Nothing is asked of a model."""
    await house.covers.list(book_id)
    return await house.covers.price(count)


@router.post("/covers/drawn", status_code=201)
async def draw_cover(house: Services, book_id: UUID, wanted: DrawnCover) -> CoverView:
    """Draw a typographic cover in one of the six styles; no model takes part."""
    return await house.covers.draw(book_id, wanted.style, wanted.lettering)


@router.post("/covers/painted", status_code=202, response_model=RunView)
async def paint_covers(
    house: Services, caller: CurrentCaller, book_id: UUID, wanted: PaintedCovers, once: Once
) -> Any:
    """Have a model paint candidates, as a run; they are among the covers once they are done."""

    async def work(token: UUID) -> RunView:
        order = PaintOrder(book_id=book_id, **wanted.model_dump())
        run = await house.covers.paint(order, run_id=str(uuid5(token, "cover")), user_id=caller.person_id)
        return await house.runs.get(run)

    return await once(work)


@router.post("/covers/uploaded", status_code=201)
async def upload_cover(
    house: Services,
    book_id: UUID,
    file: Annotated[UploadFile, File(description="PNG, JPEG, WebP or SVG, up to 20 MB.")],
    show_words: Annotated[bool, Form(description="Set title and author upon the picture.")] = False,
) -> CoverView:
    """Bring a picture of one's own. It is checked and kept as its pixels alone."""
    picture = await file.read(MOST_BYTES + 1)
    return await house.covers.bring(book_id, picture, Lettering(show=show_words))


@router.get("/covers/{cover_id}/front.png", response_class=Response, responses=_PNG)
async def get_front(house: Services, book_id: UUID, cover_id: UUID) -> Any:
    """The finished front: 1600 × 2560 pixels."""
    return Response(await house.covers.front(book_id, cover_id), media_type="image/png")


@router.put("/covers/{cover_id}/lettering")
async def letter_cover(house: Services, book_id: UUID, cover_id: UUID, lettering: Lettering) -> CoverView:
    """Put other words on a cover; what is left out is the book's own."""
    return await house.covers.letter(book_id, cover_id, lettering)


@router.post("/covers/{cover_id}/choose")
async def choose_cover(house: Services, book_id: UUID, cover_id: UUID) -> CoverView:
    """Make it the book's cover. The files show it once they are made again."""
    return await house.covers.choose(book_id, cover_id)


@router.delete("/covers/{cover_id}", status_code=204)
async def delete_cover(house: Services, book_id: UUID, cover_id: UUID) -> None:
    """Remove a cover that is not the chosen one."""
    await house.covers.remove(book_id, cover_id)


@router.get("/print-cover.pdf", response_class=Response, responses=_PDF)
async def get_print_cover(house: Services, book_id: UUID) -> Any:
    """The cover of the paperback on one sheet: back, spine by the number of pages, front, and bleed."""
    return Response(await house.covers.wrap(book_id), media_type="application/pdf")
