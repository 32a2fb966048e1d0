"""What `training` keeps about a person: the samples that came from their choices and edits."""

from collections.abc import AsyncIterator
from uuid import UUID

import orjson

from scrivano.core.database import Database
from scrivano.training import repo
from scrivano.training.dto import SampleView


class TrainingData:
    """Exports and erases a person's samples."""

    name = "training"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export(self, person_id: UUID) -> AsyncIterator[tuple[str, bytes]]:
        """One file with all of them, a sample a line."""
        async with self._database.read() as session:
            rows = await repo.samples_of_person(session, person_id)
        views = [SampleView.model_validate(row, from_attributes=True) for row in rows]
        if views:
            yield "samples.jsonl", b"".join(orjson.dumps(v.model_dump(mode="json")) + b"\n" for v in views)

    async def erase(self, person_id: UUID) -> None:
        """Delete them, and the name under consents that they gave."""
        async with self._database.begin() as session:
            await repo.forget_person(session, person_id)
