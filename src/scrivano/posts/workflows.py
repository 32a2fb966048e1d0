"""Use-cases of workflows: copies that a person edits, in versions that never change."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import yaml
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.ids import new_id
from scrivano.posts import repo
from scrivano.posts.dto import (
    NewWorkflow,
    WorkflowChange,
    WorkflowChanged,
    WorkflowNotFound,
    WorkflowTaken,
    WorkflowView,
    WorkflowWrong,
)
from scrivano.posts.models import WorkflowRow, WorkflowVersionRow
from scrivano.posts.workflow import WorkflowContent
from scrivano.projects.public import DEFAULT_PROJECT

STARTER = Path(__file__).parent / "starter"


class Workflows:
    """The workflows of projects. A post keeps the version that it began with until somebody moves it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, workflow: NewWorkflow, *, project_id: UUID = DEFAULT_PROJECT) -> WorkflowView:
        """Keep a workflow as version 1. Raises WorkflowTaken."""
        workflow_id = new_id()
        async with self._database.begin() as session:
            if not await _add(session, workflow_id, project_id, workflow):
                raise WorkflowTaken(
                    f"There is a workflow {workflow.name!r} already.",
                    field="name",
                    remedy="Take another name.",
                )
        return await self.get(workflow_id)

    async def change(self, workflow_id: UUID, change: WorkflowChange) -> WorkflowView:
        """Save a new version. Raises WorkflowNotFound, WorkflowChanged if `expected` is not the newest."""
        async with self._database.begin() as session:
            row = await repo.get_workflow(session, workflow_id, lock=True)
            if row is None:
                raise _unknown(workflow_id)
            if row.latest_number != change.expected:
                raise WorkflowChanged(
                    f"The workflow is at version {row.latest_number} by now.",
                    field="expected",
                    remedy="Look at it, then save again.",
                )
            row.latest_number += 1
            row.archived = False
            await repo.add_workflow_version(
                session, _version(workflow_id, row.latest_number, change.content, change.note)
            )
        return await self.get(workflow_id)

    async def copy(self, workflow_id: UUID, name: str, *, number: int | None = None) -> WorkflowView:
        """A copy under another name in the same project. Raises WorkflowNotFound, WorkflowTaken."""
        view = await self.get(workflow_id, number)
        wanted = NewWorkflow(name=name, content=view.content, note=f"Copied from {view.name} {view.number}.")
        return await self.create(wanted, project_id=view.project_id)

    async def archive(self, workflow_id: UUID, *, archived: bool = True) -> WorkflowView:
        """Take it out of lists, or bring it back; posts that follow it go on. Raises WorkflowNotFound."""
        async with self._database.begin() as session:
            row = await repo.get_workflow(session, workflow_id, lock=True)
            if row is None:
                raise _unknown(workflow_id)
            row.archived = archived
        return await self.get(workflow_id)

    async def get(self, workflow_id: UUID, number: int | None = None) -> WorkflowView:
        """One version, without a number the newest. Raises WorkflowNotFound."""
        async with self._database.read() as session:
            row = await repo.get_workflow(session, workflow_id)
            if row is None:
                raise _unknown(workflow_id)
            version = await repo.get_version(session, workflow_id, number or row.latest_number)
        if version is None:
            raise WorkflowNotFound(f"The workflow {row.name} has no version {number}.", field="number")
        return _view(row, version)

    async def named(self, name: str, project_id: UUID) -> WorkflowView:
        """A project's workflow by name; the starter one is copied into a project that has none of its name.

        Raises WorkflowNotFound.
        """
        async with self._database.read() as session:
            row = await repo.named_workflow(session, project_id, name)
        if row is not None:
            return await self.get(row.id)
        starter = {workflow.name: workflow for workflow in read_starter()}
        if name not in starter:
            raise WorkflowNotFound(
                f"There is no workflow {name!r} in this project.",
                field="workflow",
                remedy="See: /api/workflows",
            )
        async with self._database.begin() as session:
            await _add(session, new_id(), project_id, starter[name])
            row = await repo.named_workflow(session, project_id, name)
        assert row is not None
        return await self.get(row.id)

    async def list(
        self,
        project_id: UUID = DEFAULT_PROJECT,
        *,
        archived: bool = False,
        limit: int = 100,
        offset: int = 0,
    ) -> "list[WorkflowView]":
        """A project's workflows in their newest versions, by name; the starter one is there from the beginning."""
        for workflow in read_starter():
            await self.named(workflow.name, project_id)
        async with self._database.read() as session:
            rows = await repo.list_workflows(
                session, project_id, archived=archived, limit=limit, offset=offset
            )
        return [await self.get(row.id) for row in rows]

    async def versions(self, workflow_id: UUID) -> "Sequence[WorkflowView]":
        """All versions, the newest first. Raises WorkflowNotFound."""
        async with self._database.read() as session:
            row = await repo.get_workflow(session, workflow_id)
            if row is None:
                raise _unknown(workflow_id)
            found = await repo.list_versions(session, workflow_id)
        return [_view(row, version) for version in found]

    async def project_of(self, workflow_id: UUID) -> UUID | None:
        """The project that a workflow belongs to; None if there is no such workflow."""
        async with self._database.read() as session:
            row = await repo.get_workflow(session, workflow_id)
        return row.project_id if row else None


def read_starter(folder: Path = STARTER) -> list[NewWorkflow]:
    """The workflows that come with Scrivano. Raises WorkflowWrong naming the file."""
    return [
        read_workflow(path.read_text(encoding="utf-8"), path.stem) for path in sorted(folder.glob("*.yaml"))
    ]


def read_workflow(text: str, name: str) -> NewWorkflow:
    """A workflow out of YAML. Raises WorkflowWrong."""
    try:
        content = WorkflowContent.model_validate(yaml.safe_load(text))
        return NewWorkflow(name=name, content=content, note="As it comes.")
    except (yaml.YAMLError, ValidationError) as error:
        raise WorkflowWrong(f"The workflow {name} is not valid: {error}", field=name) from error


async def _add(session: AsyncSession, workflow_id: UUID, project_id: UUID, workflow: NewWorkflow) -> bool:
    values = {
        "id": workflow_id,
        "project_id": project_id,
        "name": workflow.name,
        "latest_number": 1,
        "created_at": clock.now(),
    }
    if not await repo.add_workflow(session, values):
        return False
    await repo.add_workflow_version(session, _version(workflow_id, 1, workflow.content, workflow.note))
    return True


def _version(workflow_id: UUID, number: int, content: WorkflowContent, note: str) -> dict[str, object]:
    return {
        "workflow_id": workflow_id,
        "number": number,
        "content": content.model_dump(mode="json"),
        "note": note,
        "created_at": clock.now(),
    }


def _unknown(workflow_id: UUID) -> WorkflowNotFound:
    return WorkflowNotFound(f"There is no workflow {workflow_id}.")


def _view(row: WorkflowRow, version: WorkflowVersionRow) -> WorkflowView:
    return WorkflowView(
        id=row.id,
        project_id=row.project_id,
        name=row.name,
        number=version.number,
        latest=row.latest_number,
        note=version.note,
        created_at=version.created_at,
        archived=row.archived,
        content=WorkflowContent.model_validate(version.content),
    )
