"""Scores: of any text at once, of books over time, and the genres that say what counts."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from scrivano.api.access import ADMINISTRATOR, OWNERS, PROJECT, SIGNED_IN, CurrentCaller, require
from scrivano.api.dependencies import Limit, Offset, Services
from scrivano.assessment.public import (
    MEASURES,
    GenreContent,
    GenreView,
    Grouping,
    Manuscript,
    Report,
    StoredScore,
    TrendPoint,
)
from scrivano.core.errors import InvalidInput, NotFound
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.wiring import House

router = APIRouter(prefix="/api", tags=["assessment"])
Slug = Annotated[str, Path(max_length=41, pattern=r"^[a-z][a-z0-9-]{0,40}$")]
Project = Annotated[UUID, Query(description="The project whose scores are wanted.")]


async def _owner(house: House, score_id: str) -> UUID | None:
    return (await house.assessments.score(UUID(score_id))).project_id


OWNERS["score_id"] = _owner

_EXAMPLE: dict[str, JsonValue] = {
    "chapters": [{"title": "A bench", "text": "A bench stands ninety centimetres high. Measure twice."}],
    "outline": [{"title": "A bench", "points": ["height of the bench"], "words": 10}],
    "audience": "beginners",
}


class TextToAssess(Manuscript):
    """Any text, with the outline and the references that it is held against, if there are any."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    domain: str = Field(
        default="", max_length=300, description="Slug of a pack, by which the genre is chosen."
    )


class MeasureNames(BaseModel):
    """The measures that need no judge."""

    measures: list[str]


@router.post("/assess", dependencies=SIGNED_IN)
async def assess_text(house: Services, text: TextToAssess) -> Report:
    """All measures of a text, with findings: quotation, place, what is wrong and what to do. No model is asked and
    nothing is stored. Three million characters at most."""
    manuscript = Manuscript.model_validate(text.model_dump(exclude={"domain"}))
    return await house.assessments.measure(manuscript, domain=text.domain)


@router.get("/assess/measures", dependencies=SIGNED_IN)
async def list_measures() -> MeasureNames:
    """The names of all measures."""
    return MeasureNames(measures=list(MEASURES))


@router.get("/genres", dependencies=SIGNED_IN)
async def list_genres(house: Services) -> list[GenreView]:
    """Genres: how much each measure counts, what suits, and the rubric that a judge is asked."""
    return await house.assessments.genres()


@router.get("/genres/{slug}", dependencies=SIGNED_IN)
async def get_genre(house: Services, slug: Slug) -> GenreView:
    """One genre."""
    for genre in await house.assessments.genres():
        if genre.slug == slug:
            return genre
    raise NotFound(f"There is no genre {slug!r}.", field="slug")


@router.put("/genres/{slug}", dependencies=ADMINISTRATOR)
async def put_genre(house: Services, slug: Slug, content: GenreContent) -> GenreView:
    """Make a genre, or change one. What was scored before keeps its score."""
    if content.slug != slug:
        raise InvalidInput("The slug in the address and the one in the genre differ.", field="slug")
    return await house.assessments.put_genre(content)


@router.post("/books/{book_id}/assess", dependencies=PROJECT)
async def assess_book(house: Services, book_id: UUID) -> Report:
    """Measure a book as it stands, with a person's edits in it, and store the scores. No model is asked."""
    return await house.scoring.assess(book_id)


@router.get("/books/{book_id}/scores", dependencies=PROJECT)
async def list_book_scores(
    house: Services,
    book_id: UUID,
    kept: Annotated[bool | None, Query(description="Only the versions that stand in the book.")] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> list[StoredScore]:
    """Scores of a book: by run, newest first, then the whole, then chapters with each round of revision."""
    await house.books.get(book_id)
    return await house.assessments.scores(book_id=book_id, kept=kept, limit=limit, offset=offset)


@router.get("/scores", dependencies=SIGNED_IN)
async def list_scores(
    house: Services,
    caller: CurrentCaller,
    project_id: Project = DEFAULT_PROJECT,
    kept: bool | None = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> list[StoredScore]:
    """Scores of a project, newest first."""
    await require(house, caller, project_id, "viewer")
    return await house.assessments.scores(project_id=project_id, kept=kept, limit=limit, offset=offset)


@router.get("/scores/trend", dependencies=SIGNED_IN)
async def score_trend(
    house: Services,
    caller: CurrentCaller,
    project_id: Project = DEFAULT_PROJECT,
    by: Annotated[Grouping, Query(description="What to tell apart.")] = "model",
    measure: Annotated[
        str | None, Query(max_length=40, description="One measure; without it the combined score.")
    ] = None,
    days: Annotated[int, Query(ge=1, le=3650)] = 90,
    limit: Limit = 500,
) -> list[TrendPoint]:
    """Chapters' scores by day, for each model, prompt version, niche, genre or book."""
    await require(house, caller, project_id, "viewer")
    if measure is not None and measure not in MEASURES:
        raise InvalidInput(
            f"There is no measure {measure!r}.", field="measure", remedy=f"There are: {', '.join(MEASURES)}."
        )
    return await house.assessments.trend(project_id, by, measure=measure, days=days, limit=limit)


@router.get("/scores/{score_id}", dependencies=PROJECT)
async def get_score(house: Services, score_id: UUID) -> StoredScore:
    """One score with its findings."""
    return await house.assessments.score(score_id)
