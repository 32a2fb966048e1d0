"""Without a model: outline and chapters chosen out of the author's references and the pack."""

import asyncio

from scrivano.books.builtin.public import Material, choose_outline, compose
from scrivano.books.dto import BookOutline, ComposedChapter
from scrivano.books.length import count_words
from scrivano.books.stages import ChapterDraft, Plan
from scrivano.books.steps.asking import Asking
from scrivano.books.steps.binding import Binding
from scrivano.books.steps.planning import Planning
from scrivano.packs.public import Packs
from scrivano.references.public import split_passages
from scrivano.runs.public import progress, step


class Composing:
    """The built-in writer at work: nothing invented, every sentence with its source."""

    def __init__(self, packs: Packs, asking: Asking, planning: Planning, binding: Binding) -> None:
        self._packs = packs
        self._asking = asking
        self._planning = planning
        self._binding = binding

    @step()
    async def choose_outline(self, plan: Plan) -> BookOutline:
        """The outline that suits the brief best; raises InvalidInput for fiction and where there is no material."""
        material = await self._material(plan)
        outline = await asyncio.to_thread(choose_outline, plan.brief, material)
        await self._planning.keep_outline(plan.book_id, outline)
        return outline

    @step()
    async def compose_chapters(self, plan: Plan, outline: BookOutline) -> list[ChapterDraft]:
        """All chapters at once, so that no passage is used twice; chapters with no material are left out."""
        material = await self._material(plan)
        composed = await asyncio.to_thread(compose, plan.brief, outline, material)
        targets = {chapter.title: chapter.words for chapter in outline.chapters}
        drafts: list[ChapterDraft] = []
        for number, chapter in enumerate(composed, start=1):
            draft = _draft(number, chapter, targets.get(chapter.title, 0))
            drafts.append(await self._binding.store_chapter(plan, draft, chapter.sentences))
            await progress("chapter_done", {"chapter": str(number), "words": draft.words})
        kept = {d.title for d in drafts}
        final = outline.model_copy(
            update={"chapters": [c for c in outline.chapters if c.title in kept] or outline.chapters}
        )
        await self._planning.keep_outline(plan.book_id, final)
        return drafts

    async def _material(self, plan: Plan) -> Material:
        brief = plan.brief
        references = await self._asking.references(plan.book_id)
        outlines, chapters, language = [], [], "en"
        if brief.domain and brief.niche:
            language = next(d.language for d in await self._packs.domains() if d.slug == brief.domain)
            outlines = await self._packs.outline_samples(brief.domain, brief.niche)
            chapters = await self._packs.chapter_samples(brief.domain, brief.niche)
        return Material(
            outlines=outlines,
            chapters=chapters,
            passages=[p for reference in references for p in split_passages(reference)],
            pack_language=language,
        )


def _draft(number: int, chapter: ComposedChapter, target: int) -> ChapterDraft:
    return ChapterDraft(
        number=number,
        title=chapter.title,
        text=chapter.markdown,
        words=count_words(chapter.markdown),
        target=target,
        sources=sorted({s.source_id for s in chapter.sentences}),
        notes=chapter.shortfall,
    )
