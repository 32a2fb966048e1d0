"""Choosing what the writer of a chapter is shown, under the budget of the model that will be asked."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from uuid import UUID

from scrivano.books.context.dto import ChapterContext, account_of
from scrivano.books.context.pieces import Pieces, gather, scene_of
from scrivano.books.context.service import kind_of, topic_of
from scrivano.books.stages import ChapterOrder, Plan
from scrivano.books.steps.asking import Asking, tokens_for
from scrivano.books.steps.planning import brief_variables
from scrivano.events.public import EventLog
from scrivano.llm.public import CallContext, LLMError, LLMService, Options
from scrivano.packs.public import ChapterSample
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.prompts.context.public import (
    JOINT,
    Candidate,
    ContextIndex,
    Part,
    RequiredTooLong,
    Scene,
    Selection,
    choose,
    packaged,
)
from scrivano.prompts.public import Prompts
from scrivano.references.public import Library
from scrivano.runs.public import current

# Where no tokenizer is at hand, bytes are counted; ordinary text has more than three to a token.
_BYTES_A_TOKEN = 3
# What is left over is used up as long as it is more than this share of the budget.
_ENOUGH = 0.97
_TRIES = 6
_ASKED = 4000
_CAREFUL = 1.05


@dataclass(frozen=True)
class _Counted:
    tokens: int
    exact: bool
    model: str
    bytes: int


@dataclass(frozen=True)
class _Prompt:
    """The prompt that is to be filled in, and what is fixed in it."""

    plan: Plan
    name: str
    fixed: Mapping[str, object]
    max_tokens: int


_Counter = Callable[[Sequence[Part]], Awaitable[_Counted]]


class Material:
    """Fills in a chapter's prompt: the task in full, and of everything else the best that fits."""

    def __init__(
        self, llm: LLMService, prompts: Prompts, events: EventLog, asking: Asking, library: Library
    ) -> None:
        self._llm = llm
        self._library = library
        self._prompts = prompts
        self._events = events
        self._asking = asking

    async def chosen(
        self,
        order: ChapterOrder,
        name: str,
        own: Mapping[str, object],
        *,
        max_words: int,
        samples: Sequence[tuple[ChapterSample, str]] = (),
        round_: int = 0,
        also: str = "",
    ) -> dict[str, object]:
        """All variables of the prompt `name`; `own` are those that only it has, `also` is looked for beside the points.

        The whole prompt keeps to the model's budget by the model's own tokenizer, where it has one to ask. What went in
        and what did not is kept beside the request. Raises RequiredTooLong where not even the task fits the model.
        """
        references = await self._asking.references(order.plan.book_id)
        pieces = await asyncio.to_thread(gather, order, references, samples)
        prompt = _Prompt(order.plan, name, {**_situation(order), **own}, tokens_for(max_words))
        takes_samples = bool(samples)

        async def counted(parts: Sequence[Part]) -> _Counted:
            return await self._count(prompt, _without_samples(pieces.variables(parts), takes_samples))

        without = await counted([])
        pieces, scene = await self._directed(pieces, _scene(order, also))
        index = await asyncio.to_thread(_index, pieces, without)
        selection, tokens, budget, raised = await self._fitting(index, scene, prompt, counted)
        account = ChapterContext.model_validate(
            {
                "run_id": current().run_id,
                "chapter": order.number,
                "prompt": name,
                "round": round_,
                "request_key": "/".join([current().run_id, name, str(order.number), str(round_)]),
                "model": tokens.model,
                "counted_exactly": tokens.exact,
                "budget": budget,
                "budget_raised": raised,
                "tokens": tokens.tokens,
                "tokens_without": without.tokens,
                **account_of(selection),
            }
        )
        await self._events.append(
            topic_of(order.plan.book_id), kind_of(order.number), account.model_dump(mode="json")
        )
        used = [pieces.passages[part.id] for part in selection.parts if part.id in pieces.passages]
        if used:
            await self._library.note_uses(
                _project(order),
                used,
                feature="books",
                item_id=str(order.plan.book_id),
                place=f"chapter {order.number}",
            )
        return {**prompt.fixed, **_without_samples(pieces.variables(selection.parts), takes_samples)}

    async def _directed(self, pieces: Pieces, scene: Scene) -> tuple[Pieces, Scene]:
        """The same with vectors, where an embedding model made some of the project's references."""
        if not pieces.passages:
            return pieces, scene
        order = pieces.order
        context = CallContext(
            feature="books",
            purpose="find_material",
            run_id=current().run_id,
            project_id=order.plan.project_id,
        )
        asked = " ".join([scene.title, scene.summary, *scene.points])[:_ASKED]
        directions = await self._library.directions(_project(order), asked, context)
        if directions is None:
            return pieces, scene
        candidates = [
            c.model_copy(update={"vector": directions.passages.get(pieces.passages[c.id])})
            if c.id in pieces.passages
            else c
            for c in pieces.candidates
        ]
        return replace(pieces, candidates=candidates), scene.model_copy(update={"vector": directions.asked})

    async def _fitting(
        self, index: ContextIndex, scene: Scene, prompt: _Prompt, counted: _Counter
    ) -> tuple[Selection, _Counted, int, bool]:
        """The best selection whose whole prompt is within the budget, that prompt's count, and the budget."""
        required = [n for n, c in enumerate(index.candidates) if c.required]
        alone = index.count(JOINT.join(index.blocks[n] for n in required)) if required else 0
        least = choose(index, scene, alone)
        fewest = await counted([p for p in least.parts if p.required])
        budget, raised = await self._budget(prompt, fewest)
        left = budget - fewest.tokens + alone
        best: tuple[Selection, _Counted] | None = None
        for _ in range(_TRIES):
            selection = await asyncio.to_thread(choose, index, scene, max(alone, left))
            whole = await counted(selection.parts)
            if whole.tokens <= budget:
                if best is None or selection.value > best[0].value:
                    best = (selection, whole)
                wanting = any(out.why == "no room" for out in selection.left_out)
                if not wanting or whole.tokens >= budget * _ENOUGH:
                    break
                left += (budget - whole.tokens) * 9 // 10
            elif best is not None:
                break
            else:
                left -= whole.tokens - budget + 16
        if best is None:
            best = (least.model_copy(update={"parts": [p for p in least.parts if p.required]}), fewest)
        return *best, budget, raised

    async def _budget(self, prompt: _Prompt, fewest: _Counted) -> tuple[int, bool]:
        """The model's budget, raised where the task alone is over it and the model can read it all the same."""
        names = prompt.plan.models
        usual = packaged().budget_for(names[0] if names else "")
        known = await self._llm.registry.models()
        lengths = [m.context_length for m in known if m.name in names or f"{m.provider}/{m.name}" in names]
        room = max((length - min(prompt.max_tokens, length // 2) for length in lengths), default=None)
        budget = usual if room is None else min(usual, room)
        if fewest.tokens <= budget:
            return budget, False
        if room is not None and fewest.tokens > room:
            raise RequiredTooLong(
                f"What {prompt.name} must contain takes {fewest.tokens:,} tokens, and the model has room for {room:,} "
                "beside the answer.",
                field="brief",
                remedy="Shorten premise, notes or points, ask for shorter chapters, or name another model.",
            )
        return fewest.tokens, True

    async def _count(self, prompt: _Prompt, chosen: Mapping[str, object]) -> _Counted:
        """The tokens of the whole prompt, counted as the request will be."""
        rendered = await self._prompts.render(
            prompt.name, {**prompt.fixed, **chosen}, version_id=prompt.plan.prompts[prompt.name]
        )
        size = sum(len(m.text.encode()) for m in rendered.messages)
        models = prompt.plan.models
        settings = {key: value for key, value in rendered.settings.items() if value is not None}
        settings["max_tokens"] = prompt.max_tokens
        if len(models) == 1:
            settings["model"] = models[0]
        context = CallContext(
            feature="books",
            purpose=prompt.name,
            run_id=current().run_id,
            project_id=prompt.plan.project_id,
            chain=tuple(models),
        )
        try:
            found = await self._llm.estimate_cost(
                rendered.messages, Options.model_validate(settings), context
            )
        except LLMError:
            # Nobody can be asked now; the request itself will say why, if it is so still.
            return _Counted(ceil(size / _BYTES_A_TOKEN), False, "", size)
        tokens = found.prompt_tokens if found.exact_prompt else ceil(found.prompt_tokens / _BYTES_A_TOKEN)
        return _Counted(tokens, found.exact_prompt, found.model, size)


def _project(order: ChapterOrder) -> UUID:
    return UUID(order.plan.project_id) if order.plan.project_id else DEFAULT_PROJECT


def _situation(order: ChapterOrder) -> dict[str, object]:
    """What every prompt of a chapter has, apart from what is chosen."""
    chapter = order.outline.chapters[order.number - 1]
    return {
        **brief_variables(order.plan.brief),
        "book_title": order.outline.title,
        "number": order.number,
        "last": order.number == len(order.outline.chapters),
        "chapter_title": chapter.title,
        "chapter_summary": chapter.summary,
        "points": chapter.points,
        "words": chapter.words,
    }


def _scene(order: ChapterOrder, also: str) -> Scene:
    scene = scene_of(order)
    return scene.model_copy(update={"points": (*scene.points, also)}) if also else scene


def _without_samples(variables: dict[str, object], takes_samples: bool) -> dict[str, object]:
    """Prompts that show no samples do not know the variable."""
    return variables if takes_samples else {k: v for k, v in variables.items() if k != "samples"}


def _index(pieces: Pieces, without: _Counted) -> ContextIndex:
    """Pieces are counted by the rate of this very model and language; the whole is counted as it is, in the end."""
    rate = _CAREFUL * without.tokens / max(1, without.bytes)
    return ContextIndex(
        pieces.candidates, pieces.cast, count=lambda text: ceil(len(text.encode()) * rate), frame=_framed
    )


def _framed(candidate: Candidate, text: str) -> str:
    """About as the prompts show it."""
    if candidate.id.startswith(("reference ", "sample ")):
        return f'<source title="{candidate.source}">\n{text}\n</source>'
    return f"  - always true: {text}"
