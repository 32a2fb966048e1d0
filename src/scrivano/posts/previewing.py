"""What an action would send: the exact messages, prefilled from the post, before anything is paid."""

from uuid import UUID

from scrivano.llm.public import CallContext, LLMError, LLMService, Options
from scrivano.posts.desk import Desk
from scrivano.posts.dto import ActionOrder, ActionPreview, PostNotFound
from scrivano.posts.prefill import prefilled
from scrivano.prompts.public import Prompts


class Previewing:
    """Previews of actions that ask a model."""

    def __init__(self, desk: Desk, llm: LLMService, prompts: Prompts) -> None:
        self._desk = desk
        self._llm = llm
        self._prompts = prompts

    async def preview(self, post_id: UUID, action: str, how: ActionOrder | None = None) -> ActionPreview:
        """The messages of an action with hash, tokens and the bounds of its cost in US dollars.

        Of an action that works section by section, it is what the first call has beside the section. Raises
        PostNotFound for an action that asks no model, MissingVariable where the post lacks what it needs.
        """
        how = how or ActionOrder()
        opened = await self._desk.open(post_id)
        found = opened.content.action(action)
        if found is None or found[1].template is None:
            raise PostNotFound(f"There is no action {action!r} that asks a model.", field="action")
        template = found[1].template
        version = (await self._prompts.pin([template]))[template]
        wanted = (await self._prompts.show_version(version)).variables()
        stand_ins = {name: f"({v.help})" for name, v in wanted.items() if v.required and v.type == "text"}
        numbers = {name: 1 for name, v in wanted.items() if v.required and v.type == "number"}
        per_section = {**stand_ins, **numbers} if found[1].kind.endswith("_sections") else {}
        own = prefilled(wanted, found[1], opened, how.inputs, {})
        values = {**per_section, **{n: v for n, v in own.items() if v not in ("", [])}}
        values = {**{n: v for n, v in own.items() if n not in values}, **values}
        prompt = await self._prompts.render(template, values, version_id=version)
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
        )
        settings = {key: value for key, value in prompt.settings.items() if value is not None}
        if how.model:
            settings["model"] = how.model
        context = CallContext(feature="posts", purpose=action, project_id=str(opened.row.project_id))
        try:
            cost = await self._llm.estimate_cost(prompt.messages, Options.model_validate(settings), context)
        except LLMError as error:
            return preview.model_copy(update={"note": error.message})
        told = {"model": cost.model, "prompt_tokens": cost.prompt_tokens}
        return preview.model_copy(update={**told, "cost_low": cost.low, "cost_high": cost.high})
