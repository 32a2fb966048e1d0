"""Where tasks read and write that is below them: documents (chapters among them) and references."""

import re
from collections.abc import Awaitable, Callable
from uuid import UUID

from scrivano.core.errors import InvalidInput, NotFound
from scrivano.documents.public import Author, Documents
from scrivano.references.public import Library
from scrivano.tasks.ports import SinkReceipt, SinkRef, SourceRef, SourceValue, TaskResult

_SPAN = re.compile(r"(\d{1,9}):(\d{1,9})-(\d{1,9})")
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
        document = await self._documents.get(await self.id_of(project_id, ref.id))
        newest = await self._documents.latest(document.id)
        return SourceValue(text=newest.text, title=document.title)

    async def check(self, project_id: UUID, ref: SinkRef) -> None:
        """See `TaskSink.check`."""
        await self._documents.get(await self.id_of(project_id, ref.id))

    async def write(self, project_id: UUID, ref: SinkRef, result: TaskResult) -> SinkReceipt:
        """See `TaskSink.write`."""
        document = await self._documents.get(await self.id_of(project_id, ref.id))
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

    async def id_of(self, project_id: UUID, id: str) -> UUID:
        """The document's id. Raises NotFound for one that is not of this project."""
        try:
            wanted = UUID(id)
        except ValueError as error:
            raise NotFound(f"There is no document {id!r}.", field="id") from error
        if await self._project_of(str(wanted)) != project_id:
            raise NotFound(f"There is no document {id!r} in this project.", field="id")
        return wanted


class PassagePlace:
    """A passage of a document. `field` says which: `VERSION:START-END` in characters of that version, from 0.

    A result becomes a proposal that changes this passage alone; with START equal to END it stands there as paragraphs
    of its own. Nothing is written over, whoever wrote the newest version.
    """

    def __init__(self, documents: Documents, whole: DocumentPlace) -> None:
        """`whole` knows which documents belong to which project."""
        self._documents = documents
        self._whole = whole

    async def check(self, project_id: UUID, ref: SinkRef) -> None:
        """See `TaskSink.check`. Raises InvalidInput for a passage that the version does not have."""
        await self._place(project_id, ref)

    async def write(self, project_id: UUID, ref: SinkRef, result: TaskResult) -> SinkReceipt:
        """See `TaskSink.write`."""
        document_id, number, text, span = await self._place(project_id, ref)
        added = await self._documents.proposals.add(
            document_id,
            put_in(text, *span, result.text),
            base_number=number,
            author=Author(kind="run", id=str(result.task_id)),
            request_ids=(result.request_id,) if result.request_id else (),
            note=result.title or "From a task.",
            key=f"task {result.task_id}",
        )
        return SinkReceipt(kind=ref.kind, id=ref.id, field=ref.field, place=str(added.id), note="a proposal")

    async def _place(self, project_id: UUID, ref: SinkRef) -> tuple[UUID, int, str, tuple[int, int]]:
        document_id = await self._whole.id_of(project_id, ref.id)
        found = _SPAN.fullmatch(ref.field or "")
        if found is None:
            raise InvalidInput(
                f"{ref.field!r} names no passage.",
                field="field",
                remedy="Send VERSION:START-END, such as 3:120-480.",
            )
        number, start, end = (int(part) for part in found.groups())
        text = (await self._documents.version(document_id, number)).text
        if not start <= end <= len(text):
            raise InvalidInput(
                f"Version {number} has {len(text):,} characters; {start:,} to {end:,} is no passage of it.",
                field="field",
            )
        return document_id, number, text, (start, end)


def put_in(text: str, start: int, end: int, new: str) -> str:
    """`text` with `new` in place of what stands from `start` to `end`; the space around that stays.

    Where the two are the same, `new` becomes paragraphs of its own.
    """
    new = new.strip()
    if start == end:
        parts = (text[:start].rstrip(), new, text[end:].strip("\n"))
        return "\n\n".join(part for part in parts if part)
    old = text[start:end]
    before = old[: len(old) - len(old.lstrip())]
    after = old[len(old.rstrip()) :] if old.strip() else ""
    return f"{text[:start]}{before}{new}{after}{text[end:]}"


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
