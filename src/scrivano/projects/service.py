"""Use-cases of `projects`."""

from collections.abc import AsyncIterator
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.accounts.public import Audit, Caller, People, PersonNotFound
from scrivano.core.clock import now
from scrivano.core.database import Database
from scrivano.core.errors import Conflict
from scrivano.core.ids import new_id
from scrivano.projects import repo
from scrivano.projects.dto import (
    DEFAULT_PROJECT,
    LastOwner,
    MemberView,
    NewProject,
    NotInProject,
    ProjectChange,
    ProjectNotFound,
    ProjectView,
    Role,
    at_least,
)
from scrivano.projects.models import Project


class Projects:
    """Projects and who belongs to them. Whoever calls has asked `require` before: here nothing is refused to
    anybody, except what would leave a project without an owner."""

    name = "projects"
    """The folder of this room in the export of a person's data."""

    def __init__(self, database: Database, people: People, audit: Audit) -> None:
        self._database = database
        self._people = people
        self._audit = audit

    async def create(self, new: NewProject, *, owner: UUID | None) -> ProjectView:
        """A new project. `owner` is its first member; None where nobody signs in."""
        moment = now()
        row = Project(
            id=new_id(),
            name=new.name,
            description=new.description,
            created_by=owner,
            created_at=moment,
            changed_at=moment,
        )
        async with self._database.begin() as session:
            await repo.add(session, row)
            if owner is not None:
                await repo.put_member(session, row.id, owner, "owner", moment)
        return _view(row, "owner")

    async def list(
        self, caller: Caller, *, deleted: bool = False, limit: int = 500, offset: int = 0
    ) -> list[ProjectView]:
        """The projects of the caller, last changed first; with `deleted` those in the bin that they own."""
        async with self._database.read() as session:
            if caller.everything:
                rows = await repo.all_projects(session, deleted=deleted, limit=limit, offset=offset)
                return [_view(row, "owner") for row in rows]
            if caller.person_id is None:
                row = await repo.get(session, caller.project_id) if caller.project_id else None
                role = caller.program_role
                shown = row is not None and row.deleted_at is None and not deleted and offset == 0
                return [_view(row, role)] if row is not None and role is not None and shown else []
            found = await repo.of_person(
                session, caller.person_id, deleted=deleted, limit=limit, offset=offset
            )
        views = [_view(row, _role(role)) for row, role in found]
        return [v for v in views if caller.project_id in (None, v.id)]

    async def get(self, id: UUID, caller: Caller) -> ProjectView:
        """One project, also from the bin. Raises ProjectNotFound."""
        async with self._database.read() as session:
            row = await repo.get(session, id)
        role = await self.role(id, caller, deleted=row is not None and row.deleted_at is not None)
        if row is None or role is None:
            raise _not_found(id)
        return _view(row, role)

    async def role(self, id: UUID, caller: Caller, *, deleted: bool = False) -> Role | None:
        """What the caller may do in a project that is not (with `deleted`: that is) in the bin; None: nothing."""
        if caller.project_id not in (None, id):
            return None
        async with self._database.read() as session:
            if caller.everything or caller.person_id is None:
                row = await repo.get(session, id)
                if row is None or (row.deleted_at is not None) is not deleted:
                    return None
                return "owner" if caller.everything else caller.program_role
            role = await repo.role_of(session, id, caller.person_id, deleted=deleted)
        # What is in the bin is there for its owners alone.
        return None if role is None or (deleted and role != "owner") else _role(role)

    async def require(self, id: UUID, caller: Caller, wanted: Role, *, deleted: bool = False) -> None:
        """Raises ProjectNotFound where the caller is no member, NotInProject where they may do less."""
        role = await self.role(id, caller, deleted=deleted)
        if role is None:
            raise _not_found(id)
        if not at_least(role, wanted):
            raise NotInProject(
                f"As {role} of this project you may not do that.",
                field="project_id",
                remedy=f"Ask an owner of the project to make you {wanted}.",
            )

    async def change(self, id: UUID, change: ProjectChange) -> None:
        """Change name and description. Raises ProjectNotFound."""
        values = change.model_dump(exclude_none=True)
        async with self._database.begin() as session:
            await _locked(session, id)
            await repo.change(session, id, {**values, "changed_at": now()})

    async def delete(self, id: UUID, caller: Caller) -> None:
        """Put a project into the bin; `restore` takes it out again. Raises ProjectNotFound, and Conflict for the
        default project."""
        if id == DEFAULT_PROJECT:
            raise Conflict(
                "The first project cannot be deleted: it takes what names no project.", field="project_id"
            )
        async with self._database.begin() as session:
            row = await _locked(session, id)
            if row.deleted_at is None:
                await repo.change(session, id, {"deleted_at": now()})
                await self._audit.note(session, "project_deleted", caller, subject=row.name, project_id=id)

    async def restore(self, id: UUID, caller: Caller) -> None:
        """Take a project out of the bin. Raises ProjectNotFound, Conflict where it is being removed for good."""
        async with self._database.begin() as session:
            row = await _locked(session, id)
            if row.doomed:
                raise Conflict("This project is being removed for good.", field="project_id")
            if row.deleted_at is not None:
                await repo.change(session, id, {"deleted_at": None})
                await self._audit.note(session, "project_restored", caller, subject=row.name, project_id=id)

    async def members(self, id: UUID) -> "list[MemberView]":
        """The members, first come first."""
        async with self._database.read() as session:
            rows = await repo.members(session, id)
        people = await self._people.named([row.person_id for row in rows])
        return [
            MemberView(
                person_id=row.person_id,
                name=people[row.person_id].name,
                email=people[row.person_id].email,
                role=_role(row.role),
                added_at=row.added_at,
            )
            for row in rows
            if row.person_id in people
        ]

    async def set_member(
        self, id: UUID, person_id: UUID, role: Role, caller: Caller, *, there: bool = False
    ) -> None:
        """Make a person a member, or give them another role; with `there` they have to be one already.

        Raises ProjectNotFound, PersonNotFound, LastOwner.
        """
        person = await self._people.get(person_id)
        async with self._database.begin() as session:
            await _locked(session, id)
            rows = {row.person_id: row for row in await repo.members(session, id)}
            was = rows[person_id].role if person_id in rows else None
            if there and was is None:
                raise _no_member()
            if was == "owner" and role != "owner":
                _keep_an_owner([row.role for row in rows.values()])
            await repo.put_member(session, id, person_id, role, now())
            if was != role:
                await self._audit.note(
                    session, "member_set", caller, subject=person.email, project_id=id, role=role, was=was
                )

    async def drop_member(self, id: UUID, person_id: UUID, caller: Caller) -> None:
        """Take a person out. Raises ProjectNotFound, PersonNotFound where they are no member, LastOwner."""
        async with self._database.begin() as session:
            await _locked(session, id)
            rows = {row.person_id: row for row in await repo.members(session, id)}
            if person_id not in rows:
                raise _no_member()
            if rows[person_id].role == "owner":
                _keep_an_owner([row.role for row in rows.values()])
            await repo.drop_member(session, id, person_id)
            await self._audit.note(session, "member_removed", caller, subject=str(person_id), project_id=id)

    async def welcome(self, person_id: UUID, grants: dict[str, str], *, administrator: bool) -> None:
        """Give somebody new what their invitation promised, and the first administrator what was made while nobody
        signed in. Whoever gets neither gets a project of their own."""
        wanted = {UUID(id): _role(role) for id, role in grants.items()}
        given = False
        async with self._database.begin() as session:
            if administrator and not await repo.members(session, DEFAULT_PROJECT):
                wanted[DEFAULT_PROJECT] = "owner"
            for id, role in wanted.items():
                row = await repo.get(session, id)
                if row is not None and row.deleted_at is None:
                    await repo.put_member(session, id, person_id, role, now())
                    given = True
        if not given:
            await self.create(NewProject(name="My work"), owner=person_id)

    async def export(self, person_id: UUID) -> AsyncIterator[tuple[str, bytes]]:
        """The projects of a person with their role, as one JSON file."""
        async with self._database.read() as session:
            found = [
                *await repo.of_person(session, person_id, deleted=False, limit=10_000, offset=0),
                *await repo.of_person(session, person_id, deleted=True, limit=10_000, offset=0),
            ]
        views = [_view(row, _role(role)).model_dump(mode="json") for row, role in found]
        yield "projects.json", orjson.dumps(views, option=orjson.OPT_INDENT_2)

    async def erase(self, person_id: UUID) -> None:
        """Take a person out of all projects; those that were theirs alone go into the bin.

        Raises LastOwner where a project has other members and no other owner: it must be handed over first.
        """
        async with self._database.begin() as session:
            alone = await repo.owned_alone(session, person_id)
            if any(others for _, others in alone):
                raise LastOwner(
                    "This person is the only owner of a project that others work in.",
                    field="person_id",
                    remedy="Make another member its owner first.",
                )
            for id, _ in alone:
                if id != DEFAULT_PROJECT:
                    await repo.change(session, id, {"deleted_at": now()})
            await repo.drop_person(session, person_id)


async def _locked(session: AsyncSession, id: UUID) -> Project:
    row = await repo.lock(session, id)
    if row is None:
        raise _not_found(id)
    return row


def _keep_an_owner(roles: list[str]) -> None:
    if roles.count("owner") < 2:
        raise LastOwner(remedy="Make somebody else owner first.")


def _no_member() -> PersonNotFound:
    return PersonNotFound("This person is no member of the project.", field="person_id")


def _not_found(id: UUID) -> ProjectNotFound:
    return ProjectNotFound(f"There is no project {id}.", field="project_id")


def _role(text: str) -> Role:
    return "owner" if text == "owner" else "editor" if text == "editor" else "viewer"


def _view(row: Project, role: Role) -> ProjectView:
    return ProjectView(
        id=row.id,
        name=row.name,
        description=row.description,
        role=role,
        created_at=row.created_at,
        changed_at=row.changed_at,
        deleted_at=row.deleted_at,
    )
