"""How a finished book goes on: a chapter written anew, and the files bound again, each a durable run of its own."""

import asyncio

from scrivano.books.covers.dto import Painted, PaintOrder
from scrivano.books.dto import ChapterNotWritten
from scrivano.books.length import count_words, fit_length, without_repeats
from scrivano.books.stages import (
    BookResult,
    ProofOrder,
    ProofResult,
    RebindOrder,
    RewriteOrder,
    RewriteResult,
)
from scrivano.books.steps.binding import FILES, Binding
from scrivano.books.steps.painting import Painting
from scrivano.books.steps.proofreading import Proofreading
from scrivano.books.steps.revising import Revising
from scrivano.books.steps.writing import Writing, chapter_of, draft_from
from scrivano.runs.public import PipelineBase, run_class, workflow

CONTINUATIONS = 8
SHORT_OF = 0.985
TOO_LITTLE = 0.3


@run_class
class RevisionPipeline(PipelineBase):
    """What is done to a book after its first edition."""

    def __init__(
        self,
        revising: Revising,
        writing: Writing,
        binding: Binding,
        painting: Painting,
        proofreading: Proofreading,
    ) -> None:
        self._painting = painting
        self._proofreading = proofreading
        self._revising = revising
        self._writing = writing
        self._binding = binding
        super().__init__()

    @workflow(name="regenerate_chapter")
    async def regenerate_chapter(self, wanted: RewriteOrder) -> RewriteResult:
        """The chapter anew, brought to its length and summed up; a person's edit is never written over."""
        job = await self._revising.plan_rewrite(wanted)
        order = job.order
        target = max(1, chapter_of(order.outline, order.number).words)
        first = await self._revising.rewrite_chapter(job)
        passages, text = [first], without_repeats(first.text)
        for round_ in range(1, CONTINUATIONS + 1):
            missing = target - count_words(text)
            if missing <= target * (1 - SHORT_OF):
                break
            more = await self._writing.continue_chapter(order, text, max(60, missing), round_)
            passages.append(more)
            text = f"{text.rstrip()}\n\n{without_repeats(more.text, text)}"
        if count_words(text) < target * TOO_LITTLE:
            raise ChapterNotWritten(
                f"The model gave {count_words(text)} usable words for chapter {order.number}, of {target} asked.",
                remedy="The chapter stands as it was. Try other instructions or another model.",
            )
        draft = draft_from(order, passages, fit_length(text, target))
        memory = await self._writing.summarize_chapter(order, draft)
        return await self._revising.keep_rewritten(job, draft.model_copy(update={"memory": memory}))

    @workflow(name="paint_covers")
    async def paint_covers(self, order: PaintOrder) -> Painted:
        """Candidates for the cover, one after the other, within the ceiling."""
        await self._painting.plan_covers(order)
        numbers = range(1, order.count + 1)
        return Painted(
            book_id=order.book_id,
            covers=[await self._painting.paint_cover(order, number) for number in numbers],
        )

    @workflow(name="check_book")
    async def check_book(self, wanted: ProofOrder) -> ProofResult:
        """Every chapter, or one, read for what contradicts the references, the brief or the rest of the book."""
        proofs = await self._proofreading.plan_proofs(wanted)
        reports = await asyncio.gather(
            *[self._proofreading.proofread_chapter(proofs, number) for number in proofs.wanted]
        )
        remarks = [
            await self._proofreading.remark(proofs, number, report)
            for number, report in zip(proofs.wanted, reports, strict=True)
        ]
        return ProofResult(
            book_id=wanted.book_id,
            chapters=len(reports),
            findings=sum(len(report.findings) for report in reports),
            remarks=sum(remarks),
        )

    @workflow(name="rebuild_files")
    async def rebuild_files(self, wanted: RebindOrder) -> BookResult:
        """Cover, files and account out of the texts as they stand now."""
        job = await self._revising.plan_rebinding(wanted)
        edition = await self._binding.settle_edition(job.plan)
        await self._binding.draw_cover(job.plan, edition)
        for kind in FILES:
            await self._binding.make_file(job.plan, edition, kind)
        return await self._binding.settle_account(job.plan, edition, job.outline, [])
