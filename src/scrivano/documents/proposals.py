"""Texts that wait beside the newest version for a person to decide."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.errors import InvalidInput
from scrivano.documents import comparing, repo
from scrivano.documents.dto import (
    Author,
    DocumentChanged,
    DocumentNotFound,
    ProposalConflict,
    ProposalDecided,
    ProposalInfo,
    ProposalStatus,
    ProposalView,
    VersionView,
)
from scrivano.documents.models import DocumentProposal
from scrivano.documents.views import check_text, proposal_facts, proposal_info, version_view

_PERSON = Author()


class Proposals:
    """Proposals of one or of many documents. Deciding adds a version at most; a proposal's text always stays."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        document_id: UUID,
        text: str,
        *,
        base_number: int,
        author: Author = _PERSON,
        request_ids: Sequence[UUID] = (),
        note: str = "",
        sources: Sequence[dict[str, Any]] = (),
        key: str | None = None,
    ) -> ProposalInfo:
        """Propose a text that was made from version `base_number` (0 where there was none).

        The same text by the same author, or under the same `key`, is proposed once. Raises DocumentNotFound,
        also for a base that is not there.
        """
        check_text(text)
        check_text(note, "note")
        async with self._database.begin() as session:
            if await repo.get_document(session, document_id, lock=True) is None:
                raise DocumentNotFound(f"There is no document {document_id}.")
            if base_number and await repo.get_version(session, document_id, base_number) is None:
                raise DocumentNotFound(
                    f"Document {document_id} has no version {base_number}.", field="base_number"
                )
            known = await repo.same_proposal(session, document_id, author, text, key)
            row = known or await repo.add_proposal(
                session,
                document_id,
                base_number=base_number,
                text=text,
                author=author,
                request_ids=request_ids,
                note=note,
                sources=sources,
                key=key,
            )
            return proposal_info(row)

    async def list(
        self,
        document_id: UUID,
        *,
        status: ProposalStatus | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[ProposalInfo]:
        """Newest first, without texts. Raises DocumentNotFound."""
        async with self._database.read() as session:
            if await repo.get_document(session, document_id) is None:
                raise DocumentNotFound(f"There is no document {document_id}.")
            rows = await repo.list_proposals(session, document_id, status, limit, offset)
        return [proposal_info(row) for row in rows]

    async def document_of(self, proposal_id: UUID) -> UUID | None:
        """The document that a proposal is for; None where there is no such proposal."""
        async with self._database.read() as session:
            return await repo.document_of_proposal(session, proposal_id)

    async def get(self, document_id: UUID, proposal_id: UUID) -> ProposalView:
        """One proposal with its text and what it changes. Raises DocumentNotFound."""
        async with self._database.read() as session:
            row = await _proposal(session, document_id, proposal_id)
            base, newest, number = await _texts(session, row)
        found = await asyncio.to_thread(comparing.hunks, base, row.text, newest)
        return ProposalView.model_validate(
            {
                **proposal_facts(row),
                "text": row.text,
                "newest_number": number,
                "hunks": found,
                "request_ids": row.request_ids,
                "sources": row.sources,
            }
        )

    async def accept(
        self,
        document_id: UUID,
        proposal_id: UUID,
        *,
        expected_number: int,
        hunks: Sequence[int] | None = None,
        replace: bool = False,
        author: Author = _PERSON,
    ) -> VersionView:
        """Take a proposal over into a new version on top of `expected_number`: all of it, or some `hunks`.

        What the newest version changed since the base stays. With `replace` the proposal's text is taken as it is
        instead. Raises DocumentChanged where the newest is another, ProposalConflict where both changed the same
        lines, ProposalDecided, InvalidInput for a hunk that there is not, DocumentNotFound.
        """
        async with self._database.read() as session:
            row = await _proposal(session, document_id, proposal_id)
            _still_open(row)
            base, newest, _ = await _texts(session, row)
        text, partly = await asyncio.to_thread(_taken, row, base, newest, hunks, replace)
        async with self._database.begin() as session:
            document = await repo.get_document(session, document_id, lock=True)
            row = await _proposal(session, document_id, proposal_id)
            if document is None:
                raise DocumentNotFound(f"There is no document {document_id}.")
            _still_open(row)
            if document.latest_number != expected_number:
                raise DocumentChanged(document.title, expected=expected_number, newest=document.latest_number)
            version = await repo.add_version(
                session,
                document,
                text=text,
                author=author,
                request_ids=row.request_ids,
                note="Accepted in part from a proposal." if partly else "Accepted from a proposal.",
                sources=[] if partly else row.sources,
                key=None,
            )
            _decide(row, "partly" if partly else "accepted", author, version.number)
            return version_view(version)

    async def reject(self, document_id: UUID, proposal_id: UUID, *, author: Author = _PERSON) -> ProposalInfo:
        """Decide against it. Rejecting again changes nothing. Raises ProposalDecided, DocumentNotFound."""
        async with self._database.begin() as session:
            if await repo.get_document(session, document_id, lock=True) is None:
                raise DocumentNotFound(f"There is no document {document_id}.")
            row = await _proposal(session, document_id, proposal_id)
            if row.status == "open":
                _decide(row, "rejected", author, None)
            elif row.status != "rejected":
                raise ProposalDecided(
                    f"The proposal is {row.status} already.", remedy="Restore an older version instead."
                )
            return proposal_info(row)


def _taken(
    row: DocumentProposal, base: str, newest: str, hunks: Sequence[int] | None, replace: bool
) -> tuple[str, bool]:
    """The text that accepting gives, and whether a part of the proposal is left out of it."""
    if replace:
        return row.text, False
    count = len(comparing.changes(comparing.lines_of(base), comparing.lines_of(row.text)))
    if hunks is not None:
        unknown = sorted({h for h in hunks if not 0 <= h < count})
        if unknown or not hunks:
            raise InvalidInput(
                f"The proposal has no hunk {unknown[0]}." if unknown else "No hunk is named.",
                field="hunks",
                remedy=f"It has {count}, counted from 0. To take none, reject it.",
            )
    text, refused = comparing.merged(base, row.text, newest, hunks)
    if refused:
        raise ProposalConflict(
            f"The newest version changed the lines of hunk {', '.join(map(str, refused))} as well.",
            field="hunks",
            remedy="Accept the others, take the proposal whole with `replace`, or edit by hand.",
        )
    return text, hunks is not None and len(set(hunks)) < count


def _still_open(row: DocumentProposal) -> None:
    if row.status != "open":
        raise ProposalDecided(
            f"The proposal is {row.status} already.", remedy="Its text can still be read and copied."
        )


def _decide(row: DocumentProposal, status: ProposalStatus, author: Author, number: int | None) -> None:
    row.status = status
    row.result_number = number
    row.decided_by = author.id
    row.decided_at = clock.now()


async def _proposal(session: AsyncSession, document_id: UUID, proposal_id: UUID) -> DocumentProposal:
    row = await repo.get_proposal(session, document_id, proposal_id)
    if row is None:
        raise DocumentNotFound(f"Document {document_id} has no proposal {proposal_id}.")
    return row


async def _texts(session: AsyncSession, row: DocumentProposal) -> tuple[str, str, int]:
    """The base's text, the newest text, and the newest version's number."""
    base = await repo.get_version(session, row.document_id, row.base_number)
    newest = await repo.latest_version(session, row.document_id)
    return (base.text if base else ""), (newest.text if newest else ""), (newest.number if newest else 0)
