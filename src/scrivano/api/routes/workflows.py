"""Workflows of posts, as data."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict

from scrivano.api.access import OWNERS, PROJECT
from scrivano.api.dependencies import Limit, Offset, Services
from scrivano.posts.public import Name, NewWorkflow, WorkflowChange, WorkflowView
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.wiring import House

router = APIRouter(prefix="/api/workflows", tags=["workflows"], dependencies=PROJECT)

Version = Annotated[int, Path(ge=1, le=1_000_000)]


class Copy(BaseModel):
    """The name of a copy."""

    model_config = ConfigDict(extra="forbid")

    name: Name


class Archive(BaseModel):
    """Whether it is out of lists."""

    model_config = ConfigDict(extra="forbid")

    archived: bool


async def _workflow(house: House, value: str) -> UUID | None:
    return await house.posts.workflows.project_of(UUID(value))


OWNERS["workflow_id"] = _workflow


@router.get("")
async def list_workflows(
    house: Services,
    project_id: UUID = DEFAULT_PROJECT,
    archived: bool = False,
    limit: Limit = 100,
    offset: Offset = 0,
) -> list[WorkflowView]:
    """A project's workflows in their newest versions, by name. The starter one, `blog_post`, is always there."""
    return await house.posts.workflows.list(project_id, archived=archived, limit=limit, offset=offset)


@router.post("", status_code=201)
async def create_workflow(
    house: Services, workflow: NewWorkflow, project_id: UUID = DEFAULT_PROJECT
) -> WorkflowView:
    """A workflow of one's own: fields, stages with rules, actions with their templates."""
    return await house.posts.workflows.create(workflow, project_id=project_id)


@router.get("/{workflow_id}")
async def get_workflow(house: Services, workflow_id: UUID) -> WorkflowView:
    """Its newest version."""
    return await house.posts.workflows.get(workflow_id)


@router.put("/{workflow_id}")
async def change_workflow(house: Services, workflow_id: UUID, change: WorkflowChange) -> WorkflowView:
    """Save a new version. Posts keep the one that they began with until they are moved."""
    return await house.posts.workflows.change(workflow_id, change)


@router.get("/{workflow_id}/versions")
async def list_workflow_versions(house: Services, workflow_id: UUID) -> list[WorkflowView]:
    """All versions, the newest first."""
    return list(await house.posts.workflows.versions(workflow_id))


@router.get("/{workflow_id}/versions/{number}")
async def get_workflow_version(house: Services, workflow_id: UUID, number: Version) -> WorkflowView:
    """One version."""
    return await house.posts.workflows.get(workflow_id, number)


@router.post("/{workflow_id}/copies", status_code=201)
async def copy_workflow(house: Services, workflow_id: UUID, copy: Copy) -> WorkflowView:
    """A copy of the newest version under another name, in the same project."""
    return await house.posts.workflows.copy(workflow_id, copy.name)


@router.patch("/{workflow_id}")
async def archive_workflow(house: Services, workflow_id: UUID, change: Archive) -> WorkflowView:
    """Take it out of lists, or bring it back. Posts that follow it go on."""
    return await house.posts.workflows.archive(workflow_id, archived=change.archived)
