"""Books: ordering, following, taking the files."""

import asyncio
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator

from scrivano.api.access import PROJECT, CurrentCaller, require
from scrivano.api.dependencies import Limit, Offset, Services
from scrivano.api.idempotency import Once
from scrivano.api.values import MOST, JsonObject, Line, json_without_nul
from scrivano.books.public import (
    LANGUAGE,
    WIDTHS,
    BookOutline,
    BookRunView,
    BookSort,
    BookView,
    Brief,
    Choices,
    Estimate,
    FileView,
    ImportedBook,
    ProofEstimate,
    choices,
    manuscript_of,
    page_count,
    page_picture,
)
from scrivano.core.errors import Conflict, InvalidInput, NotFound
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.references.public import MAX_BYTES, read_references, too_large
from scrivano.runs.public import RunView
from scrivano.wiring import House

router = APIRouter(prefix="/api/books", tags=["books"], dependencies=PROJECT)

FileName = Annotated[str, InPath(max_length=100, pattern=r"^[^\x00]+$")]
Ceiling = Annotated[
    float | None,
    Field(default=None, ge=0, lt=1_000_000, description="Ceiling in US dollars; the run stops before it."),
]
Model = Annotated[
    Line | None,
    Field(default=None, description="One model by name, or `built-in writer`; else what is in reach."),
]
SUFFIXES = (".docx", ".epub", ".html", ".htm", ".md", ".markdown", ".txt")
_EXAMPLE: dict[str, JsonValue] = {
    "domain": "ai_automation",
    "niche": "no_code_ai_tools",
    "audience": "business owners",
    "tone": "clear and practical",
    "words": 12_000,
    "cover_style": "minimalist",
    "max_cost": 0.5,
}


class BookRequest(BaseModel):
    """A brief, and how it may be carried out."""

    model_config = {
        "json_schema_extra": {"examples": [{"brief": {"subject": "growing apples", "words": 6000}}]}
    }

    brief: Brief
    project_id: UUID = DEFAULT_PROJECT
    reference_ids: list[UUID] = Field(
        default_factory=list[UUID],
        max_length=200,
        description="Reference files of the project to write from.",
    )
    model: Model = None
    max_cost: Ceiling = None


class ProofRequest(BaseModel):
    """What is to be read for contradictions: one chapter, or the whole book."""

    model_config = {"json_schema_extra": {"examples": [{"number": 3, "max_cost": 0.1}]}}

    number: int | None = Field(
        default=None, ge=1, le=MOST, description="The chapter; all where it is left out."
    )
    model: Model = None
    max_cost: Ceiling = None


class GuidedRequest(Brief):
    """What the guided path asks for, step by step: domain and niche, style, cover, and how it may be carried out.

    Domain and niche may be left out: a `subject` is enough, or a `premise` with `kind` `fiction`.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    project_id: UUID = DEFAULT_PROJECT
    reference_ids: list[UUID] = Field(default_factory=list[UUID], max_length=200)
    model: Model = None
    max_cost: Ceiling = None

    def brief(self) -> Brief:
        """The brief alone. Files of the server's own disk are not for callers to name."""
        own = set(Brief.model_fields) - {"references"}
        return Brief.model_validate(self.model_dump(include=own))


class BookNames(BaseModel):
    """What a book is called, and whose it is. What is left out stays."""

    model_config = {"json_schema_extra": {"examples": [{"title": "The Keeper", "author": "A. Writer"}]}}

    title: Annotated[Line, Field(min_length=1)] | None = None
    author: Line | None = None

    @field_validator("title")
    @classmethod
    def _says_something(cls, title: str | None) -> str | None:
        if title is not None and not title.strip():
            raise ValueError("a title has at least one letter")
        return title.strip() if title is not None else None


class OutlineAnswer(BaseModel):
    """A person's answer to the outline; `outline` if they changed it."""

    approved: bool = True
    outline: BookOutline | None = None

    @field_validator("outline")
    @classmethod
    def _is_text(cls, outline: BookOutline | None) -> BookOutline | None:
        if outline is not None:
            json_without_nul(outline.model_dump(mode="json"))
        return outline


@router.get("/choices")
async def list_choices() -> Choices:
    """Audiences, tones, lengths, languages, cover styles and trim sizes to choose from."""
    return choices()


@router.post("/estimate")
async def estimate_book(house: Services, caller: CurrentCaller, order: GuidedRequest) -> Estimate:
    """What the book will take: calls, tokens, minutes and cost, as bounds. Nothing is asked of a model."""
    await require(house, caller, order.project_id, "viewer")
    return await house.estimating.estimate(order.brief(), model=order.model, max_cost=order.max_cost)


@router.post("/create-guided", status_code=202, response_model=BookView)
async def create_guided(house: Services, caller: CurrentCaller, order: GuidedRequest, once: Once) -> Any:
    """Start writing a book. Follow its run at `/api/runs/{run_id}/events`."""
    plain = BookRequest(
        brief=order.brief(),
        project_id=order.project_id,
        reference_ids=order.reference_ids,
        model=order.model,
        max_cost=order.max_cost,
    )
    return await order_book(house, caller, plain, once)


@router.post("", status_code=202, response_model=BookView)
async def order_book(house: Services, caller: CurrentCaller, order: BookRequest, once: Once) -> Any:
    """Start writing the book of a whole brief. Follow its run at `/api/runs/{run_id}/events`."""
    await require(house, caller, order.project_id, "editor")
    await house.projects.get(order.project_id, caller)

    async def work(token: UUID) -> BookView:
        references = await house.library.get_many(order.project_id, order.reference_ids)
        return await house.books.order(
            order.brief,
            references,
            model=order.model,
            max_cost=order.max_cost,
            project_id=order.project_id,
            user_id=caller.person_id,
            book_id=token,
        )

    return await once(work)


@router.post("/import", status_code=201, response_model=BookView)
async def import_manuscript(
    house: Services,
    caller: CurrentCaller,
    once: Once,
    file: Annotated[UploadFile, File(description="DOCX, EPUB, HTML or Markdown, up to 50 MB.")],
    project_id: Annotated[UUID, Form()] = DEFAULT_PROJECT,
    title: Annotated[Line, Form(description="Without one: that of the manuscript.")] = "",
    author: Annotated[Line, Form(description="Without one: whom the file names.")] = "",
    language: Annotated[
        str, Form(pattern=f"^$|{LANGUAGE}", description="Without one: that of its words.")
    ] = "",
) -> Any:
    """Bring in a manuscript as a book with editable chapters; its files are made by the run that the book names."""
    await require(house, caller, project_id, "editor")
    await house.projects.get(project_id, caller)

    async def work(token: UUID) -> BookView:
        manuscript = await _manuscript(file)
        if title.strip():
            manuscript = manuscript.model_copy(update={"title": title.strip()})
        return await house.books.bring_in(
            manuscript,
            author=author or manuscript.author,
            language=language or manuscript.language or "en",
            project_id=project_id,
            user_id=caller.person_id,
            book_id=token,
        )

    return await once(work)


async def _manuscript(file: UploadFile) -> ImportedBook:
    """The upload as chapters. It is read by the same converters as references, in a process of their own."""
    name = PurePosixPath((file.filename or "").replace("\\", "/")).name
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise InvalidInput(
            f"{name[:100]!r} is no manuscript that can be read.",
            field="file",
            remedy=f"Send a file that ends in {', '.join(SUFFIXES)}.",
        )
    with TemporaryDirectory(prefix="scrivano-import-") as folder:
        path = Path(folder) / f"manuscript{suffix}"
        size = 0
        with path.open("wb") as target:
            while piece := await file.read(1 << 20):
                size += len(piece)
                if size > MAX_BYTES:
                    raise too_large()
                target.write(piece)
        read = await read_references([], path.parent, named=[path])
    stem = PurePosixPath(name).stem.replace("_", " ").replace("\0", "").strip() or "Untitled"
    return await asyncio.to_thread(manuscript_of, read[0], stem)


@router.get("")
async def list_books(
    house: Services,
    caller: CurrentCaller,
    project_id: UUID = DEFAULT_PROJECT,
    q: Annotated[Line, Query(description="Only those whose title has this.")] = "",
    sort: Annotated[BookSort, Query(description="A minus turns the order round.")] = "-created_at",
    limit: Limit = 50,
    offset: Offset = 0,
) -> list[BookView]:
    """Books of a project, newest first unless asked otherwise, without the account of how each was made.

    Books of a blind comparison are listed once it is decided.
    """
    await require(house, caller, project_id, "viewer")
    hidden = await house.book_comparisons.hidden(project_id)
    return await house.books.list(
        project_id=project_id, without=hidden, limit=limit, offset=offset, sort=sort, words=q.strip()
    )


@router.get("/{book_id}")
async def get_book(house: Services, book_id: UUID) -> BookView:
    """One book with its outline and, once finished, the account of how it was made."""
    return await house.books.get(book_id)


@router.patch("/{book_id}")
async def rename_book(house: Services, book_id: UUID, names: BookNames) -> BookView:
    """Change a book's title or author. Its files show them once they are made again."""
    return await house.books.rename(book_id, title=names.title, author=names.author)


@router.delete("/{book_id}", status_code=204)
async def delete_book(house: Services, book_id: UUID) -> None:
    """Remove a book with its texts, files and covers, and stop what works on it."""
    await house.books.delete(book_id)
    await house.assessments.forget_book(book_id)


@router.get("/{book_id}/runs")
async def list_book_runs(house: Services, book_id: UUID) -> list[BookRunView]:
    """The runs that worked on a book: wrote it, wrote a chapter anew, bound it again."""
    return await house.books.runs(book_id)


@router.get("/{book_id}/outline")
async def get_outline(house: Services, book_id: UUID) -> BookOutline:
    """The plan that the chapters follow; while the run waits, as it is to be approved."""
    book = await house.books.get(book_id)
    if book.outline is None:
        raise NotFound("The book has no outline yet.", remedy="Wait until its run has written it.")
    return book.outline


@router.put("/{book_id}/outline")
async def answer_outline(house: Services, book_id: UUID, answer: OutlineAnswer) -> RunView:
    """Approve the outline that the run waits with, as it is or as changed here, or reject it.

    409 where the run does not wait. Lengths are brought to the brief's in the proportion that is given.
    """
    book = await house.books.get(book_id)
    data = answer.outline.model_dump(mode="json") if answer.outline else None
    if data is not None:
        house.books.check_outline(book, data)
    await house.runs.approve(book.run_id, "outline", approved=answer.approved, data=data)
    return await house.runs.get(book.run_id)


@router.get("/{book_id}/provenance")
async def get_provenance(house: Services, book_id: UUID) -> JsonObject:
    """`provenance.json`: what wrote the book, what went out, what it cost. 404 until it is finished."""
    account = (await house.books.get(book_id)).provenance
    if account is None:
        raise NotFound("The book is not finished yet.", remedy="Wait for its run to end.")
    return dict(account)


@router.post("/{book_id}/cancel")
async def cancel_book(house: Services, book_id: UUID) -> RunView:
    """Stop the run that writes the book. It can be resumed."""
    run_id = (await house.books.get(book_id)).run_id
    await house.runs.cancel(run_id)
    return await house.runs.get(run_id)


@router.post("/{book_id}/resume")
async def resume_book(house: Services, book_id: UUID) -> RunView:
    """Go on with the run that writes the book, from its last finished step."""
    run_id = (await house.books.get(book_id)).run_id
    await house.runs.resume(run_id)
    return await house.runs.get(run_id)


@router.post("/{book_id}/retry", status_code=202, response_model=RunView)
async def retry_book(house: Services, book_id: UUID, once: Once) -> Any:
    """Write the book once more from the beginning, as a new run. What a person edited stays beside it."""

    async def work(_: UUID) -> RunView:
        book = await house.books.get(book_id)
        if not (await house.runs.get(book.run_id)).status.ended:
            raise Conflict("The book is being written.", remedy="Cancel its run first.")
        return await house.runs.get(await house.runs.retry(book.run_id))

    return await once(work)


@router.post("/{book_id}/check", status_code=202, response_model=RunView)
async def check_book(
    house: Services, caller: CurrentCaller, book_id: UUID, wanted: ProofRequest, once: Once
) -> Any:
    """Have a model read the book as it stands, as a run. No text is changed.

    What contradicts the brief, the project's references or another chapter becomes a remark on the passage, each proved
    by a quotation from both sides.
    """

    async def work(token: UUID) -> RunView:
        run_id = await house.books.proofread(
            book_id,
            wanted.number,
            model=wanted.model,
            max_cost=wanted.max_cost,
            run_id=str(uuid5(token, "check")),
            user_id=caller.person_id,
        )
        return await house.runs.get(run_id)

    return await once(work)


@router.get("/{book_id}/check")
async def estimate_check(
    house: Services,
    book_id: UUID,
    number: Annotated[int | None, Query(ge=1, le=MOST)] = None,
    model: Annotated[str | None, Query(max_length=300)] = None,
) -> ProofEstimate:
    """What having a model read the book, or one chapter, will take: calls, tokens, money. Nothing is asked."""
    return await house.proof_texts.estimate(book_id, number, model=model)


@router.post("/{book_id}/files", status_code=202, response_model=RunView)
async def rebuild_files(house: Services, caller: CurrentCaller, book_id: UUID, once: Once) -> Any:
    """Make the files again out of the chapters as they stand, with an account of their own, as a run."""

    async def work(token: UUID) -> RunView:
        run_id = str(uuid5(token, "bind"))
        return await house.runs.get(
            await house.books.rebind(book_id, run_id=run_id, user_id=caller.person_id)
        )

    return await once(work)


@router.get("/{book_id}/files")
async def list_files(house: Services, book_id: UUID) -> list[FileView]:
    """The finished files."""
    return await house.books.files(book_id)


@router.get(
    "/{book_id}/files/{name}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "The file."}},
)
async def get_file(house: Services, book_id: UUID, name: FileName) -> Any:
    """The bytes of one file. The ETag is their SHA-256."""
    view, content = await house.books.file(book_id, name)
    headers = {"ETag": f'"{view.sha256}"', "Content-Disposition": f'attachment; filename="{view.name}"'}
    return Response(content, media_type=view.media_type, headers=headers)


class PageCount(BaseModel):
    """How long a PDF is, and how wide pictures of its pages may be."""

    pages: int
    widths: list[int] = Field(description="In pixels.")


PageWidth = Annotated[Literal["160", "480", "800", "1200"], Query(description="In pixels.")]


@router.get("/{book_id}/files/{name}/pages")
async def count_pages(house: Services, book_id: UUID, name: FileName) -> PageCount:
    """How many pages a PDF has, of which there are pictures. 404 for a file of another kind."""
    _, content = await _pdf(house, book_id, name)
    return PageCount(pages=await asyncio.to_thread(page_count, content), widths=list(WIDTHS))


@router.get(
    "/{book_id}/files/{name}/pages/{page}.png",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}, "description": "The page."}},
)
async def get_page(
    house: Services,
    request: Request,
    book_id: UUID,
    name: FileName,
    page: Annotated[int, InPath(ge=1, le=100_000)],
    width: PageWidth = "800",
) -> Any:
    """A page of a PDF as a picture, for a look at it in the page. Its ETag changes with the file."""
    view, content = await _pdf(house, book_id, name)
    headers = {"ETag": f'"{view.sha256[:20]}-{page}-{width}"', "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    picture = await asyncio.to_thread(page_picture, content, page, int(width))
    return Response(picture, media_type="image/png", headers=headers)


async def _pdf(house: House, book_id: UUID, name: str) -> tuple[FileView, bytes]:
    view, content = await house.books.file(book_id, name)
    if view.media_type != "application/pdf":
        raise NotFound(
            f"{name!r} has no pages to look at.", field="name", remedy="Only of PDF files are there pictures."
        )
    return view, content
