"""All SQL of posts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.posts.models import (
    ChangeRow,
    PostImageRow,
    PostRow,
    PostRunRow,
    ProposalRow,
    SourceRow,
    WorkflowRow,
    WorkflowVersionRow,
)

# --- workflows ------------------------------------------------------------------------------------


async def add_workflow(session: AsyncSession, values: dict[str, Any]) -> bool:
    """Store a workflow; False if the project has one of this name."""
    statement = insert(WorkflowRow).values(**values).on_conflict_do_nothing().returning(WorkflowRow.id)
    return await session.scalar(statement) is not None


async def add_workflow_version(session: AsyncSession, values: dict[str, Any]) -> None:
    """Store a version."""
    await session.execute(insert(WorkflowVersionRow).values(**values))


async def get_workflow(session: AsyncSession, workflow_id: UUID, *, lock: bool = False) -> WorkflowRow | None:
    """A workflow by id."""
    return await session.get(WorkflowRow, workflow_id, with_for_update=lock or None)


async def named_workflow(session: AsyncSession, project_id: UUID, name: str) -> WorkflowRow | None:
    """A project's workflow of this name."""
    statement = select(WorkflowRow).where(WorkflowRow.project_id == project_id, WorkflowRow.name == name)
    return await session.scalar(statement)


async def list_workflows(
    session: AsyncSession, project_id: UUID, *, archived: bool, limit: int, offset: int
) -> Sequence[WorkflowRow]:
    """A project's, by name."""
    statement = select(WorkflowRow).where(WorkflowRow.project_id == project_id)
    if not archived:
        statement = statement.where(WorkflowRow.archived.is_(False))
    return (await session.scalars(statement.order_by(WorkflowRow.name).limit(limit).offset(offset))).all()


async def get_version(session: AsyncSession, workflow_id: UUID, number: int) -> WorkflowVersionRow | None:
    """A version by number."""
    return await session.get(WorkflowVersionRow, (workflow_id, number))


async def list_versions(session: AsyncSession, workflow_id: UUID) -> Sequence[WorkflowVersionRow]:
    """All versions, the newest first."""
    statement = select(WorkflowVersionRow).where(WorkflowVersionRow.workflow_id == workflow_id)
    return (await session.scalars(statement.order_by(WorkflowVersionRow.number.desc()))).all()


# --- posts ----------------------------------------------------------------------------------------


async def add_post(session: AsyncSession, row: PostRow) -> None:
    """Store a post."""
    session.add(row)
    await session.flush()


async def get_post(session: AsyncSession, post_id: UUID, *, lock: bool = False) -> PostRow | None:
    """A post by id; with `lock` nobody else changes it until the transaction ends."""
    return await session.get(PostRow, post_id, with_for_update=lock or None, populate_existing=lock)


async def find_posts(session: AsyncSession, reference: str) -> Sequence[PostRow]:
    """Posts whose id begins or ends so; at most two, enough to see that it is ambiguous."""
    text_id = PostRow.id.cast(PostRow.title.type)
    matches = text_id.startswith(reference, autoescape=True) | text_id.endswith(reference, autoescape=True)
    return (await session.scalars(select(PostRow).where(matches).limit(2))).all()


async def list_posts(
    session: AsyncSession, project_id: UUID, *, stage: str | None, archived: bool, limit: int, offset: int
) -> Sequence[PostRow]:
    """A project's, the newest first."""
    statement = select(PostRow).where(PostRow.project_id == project_id, PostRow.archived.is_(archived))
    if stage is not None:
        statement = statement.where(PostRow.stage == stage)
    statement = statement.order_by(PostRow.created_at.desc(), PostRow.id)
    return (await session.scalars(statement.limit(limit).offset(offset))).all()


async def add_change(session: AsyncSession, row: ChangeRow) -> None:
    """Note a change."""
    session.add(row)
    await session.flush()


async def list_changes(
    session: AsyncSession, post_id: UUID, *, limit: int, offset: int
) -> Sequence[ChangeRow]:
    """Changes, the newest first."""
    statement = select(ChangeRow).where(ChangeRow.post_id == post_id).order_by(ChangeRow.revision.desc())
    return (await session.scalars(statement.limit(limit).offset(offset))).all()


async def get_change(session: AsyncSession, post_id: UUID, revision: int) -> ChangeRow | None:
    """The change that made a revision."""
    return await session.get(ChangeRow, (post_id, revision))


# --- sources --------------------------------------------------------------------------------------


async def list_sources(session: AsyncSession, post_id: UUID) -> Sequence[SourceRow]:
    """By number."""
    statement = select(SourceRow).where(SourceRow.post_id == post_id).order_by(SourceRow.number)
    return (await session.scalars(statement)).all()


async def get_source(session: AsyncSession, post_id: UUID, number: int) -> SourceRow | None:
    """One source."""
    return await session.get(SourceRow, (post_id, number))


async def add_source(session: AsyncSession, post_id: UUID, values: dict[str, Any]) -> int | None:
    """Store a source under the next number; None if the post has this address already.

    The caller holds the post's lock, so that two are not given one number.
    """
    highest = await session.scalar(select(func.max(SourceRow.number)).where(SourceRow.post_id == post_id))
    statement = insert(SourceRow).values(post_id=post_id, number=(highest or 0) + 1, **values)
    statement = statement.on_conflict_do_nothing(index_elements=["post_id", "url"])
    return await session.scalar(statement.returning(SourceRow.number))


# --- proposals ------------------------------------------------------------------------------------


async def add_proposal(session: AsyncSession, values: dict[str, Any]) -> ProposalRow:
    """Store a proposal; under a key that is taken, the one that is there."""
    statement = insert(ProposalRow).values(**values)
    await session.execute(statement.on_conflict_do_nothing(index_elements=["post_id", "key"]))
    wanted = select(ProposalRow).where(
        ProposalRow.post_id == values["post_id"], ProposalRow.key == values["key"]
    )
    return (await session.scalars(wanted)).one()


async def get_proposal(
    session: AsyncSession, post_id: UUID, proposal_id: UUID, *, lock: bool = False
) -> ProposalRow | None:
    """A post's proposal."""
    statement = select(ProposalRow).where(ProposalRow.id == proposal_id, ProposalRow.post_id == post_id)
    return await session.scalar(statement.with_for_update() if lock else statement)


async def list_proposals(
    session: AsyncSession, post_id: UUID, *, status: str | None, limit: int, offset: int
) -> Sequence[ProposalRow]:
    """Proposals, the newest first."""
    statement = select(ProposalRow).where(ProposalRow.post_id == post_id)
    if status is not None:
        statement = statement.where(ProposalRow.status == status)
    statement = statement.order_by(ProposalRow.created_at.desc(), ProposalRow.id.desc())
    return (await session.scalars(statement.limit(limit).offset(offset))).all()


async def count_open(session: AsyncSession, post_id: UUID) -> int:
    """How many proposals wait for a decision."""
    statement = select(func.count()).where(ProposalRow.post_id == post_id, ProposalRow.status == "open")
    return await session.scalar(statement) or 0


async def supersede(session: AsyncSession, post_id: UUID, action: str, key: str) -> None:
    """Reject earlier open proposals of an action: a newer one takes their place."""
    await session.execute(
        update(ProposalRow)
        .where(
            ProposalRow.post_id == post_id,
            ProposalRow.action == action,
            ProposalRow.status == "open",
            ProposalRow.key != key,
        )
        .values(status="rejected", decided_at=func.now())
    )


# --- runs and pictures ----------------------------------------------------------------------------


async def add_run(session: AsyncSession, values: dict[str, Any]) -> None:
    """Note that a run works on a post."""
    await session.execute(insert(PostRunRow).values(**values).on_conflict_do_nothing())


async def list_runs(session: AsyncSession, post_id: UUID) -> Sequence[PostRunRow]:
    """Runs of a post, the oldest first."""
    statement = select(PostRunRow).where(PostRunRow.post_id == post_id).order_by(PostRunRow.created_at)
    return (await session.scalars(statement)).all()


async def put_image(session: AsyncSession, values: dict[str, Any]) -> None:
    """Store a picture."""
    await session.execute(insert(PostImageRow).values(**values).on_conflict_do_nothing())


async def get_image(session: AsyncSession, post_id: UUID, sha256: str) -> PostImageRow | None:
    """A picture with its bytes."""
    return await session.get(PostImageRow, (post_id, sha256))
