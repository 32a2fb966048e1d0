"""A post as readers will see it."""

from uuid import UUID

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.posts import repo
from scrivano.posts.article import article_of
from scrivano.posts.desk import Desk, Opened
from scrivano.posts.values import PictureValue
from scrivano.publishing.public import Article, Picture


class Showing:
    """Puts a post together for publishing."""

    def __init__(self, database: Database, desk: Desk) -> None:
        self._database = database
        self._desk = desk

    async def article(self, post_id: UUID) -> Article:
        """The post as it would be published now. Raises PostNotFound, InvalidInput for one without a text."""
        opened = await self._desk.open(post_id)
        return article_of(opened, await self._picture(opened), clock.now().replace(microsecond=0))

    async def _picture(self, opened: Opened) -> Picture | None:
        named = next((f.name for f in opened.content.fields if f.kind == "picture"), "")
        value = opened.fields.get(named)
        if not isinstance(value, dict):
            return None
        wanted = PictureValue.model_validate(value)
        async with self._database.read() as session:
            row = await repo.get_image(session, opened.row.id, wanted.sha256)
        if row is None:
            return None
        alt = opened.fields.get("image_alt")
        return Picture(
            sha256=row.sha256,
            media_type=row.media_type,
            alt=alt if isinstance(alt, str) else "",
            data=row.content,
        )
