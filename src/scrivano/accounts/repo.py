"""SQL of API keys. Functions take the session of the caller's transaction and return rows."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.accounts.models import ApiKey


async def add(session: AsyncSession, key: ApiKey) -> None:
    """Store a key."""
    session.add(key)
    await session.flush()


async def all_keys(session: AsyncSession, *, revoked: bool) -> Sequence[ApiKey]:
    """The keys, oldest first; with `revoked` those too that were taken back."""
    query = select(ApiKey).order_by(ApiKey.id)
    if not revoked:
        query = query.where(ApiKey.revoked_at.is_(None))
    return (await session.scalars(query)).all()


async def by_hash(session: AsyncSession, digest: bytes) -> ApiKey | None:
    """The key with this hash."""
    return await session.scalar(select(ApiKey).where(ApiKey.hash == digest))


async def revoke(session: AsyncSession, id: UUID, moment: datetime) -> ApiKey | None:
    """Take a key back; the first time counts."""
    await session.execute(
        update(ApiKey).where(ApiKey.id == id, ApiKey.revoked_at.is_(None)).values(revoked_at=moment)
    )
    return await session.get(ApiKey, id)


async def get(session: AsyncSession, id: UUID) -> ApiKey | None:
    """One key."""
    return await session.get(ApiKey, id)


async def of_person(session: AsyncSession, user_id: str, *, revoked: bool) -> Sequence[ApiKey]:
    """The keys that make a person's requests, oldest first."""
    query = select(ApiKey).where(ApiKey.user_id == user_id).order_by(ApiKey.id)
    if not revoked:
        query = query.where(ApiKey.revoked_at.is_(None))
    return (await session.scalars(query)).all()


async def drop_of_project(session: AsyncSession, project_id: str) -> None:
    """Remove the keys that were held to a project."""
    await session.execute(delete(ApiKey).where(ApiKey.project_id == project_id))


async def revoke_of(session: AsyncSession, user_id: str, moment: datetime) -> None:
    """Take back all keys of a person, and forget whose they were."""
    await session.execute(
        update(ApiKey).where(ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None)).values(revoked_at=moment)
    )
    await session.execute(update(ApiKey).where(ApiKey.user_id == user_id).values(user_id=None))


async def note_use(session: AsyncSession, id: UUID, moment: datetime) -> None:
    """A key was used."""
    await session.execute(update(ApiKey).where(ApiKey.id == id).values(last_used_at=moment))


async def any_key(session: AsyncSession) -> bool:
    """Whether a key was ever made. One that was taken back counts: who made keys wants them asked for."""
    return bool(await session.scalar(select(exists().select_from(ApiKey))))
