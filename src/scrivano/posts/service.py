"""Use-cases of posts: begin one, change it, move it on, let actions be done, publish it, see what it cost."""

from uuid import UUID

from pydantic import JsonValue

from scrivano.core import clock
from scrivano.core.errors import Conflict, InvalidInput
from scrivano.core.ids import new_id
from scrivano.documents.public import Author, Owner
from scrivano.posts import repo, repo_forget
from scrivano.posts.desk import no_post
from scrivano.posts.dto import (
    ActionOrder,
    NewPost,
    PostEdit,
    PostInfo,
    PostNotFound,
    PostView,
    RunOrder,
    StageNotReady,
    Started,
)
from scrivano.posts.keeping import PERSON, Keeping
from scrivano.posts.models import PostRow
from scrivano.posts.rules import missing
from scrivano.posts.stages import RULES, PostOrder
from scrivano.posts.steps.planning import check_order, require_model
from scrivano.posts.values import checked
from scrivano.posts.workflow import BODY, TITLE
from scrivano.projects.public import DEFAULT_PROJECT


class Posts(Keeping):
    """Everything about posts but the work of a run, which is the pipeline's."""

    # --- posts ------------------------------------------------------------------------------------

    async def create(
        self,
        post: NewPost,
        *,
        project_id: UUID = DEFAULT_PROJECT,
        user_id: UUID | None = None,
        post_id: UUID | None = None,
    ) -> PostView:
        """Begin a post in the first stage of its workflow; with an id that there is already, that post.

        Raises WorkflowNotFound, WrongField, InvalidInput.
        """
        if post_id is not None and await self.project_of(post_id) is not None:
            return await self.get(post_id)
        title = " ".join((post.title or post.topic.strip().partition("\n")[0]).split())[:200]
        if not title:
            raise InvalidInput("A post begins with a topic or a title.", field="topic")
        workflow = await self.workflows.named(post.workflow, project_id)
        content = workflow.content
        given: dict[str, JsonValue] = {TITLE: title, **post.fields}
        if post.topic:
            given["topic"] = post.topic
        if post.targets:
            given["targets"] = list(post.targets)
        defaults = {f.name: _plain(f.default) for f in content.fields if f.default is not None}
        known = {n: v for n, v in given.items() if content.field(n) or n in post.fields}
        values = {**defaults, **{n: checked(content, n, v) for n, v in known.items()}}
        body = values.pop(BODY, None)
        now, post_id, document_id = clock.now(), post_id or new_id(), new_id()
        owner = Owner(feature="posts", id=str(post_id))
        await self._documents.create("post", title, owner=owner, document_id=document_id)
        row = PostRow(
            id=post_id,
            project_id=project_id,
            user_id=user_id,
            workflow_id=workflow.id,
            workflow_version=workflow.number,
            stage=content.stages[0].name,
            title=str(values.get(TITLE) or title),
            fields=values,
            revision=1,
            document_id=document_id,
            archived=False,
            created_at=now,
            updated_at=now,
        )
        if body:
            await self._documents.add_version(document_id, str(body), expected_number=0)
        async with self._database.begin() as session:
            await repo.add_post(session, row)
        return await self.get(post_id)

    async def forget_project(self, project_id: UUID) -> None:
        """Remove a project's posts with their texts, and its workflows."""
        async with self._database.begin() as session:
            rows = await repo_forget.documents_of(session, project_id)
            await repo_forget.forget_project(session, project_id)
        for post_id, document_id in rows:
            await self._documents.forget(Owner(feature="posts", id=str(post_id)), [document_id])

    async def find(self, reference: str) -> PostView:
        """The post whose id begins or ends so. Raises PostNotFound, or Conflict if there are several."""
        async with self._database.read() as session:
            rows = list(await repo.find_posts(session, reference)) if reference else list[PostRow]()
        if not rows:
            raise PostNotFound(f"There is no post {reference!r}.", remedy="See: scrivano post list")
        if len(rows) > 1:
            raise Conflict(f"Several posts are {reference!r}.", remedy="Give more of the id.")
        return await self.get(rows[0].id)

    async def list(
        self,
        project_id: UUID = DEFAULT_PROJECT,
        *,
        stage: str | None = None,
        archived: bool = False,
        limit: int = 50,
        offset: int = 0,
    ) -> "list[PostInfo]":
        """A project's posts, the newest first."""
        async with self._database.read() as session:
            rows = await repo.list_posts(
                session, project_id, stage=stage, archived=archived, limit=limit, offset=offset
            )
        return [PostInfo.model_validate(row) for row in rows]

    async def edit(self, post_id: UUID, edit: PostEdit, *, author: Author = PERSON) -> PostView:
        """A person's change of fields, the body among them. Raises PostNotFound, PostChanged, WrongField."""
        opened = await self.desk.open(post_id)
        values = {name: checked(opened.content, name, value) for name, value in edit.fields.items()}
        if TITLE in values and not str(values[TITLE] or "").strip():
            raise InvalidInput("A post has a title.", field=TITLE)
        await self.desk.apply(opened, values, kind="edited", author=author, revision=edit.revision)
        return await self.get(post_id)

    async def archive(self, post_id: UUID, *, archived: bool = True) -> PostView:
        """Take it out of lists, or bring it back; nothing is deleted. Raises PostNotFound."""
        async with self._database.begin() as session:
            row = await repo.get_post(session, post_id, lock=True)
            if row is None:
                raise no_post(post_id)
            row.archived = archived
        return await self.get(post_id)

    async def project_of(self, post_id: UUID) -> UUID | None:
        """The project that a post belongs to; None if there is no such post."""
        async with self._database.read() as session:
            row = await repo.get_post(session, post_id)
        return row.project_id if row else None

    # --- stages -----------------------------------------------------------------------------------

    async def move(self, post_id: UUID, stage: str | None = None, *, author: Author = PERSON) -> PostView:
        """To the next stage, or to the one that is named. On the way forward the rules of each stage have to hold.

        Raises StageNotReady saying what is missing, PostNotFound for a stage that is not there.
        """
        opened = await self.desk.open(post_id)
        content, here = opened.content, opened.content.position(opened.row.stage)
        there = here + 1 if stage is None else content.position(stage)
        if there >= len(content.stages):
            raise StageNotReady("The post is in the last stage.", field="stage")
        if there < 0:
            known = ", ".join(s.name for s in content.stages)
            raise PostNotFound(f"There is no stage {stage!r}.", field="stage", remedy=f"There are: {known}.")
        standing = opened.standing()
        for number in range(here, there):
            rules = (*content.stages[number].leave, *content.stages[number + 1].enter)
            if lacking := missing(content, rules, standing):
                raise StageNotReady(
                    f"The post may not leave {content.stages[number].title}: {' '.join(lacking)}",
                    field="stage",
                )
        wanted = content.stages[there].name
        await self.desk.apply(
            opened, {}, kind="moved", author=author, stage=wanted, revision=opened.row.revision
        )
        return await self.get(post_id)

    async def take_workflow(self, post_id: UUID, number: int) -> PostView:
        """Let the post follow another version of its workflow; fields that it no longer has are kept, unseen.

        Raises WorkflowNotFound, StageNotReady where that version has no stage of the post's name.
        """
        opened = await self.desk.open(post_id)
        version = await self.workflows.get(opened.row.workflow_id, number)
        if version.content.stage(opened.row.stage) is None:
            raise StageNotReady(
                f"Version {number} has no stage {opened.row.stage}.",
                field="number",
                remedy="Move the post to a stage that both have, first.",
            )
        async with self._database.begin() as session:
            row = await repo.get_post(session, post_id, lock=True)
            if row is None:
                raise no_post(post_id)
            row.workflow_version = number
        return await self.get(post_id)

    # --- automation -------------------------------------------------------------------------------

    async def automate(
        self, post_id: UUID, action: str, how: ActionOrder | None = None, *, run_id: str | None = None
    ) -> Started:
        """Start a run of one action; its result is a proposal. Raises PostNotFound, NotFound for a model."""
        how = how or ActionOrder()
        order = PostOrder(
            post_id=post_id, action=action, inputs=how.inputs, model=how.model, max_cost=how.max_cost
        )
        return await self._start(order, run_id or str(new_id()))

    async def run(self, post_id: UUID, how: RunOrder | None = None, *, run_id: str | None = None) -> Started:
        """Start a run through the stages: to gates, where a person decides, or unattended. Raises PostNotFound,
        NotFound for a model, InvalidInput for a stage that is over."""
        how = how or RunOrder()
        order = PostOrder(
            post_id=post_id, mode=how.mode, until=how.until, model=how.model, max_cost=how.max_cost
        )
        return await self._start(order, run_id or str(new_id()))

    async def _start(self, order: PostOrder, run_id: str) -> Started:
        opened = await self.desk.open(order.post_id)
        check_order(opened.content, opened.row.stage, order)
        _check_text(order)
        if order.model not in (None, RULES):
            await require_model(self._llm, order.model or "")
        async with self._database.begin() as session:
            what = order.action or order.mode
            noted = {"post_id": order.post_id, "run_id": run_id, "what": what, "created_at": clock.now()}
            await repo.add_run(session, noted)
        await self._runs.start(
            "automate_post",
            order,
            run_id=run_id,
            project_id=opened.row.project_id,
            user_id=opened.row.user_id,
        )
        return Started(run_id=run_id, post_id=order.post_id)


def _check_text(order: PostOrder) -> None:
    try:
        sent = order.model_dump_json()
    except ValueError as error:
        raise InvalidInput("It holds characters that are no valid Unicode.", field="inputs") from error
    if "\\u0000" in sent:
        raise InvalidInput("It holds a NUL character.", field="inputs", remedy="Remove it: it is not text.")


def _plain(value: JsonValue | list[str]) -> JsonValue:
    return [*value] if isinstance(value, list) else value
