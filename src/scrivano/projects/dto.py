"""Projects as others see them."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from scrivano.core.errors import Conflict, NotAllowed, NotFound

Role = Literal["viewer", "editor", "owner"]
ROLES: tuple[Role, ...] = ("viewer", "editor", "owner")
"""What a member may do, each including the one before: read, change, decide about members and deletion."""

DEFAULT_PROJECT = UUID("00000000-0000-7000-8000-000000000001")
"""The project that everything belongs to which was made without naming one."""

ProjectName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$"),
]
Description = Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00]*$")]


class ProjectNotFound(NotFound):
    """There is no such project."""


class NotInProject(NotAllowed):
    """Your role in this project does not allow that."""


class LastOwner(Conflict):
    """A project keeps at least one owner."""


class ProjectView(BaseModel):
    """A project; `role` is what the one who asked may do in it. One with `deleted_at` is in the bin."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    name: str = Field(examples=["The lighthouse trilogy"])
    description: str
    role: Role
    created_at: dt.datetime
    changed_at: dt.datetime
    deleted_at: dt.datetime | None = None


class MemberView(BaseModel):
    """Somebody who belongs to a project."""

    model_config = ConfigDict(frozen=True)

    person_id: UUID
    name: str
    email: str
    role: Role
    added_at: dt.datetime


class NewProject(BaseModel):
    """A project to be made."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "My first novel"}]})

    name: ProjectName
    description: Description = ""


class ProjectChange(BaseModel):
    """What shall be different; what is not given stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "Another name"}]})

    name: ProjectName | None = None
    description: Description | None = None


def at_least(role: Role | None, wanted: Role) -> bool:
    """Whether somebody with `role` (None: no member) may do what `wanted` may."""
    return role is not None and ROLES.index(role) >= ROLES.index(wanted)
