"""All SQL about what people choose."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.music.models import ChoiceRow, ReactionRow, TasteRow


async def get_taste(session: AsyncSession, person_id: UUID) -> TasteRow | None:
    """What a person said about learning."""
    return await session.get(TasteRow, person_id)


async def put_taste(session: AsyncSession, person_id: UUID, values: Mapping[str, Any]) -> None:
    """Keep what a person said; what `values` does not name stays."""
    fresh = {"person_id": person_id, "shares": False, **values}
    statement = insert(TasteRow).values(fresh)
    await session.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=dict(values)))


async def shared_weights(session: AsyncSession, but: UUID) -> Sequence[Sequence[float]]:
    """The likings of everybody else who shares them."""
    statement = (
        select(TasteRow.weights)
        .where(TasteRow.shares, TasteRow.weights.is_not(None), TasteRow.person_id != but)
        .order_by(TasteRow.person_id)
        .limit(2000)
    )
    return [weights for weights in (await session.scalars(statement)).all() if weights is not None]


async def choices_of(session: AsyncSession, person_id: UUID, *, limit: int) -> Sequence[ChoiceRow]:
    """A person's latest choices, oldest first."""
    statement = (
        select(ChoiceRow)
        .where(ChoiceRow.person_id == person_id)
        .order_by(ChoiceRow.created_at.desc(), ChoiceRow.id.desc())
        .limit(limit)
    )
    return list(reversed((await session.scalars(statement)).all()))


async def count_choices(session: AsyncSession, person_id: UUID) -> int:
    """How many choices of a person are kept."""
    statement = select(func.count()).select_from(ChoiceRow).where(ChoiceRow.person_id == person_id)
    return await session.scalar(statement) or 0


async def count_reactions(session: AsyncSession, person_id: UUID) -> tuple[int, int]:
    """How much a person said of songs, and of how many songs anything of theirs is kept."""
    said = select(func.count()).select_from(ReactionRow).where(ReactionRow.person_id == person_id)
    chosen_of = select(ChoiceRow.song_id).where(ChoiceRow.person_id == person_id)
    said_of = select(ReactionRow.song_id).where(ReactionRow.person_id == person_id)
    both = chosen_of.union(said_of).subquery()
    songs = select(func.count(both.c.song_id))
    return await session.scalar(said) or 0, await session.scalar(songs) or 0


async def add_choices(session: AsyncSession, rows: Sequence[ChoiceRow]) -> None:
    """Keep choices."""
    session.add_all(rows)
    await session.flush()


async def forget_older(session: AsyncSession, person_id: UUID, keep: int) -> None:
    """Drop all but the latest choices of a person."""
    latest = (
        select(ChoiceRow.id)
        .where(ChoiceRow.person_id == person_id)
        .order_by(ChoiceRow.created_at.desc(), ChoiceRow.id.desc())
        .limit(keep)
    )
    await session.execute(
        delete(ChoiceRow).where(ChoiceRow.person_id == person_id, ChoiceRow.id.not_in(latest))
    )


async def drop_choice(session: AsyncSession, person_id: UUID, choice_id: UUID) -> bool:
    """Forget one choice; False where the person has none of this id."""
    statement = (
        delete(ChoiceRow)
        .where(ChoiceRow.id == choice_id, ChoiceRow.person_id == person_id)
        .returning(ChoiceRow.id)
    )
    return await session.scalar(statement) is not None


async def drop_choices(
    session: AsyncSession,
    person_id: UUID,
    song_id: UUID,
    bars: Sequence[int],
    actions: Sequence[str],
    symbols: Sequence[str] | None,
) -> None:
    """Forget what a person did in such a way with the chords of some bars, or with these chords there."""
    statement = delete(ChoiceRow).where(
        ChoiceRow.person_id == person_id,
        ChoiceRow.song_id == song_id,
        ChoiceRow.bar.in_(bars),
        ChoiceRow.action.in_(actions),
    )
    if symbols is not None:
        statement = statement.where(ChoiceRow.symbol.in_(symbols))
    await session.execute(statement)


async def put_reaction(session: AsyncSession, row: Mapping[str, Any]) -> None:
    """Keep what a person said of a bar or of the whole, in place of what they said before."""
    statement = insert(ReactionRow).values(dict(row))
    changed = {name: row[name] for name in ("kind", "played", "created_at")}
    await session.execute(
        statement.on_conflict_do_update(index_elements=["song_id", "person_id", "bar"], set_=changed)
    )


async def drop_reaction(session: AsyncSession, person_id: UUID, song_id: UUID, bar: int) -> None:
    """Forget what a person said of a bar or of the whole."""
    await session.execute(
        delete(ReactionRow).where(
            ReactionRow.person_id == person_id, ReactionRow.song_id == song_id, ReactionRow.bar == bar
        )
    )


async def drop_said(session: AsyncSession, person_id: UUID, reaction_id: UUID) -> ReactionRow | None:
    """Forget one thing that a person said; gives what it was, None where they said nothing of this id."""
    statement = (
        delete(ReactionRow)
        .where(ReactionRow.id == reaction_id, ReactionRow.person_id == person_id)
        .returning(ReactionRow)
    )
    return await session.scalar(statement)


async def reactions_to(session: AsyncSession, person_id: UUID, song_id: UUID) -> Sequence[ReactionRow]:
    """What a person said of a song, by bar, the whole first."""
    statement = (
        select(ReactionRow)
        .where(ReactionRow.person_id == person_id, ReactionRow.song_id == song_id)
        .order_by(ReactionRow.bar)
    )
    return (await session.scalars(statement)).all()


async def verdicts_of(session: AsyncSession, person_id: UUID, *, limit: int) -> Sequence[ReactionRow]:
    """What a person said of whole songs, the latest ones, oldest first."""
    statement = (
        select(ReactionRow)
        .where(ReactionRow.person_id == person_id, ReactionRow.bar == 0)
        .order_by(ReactionRow.created_at.desc(), ReactionRow.id)
        .limit(limit)
    )
    return list(reversed((await session.scalars(statement)).all()))


async def all_reactions(session: AsyncSession, person_id: UUID) -> Sequence[ReactionRow]:
    """Everything that a person said of songs, oldest first."""
    statement = (
        select(ReactionRow)
        .where(ReactionRow.person_id == person_id)
        .order_by(ReactionRow.created_at, ReactionRow.id)
    )
    return (await session.scalars(statement)).all()


async def forget_person(session: AsyncSession, person_id: UUID) -> None:
    """Drop everything that is kept of a person's taste."""
    for table in (ChoiceRow, ReactionRow, TasteRow):
        await session.execute(delete(table).where(table.person_id == person_id))
