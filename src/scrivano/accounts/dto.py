"""People, their sessions and keys as others see them, and what can be wrong with one."""

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, StringConstraints

from scrivano.core.errors import Conflict, InvalidInput, NotFound, PersonError

SCOPES = ("llm", "metrics", "read", "write", "admin")
"""What a key may be good for: asking models under `/v1`, reading `/metrics`, reading and changing what its person or
project has under `/api`, administering this installation."""

PersonRole = Literal["administrator", "member"]
LinkKind = Literal["set_up", "invitation", "reset"]

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 1000

Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$"),
]
Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        max_length=254,
        pattern=r"^[^@\s\x00-\x1f\x7f\x85<>,;:\"\\()]+@[^@\s\x00-\x1f\x7f\x85<>,;:\"\\()]+$",
    ),
]
Token = Annotated[SecretStr, Field(max_length=200)]
Password = Annotated[SecretStr, Field(max_length=LONGEST_PASSWORD)]
Code = Annotated[str, StringConstraints(max_length=40, pattern=r"^[0-9A-Za-z \-]*$")]


class NotAuthenticated(PersonError):
    """Sign in first, or send an API key."""

    status = 401


class WrongPassword(NotAuthenticated):
    """Name and password do not fit together."""


class CodeNeeded(NotAuthenticated):
    """The code of the second factor is needed as well."""


class WrongCode(NotAuthenticated):
    """This code is wrong, or was used already."""


class TooManyAttempts(PersonError):
    """Too many attempts; wait a little."""

    status = 429

    def __init__(self, message: str | None = None, *, retry_after: float, **more: Any) -> None:
        """`retry_after` is in seconds."""
        super().__init__(message, **more)
        self.retry_after = retry_after


class ForeignRequest(PersonError):
    """This request does not come from a page of this service."""

    status = 403


class LinkNotValid(NotFound):
    """This link was used already, has expired, or never was one."""


class WeakPassword(InvalidInput):
    """This password is too easy to guess."""


class PersonNotFound(NotFound):
    """There is no such person."""


class EmailTaken(Conflict):
    """Somebody has this e-mail address already."""


class LastAdministrator(Conflict):
    """There must be an administrator left."""


class SessionNotFound(NotFound):
    """There is no such session."""


class NotSetUp(Conflict):
    """This installation has no such way to sign in."""


class ApiKeyNotFound(NotFound):
    """There is no such API key."""


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class ApiKeyView(_View):
    """An API key without its secret; `prefix` is how the secret begins. `last_used_at` is right to a minute."""

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


class NewApiKey(_View):
    """A key that was just made. `secret` is told here and never again."""

    key: ApiKeyView
    secret: str = Field(repr=False)


class PersonView(_View):
    """Somebody with an account."""

    id: UUID
    email: str = Field(examples=["ada@example.org"])
    name: str = Field(examples=["Ada Amsel"])
    role: PersonRole
    has_password: bool
    second_factor: bool = Field(description="Whether signing in with the password also takes a code.")
    created_at: dt.datetime
    last_sign_in_at: dt.datetime | None
    disabled_at: dt.datetime | None


class SessionView(_View):
    """A browser in which somebody is signed in. `program` is what it calls itself."""

    id: UUID
    current: bool
    how: str
    address: str
    program: str
    created_at: dt.datetime
    last_seen_at: dt.datetime
    expires_at: dt.datetime


class LinkView(_View):
    """A link that was handed out and not used yet, without its secret."""

    id: UUID
    kind: LinkKind
    email: str | None
    role: PersonRole | None
    created_at: dt.datetime
    expires_at: dt.datetime


class NewLink(_View):
    """A link that was just made. `url` is told here and never again."""

    link: LinkView
    url: str = Field(repr=False)


class SecondFactor(_View):
    """What an authenticator app needs, as text and as the address that its QR codes hold."""

    secret: str = Field(repr=False)
    url: str = Field(repr=False)


class AuditView(_View):
    """Something about access that was done or tried. `person_id` is who did it, `subject` whom or what it was about."""

    id: UUID
    at: dt.datetime
    kind: str = Field(examples=["sign_in"])
    person_id: UUID | None
    subject: str
    address: str
    details: dict[str, Any]


class Visitor(_View):
    """Where a request comes from, as audit and limits see it."""

    address: str = ""
    program: str = ""


class SignedIn(_View):
    """A new session. `token` goes into the cookie, and nowhere else."""

    person: PersonView
    session_id: UUID
    token: str = Field(repr=False)
    expires_at: dt.datetime


class Caller(BaseModel):
    """On whose behalf a request is answered: a signed-in person, a program with a key, or the only user.

    `person_id` is None for the only user of an installation without sign-in, who may do everything. `scopes` are
    those of the API key, None where a person signed in; `project_id` is the one project that a key is held to.
    """

    model_config = ConfigDict(frozen=True)

    person_id: UUID | None = None
    name: str = ""
    role: PersonRole = "administrator"
    session_id: UUID | None = None
    key_id: UUID | None = None
    scopes: tuple[str, ...] | None = None
    project_id: UUID | None = None
    address: str = ""
    _granted: set[tuple[UUID, str]] = PrivateAttr(default_factory=set[tuple[UUID, str]])

    @property
    def granted(self) -> set[tuple[UUID, str]]:
        """Projects and what in them was found to be allowed, for the request with which the caller came."""
        return self._granted

    @property
    def everything(self) -> bool:
        """Whether every project is the caller's: the only user, or an administrator's key that nobody owns."""
        return self.person_id is None and self.project_id is None and self.role == "administrator"

    @property
    def program_role(self) -> Literal["viewer", "editor"] | None:
        """What a key that nobody owns may do in the project that it is held to."""
        if self.person_id is not None or self.project_id is None or self.scopes is None:
            return None
        return "editor" if "write" in self.scopes else "viewer"
