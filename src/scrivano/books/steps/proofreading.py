"""Reading a book as it stands, with its author's edits: what contradicts the references becomes remarks."""

from uuid import UUID, uuid5

from scrivano.books import repo
from scrivano.books.proofs import ProofTexts, asked, draft_of, wanted_of
from scrivano.books.stages import ContinuityReport, ProofOrder, Proofs
from scrivano.books.steps.checking import Checking
from scrivano.books.steps.planning import PROMPTS
from scrivano.books.steps.revising import first_plan
from scrivano.core.database import Database
from scrivano.documents.public import Author, Documents
from scrivano.llm.public import LLMService
from scrivano.prompts.public import Prompts
from scrivano.runs.public import current, step

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
        texts: ProofTexts,
        checking: Checking,
    ) -> None:
        self._database = database
        self._llm = llm
        self._prompts = prompts
        self._documents = documents
        self._texts = texts
        self._checking = checking

    @step()
    async def plan_proofs(self, wanted: ProofOrder) -> Proofs:
        """The newest texts, and who reads them.

        Raises NotFound, Conflict where no chapter is written, Unavailable where no model answers.
        """
        texts = await self._texts.texts(wanted.book_id)
        async with self._database.begin() as session:
            await repo.add_run(session, wanted.book_id, current().run_id, "check", wanted.number)
        if wanted.max_cost is not None:
            await self._llm.set_budget("run", current().run_id, wanted.max_cost)
        models = await asked(self._llm, wanted.model)
        return Proofs(
            plan=first_plan(texts.book).model_copy(
                update={"writer": "model", "models": models, "prompts": await self._prompts.pin(PROMPTS)}
            ),
            chapters=texts.chapters,
            wanted=wanted_of(texts.chapters, wanted.number),
            documents=texts.documents,
        )

    @step(item=_number)
    async def proofread_chapter(self, proofs: Proofs, number: int) -> ContinuityReport:
        """What of a chapter contradicts the brief, the project's references or the rest of the book."""
        plan = proofs.plan
        project = UUID(plan.project_id) if plan.project_id else None
        references = await self._texts.references(plan.book_id, project)
        return await self._checking.read(plan, draft_of(proofs.chapters, number), proofs.chapters, references)

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
