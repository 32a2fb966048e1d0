"""All SQL of events."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import bindparam
from sqlalchemy.types import Text

LISTEN = "LISTEN scrivano_events"

_APPEND = text("SELECT events_append(:topics, :kind, :data)").bindparams(
    bindparam("topics", type_=ARRAY(Text)), bindparam("data", type_=JSONB)
)
_READ = text(
    "SELECT id, topic, kind, data, created_at FROM events"
    " WHERE topic = :topic AND id > :after AND (:kinds IS NULL OR kind = ANY (:kinds))"
    " ORDER BY id LIMIT :limit"
).bindparams(bindparam("kinds", type_=ARRAY(Text)))
_LAST = text("SELECT last_id FROM event_topics WHERE topic = :topic")
_DELETE = text("DELETE FROM events WHERE topic = :topic")


async def append(session: AsyncSession, topics: Sequence[str], kind: str, data: dict[str, Any]) -> None:
    """Add one event to each of `topics`, which stay locked until the transaction ends."""
    await session.execute(_APPEND, {"topics": list(topics), "kind": kind, "data": data})


async def read(
    session: AsyncSession, topic: str, after: int, limit: int, kinds: Sequence[str] | None = None
) -> Sequence[RowMapping]:
    """Rows of `topic` with an id above `after`, in order; only of `kinds` if given."""
    wanted = None if kinds is None else list(kinds)
    found = await session.execute(_READ, {"topic": topic, "after": after, "limit": limit, "kinds": wanted})
    return found.mappings().all()


async def last_id(session: AsyncSession, topic: str) -> int:
    """The newest id of `topic`; 0 if it has none."""
    return (await session.execute(_LAST, {"topic": topic})).scalar_one_or_none() or 0


async def delete(session: AsyncSession, topic: str) -> None:
    """Remove a topic's events; its numbers are never given out again."""
    await session.execute(_DELETE, {"topic": topic})
