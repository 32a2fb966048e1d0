"""Asking a model within a run: the pinned prompt, prefilled from the post, and the key of the call."""

from collections.abc import Mapping
from time import monotonic
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel, JsonValue

from scrivano.llm.public import CallContext, LLMService, NobodyCould, Options, Response
from scrivano.posts.calls import most_tokens
from scrivano.posts.desk import Opened
from scrivano.posts.prefill import prefilled
from scrivano.posts.stages import PostPlan, Task
from scrivano.posts.workflow import Action
from scrivano.prompts.public import Prompts, RenderedPrompt
from scrivano.runs.public import current, progress

AnswerT = TypeVar("AnswerT", bound=BaseModel)
TELL_SECONDS = 0.3


class Growth:
    """Tells how a text grows: `section_text` events, whose `text` belongs at character `from` of what is there.

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

    async def done(self, text: str) -> None:
        """The rest of the text."""
        if text != self._told:
            await self._tell(text)

    async def _tell(self, text: str) -> None:
        start = len(self._told) if text.startswith(self._told) else 0
        self._told, self._at = text, monotonic()
        grown = {"words": len(text.split()), "from": start, "text": text[start:].replace("\0", "")}
        await progress("section_text", {**self._about, **grown})


class Asking:
    """Every call that a post makes goes out through here, so that each carries its key and its prompt version."""

    def __init__(self, llm: LLMService, prompts: Prompts) -> None:
        self._llm = llm
        self._prompts = prompts

    async def structured(
        self, plan: PostPlan, action: Action, opened: Opened, shape: type[AnswerT]
    ) -> tuple[AnswerT, UUID]:
        """An instance of `shape`, and the id of the request that gave it. Raises LLMError."""
        prompt = await self._rendered(plan, action, opened, {})
        answer = await self._llm.generate_structured_response(
            prompt.messages,
            response_model=shape,
            options=_options(plan, prompt),
            context=context_of(plan, action.name, prompt=prompt),
        )
        return answer.value, answer.response.request_id

    async def prose(
        self,
        plan: PostPlan,
        action: Action,
        opened: Opened,
        more: Mapping[str, JsonValue],
        *,
        words: int,
        item: str,
        round_: int = 0,
    ) -> Response:
        """A stretch of prose of about `words`, whole, whose growth can be watched. Raises LLMError."""
        prompt = await self._rendered(plan, action, opened, more)
        growth = Growth({"action": action.name, "section": item})
        response = await self._llm.generate_response(
            prompt.messages,
            options=_options(plan, prompt, max_tokens=most_tokens(words)),
            context=context_of(plan, action.name, item=item, round_=round_, prompt=prompt),
            watch=growth.grown,
        )
        await growth.done(response.text)
        return response

    async def _rendered(
        self, plan: PostPlan, action: Action, opened: Opened, more: Mapping[str, JsonValue]
    ) -> RenderedPrompt:
        if not plan.models:
            raise NobodyCould(
                f"No model answers, and “{action.title}” needs one.",
                remedy="Start a model server, or do this by hand. What the post has is kept.",
            )
        assert action.template is not None
        pinned = plan.prompts[action.template]
        wanted = (await self._prompts.show_version(pinned)).variables()
        values = prefilled(wanted, action, opened, plan.inputs, more)
        return await self._prompts.render(action.template, values, version_id=pinned)


def context_of(
    plan: PostPlan, purpose: str, *, item: str = "", round_: int = 0, prompt: RenderedPrompt | None = None
) -> CallContext:
    """Who asks, under which key: `run/action/item/round`."""
    run_id = current().run_id
    return CallContext(
        feature="posts",
        purpose=purpose,
        run_id=run_id,
        key="/".join([run_id, purpose, item, str(round_)]),
        project_id=str(plan.project_id),
        user_id=str(plan.user_id) if plan.user_id else None,
        prompt_name=prompt.name if prompt else None,
        prompt_version=prompt.version_id if prompt else None,
        chain=tuple(plan.models) if prompt else None,
        labels={"post": str(plan.post_id), "item": item},
    )


def action_of(plan: PostPlan, task: Task) -> Action:
    """The action that a task names."""
    found = plan.content.action(task.action)
    assert found is not None
    return found[1]


def _options(plan: PostPlan, prompt: RenderedPrompt, max_tokens: int | None = None) -> Options:
    settings = {key: value for key, value in prompt.settings.items() if value is not None}
    if max_tokens is not None:
        settings["max_tokens"] = max_tokens
    if len(plan.models) == 1:
        settings["model"] = plan.models[0]
    return Options.model_validate(settings)
