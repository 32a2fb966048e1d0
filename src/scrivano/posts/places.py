"""Posts as a place that tasks read from and write to: a field of a post, without a field its body."""

from uuid import UUID

from pydantic import JsonValue

from scrivano.posts.desk import Desk, Opened
from scrivano.posts.dto import PostNotFound
from scrivano.posts.proposals import Proposals
from scrivano.posts.values import checked, for_prompt
from scrivano.posts.workflow import BODY, WorkflowField
from scrivano.tasks.public import SinkReceipt, SinkRef, SourceRef, SourceValue, TaskResult


class PostPlace:
    """See `TaskSource` and `TaskSink`. A result is always a proposal, so nothing that a person wrote is lost."""

    def __init__(self, desk: Desk, proposals: Proposals) -> None:
        self._desk = desk
        self._proposals = proposals

    async def read(self, project_id: UUID, ref: SourceRef) -> SourceValue:
        """The field as it stands."""
        opened, field = await self._field(project_id, ref)
        value = opened.fields.get(field.name)
        return SourceValue(text=str(for_prompt(value, "text") or ""), title=opened.row.title, value=value)

    async def check(self, project_id: UUID, ref: SinkRef) -> None:
        """See `TaskSink.check`."""
        await self._field(project_id, ref)

    async def write(self, project_id: UUID, ref: SinkRef, result: TaskResult) -> SinkReceipt:
        """Propose the result for the field. Raises WrongField for one that is not of the field's kind."""
        opened, field = await self._field(project_id, ref)
        value = checked(opened.content, field.name, _fitting(field, result))
        proposal = await self._proposals.add(
            opened,
            opened.row.stage,
            f"task_{field.name}",
            {field.name: value},
            made_by="model",
            key=f"task {result.task_id} {field.name}",
            notes=[result.title] if result.title else [],
            request_ids=[result.request_id] if result.request_id else [],
            run_id=result.run_id,
        )
        return SinkReceipt(
            kind=ref.kind, id=ref.id, field=field.name, place=str(proposal.id), note="a proposal"
        )

    async def _field(self, project_id: UUID, ref: SourceRef | SinkRef) -> tuple[Opened, WorkflowField]:
        try:
            opened = await self._desk.open(UUID(ref.id))
        except ValueError as error:
            raise PostNotFound(f"There is no post {ref.id!r}.", field="id") from error
        if opened.row.project_id != project_id:
            raise PostNotFound(f"There is no post {ref.id!r} in this project.", field="id")
        field = opened.content.field(ref.field or BODY)
        if field is None:
            known = ", ".join(f.name for f in opened.content.fields)
            raise PostNotFound(
                f"The post has no field {ref.field!r}.", field="field", remedy=f"It has: {known}."
            )
        return opened, field


def _fitting(field: WorkflowField, result: TaskResult) -> JsonValue:
    """The result in the form that fits the field best; whether it does fit is looked at after."""
    value = result.value
    if isinstance(value, dict) and field.name in value:
        value = value[field.name]
    if field.kind in ("text", "long_text", "markdown", "choice"):
        return value if isinstance(value, str) else result.text.strip()
    if value is not None:
        return value
    if field.kind == "lines":
        lines: list[JsonValue] = [
            plain for line in result.text.splitlines() if (plain := line.strip().lstrip("-*• ").strip())
        ]
        return lines
    text = result.text.strip()
    return int(text) if field.kind == "number" and text.lstrip("-").isdigit() and len(text) < 12 else text
