"""The SQL by which a project's tasks are forgotten."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.tasks.models import DatasetRow, EvaluationRow, ScheduleRow, TaskRow


async def forget_project(session: AsyncSession, project_id: UUID) -> None:
    """Drop a project's schedules, evaluations, datasets and tasks."""
    for table in (ScheduleRow, EvaluationRow, DatasetRow, TaskRow):
        await session.execute(delete(table).where(table.project_id == project_id))
