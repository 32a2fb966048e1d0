"""Texts of every feature: versions, proposals and comments of chapters, posts and songs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from scrivano.accounts.public import Caller
from scrivano.api.access import OWNERS, PROJECT, CurrentCaller, require
from scrivano.api.dependencies import Limit, Offset, Services
from scrivano.api.values import MOST, IfMatch, Line, Number, Prose, etag, expected
from scrivano.core.errors import NotAllowed
from scrivano.documents.public import (
    Author,
    CommentView,
    Diff,
    DiffUnit,
    DocumentView,
    ProposalInfo,
    ProposalStatus,
    ProposalView,
    VersionInfo,
    VersionView,
)

router = APIRouter(prefix="/api/documents", tags=["documents"], dependencies=PROJECT)

Expected = Annotated[
    int | None,
    Field(default=None, ge=0, le=MOST, description="Number of the version that was read, without If-Match."),
]
ETAGGED: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"ETag": {"description": "The version's number.", "schema": {"type": "string"}}}}
}


class TextEdit(BaseModel):
    """A text as a person changed it."""

    model_config = {"json_schema_extra": {"examples": [{"text": "It rained.", "expected_number": 3}]}}

    text: Prose
    note: Line = Field(default="", description="What was changed, in a few words.")
    expected_number: Expected = None


class Restore(BaseModel):
    """Which version to bring back."""

    number: int = Field(ge=1, le=MOST)
    expected_number: Expected = None


class NewProposal(BaseModel):
    """A text to put beside the newest one."""

    text: Prose
    base_number: int = Field(ge=0, le=MOST, description="The version that it was made from; 0 for none.")
    note: Line = ""


class Acceptance(BaseModel):
    """What of a proposal to take over. Without `hunks` all of it; `replace` takes its text as it is."""

    expected_number: Expected = None
    hunks: list[Annotated[int, Field(ge=0, le=MOST)]] | None = Field(default=None, max_length=10_000)
    replace: bool = False


class NewComment(BaseModel):
    """A remark on a passage, quoted as it stands."""

    model_config = {"json_schema_extra": {"examples": [{"quote": "It rained.", "body": "Since when?"}]}}

    quote: Prose
    body: Prose
    version_number: int | None = Field(default=None, ge=1, le=MOST, description="The newest by default.")
    start: int | None = Field(
        default=None, ge=0, le=MOST, description="Where it was quoted: character, counted from 0."
    )


class CommentText(BaseModel):
    """The words of a remark or a reply."""

    body: Prose


class Settled(BaseModel):
    """Whether a discussion is settled."""

    resolved: bool


def author_of(caller: Caller) -> Author:
    """The person who calls, as the author of a version."""
    return Author(kind="person", id=str(caller.person_id) if caller.person_id else None)


@router.get("/{document_id}")
async def get_document(house: Services, document_id: UUID) -> DocumentView:
    """A document without its text: whose it is, its newest version, how many proposals wait."""
    return await house.documents.get(document_id)


@router.get("/{document_id}/text", responses=ETAGGED)
async def get_text(house: Services, response: Response, document_id: UUID) -> VersionView:
    """The newest version. Its ETag goes into If-Match when the text is saved."""
    version = await house.documents.latest(document_id)
    response.headers["ETag"] = etag(version.number)
    return version


@router.put("/{document_id}/text", responses=ETAGGED)
async def save_text(
    house: Services,
    caller: CurrentCaller,
    response: Response,
    document_id: UUID,
    edit: TextEdit,
    if_match: IfMatch = None,
) -> VersionView:
    """Save a text on top of the version that was read; 409 with both numbers where there is a newer one."""
    newest = (await house.documents.get(document_id)).number
    version = await house.documents.add_version(
        document_id,
        edit.text,
        expected_number=expected(if_match, edit.expected_number, newest),
        author=author_of(caller),
        note=edit.note,
    )
    response.headers["ETag"] = etag(version.number)
    return version


@router.get("/{document_id}/versions")
async def list_versions(
    house: Services, document_id: UUID, limit: Limit = 50, offset: Offset = 0
) -> list[VersionInfo]:
    """Every version without its text, newest first."""
    return await house.documents.versions(document_id, limit=limit, offset=offset)


@router.get("/{document_id}/versions/{number}")
async def get_version(house: Services, document_id: UUID, number: Number) -> VersionView:
    """One version with its text, the requests and the sources behind it."""
    return await house.documents.version(document_id, number)


@router.post("/{document_id}/restore")
async def restore_version(
    house: Services, caller: CurrentCaller, document_id: UUID, wanted: Restore, if_match: IfMatch = None
) -> VersionView:
    """Save the text of an older version as the newest; what came between stays."""
    newest = (await house.documents.get(document_id)).number
    return await house.documents.restore(
        document_id,
        wanted.number,
        expected_number=expected(if_match, wanted.expected_number, newest),
        author=author_of(caller),
    )


@router.get("/{document_id}/diff")
async def compare_versions(
    house: Services,
    document_id: UUID,
    old: Annotated[int, Query(ge=1, le=MOST)],
    new: Annotated[int, Query(ge=1, le=MOST)],
    unit: DiffUnit = "lines",
) -> Diff:
    """What changed between two versions, by lines or by words."""
    return await house.documents.diff(document_id, old, new, unit=unit)


@router.get("/{document_id}/proposals")
async def list_proposals(
    house: Services,
    document_id: UUID,
    status: ProposalStatus | None = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> list[ProposalInfo]:
    """Texts beside the newest version, newest first."""
    return await house.documents.proposals.list(document_id, status=status, limit=limit, offset=offset)


@router.post("/{document_id}/proposals", status_code=201)
async def propose(
    house: Services, caller: CurrentCaller, document_id: UUID, proposal: NewProposal
) -> ProposalInfo:
    """Put a text beside the newest version, for example where saving it answered 409."""
    return await house.documents.proposals.add(
        document_id,
        proposal.text,
        base_number=proposal.base_number,
        author=author_of(caller),
        note=proposal.note,
    )


@router.get("/{document_id}/proposals/{proposal_id}")
async def get_proposal(house: Services, document_id: UUID, proposal_id: UUID) -> ProposalView:
    """One proposal with its text and the places that it changes."""
    return await house.documents.proposals.get(document_id, proposal_id)


@router.post("/{document_id}/proposals/{proposal_id}/accept")
async def accept_proposal(
    house: Services,
    caller: CurrentCaller,
    document_id: UUID,
    proposal_id: UUID,
    wanted: Acceptance,
    if_match: IfMatch = None,
) -> VersionView:
    """Take a proposal over into a new version, in whole or in part; what was changed since its base stays."""
    newest = (await house.documents.get(document_id)).number
    return await house.documents.proposals.accept(
        document_id,
        proposal_id,
        expected_number=expected(if_match, wanted.expected_number, newest),
        hunks=wanted.hunks,
        replace=wanted.replace,
        author=author_of(caller),
    )


@router.post("/{document_id}/proposals/{proposal_id}/reject")
async def reject_proposal(
    house: Services, caller: CurrentCaller, document_id: UUID, proposal_id: UUID
) -> ProposalInfo:
    """Decide against a proposal; its text stays readable."""
    return await house.documents.proposals.reject(document_id, proposal_id, author=author_of(caller))


@router.get("/{document_id}/comments")
async def list_comments(
    house: Services,
    document_id: UUID,
    resolved: bool | None = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> list[CommentView]:
    """Remarks and replies, oldest first, each with its place in the newest version."""
    return await house.documents.comments.list(document_id, resolved=resolved, limit=limit, offset=offset)


@router.post("/{document_id}/comments", status_code=201)
async def comment(house: Services, caller: CurrentCaller, document_id: UUID, new: NewComment) -> CommentView:
    """Remark on a passage."""
    return await house.documents.comments.add(
        document_id,
        new.quote,
        new.body,
        version_number=new.version_number,
        start=new.start,
        author=author_of(caller),
    )


@router.get("/{document_id}/comments/{comment_id}")
async def get_comment(house: Services, document_id: UUID, comment_id: UUID) -> CommentView:
    """One remark or reply."""
    return await house.documents.comments.get(document_id, comment_id)


@router.post("/{document_id}/comments/{comment_id}/replies", status_code=201)
async def reply(
    house: Services, caller: CurrentCaller, document_id: UUID, comment_id: UUID, text: CommentText
) -> CommentView:
    """Answer a remark."""
    return await house.documents.comments.reply(document_id, comment_id, text.body, author=author_of(caller))


@router.put("/{document_id}/comments/{comment_id}")
async def edit_comment(
    house: Services, caller: CurrentCaller, document_id: UUID, comment_id: UUID, text: CommentText
) -> CommentView:
    """Put a remark or a reply of one's own in other words."""
    return await house.documents.comments.edit(document_id, comment_id, text.body, author=author_of(caller))


@router.put("/{document_id}/comments/{comment_id}/resolved")
async def settle_comment(
    house: Services, caller: CurrentCaller, document_id: UUID, comment_id: UUID, settled: Settled
) -> CommentView:
    """Settle a discussion, or open it again."""
    return await house.documents.comments.resolve(
        document_id, comment_id, resolved=settled.resolved, author=author_of(caller)
    )


@router.delete("/{document_id}/comments/{comment_id}", status_code=204)
async def delete_comment(house: Services, caller: CurrentCaller, document_id: UUID, comment_id: UUID) -> None:
    """Remove a remark with its replies: one's own, a run's, or as an owner of the project anybody's."""
    project_id = await OWNERS["document_id"](house, str(document_id))
    try:
        if project_id is not None:
            await require(house, caller, project_id, "owner")
        owner = True
    except NotAllowed:
        owner = False
    await house.documents.comments.delete(
        document_id, comment_id, author=author_of(caller), any_of_them=owner
    )
