"""What the writer of a chapter was shown."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from scrivano.api.access import PROJECT
from scrivano.api.dependencies import Services
from scrivano.books.context.public import ChapterContext, ContextTaken

router = APIRouter(prefix="/api/books", tags=["books"], dependencies=PROJECT)

_LARGEST = 2_147_483_647
Number = Annotated[int, Path(ge=1, le=_LARGEST, description="The chapter, from 1.", examples=[3])]


@router.get("/{book_id}/chapters/{number}/contexts")
async def list_contexts(house: Services, book_id: UUID, number: Number) -> list[ContextTaken]:
    """Which of a chapter's prompts there is an account of: the newest of each, and the newest first.

    Empty where no model was asked for the chapter."""
    await house.books.get(book_id)
    return await house.contexts.taken(book_id, number)


@router.get("/{book_id}/chapters/{number}/context")
async def get_context(
    house: Services,
    book_id: UUID,
    number: Number,
    prompt: Annotated[
        str,
        Query(
            pattern="^[a-z][a-z0-9_]{0,60}$",
            description="Whose material: `write_chapter`, `rewrite_chapter`, or `continue_chapter` with its round.",
        ),
    ] = "write_chapter",
    round_: Annotated[
        int,
        Query(alias="round", ge=0, le=1000, description="Which continuation, from 1; 0 for a first draft."),
    ] = 0,
    run_id: Annotated[
        str | None, Query(pattern="^[0-9A-Za-z:-]{1,100}$", description="Of this run; else the newest.")
    ] = None,
) -> ChapterContext:
    """What went into the prompt of a chapter, what stayed out, and why.

    Each piece has its tokens and what its score is made of. 404 where no model was asked for this chapter.
    """
    await house.books.get(book_id)
    return await house.contexts.of(book_id, number, run_id=run_id, prompt=prompt, round_=round_)
