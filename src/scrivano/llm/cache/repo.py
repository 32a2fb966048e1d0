"""All SQL of the cache. It holds no texts: an answer is the log's, and is gone when the log's is."""

from collections.abc import Sequence
from typing import Any, LiteralString

from scrivano.llm.pool import Connection

Row = dict[str, Any]

POLICIES = "SELECT feature, mode, seconds, likeness FROM llm_cache_policies"
SET_POLICY = """
    INSERT INTO llm_cache_policies (feature, mode, seconds, likeness) VALUES (%s, %s, %s, %s)
    ON CONFLICT (feature) DO UPDATE
    SET mode = excluded.mode, seconds = excluded.seconds, likeness = excluded.likeness
"""
FIND = "SELECT request_id FROM llm_cache WHERE hash = %s AND expires_at > now()"
NEAREST = """
    SELECT request_id, 1 - (embedding::vector <=> %(embedding)s::real[]::vector) AS likeness FROM llm_cache
    WHERE around = %(around)s AND embedder = %(embedder)s AND expires_at > now()
    ORDER BY embedding::vector <=> %(embedding)s::real[]::vector LIMIT 1
"""
STORE = """
    INSERT INTO llm_cache (hash, feature, project, request_id, expires_at, around, embedder, embedding)
    VALUES (%(hash)s, %(feature)s, %(project)s, %(request)s, now() + make_interval(secs => %(seconds)s), %(around)s,
        %(embedder)s, %(embedding)s)
    ON CONFLICT (hash) DO UPDATE
    SET request_id = excluded.request_id, expires_at = excluded.expires_at, around = excluded.around,
        embedder = excluded.embedder, embedding = excluded.embedding
"""
EXPIRED = "DELETE FROM llm_cache WHERE expires_at <= now()"
CLEAR = "DELETE FROM llm_cache WHERE %(feature)s::text IS NULL OR feature = %(feature)s"
VECTORS = "CREATE EXTENSION IF NOT EXISTS vector"


async def fetch(
    connection: Connection, statement: LiteralString, parameters: Sequence[Any] | Row = ()
) -> list[Row]:
    """The rows of a named statement."""
    return await (await connection.execute(statement, parameters)).fetchall()


async def run(connection: Connection, statement: LiteralString, parameters: Sequence[Any] | Row = ()) -> int:
    """Carry a named statement out; gives the number of rows that it touched."""
    return (await connection.execute(statement, parameters)).rowcount
