"""Having covers painted: one call a candidate, each remembered under its key."""

from uuid import UUID, uuid5

from scrivano.books import repo
from scrivano.books.covers.dto import PaintOrder
from scrivano.books.covers.service import Covers, front_matter
from scrivano.books.dto import Brief
from scrivano.core.database import Database
from scrivano.core.errors import NotFound
from scrivano.llm.public import CallContext, LLMService, Options
from scrivano.prompts.public import Prompts
from scrivano.runs.public import current, step

PROMPT = "cover_picture"
SIZE = "1024x1536"
_CANDIDATES = UUID("5f1f3ad6-3d0e-5ac4-9a6f-0b7c1f0f0c5e")


def _candidate(order: PaintOrder, number: int) -> str:
    return str(number)


class Painting:
    """The steps of a run that brings covers."""

    def __init__(self, database: Database, llm: LLMService, prompts: Prompts, covers: Covers) -> None:
        self._database = database
        self._llm = llm
        self._prompts = prompts
        self._covers = covers

    @step()
    async def plan_covers(self, order: PaintOrder) -> None:
        """Hold the run to its ceiling."""
        if order.max_cost is not None:
            await self._llm.set_budget("run", current().run_id, order.max_cost)

    @step(item=_candidate)
    async def paint_cover(self, order: PaintOrder, number: int) -> UUID:
        """One candidate, with the book's words set upon it; the id of the cover. Raises LLMError."""
        run_id = current().run_id
        async with self._database.read() as session:
            book = await repo.get_book(session, order.book_id)
        if book is None:
            raise NotFound(f"There is no book {order.book_id}.")
        brief = Brief.model_validate(book.brief)
        prompt = await self._prompts.render(
            PROMPT,
            {
                "title": front_matter(book).title,
                "subject": brief.subject or (brief.niche or "").replace("_", " "),
                "fiction": brief.kind == "fiction",
                "premise": brief.premise or "",
                "audience": brief.audience,
                "style": brief.cover_style,
                "wishes": order.wishes,
                "variant": number,
            },
        )
        text = "\n".join(str(m.content) for m in prompt.messages)
        cover_id = uuid5(_CANDIDATES, f"{run_id}/{number}")
        picture = await self._llm.generate_image(
            text,
            size=SIZE,
            options=Options(model=order.model) if order.model else None,
            context=CallContext(
                feature="books",
                purpose="paint_cover",
                run_id=run_id,
                project_id=str(book.project_id),
                user_id=str(book.user_id) if book.user_id else None,
                key=f"{run_id}/paint_cover/{number}/0",
                prompt_name=prompt.name,
                prompt_version=prompt.version_id,
                labels={"book": str(order.book_id), "item": str(number)},
            ),
        )
        kept = await self._covers.keep_painted(
            order.book_id,
            picture.data,
            cover_id=cover_id,
            request_id=picture.request_id,
            model=picture.model,
            cost=picture.cost,
        )
        return kept.id
