"""Training samples out of authors' choices and edits: consent, a look at them, deletion."""

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from scrivano.api.access import OWNERS, PROJECT, SIGNED_IN, CurrentCaller, require
from scrivano.api.dependencies import Limit, Offset, Services
from scrivano.core.errors import NotFound
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.training.public import Consent, ConsentView, Deleted, SampleKind, SampleView
from scrivano.wiring import House

router = APIRouter(prefix="/api/training", tags=["training"])
Project = Annotated[UUID, Query(description="The project that they belong to.")]
PAGE = 100


async def _owner(house: House, sample_id: str) -> UUID | None:
    return (await house.training.sample(UUID(sample_id))).project_id


OWNERS["sample_id"] = _owner


class EditedDocument(BaseModel):
    """A document in which a person corrected what a run wrote."""

    model_config = ConfigDict(extra="forbid")

    project_id: UUID = DEFAULT_PROJECT
    document_id: UUID
    domain: str = Field(default="", max_length=100, pattern=r"^[^\x00]*$")
    niche: str = Field(default="", max_length=100, pattern=r"^[^\x00]*$")
    language: str = Field(default="en", max_length=35, pattern=r"^[A-Za-z0-9-]+$")


@router.get("/consent", dependencies=SIGNED_IN)
async def get_consent(
    house: Services, caller: CurrentCaller, project_id: Project = DEFAULT_PROJECT
) -> ConsentView:
    """What the project agrees to. Nothing, until somebody said so."""
    await require(house, caller, project_id, "viewer")
    return await house.training.consent(project_id)


@router.put("/consent", dependencies=SIGNED_IN)
async def give_consent(
    house: Services, caller: CurrentCaller, consent: Consent, project_id: Project = DEFAULT_PROJECT
) -> ConsentView:
    """Agree, or withdraw. What is withdrawn takes the samples made under it along. For owners of the project."""
    await require(house, caller, project_id, "owner")
    return await house.training.give_consent(project_id, consent, user_id=caller.person_id)


@router.get("/samples", dependencies=SIGNED_IN)
async def list_samples(
    house: Services,
    caller: CurrentCaller,
    project_id: Project = DEFAULT_PROJECT,
    kind: SampleKind | None = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> list[SampleView]:
    """A project's samples, newest first."""
    await require(house, caller, project_id, "viewer")
    return await house.training.samples(project_id, kind=kind, limit=limit, offset=offset)


@router.get(
    "/samples.jsonl",
    dependencies=SIGNED_IN,
    response_class=StreamingResponse,
    responses={200: {"content": {"application/jsonl": {}}, "description": "One sample a line."}},
)
async def export_samples(
    house: Services, caller: CurrentCaller, project_id: Project = DEFAULT_PROJECT
) -> StreamingResponse:
    """All samples as JSON lines with `prompt`, `chosen` and `rejected`, as preference training takes them."""
    await require(house, caller, project_id, "viewer")
    return StreamingResponse(_lines(house, project_id), media_type="application/jsonl")


async def _lines(house: House, project_id: UUID) -> AsyncIterator[bytes]:
    offset = 0
    while page := await house.training.samples(project_id, limit=PAGE, offset=offset):
        for sample in page:
            yield orjson.dumps(sample.model_dump(mode="json")) + b"\n"
        offset += PAGE


@router.post("/edits", status_code=201, dependencies=SIGNED_IN)
async def learn_from_edit(house: Services, caller: CurrentCaller, edited: EditedDocument) -> SampleView:
    """Make a sample of what a person corrected in a run's text. A conflict where the project has not agreed."""
    await require(house, caller, edited.project_id, "editor")
    owner = await OWNERS["document_id"](house, str(edited.document_id)) if "document_id" in OWNERS else None
    if owner != edited.project_id:
        raise NotFound(f"The project has no document {edited.document_id}.", field="document_id")
    return await house.training.from_edit(
        edited.project_id,
        edited.document_id,
        domain=edited.domain,
        niche=edited.niche,
        language=edited.language,
        user_id=caller.person_id,
    )


@router.get("/samples/{sample_id}", dependencies=PROJECT)
async def get_sample(house: Services, sample_id: UUID) -> SampleView:
    """One sample."""
    return await house.training.sample(sample_id)


@router.delete("/samples/{sample_id}", status_code=204, response_class=Response, dependencies=PROJECT)
async def delete_sample(house: Services, sample_id: UUID) -> None:
    """Delete one sample for good."""
    await house.training.delete(sample_id)


@router.delete("/samples", dependencies=SIGNED_IN)
async def delete_samples(
    house: Services, caller: CurrentCaller, project_id: Project = DEFAULT_PROJECT
) -> Deleted:
    """Delete all samples of a project for good."""
    await require(house, caller, project_id, "editor")
    return Deleted(deleted=await house.training.delete_all(project_id))
