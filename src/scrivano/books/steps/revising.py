"""After the first edition: one chapter written anew, and the files bound again."""

from collections.abc import Sequence

from scrivano.books import repo
from scrivano.books.dto import BookOutline, Brief, OutlineChapter
from scrivano.books.length import count_words, ends_whole, without_cut_end
from scrivano.books.models import BookChapterRow, BookRow
from scrivano.books.scaffolding import without_scaffolding
from scrivano.books.stages import (
    AUTHOR,
    BUILT_IN,
    ChapterDraft,
    ChapterOrder,
    Passage,
    Plan,
    Rebinding,
    RebindOrder,
    RewriteOrder,
    RewriteResult,
    Rewriting,
    StoryMemory,
)
from scrivano.books.steps.asking import Asking
from scrivano.books.steps.binding import book_owner
from scrivano.books.steps.material import Material
from scrivano.books.steps.planning import PROMPTS
from scrivano.books.writers import models_in_reach, require_model
from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.errors import Conflict, NotFound, Unavailable
from scrivano.documents.public import Author, Documents
from scrivano.llm.public import LLMService
from scrivano.prompts.public import Prompts
from scrivano.runs.public import current, step

ROOM = 1.5
REWRITE = "rewrite_chapter"


class Revising:
    """The steps of a second edition."""

    def __init__(
        self,
        database: Database,
        llm: LLMService,
        prompts: Prompts,
        documents: Documents,
        asking: Asking,
        material: Material,
    ) -> None:
        self._database = database
        self._llm = llm
        self._prompts = prompts
        self._documents = documents
        self._asking = asking
        self._material = material

    @step()
    async def plan_rewrite(self, wanted: RewriteOrder) -> Rewriting:
        """Who writes, from which prompts, and which version the new text goes out from.

        Raises NotFound for a chapter that is not there, Unavailable where no model answers.
        """
        async with self._database.begin() as session:
            book = await repo.get_book(session, wanted.book_id)
            places = await repo.list_chapters(session, wanted.book_id)
            await repo.add_run(session, wanted.book_id, current().run_id, "rewrite", wanted.number)
        place = next((p for p in places if p.number == wanted.number), None)
        if book is None or place is None:
            raise NotFound(f"The book {wanted.book_id} has no chapter {wanted.number}.", field="number")
        if wanted.max_cost is not None:
            await self._llm.set_budget("run", current().run_id, wanted.max_cost)
        models = (
            [await require_model(self._llm, wanted.model)]
            if wanted.model
            else await models_in_reach(self._llm)
        )
        if not models:
            raise Unavailable(
                "No model is in reach to write the chapter anew.",
                remedy="Start a model server, then resume the run.",
            )
        plan = first_plan(book).model_copy(
            update={
                "writer": "model",
                "models": models,
                "prompts": await self._prompts.pin([*PROMPTS, REWRITE]),
            }
        )
        newest = await self._documents.latest(place.document_id)
        outline = outline_of(book, places)
        return Rewriting(
            order=ChapterOrder(
                plan=plan,
                outline=outline,
                number=wanted.number,
                memory=_memory(outline, places, wanted.number),
            ),
            instructions=wanted.instructions,
            document_id=place.document_id,
            base_number=newest.number,
            text=newest.text,
        )

    @step(preemptible=True)
    async def rewrite_chapter(self, job: Rewriting) -> Passage:
        """The chapter anew, as its author wishes."""
        order, number = job.order, job.order.number
        plan, chapter = order.plan, order.outline.chapters[number - 1]
        max_words = round(chapter.words * ROOM)
        variables = await self._material.chosen(
            order,
            REWRITE,
            {"instructions": job.instructions, "text": job.text},
            max_words=max_words,
            also=job.instructions,
        )
        response = await self._asking.prose(plan, REWRITE, variables, max_words=max_words, item=str(number))
        text, removed = without_scaffolding(response.text, title=chapter.title)
        whole = without_cut_end(text, was_cut=response.finish_reason == "length")
        return Passage(
            text=whole,
            finish_reason=response.finish_reason if ends_whole(text) else "cut",
            request_id=response.request_id,
            words=count_words(whole),
            removed=removed,
        )

    @step()
    async def keep_rewritten(self, job: Rewriting, draft: ChapterDraft) -> RewriteResult:
        """Save the new text: as the newest version, or as a proposal where the newest is a person's."""
        plan = job.order.plan
        kept = await self._documents.put(
            job.document_id,
            kind="chapter",
            title=draft.title,
            text=draft.text,
            author=Author(kind="run", id=current().run_id),
            owner=book_owner(plan.book_id),
            request_ids=draft.request_ids,
            note=f"Written anew. {job.instructions}"[:500].strip(),
            base_number=job.base_number,
        )
        if kept.proposal_id is None:
            facts = draft.model_dump(mode="json", exclude={"text"})
            async with self._database.begin() as session:
                await repo.put_chapter(
                    session, plan.book_id, draft.number, draft.title, job.document_id, facts
                )
        return RewriteResult(
            book_id=plan.book_id,
            number=draft.number,
            words=draft.words,
            version=kept.number,
            proposal_id=kept.proposal_id,
        )

    @step()
    async def plan_rebinding(self, wanted: RebindOrder) -> Rebinding:
        """The plan that the book was written to, with every run that stands behind its texts.

        Raises NotFound for a book that is not there, Conflict where no chapter is written yet.
        """
        async with self._database.begin() as session:
            book = await repo.get_book(session, wanted.book_id)
            places = await repo.list_chapters(session, wanted.book_id)
            runs = await repo.list_runs(session, wanted.book_id)
            await repo.add_run(session, wanted.book_id, current().run_id, "bind")
        if book is None:
            raise NotFound(f"There is no book {wanted.book_id}.")
        if not places:
            raise Conflict("No chapter of the book is written yet.", remedy="Let its run end first.")
        behind = [
            r.run_id
            for r in runs
            if r.purpose not in ("bind", "check") and not _replaced(r.run_id, r.purpose, book)
        ]
        plan = first_plan(book).model_copy(update={"runs": behind})
        return Rebinding(plan=plan, outline=outline_of(book, places))


def first_plan(book: BookRow) -> Plan:
    """The plan that a book was written to; of one from before plans were kept, what its account tells."""
    if book.plan is not None:
        # The brief may have been changed since: a cover's style, the trim, the author's name.
        whose = {"project_id": str(book.project_id), "user_id": str(book.user_id) if book.user_id else None}
        return Plan.model_validate({**book.plan, **whose, "brief": book.brief})
    brief = Brief.model_validate(book.brief)
    facts = (book.provenance or {}).get("facts", {})
    return Plan(
        book_id=book.id,
        brief=brief,
        writer=facts.get("writer", BUILT_IN),
        models=facts.get("models", []),
        day=brief.date or (book.finished_at or clock.now()).date(),
        project_id=str(book.project_id),
        user_id=str(book.user_id) if book.user_id else None,
    )


def outline_of(book: BookRow, places: Sequence[BookChapterRow]) -> BookOutline:
    """The outline with the chapters as they are called now; made of the chapters where there is none."""
    titles = {place.number: place.title for place in places}
    if not book.outline:
        chapters = [
            OutlineChapter(number=p.number, title=p.title, words=int(p.facts.get("words", 0))) for p in places
        ]
        return BookOutline(title=book.title, chapters=chapters)
    outline = BookOutline.model_validate(book.outline)
    named = [c.model_copy(update={"title": titles.get(c.number, c.title)}) for c in outline.chapters]
    return outline.model_copy(update={"chapters": named})


def _replaced(run_id: str, purpose: str, book: BookRow) -> bool:
    """Whether it is an earlier run of a book that was written once more from the beginning."""
    return (
        purpose == "write"
        and run_id != book.run_id
        and book.plan is not None
        and book.plan["writer"] != AUTHOR
    )


def _memory(outline: BookOutline, places: Sequence[BookChapterRow], number: int) -> list[StoryMemory]:
    """What the chapters established that this one depends on."""
    needed = outline.chapters[number - 1].depends_on if number <= len(outline.chapters) else []
    kept = {p.number: p.facts.get("memory") for p in places}
    return [StoryMemory.model_validate(m) for d in needed if (m := kept.get(d))]
