"""What `publishing` takes and gives, and what can go wrong with it."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from scrivano.core.errors import Conflict, InvalidInput, NotAllowed, NotFound, Unavailable

Kind = Literal["hugo", "jekyll", "astro", "wordpress", "ghost", "atom", "email"]
KINDS: tuple[Kind, ...] = ("hugo", "jekyll", "astro", "wordpress", "ghost", "atom", "email")
Status = Literal["sending", "published", "unclear", "failed"]
EventKind = Literal["created", "updated", "unchanged", "found_again", "unclear", "failed"]
Visibility = Literal["draft", "public"]
TargetName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]


class TargetNotFound(NotFound):
    """There is no such publishing target."""


class TargetTaken(Conflict):
    """A publishing target of this name exists already."""


class BeingPublished(Conflict):
    """This text is being published there at this moment."""


class TargetRefused(InvalidInput):
    """The place that was published to refused."""


class CredentialsRefused(NotAllowed):
    """The place that was published to did not accept the credentials."""


class TargetUnreachable(Unavailable):
    """The place that was published to does not answer."""


class Unclear(Unavailable):
    """The place that was published to may have taken the text: it broke off without an answer."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Picture(_Frozen):
    """A picture that goes with a text. `sha256` is that of its bytes; without `data` it is only described."""

    sha256: str
    media_type: str
    alt: str = ""
    data: bytes = Field(default=b"", repr=False, exclude=True)

    @property
    def suffix(self) -> str:
        """How its file's name ends."""
        ends = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "image/gif": ".gif"}
        return ends.get(self.media_type, ".img")


class Citation(_Frozen):
    """A source that the text may point at with `[^number]`."""

    number: int
    url: str
    title: str
    published: str | None = None


class Article(_Frozen):
    """A text to publish. `marker` is its id for ever: by it a copy that is there already is found again.

    `body` is Markdown; `[^3]` in it points at the citation of number 3.
    """

    marker: str
    version: int = 1
    title: str
    slug: str
    body: str
    summary: str = ""
    tags: tuple[str, ...] = ()
    language: str = "en"
    author: str = ""
    date: datetime
    updated: datetime
    picture: Picture | None = None
    citations: tuple[Citation, ...] = ()


class TargetSettings(BaseModel):
    """How to reach a place. Which of these a kind uses is told by `GET /api/publishing-targets/kinds`."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(
        default="", max_length=2000, description="The site's address, such as https://example.org."
    )
    visibility: Visibility = Field(default="public", description="Whether it appears at once or as a draft.")
    folder: str = Field(
        default="",
        max_length=120,
        description="Files: the site's folder below `sites` in the data folder; a link there may lead elsewhere.",
    )
    username: str = Field(default="", max_length=200, description="WordPress, e-mail: who signs in.")
    markup: Literal["blocks", "html"] = Field(
        default="blocks", description="WordPress: the form of the text."
    )
    categories: list[int] = Field(
        default_factory=list[int], max_length=50, description="WordPress: their ids."
    )
    title: str = Field(default="", max_length=300, description="Feed, newsletter: its title.")
    author: str = Field(default="", max_length=200, description="Who is named where the text names nobody.")
    host: str = Field(
        default="", max_length=253, description="E-mail: the server that takes mail for sending."
    )
    port: int = Field(default=587, ge=1, le=65535, description="E-mail: its port.")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="E-mail: `none` only on this machine and private networks."
    )
    sender: str = Field(default="", max_length=320, description="E-mail: the address that it comes from.")
    recipients: list[str] = Field(
        default_factory=list[str], max_length=5000, description="E-mail: each gets a message of their own."
    )
    entries: int = Field(default=50, ge=1, le=500, description="Feed: how many texts it shows.")


class NewTarget(BaseModel):
    """A place to publish to. `secret` is stored encrypted and never comes back out."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"name": "my-blog", "kind": "hugo", "settings": {"folder": "my-blog"}, "secret": None}
            ]
        },
    )

    name: TargetName = Field(description="What it is called here: lower case, digits, hyphens.")
    kind: Kind
    settings: TargetSettings = TargetSettings()
    secret: str | None = Field(
        default=None,
        max_length=4000,
        repr=False,
        description="WordPress: an application password. Ghost: an Admin API key. E-mail: the password.",
    )


class TargetChange(BaseModel):
    """What may be changed of a target; what is not given stays. A changed address needs the secret again."""

    model_config = ConfigDict(extra="forbid")

    settings: TargetSettings | None = None
    secret: str | None = Field(default=None, max_length=4000, repr=False)


class TargetView(_Frozen):
    """A place to publish to, without its secret."""

    id: UUID
    project_id: UUID
    name: str
    kind: Kind
    settings: TargetSettings
    has_secret: bool
    created_at: datetime


class Planned(_Frozen):
    """One thing that publishing would do, exactly as it would be done: a request, a file or a message."""

    kind: Literal["request", "file", "message"]
    summary: str
    method: str = ""
    place: str = Field(description="The address, path or recipient.")
    headers: dict[str, str] = Field(default_factory=dict, description="Without what is secret.")
    body: str = Field(default="", description="Text as it is sent; of a picture its size and hash.")


class Preview(_Frozen):
    """What publishing would do now. `action` is `create`, `update`, or `nothing` if the place is up to date."""

    target: TargetView
    action: Literal["create", "update", "nothing"]
    steps: list[Planned]
    notes: list[str]


class PublicationView(_Frozen):
    """A text at a place. `version` is the text's version there; `digest` is of exactly what was sent."""

    id: UUID
    target_id: UUID
    target: str
    kind: Kind
    marker: str
    title: str
    status: Status
    remote_id: str | None
    url: str | None
    version: int
    digest: str | None
    error: str | None
    created_at: datetime
    published_at: datetime | None


class PublicationEvent(_Frozen):
    """Something that happened to a publication."""

    kind: EventKind
    detail: dict[str, Any]
    at: datetime


class KindView(_Frozen):
    """A kind of place: which settings it needs, and what its secret is."""

    kind: Kind
    title: str
    settings: list[str]
    required: list[str]
    secret: str | None
