"""SQL of people, their second factor, links, and who they are elsewhere."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.accounts.models import Identity, Link, Person, RecoveryCode

_FIRST = 7305_0012  # arbitrary, ours: whoever makes or unmakes administrators holds it


async def lock_roles(session: AsyncSession) -> None:
    """Let administrators be made and unmade one after the other, until the transaction ends."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _FIRST})


async def anybody(session: AsyncSession) -> bool:
    """Whether a person was ever made."""
    return bool(await session.scalar(select(exists().select_from(Person))))


async def administrators(session: AsyncSession) -> Sequence[UUID]:
    """Administrators that are not disabled."""
    query = select(Person.id).where(Person.role == "administrator", Person.disabled_at.is_(None))
    return (await session.scalars(query)).all()


async def add(session: AsyncSession, row: Any) -> None:
    """Store a person, an identity or a link."""
    session.add(row)
    await session.flush()


async def get(session: AsyncSession, id: UUID, *, lock: bool = False) -> Person | None:
    """One person; with `lock` held until the transaction ends."""
    return await session.get(Person, id, with_for_update=lock or None)


async def named(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Person]:
    """The people with these ids."""
    return (await session.scalars(select(Person).where(Person.id.in_(ids)))).all()


async def by_email(session: AsyncSession, email: str) -> Person | None:
    """The person with this address, which is in small letters."""
    return await session.scalar(select(Person).where(Person.email == email))


async def listed(session: AsyncSession, *, limit: int, offset: int) -> Sequence[Person]:
    """People by address."""
    return (await session.scalars(select(Person).order_by(Person.email).limit(limit).offset(offset))).all()


async def change(session: AsyncSession, id: UUID, values: dict[str, Any]) -> None:
    """Set columns of a person."""
    await session.execute(update(Person).where(Person.id == id).values(**values))


async def with_second_factor(session: AsyncSession) -> Sequence[Person]:
    """All that have a second factor or began with one, locked."""
    statement = select(Person).where(Person.totp_secret.is_not(None)).order_by(Person.id)
    return (await session.scalars(statement.with_for_update())).all()


async def remove(session: AsyncSession, id: UUID) -> None:
    """Delete a person with sessions, codes, identities and links."""
    await session.execute(delete(Person).where(Person.id == id))


async def take_step(session: AsyncSession, id: UUID, step: int) -> bool:
    """Use up a time step; False where it, or a later one, was used already."""
    done = await session.execute(
        update(Person)
        .where(Person.id == id, Person.totp_last_step < step)
        .values(totp_last_step=step)
        .returning(Person.id)
    )
    return done.first() is not None


async def put_recovery_codes(session: AsyncSession, id: UUID, hashes: Collection[bytes]) -> None:
    """Replace the codes of a person."""
    await session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == id))
    session.add_all(RecoveryCode(person_id=id, hash=digest) for digest in hashes)


async def take_recovery_code(session: AsyncSession, id: UUID, digest: bytes) -> bool:
    """Use up a code; False where there is none."""
    done = await session.execute(
        delete(RecoveryCode)
        .where(RecoveryCode.person_id == id, RecoveryCode.hash == digest)
        .returning(RecoveryCode.person_id)
    )
    return done.first() is not None


async def recovery_codes_left(session: AsyncSession, id: UUID) -> int:
    """How many codes a person has."""
    query = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.person_id == id)
    return int(await session.scalar(query) or 0)


async def by_identity(session: AsyncSession, issuer: str, subject: str) -> Person | None:
    """The person that a provider knows under this subject."""
    return await session.scalar(
        select(Person)
        .join(Identity, Identity.person_id == Person.id)
        .where(Identity.issuer == issuer, Identity.subject == subject)
    )


async def identities(session: AsyncSession, id: UUID) -> Sequence[Identity]:
    """Who a person is elsewhere."""
    return (await session.scalars(select(Identity).where(Identity.person_id == id))).all()


async def open_links(session: AsyncSession, kind: str, moment: datetime) -> Sequence[Link]:
    """Links of a kind that can still be used, newest first."""
    query = select(Link).where(Link.kind == kind, Link.used_at.is_(None), Link.expires_at > moment)
    return (await session.scalars(query.order_by(Link.id.desc()))).all()


async def find_link(session: AsyncSession, digest: bytes, kind: str, moment: datetime) -> Link | None:
    """The link with this hash, if it can still be used; held until the transaction ends."""
    query = select(Link).where(
        Link.hash == digest, Link.kind == kind, Link.used_at.is_(None), Link.expires_at > moment
    )
    return await session.scalar(query.with_for_update())


async def use_link(session: AsyncSession, id: UUID, moment: datetime) -> None:
    """A link has done its work."""
    await session.execute(update(Link).where(Link.id == id).values(used_at=moment))


async def drop_links(
    session: AsyncSession, kind: str, *, person_id: UUID | None = None, email: str | None = None
) -> None:
    """Take back unused links of a kind: a person's, an address's, or all."""
    query = delete(Link).where(Link.kind == kind, Link.used_at.is_(None))
    if person_id is not None:
        query = query.where(Link.person_id == person_id)
    if email is not None:
        query = query.where(Link.email == email)
    await session.execute(query)


async def drop_link(session: AsyncSession, id: UUID, kind: str) -> bool:
    """Take back one unused link; False where there is none."""
    done = await session.execute(
        delete(Link).where(Link.id == id, Link.kind == kind, Link.used_at.is_(None)).returning(Link.id)
    )
    return done.first() is not None


async def drop_links_of(session: AsyncSession, person_id: UUID, email: str) -> None:
    """Forget every link to a person or their address, used or not."""
    await session.execute(delete(Link).where(or_(Link.person_id == person_id, Link.email == email)))
