"""The SQL by which a project's posts are forgotten."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.posts.models import PostRow, WorkflowRow


async def documents_of(session: AsyncSession, project_id: UUID) -> Sequence[tuple[UUID, UUID]]:
    """Every post of a project with its document."""
    rows = await session.execute(
        select(PostRow.id, PostRow.document_id).where(PostRow.project_id == project_id)
    )
    return [(row[0], row[1]) for row in rows.all()]


async def forget_project(session: AsyncSession, project_id: UUID) -> None:
    """Drop a project's posts with all that hangs on them, and its workflows."""
    await session.execute(delete(PostRow).where(PostRow.project_id == project_id))
    await session.execute(delete(WorkflowRow).where(WorkflowRow.project_id == project_id))
