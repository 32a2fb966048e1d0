"""Reference files: what authors know about their world, uploaded, read, searched."""

from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from scrivano.api.access import OWNERS, PROJECT, SIGNED_IN, CurrentCaller, require
from scrivano.api.dependencies import Limit, Offset, Services
from scrivano.api.values import Line
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.references.public import (
    MAX_BYTES,
    Found,
    Passage,
    ReferenceKind,
    ReferenceSort,
    ReferenceStatus,
    ReferenceView,
    Use,
    too_large,
)
from scrivano.wiring import House

router = APIRouter(prefix="/api/references", tags=["references"])

Project = Annotated[UUID, Query(description="The project that they belong to.")]
Chapter = Annotated[
    int | None,
    Query(
        ge=1, le=100_000, description="The chapter from which on the story has told what stands in the file."
    ),
]
_FILE = {
    "requestBody": {
        "required": True,
        "description": "The bytes of the file: Markdown, text, HTML, DOCX, PDF or EPUB, at most 50 MB.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


async def _owner(house: House, reference_id: str) -> UUID | None:
    return await house.library.project_of(UUID(reference_id))


OWNERS["reference_id"] = _owner


class ReferenceChange(BaseModel):
    """What to change; what is not given stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"kind": "character", "from_chapter": 7}]}
    )

    name: str = Field(default="", min_length=1, max_length=255)
    title: str = Field(default="", min_length=1, max_length=500)
    kind: ReferenceKind = "other"
    language: str = Field(default="", max_length=20, description="ISO 639-1 code, such as `en`.")
    from_chapter: int | None = Field(default=None, ge=1, le=100_000)


class PassageChange(BaseModel):
    """From which chapter on a passage may be told; null leaves it to the reference."""

    model_config = ConfigDict(extra="forbid")

    from_chapter: int | None = Field(ge=1, le=100_000)


class ReferenceText(BaseModel):
    """What was read, as Markdown. Offsets of passages count in it."""

    text: str


@router.post("", status_code=201, dependencies=SIGNED_IN, openapi_extra=_FILE)
async def add_reference(
    request: Request,
    house: Services,
    caller: CurrentCaller,
    name: Annotated[
        str, Query(min_length=1, max_length=255, description="Name of the file.", examples=["ada.md"])
    ],
    project_id: Project = DEFAULT_PROJECT,
    kind: ReferenceKind = "other",
    language: Annotated[str, Query(max_length=20, description="ISO 639-1 code; else it is found out.")] = "",
    from_chapter: Chapter = None,
) -> ReferenceView:
    """Upload a file. It is read in the background: its `status` goes from `converting` to `ready` or `failed`, with
    an event `reference_ready` or `reference_failed` for the project.

    The same file under the same name is given back as it is; another file of that name is a conflict.
    """
    await require(house, caller, project_id, "editor")
    content = await _body(request)
    return await house.library.add(
        project_id,
        name,
        content,
        kind=kind,
        language=language,
        from_chapter=from_chapter,
        created_by=caller.person_id,
    )


async def _body(request: Request) -> bytes:
    """The body as it comes in, refused as soon as it is too large, whatever its header said."""
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said[:20]) > MAX_BYTES:
        raise too_large()
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BYTES:
            raise too_large()
    return bytes(body)


@router.get("", dependencies=SIGNED_IN)
async def list_references(
    house: Services,
    caller: CurrentCaller,
    project_id: Project = DEFAULT_PROJECT,
    kind: ReferenceKind | None = None,
    status: ReferenceStatus | None = None,
    q: Annotated[Line, Query(description="Only those whose name or title has this.")] = "",
    sort: Annotated[ReferenceSort, Query(description="A minus turns the order round.")] = "name",
    limit: Limit = 50,
    offset: Offset = 0,
) -> list[ReferenceView]:
    """A project's references, by name unless asked otherwise."""
    await require(house, caller, project_id, "viewer")
    return await house.library.list(
        project_id, kind=kind, status=status, words=q.strip(), sort=sort, limit=limit, offset=offset
    )


@router.get("/search", dependencies=SIGNED_IN)
async def search_references(
    house: Services,
    caller: CurrentCaller,
    q: Annotated[
        str,
        Query(min_length=1, max_length=1000, description="Words, or a question.", examples=["Ada's eyes"]),
    ],
    project_id: Project = DEFAULT_PROJECT,
    kind: ReferenceKind | None = None,
    up_to_chapter: Annotated[
        int | None, Query(ge=1, le=100_000, description="Leave out what the story tells after this chapter.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="How many at most.")] = 10,
) -> list[Found]:
    """The passages that fit best, by their words and, where a local embedding model is there, by their meaning."""
    await require(house, caller, project_id, "viewer")
    kinds: list[ReferenceKind] | None = None if kind is None else [kind]
    return await house.library.search(project_id, q, limit, kinds=kinds, up_to_chapter=up_to_chapter)


@router.get("/{reference_id}", dependencies=PROJECT)
async def get_reference(house: Services, reference_id: UUID) -> ReferenceView:
    """One reference, with what went wrong if it could not be read."""
    return await house.library.get(reference_id)


@router.patch("/{reference_id}", dependencies=PROJECT)
async def change_reference(house: Services, reference_id: UUID, change: ReferenceChange) -> ReferenceView:
    """Rename a reference, or change its title, kind, language or chapter."""
    return await house.library.change(reference_id, **change.model_dump(exclude_unset=True))


@router.delete("/{reference_id}", status_code=204, dependencies=PROJECT)
async def remove_reference(house: Services, reference_id: UUID) -> None:
    """Forget a reference with its file and passages. What was written with it stays."""
    await house.library.remove(reference_id)


@router.post("/{reference_id}/read", status_code=202, dependencies=PROJECT)
async def read_reference_again(house: Services, reference_id: UUID) -> ReferenceView:
    """Read the file anew, such as after a failure."""
    return await house.library.read_again(reference_id)


@router.get("/{reference_id}/text", dependencies=PROJECT)
async def get_reference_text(house: Services, reference_id: UUID) -> ReferenceText:
    """What was read of the file."""
    return ReferenceText(text=await house.library.text(reference_id))


@router.get(
    "/{reference_id}/original",
    dependencies=PROJECT,
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "The file."}},
)
async def get_reference_original(house: Services, reference_id: UUID) -> Any:
    """The file as it was uploaded. The ETag is its SHA-256."""
    view, content = await house.library.original(reference_id)
    headers = {
        "ETag": f'"{view.sha256}"',
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(view.name, safe='')}",
        # The file is a stranger's: a browser shall neither guess its type nor run anything in it.
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.get("/{reference_id}/passages", dependencies=PROJECT)
async def list_passages(
    house: Services, reference_id: UUID, limit: Limit = 50, offset: Offset = 0
) -> list[Passage]:
    """The passages in the order of the text, each with its headings, offsets and page."""
    return await house.library.passages(reference_id, limit=limit, offset=offset)


@router.patch("/{reference_id}/passages/{number}", dependencies=PROJECT)
async def change_passage(
    house: Services,
    reference_id: UUID,
    number: Annotated[int, Path(ge=1, le=1_000_000)],
    change: PassageChange,
) -> Passage:
    """Say from which chapter on a passage may be told."""
    return await house.library.change_passage(reference_id, number, change.from_chapter)


@router.get("/{reference_id}/uses", dependencies=PROJECT)
async def list_uses(house: Services, reference_id: UUID, limit: Limit = 50, offset: Offset = 0) -> list[Use]:
    """What was written with the passages of a reference, newest first."""
    return await house.library.uses(reference_id, limit=limit, offset=offset)
