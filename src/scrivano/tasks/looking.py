"""Looking at tasks: one, pages, comparisons, what was sent."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.errors import NotFound
from scrivano.llm.public import Message
from scrivano.prompts.public import Prompts, PromptSettings, RenderedPrompt, ad_hoc, searchable, with_settings
from scrivano.runs.public import Runs, RunStatus
from scrivano.tasks import repo, rows
from scrivano.tasks.dto import (
    Grid,
    GridCell,
    TaskError,
    TaskFilter,
    TaskNotFound,
    TaskPage,
    TaskStatus,
    TaskView,
)
from scrivano.tasks.models import TaskRow


class Looking:
    """What there is of tasks."""

    def __init__(self, database: Database, runs: Runs, prompts: Prompts) -> None:
        self._database = database
        self._runs = runs
        self._prompts = prompts

    async def get(self, task_id: UUID) -> TaskView:
        """One task. Raises TaskNotFound."""
        async with self._database.read() as session:
            row = await task_row(session, task_id)
        if row.status in (TaskStatus.QUEUED, TaskStatus.RUNNING) and row.run_id:
            row = await self._caught_up(row)
        return rows.view(row)

    async def page(self, wanted: TaskFilter, *, before: UUID | None = None, limit: int = 50) -> TaskPage:
        """Tasks, newest first. `before` is the last page's `next`."""
        if wanted.text is not None and not searchable(wanted.text):
            return TaskPage(items=[], next=None)
        async with self._database.begin() as session:
            newest = await repo.page(session, wanted, before, limit + 1)
        return TaskPage(
            items=[rows.info(row) for row in newest[:limit]],
            next=newest[limit - 1].id if len(newest) > limit else None,
        )

    async def grid(self, group_id: UUID) -> Grid:
        """A comparison. Raises TaskNotFound."""
        async with self._database.read() as session:
            cells = await repo.of_group(session, group_id)
        if not cells:
            raise TaskNotFound(f"There is no comparison {group_id}.")
        inputs = {row.input_index or 0: row.variables for row in cells}
        variants = {row.variant_index or 0: row.variant or "" for row in cells}
        return Grid(
            group_id=group_id,
            inputs=[inputs[index] for index in sorted(inputs)],
            variants=[variants[index] for index in sorted(variants)],
            cells=[
                GridCell(input=row.input_index or 0, variant=row.variant_index or 0, task=rows.view(row))
                for row in cells
            ],
        )

    async def rebuild(self, task_id: UUID) -> RenderedPrompt:
        """What a task sent, from the version that it is bound to and the values that it had. Raises TaskNotFound."""
        async with self._database.read() as session:
            row = await task_row(session, task_id)
        return await self.rendered(row)

    async def project_of(self, kind: str, id: str) -> UUID | None:
        """The project of a `task`, `group`, `dataset`, `evaluation` or `schedule`; None where there is none."""
        try:
            wanted = UUID(id)
        except ValueError:
            return None
        async with self._database.read() as session:
            return await repo.project_of(session, kind, wanted)

    async def rendered(self, row: TaskRow) -> RenderedPrompt:
        """The messages of a task whose inputs were read."""
        settings = PromptSettings.model_validate(row.settings)
        if row.template_name is None:
            return ad_hoc([Message.model_validate(message) for message in row.messages or ()], settings)
        template = await self._prompts.compiled(row.template_name, version_id=str(row.version_id))
        prompt = await self._prompts.fill(template, {**row.variables, **(row.resolved or {})})
        return with_settings(prompt, template.settings, settings)

    async def _caught_up(self, row: TaskRow) -> TaskRow:
        """The row as the run's end has it, where that came without the task's own (a worker that was given up)."""
        try:
            run = await self._runs.get(str(row.run_id))
        except NotFound:
            return row  # set up, and not started yet
        if not run.status.ended or run.status is RunStatus.SUCCEEDED:
            return row
        failed = run.status is RunStatus.FAILED
        async with self._database.begin() as session:
            values: dict[str, Any] = {
                "status": "failed" if failed else "cancelled",
                "finished_at": clock.now(),
            }
            if failed and run.error is not None:
                error = TaskError(code=run.error.code, message=run.error.message, remedy=run.error.remedy)
                values["error"] = error.model_dump(mode="json")
            await repo.change(session, row.id, still_open=True, **values)
            return await task_row(session, row.id)


async def task_row(session: AsyncSession, task_id: UUID, *, lock: bool = False) -> TaskRow:
    """The row of a task. Raises TaskNotFound."""
    row = await repo.get(session, task_id, lock=lock)
    if row is None:
        raise TaskNotFound(f"There is no task {task_id}.", remedy="See: scrivano task list")
    return row
