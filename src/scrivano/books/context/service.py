"""Looking up what the writer of a chapter was shown."""

from uuid import UUID

from scrivano.books.context.dto import ChapterContext, NoContext
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
        after = 0
        while page := await self._events.read(
            topic_of(book_id), after=after, limit=_PAGE, kinds=[kind_of(chapter)]
        ):
            after = page[-1].id
            for event in page:
                data = event.data
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

    async def forget(self, book_id: UUID) -> None:
        """Remove all accounts of a book, which hold passages of its author's references."""
        await self._events.forget(topic_of(book_id))

    async def _request(self, account: ChapterContext) -> UUID | None:
        try:
            requests = await self._llm.run_requests(account.run_id)
        except ScrivanoError:
            return None
        ids = [r.id for r in requests if r.key == account.request_key]
        return ids[-1] if ids else None
