"""Use-cases of covers: draw, bring, letter, choose, price, have painted."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid5

from scrivano.books import repo
from scrivano.books.covers.drawing import clean_picture, count_pages, draw_front, draw_wrap, lettered
from scrivano.books.covers.dto import CoverPrice, CoverView, Lettering, PaintOrder
from scrivano.books.dto import BookOutline, Brief, CoverStyle
from scrivano.books.files import CoverDesign, Manuscript
from scrivano.books.models import BookCoverRow, BookRow
from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.errors import Conflict, InvalidInput, NotFound
from scrivano.core.ids import new_id
from scrivano.llm.public import LLMService
from scrivano.runs.public import Runs

# Tokens that the dearest picture is taken to cost where it is paid by tokens; the service reserves as many.
_LARGEST_PICTURE = 20_000
_PROMPT = 2_000


class Covers:
    """The covers of stored books. Methods raise NotFound for a book or cover that is not there."""

    def __init__(
        self, database: Database, runs: Runs, llm: LLMService, font_dirs: Sequence[Path] = ()
    ) -> None:
        self._database = database
        self._runs = runs
        self._llm = llm
        self._font_dirs = font_dirs

    async def list(self, book_id: UUID) -> list[CoverView]:
        """The covers to choose from, oldest first."""
        await self._book(book_id)
        async with self._database.read() as session:
            return [_view(row) for row in await repo.list_covers(session, book_id)]

    async def project_of(self, cover_id: UUID) -> UUID | None:
        """The project whose book a cover is for; None where there is no such cover."""
        async with self._database.read() as session:
            return await repo.cover_project(session, cover_id)

    async def front(self, book_id: UUID, cover_id: UUID) -> bytes:
        """The finished front as PNG of 1600 × 2560 pixels."""
        return (await self._cover(book_id, cover_id)).front

    async def draw(
        self, book_id: UUID, style: CoverStyle, lettering: Lettering, *, cover_id: UUID | None = None
    ) -> CoverView:
        """A typographic cover in a style, drawn here. Raises MissingCharacters for words that no font can show."""
        book = await self._book(book_id)
        return await self._add(book, "drawn", style, lettering, None, cover_id=cover_id)

    async def bring(
        self, book_id: UUID, picture: bytes, lettering: Lettering, *, cover_id: UUID | None = None
    ) -> CoverView:
        """A cover with the author's own picture, kept as its pixels alone.

        Raises UnusableImage or InvalidInput for what cannot be a cover.
        """
        book = await self._book(book_id)
        art = await asyncio.to_thread(clean_picture, picture, front_matter(book))
        return await self._add(book, "upload", _style(book), lettering, art, cover_id=cover_id)

    async def keep_painted(
        self, book_id: UUID, picture: bytes, *, cover_id: UUID, request_id: UUID, model: str, cost: Decimal
    ) -> CoverView:
        """A candidate that a model painted. A second call with one `cover_id` changes nothing."""
        book = await self._book(book_id)
        # It is paid for: however small it is, the author decides.
        art = await asyncio.to_thread(clean_picture, picture, front_matter(book), smallest=1)
        return await self._add(
            book,
            "model",
            _style(book),
            Lettering(),
            art,
            cover_id=cover_id,
            request_id=request_id,
            model=model,
            cost=cost,
        )

    async def letter(self, book_id: UUID, cover_id: UUID, lettering: Lettering) -> CoverView:
        """The same cover with other words."""
        book, row = await self._book(book_id), await self._cover(book_id, cover_id)
        shown = lettered(front_matter(book), lettering, row.style)
        cover = await asyncio.to_thread(draw_front, shown, row.art, lettering.show, self._font_dirs)
        async with self._database.begin() as session:
            kept = await repo.get_cover(session, book_id, cover_id)
            if kept is None:
                raise NotFound(f"The book has no cover {cover_id}.")
            kept.lettering, kept.front = lettering.model_dump(mode="json"), cover.png
            return _view(kept)

    async def choose(self, book_id: UUID, cover_id: UUID) -> CoverView:
        """Make it the book's cover: the files show it once they are made again."""
        await self._cover(book_id, cover_id)
        async with self._database.begin() as session:
            await repo.choose_cover(session, book_id, cover_id)
        return _view(await self._cover(book_id, cover_id))

    async def remove(self, book_id: UUID, cover_id: UUID) -> None:
        """Remove a cover. Raises Conflict for the chosen one."""
        if (await self._cover(book_id, cover_id)).chosen:
            raise Conflict("This is the book's cover.", remedy="Choose another one first.")
        async with self._database.begin() as session:
            await repo.delete_cover(session, cover_id)

    async def price(self, count: int = 1) -> CoverPrice:
        """What so many pictures cost at most, from whom would be asked first."""
        able = [m for m in await self._llm.reachable_models() if "images" in m.capabilities]
        if not able:
            return CoverPrice(model=None, count=count, high_usd=Decimal(0), prices_known=True)
        model = able[0]
        output = max(model.output_mtok, model.image_output_mtok or Decimal(0))
        each = (_LARGEST_PICTURE * output + _PROMPT * model.input_mtok) / 1_000_000
        return CoverPrice(
            model=model.name, count=count, high_usd=each * count, prices_known=model.prices_known
        )

    async def paint(
        self, order: PaintOrder, *, run_id: str | None = None, user_id: UUID | None = None
    ) -> str:
        """Start the run in which a model paints candidates; returns its id. Raises Conflict where none can."""
        book = await self._book(order.book_id)
        if order.model is None and (await self.price()).model is None:
            raise Conflict(
                "No model that makes images is in reach.",
                field="model",
                remedy="Draw a cover in one of the six styles, bring a picture of your own, or add a model with "
                "`scrivano models add`.",
            )
        if order.max_cost is not None and not 0 <= order.max_cost < 1_000_000:
            raise InvalidInput("This can be no ceiling.", field="max_cost", remedy="Give US dollars.")
        known_as = run_id or str(new_id())
        async with self._database.begin() as session:
            await repo.add_run(session, book.id, known_as, "cover")
        return await self._runs.start(
            "paint_covers", order, run_id=known_as, project_id=book.project_id, user_id=user_id
        )

    async def wrap(self, book_id: UUID) -> bytes:
        """The print cover as PDF: back, spine by the number of pages, front. Raises Conflict before there are files."""
        book = await self._book(book_id)
        async with self._database.read() as session:
            pdf = await repo.get_file(session, book_id, "book.pdf")
            front = await repo.get_file(session, book_id, "cover.pdf")
        if pdf is None or front is None:
            raise Conflict("The book has no files yet.", remedy="Let its run end first.")
        outline = BookOutline.model_validate(book.outline) if book.outline else None
        blurb = outline.summary if outline else ""
        pages = await asyncio.to_thread(count_pages, pdf.content)
        return await asyncio.to_thread(
            draw_wrap, front_matter(book), front.content, pages, blurb, self._font_dirs
        )

    async def _add(
        self,
        book: BookRow,
        kind: str,
        style: CoverStyle,
        lettering: Lettering,
        art: bytes | None,
        *,
        cover_id: UUID | None,
        request_id: UUID | None = None,
        model: str | None = None,
        cost: Decimal = Decimal(0),
    ) -> CoverView:
        shown = lettered(front_matter(book), lettering, style)
        cover = await asyncio.to_thread(draw_front, shown, art, lettering.show, self._font_dirs)
        row = BookCoverRow(
            id=cover_id or new_id(),
            book_id=book.id,
            kind=kind,
            style=style,
            lettering=lettering.model_dump(mode="json"),
            art=art,
            front=cover.png,
            request_id=request_id,
            model=model,
            cost=cost,
            chosen=False,
            created_at=clock.now(),
        )
        async with self._database.begin() as session:
            await repo.add_cover(session, row)
        return _view(await self._cover(book.id, row.id))

    async def _book(self, book_id: UUID) -> BookRow:
        async with self._database.read() as session:
            row = await repo.get_book(session, book_id)
        if row is None:
            raise NotFound(f"There is no book {book_id}.", remedy="See: scrivano book list")
        return row

    async def _cover(self, book_id: UUID, cover_id: UUID) -> BookCoverRow:
        async with self._database.read() as session:
            row = await repo.get_cover(session, book_id, cover_id)
        if row is None:
            raise NotFound(f"The book {book_id} has no cover {cover_id}.")
        return row


def front_matter(book: BookRow) -> Manuscript:
    """A book's title, author and size, without its chapters."""
    brief = Brief.model_validate(book.brief)
    outline = BookOutline.model_validate(book.outline) if book.outline else None
    return Manuscript(
        title=outline.title if outline else book.title,
        subtitle=outline.subtitle if outline else brief.subtitle or "",
        author=brief.author,
        language=brief.language,
        date=brief.date or book.created_at.date(),
        trim=brief.trim,
        chapters=[],
        cover=CoverDesign(style=brief.cover_style),
        identifier=f"urn:uuid:{uuid5(book.id, 'cover')}",
    )


def _style(book: BookRow) -> CoverStyle:
    return Brief.model_validate(book.brief).cover_style


def _view(row: BookCoverRow) -> CoverView:
    return CoverView.model_validate(
        {
            "id": row.id,
            "kind": row.kind,
            "style": row.style,
            "lettering": row.lettering,
            "chosen": row.chosen,
            "model": row.model,
            "request_id": row.request_id,
            "cost_usd": row.cost,
            "created_at": row.created_at,
        }
    )
