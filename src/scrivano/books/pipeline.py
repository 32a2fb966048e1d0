"""How a book is made, from top to bottom.

The bodies below are deterministic: what touches the world is a step, and a replay after a crash takes the answers
of finished steps from the run's log. What a chapter knows of others depends on the outline, never on which
was finished first.
"""

import asyncio

from scrivano.books.dto import BookOutline, ChapterNotWritten
from scrivano.books.length import count_words, fit_length, without_repeats
from scrivano.books.outline import waves
from scrivano.books.stages import (
    BUILT_IN,
    BookOrder,
    BookResult,
    ChapterDraft,
    ChapterOrder,
    ContinuityReport,
    Plan,
    StoryMemory,
)
from scrivano.books.steps.assessing import Assessing, DeskOrder
from scrivano.books.steps.binding import FILES, Binding
from scrivano.books.steps.checking import REPAIRS_A_CHAPTER, Checking, with_repairs
from scrivano.books.steps.composing import Composing
from scrivano.books.steps.planning import Planning
from scrivano.books.steps.writing import Writing, chapter_of, draft_from
from scrivano.runs.public import (
    PipelineBase,
    approval,
    gather_children,
    run_class,
    sibling,
    start_child,
    workflow,
)

CONTINUATIONS = 8
SHORT_OF = 0.985
TOO_LITTLE = 0.3


@run_class
class BookPipeline(PipelineBase):
    """Outline, chapters, continuity, assessment and revision, cover, files."""

    def __init__(
        self,
        planning: Planning,
        writing: Writing,
        checking: Checking,
        assessing: Assessing,
        composing: Composing,
        binding: Binding,
    ) -> None:
        self._planning = planning
        self._writing = writing
        self._checking = checking
        self._assessing = assessing
        self._composing = composing
        self._binding = binding
        super().__init__()

    @workflow(name="write_book")
    async def write_book(self, order: BookOrder) -> BookResult:
        """A brief becomes finished files."""
        plan = await self._planning.plan_book(order)
        if plan.writer == BUILT_IN:
            return await self._from_passages(plan)

        outline = await self._planning.write_outline(plan)
        outline = await self._approved(plan, outline)
        drafts = await self._written(plan, outline)
        drafts = await self._continuous(plan, drafts)
        drafts = await self._assessed(plan, outline, drafts)
        return await self._bound(plan, outline, drafts)

    async def _from_passages(self, plan: Plan) -> BookResult:
        """Without a model: an honest book out of the author's references and the pack."""
        outline = await self._composing.choose_outline(plan)
        outline = await self._approved(plan, outline)
        drafts = await self._composing.compose_chapters(plan, outline)
        return await self._bound(plan, outline, drafts)

    async def _approved(self, plan: Plan, outline: BookOutline) -> BookOutline:
        """The outline as the author wants it, if the author asked to see it."""
        if not plan.brief.approve_outline:
            return outline
        decision = await approval("outline", outline.model_dump(mode="json"))
        return await self._planning.take_decision(plan, outline, decision)

    async def _written(self, plan: Plan, outline: BookOutline) -> list[ChapterDraft]:
        """All chapters side by side; each waits for those that it depends on, and for no other."""
        children = [
            await start_child(
                self.chapter,
                ChapterOrder(plan=plan, outline=outline, number=number),
                id_suffix=_child_of(number),
                item=str(number),
            )
            for wave in waves(outline)
            for number in wave
        ]
        drafts = await gather_children(children)
        return sorted(drafts, key=lambda draft: draft.number)

    @workflow(name="chapter")
    async def chapter(self, order: ChapterOrder) -> ChapterDraft:
        """One chapter: drafted, continued until it has its length, brought to it exactly, summed up."""
        order = order.model_copy(update={"memory": await self._memory(order)})
        target = chapter_of(order.outline, order.number).words
        first = await self._writing.write_chapter(order)
        passages, text = [first], without_repeats(first.text)
        gain = first.words / target
        for round_ in range(1, CONTINUATIONS + 1):
            missing = target - count_words(text)
            if missing <= target * (1 - SHORT_OF):
                break
            more = await self._writing.continue_chapter(order, text, _ask_for(missing, gain), round_)
            gain = more.words / _ask_for(missing, gain)
            passages.append(more)
            text = f"{text.rstrip()}\n\n{without_repeats(more.text, text)}"
        if count_words(text) < target * TOO_LITTLE:
            raise ChapterNotWritten(
                f"The model gave {count_words(text)} usable words for chapter {order.number}, of {target} asked.",
                remedy="Look at its answers with `scrivano runs show`, or order the book with another --model.",
            )
        draft = draft_from(order, passages, fit_length(text, target))
        memory = await self._writing.summarize_chapter(order, draft)
        return await self._binding.keep_chapter(order.plan, draft.model_copy(update={"memory": memory}))

    async def _memory(self, order: ChapterOrder) -> list[StoryMemory]:
        """What the chapters that this one depends on have established."""
        before = [await sibling(_child_of(n)) for n in chapter_of(order.outline, order.number).depends_on]
        drafts: list[ChapterDraft] = [await child.result() for child in before]
        return [draft.memory for draft in drafts if draft.memory]

    async def _continuous(self, plan: Plan, drafts: list[ChapterDraft]) -> list[ChapterDraft]:
        """The chapters after a reader of the whole has found, and the writer has mended, what does not agree."""
        reports = await asyncio.gather(
            *[self._checking.check_continuity(plan, draft, drafts) for draft in drafts]
        )
        repairs = await asyncio.gather(
            *[
                self._checking.revise_passage(plan, draft, finding, round_)
                for draft, report in zip(drafts, reports, strict=True)
                for round_, finding in enumerate(report.findings[:REPAIRS_A_CHAPTER], start=1)
            ]
        )
        mended = [with_repairs(d, [r for r in repairs if r.number == d.number]) for d in drafts]
        return [await self._kept(plan, draft, report) for draft, report in zip(mended, reports, strict=True)]

    async def _kept(self, plan: Plan, draft: ChapterDraft, report: ContinuityReport) -> ChapterDraft:
        if not report.findings:
            return draft
        text = fit_length(draft.text, draft.target)
        draft = draft.model_copy(update={"text": text, "words": count_words(text)})
        return await self._binding.keep_chapter(plan, draft)

    async def _assessed(
        self, plan: Plan, outline: BookOutline, drafts: list[ChapterDraft]
    ) -> list[ChapterDraft]:
        """The chapters after the editor, if the brief asks for one; the finished text is measured in any case."""
        if plan.brief.revision_rounds:
            children = [
                await start_child(
                    self.desk,
                    DeskOrder(plan=plan, outline=outline, draft=draft),
                    id_suffix=f"desk-{draft.number:02}",
                    item=str(draft.number),
                )
                for draft in drafts
            ]
            drafts = sorted(await gather_children(children), key=lambda draft: draft.number)
        await self._assessing.measure_book(plan, outline, drafts)
        return drafts

    @workflow(name="desk")
    async def desk(self, order: DeskOrder) -> ChapterDraft:
        """One chapter: assessed, and below the bar written anew and assessed again; the best version stays."""
        plan, outline, best = order.plan, order.outline, order.draft
        seen, kept = await self._assessing.assess_chapter(plan, outline, best, 0), 0
        for round_ in range(1, plan.brief.revision_rounds + 1):
            if seen.score >= seen.bar or not seen.findings:
                break
            draft = await self._assessing.revise_chapter(plan, outline, best, seen.findings, round_)
            again = await self._assessing.assess_chapter(plan, outline, draft, round_)
            if again.score > seen.score:
                best, seen, kept = draft, again, round_
        if kept:
            best = await self._binding.keep_chapter(plan, best)
        await self._assessing.keep_round(plan, outline, best, kept)
        return best

    async def _bound(self, plan: Plan, outline: BookOutline, drafts: list[ChapterDraft]) -> BookResult:
        """Cover and files, then the account of how the book was made."""
        edition = await self._binding.settle_edition(plan)
        await self._binding.draw_cover(plan, edition)
        for kind in FILES:
            await self._binding.make_file(plan, edition, kind)
        notes = [note for draft in drafts for note in draft.notes]
        return await self._binding.settle_account(plan, edition, outline, notes)


def _child_of(number: int) -> str:
    return f"chapter-{number:02}"


def _ask_for(missing: int, gain: float) -> int:
    """How many words to ask for, of a model that lately gave `gain` of what it was asked."""
    return max(60, round(missing / min(max(gain, 0.2), 1.0)))
