"""All SQL of events."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import bindparam
from sqlalchemy.types import Text

CHANNEL = "scrivano_events"

_APPEND = text("SELECT events_append(:topics, :kind, :data)").bindparams(
    bindparam("topics", type_=ARRAY(Text)), bindparam("data", type_=JSONB)
)
_READ = text(
    "SELECT id, topic, kind, data, created_at FROM events"
    " WHERE topic = :topic AND id > :after ORDER BY id LIMIT :limit"
)
_DELETE = text("DELETE FROM events WHERE topic = :topic")


async def append(session: AsyncSession, topics: Sequence[str], kind: str, data: dict[str, Any]) -> None:
    """Add one event to each of `topics`, which stay locked until the transaction ends."""
    await session.execute(_APPEND, {"topics": list(topics), "kind": kind, "data": data})


async def read(session: AsyncSession, topic: str, after: int, limit: int) -> Sequence[RowMapping]:
    """Rows of `topic` with an id above `after`, in order."""
    found = await session.execute(_READ, {"topic": topic, "after": after, "limit": limit})
    return found.mappings().all()


async def delete(session: AsyncSession, topic: str) -> None:
    """Remove a topic's events; its numbers are never given out again."""
    await session.execute(_DELETE, {"topic": topic})
