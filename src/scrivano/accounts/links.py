"""Links that work once: for the first administrator, for who is invited, for who forgot their password."""

import asyncio
import datetime as dt
import logging
from collections.abc import Callable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.accounts import repo_people as people
from scrivano.accounts import repo_sessions
from scrivano.accounts.audit import Audit
from scrivano.accounts.dto import (
    Caller,
    EmailTaken,
    LinkKind,
    LinkNotValid,
    LinkView,
    NewLink,
    NotSetUp,
    PersonRole,
    Visitor,
)
from scrivano.accounts.guesses import Guesses, Limited, by_address
from scrivano.accounts.mail import Mail
from scrivano.accounts.models import Link, Person
from scrivano.accounts.passwords import Passwords, check_strength
from scrivano.accounts.people import People, checked, no_person, small
from scrivano.accounts.tokens import digest, new_token
from scrivano.core.clock import now
from scrivano.core.database import Database
from scrivano.core.errors import NotFound, ScrivanoError
from scrivano.core.ids import new_id

_log = logging.getLogger("scrivano.accounts")

_LASTS: dict[LinkKind, dt.timedelta] = {
    "set_up": dt.timedelta(days=1),
    "invitation": dt.timedelta(days=7),
    "reset": dt.timedelta(hours=2),
}
_MAIL_FREE = 3


class Links:
    """Makes links and does what they promise. Their secret stands behind `#`, so no server on the way logs it."""

    def __init__(
        self,
        database: Database,
        people: People,
        passwords: Passwords,
        guesses: Guesses,
        audit: Audit,
        mail: Mail | None,
        base_url: Callable[[], str],
    ) -> None:
        self._database = database
        self._people = people
        self._passwords = passwords
        self._guesses = guesses
        self._audit = audit
        self._mail = mail
        self._base_url = base_url
        self._sending: set[asyncio.Task[None]] = set()

    async def set_up(self) -> NewLink | None:
        """The link by which the first administrator comes in; None where somebody did. Earlier ones end to work."""
        async with self._database.begin() as session:
            await people.lock_roles(session)
            if await people.anybody(session):
                return None
            await people.drop_links(session, "set_up")
            return await self._make(session, "set_up", role="administrator")

    async def invite(self, email: str, role: PersonRole, grants: dict[UUID, str], by: Caller) -> NewLink:
        """Invite somebody; `grants` are projects with the role that they get there. An earlier invitation ends to
        work. The link is sent by e-mail too where that is set up. Raises EmailTaken."""
        address = checked(email)
        async with self._database.begin() as session:
            if await people.by_email(session, address) is not None:
                raise EmailTaken(f"Somebody has the address {email} already.", field="email")
            await people.drop_links(session, "invitation", email=address)
            made = await self._make(
                session,
                "invitation",
                email=address,
                role=role,
                grants={str(id): wanted for id, wanted in grants.items()},
                created_by=by.person_id,
            )
            await self._audit.note(session, "invited", by, subject=address, role=role)
        self._send(address, "You are invited to Scrivano", _INVITED.format(url=made.url))
        return made

    async def invitations(self) -> list[LinkView]:
        """Invitations that were not accepted yet, newest first."""
        async with self._database.read() as session:
            return [_view(row) for row in await people.open_links(session, "invitation", now())]

    async def withdraw(self, id: UUID, by: Caller) -> None:
        """Take an invitation back. Raises NotFound."""
        async with self._database.begin() as session:
            if not await people.drop_link(session, id, "invitation"):
                raise NotFound(f"There is no open invitation {id}.", field="invitation_id")
            await self._audit.note(session, "invitation_withdrawn", by, subject=str(id))

    async def reset(self, person_id: UUID, by: Caller) -> NewLink:
        """A link by which a person chooses a new password, for an administrator to hand over. Raises NotFound."""
        async with self._database.begin() as session:
            row = await people.get(session, person_id)
            if row is None:
                raise no_person(person_id)
            made = await self._make_reset(session, row, by.person_id)
            await self._audit.note(session, "reset_link_made", by, subject=row.email)
        return made

    async def ask_reset(self, email: str, visitor: Visitor) -> None:
        """Send such a link to this address, if somebody has it. Whoever asks cannot tell whether anybody does.

        Raises NotSetUp where no e-mail can be sent, TooManyAttempts.
        """
        if self._mail is None:
            raise NotSetUp(
                "This installation sends no e-mail.",
                remedy="Ask an administrator for a link, or on its machine: scrivano people reset EMAIL",
            )
        address = small(email)
        limits = [by_address(visitor), Limited(f"mail:{address}", _MAIL_FREE)]
        await self._guesses.admit(limits, visitor, address)
        async with self._database.begin() as session:
            row = await people.by_email(session, address)
            made = None
            if row is not None and row.disabled_at is None:
                made = await self._make_reset(session, row, None)
            await self._audit.note(session, "reset_asked", visitor, subject=address)
        if made is not None:
            self._send(address, "Choose a new password for Scrivano", _RESET.format(url=made.url))

    async def look(self, kind: LinkKind, token: str, visitor: Visitor) -> LinkView:
        """What a link is for, without using it. Raises LinkNotValid, TooManyAttempts."""
        await self._guesses.admit([by_address(visitor)], visitor, kind)
        async with self._database.begin() as session:
            view = _view(await self._find(session, kind, token))
        await self._guesses.right([by_address(visitor)])
        return view

    async def accept(
        self, kind: LinkKind, token: str, *, email: str | None, name: str, password: str, visitor: Visitor
    ) -> tuple[Person, dict[str, str]]:
        """Become the first administrator, or whom somebody invited; gives the person and what they were promised.

        `email` is for the first administrator to choose; an invitation has its own. Raises LinkNotValid,
        WeakPassword, EmailTaken, TooManyAttempts.
        """
        view = await self.look(kind, token, visitor)
        address = view.email or small(email or "")
        check_strength(password, address, name)
        hashed = await self._passwords.make(password)
        async with self._database.begin() as session:
            await people.lock_roles(session)
            link = await self._find(session, kind, token)
            if kind == "set_up" and await people.anybody(session):
                raise LinkNotValid("Somebody has set this installation up already.", field="token")
            role: PersonRole = "administrator" if link.role == "administrator" else "member"
            row = await self._people.add(
                session, email=address, name=name, role=role, password_hash=hashed, by=visitor
            )
            await people.use_link(session, link.id, now())
            return row, dict(link.grants)

    async def choose_password(self, token: str, password: str, visitor: Visitor) -> None:
        """Set a new password by a reset link, and end every session. The second factor stays.

        Raises LinkNotValid, WeakPassword, TooManyAttempts.
        """
        await self.look("reset", token, visitor)
        async with self._database.begin() as session:
            link = await self._find(session, "reset", token)
            row = await people.get(session, link.person_id) if link.person_id else None
        if row is None or row.disabled_at is not None:
            raise _not_valid()
        check_strength(password, row.email, row.name)
        hashed = await self._passwords.make(password)
        async with self._database.begin() as session:
            link = await self._find(session, "reset", token)
            await people.change(session, row.id, {"password_hash": hashed})
            await people.use_link(session, link.id, now())
            await people.drop_links(session, "reset", person_id=row.id)
            await repo_sessions.end(session, now(), person_id=row.id)
            await repo_sessions.forget(session, f"name:{row.email}")
            await self._audit.note(session, "password_reset", visitor, subject=row.email, person_id=row.id)

    async def close(self) -> None:
        """Wait for the e-mails that are on their way."""
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def _make_reset(self, session: AsyncSession, row: Person, by: UUID | None) -> NewLink:
        await people.drop_links(session, "reset", person_id=row.id)
        return await self._make(session, "reset", person_id=row.id, email=row.email, created_by=by)

    async def _make(
        self,
        session: AsyncSession,
        kind: LinkKind,
        *,
        person_id: UUID | None = None,
        email: str | None = None,
        role: PersonRole | None = None,
        grants: dict[str, str] | None = None,
        created_by: UUID | None = None,
    ) -> NewLink:
        token, moment = new_token(), now()
        row = Link(
            id=new_id(),
            kind=kind,
            hash=digest(token),
            person_id=person_id,
            email=email,
            role=role,
            grants=grants or {},
            created_by=created_by,
            created_at=moment,
            expires_at=moment + _LASTS[kind],
        )
        await people.add(session, row)
        path = kind.replace("_", "-")
        return NewLink(link=_view(row), url=f"{self._base_url()}/welcome/{path}#{token}")

    async def _find(self, session: AsyncSession, kind: LinkKind, token: str) -> Link:
        row = await people.find_link(session, digest(token), kind, now())
        if row is None:
            raise _not_valid()
        return row

    def _send(self, to: str, subject: str, text: str) -> None:
        """In the background, so that the answer takes as long whether there is something to send or not."""
        if self._mail is None:
            return
        task = asyncio.ensure_future(self._sent(self._mail, to, subject, text))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    @staticmethod
    async def _sent(mail: Mail, to: str, subject: str, text: str) -> None:
        try:
            await mail.send(to, subject, text)
        except ScrivanoError as error:
            _log.warning("An e-mail could not be sent: %s", error)


def _not_valid() -> LinkNotValid:
    return LinkNotValid(field="token", remedy="Ask for a new link.")


def _view(row: Link) -> LinkView:
    return LinkView.model_validate(row, from_attributes=True)


_INVITED = """You are invited to Scrivano, a studio for long-form writing.

Open this link to choose a password and come in. It works once, for seven days:

{url}
"""
_RESET = """Somebody asked for a new password for your account at Scrivano.

Open this link to choose one. It works once, for two hours:

{url}

If it was not you, there is nothing to do: your password stays as it is.
"""
