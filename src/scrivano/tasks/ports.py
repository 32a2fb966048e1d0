"""What tasks read from and write to, apart from who has it: posts, chapters, references bind themselves here."""

from decimal import Decimal
from typing import Annotated, Protocol
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue


def plain_text(text: str) -> str:
    """The text itself. Raises ValueError for a NUL character, which no database keeps."""
    if "\0" in text:
        raise ValueError("a text may not hold a NUL character")
    return text


Plain = Annotated[str, AfterValidator(plain_text)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceRef(_Frozen):
    """Where a variable's value comes from: `kind` names the source (`document`, `post`, `chapter`, `reference` …), `id`
    the thing in it, `field` a part of that, where it has parts."""

    kind: Plain = Field(max_length=40, examples=["document"])
    id: Plain = Field(max_length=200)
    field: Plain | None = Field(default=None, max_length=200)


class SinkRef(_Frozen):
    """Where a result goes: `kind` names the sink, `id` the thing in it, `field` a part of that."""

    kind: Plain = Field(max_length=40, examples=["document"])
    id: Plain = Field(max_length=200)
    field: Plain | None = Field(default=None, max_length=200)


class SourceValue(_Frozen):
    """What was read. `text` is what a text variable gets; `value`, where there is one, what a list or JSON one gets."""

    text: str
    title: str = ""
    value: JsonValue = None


class TaskResult(_Frozen):
    """What a task brought, as a sink gets it. `value` is the answer as JSON where the template asks for that."""

    task_id: UUID
    text: str
    value: JsonValue = None
    title: str = ""
    model: str = ""
    request_id: UUID | None = None
    run_id: str | None = None
    cost: Decimal = Decimal(0)


class SinkReceipt(_Frozen):
    """What became of a result: `place` is the id of the proposal, version or file that holds it now."""

    kind: str
    id: str
    field: str | None = None
    place: str | None = None
    note: str = ""


class TaskSource(Protocol):
    """Something that tasks read from. Raises NotFound for what is not there or not of this project."""

    async def read(self, project_id: UUID, ref: SourceRef) -> SourceValue:
        """The newest value."""
        ...


class TaskSink(Protocol):
    """Something that tasks write to. Raises NotFound for what is not there or not of this project.

    A person's text is never written over: a result is a proposal, or a new version.
    """

    async def check(self, project_id: UUID, ref: SinkRef) -> None:
        """Raise what `write` would raise for this place, before anything is paid for."""
        ...

    async def write(self, project_id: UUID, ref: SinkRef, result: TaskResult) -> SinkReceipt:
        """Keep the result. A second call with the same `result.task_id` changes nothing and gives the same receipt."""
        ...
