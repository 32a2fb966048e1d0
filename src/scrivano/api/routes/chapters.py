"""Chapters of a book: read, edit, write anew, compare, and see where a paragraph comes from."""

from contextlib import suppress
from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from scrivano.accounts.public import Caller
from scrivano.api.access import PROJECT, CurrentCaller
from scrivano.api.dependencies import Limit, Offset, Services
from scrivano.api.idempotency import Once
from scrivano.api.routes.books import Ceiling, Model
from scrivano.api.routes.documents import ETAGGED, Restore, TextEdit, author_of
from scrivano.api.values import MOST, IfMatch, Line, Number, Paragraphs, etag, expected
from scrivano.books.public import ChapterInfo, ChapterView, Lineage
from scrivano.documents.public import Diff, DiffUnit, ProposalInfo, ProposalStatus, VersionInfo, VersionView
from scrivano.runs.public import RunView
from scrivano.training.public import NoConsent, NothingToLearn
from scrivano.wiring import House

router = APIRouter(prefix="/api/books/{book_id}/chapters", tags=["chapters"], dependencies=PROJECT)


class ChapterEdit(TextEdit):
    """A chapter as a person changed it, with another title if one is given."""

    title: Annotated[Line | None, Field(default=None, min_length=1)] = None


class Rewrite(BaseModel):
    """How a chapter is to be written anew."""

    model_config = {"json_schema_extra": {"examples": [{"instructions": "Shorter, with one example."}]}}

    instructions: Paragraphs = ""
    model: Model = None
    max_cost: Ceiling = None


@router.get("")
async def list_chapters(house: Services, book_id: UUID) -> list[ChapterInfo]:
    """The chapters written so far, in reading order, without their texts."""
    return await house.books.chapter_list(book_id)


@router.get("/{number}", responses=ETAGGED)
async def get_chapter(house: Services, response: Response, book_id: UUID, number: Number) -> ChapterView:
    """One chapter. Its ETag goes into If-Match when it is saved."""
    chapter = await house.books.editing.chapter(book_id, number)
    response.headers["ETag"] = etag(chapter.version)
    return chapter


@router.put("/{number}", responses=ETAGGED)
async def save_chapter(
    house: Services,
    caller: CurrentCaller,
    response: Response,
    book_id: UUID,
    number: Number,
    edit: ChapterEdit,
    if_match: IfMatch = None,
) -> ChapterView:
    """Save a chapter on top of the version that was read; 409 with both numbers where there is a newer one.

    Where the project agreed to learn from edits, what was corrected in a run's text becomes a training sample.
    """
    newest = (await house.books.editing.chapter(book_id, number)).version
    chapter = await house.books.editing.edit(
        book_id,
        number,
        edit.text,
        expected_number=expected(if_match, edit.expected_number, newest),
        title=edit.title,
        note=edit.note,
        author=author_of(caller),
    )
    await learn(house, caller, book_id, chapter.document_id)
    response.headers["ETag"] = etag(chapter.version)
    return chapter


async def learn(house: House, caller: Caller, book_id: UUID, document_id: UUID) -> None:
    """Make a training sample of what a person corrected in a run's text, where the project agreed to it."""
    book = await house.books.get(book_id)
    with suppress(NoConsent, NothingToLearn):
        await house.training.from_edit(
            book.project_id,
            document_id,
            domain=book.brief.domain or "",
            niche=book.brief.niche or "",
            language=book.brief.language,
            user_id=caller.person_id,
        )


@router.post("/{number}/regenerate", status_code=202, response_model=RunView)
async def regenerate_chapter(
    house: Services, caller: CurrentCaller, book_id: UUID, number: Number, wanted: Rewrite, once: Once
) -> Any:
    """Write a chapter anew, as a run. Where a person edited it, the new text becomes a proposal beside theirs."""

    async def work(token: UUID) -> RunView:
        run_id = await house.books.rewrite(
            book_id,
            number,
            instructions=wanted.instructions,
            model=wanted.model,
            max_cost=wanted.max_cost,
            run_id=str(uuid5(token, "rewrite")),
            user_id=caller.person_id,
        )
        return await house.runs.get(run_id)

    return await once(work)


@router.get("/{number}/versions")
async def list_versions(
    house: Services, book_id: UUID, number: Number, limit: Limit = 50, offset: Offset = 0
) -> list[VersionInfo]:
    """Every version without its text, newest first."""
    return await house.books.editing.versions(book_id, number, limit=limit, offset=offset)


@router.get("/{number}/versions/{version}")
async def get_version(house: Services, book_id: UUID, number: Number, version: Number) -> VersionView:
    """One version with its text, and the requests and sources behind it."""
    return await house.books.editing.version(book_id, number, version)


@router.get("/{number}/diff")
async def compare_versions(
    house: Services,
    book_id: UUID,
    number: Number,
    old: Annotated[int, Query(ge=1, le=MOST)],
    new: Annotated[int, Query(ge=1, le=MOST)],
    unit: DiffUnit = "lines",
) -> Diff:
    """What changed between two versions, by lines or by words."""
    return await house.books.editing.diff(book_id, number, old, new, unit=unit)


@router.post("/{number}/restore")
async def restore_version(
    house: Services,
    caller: CurrentCaller,
    book_id: UUID,
    number: Number,
    wanted: Restore,
    if_match: IfMatch = None,
) -> ChapterView:
    """Save the text of an older version as the newest; what came between stays."""
    newest = (await house.books.editing.chapter(book_id, number)).version
    return await house.books.editing.restore(
        book_id,
        number,
        wanted.number,
        expected_number=expected(if_match, wanted.expected_number, newest),
        author=author_of(caller),
    )


@router.get("/{number}/proposals")
async def list_proposals(
    house: Services,
    book_id: UUID,
    number: Number,
    status: ProposalStatus | None = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> list[ProposalInfo]:
    """Texts beside the chapter's newest version. They are decided at `/api/documents/{document_id}/proposals`."""
    place = await house.books.editing.place(book_id, number)
    return await house.documents.proposals.list(place.document_id, status=status, limit=limit, offset=offset)


@router.get("/{number}/lineage")
async def get_lineage(
    house: Services,
    book_id: UUID,
    number: Number,
    offset: Annotated[int, Query(ge=0, le=MOST, description="A character of the paragraph, from 0.")],
    version: Annotated[int | None, Query(ge=1, le=MOST)] = None,
) -> Lineage:
    """Which request, prompt version and source passage stand behind the paragraph at a place of the text."""
    return await house.books.editing.lineage(book_id, number, offset, version=version)
