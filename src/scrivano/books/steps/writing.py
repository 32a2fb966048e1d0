"""Writing a chapter with a model: a draft, as many continuations as its length needs, and what it established."""

from uuid import UUID

from scrivano.books.dto import BookOutline, OutlineChapter
from scrivano.books.length import count_words, ends_whole, without_cut_end
from scrivano.books.outline import urgencies
from scrivano.books.scaffolding import without_scaffolding
from scrivano.books.stages import ChapterDraft, ChapterOrder, Passage, Plan, StoryMemory
from scrivano.books.steps.asking import Asking
from scrivano.books.steps.material import Material
from scrivano.llm.public import Response
from scrivano.packs.public import ChapterSample, Packs
from scrivano.runs.public import step

# A model may run over by half before its answer is cut off; what is over is taken out again without a call.
ROOM = 1.5
TAIL_WORDS = 350
SAMPLE_WORDS = 450


class Writing:
    """The writer's three calls. Each is a step: once answered, never asked again."""

    def __init__(self, packs: Packs, asking: Asking, material: Material) -> None:
        self._packs = packs
        self._asking = asking
        self._material = material

    @step(preemptible=True)
    async def write_chapter(self, order: ChapterOrder) -> Passage:
        """The first draft, given the plan of the whole book, samples to follow and the author's references."""
        plan, chapter = order.plan, chapter_of(order.outline, order.number)
        max_words = round(chapter.words * ROOM)
        samples = [(sample, _shown(sample)) for sample in await self._samples(plan, chapter)]
        variables = await self._material.chosen(
            order, "write_chapter", {}, max_words=max_words, samples=samples
        )
        response = await self._asking.prose(
            plan,
            "write_chapter",
            variables,
            max_words=max_words,
            item=str(order.number),
            urgency=urgencies(order.outline)[order.number],
        )
        return _cleaned(response, chapter.title)

    @step(preemptible=True)
    async def continue_chapter(self, order: ChapterOrder, so_far: str, words: int, round_: int) -> Passage:
        """About `words` more, from where the chapter stands."""
        chapter = chapter_of(order.outline, order.number)
        max_words = round(words * ROOM)
        own = {"words": words, "written": count_words(so_far), "tail": _tail(so_far)}
        variables = await self._material.chosen(
            order, "continue_chapter", own, max_words=max_words, round_=round_
        )
        response = await self._asking.prose(
            order.plan,
            "continue_chapter",
            variables,
            max_words=max_words,
            item=str(order.number),
            round_=round_,
            urgency=words + urgencies(order.outline)[order.number] - chapter.words,
        )
        return _cleaned(response, chapter.title)

    @step()
    async def summarize_chapter(self, order: ChapterOrder, draft: ChapterDraft) -> StoryMemory:
        """What the chapter established, for the chapters that depend on it and for the continuity check."""
        memory, _ = await self._asking.structured(
            order.plan,
            "summarize_chapter",
            {
                "title": draft.title,
                "text": draft.text,
                "fiction": order.plan.brief.kind == "fiction",
                "language": order.plan.brief.language,
            },
            StoryMemory,
            item=str(order.number),
            urgency=urgencies(order.outline)[order.number] - chapter_of(order.outline, order.number).words,
        )
        return memory.model_copy(update={"number": order.number})

    async def _samples(self, plan: Plan, chapter: OutlineChapter) -> list[ChapterSample]:
        brief = plan.brief
        if not (brief.domain and brief.niche):
            return []
        query = " ".join([chapter.title, chapter.summary, *chapter.points, brief.audience, brief.tone])
        return await self._packs.few_shot_chapters(brief.domain, brief.niche, query, k=2)


def chapter_of(outline: BookOutline, number: int) -> OutlineChapter:
    """The chapter with that number."""
    return outline.chapters[number - 1]


def draft_from(order: ChapterOrder, passages: list[Passage], text: str) -> ChapterDraft:
    """The chapter as it stands after these passages."""
    chapter = chapter_of(order.outline, order.number)
    ids: list[UUID] = [p.request_id for p in passages]
    return ChapterDraft(
        number=order.number,
        title=chapter.title,
        text=text,
        words=count_words(text),
        target=chapter.words,
        request_ids=ids,
    )


def _cleaned(response: Response, title: str) -> Passage:
    text, removed = without_scaffolding(response.text, title=title)
    whole = without_cut_end(text, was_cut=response.finish_reason == "length")
    return Passage(
        text=whole,
        finish_reason=response.finish_reason if ends_whole(text) else "cut",
        request_id=response.request_id,
        words=count_words(whole),
        removed=removed,
    )


def _tail(text: str) -> str:
    words = text.split(" ")
    return " ".join(words[-TAIL_WORDS:])


def _shown(sample: ChapterSample) -> str:
    """The opening of a sample, up to a paragraph's end: enough to hear its voice."""
    shown: list[str] = []
    for paragraph in sample.text.split("\n\n"):
        if shown and count_words("\n\n".join([*shown, paragraph])) > SAMPLE_WORDS:
            break
        shown.append(paragraph)
    return "\n\n".join(shown)
