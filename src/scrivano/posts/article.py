"""A post as it is published."""

from datetime import datetime
from typing import Any

from pydantic import JsonValue

from scrivano.core.errors import InvalidInput
from scrivano.posts.desk import Opened
from scrivano.posts.fallbacks import slug_of
from scrivano.publishing.public import Article, Citation, Picture

PUBLISHED_ON = "published_on"


def article_of(opened: Opened, picture: Picture | None, moment: datetime) -> Article:
    """The post with what its workflow's fields of the usual names hold. `moment` is the day of a post that was
    never published. Raises InvalidInput for one without a text."""
    fields = opened.fields
    if not opened.body.strip():
        raise InvalidInput(
            "The post has no text yet.", field="body", remedy="Write it, or let it be written."
        )
    day = fields.get(PUBLISHED_ON)
    return Article(
        marker=str(opened.row.id),
        version=opened.row.revision,
        title=_text(fields, "title") or opened.row.title,
        slug=_text(fields, "slug") or slug_of(opened.row.title),
        body=opened.body,
        summary=_text(fields, "summary"),
        tags=tuple(_lines(fields.get("tags"))),
        language=_text(fields, "language") or "en",
        author=_text(fields, "author"),
        date=datetime.fromisoformat(day) if isinstance(day, str) else moment,
        updated=opened.row.updated_at,
        picture=picture,
        citations=tuple(
            Citation(number=s.number, url=s.url, title=s.title, published=s.published)
            for s in opened.kept.values()
        ),
    )


def _text(fields: Any, name: str) -> str:
    value = fields.get(name)
    return " ".join(value.split()) if isinstance(value, str) else ""


def _lines(value: JsonValue) -> list[str]:
    return [str(item).strip() for item in value if str(item).strip()] if isinstance(value, list) else []
