"""The same book written twice, by two models or from two versions of the prompts, to be chosen between blindly.

Both books are ordered as any other; which stands first was drawn when they were ordered, and is told after the choice.
Till then neither is in the list of books, and the comparison shows their texts alone.
"""

import secrets
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from scrivano.assessment.public import (
    ComparedBooks,
    ComparisonOrder,
    Comparisons,
    ComparisonView,
    KeptSide,
    NewSide,
    Scores,
)
from scrivano.books.dto import Brief
from scrivano.books.scoring import Scoring
from scrivano.books.service import Books, BookView
from scrivano.core.errors import InvalidInput, NotFound
from scrivano.core.ids import new_id
from scrivano.prompts.public import PRODUCTION, Prompts
from scrivano.references.public import Reference
from scrivano.runs.public import Runs, RunStatus

Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300, pattern=r"^[^\x00]*$")
]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{0,79}$")]
SIDES = ("a", "b")


class BookSide(BaseModel):
    """Who writes one of the books."""

    model_config = ConfigDict(extra="forbid")

    model: Line | None = Field(
        default=None, description="Without one the models in reach are asked.", examples=["llama-3.1-8b"]
    )
    prompts: dict[Name, Line] = Field(
        default_factory=dict[str, str],
        max_length=40,
        description="Versions (number or label) of the book's prompts; of those not named the one in production.",
        examples=[{"write_chapter": "2"}],
    )


class BookComparisons:
    """Ordering two books, and bringing their texts in when both are finished."""

    def __init__(
        self,
        books: Books,
        scoring: Scoring,
        comparisons: Comparisons,
        compared: ComparedBooks,
        prompts: Prompts,
        runs: Runs,
    ) -> None:
        self._books = books
        self._scoring = scoring
        self._comparisons = comparisons
        self._compared = compared
        self._prompts = prompts
        self._runs = runs

    async def order(
        self,
        brief: Brief,
        sides: Sequence[BookSide],
        references: Sequence[Reference] = (),
        *,
        name: str = "",
        max_cost: float | None = None,
        project_id: UUID,
        user_id: UUID | None = None,
        comparison_id: UUID | None = None,
    ) -> ComparisonView:
        """Store the comparison and start the runs of both books; `max_cost` is the ceiling of each, in US dollars.

        Raises InvalidInput for two sides that are alike, NotFound for a prompt or model that is not there. With an id
        that is there already nothing is ordered anew; a book that was not ordered then is ordered now.
        """
        if sides[0] == sides[1]:
            raise InvalidInput(
                "Both books would be written alike.",
                field="sides",
                remedy="Name two models, or two versions of a prompt.",
            )
        brief = brief.model_copy(update={"approve_outline": False})  # each has an outline of its own
        known_as = comparison_id or new_id()
        for side in sides:
            await self._books.check(brief, side.model, max_cost)
        pinned = [await self._pinned(side.prompts) for side in sides]
        if await self._comparisons.project_of(known_as) is None:
            books = [uuid5(known_as, side) for side in SIDES]
            await self._compared.keep(
                known_as,
                _order_of(brief, sides),
                [
                    NewSide(
                        book_id=book,
                        run_id=str(uuid5(book, "write")),
                        model=side.model or "",
                        prompts=versions,
                    )
                    for book, side, versions in zip(books, sides, pinned, strict=True)
                ],
                name=name,
                swapped=bool(secrets.randbits(1)),
                project_id=project_id,
                user_id=user_id,
            )
        for side, given, versions in zip(SIDES, sides, pinned, strict=True):
            await self._books.order(
                brief,
                references,
                model=given.model,
                max_cost=max_cost,
                prompts=versions,
                project_id=project_id,
                user_id=user_id,
                book_id=uuid5(known_as, side),
            )
        return await self.get(known_as)

    async def get(self, comparison_id: UUID) -> ComparisonView:
        """One comparison; texts and measures of finished books are brought in at the first look after their end."""
        for kept in await self._compared.unwritten(comparison_id):
            await self._bring_in(comparison_id, kept)
        return await self._comparisons.get(comparison_id)

    async def runs(self, comparison_id: UUID) -> list[str]:
        """The runs that write the books that are not brought in yet."""
        waiting = await self._compared.unwritten(comparison_id)
        return [(await self._books.get(kept.book_id)).run_id for kept in waiting]

    async def hidden(self, project_id: UUID) -> set[UUID]:
        """The books of a project that wait for a blind choice: lists leave them out, as they tell who wrote them."""
        return await self._compared.hidden(project_id)

    async def _bring_in(self, comparison_id: UUID, kept: KeptSide) -> None:
        try:
            book = await self._books.get(kept.book_id)
        except NotFound:
            return
        if (await self._runs.get(book.run_id)).status is not RunStatus.SUCCEEDED:
            return
        chapters = await self._books.chapters(book.id)
        text = "\n\n".join(f"# {c.title}\n\n{c.text.strip()}" for c in chapters)
        report = await self._scoring.measure(book.id)
        scores = Scores(score=report.score, measures=report.measures)
        await self._compared.fill(comparison_id, kept.side, text, _facts(book), scores)

    async def _pinned(self, wanted: dict[str, str]) -> dict[str, str]:
        """The ids of the versions that are named."""
        found: dict[str, str] = {}
        for name, version in sorted(wanted.items()):
            shown = await self._prompts.show(name, version or PRODUCTION)
            found[name] = str(shown.info.id)
        return found


def _order_of(brief: Brief, sides: Sequence[BookSide]) -> ComparisonOrder:
    """The brief in the words of comparisons."""
    about = brief.subject or brief.premise or (brief.niche or "").replace("_", " ")
    return ComparisonOrder.model_validate(
        {
            "title": brief.title or "",
            "subject": about[:20_000],
            "kind": brief.kind,
            "audience": brief.audience,
            "tone": brief.tone,
            "language": brief.language,
            "domain": brief.domain or "",
            "niche": brief.niche or "",
            "chapter_title": (brief.title or about or "The book")[:300],
            "sides": [{"model": side.model} for side in sides],
        }
    )


def _facts(book: BookView) -> dict[str, Any]:
    """What it took, out of the book's account."""
    account: dict[str, Any] = dict(book.provenance or {})
    measured: dict[str, Any] = dict(account.get("measured") or {})
    wanted = ("seconds", "prompt_tokens", "completion_tokens", "attempts")
    return {
        "book_id": str(book.id),
        "model": account.get("generated_with", ""),
        "cost": float(measured.get("cost_usd") or 0),
        **{name: measured[name] for name in wanted if name in measured},
        **{name: account[name] for name in ("external_api_calls",) if name in account},
    }
