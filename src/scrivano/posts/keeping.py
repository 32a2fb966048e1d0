"""What belongs to a post beside its fields: sources, history, pictures, places and costs."""

from decimal import Decimal
from uuid import UUID

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.errors import Conflict, InvalidInput
from scrivano.documents.public import Author, Diff, Documents, VersionInfo, VersionView
from scrivano.llm.public import LLMService, Locality
from scrivano.posts import repo
from scrivano.posts.desk import Desk, Opened, no_post, source_view
from scrivano.posts.dto import (
    ChangeView,
    NewSource,
    PostCosts,
    PostNotFound,
    PostRunView,
    PostView,
    SourceView,
)
from scrivano.posts.previewing import Previewing
from scrivano.posts.proposals import Proposals
from scrivano.posts.showing import Showing
from scrivano.posts.workflow import BODY
from scrivano.posts.workflows import Workflows
from scrivano.prompts.public import Prompts
from scrivano.publishing.public import Preview, PublicationView, Publishing, is_web_address
from scrivano.runs.public import Runs

PERSON = Author()


class Keeping:
    """What posts keep."""

    def __init__(
        self,
        database: Database,
        runs: Runs,
        documents: Documents,
        llm: LLMService,
        publishing: Publishing,
        prompts: Prompts,
    ) -> None:
        self._database = database
        self._runs = runs
        self._documents = documents
        self._llm = llm
        self._publishing = publishing
        self.workflows = Workflows(database)
        self.desk = Desk(database, documents)
        self.proposals = Proposals(database, self.desk)
        self.showing = Showing(database, self.desk)
        self.previews = Previewing(self.desk, llm, prompts)

    async def get(self, post_id: UUID) -> PostView:
        """One post with all that it holds. Raises PostNotFound."""
        return _view(await self.desk.open(post_id))

    async def costs(self, post_id: UUID) -> PostCosts:
        """What a post cost so far, run by run. What is open or was cut counts with its upper bound."""
        await self.desk.open(post_id)
        async with self._database.read() as session:
            rows = await repo.list_runs(session, post_id)
        views: list[PostRunView] = []
        external = prompt = completion = 0
        for row in rows:
            totals = await self._llm.run_totals(row.run_id)
            cloud = totals.by_locality.get(Locality.CLOUD)
            external += cloud.attempts if cloud else 0
            prompt += totals.prompt_tokens
            completion += totals.completion_tokens
            views.append(
                PostRunView(
                    run_id=row.run_id,
                    what=row.what,
                    created_at=row.created_at,
                    requests=totals.attempts,
                    cost=totals.cost,
                )
            )
        return PostCosts(
            requests=sum(view.requests for view in views),
            external_requests=external,
            prompt_tokens=prompt,
            completion_tokens=completion,
            cost=sum((view.cost for view in views), Decimal(0)),
            runs=views,
        )

    # --- sources ----------------------------------------------------------------------------------

    async def sources(self, post_id: UUID) -> "list[SourceView]":
        """A post's sources by number. Raises PostNotFound."""
        return list((await self.desk.open(post_id)).sources)

    async def add_source(self, post_id: UUID, source: NewSource) -> SourceView:
        """A source that a person adds; it is kept. Raises PostNotFound, Conflict for an address that is there."""
        if not is_web_address(source.url):
            raise InvalidInput(f"{source.url!r} is no web address.", field="url")
        values = {**source.model_dump(), "query": "", "kept": True, "found_at": clock.now()}
        async with self._database.begin() as session:
            if await repo.get_post(session, post_id, lock=True) is None:
                raise no_post(post_id)
            number = await repo.add_source(session, post_id, values)
            if number is None:
                raise Conflict("The post has a source of this address already.", field="url")
            row = await repo.get_source(session, post_id, number)
            assert row is not None
            return source_view(row)

    async def keep_source(self, post_id: UUID, number: int, *, kept: bool) -> SourceView:
        """Keep a source, or keep it no longer; its number stays its own. Raises PostNotFound."""
        async with self._database.begin() as session:
            row = await repo.get_source(session, post_id, number)
            if row is None:
                raise PostNotFound(f"The post has no source {number}.", field="number")
            row.kept = kept
            await session.flush()
            return source_view(row)

    # --- history ----------------------------------------------------------------------------------

    async def history(self, post_id: UUID, *, limit: int = 100, offset: int = 0) -> "list[ChangeView]":
        """Changes, the newest first: fields with what they held, of the body the versions. Raises PostNotFound."""
        await self.desk.open(post_id)
        async with self._database.read() as session:
            rows = await repo.list_changes(session, post_id, limit=limit, offset=offset)
        return [ChangeView.model_validate(row) for row in rows]

    async def versions(self, post_id: UUID) -> "list[VersionInfo]":
        """Every version of the body, the newest first. Raises PostNotFound."""
        opened = await self.desk.open(post_id)
        return await self._documents.versions(opened.row.document_id)

    async def version(self, post_id: UUID, number: int) -> VersionView:
        """A version of the body. Raises PostNotFound, DocumentNotFound."""
        opened = await self.desk.open(post_id)
        return await self._documents.version(opened.row.document_id, number)

    async def diff(self, post_id: UUID, old: int, new: int) -> Diff:
        """What changed in the body between two versions. Raises PostNotFound, DocumentNotFound."""
        opened = await self.desk.open(post_id)
        return await self._documents.diff(opened.row.document_id, old, new)

    async def restore(self, post_id: UUID, number: int, *, author: Author = PERSON) -> PostView:
        """The body of an older version as a new one. Raises PostNotFound, DocumentNotFound."""
        opened = await self.desk.open(post_id)
        old = await self._documents.version(opened.row.document_id, number)
        kind = f"restored version {number}"
        await self.desk.apply(opened, {BODY: old.text}, kind=kind, author=author)
        return await self.get(post_id)

    async def image(self, post_id: UUID, sha256: str) -> tuple[str, bytes]:
        """A picture's media type and bytes. Raises PostNotFound."""
        async with self._database.read() as session:
            row = await repo.get_image(session, post_id, sha256)
        if row is None:
            raise PostNotFound("The post has no such picture.", field="sha256")
        return row.media_type, row.content

    # --- publishing -------------------------------------------------------------------------------

    async def preview_publishing(self, post_id: UUID, targets: "list[str] | None" = None) -> "list[Preview]":
        """For each target, exactly what publishing would do now; nothing is changed anywhere."""
        article = await self.showing.article(post_id)
        return [await self._publishing.preview(t, article) for t in await self._targets(post_id, targets)]

    async def publications(self, post_id: UUID) -> "list[PublicationView]":
        """Where the post is, and what became of trying. Raises PostNotFound."""
        await self.desk.open(post_id)
        return await self._publishing.publications(marker=str(post_id))

    async def _targets(self, post_id: UUID, names: "list[str] | None") -> "list[UUID]":
        opened = await self.desk.open(post_id)
        own = opened.fields.get("targets")
        wanted = names or ([str(name) for name in own] if isinstance(own, list) else [])
        if not wanted:
            raise InvalidInput("No publishing target is named.", field="targets")
        found = await self._publishing.named(list(dict.fromkeys(wanted)), opened.row.project_id)
        return [target.id for target in found]


def _view(opened: Opened) -> PostView:
    row = opened.row
    return PostView(
        id=row.id,
        project_id=row.project_id,
        workflow=opened.workflow,
        workflow_id=row.workflow_id,
        workflow_version=row.workflow_version,
        stage=row.stage,
        title=row.title,
        fields=dict(opened.fields),
        body_version=opened.body_version,
        document_id=row.document_id,
        revision=row.revision,
        missing=opened.missing_to_leave(),
        open_proposals=opened.open_proposals,
        archived=row.archived,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
