"""Bringing a post to its publishing targets."""

from uuid import UUID

from pydantic import BaseModel

from scrivano.core import clock
from scrivano.core.errors import InvalidInput
from scrivano.documents.public import Author
from scrivano.posts.article import PUBLISHED_ON
from scrivano.posts.desk import Desk
from scrivano.posts.dto import StageNotReady
from scrivano.posts.rules import missing
from scrivano.posts.showing import Showing
from scrivano.posts.stages import PostPlan, Task
from scrivano.publishing.public import Publishing
from scrivano.runs.public import current, step


class Place(BaseModel):
    """A target of this run."""

    target_id: UUID
    name: str


def _place_name(plan: PostPlan, place: Place) -> str:
    return place.name


class Placing:
    """The last stage's steps."""

    def __init__(self, desk: Desk, showing: Showing, publishing: Publishing) -> None:
        self._desk = desk
        self._showing = showing
        self._publishing = publishing

    @step()
    async def plan_publishing(self, plan: PostPlan, task: Task) -> list[Place]:
        """The post's targets, and the day that it goes by from now on. Raises InvalidInput where it has none,
        StageNotReady where the rules to enter the stage do not hold."""
        opened = await self._desk.open(plan.post_id)
        stage = plan.content.stage(task.stage)
        lacking = missing(plan.content, stage.enter, opened.standing()) if stage else []
        if lacking:
            raise StageNotReady(f"The post cannot be published yet: {' '.join(lacking)}")
        names = opened.fields.get("targets")
        wanted = list(dict.fromkeys(str(name) for name in names)) if isinstance(names, list) else []
        if not wanted:
            raise InvalidInput(
                "The post has no publishing target.", field="targets", remedy="Name one in its fields."
            )
        targets = await self._publishing.named(wanted, plan.project_id)
        if PUBLISHED_ON not in opened.fields:
            day = clock.now().replace(microsecond=0).isoformat()
            await self._desk.apply(
                opened,
                {PUBLISHED_ON: day},
                kind="published",
                author=Author(kind="run", id=current().run_id),
            )
        return [Place(target_id=target.id, name=target.name) for target in targets]

    @step(item=_place_name)
    async def publish_to(self, plan: PostPlan, place: Place) -> str:
        """Publish there, once however often this is repeated. Raises the errors of publishing."""
        article = await self._showing.article(plan.post_id)
        published = await self._publishing.publish(place.target_id, article, claimant=current().run_id)
        return f"{place.name}: {published.url or published.remote_id}"
