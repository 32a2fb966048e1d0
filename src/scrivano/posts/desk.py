"""A post as it lies before whoever works on it, and the one way in which it changes."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.documents.public import Author, Documents
from scrivano.posts import repo
from scrivano.posts.dto import PostChanged, PostNotFound, SourceView
from scrivano.posts.models import ChangeRow, PostRow, SourceRow
from scrivano.posts.rules import Standing, missing
from scrivano.posts.workflow import BODY, TITLE, Stage, WorkflowContent

Also = Callable[[AsyncSession], Awaitable[None]]


@dataclass(frozen=True)
class Opened:
    """A post with its workflow, all its fields (the body among them) and its sources."""

    row: PostRow
    workflow: str
    content: WorkflowContent
    fields: Mapping[str, JsonValue]
    body_version: int
    sources: Sequence[SourceView]
    open_proposals: int

    @property
    def stage(self) -> Stage:
        """The stage that it is in."""
        found = self.content.stage(self.row.stage)
        assert found is not None, "a post is only ever moved to stages that its workflow has"
        return found

    @property
    def kept(self) -> dict[int, SourceView]:
        """The kept sources by number."""
        return {source.number: source for source in self.sources if source.kept}

    @property
    def body(self) -> str:
        """The text, empty while there is none."""
        return str(self.fields.get(BODY) or "")

    def mark(self, name: str) -> JsonValue:
        """What tells whether a field was changed: its value, or the body's version."""
        return self.body_version if name == BODY else self.fields.get(name)

    def standing(self) -> Standing:
        """What rules look at."""
        return Standing(self.fields, set(self.kept), self.open_proposals)

    def missing_to_leave(self) -> list[str]:
        """What is missing before it may leave its stage."""
        return missing(self.content, self.stage.leave, self.standing())


class Desk:
    """Opens posts and changes them: under a lock, noted with who did it, the body as a new version."""

    def __init__(self, database: Database, documents: Documents) -> None:
        self._database = database
        self._documents = documents

    async def open(self, post_id: UUID) -> Opened:
        """The post. Raises PostNotFound."""
        async with self._database.read() as session:
            row = await repo.get_post(session, post_id)
            if row is None:
                raise no_post(post_id)
            workflow = await repo.get_workflow(session, row.workflow_id)
            version = await repo.get_version(session, row.workflow_id, row.workflow_version)
            sources = await repo.list_sources(session, post_id)
            open_proposals = await repo.count_open(session, post_id)
        assert workflow is not None and version is not None
        document = await self._documents.get(row.document_id)
        text = (await self._documents.latest(row.document_id)).text if document.number else ""
        return Opened(
            row=row,
            workflow=workflow.name,
            content=WorkflowContent.model_validate(version.content),
            fields={**row.fields, BODY: text},
            body_version=document.number,
            sources=[source_view(source) for source in sources],
            open_proposals=open_proposals,
        )

    async def apply(
        self,
        before: Opened,
        changes: Mapping[str, JsonValue],
        *,
        kind: str,
        author: Author,
        revision: int | None = None,
        stage: str | None = None,
        proposal_id: UUID | None = None,
        request_ids: Sequence[UUID] = (),
        also: Also | None = None,
    ) -> None:
        """Change fields, the stage or both, and note it. `also` is done in the same transaction.

        Raises PostChanged if the post is not at `revision` any more, DocumentChanged if the body is not what
        `before` has.
        """
        async with self._database.begin() as session:
            row = await repo.get_post(session, before.row.id, lock=True)
            if row is None:
                raise no_post(before.row.id)
            if revision is not None and row.revision != revision:
                raise PostChanged(
                    f"The post is at revision {row.revision} by now; the change was made from {revision}.",
                    field="revision",
                    remedy="Look at it, then save again.",
                )
            noted = {
                name: {"before": row.fields.get(name), "after": value}
                for name, value in changes.items()
                if name != BODY and row.fields.get(name) != value
            }
            if BODY in changes and str(changes[BODY] or "") != before.body:
                saved = await self._documents.add_version(
                    row.document_id,
                    str(changes[BODY] or ""),
                    expected_number=before.body_version,
                    author=author,
                    request_ids=request_ids,
                    note=kind,
                    key=f"proposal {proposal_id}" if proposal_id else None,
                )
                noted[BODY] = {"before": before.body_version, "after": saved.number}
            if stage is not None and stage != row.stage:
                noted["stage"] = {"before": row.stage, "after": stage}
                row.stage = stage
            if noted:
                await self._note(session, row, changes, noted, kind, author, proposal_id)
            if also is not None:
                await also(session)

    async def _note(
        self,
        session: AsyncSession,
        row: PostRow,
        changes: Mapping[str, JsonValue],
        noted: dict[str, dict[str, JsonValue]],
        kind: str,
        author: Author,
        proposal_id: UUID | None,
    ) -> None:
        row.fields = {**row.fields, **{n: v for n, v in changes.items() if n != BODY}}
        row.title = str(row.fields.get(TITLE) or row.title)
        row.revision += 1
        row.updated_at = clock.now()
        change = ChangeRow(
            post_id=row.id,
            revision=row.revision,
            kind=kind,
            changes=noted,
            author_kind=author.kind,
            author_id=author.id,
            proposal_id=proposal_id,
            at=row.updated_at,
        )
        await repo.add_change(session, change)


def no_post(post_id: UUID) -> PostNotFound:
    """The error for a post that is not there."""
    return PostNotFound(f"There is no post {post_id}.", remedy="See: scrivano post list")


def source_view(row: SourceRow) -> SourceView:
    """A source as others see it."""
    return SourceView.model_validate(row, from_attributes=True)
