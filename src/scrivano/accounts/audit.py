"""The audit trail: who signed in or tried to, which keys, roles and links were made, what was deleted."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.accounts import repo_sessions as repo
from scrivano.accounts.dto import AuditView, Caller, Visitor
from scrivano.accounts.models import AuditRow
from scrivano.core.clock import now
from scrivano.core.database import Database
from scrivano.core.ids import new_id


class Audit:
    """Writes lines into the trail in the transaction of what they tell, and reads them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(
        self,
        session: AsyncSession,
        kind: str,
        by: Caller | Visitor,
        *,
        subject: str = "",
        person_id: UUID | None = None,
        **details: Any,
    ) -> None:
        """Add a line. `subject` is whom or what it is about; `details` are plain values."""
        who = person_id if person_id is not None else by.person_id if isinstance(by, Caller) else None
        plain = {k: str(v) if isinstance(v, UUID) else v for k, v in details.items() if v is not None}
        if isinstance(by, Caller) and by.key_id is not None:
            plain["key"] = str(by.key_id)
        row = AuditRow(
            id=new_id(),
            at=now(),
            kind=kind,
            person_id=who,
            subject=subject[:400],
            address=by.address[:100],
            details=plain,
        )
        await repo.add(session, row)

    async def list(
        self,
        *,
        kind: str | None = None,
        person_id: UUID | None = None,
        since: dt.datetime | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[AuditView]:
        """Lines, newest first."""
        async with self._database.read() as session:
            rows = await repo.audit(
                session, kind=kind, person_id=person_id, since=since, limit=limit, offset=offset
            )
        return [AuditView.model_validate(row, from_attributes=True) for row in rows]
