"""What `assessment` takes and gives: texts to judge, measures with findings, rubrics, verdicts, stored scores."""

from datetime import datetime
from typing import Annotated, Literal, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from scrivano.core.errors import InvalidInput, NotFound

MEASURES = (
    "length",
    "wholeness",
    "coverage",
    "repetition",
    "cohesion",
    "readability",
    "voice",
    "names",
    "contradictions",
    "citations",
    "dialogue",
)
Kind = Literal["non-fiction", "fiction"]
LONGEST = 2_000_000
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]


class AssessmentNotFound(NotFound):
    """There is no such assessment."""


class GenreNotFound(NotFound):
    """There is no such genre."""


class NothingToAssess(InvalidInput):
    """There is no text to assess."""


def _holds_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(
            map(
                _holds_nul,
                [*cast("dict[object, object]", value), *cast("dict[object, object]", value).values()],
            )
        )
    return isinstance(value, list) and any(map(_holds_nul, cast("list[object]", value)))


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="after")
    @classmethod
    def _is_text(cls, value: object) -> object:
        if _holds_nul(value):
            raise ValueError("holds a NUL character, which is not text")
        return value


class PlannedChapter(_Given):
    """What the outline wanted of one chapter. `words` is the length that was asked, 0 where none was."""

    title: Line = ""
    summary: Annotated[str, Field(max_length=20_000)] = ""
    points: list[Annotated[str, StringConstraints(max_length=2_000)]] = Field(
        default_factory=list[str], max_length=60
    )
    words: int = Field(default=0, ge=0, le=1_000_000)


class ChapterText(_Given):
    """A chapter as Markdown."""

    title: Line = ""
    text: Annotated[str, Field(max_length=LONGEST)]


class KnownText(_Given):
    """A reference: what the chapters must not contradict."""

    name: Line
    text: Annotated[str, Field(max_length=LONGEST)]


class Manuscript(_Given):
    """A text to assess, with what is known of what it should be.

    Measures that have nothing to compare with (no outline, no references) are left out of the score.
    """

    chapters: list[ChapterText] = Field(min_length=1, max_length=500)
    outline: list[PlannedChapter] = Field(default_factory=list[PlannedChapter], max_length=500)
    references: list[KnownText] = Field(default_factory=list[KnownText], max_length=200)
    words: int = Field(default=0, ge=0, le=10_000_000, description="Length asked of the whole; 0 if none.")
    language: Language = "en"
    kind: Kind = "non-fiction"
    genre: Line = Field(default="", description="Slug of a genre; empty: the one that suits the kind.")
    audience: Line = "general readers"


class Finding(BaseModel):
    """Something to look at. `start` and `end` are offsets in the chapter's Markdown, 0-based, `end` exclusive;
    `quote` is the text between them. A finding about the whole has no chapter and an empty quotation."""

    measure: str
    chapter: int | None = Field(default=None, description="Number of the chapter, from 1.")
    quote: str = ""
    start: int = 0
    end: int = 0
    why: str
    advice: str


class Measure(BaseModel):
    """A score from 0 (useless) to 100 (nothing to say), and what lowered it."""

    name: str
    score: float = Field(ge=0, le=100)
    weight: float = Field(ge=0, description="Share in the overall score; see the genre.")
    facts: dict[str, float] = Field(default_factory=dict[str, float], description="Figures behind the score.")
    findings: list[Finding] = Field(default_factory=list[Finding])


class Scores(BaseModel):
    """Measures of one text and their weighted mean."""

    score: float = Field(ge=0, le=100)
    measures: list[Measure]

    def of(self, name: str) -> float | None:
        """The score of one measure; None where it did not apply."""
        return next((m.score for m in self.measures if m.name == name), None)


class ChapterScores(Scores):
    """One chapter of the whole."""

    number: int
    title: str = ""
    words: int = 0


class Report(Scores):
    """What the measures say of a whole text, and of each of its chapters."""

    genre: str
    words: int
    language: str
    chapters: list[ChapterScores]

    @property
    def findings(self) -> list[Finding]:
        """All findings, the whole text's first."""
        own = [f for m in self.measures for f in m.findings]
        return own + [f for c in self.chapters for m in c.measures for f in m.findings]


# --- rubrics --------------------------------------------------------------------------------------


class Criterion(_Given):
    """One question of a rubric. `levels` say what a text at 0, 50 and 100 looks like."""

    slug: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
    name: Line
    question: Annotated[str, StringConstraints(max_length=1_000)]
    weight: float = Field(default=1.0, gt=0, le=100)
    levels: dict[str, Annotated[str, StringConstraints(max_length=500)]] = Field(
        default_factory=dict[str, str], description="Keys `0`, `50`, `100`."
    )


class GenreContent(_Given):
    """A genre: how much each measure counts, and what a judge is asked."""

    slug: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,40}$")]
    name: Line
    description: Annotated[str, StringConstraints(max_length=1_000)] = ""
    kind: Kind = "non-fiction"
    domains: list[Line] = Field(default_factory=list[str], description="Packs whose books are of this genre.")
    weights: dict[str, float] = Field(description="Per measure; a measure that is not named does not count.")
    reading_ease: tuple[float, float] = Field(
        default=(45.0, 75.0),
        description="Flesch reading ease that suits, unless the audience says otherwise.",
    )
    dialogue: tuple[float, float] | None = Field(
        default=None, description="Share of words in direct speech that suits, from 0 to 1."
    )
    bar: float = Field(default=70, ge=0, le=100, description="Below it a chapter is revised.")
    criteria: list[Criterion] = Field(min_length=1, max_length=20)

    @field_validator("weights")
    @classmethod
    def _weights_are_known(cls, value: dict[str, float]) -> dict[str, float]:
        for name, weight in value.items():
            if name not in MEASURES:
                raise ValueError(f"{name!r} is no measure; there are: {', '.join(MEASURES)}")
            if not 0 <= weight <= 1000:
                raise ValueError(f"the weight of {name} is {weight}; give 0 to 1000")
        if not any(value.values()):
            raise ValueError("at least one measure has to count")
        return value


class GenreView(BaseModel):
    """A genre as it is now. `version` counts the changes, from 1."""

    slug: str
    version: int
    content: GenreContent
    changed_at: datetime


class Verdict(BaseModel):
    """A judge's answer to one criterion, as it came."""

    criterion: str = Field(description="Slug of the criterion.")
    score: float = Field(ge=0, le=100)
    quote: str = Field(description="Verbatim from the text, one sentence or less.", max_length=2_000)
    why: str = Field(default="", max_length=4_000)
    advice: str = Field(default="", max_length=4_000)


class JudgeAnswer(BaseModel):
    """The shape that a judge has to answer in."""

    verdicts: list[Verdict] = Field(max_length=40)


class Judged(BaseModel):
    """One criterion after the check of its quotation. It counts only if the quotation stands in the text."""

    criterion: str
    name: str
    weight: float
    score: float
    counts: bool
    quote: str
    start: int = 0
    end: int = 0
    why: str = ""
    advice: str = ""


class Judgement(BaseModel):
    """A rubric's outcome. `score` is the weighted mean of the criteria that count, None if none does."""

    score: float | None
    criteria: list[Judged]
    dropped: int = Field(default=0, description="Verdicts whose quotation is not in the text, or doubled.")
    request_id: UUID | None = None
    model: str = ""
    prompt_version: str | None = None
    cost: float = 0.0


# --- stored scores --------------------------------------------------------------------------------


class ScoreKeys(BaseModel):
    """What a score belongs to, and what it may be looked up by."""

    project_id: UUID | None = None
    book_id: UUID | None = None
    chapter: int | None = None
    document_id: UUID | None = None
    version: int | None = Field(default=None, description="Version of the chapter's document.")
    run_id: str | None = None
    round: int = 0
    model: str = ""
    prompt_version: str = ""
    niche: str = ""


class StoredScore(ScoreKeys):
    """A stored score. `kept`: this version stands in the book; other rounds were tried and left."""

    id: UUID
    genre: str
    score: float
    rubric_score: float | None
    combined: float
    words: int
    kept: bool
    created_at: datetime
    measures: dict[str, float]
    criteria: dict[str, float]
    findings: list[Finding] = Field(default_factory=list[Finding])


class TrendPoint(BaseModel):
    """Scores of one day and one group."""

    day: str = Field(description="YYYY-MM-DD, UTC.")
    group: str
    count: int
    mean: float
    lowest: float
    highest: float
