"""What `documents` keeps about a person: the versions, proposals and comments that are theirs."""

from collections.abc import AsyncIterator
from uuid import UUID

import orjson

from scrivano.core.database import Database
from scrivano.documents import repo


class DocumentData:
    """Exports what a person wrote, and takes their name off it. The texts belong to the projects and stay there."""

    name = "documents"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export(self, person_id: UUID) -> AsyncIterator[tuple[str, bytes]]:
        """The person's versions, proposals and comments, each a file with one a line."""
        async with self._database.read() as session:
            found = {
                "versions.jsonl": await repo.versions_of_person(session, str(person_id)),
                "proposals.jsonl": await repo.proposals_of_person(session, str(person_id)),
                "comments.jsonl": await repo.comments_of_person(session, str(person_id)),
            }
        for name, rows in found.items():
            if rows:
                yield name, b"".join(orjson.dumps(dict(row)) + b"\n" for row in rows)

    async def erase(self, person_id: UUID) -> None:
        """Say of what the person wrote, decided and settled that some person did, no more who."""
        async with self._database.begin() as session:
            await repo.forget_person(session, str(person_id))
