"""People: who has an account, and what they may do in this installation."""

from collections.abc import Collection
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.accounts import repo, repo_sessions
from scrivano.accounts import repo_people as people
from scrivano.accounts.audit import Audit
from scrivano.accounts.dto import (
    Caller,
    Email,
    EmailTaken,
    LastAdministrator,
    PersonNotFound,
    PersonRole,
    PersonView,
    Visitor,
)
from scrivano.accounts.models import Person
from scrivano.core.clock import now
from scrivano.core.database import Database
from scrivano.core.errors import InvalidInput
from scrivano.core.ids import new_id

_EMAIL: TypeAdapter[str] = TypeAdapter(Email)


class People:
    """Looks people up and changes what they are. How they sign in is `SignIn`'s, how they come `Links`'."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit
        self._anybody = False

    async def anybody(self) -> bool:
        """Whether somebody has an account. From then on everybody signs in."""
        # Whoever was there stays: the last administrator cannot be removed.
        if not self._anybody:
            async with self._database.read() as session:
                self._anybody = await people.anybody(session)
        return self._anybody

    async def list(self, *, limit: int = 500, offset: int = 0) -> list[PersonView]:
        """People by address."""
        async with self._database.read() as session:
            return [person_view(row) for row in await people.listed(session, limit=limit, offset=offset)]

    async def get(self, id: UUID) -> PersonView:
        """One person. Raises PersonNotFound."""
        async with self._database.read() as session:
            row = await people.get(session, id)
        if row is None:
            raise no_person(id)
        return person_view(row)

    async def find(self, email: str) -> PersonView:
        """The person with this address. Raises PersonNotFound."""
        async with self._database.read() as session:
            row = await people.by_email(session, small(email))
        if row is None:
            raise PersonNotFound(
                f"Nobody here has the address {email}.",
                field="email",
                remedy="An administrator can invite them.",
            )
        return person_view(row)

    async def named(self, ids: Collection[UUID]) -> dict[UUID, PersonView]:
        """The people with these ids; those that are not there are left out."""
        if not ids:
            return {}
        async with self._database.read() as session:
            return {row.id: person_view(row) for row in await people.named(session, ids)}

    async def add(
        self,
        session: AsyncSession,
        *,
        email: str,
        name: str,
        role: PersonRole,
        password_hash: str | None,
        by: Caller | Visitor,
    ) -> Person:
        """A new person, in the caller's transaction. Raises EmailTaken."""
        address = small(email)
        if await people.by_email(session, address) is not None:
            raise EmailTaken(f"Somebody has the address {email} already.", field="email")
        row = Person(
            id=new_id(),
            email=address,
            name=name,
            role=role,
            password_hash=password_hash,
            totp_on=False,
            totp_last_step=0,
            created_at=now(),
        )
        await people.add(session, row)
        await self._audit.note(session, "person_added", by, subject=address, person_id=row.id, role=role)
        return row

    async def rename(self, id: UUID, name: str) -> PersonView:
        """Call a person by another name. Raises PersonNotFound."""
        async with self._database.begin() as session:
            await _locked(session, id)
            await people.change(session, id, {"name": name})
        return await self.get(id)

    async def set_role(self, id: UUID, role: PersonRole, by: Caller) -> PersonView:
        """Make somebody administrator or member. Raises PersonNotFound, LastAdministrator."""
        async with self._database.begin() as session:
            await people.lock_roles(session)
            row = await _locked(session, id)
            if row.role == "administrator" and role != "administrator":
                await _another_administrator(session, id)
            if row.role != role:
                await self._audit.note(session, "role_set", by, subject=row.email, role=role, was=row.role)
                await people.change(session, id, {"role": role})
        return await self.get(id)

    async def set_disabled(self, id: UUID, disabled: bool, by: Caller) -> PersonView:
        """Shut somebody out, with sessions and keys, or let them in again. Nothing of theirs is deleted.

        Raises PersonNotFound, LastAdministrator.
        """
        async with self._database.begin() as session:
            await people.lock_roles(session)
            row = await _locked(session, id)
            if disabled and row.disabled_at is None:
                await _another_administrator(session, id)
                await repo_sessions.end(session, now(), person_id=id)
                await people.drop_links(session, "reset", person_id=id)
            if disabled != (row.disabled_at is not None):
                kind = "person_disabled" if disabled else "person_enabled"
                await self._audit.note(session, kind, by, subject=row.email)
                await people.change(session, id, {"disabled_at": now() if disabled else None})
        return await self.get(id)

    async def check_removable(self, id: UUID) -> None:
        """Raises PersonNotFound, LastAdministrator."""
        async with self._database.begin() as session:
            await people.lock_roles(session)
            await _locked(session, id)
            await _another_administrator(session, id)

    async def remove(self, id: UUID, by: Caller) -> None:
        """Delete a person with sessions, links, identities; revoke their keys; take their address out of the trail.

        Raises PersonNotFound, LastAdministrator. What they made in projects stays: see `PersonalRooms`.
        """
        async with self._database.begin() as session:
            await people.lock_roles(session)
            row = await _locked(session, id)
            await _another_administrator(session, id)
            await repo.revoke_of(session, str(id), now())
            await people.drop_links_of(session, id, row.email)
            await repo_sessions.forget(session, f"name:{row.email}")
            await repo_sessions.erase_audit(session, id, row.email)
            await people.remove(session, id)
            await self._audit.note(session, "person_removed", by, subject=str(id))


async def _locked(session: AsyncSession, id: UUID) -> Person:
    row = await people.get(session, id, lock=True)
    if row is None:
        raise no_person(id)
    return row


async def _another_administrator(session: AsyncSession, id: UUID) -> None:
    there = await people.administrators(session)
    if id in there and len(there) == 1:
        raise LastAdministrator(
            "This is the only administrator.", field="person_id", remedy="Make somebody else one first."
        )


def no_person(id: UUID) -> PersonNotFound:
    """There is nobody with this id."""
    return PersonNotFound(f"There is no person {id}.", field="person_id")


def small(email: str) -> str:
    """An address as it is stored and compared."""
    return email.strip().lower()


def checked(email: str) -> str:
    """The same of an address that nobody looked at yet. Raises InvalidInput for what is none."""
    try:
        return small(_EMAIL.validate_python(email))
    except ValidationError:
        raise InvalidInput(
            f"{email[:100]!r} is no e-mail address.",
            field="email",
            remedy="Give one such as ada@example.org.",
        ) from None


def person_view(row: Person) -> PersonView:
    """A person as others see them."""
    return PersonView(
        id=row.id,
        email=row.email,
        name=row.name,
        role="administrator" if row.role == "administrator" else "member",
        has_password=row.password_hash is not None,
        second_factor=row.totp_on,
        created_at=row.created_at,
        last_sign_in_at=row.last_sign_in_at,
        disabled_at=row.disabled_at,
    )
