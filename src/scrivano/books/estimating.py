"""What a book will take: tokens, minutes and money, before anything is asked of a model.

The bounds follow from the pipeline's own caps: `high` is what a run costs in which every chapter needs every
continuation and every repair and every answer is as long as it may be; `low` is one in which each call is made once
and answered as briefly as the book's length allows. Attempts that fail on the way are not in it: a ceiling
(`max_cost`) holds also then, and `high` is never above it.
"""

from decimal import Decimal
from statistics import median

from pydantic import BaseModel, Field

from scrivano.books.dto import Brief
from scrivano.books.outline import chapters_asked
from scrivano.books.stages import BUILT_IN
from scrivano.books.steps.asking import tokens_for
from scrivano.books.steps.checking import REPAIRS_A_CHAPTER
from scrivano.books.steps.planning import brief_variables
from scrivano.books.writers import models_in_reach, require_model
from scrivano.llm.public import CallContext, LLMService, ModelView, Options, RequestStatus
from scrivano.prompts.public import Prompts

CONTINUATIONS = 8
RE_ASKS = 2
# Tokens that a chapter's prompt has beyond the outline's: samples, passages, the plan of the book (per chapter).
BEYOND = 7_000
PER_CHAPTER = 150
ROOM = 1.5
TOKENS_A_WORD = 1.5
BUILT_IN_MINUTES = 0.2
_NANO = Decimal("0.000001")


class Interval(BaseModel):
    """At least `low`, at most `high`; `expected` is what such a book usually takes."""

    low: float
    expected: float
    high: float


class Estimate(BaseModel):
    """What a book will take. Costs are US dollars; minutes are None where nothing is known of the model's speed."""

    writer: str = Field(description="The model that would be asked first, or `built-in writer`.")
    chapters: int
    words: int
    calls: Interval
    tokens: Interval = Field(description="Given and counted together.")
    minutes: Interval | None
    cost_usd: Interval
    prices_known: bool
    ceiling_usd: float | None = Field(description="The ceiling that was named; the run stops before it.")
    notes: list[str] = Field(default_factory=list[str])


class Estimating:
    """Estimates for briefs."""

    def __init__(self, llm: LLMService, prompts: Prompts) -> None:
        self._llm = llm
        self._prompts = prompts

    async def estimate(
        self, brief: Brief, *, model: str | None = None, max_cost: float | None = None
    ) -> Estimate:
        """What the book of this brief will take. Raises NotFound for a model that is not registered, LLMError."""
        chapters = chapters_asked(brief)
        names = [] if model == BUILT_IN else [await require_model(self._llm, model)] if model else None
        models = await models_in_reach(self._llm) if names is None else names
        if not models:
            return _without_a_model(brief, chapters, max_cost)
        variables: dict[str, object] = {
            **brief_variables(brief),
            "chapters": chapters,
            "samples": [],
            "references": [],
        }
        prompt = await self._prompts.render("write_outline", variables)
        call = await self._llm.estimate_cost(
            prompt.messages,
            Options(model=models[0]) if len(models) == 1 else Options(),
            CallContext(feature="books", purpose="estimate", chain=tuple(models)),
        )
        known = next(m for m in await self._llm.registry.models() if m.name == call.model)
        most = call.max_completion_tokens
        least_prompt = call.prompt_tokens if call.exact_prompt else call.prompt_tokens // 4
        return await self._of(brief, chapters, known, least_prompt, call.prompt_tokens, most, max_cost)

    async def _of(
        self,
        brief: Brief,
        chapters: int,
        model: ModelView,
        least_prompt: int,
        prompt: int,
        most: int,
        max_cost: float | None,
    ) -> Estimate:
        words = max(1, brief.words // chapters)
        given = prompt + BEYOND + PER_CHAPTER * chapters + tokens_for(words)
        # Chapters may be up to twice the even share.
        piece = min(most, tokens_for(round(2 * words * ROOM)))
        more = min(most, tokens_for(round(2 * words * ROOM * 5)))
        once = 1 + 3 * chapters
        at_most = 1 + RE_ASKS + chapters * (1 + CONTINUATIONS + 2 * (1 + RE_ASKS) + REPAIRS_A_CHAPTER)
        written_high = (
            (1 + RE_ASKS) * most
            + chapters * (piece + CONTINUATIONS * more + 2 * (1 + RE_ASKS) * most)
            + chapters * REPAIRS_A_CHAPTER * min(most, tokens_for(2 * words + 40))
        )
        written = Interval(
            low=brief.words,
            expected=brief.words * TOKENS_A_WORD + chapters * 500 + 600,
            high=float(max(written_high, brief.words * TOKENS_A_WORD)),
        )
        read = Interval(
            low=least_prompt * once,
            expected=chapters * (prompt + BEYOND / 2 + PER_CHAPTER * chapters + 2 * TOKENS_A_WORD * words)
            + prompt,
            high=float(at_most * (given + tokens_for(2 * words))),
        )
        cost = _cost(model, read, written, max_cost)
        return Estimate(
            writer=model.name,
            chapters=chapters,
            words=brief.words,
            calls=Interval(low=once, expected=once + chapters * 0.6, high=at_most),
            tokens=Interval(
                low=read.low + written.low,
                expected=round(read.expected + written.expected),
                high=read.high + written.high,
            ),
            minutes=await self._minutes(model, written),
            cost_usd=cost,
            prices_known=model.prices_known,
            ceiling_usd=max_cost,
            notes=_notes(model, max_cost),
        )

    async def _minutes(self, model: ModelView, written: Interval) -> Interval | None:
        """By the speeds at which the model answered lately, with as many answers at once as it takes."""
        recent = await self._llm.latest_requests(limit=500)
        speeds = [
            r.usage.completion_tokens / r.seconds
            for r in recent
            if r.model == model.name
            and r.status is RequestStatus.FINISHED
            and r.seconds
            and r.usage.completion_tokens
        ]
        if not speeds:
            return None
        slots = max(1, model.concurrency)
        return Interval(
            low=round(written.low / (max(speeds) * slots) / 60, 3),
            expected=round(written.expected / (median(speeds) * slots) / 60, 3),
            high=round(written.high / min(speeds) / 60, 3),
        )


def _cost(model: ModelView, read: Interval, written: Interval, max_cost: float | None) -> Interval:
    dearest = max(p for p in (model.input_mtok, model.cache_write_mtok) if p is not None)
    cheapest = min(p for p in (model.input_mtok, model.cached_mtok) if p is not None)

    def of(tokens_in: float, tokens_out: float, price: Decimal) -> float:
        return float((Decimal(tokens_in) * price + Decimal(tokens_out) * model.output_mtok) * _NANO)

    high = of(read.high, written.high, dearest)
    if max_cost is not None:
        high = min(high, max_cost)
    low = min(of(read.low, written.low, cheapest), high)
    return Interval(
        low=low,
        expected=min(max(low, of(read.expected, written.expected, model.input_mtok)), high),
        high=high,
    )


def _notes(model: ModelView, max_cost: float | None) -> list[str]:
    notes: list[str] = []
    if not model.prices_known:
        notes.append(f"No price is known for {model.name}; enter it to have its cost counted.")
    if max_cost is None and model.output_mtok:
        notes.append("Name a ceiling (max_cost) to be safe also from attempts that fail and are paid for.")
    return notes


def _without_a_model(brief: Brief, chapters: int, max_cost: float | None) -> Estimate:
    nothing = Interval(low=0, expected=0, high=0)
    return Estimate(
        writer=BUILT_IN,
        chapters=chapters,
        words=brief.words,
        calls=nothing,
        tokens=nothing,
        minutes=Interval(low=0, expected=BUILT_IN_MINUTES / 2, high=BUILT_IN_MINUTES),
        cost_usd=nothing,
        prices_known=True,
        ceiling_usd=max_cost,
        notes=["No model takes part: the book is put together out of references and the pack's passages."],
    )
