"""What a reading for contradictions reads: the chapters as they stand, and what they are checked against."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from pydantic import BaseModel, Field

from scrivano.books import repo
from scrivano.books.dto import Brief
from scrivano.books.estimating import Interval
from scrivano.books.models import BookRow
from scrivano.books.stages import ChapterDraft, StoryMemory
from scrivano.books.steps.checking import beside
from scrivano.books.writers import models_in_reach, require_model
from scrivano.core.database import Database
from scrivano.core.errors import Conflict, NotFound, Unavailable
from scrivano.documents.public import Documents
from scrivano.llm.public import CallContext, LLMService, Options
from scrivano.prompts.public import Prompts
from scrivano.references.public import Library, Reference

MOST_REFERENCES = 200
# A report of two findings; most have none.
_ANSWER = 300
PROMPT = "check_continuity"


class Texts(NamedTuple):
    """The book, its chapters that have a text, and the documents that hold them, by number."""

    book: BookRow
    chapters: list[ChapterDraft]
    documents: dict[int, UUID]


class ProofEstimate(BaseModel):
    """What a reading will take, in US dollars. `expected` has short answers, `high` the longest that can come."""

    model: str = Field(description="The model that would be asked first.")
    calls: int
    tokens: int = Field(description="Of all prompts, at the most.")
    cost_usd: Interval
    prices_known: bool


class ProofTexts:
    """Reads a book as it stands."""

    def __init__(
        self, database: Database, documents: Documents, library: Library, llm: LLMService, prompts: Prompts
    ) -> None:
        self._database = database
        self._documents = documents
        self._library = library
        self._llm = llm
        self._prompts = prompts

    async def texts(self, book_id: UUID) -> Texts:
        """Raises NotFound, Conflict where no chapter is written."""
        async with self._database.read() as session:
            book = await repo.get_book(session, book_id)
            places = await repo.list_chapters(session, book_id)
        if book is None:
            raise NotFound(f"There is no book {book_id}.")
        if not places:
            raise Conflict("No chapter of the book is written yet.", remedy="Let its run end first.")
        found = await self._documents.newest([place.document_id for place in places])
        drafts: list[ChapterDraft] = []
        for place in places:
            if place.document_id not in found:
                continue
            newest = found[place.document_id][1]
            # What a chapter established was told of the text that a run wrote; where a person changed it, it is read.
            memory = place.facts.get("memory") if newest.author.kind == "run" else None
            words = len(newest.text.split())
            drafts.append(
                ChapterDraft(
                    number=place.number,
                    title=place.title,
                    text=newest.text,
                    words=words,
                    target=words,
                    memory=StoryMemory.model_validate(memory) if memory else None,
                )
            )
        return Texts(book, drafts, {place.number: place.document_id for place in places})

    async def references(self, book_id: UUID, project_id: UUID | None) -> Sequence[Reference]:
        """Those that the book was ordered with, and what the project has beside them now."""
        async with self._database.read() as session:
            stored = await repo.get_references(session, book_id)
        ordered = [Reference.model_validate(reference) for reference in stored]
        if project_id is None:
            return ordered
        listed = await self._library.list(project_id, status="ready", limit=MOST_REFERENCES)
        known = {r.sha256 for r in ordered}
        there = await self._library.get_many(project_id, [r.id for r in listed])
        return [*ordered, *(r for r in there if r.sha256 not in known)]

    async def estimate(
        self, book_id: UUID, number: int | None = None, *, model: str | None = None
    ) -> ProofEstimate:
        """What the reading of a book, or one chapter, will take. Asks no model.

        Raises NotFound, Conflict without a chapter, Unavailable where no model is in reach.
        """
        texts = await self.texts(book_id)
        wanted = wanted_of(texts.chapters, number)
        if number is not None and number not in texts.documents:
            raise NotFound(f"The book {book_id} has no chapter {number}.", field="number")
        models = await asked(self._llm, model)
        references = await self.references(book_id, texts.book.project_id)
        brief = Brief.model_validate(texts.book.brief)
        context = CallContext(feature="books", purpose="estimate", chain=tuple(models))
        options = Options(model=models[0]) if len(models) == 1 else Options()
        looks = [
            await self._llm.outlook(
                (
                    await self._prompts.render(
                        PROMPT, beside(brief, draft_of(texts.chapters, n), texts.chapters, references)
                    )
                ).messages,
                options,
                context,
            )
            for n in wanted
        ]
        first = looks[0].model if looks else models[0]
        return ProofEstimate(
            model=first,
            calls=len(looks),
            tokens=sum(look.prompt_tokens for look in looks),
            cost_usd=Interval(
                low=float(sum(look.least(0) for look in looks)),
                expected=float(sum(look.most(_ANSWER) for look in looks)),
                high=float(sum(look.most(look.max_completion_tokens) for look in looks)),
            ),
            prices_known=await self._prices_known(first),
        )

    async def _prices_known(self, name: str) -> bool:
        return any(m.prices_known for m in await self._llm.registry.models() if m.name == name)


def wanted_of(chapters: Sequence[ChapterDraft], number: int | None) -> list[int]:
    """The numbers of those that are to be read; empty ones are not."""
    return [d.number for d in chapters if number in (None, d.number) and d.text.strip()]


def draft_of(chapters: Sequence[ChapterDraft], number: int) -> ChapterDraft:
    """The chapter of this number."""
    return next(d for d in chapters if d.number == number)


async def asked(llm: LLMService, model: str | None) -> list[str]:
    """The model that was named, or those in reach. Raises NotFound, Unavailable where there is none."""
    models = [await require_model(llm, model)] if model else await models_in_reach(llm)
    if not models:
        raise Unavailable(
            "No model is in reach to read the book.", remedy="Start a model server, then try again."
        )
    return models
