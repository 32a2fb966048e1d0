"""Remarks on passages, which find their passage again in every newer version."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.errors import Conflict, InvalidInput, NotAllowed
from scrivano.core.ids import new_id
from scrivano.documents import repo
from scrivano.documents.anchoring import Anchor, anchor, context_of, find_quote
from scrivano.documents.dto import Author, CommentView, DocumentNotFound
from scrivano.documents.models import DocumentComment
from scrivano.documents.views import check_text

_PERSON = Author()
MOST_QUOTED = 5_000


class Comments:
    """Comments of every document. A comment is never lost to an edit: at worst it no longer has a place."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        document_id: UUID,
        quote: str,
        body: str,
        *,
        version_number: int | None = None,
        start: int | None = None,
        author: Author = _PERSON,
        comment_id: UUID | None = None,
    ) -> CommentView:
        """A remark on the passage `quote` of a version (the newest by default), near character `start`.

        A run names it by `comment_id`, so that a step that is made twice says it once. Raises InvalidInput where the
        version does not have these words, DocumentNotFound.
        """
        _check(quote, body)
        async with self._database.begin() as session:
            version = (
                await repo.latest_version(session, document_id)
                if version_number is None
                else await repo.get_version(session, document_id, version_number)
            )
            if version is None:
                raise DocumentNotFound(f"There is no document {document_id} with such a version.")
            at = find_quote(version.text, quote, start)
            if at is None:
                raise InvalidInput(
                    f"Version {version.number} does not have these words.",
                    field="quote",
                    remedy="Quote the passage as it stands, sign by sign.",
                )
            there = await repo.get_comment(session, document_id, comment_id) if comment_id else None
            if there is not None:
                return (await _views(session, document_id, [there]))[0]
            before, after = context_of(version.text, at, at + len(quote))
            row = _row(document_id, None, version.number, body, author)
            row.id = comment_id or row.id
            row.quote, row.start, row.before, row.after = quote, at, before, after
            await repo.add_comment(session, row)
            return (await _views(session, document_id, [row]))[0]

    async def reply(
        self, document_id: UUID, comment_id: UUID, body: str, *, author: Author = _PERSON
    ) -> CommentView:
        """An answer to a remark, or to another answer. Raises DocumentNotFound."""
        _check("-", body)
        async with self._database.begin() as session:
            parent = await _comment(session, document_id, comment_id)
            root = await _comment(session, document_id, parent.parent_id) if parent.parent_id else parent
            row = _row(document_id, root.id, root.version_number, body, author)
            row.quote, row.start, row.before, row.after = root.quote, root.start, root.before, root.after
            await repo.add_comment(session, row)
            return (await _views(session, document_id, [row]))[0]

    async def list(
        self, document_id: UUID, *, resolved: bool | None = None, limit: int = 100, offset: int = 0
    ) -> list[CommentView]:
        """Oldest first, replies among them, each with its place in the newest version. Raises DocumentNotFound."""
        async with self._database.read() as session:
            if await repo.get_document(session, document_id) is None:
                raise DocumentNotFound(f"There is no document {document_id}.")
            rows = await repo.list_comments(session, document_id, resolved, limit, offset)
            return await _views(session, document_id, rows)

    async def get(self, document_id: UUID, comment_id: UUID) -> CommentView:
        """One comment. Raises DocumentNotFound."""
        async with self._database.read() as session:
            row = await _comment(session, document_id, comment_id)
            return (await _views(session, document_id, [row]))[0]

    async def document_of(self, comment_id: UUID) -> UUID | None:
        """The document that a comment is on; None where there is no such comment."""
        async with self._database.read() as session:
            return await repo.document_of_comment(session, comment_id)

    async def edit(
        self, document_id: UUID, comment_id: UUID, body: str, *, author: Author = _PERSON
    ) -> CommentView:
        """Other words for a remark; `edited_at` tells of it.

        Raises DocumentNotFound, and NotAllowed where somebody else made it: nobody puts words into another's mouth.
        """
        _check("-", body)
        async with self._database.begin() as session:
            row = await _comment(session, document_id, comment_id)
            if not is_of(row, author):
                raise NotAllowed("Only who made a remark may change it.", remedy="Answer it instead.")
            row.body, row.edited_at = body, clock.now()
            return (await _views(session, document_id, [row]))[0]

    async def resolve(
        self, document_id: UUID, comment_id: UUID, *, resolved: bool = True, author: Author = _PERSON
    ) -> CommentView:
        """Settle a discussion, or open it again. Raises Conflict for a reply, which follows its first remark."""
        async with self._database.begin() as session:
            row = await _comment(session, document_id, comment_id)
            if row.parent_id is not None:
                raise Conflict(
                    "A reply is settled with the remark that it answers.", remedy="Settle that one."
                )
            if resolved and row.resolved_at is None:
                row.resolved_at, row.resolved_by = clock.now(), author.id
            elif not resolved:
                row.resolved_at = row.resolved_by = None
            return (await _views(session, document_id, [row]))[0]

    async def delete(
        self, document_id: UUID, comment_id: UUID, *, author: Author = _PERSON, any_of_them: bool = True
    ) -> None:
        """Remove a comment with its replies; with `any_of_them` False only one's own, or a run's.

        Raises DocumentNotFound, NotAllowed.
        """
        async with self._database.begin() as session:
            row = await _comment(session, document_id, comment_id)
            if not any_of_them and row.author_kind == "person" and not is_of(row, author):
                raise NotAllowed(
                    "Only who made a remark, or an owner of the project, may remove it.", remedy="Settle it."
                )
            await repo.delete_comment(session, comment_id)


def is_of(row: DocumentComment, author: Author) -> bool:
    """Whether this author made a remark. What the only user of an installation made is also everybody's later on."""
    return (row.author_kind, row.author_id) in ((author.kind, author.id), ("person", None))


def _check(quote: str, body: str) -> None:
    check_text(quote, "quote")
    check_text(body, "body")
    if not body.strip():
        raise InvalidInput("The comment is empty.", field="body", remedy="Say something.")
    if not quote or len(quote) > MOST_QUOTED:
        raise InvalidInput(
            f"The quotation has {len(quote):,} characters.",
            field="quote",
            remedy=f"Quote a passage of 1 to {MOST_QUOTED:,} characters.",
        )


def _row(
    document_id: UUID, parent_id: UUID | None, number: int, body: str, author: Author
) -> DocumentComment:
    return DocumentComment(
        id=new_id(),
        document_id=document_id,
        parent_id=parent_id,
        version_number=number,
        body=body,
        author_kind=author.kind,
        author_id=author.id,
        resolved_at=None,
        resolved_by=None,
        created_at=clock.now(),
        edited_at=None,
    )


async def _comment(session: AsyncSession, document_id: UUID, comment_id: UUID) -> DocumentComment:
    row = await repo.get_comment(session, document_id, comment_id)
    if row is None:
        raise DocumentNotFound(f"Document {document_id} has no comment {comment_id}.")
    return row


async def _views(
    session: AsyncSession, document_id: UUID, rows: Sequence[DocumentComment]
) -> list[CommentView]:
    newest = await repo.latest_version(session, document_id)
    text = newest.text if newest else ""
    places = await asyncio.to_thread(_anchored, text, rows)
    return [_view(row, place) for row, place in zip(rows, places, strict=True)]


def _anchored(text: str, rows: Sequence[DocumentComment]) -> list[Anchor | None]:
    return [anchor(text, row.quote, row.start, row.before, row.after) for row in rows]


def _view(row: DocumentComment, place: Anchor | None) -> CommentView:
    return CommentView(
        id=row.id,
        document_id=row.document_id,
        parent_id=row.parent_id,
        version_number=row.version_number,
        quote=row.quote,
        start=place.start if place else None,
        end=place.end if place else None,
        changed=place.changed if place else False,
        body=row.body,
        author=Author.model_validate({"kind": row.author_kind, "id": row.author_id}),
        resolved_at=row.resolved_at,
        resolved_by=row.resolved_by,
        created_at=row.created_at,
        edited_at=row.edited_at,
    )
