"""Use-cases of tasks: set up, look ahead, start, watch, stop, do again, compare."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.errors import InvalidInput
from scrivano.core.ids import new_id
from scrivano.llm.public import AskDifferently, LLMError, Message
from scrivano.prompts.public import (
    Preview,
    Previews,
    Prompts,
    PromptSettings,
    RenderedPrompt,
    ad_hoc,
    searchable,
)
from scrivano.runs.public import RunFailed, Runs
from scrivano.tasks import repo, repo_forget
from scrivano.tasks.dto import (
    Again,
    Comparison,
    Forecast,
    Grid,
    NewTask,
    PreviewOutdated,
    TaskError,
    TaskPreview,
    TaskStatus,
    TaskView,
    Verdict,
    WrongTaskState,
)
from scrivano.tasks.foreseeing import foresee, previewing
from scrivano.tasks.looking import Looking, task_row
from scrivano.tasks.models import TaskRow
from scrivano.tasks.orders import TaskOrder
from scrivano.tasks.ports import SinkRef, SourceRef, SourceValue, TaskResult, TaskSink, TaskSource

_SEARCHED = 20_000
_PATIENCE_SECONDS = 600.0


class Tasks(Looking):
    """Tasks of all projects. Sources and sinks are bound once, by whoever has the things that they stand for."""

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

    async def forget_project(self, project_id: UUID) -> None:
        """Remove a project's tasks, datasets with their evaluations, and schedules."""
        async with self._database.begin() as session:
            await repo_forget.forget_project(session, project_id)

    # --- setting up -------------------------------------------------------------------------------

    async def create(
        self,
        new: NewTask,
        *,
        user_id: UUID | None = None,
        task_id: UUID | None = None,
        start: bool = True,
        of: Mapping[str, Any] | None = None,
    ) -> TaskView:
        """Set up a task, bound to the version of its template that is there now, and start it.

        A second call with the same `task_id` changes nothing. Raises what filling the template in would raise,
        PreviewOutdated where a hash is expected that what would be sent no longer has, NotFound for a source or sink
        that there is none of, InvalidInput for a prompt beyond the model's context length.
        """
        row = await self._row(new, task_id or new_id(), user_id, of or {})
        if new.sink is not None:
            await self._sink(new.sink).check(new.project_id, new.sink)
        if not new.inputs and not of:
            await self._look(row)
        row.status = TaskStatus.QUEUED if start else TaskStatus.CREATED
        row.run_id = row.run_id or (str(row.id) if start else None)
        words = searchable(row.name, row.template_name or "", _texts_of(row)[:_SEARCHED])
        async with self._database.begin() as session:
            await repo.add(session, row, words)
        if start and not of:
            await self._queue(row)
        return await self.get(row.id)

    async def start(self, task_id: UUID) -> TaskView:
        """Queue a task that was only set up. Raises WrongTaskState for one that was started."""
        async with self._database.begin() as session:
            row = await task_row(session, task_id, lock=True)
            if row.status != TaskStatus.CREATED:
                raise WrongTaskState(f"The task is {row.status} already.", remedy="Retry it to do it again.")
            row.status, row.run_id = TaskStatus.QUEUED, str(task_id)
        await self._queue(row)
        return await self.get(task_id)

    async def check(self, new: NewTask) -> None:
        """Raise what `create` would raise for a task that is run later."""
        await self._row(new, new_id(), None, {})
        if new.sink is not None:
            await self._sink(new.sink).check(new.project_id, new.sink)

    async def queue(self, task_id: UUID) -> None:
        """Give a task that was set up as a part of something to the workers; twice is once."""
        async with self._database.begin() as session:
            row = await task_row(session, task_id)
        await self._queue(row)

    async def start_left_behind(self, before: datetime) -> None:
        """Start the tasks of schedules whose worker died between setting them up and starting them."""
        async with self._database.begin() as session:
            found = await repo.left_behind(session, before)
        for row in found:
            await self._queue(row)

    async def _queue(self, row: TaskRow) -> None:
        await self._runs.start(
            "run_task",
            TaskOrder(task_id=row.id),
            run_id=str(row.id),
            project_id=row.project_id,
            user_id=row.user_id,
        )

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

    async def compare(
        self, wanted: Comparison, *, user_id: UUID | None = None, group_id: UUID | None = None
    ) -> Grid:
        """A task in each variant for each input, all started. Raises as `create`; then nothing is started.

        A variable that only some of the compared versions know goes to those alone.
        """
        group = group_id or new_id()
        made: list[tuple[NewTask, dict[str, Any]]] = []
        for index, given in enumerate(wanted.inputs):
            for number, variant in enumerate(wanted.variants):
                task = varied(wanted.task, given, variant.version, variant.model, variant.settings)
                place = {
                    "group_id": group,
                    "input_index": index,
                    "variant_index": number,
                    "variant": variant.label or _variant_name(task),
                }
                made.append((task, place))
        fitted = await self._fitted([task for task, _ in made])
        places = [place for _, place in made]
        found = [
            await self._row(task, new_id(), user_id, of) for task, of in zip(fitted, places, strict=True)
        ]
        for row in found:
            row.status, row.run_id = TaskStatus.QUEUED, str(row.id)
        async with self._database.begin() as session:
            for row in found:
                await repo.add(session, row, searchable(row.name, row.template_name or "", _texts_of(row)))
        for row in found:
            await self._queue(row)
        return await self.grid(group)

    async def retry(
        self,
        task_id: UUID,
        again: Again | None = None,
        *,
        user_id: UUID | None = None,
        new_task_id: UUID | None = None,
    ) -> TaskView:
        """The same task once more as a new one, with another model, version or settings if given."""
        before, change = await self.get(task_id), again or Again()
        settings = before.settings
        if change.settings is not None:
            settings = settings.model_copy(update=change.settings.model_dump(exclude_none=True))
        if change.version is not None and before.template is None:
            raise InvalidInput("A task without a template has no version.", field="version")
        new = NewTask(
            project_id=before.project_id,
            name=before.name,
            template=before.template,
            version=change.version or before.version or "production",
            messages=before.messages,
            variables=before.variables,
            inputs=before.inputs,
            model=change.model or before.model,
            settings=settings,
            sink=before.sink,
        )
        row = await self._row(new, new_task_id or new_id(), user_id, {"parent_id": task_id})
        row.status, row.run_id = TaskStatus.QUEUED, str(row.id)
        async with self._database.begin() as session:
            await repo.add(session, row, searchable(row.name, row.template_name or "", _texts_of(row)))
        await self._queue(row)
        return await self.get(row.id)

    # --- changing ---------------------------------------------------------------------------------

    async def cancel(self, task_id: UUID) -> TaskView:
        """Stop a task, also in the middle of an answer. Raises WrongTaskState for one that has ended."""
        task = await self.get(task_id)
        if task.status is TaskStatus.CANCELLED:
            return task
        if task.status.ended:
            raise WrongTaskState(f"The task has {task.status} already.")
        if task.run_id is not None and task.run_id != str(task_id):
            raise WrongTaskState("The task is part of an evaluation.", remedy="Cancel its run.")
        async with self._database.begin() as session:
            now = clock.now()
            await repo.change(session, task_id, still_open=True, status="cancelled", finished_at=now)
        if task.run_id is not None and not (await self._runs.get(task.run_id)).status.ended:
            await self._runs.cancel(task.run_id)
        return await self.get(task_id)

    async def judge(self, task_id: UUID, verdict: Verdict) -> TaskView:
        """Keep what a person thinks of a result. Raises WrongTaskState for a task without one."""
        async with self._database.begin() as session:
            row = await task_row(session, task_id, lock=True)
            if row.status != TaskStatus.SUCCEEDED:
                raise WrongTaskState(f"The task is {row.status}: there is no result to rate.")
            row.rating, row.comment = verdict.rating, verdict.comment
        return await self.get(task_id)

    async def save(self, task_id: UUID, sink: SinkRef) -> TaskView:
        """Write the result of a finished task to a place. Raises WrongTaskState, NotFound."""
        task = await self.get(task_id)
        if task.status is not TaskStatus.SUCCEEDED:
            raise WrongTaskState(f"The task is {task.status}: there is no result to save.")
        receipt = await self._sink(sink).write(task.project_id, sink, result_of(task))
        async with self._database.begin() as session:
            await repo.change(
                session, task_id, sink=sink.model_dump(mode="json"), receipt=receipt.model_dump(mode="json")
            )
        return await self.get(task_id)

    # --- for the pipeline -------------------------------------------------------------------------

    async def read_inputs(self, row: TaskRow) -> dict[str, Any]:
        """The values of a task's inputs as they are now."""
        refs = {name: SourceRef.model_validate(ref) for name, ref in row.inputs.items()}
        return await self._read(row.project_id, row.template_name, str(row.version_id), refs)

    def sink_of(self, ref: SinkRef) -> TaskSink:
        """The sink of a reference. Raises InvalidInput for a kind that there is none of."""
        return self._sink(ref)

    # --- inside -----------------------------------------------------------------------------------

    async def _fitted(self, tasks: list[NewTask]) -> list[NewTask]:
        """Each with the variables that its own version knows, and those that none knows, for `_row` to refuse."""
        known: list[set[str]] = []
        for task in tasks:
            if task.template is None:
                return tasks
            version_id, _ = await self._prompts.locate(task.template, task.version)
            known.append(
                set((await self._prompts.compiled(task.template, version_id=str(version_id))).variables)
            )
        anywhere = set[str]().union(*known)
        return [
            task.model_copy(
                update={
                    "variables": {n: v for n, v in task.variables.items() if n in own or n not in anywhere}
                }
            )
            for task, own in zip(tasks, known, strict=True)
        ]

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


def result_of(task: TaskView) -> TaskResult:
    """A finished task's result as sinks get it."""
    return TaskResult(
        task_id=task.id,
        text=task.text or "",
        value=task.value,
        title=task.name,
        model=task.used_model or "",
        request_id=task.request_id,
        run_id=task.run_id,
        cost=task.cost or 0,  # type: ignore[arg-type]
    )


def varied(
    task: NewTask,
    given: Mapping[str, Any],
    version: int | str | None,
    model: str | None,
    settings: PromptSettings,
) -> NewTask:
    """A task with other variables, and in another variant."""
    return task.model_copy(
        update={
            "variables": {**task.variables, **given},
            "version": version or task.version,
            "model": model or task.model,
            "settings": task.settings.model_copy(update=settings.model_dump(exclude_none=True)),
            "expected_hash": None,
            "sink": None,
        }
    )


def failed_with(error: RunFailed) -> TaskError:
    """A run's error as a task's."""
    return TaskError(code=error.code, message=error.message, field=error.field, remedy=error.remedy)


def _variant_name(task: NewTask) -> str:
    return f"{task.model or 'auto'}, version {task.version}" if task.template else task.model or "auto"


def _own_settings(new: NewTask) -> PromptSettings:
    return new.settings.model_copy(update={"model": new.model}) if new.model else new.settings


def _messages(given: Sequence[Any]) -> list[Message]:
    return [Message(role=message.role, content=message.content) for message in given]


def _texts_of(row: TaskRow) -> str:
    texts = [str(message["content"]) for message in row.messages or ()]
    return "\n".join([*texts, *(str(value) for value in row.variables.values())])


def _plain(found: SourceValue) -> Any:
    return found.value if found.value is not None else found.text
