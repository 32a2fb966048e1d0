"""All SQL of requests that are carried out once."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_CLAIM = text(
    """
    INSERT INTO idempotent_requests AS r (caller, route, key, body_hash, token)
    VALUES (:caller, :route, :key, :body_hash, :token) ON CONFLICT DO NOTHING RETURNING token
    """
)
_GET = text(
    """
    SELECT body_hash, token, status, answer, clock_timestamp() - started_at > make_interval(secs => :patience) AS stale
    FROM idempotent_requests WHERE caller = :caller AND route = :route AND key = :key FOR UPDATE
    """
)
_RENEW = text(
    """
    UPDATE idempotent_requests SET started_at = clock_timestamp()
    WHERE caller = :caller AND route = :route AND key = :key
    """
)
_FINISH = text(
    """
    UPDATE idempotent_requests SET status = :status, answer = :answer
    WHERE caller = :caller AND route = :route AND key = :key
    """
)
_RELEASE = text(
    "DELETE FROM idempotent_requests WHERE caller = :caller AND route = :route AND key = :key AND status IS NULL"
)
_PURGE = text("DELETE FROM idempotent_requests WHERE started_at < :before")


class Claim(NamedTuple):
    """Which request is meant: who asks, for what, under which key."""

    caller: str
    route: str
    key: str


class Known(NamedTuple):
    """What is known of a request that was made before."""

    body_hash: str
    token: UUID
    status: int | None
    answer: bytes | None
    stale: bool


async def claim(session: AsyncSession, which: Claim, body_hash: str, token: UUID) -> bool:
    """Remember that this request begins; False if it was made before."""
    values = {**which._asdict(), "body_hash": body_hash, "token": token}
    return (await session.execute(_CLAIM, values)).scalar_one_or_none() is not None


async def known(session: AsyncSession, which: Claim, patience: float) -> Known | None:
    """The request as it was made before; `stale` if it began more than `patience` seconds ago."""
    row = (await session.execute(_GET, {**which._asdict(), "patience": patience})).one_or_none()
    return None if row is None else Known(*row)


async def renew(session: AsyncSession, which: Claim) -> None:
    """It begins again."""
    await session.execute(_RENEW, which._asdict())


async def finish(session: AsyncSession, which: Claim, status: int, answer: bytes) -> None:
    """Keep its answer."""
    await session.execute(_FINISH, {**which._asdict(), "status": status, "answer": answer})


async def release(session: AsyncSession, which: Claim) -> None:
    """Forget a request that came to nothing."""
    await session.execute(_RELEASE, which._asdict())


async def purge(session: AsyncSession, before: datetime) -> None:
    """Forget what is older."""
    await session.execute(_PURGE, {"before": before})
