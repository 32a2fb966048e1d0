"""What comparisons take and give."""

from datetime import datetime
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from scrivano.assessment.dto import Kind, Language, Scores
from scrivano.core.errors import Conflict, NotFound

Place = Literal["first", "second"]
Side = Literal["a", "b"]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
Text = Annotated[str, StringConstraints(max_length=20_000)]


class ComparisonNotFound(NotFound):
    """There is no such comparison."""


class AlreadyChosen(Conflict):
    """The choice has been made; it cannot be made again now that the names are known."""


class NotReady(Conflict):
    """The two texts are not written yet."""


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="after")
    @classmethod
    def _is_text(cls, value: object) -> object:
        found: list[object] = cast("list[object]", value) if isinstance(value, list) else [value]
        if any(isinstance(v, str) and "\0" in v for v in found):
            raise ValueError("holds a NUL character, which is not text")
        return cast(object, value)


class SideOrder(_Given):
    """Who writes one of the texts: a model (none: the usual route), from which version of the prompt (none: the one in
    production)."""

    model: Line | None = Field(default=None, examples=["llama-3.1-8b"])
    prompt_version: Line | None = Field(
        default=None, description="Number of a version of `write_chapter`, or a label such as `production`."
    )


class ComparisonOrder(_Given):
    """One chapter, to be written twice."""

    title: Line = Field(default="", description="Of the book.")
    subject: Text = ""
    kind: Kind = "non-fiction"
    audience: Line = "general readers"
    tone: Line = "clear and practical"
    language: Language = "en"
    domain: Line = ""
    niche: Line = ""
    genre: Line = ""
    chapter_title: Annotated[Line, Field(min_length=1)]
    chapter_summary: Text = ""
    points: list[Line] = Field(default_factory=list[str], max_length=20)
    words: int = Field(default=800, ge=100, le=6_000)
    sides: tuple[SideOrder, SideOrder]
    judge: bool = Field(default=False, description="Also let a model judge, in both orders.")
    judge_model: Line | None = None


class ComparisonRun(BaseModel):
    """What starts the run."""

    comparison_id: UUID


class SideText(BaseModel):
    """What a side wrote, and what it took. `cost` in US dollars."""

    side: Side
    text: str
    model: str
    cost: float
    seconds: float
    completion_tokens: int
    request_id: UUID


class PairAnswer(BaseModel):
    """The shape in which a judge of two texts has to answer."""

    better: Literal["first", "second", "tie"]
    reason: str = Field(max_length=4_000)
    first_quote: str = Field(description="Verbatim from the first text.", max_length=2_000)
    second_quote: str = Field(description="Verbatim from the second text.", max_length=2_000)


class PairVerdict(BaseModel):
    """One judgement, in one order. It counts only if both quotations stand in their texts."""

    order: tuple[Side, Side]
    better: Side | Literal["tie"]
    counts: bool
    reason: str
    cost: float


class Verdict(BaseModel):
    """Both orders together: a side wins if it wins both; else it is a tie, because the order decided."""

    better: Side | Literal["tie"]
    judgements: list[PairVerdict]


class ComparisonResult(BaseModel):
    """How the run ended."""

    comparison_id: UUID
    verdict: Verdict | None = None


class SideView(BaseModel):
    """A text under its place. Who wrote it, what it cost and what it scored are told after the choice."""

    place: Place
    text: str
    side: Side | None = None
    model: str | None = None
    prompts: dict[str, str] | None = None
    facts: dict[str, Any] | None = Field(
        default=None, description="Model that answered, cost in US dollars, seconds, tokens."
    )
    scores: Scores | None = None


class ComparisonView(BaseModel):
    """A comparison. `ready`: both texts are there. `sides` are in the order in which they are shown."""

    id: UUID
    project_id: UUID
    name: str
    scope: Literal["book", "chapter"]
    run_id: str
    order: ComparisonOrder
    ready: bool
    sides: list[SideView]
    chosen: Place | Literal["tie"] | None
    chosen_by: str | None
    reason: str
    verdict: Verdict | None = Field(default=None, description="The judge's; told after the choice.")
    created_at: datetime
    chosen_at: datetime | None


class Choice(_Given):
    """Which of the two is better."""

    better: Place | Literal["tie"]
    reason: Text = ""
