"""Use-cases of `documents`: texts and their versions."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core.database import Database
from scrivano.core.errors import NotAllowed
from scrivano.core.ids import new_id
from scrivano.documents import comparing, repo
from scrivano.documents.comments import Comments
from scrivano.documents.dto import (
    Author,
    Diff,
    DiffUnit,
    DocumentChanged,
    DocumentNotFound,
    DocumentView,
    Owner,
    VersionInfo,
    VersionView,
)
from scrivano.documents.models import Document, DocumentProposal, DocumentVersion
from scrivano.documents.proposals import Proposals
from scrivano.documents.views import check_text, document_view, version_info, version_view

_PERSON = Author()


class Documents:
    """Texts of every feature. Saving adds a version; nothing that was saved is ever changed or lost.

    A run never writes over a person: where the newest version is a person's, what a run saves becomes a proposal
    beside it (`VersionView.proposal_id`), which a person accepts, in whole or in part, or rejects.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.proposals = Proposals(database)
        self.comments = Comments(database)

    async def create(
        self, kind: str, title: str, *, owner: Owner | None = None, document_id: UUID | None = None
    ) -> DocumentView:
        """A new document without a text. With an id that exists already, the existing one as it is."""
        check_text(title, "title")
        wanted = document_id or new_id()
        async with self._database.begin() as session:
            await repo.add_document(session, wanted, kind, owner, title)
            return document_view(await _document(session, wanted))

    async def get(self, document_id: UUID) -> DocumentView:
        """A document. Raises DocumentNotFound."""
        async with self._database.read() as session:
            row = await _document(session, document_id)
            waiting = await repo.open_proposals(session, [document_id])
        return document_view(row, waiting.get(document_id, 0))

    async def owner(self, document_id: UUID) -> Owner | None:
        """What the document belongs to; None where there is no such document or it belongs to nothing."""
        async with self._database.read() as session:
            row = await repo.get_document(session, document_id)
        return document_view(row).owner if row else None

    async def of(self, owner: Owner) -> list[DocumentView]:
        """What belongs to an owner, oldest first."""
        async with self._database.read() as session:
            rows = await repo.documents_of(session, owner)
            waiting = await repo.open_proposals(session, [row.id for row in rows])
        return [document_view(row, waiting.get(row.id, 0)) for row in rows]

    async def waiting(self, feature: str, ids: Sequence[str]) -> dict[str, int]:
        """How many proposals wait for a decision, by owner; owners without one are left out."""
        async with self._database.read() as session:
            return await repo.waiting(session, feature, ids)

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
        check_text(text)
        check_text(note, "note")
        async with self._database.begin() as session:
            document = await _document(session, document_id, lock=True)
            done = await repo.version_with_key(session, document_id, key) if key is not None else None
            if done is not None:
                return version_view(done)
            if document.latest_number != expected_number:
                raise DocumentChanged(document.title, expected=expected_number, newest=document.latest_number)
            newest = await repo.latest_version(session, document_id)
            if newest is not None and _over_a_person(newest, author):
                waiting = await _propose(
                    session, document, newest.number, text, author, request_ids, note, sources, key
                )
                return version_view(newest, waiting)
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
            return version_view(row)

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
        base_number: int | None = None,
    ) -> VersionView:
        """Save a text whatever is there: the document is made if need be, and goes by `title` from now on.

        The text that is the newest already makes no second version. Where a person's text is the newest, what a
        run brings becomes a proposal and that version is given back with `proposal_id`; `base_number` names the
        version that the run's text was made from (else the newest of this very run, else the person's). A step
        that is repeated makes no second proposal, also where the first one was decided meanwhile.
        """
        check_text(text)
        check_text(title, "title")
        async with self._database.begin() as session:
            await repo.add_document(session, document_id, kind, owner, title)
            document = await _document(session, document_id, lock=True)
            newest = await repo.latest_version(session, document_id)
            if newest is not None and newest.text == text:
                document.title = title
                return version_view(newest)
            if newest is not None and _over_a_person(newest, author):
                if await repo.version_by(session, document_id, author, text) is not None:
                    return version_view(newest)  # saved before the person went on from it
                own = await repo.version_by(session, document_id, author)
                base = base_number or (own.number if own else newest.number)
                waiting = await _propose(
                    session, document, base, text, author, request_ids, note, sources, None
                )
                return version_view(newest, waiting)
            document.title = title
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
            return version_view(row)

    async def latest(self, document_id: UUID) -> VersionView:
        """The newest version. Raises DocumentNotFound if there is none."""
        async with self._database.read() as session:
            row = await repo.latest_version(session, document_id)
        if row is None:
            raise DocumentNotFound(f"There is no document {document_id} with a text.")
        return version_view(row)

    async def newest(self, document_ids: Sequence[UUID]) -> dict[UUID, tuple[DocumentView, VersionView]]:
        """Documents with their newest versions, by id, however many in two questions to the database.

        Those that are not there, or have no text yet, are left out.
        """
        async with self._database.read() as session:
            found = await repo.newest_of(session, document_ids, texts=True)
            waiting = await repo.open_proposals(session, document_ids)
        return {d.id: (document_view(d, waiting.get(d.id, 0)), version_view(v)) for d, v in found}

    async def newest_infos(
        self, document_ids: Sequence[UUID]
    ) -> dict[UUID, tuple[DocumentView, VersionInfo]]:
        """What `newest` gives, without reading the texts."""
        async with self._database.read() as session:
            found = await repo.newest_of(session, document_ids, texts=False)
            waiting = await repo.open_proposals(session, document_ids)
        return {d.id: (document_view(d, waiting.get(d.id, 0)), version_info(v)) for d, v in found}

    async def version(self, document_id: UUID, number: int) -> VersionView:
        """A version by number. Raises DocumentNotFound."""
        async with self._database.read() as session:
            return version_view(await _version(session, document_id, number))

    async def versions(
        self, document_id: UUID, *, limit: int | None = None, offset: int = 0
    ) -> list[VersionInfo]:
        """Every version without its text, newest first, or `limit` of them. Raises DocumentNotFound."""
        async with self._database.read() as session:
            await _document(session, document_id)
            rows = await repo.list_versions(session, document_id, limit, offset)
        return [version_info(row) for row in rows]

    async def requests_behind(self, document_ids: Sequence[UUID]) -> set[UUID]:
        """The requests that stand behind any version of these documents; not those of what was only proposed."""
        async with self._database.read() as session:
            return await repo.requests_behind(session, document_ids)

    async def rename(self, document_id: UUID, title: str) -> DocumentView:
        """Give a document another title. Raises DocumentNotFound."""
        check_text(title, "title")
        async with self._database.begin() as session:
            row = await _document(session, document_id, lock=True)
            row.title = title
            return document_view(row)

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

    async def diff(self, document_id: UUID, old: int, new: int, *, unit: DiffUnit = "lines") -> Diff:
        """What changed between two versions, by lines or by words. Raises DocumentNotFound."""
        async with self._database.read() as session:
            before = (await _version(session, document_id, old)).text
            after = (await _version(session, document_id, new)).text
        compare = comparing.by_lines if unit == "lines" else comparing.by_words
        lines = await asyncio.to_thread(compare, before, after)
        patch = await asyncio.to_thread(comparing.unified, before, after, f"version {old}", f"version {new}")
        return Diff(old=old, new=new, unit=unit, lines=tuple(lines), unified=patch)

    async def forget_owned(self, owner: Owner) -> None:
        """Remove every document of one thing of a feature, with versions, proposals and comments."""
        async with self._database.begin() as session:
            await repo.delete_owned(session, owner.feature, owner.id)

    async def forget(self, owner: Owner, document_ids: Sequence[UUID]) -> None:
        """Remove documents with every version, proposal and comment, for the feature that owns them.

        Raises NotAllowed for one that belongs to something else.
        """
        async with self._database.begin() as session:
            for document_id in document_ids:
                row = await repo.get_document(session, document_id)
                if row is None:
                    continue
                if document_view(row).owner not in (owner, None):
                    raise NotAllowed(f"Document {document_id} does not belong to {owner.feature} {owner.id}.")
                await repo.delete_document(session, document_id)


def _over_a_person(newest: DocumentVersion, author: Author) -> bool:
    return author.kind == "run" and newest.author_kind == "person"


async def _propose(
    session: AsyncSession,
    document: Document,
    base: int,
    text: str,
    author: Author,
    request_ids: Sequence[UUID],
    note: str,
    sources: Sequence[dict[str, Any]],
    key: str | None,
) -> DocumentProposal:
    """The proposal that holds this text, made now or when the same was brought before."""
    known = await repo.same_proposal(session, document.id, author, text, key)
    if known is not None:
        return known
    await repo.supersede(session, document.id, author)
    return await repo.add_proposal(
        session,
        document.id,
        base_number=base,
        text=text,
        author=author,
        request_ids=request_ids,
        note=note,
        sources=sources,
        key=key,
    )


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
