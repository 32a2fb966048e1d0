"""Use-cases of tasks: set up, look ahead, start, watch, stop, do again, compare."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from scrivano.core import clock
from scrivano.core.errors import InvalidInput
from scrivano.core.ids import new_id
from scrivano.prompts.public import (
    PromptSettings,
    searchable,
)
from scrivano.runs.public import RunFailed
from scrivano.tasks import repo, repo_forget
from scrivano.tasks.dto import (
    Again,
    Comparison,
    Grid,
    NewTask,
    TaskError,
    TaskStatus,
    TaskView,
    Verdict,
    WrongTaskState,
)
from scrivano.tasks.looking import task_row
from scrivano.tasks.models import TaskRow
from scrivano.tasks.orders import TaskOrder
from scrivano.tasks.ports import SinkRef, TaskResult
from scrivano.tasks.preparing import Preparing

_SEARCHED = 20_000
_PATIENCE_SECONDS = 600.0


class Tasks(Preparing):
    """Tasks of all projects. Sources and sinks are bound once, by whoever has the things that they stand for."""

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

    async def queue(self, task_id: UUID) -> None:
        """Give a task that was set up as a part of something to the workers; twice is once."""
        async with self._database.read() as session:
            row = await task_row(session, task_id)
        await self._queue(row)

    async def start_left_behind(self, before: datetime) -> None:
        """Start the tasks of schedules whose worker died between setting them up and starting them."""
        async with self._database.read() as session:
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


def _texts_of(row: TaskRow) -> str:
    texts = [str(message["content"]) for message in row.messages or ()]
    return "\n".join([*texts, *(str(value) for value in row.variables.values())])
