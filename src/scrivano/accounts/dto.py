"""API keys as others see them, and what can be wrong with one."""

import datetime as dt
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from scrivano.core.errors import NotFound, PersonError

SCOPES = ("llm", "metrics")
"""What a key may be good for: asking models under `/v1`, reading `/metrics`."""


class NotAuthenticated(PersonError):
    """A valid API key is needed."""

    status = 401


class ApiKeyNotFound(NotFound):
    """There is no such API key."""


class ApiKeyView(BaseModel):
    """An API key without its secret; `prefix` is how the secret begins. `last_used_at` is right to a minute."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    name: str
    prefix: str
    scopes: tuple[str, ...]
    project_id: str | None
    user_id: str | None
    created_at: dt.datetime
    expires_at: dt.datetime | None
    last_used_at: dt.datetime | None
    revoked_at: dt.datetime | None


class NewApiKey(BaseModel):
    """A key that was just made. `secret` is told here and never again."""

    model_config = ConfigDict(frozen=True)

    key: ApiKeyView
    secret: str = Field(repr=False)


class Caller(BaseModel):
    """On whose behalf a request is answered: a signed-in person, a program with a key, or the only user.

    `person_id` is None for the only user of an installation without sign-in, who may do everything. `scopes` are
    those of the API key, None where a person signed in; `project_id` is the one project that a key is held to.
    """

    model_config = ConfigDict(frozen=True)

    person_id: UUID | None = None
    name: str = ""
    role: Literal["administrator", "member"] = "administrator"
    session_id: UUID | None = None
    key_id: UUID | None = None
    scopes: tuple[str, ...] | None = None
    project_id: UUID | None = None
