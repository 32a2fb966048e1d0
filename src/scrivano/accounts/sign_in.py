"""Signing in: with a password, the code of a second factor where there is one, or by an OpenID provider."""

import datetime as dt
import hashlib
import time
from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.accounts import repo_people as people
from scrivano.accounts import repo_sessions, totp
from scrivano.accounts.audit import Audit
from scrivano.accounts.dto import (
    Caller,
    CodeNeeded,
    NotSetUp,
    SecondFactor,
    SignedIn,
    TooManyAttempts,
    Visitor,
    WrongCode,
    WrongPassword,
)
from scrivano.accounts.guesses import FREE_BY_NAME, Guesses, Limited, by_address
from scrivano.accounts.models import Person
from scrivano.accounts.passwords import Passwords, check_strength
from scrivano.accounts.people import no_person, person_view, small
from scrivano.accounts.sessions import Sessions
from scrivano.core.clock import now
from scrivano.core.database import Database
from scrivano.core.errors import Conflict
from scrivano.core.secrets import Resealing, SecretBox

_KNOWN_PLACE = dt.timedelta(days=30)


class SignIn:
    """Opens sessions for who proves to be somebody, and looks after what they prove it with."""

    def __init__(
        self,
        database: Database,
        sessions: Sessions,
        passwords: Passwords,
        guesses: Guesses,
        audit: Audit,
        secret_box: Callable[[], SecretBox],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._passwords = passwords
        self._guesses = guesses
        self._audit = audit
        self._box = secret_box
        self._clock = clock

    async def with_password(
        self, email: str, password: str, code: str | None, visitor: Visitor, *, old: str | None = None
    ) -> SignedIn:
        """A session for who knows the password, and the code if the person has a second factor.

        `old` is the cookie that came along; its session ends. Answer and time are the same for a name that nobody
        has. Raises WrongPassword, CodeNeeded, WrongCode, TooManyAttempts.
        """
        address = small(email)
        async with self._database.read() as session:
            row = await people.by_email(session, address)
            at_home = row is not None and await repo_sessions.was_here(
                session, row.id, visitor.address[:100], now() - _KNOWN_PLACE
            )
        # Who guesses from elsewhere must not be able to lock somebody out at the desk where they always sit.
        name = f"name:{address}" if not at_home else f"name:{address} at {visitor.address[:100]}"
        limits = [by_address(visitor), Limited(name, FREE_BY_NAME)]
        await self._guesses.admit(limits, visitor, address)
        if self._passwords.busy:
            raise TooManyAttempts("Too many people sign in at the moment.", retry_after=5)
        known = row.password_hash if row is not None and row.disabled_at is None else None
        right, better = await self._passwords.check(password, known)
        if row is None or not right:
            await self._failed("sign_in_failed", visitor, address)
            raise WrongPassword(
                "Name and password do not fit together.",
                field="password",
                remedy="If you forgot your password, have it reset.",
            )
        if row.totp_on:
            await self._check_code(row, code, visitor, limits)
        await self._guesses.right(limits)
        return await self._open(row.id, "password", visitor, old, better)

    async def open_for(self, person_id: UUID, how: str, visitor: Visitor, old: str | None) -> SignedIn:
        """A session for who has proved who they are in another way. Raises PersonNotFound, WrongPassword where the
        person is disabled."""
        return await self._open(person_id, how, visitor, old, None)

    async def change_password(
        self, caller: Caller, old_password: str | None, new_password: str, visitor: Visitor
    ) -> None:
        """Change, or where there is none set, one's password. All other sessions end.

        Raises WrongPassword, WeakPassword, TooManyAttempts.
        """
        row = await self._confirmed(caller, old_password, visitor)
        check_strength(new_password, row.email, row.name)
        hashed = await self._passwords.make(new_password)
        async with self._database.begin() as session:
            await people.change(session, row.id, {"password_hash": hashed})
            await people.drop_links(session, "reset", person_id=row.id)
            await repo_sessions.end(session, now(), person_id=row.id, but=caller.session_id)
            await self._audit.note(session, "password_changed", caller)

    async def confirm(self, caller: Caller, password: str | None, visitor: Visitor) -> None:
        """Make sure that it is really the caller who sits there. Raises WrongPassword, TooManyAttempts."""
        await self._confirmed(caller, password, visitor)

    async def begin_second_factor(
        self, caller: Caller, password: str | None, visitor: Visitor
    ) -> SecondFactor:
        """A secret for an authenticator app; it counts once `finish_second_factor` got a code of it.

        Raises WrongPassword, TooManyAttempts, Conflict where there is a second factor.
        """
        row = await self._confirmed(caller, password, visitor)
        if row.totp_on:
            raise Conflict("You have a second factor already.", remedy="Take it away first.")
        secret = totp.new_secret()
        sealed = self._box().seal(secret, _place(row.id))
        async with self._database.begin() as session:
            await people.change(session, row.id, {"totp_secret": sealed})
        return SecondFactor(secret=secret, url=totp.address(secret, row.email))

    async def finish_second_factor(self, caller: Caller, code: str, visitor: Visitor) -> Sequence[str]:
        """Turn the second factor on with a first code; gives ten recovery codes, told here and never again.

        Raises WrongCode, NotSetUp, Conflict, TooManyAttempts.
        """
        row = await self._person(caller)
        if row.totp_on:
            raise Conflict("You have a second factor already.", remedy="Take it away first.")
        if row.totp_secret is None:
            raise NotSetUp("There is no second factor to be turned on.", remedy="Begin with one.")
        limits = [Limited(f"code:{row.id}", FREE_BY_NAME)]
        await self._guesses.admit(limits, visitor, row.email)
        if not await self._take_code(row, code, recovery=False):
            raise WrongCode(field="code", remedy="Is the clock of your telephone right?")
        await self._guesses.right(limits)
        codes = totp.new_recovery_codes()
        async with self._database.begin() as session:
            await people.change(session, row.id, {"totp_on": True})
            await people.put_recovery_codes(session, row.id, [_code_hash(row.id, c) for c in codes])
            await repo_sessions.end(session, now(), person_id=row.id, but=caller.session_id)
            await self._audit.note(session, "second_factor_on", caller)
        return codes

    async def drop_second_factor(self, caller: Caller, password: str | None, visitor: Visitor) -> None:
        """Sign in with the password alone from now on. Raises WrongPassword, TooManyAttempts."""
        row = await self._confirmed(caller, password, visitor)
        await self.clear_second_factor(row.id, caller)

    async def clear_second_factor(self, person_id: UUID, by: Caller) -> None:
        """Take away somebody's second factor, for an administrator: the telephone is lost, and the codes too."""
        async with self._database.begin() as session:
            row = await people.get(session, person_id)
            if row is None:
                raise no_person(person_id)
            await people.change(session, person_id, {"totp_on": False, "totp_secret": None})
            await people.put_recovery_codes(session, person_id, [])
            if row.totp_on:
                await self._audit.note(session, "second_factor_off", by, subject=row.email)

    def close(self) -> None:
        """End the threads that work out hashes."""
        self._passwords.close()

    async def _open(
        self, person_id: UUID, how: str, visitor: Visitor, old: str | None, better: str | None
    ) -> SignedIn:
        async with self._database.begin() as session:
            # Read again: they may have been disabled while the password was checked.
            row = await people.get(session, person_id)
            if row is None:
                raise no_person(person_id)
            if row.disabled_at is not None:
                raise WrongPassword("This account is disabled.", remedy="Ask an administrator.")
            values: dict[str, object] = {"last_sign_in_at": now()}
            if better is not None:
                values["password_hash"] = better
            await people.change(session, row.id, values)
            opened, token = await self._sessions.open(session, row, how, visitor, old)
            await self._audit.note(
                session,
                "sign_in",
                visitor,
                subject=row.email,
                person_id=row.id,
                how=how,
                session_id=opened.id,
            )
            view = person_view(row)
        return SignedIn(person=view, session_id=opened.id, token=token, expires_at=opened.expires_at)

    async def _person(self, caller: Caller) -> Person:
        if caller.person_id is None:
            raise NotSetUp("Nobody is signed in here, so there is no account to change.")
        async with self._database.read() as session:
            row = await people.get(session, caller.person_id)
        if row is None:
            raise no_person(caller.person_id)
        return row

    async def _confirmed(self, caller: Caller, password: str | None, visitor: Visitor) -> Person:
        row = await self._person(caller)
        if row.password_hash is None:
            return row
        limits = [by_address(visitor), Limited(f"confirm:{row.id}", FREE_BY_NAME)]
        await self._guesses.admit(limits, visitor, row.email)
        right, _ = await self._passwords.check(password or "", row.password_hash)
        if not right:
            await self._failed("confirm_failed", visitor, row.email)
            raise WrongPassword("This is not your password.", field="password")
        await self._guesses.right(limits)
        return row

    async def reseal(self, resealing: Resealing) -> None:
        """Encrypt all second factors' secrets with the newest key of this installation."""
        async with self._database.begin() as session:
            for row in await people.with_second_factor(session):
                if row.totp_secret is not None:
                    name = f"the second factor of {row.email}"
                    row.totp_secret = resealing.again(row.totp_secret, _place(row.id), name)

    async def _check_code(
        self, row: Person, code: str | None, visitor: Visitor, limits: Sequence[Limited]
    ) -> None:
        if not (code or "").strip():
            # The password was right: that is no guess, but the count goes on until the code is right as well.
            for limited in limits:
                if limited.key.startswith("address:"):
                    await self._guesses.right([limited])
            raise CodeNeeded(
                field="code", remedy="Send the code of your authenticator app, or a recovery code."
            )
        if not await self._take_code(row, code or "", recovery=True):
            await self._failed("code_failed", visitor, row.email)
            raise WrongCode(field="code", remedy="Wait for the next code, or use a recovery code.")

    async def _take_code(self, row: Person, code: str, *, recovery: bool) -> bool:
        plain = totp.plain(code)
        async with self._database.begin() as session:
            if row.totp_secret is not None and plain.isdigit() and len(plain) == totp.DIGITS:
                secret = self._box().open(row.totp_secret, _place(row.id))
                step = totp.matching_step(secret, plain, self._clock())
                return step is not None and await people.take_step(session, row.id, step)
            if not recovery:
                return False
            taken = await people.take_recovery_code(session, row.id, _code_hash(row.id, plain))
            if taken:
                left = await people.recovery_codes_left(session, row.id)
                await self._note_recovery(session, row, left)
            return taken

    async def _note_recovery(self, session: AsyncSession, row: Person, left: int) -> None:
        await self._audit.note(
            session, "recovery_code_used", Visitor(), subject=row.email, person_id=row.id, left=left
        )

    async def _failed(self, kind: str, visitor: Visitor, subject: str) -> None:
        async with self._database.begin() as session:
            await self._audit.note(session, kind, visitor, subject=subject)


def _place(id: UUID) -> str:
    return f"totp:{id}"


def _code_hash(id: UUID, code: str) -> bytes:
    return hashlib.sha256(id.bytes + totp.plain(code).encode()).digest()
