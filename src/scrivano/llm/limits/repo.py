"""All SQL of rate limits. What was used stands in slots of a second; the database's clock counts.

Limits are always locked in the order of their ids, so that nobody waits in a circle.
"""

from collections.abc import Sequence
from typing import Any, LiteralString

from scrivano.llm.pool import Connection

Row = dict[str, Any]

SET = """
    INSERT INTO llm_rate_limits (scope, scope_id, requests_minute, tokens_minute) VALUES (%s, %s, %s, %s)
    ON CONFLICT (scope, scope_id) DO UPDATE
    SET requests_minute = excluded.requests_minute, tokens_minute = excluded.tokens_minute
    RETURNING id, scope, scope_id, requests_minute, tokens_minute
"""
REMOVE = "DELETE FROM llm_rate_limits WHERE scope = %s AND scope_id = %s"
GET = """
    SELECT id, scope, scope_id, requests_minute, tokens_minute FROM llm_rate_limits
    WHERE scope = %s AND scope_id = %s
"""
APPLYING = """
    SELECT l.id FROM llm_rate_limits l
    JOIN unnest(%s::text[], %s::text[]) AS s(scope, scope_id) USING (scope, scope_id)
"""
LOCK = """
    SELECT id, scope, scope_id, requests_minute, tokens_minute FROM llm_rate_limits
    WHERE id = ANY(%s) ORDER BY id FOR UPDATE
"""
USED = """
    SELECT limit_id, second, requests, tokens FROM llm_rate_use
    WHERE limit_id = ANY(%s) AND second > %s ORDER BY second
"""
NOW = "SELECT extract(epoch FROM clock_timestamp())::float8 AS now"
TAKE = """
    INSERT INTO llm_rate_use (limit_id, second, requests, tokens)
    SELECT id, %s, 1, %s FROM unnest(%s::integer[]) AS l(id)
    ON CONFLICT (limit_id, second) DO UPDATE
    SET requests = llm_rate_use.requests + 1, tokens = llm_rate_use.tokens + excluded.tokens
"""
FORGET = "DELETE FROM llm_rate_use WHERE limit_id = ANY(%s) AND second <= %s"
SETTLE = """
    UPDATE llm_rate_use SET tokens = greatest(0, tokens + %s) WHERE limit_id = ANY(%s) AND second = %s
"""


async def fetch(connection: Connection, statement: LiteralString, parameters: Sequence[Any]) -> list[Row]:
    """The rows of a named statement."""
    return await (await connection.execute(statement, parameters)).fetchall()


async def now(connection: Connection) -> float:
    """The database's clock, as all processes share it."""
    return (await fetch(connection, NOW, []))[0]["now"]


async def applying(connection: Connection, scopes: Sequence[tuple[str, str]]) -> list[int]:
    """The ids of the limits that apply to these scopes."""
    names, ids = [scope for scope, _ in scopes], [id for _, id in scopes]
    return [row["id"] for row in await fetch(connection, APPLYING, [names, ids])]
