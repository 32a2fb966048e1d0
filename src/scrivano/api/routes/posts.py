"""Posts: fields and stages, actions as proposals, runs through the stages, publishing."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from scrivano.api.access import OWNERS, PROJECT, CurrentCaller
from scrivano.api.dependencies import Limit, Offset, Services
from scrivano.api.idempotency import Once
from scrivano.documents.public import Author, Diff, VersionInfo, VersionView
from scrivano.posts.public import (
    Acceptance,
    ActionOrder,
    ActionPreview,
    ChangeView,
    Name,
    NewPost,
    NewSource,
    PostCosts,
    PostEdit,
    PostInfo,
    PostView,
    ProposalStatus,
    ProposalView,
    RunOrder,
    Short,
    SourceView,
    Started,
)
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.publishing.public import Preview, PublicationView
from scrivano.wiring import House

router = APIRouter(prefix="/api/posts", tags=["posts"], dependencies=PROJECT)

Number = Annotated[int, Path(ge=1, le=1_000_000_000)]
Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


class Move(BaseModel):
    """Where to; without a stage, the next one."""

    model_config = ConfigDict(extra="forbid")

    stage: Name | None = None


class Archive(BaseModel):
    """Whether it is out of lists."""

    model_config = ConfigDict(extra="forbid")

    archived: bool


class Keep(BaseModel):
    """Whether a source is kept, and so may be cited."""

    model_config = ConfigDict(extra="forbid")

    kept: bool


class TakeWorkflow(BaseModel):
    """The version of the post's workflow that it is to follow."""

    model_config = ConfigDict(extra="forbid")

    number: int = Field(ge=1, le=1_000_000)


class Where(BaseModel):
    """Names of targets; without any, those of the post."""

    model_config = ConfigDict(extra="forbid")

    targets: list[Short] | None = Field(default=None, max_length=50)


async def _post(house: House, value: str) -> UUID | None:
    return await house.posts.project_of(UUID(value))


OWNERS["post_id"] = _post


def _author(caller: CurrentCaller) -> Author:
    return Author(kind="person", id=str(caller.person_id) if caller.person_id else None)


# --- posts ----------------------------------------------------------------------------------------


@router.post("", status_code=201)
async def create_post(
    house: Services, caller: CurrentCaller, post: NewPost, once: Once, project_id: UUID = DEFAULT_PROJECT
) -> PostView:
    """Begin a post, in the first stage of its workflow."""

    async def work(token: UUID) -> PostView:
        return await house.posts.create(post, project_id=project_id, user_id=caller.person_id, post_id=token)

    answer: Any = await once(work)
    return answer


@router.get("")
async def list_posts(
    house: Services,
    project_id: UUID = DEFAULT_PROJECT,
    stage: Annotated[Name | None, Query(description="Only posts in this stage.")] = None,
    archived: bool = False,
    limit: Limit = 50,
    offset: Offset = 0,
) -> list[PostInfo]:
    """A project's posts, the newest first."""
    return await house.posts.list(project_id, stage=stage, archived=archived, limit=limit, offset=offset)


@router.get("/{post_id}")
async def get_post(house: Services, post_id: UUID) -> PostView:
    """One post with all its fields, and what is missing before it may leave its stage."""
    return await house.posts.get(post_id)


@router.patch("/{post_id}")
async def edit_post(house: Services, caller: CurrentCaller, post_id: UUID, edit: PostEdit) -> PostView:
    """Change fields, the body among them. Answers 409 if somebody else changed the post since `revision`."""
    return await house.posts.edit(post_id, edit, author=_author(caller))


@router.put("/{post_id}/archived")
async def archive_post(house: Services, post_id: UUID, change: Archive) -> PostView:
    """Take it out of lists, or bring it back; nothing is deleted."""
    return await house.posts.archive(post_id, archived=change.archived)


@router.post("/{post_id}/stage")
async def move_post(house: Services, caller: CurrentCaller, post_id: UUID, move: Move) -> PostView:
    """To the next stage or to a named one. Answers 409 saying what is missing on the way forward."""
    return await house.posts.move(post_id, move.stage, author=_author(caller))


@router.put("/{post_id}/workflow")
async def take_workflow(house: Services, post_id: UUID, change: TakeWorkflow) -> PostView:
    """Follow another version of the workflow."""
    return await house.posts.take_workflow(post_id, change.number)


# --- automation -----------------------------------------------------------------------------------


@router.post("/{post_id}/actions/{action}/preview")
async def preview_action(house: Services, post_id: UUID, action: Name, order: ActionOrder) -> ActionPreview:
    """The exact messages that an action would send, prefilled from the post, with the bounds of its cost."""
    return await house.posts.previews.preview(post_id, action, order)


@router.post("/{post_id}/actions/{action}", status_code=202)
async def automate(house: Services, post_id: UUID, action: Name, order: ActionOrder, once: Once) -> Started:
    """Automate one action with a model. Its result is a proposal; follow the run at `/api/runs/{run_id}/events`."""

    async def work(token: UUID) -> Started:
        return await house.posts.automate(post_id, action, order, run_id=str(token))

    answer: Any = await once(work)
    return answer


@router.post("/{post_id}/runs", status_code=202)
async def run_post(house: Services, post_id: UUID, order: RunOrder, once: Once) -> Started:
    """Carry out the stages up to the next gate, where a person decides (`/api/runs/{run_id}/gates/{stage}`), and on
    from there; or unattended."""

    async def work(token: UUID) -> Started:
        return await house.posts.run(post_id, order, run_id=str(token))

    answer: Any = await once(work)
    return answer


@router.get("/{post_id}/costs")
async def get_costs(house: Services, post_id: UUID) -> PostCosts:
    """What the post cost so far, run by run."""
    return await house.posts.costs(post_id)


@router.get("/{post_id}/proposals")
async def list_proposals(
    house: Services,
    post_id: UUID,
    status: Annotated[ProposalStatus | None, Query(description="Only those that stand so.")] = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> list[ProposalView]:
    """What actions would put into fields, the newest first."""
    return await house.posts.proposals.list(post_id, status=status, limit=limit, offset=offset)


@router.get("/{post_id}/proposals/{post_proposal_id}")
async def get_proposal(house: Services, post_id: UUID, post_proposal_id: UUID) -> ProposalView:
    """One proposal: what the fields held, and what they would hold."""
    return await house.posts.proposals.get(post_id, post_proposal_id)


@router.post("/{post_id}/proposals/{post_proposal_id}/accept")
async def accept_proposal(
    house: Services, caller: CurrentCaller, post_id: UUID, post_proposal_id: UUID, how: Acceptance
) -> ProposalView:
    """Take it over: as it is, with values of one's own, or some fields only.

    Answers 409 if a field was changed since.
    """
    return await house.posts.proposals.accept(post_id, post_proposal_id, how, author=_author(caller))


@router.post("/{post_id}/proposals/{post_proposal_id}/reject")
async def reject_proposal(house: Services, post_id: UUID, post_proposal_id: UUID) -> ProposalView:
    """Leave the fields as they are."""
    return await house.posts.proposals.reject(post_id, post_proposal_id)


# --- sources --------------------------------------------------------------------------------------


@router.get("/{post_id}/sources")
async def list_sources(house: Services, post_id: UUID) -> list[SourceView]:
    """The pages that the post can rest on, by number. The text points at them as `[^number]`."""
    return await house.posts.sources(post_id)


@router.post("/{post_id}/sources", status_code=201)
async def add_source(house: Services, post_id: UUID, source: NewSource) -> SourceView:
    """Add a source of one's own; it is kept."""
    return await house.posts.add_source(post_id, source)


@router.patch("/{post_id}/sources/{number}")
async def keep_source(house: Services, post_id: UUID, number: Number, keep: Keep) -> SourceView:
    """Keep a source, or no longer. Its number stays its own."""
    return await house.posts.keep_source(post_id, number, kept=keep.kept)


# --- history --------------------------------------------------------------------------------------


@router.get("/{post_id}/history")
async def list_changes(
    house: Services, post_id: UUID, limit: Limit = 100, offset: Offset = 0
) -> list[ChangeView]:
    """Every change, the newest first: who did it, and what each field held before and after."""
    return await house.posts.history(post_id, limit=limit, offset=offset)


@router.get("/{post_id}/versions")
async def list_versions(house: Services, post_id: UUID) -> list[VersionInfo]:
    """Every version of the text, the newest first."""
    return await house.posts.versions(post_id)


@router.get("/{post_id}/versions/{number}")
async def get_version(house: Services, post_id: UUID, number: Number) -> VersionView:
    """A version of the text."""
    return await house.posts.version(post_id, number)


@router.get("/{post_id}/diff")
async def compare_versions(
    house: Services,
    post_id: UUID,
    old: Annotated[int, Query(ge=1, le=1_000_000_000)],
    new: Annotated[int, Query(ge=1, le=1_000_000_000)],
) -> Diff:
    """What changed in the text from one version to another."""
    return await house.posts.diff(post_id, old, new)


@router.post("/{post_id}/versions/{number}/restore")
async def restore_version(house: Services, caller: CurrentCaller, post_id: UUID, number: Number) -> PostView:
    """An older version of the text as a new one."""
    return await house.posts.restore(post_id, number, author=_author(caller))


@router.get(
    "/{post_id}/images/{sha256}",
    response_class=Response,
    responses={200: {"content": {"image/*": {}}, "description": "The picture."}},
)
async def get_image(house: Services, post_id: UUID, sha256: Sha256) -> Any:
    """A picture of the post."""
    media_type, content = await house.posts.image(post_id, sha256)
    headers = {
        "ETag": f'"{sha256}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox",
    }
    return Response(content, media_type=media_type, headers=headers)


# --- publishing -----------------------------------------------------------------------------------


@router.post("/{post_id}/publishing-preview")
async def preview_publishing(house: Services, post_id: UUID, where: Where) -> list[Preview]:
    """For each target exactly what publishing would send now: requests, files, messages. Nothing is changed anywhere.

    To publish, carry out the action `publish`.
    """
    return await house.posts.preview_publishing(post_id, where.targets)


@router.get("/{post_id}/publications")
async def list_publications(house: Services, post_id: UUID) -> list[PublicationView]:
    """Where the post is, in which version, and what became of trying."""
    return await house.posts.publications(post_id)
