"""Projects and their members."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from scrivano.accounts.public import Email
from scrivano.api.access import PROJECT, SIGNED_IN, CurrentCaller, require
from scrivano.api.dependencies import Limit, Offset, Services
from scrivano.core.errors import NotAllowed
from scrivano.projects.public import MemberView, NewProject, ProjectChange, ProjectView, Role

router = APIRouter(prefix="/api/projects", tags=["projects"])


class NewMember(BaseModel):
    """Somebody with an account, by address, and what they may do."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"email": "bo@example.org", "role": "editor"}]}
    )

    email: Email
    role: Role


class MemberRole(BaseModel):
    """What somebody may do: `viewer` reads, `editor` changes too, `owner` decides about members and deletion too."""

    model_config = ConfigDict(extra="forbid")

    role: Role


@router.get("", dependencies=SIGNED_IN)
async def list_projects(
    house: Services,
    caller: CurrentCaller,
    deleted: Annotated[bool, Query(description="Those in the bin that one owns.")] = False,
    limit: Limit = 50,
    offset: Offset = 0,
) -> list[ProjectView]:
    """The projects that one belongs to, last changed first."""
    return await house.projects.list(caller, deleted=deleted, limit=limit, offset=offset)


@router.post("", status_code=201, dependencies=SIGNED_IN)
async def create_project(house: Services, caller: CurrentCaller, new: NewProject) -> ProjectView:
    """A new project, whose owner one is."""
    if caller.project_id is not None:
        raise NotAllowed("This API key is held to one project.")
    return await house.projects.create(new, owner=caller.person_id)


@router.get("/{project_id}", dependencies=PROJECT)
async def get_project(house: Services, caller: CurrentCaller, project_id: UUID) -> ProjectView:
    """One project, with what one may do in it."""
    return await house.projects.get(project_id, caller)


@router.patch("/{project_id}", dependencies=PROJECT)
async def change_project(
    house: Services, caller: CurrentCaller, project_id: UUID, change: ProjectChange
) -> ProjectView:
    """Change name or description."""
    await house.projects.change(project_id, change)
    return await house.projects.get(project_id, caller)


@router.delete("/{project_id}", status_code=204, dependencies=PROJECT)
async def delete_project(house: Services, caller: CurrentCaller, project_id: UUID) -> None:
    """Put a project into the bin, from which its owners may take it again for as many days as the installation keeps
    it there (30 by default)."""
    await require(house, caller, project_id, "owner")
    await house.projects.delete(project_id, caller)


@router.delete("/{project_id}/for-good", status_code=204, dependencies=SIGNED_IN)
async def remove_project(house: Services, caller: CurrentCaller, project_id: UUID) -> None:
    """Remove a project that is in the bin with everything in it: books, posts, songs, references, tasks, runs, and
    what its requests to models said. Their counts and costs stay. It cannot be undone."""
    if not caller.everything:
        await house.projects.require(project_id, caller, "owner", deleted=True)
    await house.bin.remove(project_id, caller)


@router.post("/{project_id}/restore", dependencies=SIGNED_IN)
async def restore_project(house: Services, caller: CurrentCaller, project_id: UUID) -> ProjectView:
    """Take a project out of the bin."""
    if not caller.everything:
        await house.projects.require(project_id, caller, "owner", deleted=True)
    await house.projects.restore(project_id, caller)
    return await house.projects.get(project_id, caller)


@router.get("/{project_id}/members", dependencies=PROJECT)
async def list_members(house: Services, project_id: UUID) -> list[MemberView]:
    """Who belongs to the project, first come first."""
    return await house.projects.members(project_id)


@router.post("/{project_id}/members", status_code=201, dependencies=PROJECT)
async def add_member(
    house: Services, caller: CurrentCaller, project_id: UUID, new: NewMember
) -> list[MemberView]:
    """Take somebody in, or give them another role; gives all members. 404 where nobody has this address."""
    await require(house, caller, project_id, "owner")
    person = await house.entrance.people.find(new.email)
    await house.projects.set_member(project_id, person.id, new.role, caller)
    return await house.projects.members(project_id)


@router.put("/{project_id}/members/{person_id}", dependencies=PROJECT)
async def set_member(
    house: Services, caller: CurrentCaller, project_id: UUID, person_id: UUID, member: MemberRole
) -> list[MemberView]:
    """Give a member another role; gives all members. A project keeps at least one owner."""
    await require(house, caller, project_id, "owner")
    await house.projects.set_member(project_id, person_id, member.role, caller, there=True)
    return await house.projects.members(project_id)


@router.delete("/{project_id}/members/{person_id}", status_code=204, dependencies=SIGNED_IN)
async def drop_member(house: Services, caller: CurrentCaller, project_id: UUID, person_id: UUID) -> None:
    """Take somebody out of the project, or leave it oneself. A project keeps at least one owner."""
    leaves = person_id == caller.person_id and caller.key_id is None
    await require(house, caller, project_id, "viewer" if leaves else "owner")
    await house.projects.drop_member(project_id, person_id, caller)
