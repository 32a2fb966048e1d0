"""SQL of sessions, of what was guessed, of sign-ins under way elsewhere, and of the audit trail."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.accounts.models import AuditRow, OidcAttempt, Person, SessionRow

# Every attempt counts as a failure before it is looked at, so that attempts side by side cannot outrun the count.
# The row is only changed where attempts are let through; else the second statement counts a refusal.
_ATTEMPT = text(
    """
    INSERT INTO sign_in_guesses AS g (key, failures, last_at, until)
    VALUES (:key, 1, :now, :now)
    ON CONFLICT (key) DO UPDATE SET
        failures = CASE WHEN g.last_at < :forgotten THEN 1 ELSE g.failures + 1 END,
        refused = 0,
        last_at = :now,
        until = CASE WHEN g.last_at < :forgotten OR g.failures + 1 < :free THEN :now
            ELSE CAST(:now AS timestamptz) + least(
                CAST(:longest AS double precision), 2.0 ^ least(g.failures + 1 - :free, 30)
            ) * interval '1 second' END
    WHERE g.until <= :now
    RETURNING failures, until
    """
)
_REFUSE = text(
    "UPDATE sign_in_guesses SET refused = refused + 1 WHERE key = :key RETURNING failures, refused, until"
)
_TAKE_BACK = text(
    "UPDATE sign_in_guesses SET failures = greatest(failures - 1, 0), until = :now WHERE key = :key"
)
_FORGET = text("DELETE FROM sign_in_guesses WHERE key = :key")
_FORGET_OLD = text("DELETE FROM sign_in_guesses WHERE last_at < :before AND until < :before")


async def attempt(
    session: AsyncSession, key: str, moment: datetime, *, free: int, longest: float, memory: timedelta
) -> datetime | None:
    """Count an attempt. None: it may be made; else it may not before this moment."""
    values = {"key": key, "now": moment, "free": free, "longest": longest, "forgotten": moment - memory}
    if (await session.execute(_ATTEMPT, values)).first() is not None:
        return None
    row = (await session.execute(_REFUSE, {"key": key})).first()
    return moment if row is None else row.until


async def refused(session: AsyncSession, key: str) -> int:
    """How many attempts were refused since the last that was let through."""
    found = text("SELECT refused FROM sign_in_guesses WHERE key = :key")
    return int(await session.scalar(found, {"key": key}) or 0)


async def take_back(session: AsyncSession, key: str, moment: datetime) -> None:
    """The last attempt was no failure."""
    await session.execute(_TAKE_BACK, {"key": key, "now": moment})


async def forget(session: AsyncSession, key: str) -> None:
    """Begin to count anew."""
    await session.execute(_FORGET, {"key": key})


async def forget_old(session: AsyncSession, before: datetime) -> None:
    """Drop counts that nobody added to since."""
    await session.execute(_FORGET_OLD, {"before": before})


async def add(session: AsyncSession, row: Any) -> None:
    """Store a session, an attempt elsewhere or a line of the audit trail."""
    session.add(row)
    await session.flush()


async def find(
    session: AsyncSession, digest: bytes, moment: datetime, seen_after: datetime
) -> tuple[SessionRow, Person] | None:
    """The session with this hash and its person, if it has neither ended nor lain idle and they are not disabled."""
    row = (
        await session.execute(
            select(SessionRow, Person)
            .join(Person, Person.id == SessionRow.person_id)
            .where(
                SessionRow.hash == digest,
                SessionRow.ended_at.is_(None),
                SessionRow.expires_at > moment,
                SessionRow.last_seen_at > seen_after,
                Person.disabled_at.is_(None),
            )
        )
    ).first()
    return None if row is None else (row[0], row[1])


async def seen(session: AsyncSession, id: UUID, moment: datetime, address: str) -> None:
    """A session was used."""
    await session.execute(
        update(SessionRow).where(SessionRow.id == id).values(last_seen_at=moment, address=address)
    )


async def of_person(
    session: AsyncSession, person_id: UUID, moment: datetime, seen_after: datetime
) -> Sequence[SessionRow]:
    """The open sessions of a person, last used first."""
    query = select(SessionRow).where(
        SessionRow.person_id == person_id,
        SessionRow.ended_at.is_(None),
        SessionRow.expires_at > moment,
        SessionRow.last_seen_at > seen_after,
    )
    return (await session.scalars(query.order_by(SessionRow.last_seen_at.desc()))).all()


async def all_of_person(session: AsyncSession, person_id: UUID) -> Sequence[SessionRow]:
    """Every session of a person that is remembered."""
    return (await session.scalars(select(SessionRow).where(SessionRow.person_id == person_id))).all()


async def end(
    session: AsyncSession,
    moment: datetime,
    *,
    id: UUID | None = None,
    digest: bytes | None = None,
    person_id: UUID | None = None,
    but: UUID | None = None,
) -> int:
    """End sessions that fit all that is given, but one; gives how many."""
    query = update(SessionRow).where(SessionRow.ended_at.is_(None))
    if id is not None:
        query = query.where(SessionRow.id == id)
    if digest is not None:
        query = query.where(SessionRow.hash == digest)
    if person_id is not None:
        query = query.where(SessionRow.person_id == person_id)
    if but is not None:
        query = query.where(SessionRow.id != but)
    done = await session.execute(query.values(ended_at=moment).returning(SessionRow.id))
    return len(done.all())


async def was_here(session: AsyncSession, person_id: UUID, address: str, since: datetime) -> bool:
    """Whether this person had signed in from this address lately."""
    query = exists().where(
        SessionRow.person_id == person_id, SessionRow.address == address, SessionRow.created_at > since
    )
    return bool(await session.scalar(select(query)))


async def drop_old(session: AsyncSession, before: datetime) -> None:
    """Forget sessions that ended long ago."""
    await session.execute(delete(SessionRow).where(SessionRow.expires_at < before))


async def take_oidc(session: AsyncSession, state: bytes, moment: datetime) -> OidcAttempt | None:
    """Use up a sign-in that is under way; drops those that never came back."""
    await session.execute(delete(OidcAttempt).where(OidcAttempt.expires_at < moment))
    row = await session.get(OidcAttempt, state, with_for_update=True)
    if row is not None:
        await session.execute(delete(OidcAttempt).where(OidcAttempt.state == state))
    return row


async def audit(
    session: AsyncSession,
    *,
    kind: str | None,
    person_id: UUID | None,
    since: datetime | None,
    limit: int,
    offset: int,
) -> Sequence[AuditRow]:
    """Lines of the audit trail, newest first."""
    query = select(AuditRow)
    if kind is not None:
        query = query.where(AuditRow.kind == kind)
    if person_id is not None:
        query = query.where(AuditRow.person_id == person_id)
    if since is not None:
        query = query.where(AuditRow.at >= since)
    return (await session.scalars(query.order_by(AuditRow.id.desc()).limit(limit).offset(offset))).all()


async def audit_of(session: AsyncSession, person_id: UUID, email: str) -> Sequence[AuditRow]:
    """Lines that a person caused, or that name their address."""
    query = select(AuditRow).where((AuditRow.person_id == person_id) | (AuditRow.subject == email))
    return (await session.scalars(query.order_by(AuditRow.id))).all()


async def erase_audit(session: AsyncSession, person_id: UUID, email: str) -> None:
    """Take a person's address out of the trail; what happened stays."""
    await session.execute(
        update(AuditRow).where(AuditRow.subject == email).values(subject="(erased)", address="")
    )
    await session.execute(update(AuditRow).where(AuditRow.person_id == person_id).values(address=""))
