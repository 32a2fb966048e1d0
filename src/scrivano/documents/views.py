"""Rows of `documents` as others see them, and what has to be true of a text."""

from typing import Any

from scrivano.core.errors import InvalidInput
from scrivano.documents.dto import DocumentView, Owner, ProposalInfo, VersionInfo, VersionView
from scrivano.documents.models import Document, DocumentProposal, DocumentVersion

MOST_CHARACTERS = 5_000_000


def check_text(text: str, field: str = "text") -> None:
    """Raise InvalidInput for what no text is: with NUL characters, or longer than any chapter."""
    if "\0" in text:
        raise InvalidInput(
            "The text holds a NUL character.", field=field, remedy="Remove it: it is not text."
        )
    if len(text) > MOST_CHARACTERS:
        raise InvalidInput(
            f"The text has {len(text):,} characters; at most {MOST_CHARACTERS:,} are kept in one document.",
            field=field,
            remedy="Divide it into chapters.",
        )


def document_view(row: Document, open_proposals: int = 0) -> DocumentView:
    """A document."""
    owned = row.owner_feature is not None and row.owner_id is not None
    return DocumentView(
        id=row.id,
        kind=row.kind,
        owner=Owner(feature=row.owner_feature or "", id=row.owner_id or "") if owned else None,
        title=row.title,
        number=row.latest_number,
        open_proposals=open_proposals,
        created_at=row.created_at,
    )


def version_info(row: DocumentVersion) -> VersionInfo:
    """A version without its text."""
    return VersionInfo.model_validate(_version_facts(row))


def version_view(row: DocumentVersion, proposal: DocumentProposal | None = None) -> VersionView:
    """A version, with the proposal that stands for what was to be saved."""
    content = {"text": row.text, "request_ids": row.request_ids, "sources": row.sources}
    waiting = {"proposal_id": proposal.id if proposal else None}
    return VersionView.model_validate({**_version_facts(row), **content, **waiting})


def proposal_info(row: DocumentProposal) -> ProposalInfo:
    """A proposal without its text."""
    return ProposalInfo.model_validate(proposal_facts(row))


def proposal_facts(row: DocumentProposal) -> dict[str, Any]:
    """What a proposal's views have in common."""
    return {
        "id": row.id,
        "document_id": row.document_id,
        "base_number": row.base_number,
        "author": {"kind": row.author_kind, "id": row.author_id},
        "note": row.note,
        "status": row.status,
        "result_number": row.result_number,
        "decided_by": row.decided_by,
        "decided_at": row.decided_at,
        "created_at": row.created_at,
    }


def _version_facts(row: DocumentVersion) -> dict[str, Any]:
    return {
        "id": row.id,
        "document_id": row.document_id,
        "number": row.number,
        "author": {"kind": row.author_kind, "id": row.author_id},
        "note": row.note,
        "created_at": row.created_at,
    }
