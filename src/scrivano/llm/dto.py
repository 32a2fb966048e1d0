"""What goes into the LLM service and what comes out of it."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, Literal, Protocol, TypeVar
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field, field_validator

from scrivano.llm.errors import AskDifferently, LLMError, NobodyCould, NotPermitted, TooDear, TryLater

__all__ = [
    "AskDifferently",
    "CallContext",
    "ContentPart",
    "CostEstimate",
    "LLMError",
    "Locality",
    "Message",
    "NobodyCould",
    "NotPermitted",
    "Options",
    "PromptSource",
    "RequestStatus",
    "RequestView",
    "Response",
    "RunTotals",
    "StructuredResponse",
    "Timeouts",
    "TooDear",
    "Tool",
    "ToolCall",
    "Totals",
    "TryLater",
    "Usage",
]

T = TypeVar("T", bound=BaseModel)

FinishReason = Literal["stop", "length", "tool_calls", "content_filter"]
Role = Literal["system", "user", "assistant", "tool"]


class Locality(StrEnum):
    """How far a request travels."""

    LOOPBACK = "loopback"
    LOCAL_NETWORK = "local_network"
    CLOUD = "cloud"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ContentPart(_Frozen):
    """A piece of a message: text, or an image as an `https:` or `data:` URL."""

    type: Literal["text", "image"] = "text"
    text: str = ""
    image_url: str | None = None


class ToolCall(_Frozen):
    """A model's wish to call a tool; `arguments` is the JSON text that the model wrote, unchecked."""

    id: str
    name: str
    arguments: str


class Tool(_Frozen):
    """A tool that a model may call; `parameters` is a JSON schema."""

    name: str
    description: str = ""
    parameters: dict[str, Any] = Field(default_factory=lambda: {"type": "object", "properties": {}})


class Message(_Frozen):
    """One message of a conversation."""

    role: Role
    content: str | tuple[ContentPart, ...] = ""
    name: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None

    @property
    def text(self) -> str:
        """All its text; images leave nothing."""
        if isinstance(self.content, str):
            return self.content
        return "".join(part.text for part in self.content)

    def canonical(self) -> bytes:
        """The one JSON form of this message, which its hash and the log use. Raises AskDifferently for text
        that is no valid Unicode."""
        fields: dict[str, Any] = {"role": self.role}
        if isinstance(self.content, str):
            fields["content"] = self.content
        else:
            fields["content"] = [
                part.model_dump(exclude_defaults=True) | {"type": part.type} for part in self.content
            ]
        if self.name is not None:
            fields["name"] = self.name
        if self.tool_calls:
            fields["tool_calls"] = [call.model_dump() for call in self.tool_calls]
        if self.tool_call_id is not None:
            fields["tool_call_id"] = self.tool_call_id
        try:
            return orjson.dumps(fields)
        except TypeError as error:
            raise AskDifferently(
                "The message holds characters that are no valid Unicode text.",
                field="messages",
                remedy="Remove unpaired surrogates from the text.",
            ) from error


class Timeouts(_Frozen):
    """Seconds to wait; None leaves it to the place of the model (patient with local ones)."""

    connect: float = Field(default=5.0, gt=0)
    first_token: float | None = Field(default=None, gt=0, description="60 in the cloud, 600 locally.")
    between_tokens: float | None = Field(default=None, gt=0, description="30 in the cloud, 120 locally.")
    total: float = Field(default=3600.0, gt=0)
    longest_wait: float = Field(
        default=60.0,
        ge=0,
        description="The longest Retry-After that is waited for before another model is asked.",
    )


class Options(_Frozen):
    """How to answer. `model` is `auto`, a model's name, or `provider/model`."""

    model: str = "auto"
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    max_tokens: int | None = Field(default=None, gt=0)
    min_tokens: int = Field(
        default=16, gt=0, description="An answer capped to fewer tokens by a budget is not worth asking for."
    )
    seed: int | None = None
    stop: tuple[str, ...] = ()
    tools: tuple[Tool, ...] = ()
    tool_choice: str | None = Field(default=None, description="`auto`, `none`, `required` or a tool's name.")
    effort: Literal["low", "medium", "high"] | None = None
    max_cost: Decimal | None = Field(default=None, ge=0, description="US dollars for this one call at most.")
    retries: int = Field(default=3, ge=0, le=20, description="Further attempts at the same model.")
    timeouts: Timeouts = Timeouts()
    streaming: bool = Field(
        default=True,
        description="Read the answer while it is written, so that silence or a cut is noticed early.",
    )
    whole_answers: bool = Field(
        default=False,
        description="A stream gives nothing before the answer is complete, so that it can be begun anew "
        "whatever happens.",
    )
    cache: Literal["policy", "off", "exact", "semantic"] = Field(
        default="policy",
        description="Whether an earlier answer will do; `policy` leaves it to the feature's.",
    )


class CallContext(_Frozen):
    """Who asks, what for, and under which key the answer is remembered.

    `key` makes the call idempotent: a second call with the same key, in any process and at any time within
    retention, gets the first one's finished answer from the log. `run_id`, `project_id`, `user_id` and
    `api_key_id` are also the scopes whose budgets apply.
    """

    feature: str = Field(max_length=200)
    purpose: str = Field(max_length=200)
    run_id: str | None = Field(default=None, max_length=400)
    key: str | None = Field(default=None, max_length=1000)
    user_id: str | None = Field(default=None, max_length=400)
    project_id: str | None = Field(default=None, max_length=400)
    api_key_id: str | None = Field(default=None, max_length=400)
    prompt_name: str | None = Field(default=None, max_length=200)
    prompt_version: str | None = Field(default=None, max_length=200)
    labels: dict[str, str] = Field(default_factory=dict[str, str])
    chain: tuple[str, ...] | None = Field(
        default=None, description="Models to try in this order when `Options.model` is `auto`."
    )
    tier: Literal["small-local", "large-local", "cloud"] | None = Field(
        default=None,
        description="Where the feature judges complexity itself: the tier that `auto` begins with.",
    )
    route_reason: str | None = Field(
        default=None,
        max_length=200,
        description="Why this tier, for the log; a text that many requests share.",
    )
    urgency: int = Field(
        default=0,
        description="Of a run's calls that wait for the same model, the one with the greatest goes first.",
    )

    @field_validator("user_id", "project_id", "run_id", "api_key_id", "prompt_version", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return str(value) if isinstance(value, UUID) else value

    def sub(self, suffix: str) -> "CallContext":
        """The context of a follow-up call (`re-ask 1`, `continue 2`) with a key of its own."""
        return self.model_copy(update={"key": f"{self.key}#{suffix}" if self.key else None})


class Usage(_Frozen):
    """Tokens of one attempt. Those read from the provider's cache (`cached_tokens`) or written into it, and those
    of audio and images that were sent, are part of `prompt_tokens`; those of reasoning, and of audio and images
    that were made, are part of `completion_tokens`. `source` says whether the provider reported them or
    Scrivano counted."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    audio_prompt_tokens: int = 0
    image_prompt_tokens: int = 0
    audio_completion_tokens: int = 0
    image_completion_tokens: int = 0
    source: Literal["reported", "counted"] = "reported"


class Response(_Frozen):
    """A complete answer. `finish_reason` is `length` where `max_tokens` ended it. `cost` is in US dollars.

    `request_id` is the attempt that answered; with `from_log` it is the earlier one that the answer was
    taken from, and nothing was sent or paid now. Where a stream broke off and was continued, `parts` are the
    attempts that the text's beginning came from, `usage` and `cost` are those of all parts together, and `model`
    is the one that brought it to its end. `failures` tells why other attempts came to nothing. A `cached` answer
    was given to an earlier request, which `get_request` names; it has a row of its own and costs nothing.
    """

    text: str
    request_id: UUID
    model: str
    provider: str
    finish_reason: FinishReason
    usage: Usage
    cost: Decimal
    route: str
    from_log: bool = False
    tool_calls: tuple[ToolCall, ...] = ()
    seconds: float = 0.0
    attempts: int = 1
    parts: tuple[UUID, ...] = ()
    failures: tuple[str, ...] = ()
    cached: bool = False

    @property
    def message(self) -> Message:
        """The answer as the assistant's message, to go on with."""
        return Message(role="assistant", content=self.text, tool_calls=self.tool_calls)


class StructuredResponse(BaseModel, Generic[T]):
    """An answer in the shape that was asked for. `mended`: the text was no valid JSON as it came."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    value: T
    response: Response
    mended: bool = False


class RequestStatus(StrEnum):
    """Where an attempt stands.

    `started`: its row is safe and it may have been sent. `finished`: answered whole. `failed`: ended in an
    error. `cut`: its process died before the end. `cancelled`: the caller went away. `superseded`: another
    process's answer under the same key was first.
    """

    STARTED = "started"
    FINISHED = "finished"
    FAILED = "failed"
    CUT = "cut"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


class RequestView(_Frozen):
    """One attempt as the log has it; `messages` and `answer` are None where retention or erasure took them.

    `item` is the third part of the key (`run/step/item/round`). `cost` of a failed or cut attempt is what it
    may have cost at most. `previous` is the attempt that failed before this one. An answer out of the cache names
    the request that it came from as its `source`, and what asking again would have cost as `saved`.
    """

    id: UUID
    previous: UUID | None
    status: RequestStatus
    kind: Literal["text", "image", "search", "embedding"]
    feature: str
    purpose: str
    item: str | None
    key: str | None
    run_id: str | None
    user_id: str | None
    project_id: str | None
    prompt_name: str | None
    prompt_version: str | None
    labels: dict[str, str]
    provider: str
    model: str
    locality: Locality
    route: str
    tier: str | None = None
    source: UUID | None = None
    saved: Decimal = Decimal(0)
    attempt: int
    finish_reason: FinishReason | None
    usage: Usage
    cost: Decimal
    started_at: dt.datetime
    seconds: float | None
    queued_seconds: float
    first_token_seconds: float | None
    error: str | None
    settings: dict[str, Any]
    messages: tuple[Message, ...] | None = None
    answer: Message | None = None


class Totals(_Frozen):
    """Sums over attempts."""

    attempts: int = 0
    finished: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: Decimal = Decimal(0)
    seconds: float = 0.0


class RunTotals(Totals):
    """Sums of a run: over all, by how far the requests went, by kind, and by both (`cloud/text`)."""

    by_locality: dict[Locality, Totals] = Field(default_factory=dict[Locality, Totals])
    by_kind: dict[str, Totals] = Field(default_factory=dict[str, Totals])
    by_locality_and_kind: dict[str, Totals] = Field(default_factory=dict[str, Totals])

    @property
    def external_api_calls(self) -> dict[str, int]:
        """Attempts that went to the cloud, by kind; all three kinds are always there."""
        counts = {"text": 0, "image": 0, "search": 0}
        for name, totals in self.by_locality_and_kind.items():
            locality, _, kind = name.partition("/")
            if locality == Locality.CLOUD:
                counts[kind] = counts.get(kind, 0) + totals.attempts
        return counts


class CostEstimate(_Frozen):
    """What a call will cost in US dollars: at least `low`, never more than `high` per attempt."""

    low: Decimal
    high: Decimal
    prompt_tokens: int
    max_completion_tokens: int
    model: str
    exact_prompt: bool


class PromptSource(Protocol):
    """Where the service gets the prompts that it needs itself: `llm_reask` and `llm_continue`."""

    async def __call__(self, name: str, variables: Mapping[str, Any]) -> tuple[list[Message], str]:
        """The rendered messages and the id of the template's version."""
        ...
