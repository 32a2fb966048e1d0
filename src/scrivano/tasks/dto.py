"""What `tasks` takes and gives."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from scrivano.core.errors import Conflict, InvalidInput, NotFound
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.prompts.public import JsonObject, Line, Name, Preview, PromptSettings, Role, Text
from scrivano.tasks.ports import SinkReceipt, SinkRef, SourceRef

VersionRef = (
    Annotated[int, Field(ge=1, lt=2**31)] | Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")]
)
VariableKey = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,79}$")]


class TaskNotFound(NotFound):
    """There is no such task, dataset, evaluation or schedule."""


class PreviewOutdated(Conflict):
    """What would be sent is no longer what was previewed."""


class WrongTaskState(Conflict):
    """The task is not in a state that allows this."""


class AnswerUnfit(InvalidInput):
    """The answer does not fit the schema that the prompt asks for."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TaskStatus(StrEnum):
    """`created`: set up, not started. `queued`: waits for a worker."""

    CREATED = "created"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self in (TaskStatus.SUCCEEDED, TaskStatus.FAILED, TaskStatus.CANCELLED)


class TaskMessage(_Frozen):
    """A message that no template has."""

    role: Role = "user"
    content: Text


class NewTask(_Frozen):
    """A call of a prompt: of `template` in a version (number or label), or of `messages`.

    `variables` are typed by hand; `inputs` are read when the task runs. `settings` go before the template's own, and
    `model` (a name, `provider/name`, or `auto`) before both. With `expected_hash`, the hash of a preview, nothing else
    than what was previewed is ever sent.
    """

    project_id: UUID = DEFAULT_PROJECT
    name: Line = Field(default="", max_length=200, examples=["A summary of chapter 3"])
    template: Name | None = None
    version: VersionRef = "production"
    messages: tuple[TaskMessage, ...] = Field(default=(), max_length=200)
    variables: JsonObject = Field(default={}, examples=[{"subject": "tides"}])
    inputs: dict[VariableKey, SourceRef] = {}
    model: Line | None = Field(default=None, max_length=200, examples=["auto"])
    settings: PromptSettings = PromptSettings()
    sink: SinkRef | None = None
    expected_hash: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if (self.template is None) == (not self.messages):
            raise ValueError("give either a `template` or `messages`")
        if self.template is None and (self.variables or self.inputs):
            raise ValueError("only a template has variables")
        return self


class Variant(_Frozen):
    """One way to carry out a task, to be compared with others."""

    label: Line = Field(default="", max_length=80)
    version: VersionRef | None = None
    model: Line | None = Field(default=None, max_length=200)
    settings: PromptSettings = PromptSettings()


class Comparison(_Frozen):
    """A task in several variants, for each of several inputs. Each of `inputs` goes before the task's own variables."""

    task: NewTask
    inputs: tuple[JsonObject, ...] = Field(default=({},), min_length=1, max_length=100)
    variants: tuple[Variant, ...] = Field(min_length=1, max_length=20)


class Again(_Frozen):
    """What is to be different when a task is done again; nothing, if nothing is given."""

    model: Line | None = Field(default=None, max_length=200)
    version: VersionRef | None = None
    settings: PromptSettings | None = None


class Verdict(_Frozen):
    """What a person thinks of a result: 1 (useless) to 5 (as wanted), and why."""

    rating: int | None = Field(default=None, ge=1, le=5)
    comment: Text = Field(default="", max_length=10_000)


class TaskError(_Frozen):
    """Why a task failed."""

    code: str
    message: str
    field: str | None = None
    remedy: str | None = None


class Check(_Frozen):
    """What came of one expectation: `score` from 0 to 1."""

    kind: str
    passed: bool
    score: float
    reason: str = ""


class TaskInfo(BaseModel):
    """A task in a list. `version` is the number of the template's version that it is bound to."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    project_id: UUID
    name: str
    template: str | None
    version: int | None
    model: str
    status: TaskStatus
    run_id: str | None
    parent_id: UUID | None
    group_id: UUID | None
    schedule_id: UUID | None
    variant: str | None
    used_model: str | None
    used_provider: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    cost: Decimal | None
    seconds: float | None
    rating: int | None
    score: float | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    begins: str = Field(description="The first 200 characters of the result.")
    asked: str = Field(
        description="What was asked, in at most 200 characters: the message, or the prompt's variables."
    )


class TaskView(TaskInfo):
    """A task with its input and result. `resolved` is what was read from the inputs when it ran."""

    version_id: UUID | None
    messages: tuple[TaskMessage, ...]
    variables: dict[str, JsonValue]
    inputs: dict[str, SourceRef]
    resolved: dict[str, JsonValue] | None
    settings: PromptSettings
    sink: SinkRef | None
    receipt: SinkReceipt | None
    expected_hash: str | None
    prompt_hash: str | None
    text: str | None
    value: JsonValue
    request_id: UUID | None
    error: TaskError | None
    comment: str
    checks: tuple[Check, ...]


class TaskPage(BaseModel):
    """Tasks, newest first; `next` is what `before` has to be to get those that follow, None at the end."""

    items: list[TaskInfo]
    next: UUID | None


class TaskFilter(_Frozen):
    """Which tasks. `text` is searched for in name, template, input and result, by the beginnings of words."""

    project_id: UUID = DEFAULT_PROJECT
    template: str | None = None
    model: str | None = None
    status: TaskStatus | None = None
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    group_id: UUID | None = None
    schedule_id: UUID | None = None


class GridCell(BaseModel):
    """One task of a comparison."""

    input: int
    variant: int
    task: TaskView


class Grid(BaseModel):
    """A comparison: inputs down, variants across."""

    group_id: UUID
    inputs: list[dict[str, JsonValue]]
    variants: list[str]
    cells: list[GridCell]


class Forecast(_Frozen):
    """What a call will cost in US dollars, in all likelihood: tokens and dollars at the least and at the most. It may
    cost more; never more than the preview's `high`.

    `basis` says what it rests on: `history`, answers to this template so far (`samples` of them); `length`, the
    length that the prompt asks for; `schema`, that of JSON which fits the schema; `template`, what is known of prompts
    that come with Scrivano; `usual`, nothing but what answers commonly have.
    """

    low: Decimal
    high: Decimal
    low_tokens: int
    high_tokens: int
    basis: Literal["history", "length", "schema", "template", "usual"]
    samples: int


class TaskPreview(BaseModel):
    """What a task would send, what it may cost at the very most (`preview.high`), and what it will probably cost."""

    preview: Preview
    forecast: Forecast | None
