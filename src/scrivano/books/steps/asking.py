"""Asking a model within a run: the pinned prompt, the key of the call, the references at hand."""

from collections.abc import Mapping
from time import monotonic
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel

from scrivano.books import repo
from scrivano.books.stages import Plan
from scrivano.core.database import Database
from scrivano.llm.public import CallContext, LLMService, Options, Response, RunTotals
from scrivano.prompts.public import Prompts, RenderedPrompt
from scrivano.references.public import Passage, PassageIndex, Reference, split_passages
from scrivano.runs.public import current, progress

PASSAGES = 8
# Above the interval in which runs hold events back, so that no piece of a text is dropped.
TELL_SECONDS = 0.3
AnswerT = TypeVar("AnswerT", bound=BaseModel)


class Asking:
    """Every call that a book makes goes out through here, so that each carries its key and its prompt version."""

    def __init__(self, database: Database, llm: LLMService, prompts: Prompts) -> None:
        self._database = database
        self._llm = llm
        self._prompts = prompts

    async def structured(
        self,
        plan: Plan,
        name: str,
        variables: Mapping[str, object],
        response_model: type[AnswerT],
        *,
        item: str = "",
        round_: int = 0,
        urgency: int = 0,
    ) -> tuple[AnswerT, UUID]:
        """An instance of `response_model`, and the id of the request that gave it."""
        prompt = await self._render(plan, name, variables)
        answer = await self._llm.generate_structured_response(
            prompt.messages,
            response_model=response_model,
            options=_options(plan, prompt),
            context=_context(plan, prompt, item, round_, urgency),
        )
        return answer.value, answer.response.request_id

    async def prose(
        self,
        plan: Plan,
        name: str,
        variables: Mapping[str, object],
        *,
        max_words: int,
        item: str,
        round_: int = 0,
        urgency: int = 0,
    ) -> Response:
        """A stretch of prose, always whole, whose growth can be watched.

        The answer is capped at `max_words`, counted generously in tokens. Where an attempt breaks off, the text
        begins anew with the next one.
        """
        prompt = await self._render(plan, name, variables)
        growth = Growth({"chapter": item, "step": name, "round": round_})
        response = await self._llm.generate_response(
            prompt.messages,
            options=_options(plan, prompt, max_tokens=tokens_for(max_words)),
            context=_context(plan, prompt, item, round_, urgency),
            watch=growth.grown,
        )
        await growth.done(response, await self._llm.run_totals(current().run_id))
        return response

    async def passages(self, book_id: UUID, query: str, *, limit: int = PASSAGES) -> list[Passage]:
        """The passages of the author's references that bear most on `query`, best first."""
        references = await self.references(book_id)
        found = [passage for reference in references for passage in split_passages(reference)]
        return [hit.passage for hit in PassageIndex(found).search(query, limit)] if found else []

    async def references(self, book_id: UUID) -> list[Reference]:
        """The author's references as they were when the book was ordered."""
        async with self._database.read() as session:
            stored = await repo.get_references(session, book_id)
        return [Reference.model_validate(reference) for reference in stored]

    async def reference_titles(self, book_id: UUID) -> list[str]:
        """Their names, in order."""
        return [reference.name for reference in await self.references(book_id)]

    async def _render(self, plan: Plan, name: str, variables: Mapping[str, object]) -> RenderedPrompt:
        return await self._prompts.render(name, variables, version_id=plan.prompts[name])


class Growth:
    """Tells how a text grows: `chapter_text` events, whose `text` belongs at character `from` of what is there.

    Nothing is left out: put together, the pieces are the text. A piece that begins at 0 begins it anew.
    """

    def __init__(self, about: dict[str, object]) -> None:
        self._about = about
        self._told = ""
        self._at = 0.0

    async def grown(self, text: str) -> None:
        """The text so far; told a few times a second."""
        if monotonic() - self._at >= TELL_SECONDS:
            await self._tell(text)

    async def done(self, response: Response, totals: RunTotals) -> None:
        """The rest of the text, then what the call took and what the run took so far."""
        if response.text != self._told:
            await self._tell(response.text)
        seconds = response.seconds
        tokens = response.usage.completion_tokens
        told = {
            "model": response.model,
            "tokens": tokens,
            "seconds": seconds,
            "tokens_per_second": round(tokens / seconds, 1) if seconds else None,
            "cost_usd": str(response.cost),
            "run_tokens": totals.prompt_tokens + totals.completion_tokens,
            "run_cost_usd": str(totals.cost),
        }
        await progress("model_answered", {**self._about, **told})

    async def _tell(self, text: str) -> None:
        start = len(self._told) if text.startswith(self._told) else 0
        self._told, self._at = text, monotonic()
        words = {"words": len(text.split()), "from": start, "text": text[start:].replace("\0", "")}
        await progress("chapter_text", {**self._about, **words})


def tokens_for(words: int) -> int:
    """A cap in tokens that prose of so many words will not meet by itself.

    English prose takes about 1.3 tokens a word, German or Finnish with small vocabularies up to 2.5.
    """
    return max(256, words * 3)


def _options(plan: Plan, prompt: RenderedPrompt, max_tokens: int | None = None) -> Options:
    """The template's settings; a model that the person named for this run goes before one named in a template."""
    settings = {key: value for key, value in prompt.settings.items() if value is not None}
    if max_tokens is not None:
        settings["max_tokens"] = max_tokens
    if len(plan.models) == 1:
        settings["model"] = plan.models[0]
    return Options.model_validate(settings)


def _context(plan: Plan, prompt: RenderedPrompt, item: str, round_: int, urgency: int) -> CallContext:
    run_id = current().run_id
    return CallContext(
        feature="books",
        purpose=prompt.name,
        run_id=run_id,
        project_id=plan.project_id,
        user_id=plan.user_id,
        key="/".join([run_id, prompt.name, item, str(round_)]),
        prompt_name=prompt.name,
        prompt_version=prompt.version_id,
        chain=tuple(plan.models),
        labels={"book": str(plan.book_id), "item": item},
        urgency=urgency,
    )
