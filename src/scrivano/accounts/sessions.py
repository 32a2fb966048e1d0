"""Sessions: a browser in which somebody is signed in."""

import datetime as dt
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.accounts import repo_sessions as repo
from scrivano.accounts.audit import Audit
from scrivano.accounts.dto import Caller, PersonRole, SessionNotFound, SessionView, Visitor
from scrivano.accounts.models import Person, SessionRow
from scrivano.accounts.tokens import digest, new_token
from scrivano.core.clock import now
from scrivano.core.database import Database
from scrivano.core.ids import new_id

LONGEST = dt.timedelta(days=30)
"""After this a person signs in again, however much they used the session."""

IDLE = dt.timedelta(days=7)
_SEEN_NOTED = dt.timedelta(minutes=1)
_REMEMBERED = dt.timedelta(days=90)


class Sessions:
    """Opens, reads and ends sessions. Ending one holds at once, in every process."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    async def open(
        self, session: AsyncSession, person: Person, how: str, visitor: Visitor, old: str | None
    ) -> tuple[SessionRow, str]:
        """A new session with a new secret, in the caller's transaction. The one that the browser came with ends: a
        secret that was there before signing in is good for nothing after it."""
        moment = now()
        if old is not None:
            await repo.end(session, moment, digest=digest(old))
        await repo.drop_old(session, moment - _REMEMBERED)
        token = new_token()
        row = SessionRow(
            id=new_id(),
            person_id=person.id,
            hash=digest(token),
            how=how,
            address=visitor.address[:100],
            program=visitor.program[:300],
            created_at=moment,
            last_seen_at=moment,
            expires_at=moment + LONGEST,
        )
        await repo.add(session, row)
        return row, token

    async def caller(self, token: str, address: str) -> Caller | None:
        """Who is signed in with this cookie; None: nobody."""
        moment = now()
        async with self._database.read() as session:
            found = await repo.find(session, digest(token), moment, moment - IDLE)
        if found is None:
            return None
        row, person = found
        if moment - row.last_seen_at > _SEEN_NOTED or row.address != address[:100]:
            async with self._database.begin() as session:
                await repo.seen(session, row.id, moment, address[:100])
        role: PersonRole = "administrator" if person.role == "administrator" else "member"
        return Caller(
            person_id=person.id, name=person.name, role=role, session_id=row.id, address=address[:100]
        )

    async def list(self, person_id: UUID, current: UUID | None) -> list[SessionView]:
        """The open sessions of a person, last used first."""
        moment = now()
        async with self._database.read() as session:
            rows = await repo.of_person(session, person_id, moment, moment - IDLE)
        return [
            SessionView(
                id=row.id,
                current=row.id == current,
                how=row.how,
                address=row.address,
                program=row.program,
                created_at=row.created_at,
                last_seen_at=row.last_seen_at,
                expires_at=min(row.expires_at, row.last_seen_at + IDLE),
            )
            for row in rows
        ]

    async def end(self, id: UUID, caller: Caller) -> None:
        """End one of the caller's sessions. Raises SessionNotFound."""
        async with self._database.begin() as session:
            if caller.person_id is None or not await repo.end(
                session, now(), id=id, person_id=caller.person_id
            ):
                raise SessionNotFound(f"You have no open session {id}.", field="session_id")
            await self._audit.note(session, "sign_out", caller, session_id=id)

    async def end_all(self, caller: Caller, *, but_current: bool = False) -> int:
        """Sign the caller out everywhere, or everywhere else; gives how many sessions ended."""
        if caller.person_id is None:
            return 0
        but = caller.session_id if but_current else None
        async with self._database.begin() as session:
            ended = await repo.end(session, now(), person_id=caller.person_id, but=but)
            await self._audit.note(session, "sign_out_everywhere", caller, sessions=ended)
        return ended
