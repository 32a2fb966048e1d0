"""Reading a book as it stands, with its author's edits: what contradicts the references becomes remarks."""

from collections.abc import Sequence
from uuid import UUID, uuid5

from scrivano.books import repo
from scrivano.books.stages import ChapterDraft, ContinuityReport, ProofOrder, Proofs, StoryMemory
from scrivano.books.steps.asking import Asking
from scrivano.books.steps.checking import Checking
from scrivano.books.steps.planning import PROMPTS
from scrivano.books.steps.revising import first_plan
from scrivano.books.writers import models_in_reach, require_model
from scrivano.core.database import Database
from scrivano.core.errors import Conflict, NotFound, Unavailable
from scrivano.documents.public import Author, Documents
from scrivano.llm.public import LLMService
from scrivano.prompts.public import Prompts
from scrivano.references.public import Library, Reference
from scrivano.runs.public import current, step

MOST_REFERENCES = 200
_REMARKS = UUID("0f3c2a39-6d1e-5c0b-8a5e-5d6c1f2b7e44")


def _number(proofs: Proofs, number: int, *_: object) -> str:
    return str(number)


class Proofreading:
    """One reading a chapter. Nothing of the text is changed."""

    def __init__(
        self,
        database: Database,
        llm: LLMService,
        prompts: Prompts,
        documents: Documents,
        library: Library,
        asking: Asking,
        checking: Checking,
    ) -> None:
        self._database = database
        self._llm = llm
        self._prompts = prompts
        self._documents = documents
        self._library = library
        self._asking = asking
        self._checking = checking

    @step()
    async def plan_proofs(self, wanted: ProofOrder) -> Proofs:
        """The newest texts, and who reads them.

        Raises NotFound, Conflict where no chapter is written, Unavailable where no model answers.
        """
        async with self._database.begin() as session:
            book = await repo.get_book(session, wanted.book_id)
            places = await repo.list_chapters(session, wanted.book_id)
            await repo.add_run(session, wanted.book_id, current().run_id, "check", wanted.number)
        if book is None:
            raise NotFound(f"There is no book {wanted.book_id}.")
        if not places:
            raise Conflict("No chapter of the book is written yet.", remedy="Let its run end first.")
        if wanted.max_cost is not None:
            await self._llm.set_budget("run", current().run_id, wanted.max_cost)
        models = (
            [await require_model(self._llm, wanted.model)]
            if wanted.model
            else await models_in_reach(self._llm)
        )
        if not models:
            raise Unavailable(
                "No model is in reach to read the book.", remedy="Start a model server, then resume the run."
            )
        texts = await self._documents.newest([place.document_id for place in places])
        drafts: list[ChapterDraft] = []
        for place in places:
            if place.document_id not in texts:
                continue
            newest = texts[place.document_id][1]
            # What a chapter established was told of the text that a run wrote; where a person changed it, it is read.
            memory = place.facts.get("memory") if newest.author.kind == "run" else None
            text, words = newest.text, len(newest.text.split())
            drafts.append(
                ChapterDraft(
                    number=place.number,
                    title=place.title,
                    text=text,
                    words=words,
                    target=words,
                    memory=StoryMemory.model_validate(memory) if memory else None,
                )
            )
        return Proofs(
            plan=first_plan(book).model_copy(
                update={"writer": "model", "models": models, "prompts": await self._prompts.pin(PROMPTS)}
            ),
            chapters=drafts,
            wanted=[d.number for d in drafts if wanted.number in (None, d.number) and d.text.strip()],
            documents={place.number: place.document_id for place in places},
        )

    @step(item=_number)
    async def proofread_chapter(self, proofs: Proofs, number: int) -> ContinuityReport:
        """What of a chapter contradicts the brief, the project's references or the rest of the book."""
        draft = next(d for d in proofs.chapters if d.number == number)
        references = await self._references(proofs)
        return await self._checking.read(proofs.plan, draft, proofs.chapters, references)

    @step(item=_number)
    async def remark(self, proofs: Proofs, number: int, report: ContinuityReport) -> int:
        """A remark on each passage at fault, save where one of another reading is still open; returns how many."""
        document = proofs.documents[number]
        there = await self._documents.comments.list(document, resolved=False, limit=1_000)
        run_id = current().run_id
        known = {c.quote for c in there if c.author.kind == "run" and c.author.id != run_id}
        made = 0
        for finding in report.findings:
            if finding.quote not in known:
                await self._documents.comments.add(
                    document,
                    finding.quote,
                    f"{finding.problem}\n\n“{finding.against.strip()}”\n\n{finding.fix}".strip(),
                    author=Author(kind="run", id=run_id),
                    comment_id=uuid5(_REMARKS, f"{run_id} {number} {finding.quote}"),
                )
                made += 1
        return made

    async def _references(self, proofs: Proofs) -> Sequence[Reference]:
        """Those that the book was ordered with, and what the project has beside them now."""
        ordered = await self._asking.references(proofs.plan.book_id)
        if proofs.plan.project_id is None:
            return ordered
        project = UUID(proofs.plan.project_id)
        listed = await self._library.list(project, limit=MOST_REFERENCES)
        ready = [r.id for r in listed if r.status == "ready"]
        known = {r.sha256 for r in ordered}
        return [*ordered, *(r for r in await self._library.get_many(project, ready) if r.sha256 not in known)]
