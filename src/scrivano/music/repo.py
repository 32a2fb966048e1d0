"""All SQL of music."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.music.models import SongFileRow, SongRow


async def add_song(session: AsyncSession, row: SongRow) -> None:
    """Store an order."""
    session.add(row)


async def get_song(session: AsyncSession, song_id: UUID) -> SongRow | None:
    """One song by its id."""
    return await session.get(SongRow, song_id)


async def list_songs(session: AsyncSession, *, limit: int, offset: int) -> Sequence[SongRow]:
    """Newest first."""
    statement = select(SongRow).order_by(SongRow.created_at.desc(), SongRow.id).limit(limit).offset(offset)
    return (await session.scalars(statement)).all()


async def finish_song(session: AsyncSession, song_id: UUID, values: Mapping[str, Any]) -> None:
    """Keep what the song became."""
    await session.execute(update(SongRow).where(SongRow.id == song_id).values(**values))


async def put_files(session: AsyncSession, song_id: UUID, rows: Sequence[SongFileRow]) -> None:
    """Replace the song's files by these."""
    await session.execute(delete(SongFileRow).where(SongFileRow.song_id == song_id))
    session.add_all(rows)


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
    """Finished songs by genre and by who made them."""
    statement = (
        select(SongRow.genre, SongRow.made_by, func.count())
        .where(SongRow.finished_at.is_not(None))
        .group_by(SongRow.genre, SongRow.made_by)
        .order_by(SongRow.genre, SongRow.made_by)
    )
    if since is not None:
        statement = statement.where(SongRow.finished_at >= since)
    return [(genre, by or "rules", count) for genre, by, count in (await session.execute(statement)).all()]


async def project_of(session: AsyncSession, song_id: UUID) -> UUID | None:
    """The project of a song, without reading the song itself."""
    return await session.scalar(select(SongRow.project_id).where(SongRow.id == song_id))
