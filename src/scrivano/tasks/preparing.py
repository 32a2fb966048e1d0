"""What there is to be done before a task is kept: its template, places and prompt are looked at."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.errors import InvalidInput
from scrivano.core.ids import new_id
from scrivano.llm.public import AskDifferently, LLMError, Message
from scrivano.prompts.public import Preview, Previews, Prompts, PromptSettings, RenderedPrompt, ad_hoc
from scrivano.runs.public import Runs
from scrivano.tasks.dto import Forecast, NewTask, PreviewOutdated, TaskPreview
from scrivano.tasks.foreseeing import foresee, previewing
from scrivano.tasks.looking import Looking
from scrivano.tasks.models import TaskRow
from scrivano.tasks.ports import SinkRef, SourceRef, SourceValue, TaskSink, TaskSource


class Preparing(Looking):
    """Checks, previews, and the places that tasks read from and write to."""

    def __init__(self, database: Database, runs: Runs, prompts: Prompts, previews: Previews) -> None:
        super().__init__(database, runs, prompts)
        self._previews = previews
        self._sources: dict[str, TaskSource] = {}
        self._sinks: dict[str, TaskSink] = {}

    def bind_source(self, kind: str, source: TaskSource) -> None:
        """Let tasks read from `source` under this name."""
        self._sources[kind] = source

    def bind_sink(self, kind: str, sink: TaskSink) -> None:
        """Let tasks write to `sink` under this name."""
        self._sinks[kind] = sink

    @property
    def kinds(self) -> dict[str, list[str]]:
        """The names of the sources and sinks that there are."""
        return {"sources": sorted(self._sources), "sinks": sorted(self._sinks)}

    async def check(self, new: NewTask) -> None:
        """Raise what `create` would raise for a task that is run later."""
        await self._row(new, new_id(), None, {})
        if new.sink is not None:
            await self._sink(new.sink).check(new.project_id, new.sink)

    async def preview(self, new: NewTask) -> TaskPreview:
        """What the task would send now, with tokens, bounds of the cost, and a forecast of it."""
        values, context = await self._values(new), previewing(new.project_id)
        settings = _own_settings(new)
        if new.template is None:
            prompt = ad_hoc(_messages(new.messages), settings)
            shown = await self._previews.look_at(prompt, context)
        else:
            shown = await self._previews.preview(
                new.template, values, version=new.version, settings=settings, context=context
            )
        return TaskPreview(preview=shown, forecast=await self._foreseen(new, shown, values))

    # --- for the pipeline -------------------------------------------------------------------------

    async def read_inputs(self, row: TaskRow) -> dict[str, Any]:
        """The values of a task's inputs as they are now."""
        refs = {name: SourceRef.model_validate(ref) for name, ref in row.inputs.items()}
        return await self._read(row.project_id, row.template_name, str(row.version_id), refs)

    def sink_of(self, ref: SinkRef) -> TaskSink:
        """The sink of a reference. Raises InvalidInput for a kind that there is none of."""
        return self._sink(ref)

    # --- inside -----------------------------------------------------------------------------------

    async def _row(self, new: NewTask, task_id: UUID, user_id: UUID | None, of: Mapping[str, Any]) -> TaskRow:
        """The row of a new task, checked against its template."""
        version_id = version = None
        model = new.model or new.settings.model
        if new.template is not None:
            version_id, version = await self._prompts.locate(new.template, new.version)
            template = await self._prompts.compiled(new.template, version_id=str(version_id))
            self._prompts.check(template, new.variables, new.inputs)
            model = model or template.settings.model
        for ref in new.inputs.values():
            self._source(ref)
        if new.sink is not None:
            self._sink(new.sink)
        return TaskRow(
            id=task_id,
            project_id=new.project_id,
            user_id=user_id,
            name=new.name,
            template_name=new.template,
            version_id=version_id,
            version=version,
            messages=[message.model_dump(mode="json") for message in new.messages] or None,
            variables=new.variables,
            inputs={name: ref.model_dump(mode="json") for name, ref in new.inputs.items()},
            model=model or "auto",
            settings=_own_settings(new).model_dump(mode="json", exclude_none=True),
            sink=new.sink.model_dump(mode="json") if new.sink else None,
            expected_hash=new.expected_hash,
            comment="",
            created_at=clock.now(),
            **of,
        )

    async def _look(self, row: TaskRow) -> None:
        """Refuse what could only fail: another prompt than was previewed, or one that is too long."""
        prompt = await self.rendered(row)
        check_hash(row, prompt)
        try:
            outlook = await self._previews.outlook(prompt, previewing(row.project_id))
        except AskDifferently as error:
            if error.field != "messages":
                return  # a model that is not there; it may be when the task's turn comes
            raise InvalidInput(error.message, field="variables", remedy=error.remedy) from error
        except LLMError:
            return  # no model in reach now; there may be one when the task's turn comes
        least = sum(outlook.tokens)
        if outlook.exact and least > outlook.context_length:
            raise InvalidInput(
                f"The prompt has {least:,} tokens; {outlook.model} has room for {outlook.context_length:,}.",
                field="variables",
                remedy="Shorten the input, or choose a model with a longer context.",
            )

    async def _values(self, new: NewTask) -> dict[str, Any]:
        if not new.inputs or new.template is None:
            return dict(new.variables)
        version_id, _ = await self._prompts.locate(new.template, new.version)
        read = await self._read(new.project_id, new.template, str(version_id), new.inputs)
        return {**new.variables, **read}

    async def _read(
        self, project_id: UUID, template: str | None, version_id: str, refs: Mapping[str, SourceRef]
    ) -> dict[str, Any]:
        if template is None or not refs:
            return {}
        variables = (await self._prompts.compiled(template, version_id=version_id)).variables
        values: dict[str, Any] = {}
        for name, ref in refs.items():
            found = await self._source(ref).read(project_id, ref)
            typed = name in variables and variables[name].type not in ("text", "reference", "choice")
            values[name] = _plain(found) if typed else found.text
        return values

    async def _foreseen(self, new: NewTask, shown: Preview, values: Mapping[str, Any]) -> Forecast | None:
        return await foresee(self._database, self._prompts, self._previews, new, shown, values)

    def _source(self, ref: SourceRef) -> TaskSource:
        if ref.kind not in self._sources:
            known = ", ".join(sorted(self._sources)) or "none"
            raise InvalidInput(
                f"There is no source {ref.kind!r}.", field="inputs", remedy=f"There are: {known}."
            )
        return self._sources[ref.kind]

    def _sink(self, ref: SinkRef) -> TaskSink:
        if ref.kind not in self._sinks:
            known = ", ".join(sorted(self._sinks)) or "none"
            raise InvalidInput(f"There is no sink {ref.kind!r}.", field="sink", remedy=f"There are: {known}.")
        return self._sinks[ref.kind]


def check_hash(row: TaskRow, prompt: RenderedPrompt) -> None:
    """Raise PreviewOutdated where a task expects another prompt than this."""
    if row.expected_hash is not None and row.expected_hash != prompt.hash:
        raise PreviewOutdated(
            "What would be sent now is not what was previewed.",
            field="expected_hash",
            remedy="Preview it again and look at what has changed.",
        )


def _own_settings(new: NewTask) -> PromptSettings:
    return new.settings.model_copy(update={"model": new.model}) if new.model else new.settings


def _messages(given: Sequence[Any]) -> list[Message]:
    return [Message(role=message.role, content=message.content) for message in given]


def _plain(found: SourceValue) -> Any:
    return found.value if found.value is not None else found.text
