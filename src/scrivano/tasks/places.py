"""Where tasks read and write that is below them: documents (chapters among them) and references."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from scrivano.core.errors import NotFound
from scrivano.documents.public import Author, Documents
from scrivano.references.public import Library
from scrivano.tasks.ports import SinkReceipt, SinkRef, SourceRef, SourceValue, TaskResult

ProjectOf = Callable[[str], Awaitable[UUID | None]]


class DocumentPlace:
    """The text of a document, a book's chapter for one. A result is a new version, or a proposal where the newest is a
    person's."""

    def __init__(self, documents: Documents, project_of: ProjectOf) -> None:
        """`project_of` tells the project of a document by its id."""
        self._documents = documents
        self._project_of = project_of

    async def read(self, project_id: UUID, ref: SourceRef) -> SourceValue:
        """The newest text."""
        document = await self._documents.get(await self._id(project_id, ref.id))
        newest = await self._documents.latest(document.id)
        return SourceValue(text=newest.text, title=document.title)

    async def check(self, project_id: UUID, ref: SinkRef) -> None:
        """See `TaskSink.check`."""
        await self._documents.get(await self._id(project_id, ref.id))

    async def write(self, project_id: UUID, ref: SinkRef, result: TaskResult) -> SinkReceipt:
        """See `TaskSink.write`."""
        document = await self._documents.get(await self._id(project_id, ref.id))
        saved = await self._documents.put(
            document.id,
            kind=document.kind,
            title=document.title,
            text=result.text,
            author=Author(kind="run", id=str(result.task_id)),
            owner=document.owner,
            request_ids=(result.request_id,) if result.request_id else (),
            note=result.title or "From a task.",
        )
        proposal = saved.proposal_id
        return SinkReceipt(
            kind=ref.kind,
            id=ref.id,
            place=str(proposal or saved.id),
            note="a proposal" if proposal else f"version {saved.number}",
        )

    async def _id(self, project_id: UUID, id: str) -> UUID:
        try:
            wanted = UUID(id)
        except ValueError as error:
            raise NotFound(f"There is no document {id!r}.", field="id") from error
        if await self._project_of(str(wanted)) != project_id:
            raise NotFound(f"There is no document {id!r} in this project.", field="id")
        return wanted


class ReferencePlace:
    """What was read out of a reference file, as Markdown."""

    def __init__(self, library: Library) -> None:
        self._library = library

    async def read(self, project_id: UUID, ref: SourceRef) -> SourceValue:
        """The text."""
        try:
            wanted = UUID(ref.id)
        except ValueError as error:
            raise NotFound(f"There is no reference {ref.id!r}.", field="id") from error
        if await self._library.project_of(wanted) != project_id:
            raise NotFound(f"There is no reference {ref.id!r} in this project.", field="id")
        found = await self._library.get(wanted)
        return SourceValue(text=await self._library.text(wanted), title=found.name)
