"""A person's data, wherever it is: exported as one archive, erased in one go."""

import io
import zipfile
from collections.abc import AsyncIterator, Sequence
from typing import Any, Protocol
from uuid import UUID

import orjson

from scrivano.accounts import repo, repo_sessions
from scrivano.accounts import repo_people as people
from scrivano.accounts.audit import Audit
from scrivano.accounts.dto import ApiKeyView, AuditView, Caller
from scrivano.accounts.people import People, person_view
from scrivano.core.database import Database


class PersonalData(Protocol):
    """What a feature offers that keeps data of people. `wiring` hands all of them to `PersonalRooms`."""

    @property
    def name(self) -> str:
        """The folder of this feature in the archive."""
        ...

    def export(self, person_id: UUID) -> AsyncIterator[tuple[str, bytes]]:
        """Files with everything that is kept about the person, as names and bytes."""
        ...

    async def erase(self, person_id: UUID) -> None:
        """Forget the person. Doing it twice does no harm. Raises Conflict where something stands against it."""
        ...


class PersonalRooms:
    """Asks every feature for what it keeps about a person."""

    def __init__(
        self, database: Database, people: People, audit: Audit, rooms: Sequence[PersonalData] = ()
    ) -> None:
        self._database = database
        self._people = people
        self._audit = audit
        self._rooms = rooms

    async def export(self, person_id: UUID, by: Caller) -> bytes:
        """A ZIP archive with a folder for each feature. Raises PersonNotFound."""
        await self._people.get(person_id)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in await self._account(person_id):
                archive.writestr(f"accounts/{name}", content)
            for room in self._rooms:
                async for name, content in room.export(person_id):
                    archive.writestr(f"{room.name}/{name}", content)
        async with self._database.begin() as session:
            await self._audit.note(session, "data_exported", by, subject=str(person_id))
        return buffer.getvalue()

    async def erase(self, person_id: UUID, by: Caller) -> None:
        """Forget a person in every feature, the account last, so that what failed half-way can be done again.

        Raises PersonNotFound, LastAdministrator, and what a feature has against it, such as LastOwner.
        """
        await self._people.check_removable(person_id)
        for room in self._rooms:
            await room.erase(person_id)
        await self._people.remove(person_id, by)

    async def _account(self, person_id: UUID) -> list[tuple[str, bytes]]:
        async with self._database.read() as session:
            row = await people.get(session, person_id)
            email = row.email if row is not None else ""
            sessions = await repo_sessions.all_of_person(session, person_id)
            keys = await repo.of_person(session, str(person_id), revoked=True)
            elsewhere = await people.identities(session, person_id)
            trail = await repo_sessions.audit_of(session, person_id, email)
        shown = ("id", "how", "address", "program", "created_at", "last_seen_at", "expires_at", "ended_at")
        return [
            ("person.json", _json(person_view(row).model_dump(mode="json") if row is not None else None)),
            ("sessions.json", _json([{name: getattr(s, name) for name in shown} for s in sessions])),
            ("keys.json", _json([_dump(ApiKeyView, key) for key in keys])),
            ("identities.json", _json([{"issuer": i.issuer, "subject": i.subject} for i in elsewhere])),
            ("audit.json", _json([_dump(AuditView, line) for line in trail])),
        ]


def _dump(kind: Any, row: Any) -> Any:
    return kind.model_validate(row, from_attributes=True).model_dump(mode="json")


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2)
