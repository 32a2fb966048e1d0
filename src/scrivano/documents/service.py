"""Use-cases of `documents`."""

import difflib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core.database import Database
from scrivano.core.errors import InvalidInput
from scrivano.core.ids import new_id
from scrivano.documents import repo
from scrivano.documents.dto import (
    Author,
    Diff,
    DiffLine,
    DocumentChanged,
    DocumentNotFound,
    DocumentView,
    Owner,
    VersionInfo,
    VersionView,
)
from scrivano.documents.models import Document, DocumentVersion

_PERSON = Author()


class Documents:
    """Texts of every feature. Saving adds a version; nothing that was saved is ever changed or lost."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self, kind: str, title: str, *, owner: Owner | None = None, document_id: UUID | None = None
    ) -> DocumentView:
        """A new document without a text. With an id that exists already, the existing one as it is."""
        wanted = document_id or new_id()
        async with self._database.begin() as session:
            await repo.add_document(session, wanted, kind, owner, title)
            return _document_view(await _document(session, wanted))

    async def get(self, document_id: UUID) -> DocumentView:
        """A document. Raises DocumentNotFound."""
        async with self._database.begin() as session:
            return _document_view(await _document(session, document_id))

    async def of(self, owner: Owner) -> list[DocumentView]:
        """What belongs to an owner, oldest first."""
        async with self._database.begin() as session:
            return [_document_view(row) for row in await repo.documents_of(session, owner)]

    async def add_version(
        self,
        document_id: UUID,
        text: str,
        *,
        expected_number: int,
        author: Author = _PERSON,
        request_ids: Sequence[UUID] = (),
        note: str = "",
        sources: Sequence[dict[str, Any]] = (),
        key: str | None = None,
    ) -> VersionView:
        """Save a new text on top of version `expected_number` (0 for the first).

        Raises DocumentChanged if there is a newer one by now. With a `key`, saving again under it gives the
        version that was saved the first time: a step that is repeated leaves one version.
        """
        _check_text(text)
        async with self._database.begin() as session:
            document = await _document(session, document_id, lock=True)
            done = await repo.version_with_key(session, document_id, key) if key is not None else None
            if done is not None:
                return _version_view(done)
            if document.latest_number != expected_number:
                raise DocumentChanged(
                    f"“{document.title}” is at version {document.latest_number} by now; "
                    f"this text was made from version {expected_number}.",
                    remedy="Compare the two, then save again.",
                )
            row = await repo.add_version(
                session,
                document,
                text=text,
                author=author,
                request_ids=request_ids,
                note=note,
                sources=sources,
                key=key,
            )
            return _version_view(row)

    async def put(
        self,
        document_id: UUID,
        *,
        kind: str,
        title: str,
        text: str,
        author: Author,
        owner: Owner | None = None,
        request_ids: Sequence[UUID] = (),
        note: str = "",
        sources: Sequence[dict[str, Any]] = (),
    ) -> VersionView:
        """Save a text whatever is there: the document is made if need be, and goes by `title` from now on.

        The text that is the newest already makes no second version. A person's text under it stays as a
        version of its own.
        """
        _check_text(text)
        async with self._database.begin() as session:
            await repo.add_document(session, document_id, kind, owner, title)
            document = await _document(session, document_id, lock=True)
            document.title = title
            newest = await repo.latest_version(session, document_id)
            if newest is not None and newest.text == text:
                return _version_view(newest)
            row = await repo.add_version(
                session,
                document,
                text=text,
                author=author,
                request_ids=request_ids,
                note=note,
                sources=sources,
                key=None,
            )
            return _version_view(row)

    async def latest(self, document_id: UUID) -> VersionView:
        """The newest version. Raises DocumentNotFound if there is none."""
        async with self._database.begin() as session:
            row = await repo.latest_version(session, document_id)
        if row is None:
            raise DocumentNotFound(f"There is no document {document_id} with a text.")
        return _version_view(row)

    async def version(self, document_id: UUID, number: int) -> VersionView:
        """A version by number. Raises DocumentNotFound."""
        async with self._database.begin() as session:
            return _version_view(await _version(session, document_id, number))

    async def versions(self, document_id: UUID) -> list[VersionInfo]:
        """Every version without its text, newest first. Raises DocumentNotFound."""
        async with self._database.begin() as session:
            await _document(session, document_id)
            return [_version_info(row) for row in await repo.list_versions(session, document_id)]

    async def restore(
        self, document_id: UUID, number: int, *, expected_number: int, author: Author = _PERSON
    ) -> VersionView:
        """Save the text of an older version as a new one, with its sources. Raises as `add_version` does."""
        old = await self.version(document_id, number)
        return await self.add_version(
            document_id,
            old.text,
            expected_number=expected_number,
            author=author,
            request_ids=old.request_ids,
            note=f"Restored from version {number}.",
            sources=old.sources,
        )

    async def diff(self, document_id: UUID, old: int, new: int) -> Diff:
        """What changed between two versions. Raises DocumentNotFound."""
        async with self._database.begin() as session:
            before = (await _version(session, document_id, old)).text.splitlines()
            after = (await _version(session, document_id, new)).text.splitlines()
        unified = difflib.unified_diff(before, after, f"version {old}", f"version {new}", lineterm="")
        return Diff(old=old, new=new, lines=tuple(_lines(before, after)), unified="\n".join(unified))


async def _document(session: AsyncSession, document_id: UUID, *, lock: bool = False) -> Document:
    row = await repo.get_document(session, document_id, lock=lock)
    if row is None:
        raise DocumentNotFound(f"There is no document {document_id}.")
    return row


async def _version(session: AsyncSession, document_id: UUID, number: int) -> DocumentVersion:
    row = await repo.get_version(session, document_id, number)
    if row is None:
        raise DocumentNotFound(f"Document {document_id} has no version {number}.")
    return row


def _check_text(text: str) -> None:
    if "\0" in text:
        raise InvalidInput(
            "The text holds a NUL character.", field="text", remedy="Remove it: it is not text."
        )


def _lines(before: list[str], after: list[str]) -> list[DiffLine]:
    lines: list[DiffLine] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            lines += [DiffLine(kind="same", text=line) for line in before[i1:i2]]
            continue
        lines += [DiffLine(kind="removed", text=line) for line in before[i1:i2]]
        lines += [DiffLine(kind="added", text=line) for line in after[j1:j2]]
    return lines


def _document_view(row: Document) -> DocumentView:
    owned = row.owner_feature is not None and row.owner_id is not None
    return DocumentView(
        id=row.id,
        kind=row.kind,
        owner=Owner(feature=row.owner_feature or "", id=row.owner_id or "") if owned else None,
        title=row.title,
        number=row.latest_number,
        created_at=row.created_at,
    )


def _version_info(row: DocumentVersion) -> VersionInfo:
    return VersionInfo.model_validate(_facts(row))


def _version_view(row: DocumentVersion) -> VersionView:
    content = {"text": row.text, "request_ids": row.request_ids, "sources": row.sources}
    return VersionView.model_validate({**_facts(row), **content})


def _facts(row: DocumentVersion) -> dict[str, Any]:
    return {
        "id": row.id,
        "document_id": row.document_id,
        "number": row.number,
        "author": {"kind": row.author_kind, "id": row.author_id},
        "note": row.note,
        "created_at": row.created_at,
    }
