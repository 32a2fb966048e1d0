"""Looking up what the writer of a chapter was shown."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from scrivano.books.context.dto import ChapterContext, ContextTaken, NoContext
from scrivano.core.errors import ScrivanoError
from scrivano.events.public import EventLog
from scrivano.llm.public import LLMService

WRITE = "write_chapter"
_PAGE = 200


def topic_of(book_id: UUID) -> str:
    """Where the accounts of a book's chapters are kept, oldest first."""
    return f"context:{book_id}"


def kind_of(chapter: int) -> str:
    """The kind of event that a chapter's accounts are."""
    return f"context_of_{chapter}"


class ChapterContexts:
    """Reads the accounts that the steps of a book left."""

    def __init__(self, events: EventLog, llm: LLMService) -> None:
        self._events = events
        self._llm = llm

    async def of(
        self,
        book_id: UUID,
        chapter: int,
        *,
        run_id: str | None = None,
        prompt: str = WRITE,
        round_: int = 0,
    ) -> ChapterContext:
        """The newest account of the chapter's prompt, of any run or of one. Raises NoContext."""
        found: ChapterContext | None = None
        async for data in self._accounts(book_id, chapter):
            if (data["prompt"], data["round"]) == (prompt, round_) and run_id in (None, data["run_id"]):
                found = ChapterContext.model_validate(data)
        if found is None:
            raise NoContext(
                f"Nothing is recorded of what {prompt} was shown for chapter {chapter}"
                + (f" in round {round_}." if round_ else "."),
                field="number",
                remedy="Chapters of the built-in writer have no prompt; others have one once they are begun.",
            )
        return found.model_copy(update={"request_id": await self._request(found)})

    async def taken(self, book_id: UUID, chapter: int) -> list[ContextTaken]:
        """Which accounts there are of a chapter: of each prompt and round the newest one, the newest first."""
        found: dict[tuple[str, int], ContextTaken] = {}
        async for data in self._accounts(book_id, chapter):
            one = ContextTaken.model_validate(data)
            found.pop((one.prompt, one.round), None)
            found[one.prompt, one.round] = one
        return list(reversed(found.values()))

    async def forget(self, book_id: UUID) -> None:
        """Remove all accounts of a book, which hold passages of its author's references."""
        await self._events.forget(topic_of(book_id))

    async def _accounts(self, book_id: UUID, chapter: int) -> AsyncIterator[dict[str, Any]]:
        after = 0
        while page := await self._events.read(
            topic_of(book_id), after=after, limit=_PAGE, kinds=[kind_of(chapter)]
        ):
            after = page[-1].id
            for event in page:
                yield event.data

    async def _request(self, account: ChapterContext) -> UUID | None:
        try:
            requests = await self._llm.run_requests(account.run_id)
        except ScrivanoError:
            return None
        ids = [r.id for r in requests if r.key == account.request_key]
        return ids[-1] if ids else None
