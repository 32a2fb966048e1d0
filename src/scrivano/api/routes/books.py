"""Books."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from scrivano.api.access import PROJECT
from scrivano.api.dependencies import Limit, Offset, Services
from scrivano.books.public import BookView, Brief, ChapterView, FileView

router = APIRouter(prefix="/api/books", tags=["books"], dependencies=PROJECT)


class BookRequest(BaseModel):
    """A brief, and how it may be carried out. References are files and so come with the command line."""

    brief: Brief
    model: str | None = Field(default=None, description="One model by name, or `built-in writer`.")
    max_cost: float | None = Field(default=None, ge=0, description="Ceiling in US dollars.")


@router.post("", status_code=202)
async def order_book(house: Services, order: BookRequest) -> BookView:
    """Start writing a book. Follow its run at `/api/runs/{run_id}/events`."""
    return await house.books.order(order.brief, model=order.model, max_cost=order.max_cost)


@router.get("")
async def list_books(house: Services, limit: Limit = 50, offset: Offset = 0) -> list[BookView]:
    """Books, newest first."""
    return await house.books.list(limit=limit, offset=offset)


@router.get("/{book_id}")
async def get_book(house: Services, book_id: UUID) -> BookView:
    """One book with its outline and, once finished, the account of how it was made."""
    return await house.books.get(book_id)


@router.get("/{book_id}/chapters")
async def list_chapters(house: Services, book_id: UUID) -> list[ChapterView]:
    """The chapters written so far."""
    return await house.books.chapters(book_id)


@router.get("/{book_id}/files")
async def list_files(house: Services, book_id: UUID) -> list[FileView]:
    """The finished files."""
    return await house.books.files(book_id)


@router.get(
    "/{book_id}/files/{name}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "The file."}},
)
async def get_file(house: Services, book_id: UUID, name: Annotated[str, Path(max_length=100)]) -> Any:
    """The bytes of one file. The ETag is their SHA-256."""
    view, content = await house.books.file(book_id, name)
    headers = {"ETag": f'"{view.sha256}"', "Content-Disposition": f'attachment; filename="{view.name}"'}
    return Response(content, media_type=view.media_type, headers=headers)
