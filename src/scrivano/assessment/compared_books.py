"""Comparisons of whole books: what is kept of them here, while the books themselves are another room's."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from scrivano.assessment import repo
from scrivano.assessment.comparison_dto import ComparisonOrder, Side, Verdict
from scrivano.assessment.dto import Scores
from scrivano.assessment.models import ComparisonRow, SideRow
from scrivano.core import clock
from scrivano.core.database import Database

# Books whose measures differ by less are equally good to them.
ALIKE = 1.0
SIDES: tuple[Side, Side] = ("a", "b")


class NewSide(BaseModel):
    """One of two books that were ordered. `prompts` are ids of versions by the template's name."""

    book_id: UUID
    run_id: str
    model: str
    prompts: dict[str, str]


class KeptSide(BaseModel):
    """A side whose book is not brought in yet."""

    side: Side
    book_id: UUID


class ComparedBooks:
    """Keeps which two books are compared, and what was read of them when they were finished."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(
        self,
        comparison_id: UUID,
        order: ComparisonOrder,
        sides: Sequence[NewSide],
        *,
        name: str,
        swapped: bool,
        project_id: UUID,
        user_id: UUID | None,
    ) -> None:
        """Store a comparison; one that is there stays as it is."""
        row = ComparisonRow(
            id=comparison_id,
            project_id=project_id,
            name=name or order.chapter_title,
            scope="book",
            run_id=sides[0].run_id,
            order_given=order.model_dump(mode="json"),
            swapped=swapped,
            reason="",
            created_by=user_id,
            created_at=clock.now(),
        )
        rows = [
            SideRow(
                comparison_id=comparison_id,
                side=side,
                model=given.model,
                prompts=given.prompts,
                book_id=given.book_id,
                run_id=given.run_id,
                text="",
                facts={},
            )
            for side, given in zip(SIDES, sides, strict=True)
        ]
        async with self._database.begin() as session:
            if await repo.get_comparison(session, comparison_id) is None:
                await repo.add_comparison(session, row, rows)

    async def unwritten(self, comparison_id: UUID) -> list[KeptSide]:
        """The sides whose books are still to be brought in; none where single chapters are compared."""
        async with self._database.read() as session:
            rows = await repo.sides(session, comparison_id)
        return [
            KeptSide(side="a" if row.side == "a" else "b", book_id=row.book_id)
            for row in rows
            if row.book_id is not None and not row.text
        ]

    async def fill(
        self, comparison_id: UUID, side: Side, text: str, facts: dict[str, Any], scores: Scores
    ) -> None:
        """Keep a finished book's text, what it took and its measures; with the second, what these come to."""
        async with self._database.begin() as session:
            if await repo.get_comparison(session, comparison_id, lock=True) is None:
                return
            await repo.put_side(session, comparison_id, side, text, facts, scores.model_dump(mode="json"))
            rows = await repo.sides(session, comparison_id)
            if all(row.report for row in rows):
                verdict = _by_measures([Scores.model_validate(row.report).score for row in rows])
                await repo.put_verdict(session, comparison_id, verdict.model_dump(mode="json"))

    async def hidden(self, project_id: UUID) -> set[UUID]:
        """The books of a project that wait for a blind choice."""
        async with self._database.read() as session:
            return await repo.undecided_books(session, project_id)


def _by_measures(scores: Sequence[float]) -> Verdict:
    first, second = scores
    if abs(first - second) < ALIKE:
        return Verdict(better="tie", judgements=[])
    return Verdict(better="a" if first > second else "b", judgements=[])
