"""What the request log keeps about a person: what they asked models and were answered."""

from collections.abc import AsyncIterator
from uuid import UUID

import orjson

from scrivano.llm.log.keeping import Keeping
from scrivano.llm.log.service import RequestLog

_PAGE = 200


class RequestData:
    """Exports and erases a person's requests. Their counts and costs stay, under no name."""

    name = "requests"

    def __init__(self, log: RequestLog, keeping: Keeping) -> None:
        self._log = log
        self._keeping = keeping

    async def export(self, person_id: UUID) -> AsyncIterator[tuple[str, bytes]]:
        """Files of up to 200 requests each, newest first, one a line, with what was sent and answered where it is
        still kept."""
        offset = 0
        while page := await self._log.of_user(str(person_id), _PAGE, offset):
            whole = [await self._log.get(view.id) for view in page]
            lines = (orjson.dumps(view.model_dump(mode="json")) + b"\n" for view in whole)
            yield f"requests-{offset // _PAGE + 1:04}.jsonl", b"".join(lines)
            offset += _PAGE

    async def erase(self, person_id: UUID) -> None:
        """Remove the texts of the person's requests, and their name from the rest."""
        await self._keeping.erase_person(str(person_id))
