"""What `training` takes and gives."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from scrivano.core.errors import Conflict, InvalidInput, NotFound

SampleKind = Literal["choice", "edit"]


class NoConsent(Conflict):
    """The project has not agreed that this becomes training material."""


class SampleNotFound(NotFound):
    """There is no such sample."""


class NothingToLearn(InvalidInput):
    """There is nothing in this that a model could learn from."""


class Consent(BaseModel):
    """What a project agrees to. Nothing is kept before it is given; it can be withdrawn at any time."""

    model_config = ConfigDict(extra="forbid")

    choices: bool = Field(default=False, description="Choices between two versions become samples.")
    edits: bool = Field(default=False, description="Edits of what a model wrote become samples.")


class ConsentView(Consent):
    """The same, with who gave it and when."""

    project_id: UUID
    given_by: UUID | None = None
    given_at: datetime | None = None


class SampleView(BaseModel):
    """One sample: asked this, `chosen` was wanted rather than `rejected`."""

    id: UUID
    project_id: UUID
    user_id: UUID | None
    kind: SampleKind
    source: str = Field(description="What it was made of: a comparison, or two versions of a document.")
    domain: str
    niche: str
    language: str
    prompt: str
    chosen: str
    rejected: str
    facts: dict[str, Any]
    consent_at: datetime
    created_at: datetime


class Deleted(BaseModel):
    """How many samples were deleted."""

    deleted: int
