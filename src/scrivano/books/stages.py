"""What the steps of a book hand to each other. Plain data; every field survives a crash in the run's log."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from scrivano.books.dto import BookOutline, Brief

BUILT_IN = "built-in writer"
AUTHOR = "author"
"""Who wrote a manuscript that was brought in."""


class BookOrder(BaseModel):
    """What starts a run: the stored book, and how it is to be made."""

    book_id: UUID
    model: str | None = None
    max_cost: float | None = None
    prompts: dict[str, str] = Field(
        default_factory=dict[str, str], description="Ids of versions to be used in place of production's."
    )


class Plan(BaseModel):
    """What is decided before the first word, and holds to the end: who writes, from which prompt versions."""

    book_id: UUID
    brief: Brief
    writer: Literal["model", "built-in writer", "author"]
    models: list[str] = Field(default_factory=list, description="The chain that may be asked, best first.")
    prompts: dict[str, str] = Field(default_factory=dict, description="Template name to pinned version id.")
    day: date
    language_name: str = "English"
    project_id: str | None = Field(default=None, description="Whose policy and budget hold for every call.")
    user_id: str | None = None
    runs: list[str] = Field(
        default_factory=list,
        description="Earlier runs whose requests stand behind the text, beside the current one.",
    )


class StoryMemory(BaseModel):
    """What later chapters have to know of one: established facts, not its prose."""

    number: int = 0
    summary: str
    facts: list[str] = Field(default_factory=list, max_length=20)
    names: list[str] = Field(default_factory=list, max_length=40)
    open_threads: list[str] = Field(default_factory=list, max_length=20)


class ChapterOrder(BaseModel):
    """One chapter to write."""

    plan: Plan
    outline: BookOutline
    number: int
    memory: list[StoryMemory] = Field(
        default_factory=list[StoryMemory], description="Of the chapters it depends on."
    )


class Passage(BaseModel):
    """Prose that a model gave, already freed of what is not the book's."""

    text: str
    finish_reason: str
    request_id: UUID
    words: int
    removed: list[str] = Field(default_factory=list, description="Scaffolding taken out, for the record.")


class ChapterDraft(BaseModel):
    """A chapter as it stands."""

    number: int
    title: str
    text: str
    words: int
    target: int
    request_ids: list[UUID] = Field(default_factory=list[UUID])
    memory: StoryMemory | None = None
    sources: list[str] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)


class Finding(BaseModel):
    """Something that does not fit: the words at fault, and those that they contradict."""

    quote: str = Field(description="Verbatim from the chapter.")
    against: str = Field(default="", description="Verbatim from the material that it contradicts.")
    problem: str
    fix: str = Field(description="What the passage should say instead, in a sentence.")


class ContinuityReport(BaseModel):
    """What a reader who knows the other chapters found in one. Empty when all is well."""

    findings: list[Finding] = Field(default_factory=list[Finding], max_length=8)


class Repair(BaseModel):
    """One passage replaced by another."""

    number: int
    before: str
    after: str
    request_id: UUID


class Edition(BaseModel):
    """Which texts the files are made of: the number of each chapter's version, by the chapter's."""

    versions: dict[int, int]


class BookResult(BaseModel):
    """How a run ended well."""

    book_id: UUID
    title: str
    words: int
    chapters: int
    generated_with: str
    files: list[str]
    notes: list[str] = Field(default_factory=list)
    proposals: list[int] = Field(
        default_factory=list[int], description="Chapters where what was written waits beside a person's text."
    )


class RewriteOrder(BaseModel):
    """One chapter to write anew, as a person wants it."""

    book_id: UUID
    number: int
    instructions: str = ""
    model: str | None = None
    max_cost: float | None = None


class Rewriting(BaseModel):
    """A chapter that is to be written anew: its place in the book, and the version that it goes out from."""

    order: ChapterOrder
    instructions: str
    document_id: UUID
    base_number: int
    text: str


class RewriteResult(BaseModel):
    """What became of it. With a `proposal_id` a person's text stands, and the new one waits beside it."""

    book_id: UUID
    number: int
    words: int
    version: int
    proposal_id: UUID | None = None


class ProofOrder(BaseModel):
    """A book, or one chapter of it, to read for contradictions."""

    book_id: UUID
    number: int | None = None
    model: str | None = None
    max_cost: float | None = None


class Proofs(BaseModel):
    """The chapters as they stand, those to be read by number, and their documents."""

    plan: Plan
    chapters: list[ChapterDraft]
    wanted: list[int]
    documents: dict[int, UUID]


class ProofResult(BaseModel):
    """What was found, as remarks on the passages. `remarks` counts those that were not there yet."""

    book_id: UUID
    chapters: int
    findings: int
    remarks: int


class RebindOrder(BaseModel):
    """A book whose files are to be made again out of its texts as they stand."""

    book_id: UUID


class Rebinding(BaseModel):
    """How the files are made: by the plan that the book was written to."""

    plan: Plan
    outline: BookOutline


def chapter_number(plan: Plan, draft: ChapterDraft, *_: object) -> str:
    """What a step that is given a draft is about."""
    return str(draft.number)
