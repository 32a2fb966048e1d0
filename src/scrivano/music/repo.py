"""All SQL of music."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, cast, delete, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, array, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from scrivano.music.models import SongFileRow, SongMadeRow, SongRow


async def add_song(session: AsyncSession, row: SongRow) -> None:
    """Store an order."""
    session.add(row)


async def get_song(session: AsyncSession, song_id: UUID) -> SongRow | None:
    """One song by its id."""
    return await session.get(SongRow, song_id)


async def list_songs(
    session: AsyncSession, *, project_id: UUID | None, genre: str | None, limit: int, offset: int
) -> Sequence[SongRow]:
    """Newest first, of one project or of all, without their arrangements."""
    statement = select(SongRow).options(defer(SongRow.arrangement), defer(SongRow.material))
    if project_id is not None:
        statement = statement.where(SongRow.project_id == project_id)
    if genre is not None:
        statement = statement.where(SongRow.genre == genre)
    statement = statement.order_by(SongRow.created_at.desc(), SongRow.id).limit(limit).offset(offset)
    return (await session.scalars(statement)).all()


async def delete_song(session: AsyncSession, song_id: UUID) -> None:
    """Drop a song with its files."""
    await session.execute(delete(SongRow).where(SongRow.id == song_id))


async def note_made(
    session: AsyncSession, song_id: UUID, genre: str, made_by: str, finished_at: datetime
) -> bool:
    """Count a song once; False where it is counted already."""
    values = {"song_id": song_id, "genre": genre, "made_by": made_by, "finished_at": finished_at}
    statement = insert(SongMadeRow).values(values).on_conflict_do_nothing().returning(SongMadeRow.song_id)
    return await session.scalar(statement) is not None


async def finish_song(session: AsyncSession, song_id: UUID, values: Mapping[str, Any]) -> None:
    """Keep what the song became."""
    await session.execute(update(SongRow).where(SongRow.id == song_id).values(**values))


async def lock_bars(session: AsyncSession, song_id: UUID, bars: Sequence[int]) -> None:
    """Note which bars are locked, whatever the arrangement is by now."""
    locked = func.jsonb_set(
        SongRow.arrangement, array(["locked_bars"]), func.to_jsonb(cast(list(bars), ARRAY(Integer)))
    )
    await session.execute(update(SongRow).where(SongRow.id == song_id).values(arrangement=locked))


async def put_files(session: AsyncSession, song_id: UUID, rows: Sequence[SongFileRow]) -> None:
    """Replace the song's files by these."""
    await session.execute(delete(SongFileRow).where(SongFileRow.song_id == song_id))
    session.add_all(rows)


async def add_file(session: AsyncSession, row: SongFileRow, made_from: str) -> None:
    """Keep one more file, if the song's MIDI file is still the one with this SHA-256."""
    midi = await session.get(SongFileRow, (row.song_id, "score.mid"), with_for_update=True)
    if midi is not None and midi.sha256 == made_from:
        await session.merge(row)


async def list_files(session: AsyncSession, song_id: UUID) -> Sequence[tuple[str, str, str, int]]:
    """Name, media type, SHA-256 and size in bytes of each file."""
    size = func.octet_length(SongFileRow.content)
    statement = (
        select(SongFileRow.name, SongFileRow.media_type, SongFileRow.sha256, size)
        .where(SongFileRow.song_id == song_id)
        .order_by(SongFileRow.name)
    )
    return [
        (r.name, r.media_type, r.sha256, r.octet_length) for r in (await session.execute(statement)).all()
    ]


async def get_file(session: AsyncSession, song_id: UUID, name: str) -> SongFileRow | None:
    """One file with its bytes."""
    return await session.get(SongFileRow, (song_id, name))


async def counts(session: AsyncSession, since: datetime | None) -> Sequence[tuple[str, str, int]]:
    """Songs that were made, by genre and by who made them."""
    made = SongMadeRow
    statement = (
        select(made.genre, made.made_by, func.count())
        .group_by(made.genre, made.made_by)
        .order_by(made.genre, made.made_by)
    )
    if since is not None:
        statement = statement.where(made.finished_at >= since)
    return [(genre, by, count) for genre, by, count in (await session.execute(statement)).all()]


async def project_of(session: AsyncSession, song_id: UUID) -> UUID | None:
    """The project of a song, without reading the song itself."""
    return await session.scalar(select(SongRow.project_id).where(SongRow.id == song_id))
