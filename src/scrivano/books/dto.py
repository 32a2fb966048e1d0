"""What a book is asked for (the brief), planned as (the outline) and, by the built-in writer, made of."""

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from scrivano.core.errors import Conflict, OperationalError

Kind = Literal["non-fiction", "fiction"]
BookSort = Literal["-created_at", "created_at", "title", "-title"]
CoverStyle = Literal["minimalist", "futuristic", "playful", "elegant", "corporate", "artistic"]
Trim = Literal["5x8", "5.06x7.81", "5.25x8", "5.5x8.5", "6x9", "6.14x9.21", "7x10", "8.5x11", "A5", "A4"]


def _without_nul(value: str) -> str:
    if "\0" in value:
        raise ValueError("a NUL character is no text")
    return value


LINE = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300), AfterValidator(_without_nul)]
TEXT = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=20_000), AfterValidator(_without_nul)
]
LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?$"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Character(_Strict):
    """A person of a novel."""

    name: Annotated[LINE, Field(min_length=1)]
    role: LINE = ""
    description: TEXT = ""
    facts: list[TEXT] = Field(
        default_factory=list[str], description="What must stay true of them throughout."
    )


class World(_Strict):
    """Where and when a novel happens and what holds there."""

    setting: TEXT = ""
    rules: list[TEXT] = Field(default_factory=list[str])
    timeline: list[TEXT] = Field(default_factory=list[str], description="Events in their order.")


class Brief(_Strict):
    """What the author wants written.

    Non-fiction needs a `subject`, or `domain` and `niche` of an installed pack; fiction needs a `premise`
    or a `subject`. Whether the niche is installed is not known here: see `load_brief` and the packs.
    """

    title: LINE | None = Field(default=None, description="Without one the outline gives it.")
    subtitle: LINE | None = None
    domain: LINE | None = Field(default=None, description="Slug of an installed pack.")
    niche: LINE | None = Field(default=None, description="Slug of a niche of that pack.")
    subject: TEXT | None = Field(
        default=None, description="What the book is about, for a book without a niche."
    )
    kind: Kind = "non-fiction"
    audience: LINE = "general readers"
    tone: LINE = "clear and practical"
    language: Annotated[str, StringConstraints(strip_whitespace=True, pattern=LANGUAGE)] = Field(
        default="en", description="BCP 47: a language code, with a script or region if wanted."
    )
    words: int = Field(default=12_000, ge=500, le=250_000, description="Length of the body in words.")
    chapters: int | None = Field(default=None, ge=1, le=60, description="Without one the outline decides.")
    cover_style: CoverStyle = "minimalist"
    trim: Trim = Field(default="6x9", description="Size of the page: inches, or A4 and A5.")
    author: LINE = ""
    references: list[LINE] = Field(
        default_factory=list[str],
        max_length=200,
        description="Files, folders or patterns, relative to the brief's own folder.",
    )
    date: dt.date | None = Field(default=None, description="The date the book bears; else that of the run.")
    premise: TEXT | None = None
    characters: list[Character] = Field(default_factory=list[Character], max_length=100)
    world: World | None = None
    approve_outline: bool = Field(
        default=False, description="Wait for a person before the chapters are written."
    )
    revision_rounds: int = Field(
        default=0,
        ge=0,
        le=5,
        description="How often at most a model revises a chapter that its assessment finds below the bar.",
    )
    revision_bar: float | None = Field(
        default=None, ge=0, le=100, description="The bar; without one that of the genre."
    )
    notes: TEXT | None = None

    @field_validator("title", "subtitle", "domain", "niche", "subject", "premise", "notes")
    @classmethod
    def _blank_is_absent(cls, value: str | None) -> str | None:
        return value or None

    @model_validator(mode="after")
    def _knows_what_about(self) -> Self:
        if self.domain and not self.niche:
            raise ValueError(f"niche: the domain {self.domain!r} is named, but none of its niches.")
        if self.niche and not self.domain:
            raise ValueError(f"domain: the niche {self.niche!r} is named, but not the domain it belongs to.")
        if self.kind == "fiction" and not (self.premise or self.subject):
            raise ValueError(
                "premise: fiction needs a premise (or a subject): a sentence or two on what happens."
            )
        if self.kind == "non-fiction" and not (self.subject or self.niche):
            raise ValueError("subject: name a subject, or a domain and a niche of an installed pack.")
        return self


class OutlineChapter(BaseModel):
    """One planned chapter. `words` is its target length."""

    number: int = Field(ge=1, le=100_000)
    title: str
    summary: str = ""
    points: list[str] = Field(default_factory=list[str])
    words: int = Field(default=0, ge=0, le=1_000_000)
    depends_on: list[Annotated[int, Field(ge=0, le=100_000)]] = Field(
        default_factory=list[int], description="Earlier chapters whose events or results this one needs."
    )


class BookOutline(BaseModel):
    """The plan of a book. `notes` tell the author in sentences where it had to depart from the brief."""

    title: str
    subtitle: str = ""
    summary: str = ""
    chapters: list[OutlineChapter] = Field(max_length=400)
    notes: list[str] = Field(default_factory=list[str])


class TracedSentence(BaseModel, frozen=True):
    """A sentence as it stands in the chapter's Markdown, and the passage that it comes from."""

    text: str
    source_id: str
    source_title: str
    passage_id: str


class TracedBlock(BaseModel, frozen=True):
    """A block of a chapter's Markdown (heading, paragraph, list, table, quotation, code) and its passage."""

    kind: Literal["heading", "paragraph", "list", "table", "quote", "code"]
    markdown: str
    source_id: str
    source_title: str
    passage_id: str


class ComposedChapter(BaseModel):
    """A chapter of the built-in writer.

    `blocks`, joined by blank lines, are exactly `markdown`. `sentences`, joined by spaces, are exactly its
    prose: paragraphs, quotations and list items, without the signs that mark them as such. `shortfall` says
    in full sentences where the material did not carry what was asked for; empty if it did.
    """

    title: str
    markdown: str
    sentences: list[TracedSentence]
    blocks: list[TracedBlock]
    shortfall: list[str] = Field(default_factory=list[str])
    words: int = 0


class OutlineRejected(Conflict):
    """The outline was not approved, so no chapter was written."""


class ChapterNotWritten(OperationalError):
    """The model gave no text that could stand in the book."""
