"""A request in the service's own terms, whatever interface it came through."""

from dataclasses import dataclass, field
from typing import Any

from scrivano.api.gateway.errors import BadRequest, UnknownModel
from scrivano.api.gateway.house import House
from scrivano.api.gateway.reading import make
from scrivano.core.errors import NotFound
from scrivano.llm.public import CallContext, Message, Options, Schema, Snapshot, Tool

_NO_NAME = "The request must name a model."


@dataclass(slots=True)
class Asked:
    """What a caller wants. `settings` are fields of Options; `variables` fill a template."""

    model: str
    messages: list[Message]
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    tools: tuple[Tool, ...] = ()
    schema: Schema | None = None
    stream: bool = False
    with_usage: bool = False
    labels: dict[str, str] = field(default_factory=dict[str, str])
    variables: dict[str, Any] | None = None
    ignored: tuple[str, ...] = ()
    """What was asked for and is not passed on; a response header says so."""

    def options(self) -> Options:
        """How to answer. Raises BadRequest that names the field."""
        given = {key: value for key, value in self.settings.items() if value is not None}
        return make(
            Options, "", {**given, "model": self.model, "tools": self.tools, "streaming": self.stream}
        )


def named(body: dict[str, Any]) -> str:
    """The model's name. Raises BadRequest."""
    name = body.get("model")
    if not isinstance(name, str) or not name:
        raise BadRequest(_NO_NAME, field="model", remedy="`auto` lets Scrivano choose.")
    return name


async def find_model(house: House, asked: Asked, context: CallContext) -> CallContext:
    """Make sure that `asked` names a model, putting the messages of a template in front if it names one.

    Raises UnknownModel, and what is wrong with a template's variables.
    """
    if is_known(await house.llm.registry.snapshot(), asked.model):
        return context
    return await _render(house, asked, context)


def is_known(snapshot: Snapshot, name: str) -> bool:
    """Whether this is `auto`, a model's name, or `provider/model`."""
    return name == "auto" or any(
        name == model.name or (name.endswith(model.name) and name == f"{model.provider}/{model.name}")
        for model in snapshot.models
    )


def unknown_model(name: str) -> UnknownModel:
    """No model and no template has this name."""
    return UnknownModel(
        f"There is no model and no prompt template named {name!r}.",
        field="model",
        remedy="GET /v1/models lists the models; `auto` lets Scrivano choose.",
    )


async def _render(house: House, asked: Asked, context: CallContext) -> CallContext:
    variables = dict(asked.variables or {})
    messages = asked.messages
    if "\x00" in asked.model:
        raise unknown_model(asked.model)
    try:
        inputs = (await house.prompts.show(asked.model)).variables()
    except NotFound as error:
        raise unknown_model(asked.model) from error
    open_ones = [name for name, v in inputs.items() if v.required and name not in variables]
    if len(open_ones) == 1 and messages and messages[-1].role == "user":
        # A template with one input is used like a model: what the person writes is that input.
        variables[open_ones[0]] = messages[-1].text
        messages = messages[:-1]
    prompt = await house.prompts.render(asked.model, variables)
    asked.messages = [*prompt.messages, *messages]
    for key, value in prompt.settings.items():
        if key != "model" and value is not None and asked.settings.get(key) is None:
            asked.settings[key] = value
    asked.model = str(prompt.settings.get("model") or "auto")
    if asked.schema is None and prompt.answer_schema is not None:
        asked.schema = Schema(prompt.name, dict(prompt.answer_schema))
    return context.model_copy(
        update={"prompt_name": prompt.name, "prompt_version": prompt.version_id, "tier": prompt.tier}
    )
