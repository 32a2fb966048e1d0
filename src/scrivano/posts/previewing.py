"""What an action would send: the exact messages, prefilled from the post, before anything is paid."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from pydantic import JsonValue

from scrivano.llm.public import CallContext, LLMError, LLMService, Options
from scrivano.posts.calls import ROUNDS, calls_of
from scrivano.posts.desk import Desk
from scrivano.posts.dto import ActionOrder, ActionPreview, PostNotFound
from scrivano.posts.prefill import prefilled
from scrivano.prompts.public import Prompts, RenderedPrompt, Variable


class Previewing:
    """Previews of actions that ask a model."""

    def __init__(self, desk: Desk, llm: LLMService, prompts: Prompts) -> None:
        self._desk = desk
        self._llm = llm
        self._prompts = prompts

    async def preview(self, post_id: UUID, action: str, how: ActionOrder | None = None) -> ActionPreview:
        """The messages of an action with hash, tokens and the bounds of its cost in US dollars.

        Of an action that goes section by section, the messages are those of the first section; tokens and cost are
        those of all, each counted as often as it may be asked. Raises PostNotFound for an action that asks no model,
        MissingVariable where the post lacks what it needs.
        """
        how = how or ActionOrder()
        opened = await self._desk.open(post_id)
        found = opened.content.action(action)
        if found is None or found[1].template is None:
            raise PostNotFound(f"There is no action {action!r} that asks a model.", field="action")
        template = found[1].template
        version = (await self._prompts.pin([template]))[template]
        wanted = (await self._prompts.show_version(version)).variables()
        sectioned = found[1].kind.endswith("_sections")
        calls = calls_of(found[1], opened)

        async def render(values: Mapping[str, JsonValue]) -> RenderedPrompt:
            return await self._prompts.render(template, values, version_id=version)

        if calls:
            filled = [prefilled(wanted, found[1], opened, how.inputs, more) for more, _ in calls]
            values = filled[0]
            prompts = [await render(each) for each in filled]
        else:
            values = _stood_in(wanted, prefilled(wanted, found[1], opened, how.inputs, {}), sectioned)
            prompts = [await render(values)]
        prompt = prompts[0]
        preview = ActionPreview(
            template=template,
            version=prompt.version,
            hash=prompt.hash,
            messages=[m.model_dump(mode="json", exclude_defaults=True) for m in prompt.messages],
            variables=values,
            model=None,
            prompt_tokens=None,
            cost_low=None,
            cost_high=None,
            calls=len(calls) if sectioned else 1,
        )
        if sectioned and not calls:
            return preview.model_copy(update={"note": "There is no section yet to do this with."})
        context = CallContext(feature="posts", purpose=action, project_id=str(opened.row.project_id))
        try:
            costs = [
                await self._llm.estimate_cost(each.messages, _options(each, how.model, most), context)
                for each, most in zip(prompts, [most for _, most in calls] or [None], strict=True)
            ]
        except LLMError as error:
            return preview.model_copy(update={"note": error.message})
        rounds = ROUNDS if found[1].kind == "write_sections" else 1
        return preview.model_copy(
            update={
                "model": costs[0].model,
                "prompt_tokens": sum(cost.prompt_tokens for cost in costs),
                "cost_low": sum((cost.low for cost in costs), Decimal(0)),
                "cost_high": sum((cost.high for cost in costs), Decimal(0)) * rounds,
            }
        )


def _stood_in(
    wanted: Mapping[str, Variable], own: Mapping[str, JsonValue], sectioned: bool
) -> dict[str, JsonValue]:
    """The values, with something in place of what only a section would give."""
    texts = {name: f"({v.help})" for name, v in wanted.items() if v.required and v.type == "text"}
    numbers = {name: 1 for name, v in wanted.items() if v.required and v.type == "number"}
    stand_ins: dict[str, JsonValue] = {**texts, **numbers} if sectioned else {}
    return {**own, **stand_ins, **{name: value for name, value in own.items() if value not in ("", [])}}


def _options(prompt: RenderedPrompt, model: str | None, most: int | None) -> Options:
    settings = {key: value for key, value in prompt.settings.items() if value is not None}
    if most is not None:
        settings["max_tokens"] = most
    if model:
        settings["model"] = model
    return Options.model_validate(settings)
