"""What would be sent, before it is: messages, tokens, cost; and what saving a part would change."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from scrivano.core.errors import InvalidInput
from scrivano.llm.public import (
    AskDifferently,
    CallContext,
    LLMError,
    LLMService,
    Message,
    Options,
    Outlook,
    Schema,
    bound,
)
from scrivano.prompts import compiled
from scrivano.prompts.canonical import prompt_hash
from scrivano.prompts.compiled import Compiled
from scrivano.prompts.dto import (
    PromptSettings,
    RenderedPrompt,
    Role,
    TemplateContent,
)
from scrivano.prompts.service import Prompts

_PREVIEW = CallContext(feature="prompts", purpose="preview")
_NOT_CARRIED = {"anthropic": ("seed",), "cloudflare": ("stop",)}
"""Settings that a wire format has no field for."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Warning(_Frozen):
    """Something to look at before sending. `field` is the variable or setting that it is about."""

    code: Literal["missing_value", "unused_variable", "over_context_length", "no_model", "setting_not_sent"]
    message: str
    field: str | None = None


class MessagePreview(_Frozen):
    """A message as it would be sent, with the tokens of its text."""

    role: Role
    text: str
    tokens: int


class Preview(_Frozen):
    """What would be sent. `hash` covers messages and the settings sent with them, and is None while a value is missing.

    `prompt_tokens` is the sum over the messages, exact where `exact`; `overhead_tokens` bounds what the model's chat
    format adds. `low` and `high` are US dollars; an attempt never costs more than `high`. Without a model in reach
    there is no cost, and tokens are an upper bound for any model.
    """

    name: str
    version: int
    version_id: str | None
    hash: str | None
    messages: list[MessagePreview]
    settings: dict[str, JsonValue]
    prompt_tokens: int
    overhead_tokens: int
    exact: bool
    model: str | None = None
    provider: str | None = None
    tier: str | None = None
    context_length: int | None = None
    max_completion_tokens: int | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    warnings: list[Warning] = Field(default_factory=list[Warning])


class Previews:
    """Looks ahead; sends nothing."""

    def __init__(self, prompts: Prompts, llm: LLMService) -> None:
        self._prompts = prompts
        self._llm = llm

    async def preview(
        self,
        name: str,
        variables: Mapping[str, object],
        *,
        version: int | str = "production",
        content: TemplateContent | None = None,
        settings: PromptSettings | None = None,
        context: CallContext = _PREVIEW,
    ) -> Preview:
        """A template's messages with these values. `content`, where given, is previewed in place of a stored version.
        `settings` go before the template's own.

        Values that are missing are shown as their names between ⟨ and ⟩. Raises UnknownVariable, WrongValue,
        PromptNotFound, and what saving `content` would raise.
        """
        if content is not None:
            template = await self._prompts.assemble(content, name)
        else:
            version_id, _ = await self._prompts.locate(name, version)
            template = await self._prompts.compiled(name, version_id=str(version_id))
        warnings = _missing(template, variables)
        whole = {
            **variables,
            **{w.field: compiled.stand_in(w.field, template.variables[w.field]) for w in warnings if w.field},
        }
        prompt = await self._prompts.fill(template, whole)
        if settings is not None:
            prompt = with_settings(prompt, template.settings, settings)
        warnings += await self._unused(template, variables, whole)
        shown = await self.look_at(prompt, context)
        return shown.model_copy(
            update={
                "hash": None if any(w.code == "missing_value" for w in warnings) else prompt.hash,
                "version_id": None if content is not None else prompt.version_id,
                "warnings": [*warnings, *shown.warnings],
            }
        )

    async def look_at(self, prompt: RenderedPrompt, context: CallContext = _PREVIEW) -> Preview:
        """Tokens and cost of messages that are complete."""
        outlook, warnings = await self._outlook(prompt, context)
        tokens = outlook.tokens if outlook else [bound(message.text) for message in prompt.messages]
        return Preview(
            name=prompt.name,
            version=prompt.version,
            version_id=prompt.version_id,
            hash=prompt.hash,
            messages=[
                MessagePreview(role=message.role, text=message.text, tokens=count)
                for message, count in zip(prompt.messages, tokens, strict=True)
            ],
            settings=prompt.settings,
            prompt_tokens=sum(tokens),
            overhead_tokens=outlook.around if outlook else 0,
            exact=outlook.exact if outlook else False,
            model=outlook.model if outlook else None,
            provider=outlook.provider if outlook else None,
            tier=outlook.tier if outlook else None,
            context_length=outlook.context_length if outlook else None,
            max_completion_tokens=outlook.max_completion_tokens if outlook else None,
            low=outlook.least(0) if outlook else None,
            high=outlook.most(outlook.max_completion_tokens) if outlook else None,
            warnings=warnings,
        )

    async def outlook(self, prompt: RenderedPrompt, context: CallContext = _PREVIEW) -> Outlook:
        """The model that would be asked first, with its tokens and prices. Raises LLMError."""
        return await self._llm.outlook(
            prompt.messages,
            Options.model_validate(prompt.settings),
            context.model_copy(update={"tier": prompt.tier}) if prompt.tier else context,
            schema_of(prompt),
        )

    # --- inside -----------------------------------------------------------------------------------

    async def _outlook(
        self, prompt: RenderedPrompt, context: CallContext
    ) -> tuple[Outlook | None, list[Warning]]:
        if not prompt.messages:
            return None, []
        try:
            outlook = await self.outlook(prompt, context)
        except AskDifferently as error:
            too_long = error.field == "messages"
            code = "over_context_length" if too_long else "no_model"
            return None, [Warning(code=code, message=error.message, field=error.field or "model")]
        except LLMError as error:
            return None, [Warning(code="no_model", message=error.message, field="model")]
        warnings: list[Warning] = []
        room = outlook.context_length - outlook.prompt_tokens
        wanted = int(str(prompt.settings.get("max_tokens") or 0))
        if room < max(wanted, 1):
            message = (
                f"The prompt takes up to {outlook.prompt_tokens:,} tokens and the answer {wanted:,}; "
                f"{outlook.model} has room for {outlook.context_length:,}."
            )
            warnings.append(Warning(code="over_context_length", message=message, field="messages"))
        for name in _NOT_CARRIED.get(outlook.kind, ()):
            if prompt.settings.get(name):
                message = f"{outlook.provider} has no field for `{name}`; it is left out."
                warnings.append(Warning(code="setting_not_sent", message=message, field=name))
        return outlook, warnings

    async def _unused(
        self, template: Compiled, given: Mapping[str, object], whole: Mapping[str, object]
    ) -> list[Warning]:
        values = compiled.begin(template, whole).values
        pieces = compiled.applying(template, values)
        read = await self._prompts.names_read(template, pieces) | template.when_names
        return [
            Warning(
                code="unused_variable",
                message=f"`{name}` is given, but nothing that applies reads it.",
                field=name,
            )
            for name, value in given.items()
            if value is not None and name not in read
        ]


def schema_of(prompt: RenderedPrompt) -> Schema | None:
    """The schema that a prompt's answer has to fit."""
    return Schema(prompt.name, dict(prompt.answer_schema)) if prompt.answer_schema is not None else None


def with_settings(prompt: RenderedPrompt, own: PromptSettings, changed: PromptSettings) -> RenderedPrompt:
    """The same prompt with other settings, and so with another hash; what `changed` leaves open stays."""
    settings = own.model_copy(update=changed.model_dump(exclude_none=True))
    return prompt.model_copy(
        update={
            "settings": settings.options(),
            "tier": settings.tier,
            "answer_schema": settings.answer_schema,
            "hash": prompt_hash(prompt.messages, settings.wire()),
        }
    )


def ad_hoc(messages: Sequence[Message], settings: PromptSettings) -> RenderedPrompt:
    """Messages that no template has, as a prompt. Raises InvalidInput where there is none with text."""
    kept = sorted((m for m in messages if m.text), key=lambda message: message.role != "system")
    if not kept:
        raise InvalidInput("There is no message with text.", field="messages", remedy="Write one.")
    return RenderedPrompt(
        messages=kept,
        name="",
        version_id="",
        version=0,
        hash=prompt_hash(kept, settings.wire()),
        settings=settings.options(),
        tier=settings.tier,
        answer_schema=settings.answer_schema,
    )


def _missing(template: Compiled, given: Mapping[str, object]) -> list[Warning]:
    return [
        Warning(code="missing_value", message=f"`{name}` has no value yet.", field=name)
        for name, variable in template.variables.items()
        if variable.required and given.get(name) is None
    ]
