"""What a task will probably cost: earlier answers to its template, or what its prompt says, in dollars."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from scrivano.core.database import Database
from scrivano.core.errors import ScrivanoError
from scrivano.llm.public import CallContext, Message, Outlook
from scrivano.prompts.public import Preview, Previews, Prompts, RenderedPrompt
from scrivano.tasks import repo
from scrivano.tasks.dto import Forecast, NewTask
from scrivano.tasks.forecast import KEPT, LEAST_HISTORY, Length, Past, forecast, numbers_in
from scrivano.tasks.lengths import Asked

_PATIENCE_SECONDS = 600.0
_MATERIAL = 200
"""Values of more characters are material, in which a count of words asks for nothing."""
_READ = 20_000


async def foresee(
    database: Database,
    prompts: Prompts,
    previews: Previews,
    new: NewTask,
    shown: Preview,
    values: Mapping[str, Any],
) -> Forecast | None:
    """The forecast of a task that was previewed; None where a value or a model is missing."""
    if shown.model is None or shown.hash is None:
        return None
    past: list[Past] = []
    if new.template is not None:
        async with database.read() as session:
            found = await repo.lengths(session, new.project_id, new.template, KEPT)
        past = [Past(numbers_in({**v, **(r or {})}), p or 0, c or 0, m) for v, p, c, r, m in found]
    prompt = RenderedPrompt(
        messages=[Message(role=m.role, content=m.text) for m in shown.messages],
        name=shown.name,
        version_id=shown.version_id or "",
        version=shown.version,
        hash=shown.hash,
        settings=shown.settings,
        tier=None,
    )
    outlook = await previews.outlook(prompt, previewing(new.project_id))
    asked = await _asked(prompts, new, shown, values, instructions=len(past) < LEAST_HISTORY)
    length = forecast(past, asked, shown.prompt_tokens, outlook.max_completion_tokens, shown.model)
    return _in_dollars(outlook, length)


def previewing(project_id: UUID) -> CallContext:
    """On whose behalf a preview asks which model there is."""
    return CallContext(feature="tasks", purpose="preview", project_id=str(project_id))


async def _asked(
    prompts: Prompts, new: NewTask, shown: Preview, values: Mapping[str, Any], *, instructions: bool
) -> Asked:
    if new.template is None:
        text = "\n".join(message.text[-_READ:] for message in shown.messages)
        return Asked(text=text, answer_schema=new.settings.answer_schema)
    template = await prompts.compiled(new.template, version_id=shown.version_id)
    values = {**{name: each.fallback for name, each in template.variables.items()}, **values}
    schema = new.settings.answer_schema or template.settings.answer_schema
    text = ""
    if instructions and schema is None:
        shortened = {
            name: "…" if isinstance(value, str) and len(value) > _MATERIAL else value
            for name, value in values.items()
        }
        try:
            filled = await prompts.fill(template, shortened)
            text = "\n".join(message.text[-_READ:] for message in filled.messages)
        except ScrivanoError:
            text = ""  # a template that takes its material apart may not hold without it
    return Asked(text=text, template=new.template, values=values, answer_schema=schema)


def _in_dollars(outlook: Outlook, length: Length) -> Forecast:
    return Forecast(
        low=outlook.least(length.low),
        high=outlook.most(length.high, _PATIENCE_SECONDS),
        low_tokens=length.low,
        high_tokens=length.high,
        basis=length.basis,
        samples=length.samples,
    )
