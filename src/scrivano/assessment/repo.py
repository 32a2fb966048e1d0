"""All SQL of `assessment`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Text, cast, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.assessment.models import ComparisonRow, GenreRow, ScoreRow, SideRow

Grouping = Literal["model", "prompt_version", "niche", "genre", "book_id"]


async def genres(session: AsyncSession) -> Sequence[GenreRow]:
    """By slug."""
    return (await session.scalars(select(GenreRow).order_by(GenreRow.slug))).all()


async def get_genre(session: AsyncSession, slug: str, *, lock: bool = False) -> GenreRow | None:
    """One genre, on request locked until the transaction ends."""
    statement = select(GenreRow).where(GenreRow.slug == slug)
    return (await session.scalars(statement.with_for_update() if lock else statement)).first()


async def put_genre(
    session: AsyncSession, slug: str, content: dict[str, Any], shipped_hash: str | None, at: datetime
) -> None:
    """Store a genre in place of one of the same slug, as its next version."""
    values = {"content": content, "shipped_hash": shipped_hash, "changed_at": at}
    statement = insert(GenreRow).values(slug=slug, version=1, **values)
    changed = {**values, "version": GenreRow.version + 1}
    await session.execute(statement.on_conflict_do_update(index_elements=["slug"], set_=changed))


async def put_score(session: AsyncSession, values: dict[str, Any]) -> None:
    """Store a score; one of the same id stays as it is."""
    await session.execute(insert(ScoreRow).values(**values).on_conflict_do_nothing())


async def set_kept(session: AsyncSession, run_id: str, chapter: int, round_: int) -> None:
    """Mark which round's text stands in the book."""
    mine = (ScoreRow.run_id == run_id, ScoreRow.chapter == chapter)
    await session.execute(update(ScoreRow).where(*mine).values(kept=ScoreRow.round == round_))


async def get_score(session: AsyncSession, score_id: UUID) -> ScoreRow | None:
    """One score."""
    return await session.get(ScoreRow, score_id)


async def scores(
    session: AsyncSession,
    *,
    project_id: UUID | None = None,
    book_id: UUID | None = None,
    kept: bool | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Sequence[ScoreRow]:
    """Newest first; of a book: by run, newest first, then chapter and round."""
    statement = select(ScoreRow)
    if project_id is not None:
        statement = statement.where(ScoreRow.project_id == project_id)
    if kept is not None:
        statement = statement.where(ScoreRow.kept == kept)
    if book_id is not None:
        statement = statement.where(ScoreRow.book_id == book_id)
        statement = statement.order_by(
            ScoreRow.run_id.desc(), ScoreRow.chapter.nulls_first(), ScoreRow.round, ScoreRow.id
        )
    else:
        statement = statement.order_by(ScoreRow.created_at.desc(), ScoreRow.id)
    return (await session.scalars(statement.limit(limit).offset(offset))).all()


async def trend(
    session: AsyncSession,
    project_id: UUID,
    by: Grouping,
    measure: str | None,
    since: datetime,
    limit: int,
) -> Sequence[tuple[str, str, int, float, float, float]]:
    """Day, group, count, mean, lowest and highest of the chapters that were kept."""
    value = ScoreRow.measures[measure].as_float() if measure else ScoreRow.combined
    day = func.to_char(func.timezone("UTC", ScoreRow.created_at), "YYYY-MM-DD").label("day")
    group = func.coalesce(cast(getattr(ScoreRow, by), Text), "").label("grouped")
    statement = (
        select(day, group, func.count(value), func.avg(value), func.min(value), func.max(value))
        .where(
            ScoreRow.project_id == project_id,
            ScoreRow.kept,
            ScoreRow.chapter.is_not(None),
            ScoreRow.created_at >= since,
            value.is_not(None),
        )
        .group_by("day", "grouped")
        .order_by("day", "grouped")
        .limit(limit)
    )
    rows = (await session.execute(statement)).all()
    return [(day, group, n, mean, low, high) for day, group, n, mean, low, high in rows]


async def drop_scores_of(session: AsyncSession, book_id: UUID) -> None:
    """Forget a book's scores."""
    await session.execute(delete(ScoreRow).where(ScoreRow.book_id == book_id))


# --- comparisons ----------------------------------------------------------------------------------


async def add_comparison(session: AsyncSession, row: ComparisonRow, sides: Sequence[SideRow]) -> None:
    """Store a comparison with its two sides."""
    session.add(row)
    await session.flush()
    session.add_all(sides)


async def get_comparison(
    session: AsyncSession, comparison_id: UUID, *, lock: bool = False
) -> ComparisonRow | None:
    """One comparison, on request locked until the transaction ends."""
    statement = select(ComparisonRow).where(ComparisonRow.id == comparison_id)
    return (await session.scalars(statement.with_for_update() if lock else statement)).first()


async def sides(session: AsyncSession, comparison_id: UUID) -> Sequence[SideRow]:
    """The two sides, a before b."""
    statement = select(SideRow).where(SideRow.comparison_id == comparison_id).order_by(SideRow.side)
    return (await session.scalars(statement)).all()


async def comparisons(
    session: AsyncSession, project_id: UUID, *, limit: int, offset: int
) -> Sequence[ComparisonRow]:
    """Newest first."""
    statement = (
        select(ComparisonRow)
        .where(ComparisonRow.project_id == project_id)
        .order_by(ComparisonRow.created_at.desc(), ComparisonRow.id)
        .limit(limit)
        .offset(offset)
    )
    return (await session.scalars(statement)).all()


async def undecided_books(session: AsyncSession, project_id: UUID) -> set[UUID]:
    """The books of comparisons that nobody has chosen in."""
    statement = (
        select(SideRow.book_id)
        .join(ComparisonRow, ComparisonRow.id == SideRow.comparison_id)
        .where(ComparisonRow.project_id == project_id, ComparisonRow.chosen.is_(None))
        .where(SideRow.book_id.is_not(None))
    )
    return {book_id for book_id in await session.scalars(statement) if book_id is not None}


async def put_side(
    session: AsyncSession,
    comparison_id: UUID,
    side: str,
    text: str,
    facts: dict[str, Any],
    report: dict[str, Any],
) -> None:
    """Fill in what one side wrote."""
    mine = (SideRow.comparison_id == comparison_id, SideRow.side == side)
    await session.execute(update(SideRow).where(*mine).values(text=text, facts=facts, report=report))


async def put_verdict(session: AsyncSession, comparison_id: UUID, verdict: dict[str, Any]) -> None:
    """Keep what the rubric's judge said in both orders."""
    statement = update(ComparisonRow).where(ComparisonRow.id == comparison_id)
    await session.execute(statement.values(verdict=verdict))


async def choose(
    session: AsyncSession, comparison_id: UUID, chosen: str, by: str, reason: str, at: datetime
) -> None:
    """Keep the choice."""
    statement = update(ComparisonRow).where(ComparisonRow.id == comparison_id)
    await session.execute(statement.values(chosen=chosen, chosen_by=by, reason=reason, chosen_at=at))


async def forget_project(session: AsyncSession, project_id: UUID) -> None:
    """Drop a project's scores and comparisons."""
    await session.execute(delete(ScoreRow).where(ScoreRow.project_id == project_id))
    await session.execute(delete(ComparisonRow).where(ComparisonRow.project_id == project_id))


async def drop_comparison(session: AsyncSession, comparison_id: UUID) -> None:
    """Delete a comparison with its texts."""
    await session.execute(delete(ComparisonRow).where(ComparisonRow.id == comparison_id))
