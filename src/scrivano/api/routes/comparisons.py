"""A/B: the same chapter or book by two models or from two prompt versions, chosen between blindly."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from scrivano.api.access import OWNERS, PROJECT, SIGNED_IN, CurrentCaller, require
from scrivano.api.dependencies import Limit, Offset, Services
from scrivano.api.idempotency import Once
from scrivano.api.routes.books import Ceiling
from scrivano.api.values import Line
from scrivano.assessment.public import Choice, ComparisonOrder, ComparisonView
from scrivano.books.public import BookSide, Brief
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.wiring import House

router = APIRouter(prefix="/api/blind-comparisons", tags=["blind comparisons"])

_EXAMPLE: dict[str, JsonValue] = {
    "name": "Small or large?",
    "order": {
        "chapter_title": "Choosing a bench",
        "points": ["height", "wood", "vise"],
        "audience": "beginners",
        "words": 600,
        "sides": [{"model": "llama-3.1-8b"}, {"model": "qwen2.5-14b"}],
        "judge": True,
    },
}


_BOOKS: dict[str, JsonValue] = {
    "name": "Small or large?",
    "brief": {"subject": "growing apples", "words": 6000},
    "sides": [{"model": "llama-3.1-8b"}, {"model": "qwen2.5-14b", "prompts": {"write_chapter": "2"}}],
    "max_cost": 0.5,
}


async def _owner(house: House, comparison_id: str) -> UUID | None:
    return await house.comparisons.project_of(UUID(comparison_id))


OWNERS["comparison_id"] = _owner


class ComparisonRequest(BaseModel):
    """What is to be written twice, and by whom."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    project_id: UUID = DEFAULT_PROJECT
    name: Line = ""
    order: ComparisonOrder


@router.post("", status_code=202, response_model=ComparisonView, dependencies=SIGNED_IN)
async def order_comparison(
    house: Services, caller: CurrentCaller, request: ComparisonRequest, once: Once
) -> Any:
    """Have a chapter written twice. Follow the run at `/api/runs/{run_id}/events`; then choose."""
    await require(house, caller, request.project_id, "editor")

    async def work(comparison_id: UUID) -> ComparisonView:
        return await house.comparisons.order(
            request.order,
            name=request.name,
            project_id=request.project_id,
            user_id=caller.person_id,
            comparison_id=comparison_id,
        )

    return await once(work)


class BookComparisonRequest(BaseModel):
    """A brief, and who is to make a book of it. `max_cost` is the ceiling of each book, in US dollars."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_BOOKS]})

    project_id: UUID = DEFAULT_PROJECT
    name: Line = ""
    brief: Brief
    reference_ids: list[UUID] = Field(default_factory=list[UUID], max_length=200)
    sides: tuple[BookSide, BookSide]
    max_cost: Ceiling = None


@router.post("/books", status_code=202, response_model=ComparisonView, dependencies=SIGNED_IN)
async def order_book_comparison(
    house: Services, caller: CurrentCaller, request: BookComparisonRequest, once: Once
) -> Any:
    """Have a whole book written twice. Look at the comparison until it is `ready`, read both, choose.

    Until then neither book is in the list of books. `verdict` chooses by the measures: the better score, a tie where
    they are within a point.
    """
    await require(house, caller, request.project_id, "editor")
    await house.projects.get(request.project_id, caller)

    async def work(comparison_id: UUID) -> ComparisonView:
        references = await house.library.get_many(request.project_id, request.reference_ids)
        return await house.book_comparisons.order(
            request.brief,
            request.sides,
            references,
            name=request.name,
            max_cost=request.max_cost,
            project_id=request.project_id,
            user_id=caller.person_id,
            comparison_id=comparison_id,
        )

    return await once(work)


@router.get("", dependencies=SIGNED_IN)
async def list_comparisons(
    house: Services,
    caller: CurrentCaller,
    project_id: Annotated[UUID, Query(description="The project that they belong to.")] = DEFAULT_PROJECT,
    limit: Limit = 50,
    offset: Offset = 0,
) -> list[ComparisonView]:
    """Comparisons, newest first."""
    await require(house, caller, project_id, "viewer")
    return await house.comparisons.list(project_id, limit=limit, offset=offset)


@router.get("/{comparison_id}", dependencies=PROJECT)
async def get_comparison(house: Services, comparison_id: UUID) -> ComparisonView:
    """One comparison. Who wrote which text, what it cost and how it scored is told after the choice."""
    return await house.book_comparisons.get(comparison_id)


@router.post("/{comparison_id}/choice", dependencies=PROJECT)
async def choose(
    house: Services, caller: CurrentCaller, comparison_id: UUID, choice: Choice
) -> ComparisonView:
    """Say which text is better, once. Where the project agreed to it, the choice becomes a training sample."""
    await house.book_comparisons.get(comparison_id)
    chosen = await house.comparisons.choose(comparison_id, choice)
    await house.training.from_choice(chosen, user_id=caller.person_id)
    return chosen


@router.post("/{comparison_id}/verdict", dependencies=PROJECT)
async def take_verdict(house: Services, comparison_id: UUID) -> ComparisonView:
    """Let the judge's verdict be the choice. A conflict where no judge was asked, or the choice is made."""
    await house.book_comparisons.get(comparison_id)
    return await house.comparisons.take_verdict(comparison_id)


@router.delete("/{comparison_id}", status_code=204, response_class=Response, dependencies=PROJECT)
async def delete_comparison(house: Services, comparison_id: UUID) -> None:
    """Delete a comparison with its texts. A sample that was made of it stays until it is deleted itself."""
    await house.comparisons.delete(comparison_id)
