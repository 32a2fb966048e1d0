"""All SQL of `projects`. Functions take the session of the caller's transaction and return rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.projects.models import Member, Project


async def add(session: AsyncSession, project: Project) -> None:
    """Store a project."""
    session.add(project)
    await session.flush()


async def get(session: AsyncSession, id: UUID) -> Project | None:
    """A project, also one in the bin."""
    return await session.get(Project, id)


async def lock(session: AsyncSession, id: UUID) -> Project | None:
    """The same, held until the transaction ends, so that members change one after the other."""
    return await session.scalar(select(Project).where(Project.id == id).with_for_update())


async def change(session: AsyncSession, id: UUID, values: dict[str, Any]) -> None:
    """Set columns."""
    await session.execute(update(Project).where(Project.id == id).values(**values))


async def binned(session: AsyncSession, before: datetime) -> Sequence[UUID]:
    """The projects that came into the bin before a moment, and those whose removal was begun."""
    query = select(Project.id).where(or_(Project.deleted_at < before, Project.doomed))
    return (await session.scalars(query.order_by(Project.deleted_at))).all()


async def drop(session: AsyncSession, id: UUID) -> bool:
    """Remove a project with its members. False where it was gone already."""
    found = await session.scalar(delete(Project).where(Project.id == id).returning(Project.id))
    return found is not None


async def all_projects(session: AsyncSession, *, deleted: bool, limit: int, offset: int) -> Sequence[Project]:
    """Every project, in or outside the bin, last changed first."""
    query = select(Project).where(_in_bin(deleted)).order_by(Project.changed_at.desc(), Project.id)
    return (await session.scalars(query.limit(limit).offset(offset))).all()


async def of_person(
    session: AsyncSession, person_id: UUID, *, deleted: bool, limit: int, offset: int
) -> Sequence[tuple[Project, str]]:
    """The projects of a member with their role, last changed first. Those in the bin: only where they are owner."""
    query = (
        select(Project, Member.role)
        .join(Member, Member.project_id == Project.id)
        .where(Member.person_id == person_id, _in_bin(deleted))
        .order_by(Project.changed_at.desc(), Project.id)
    )
    if deleted:
        query = query.where(Member.role == "owner")
    rows = await session.execute(query.limit(limit).offset(offset))
    return [(row[0], row[1]) for row in rows.all()]


async def role_of(session: AsyncSession, project_id: UUID, person_id: UUID, *, deleted: bool) -> str | None:
    """The role of a person in a project that is in or outside the bin."""
    return await session.scalar(_ROLE_OF[deleted], {"project": project_id, "person": person_id})


async def members(session: AsyncSession, project_id: UUID) -> Sequence[Member]:
    """The members, first come first."""
    query = select(Member).where(Member.project_id == project_id).order_by(Member.added_at, Member.person_id)
    return (await session.scalars(query)).all()


async def put_member(
    session: AsyncSession, project_id: UUID, person_id: UUID, role: str, moment: datetime
) -> None:
    """Make a person a member, or give them another role."""
    statement = insert(Member).values(project_id=project_id, person_id=person_id, role=role, added_at=moment)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["project_id", "person_id"], set_={"role": role})
    )


async def drop_member(session: AsyncSession, project_id: UUID, person_id: UUID) -> None:
    """Take a person out."""
    await session.execute(
        delete(Member).where(Member.project_id == project_id, Member.person_id == person_id)
    )


async def drop_person(session: AsyncSession, person_id: UUID) -> None:
    """Take a person out of every project."""
    await session.execute(delete(Member).where(Member.person_id == person_id))


async def owned_alone(session: AsyncSession, person_id: UUID) -> Sequence[tuple[UUID, int]]:
    """Projects whose only owner is this person, and how many other members each has."""
    others = (
        select(func.count())
        .select_from(Member)
        .where(Member.project_id == Project.id, Member.person_id != person_id)
        .scalar_subquery()
    )
    owner = select(Member.project_id).where(Member.person_id == person_id, Member.role == "owner")
    other_owner = select(Member.project_id).where(Member.person_id != person_id, Member.role == "owner")
    rows = await session.execute(
        select(Project.id, others).where(Project.id.in_(owner), Project.id.not_in(other_owner))
    )
    return [(row[0], row[1]) for row in rows.all()]


def _in_bin(deleted: bool) -> Any:
    return Project.deleted_at.is_not(None) if deleted else Project.deleted_at.is_(None)


_ROLE_OF = {
    deleted: select(Member.role)
    .join(Project, Project.id == Member.project_id)
    .where(
        Member.project_id == bindparam("project"), Member.person_id == bindparam("person"), _in_bin(deleted)
    )
    for deleted in (False, True)
}
"""Asked with nearly every request, so made once."""
