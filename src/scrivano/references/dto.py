"""A reference as it was read, and the passages it falls into."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from scrivano.core.errors import Conflict, InvalidInput, NotFound, PersonError

PassageKind = Literal["paragraph", "list", "table", "quote", "code"]
ReferenceKind = Literal[
    "character", "style guide", "world-building", "timeline", "research", "glossary", "other"
]
ReferenceStatus = Literal["converting", "ready", "failed"]
ReferenceSort = Literal["name", "-name", "created_at", "-created_at", "size", "-size"]


class ReferenceNotFound(NotFound):
    """There is no such reference."""


class ReferenceExists(Conflict):
    """There is another reference of this name in the project."""


class ReferenceNotReady(Conflict):
    """The reference is still being read, or could not be read."""


class ReferenceTooLarge(PersonError):
    """The file is too large."""

    status = 413


class UnreadableReference(InvalidInput):
    """The file cannot be read."""


class Reference(BaseModel):
    """A file of the author's own, as Markdown.

    `name` is its path below the folder it was named in; `sha256` is that of the file's bytes, not of `text`.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    title: str = Field(
        description="What the EPUB file is called, else its first heading of the first level, else what a DOCX file is "
        "called, else made from the file's name."
    )
    named: str = Field(default="", exclude=True, description="The title that the file says it has.")
    author: str = Field(default="", exclude=True, description="The author whom the file names.")
    media_type: str
    sha256: str
    words: int
    text: str
    id: UUID | None = Field(default=None, description="Its id in the database, if it was uploaded.")
    kind: ReferenceKind = "other"
    language: str = Field(default="", description="ISO 639-1 code; empty if unknown.")
    page_starts: list[int] = Field(
        default_factory=list[int], description="The offset in `text` at which each page begins."
    )
    from_chapter: int | None = Field(
        default=None, description="The chapter from which on the story has told what stands here."
    )
    passages_from_chapter: dict[int, int] = Field(
        default_factory=dict[int, int], description="The same for single passages, by their number from 1."
    )


class Passage(BaseModel):
    """One paragraph, list, table, quotation or piece of code of a reference, under its headings.

    `text` is `reference.text[start:end]`; `headings` go from the outermost to the innermost. Passages of one
    section follow on each other, and `id` (`name#number`) counts them from 1 in the order of the text.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    source: str
    source_title: str
    headings: list[str]
    text: str
    start: int
    end: int
    kind: PassageKind = "paragraph"
    number: int = Field(default=0, description="From 1 in the order of the text.")
    reference_id: UUID | None = None
    page: int | None = Field(
        default=None, description="The page that it begins on, from 1, where there are any."
    )
    from_chapter: int | None = Field(
        default=None, description="Not to be told before this chapter; None for what may be told at any time."
    )


class ReferenceOrder(BaseModel):
    """What the run that reads a file is given."""

    reference_id: UUID


class ReferenceRead(BaseModel):
    """How reading a file ended. `problem` is empty if it went well."""

    reference_id: UUID
    name: str
    status: ReferenceStatus
    problem: str = ""
    passages: int = 0
    vectors_by: str | None = None


class ReadingProblem(BaseModel):
    """Why a file could not be read, and what can be done about it."""

    model_config = ConfigDict(frozen=True)

    reason: str
    remedy: str


class ReferenceView(BaseModel):
    """An uploaded reference without its text.

    While `status` is `converting`, what is known only after reading (title, words, passages) is empty or 0.
    """

    model_config = ConfigDict(frozen=True)

    id: UUID
    project_id: UUID
    name: str = Field(description="Unique in the project.", examples=["characters/ada.md"])
    title: str
    kind: ReferenceKind
    status: ReferenceStatus
    problem: ReadingProblem | None = Field(description="Set where `status` is `failed`.")
    media_type: str
    sha256: str = Field(description="Of the file as it was uploaded.")
    size: int = Field(description="Bytes of the file as it was uploaded.")
    language: str = Field(description="ISO 639-1 code; empty if unknown.", examples=["en"])
    words: int
    pages: int | None = Field(description="Where the format has pages.")
    passages: int
    from_chapter: int | None
    embedding_model: str | None = Field(
        description="The model that made vectors of its passages. Null where none was in reach: what is in English is "
        "then found by the meaning of its words, without a model."
    )
    run_id: str | None = Field(description="The run that reads it.")
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime


class Found(BaseModel):
    """A passage that a search found, best first. `score` compares only within one answer.

    `snippet` is `text[snippet_start:snippet_end]` of the reference; `marks` are the places in the snippet of the
    words that were looked for, as pairs of start and end.
    """

    model_config = ConfigDict(frozen=True)

    reference_id: UUID
    kind: ReferenceKind
    passage: Passage
    score: float
    snippet: str
    snippet_start: int
    snippet_end: int
    marks: list[tuple[int, int]]
    by_words: bool = Field(description="Found by its words.")
    by_meaning: bool = Field(description="Found by its meaning.")


class Use(BaseModel):
    """Where a passage was used: the chapter of a book, a post. `place` names the part of it."""

    model_config = ConfigDict(frozen=True)

    reference_id: UUID
    passage: int
    feature: str = Field(examples=["book"])
    item_id: str
    place: str = Field(examples=["chapter 3"])
    request_id: UUID | None
    used_at: datetime
