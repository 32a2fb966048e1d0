"""All SQL of the statistics. They read the sums of hours, never the requests."""

from collections.abc import Sequence
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from scrivano.llm.log.repo import THIS_HOUR
from scrivano.llm.pool import Connection

Row = dict[str, Any]

# As whole numbers: a sum of bigints is a numeric, which takes a client ten times as long to read.
_SUMS: LiteralString = """
    sum(h.attempts)::bigint AS attempts, sum(h.finished)::bigint AS finished, sum(h.hits)::bigint AS hits,
    sum(h.attempts - h.priced)::bigint AS unpriced, sum(h.prompt_tokens)::bigint AS prompt_tokens,
    sum(h.completion_tokens)::bigint AS completion_tokens, sum(h.cached_tokens)::bigint AS cached_tokens,
    sum(h.reasoning_tokens)::bigint AS reasoning_tokens, sum(h.ms)::bigint AS ms, sum(h.cost)::bigint AS cost,
    sum(h.would_cost)::bigint AS would_cost, sum(h.saved)::bigint AS saved
"""
_TIER: LiteralString = "coalesce(p.tier, CASE p.locality WHEN 'cloud' THEN 'cloud' ELSE 'small-local' END)"

_NUMBERS: LiteralString = """
    attempts, finished, hits, priced, prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens, ms, cost,
    would_cost, saved
"""
_ADDED: LiteralString = """
    sum(h.attempts) AS attempts, sum(h.finished) AS finished, sum(h.hits) AS hits, sum(h.priced) AS priced,
    sum(h.prompt_tokens) AS prompt_tokens, sum(h.completion_tokens) AS completion_tokens,
    sum(h.cached_tokens) AS cached_tokens, sum(h.reasoning_tokens) AS reasoning_tokens, sum(h.ms) AS ms,
    sum(h.cost) AS cost, sum(h.would_cost) AS would_cost, sum(h.saved) AS saved
"""
# Days that are over as a whole, from %(from_day)s up to %(to_day)s; hours before and after them.
_SPAN: LiteralString = f"""
    (
        SELECT hour, profile, person, project, api_key, genre, {_NUMBERS} FROM llm_usage_hours
        WHERE (hour >= %(since)s AND hour < least(%(until)s, %(from_day)s)
            OR hour >= greatest(%(since)s, %(to_day)s) AND hour < %(until)s)
            AND (%(person)s::integer IS NULL OR person = %(person)s)
            AND (%(project)s::integer IS NULL OR project = %(project)s)
        UNION ALL
        SELECT day * 24, profile, person, project, api_key, genre, {_NUMBERS} FROM llm_usage_days
        WHERE day >= %(from_day)s / 24 AND day < %(to_day)s / 24
            AND (%(person)s::integer IS NULL OR person = %(person)s)
            AND (%(project)s::integer IS NULL OR project = %(project)s)
    ) h
"""

ROLLED = "SELECT rolled, floor((extract(epoch FROM now()) - 3600) / 86400)::integer * 24 AS may FROM llm_usage_state"
CLAIM = "SELECT rolled FROM llm_usage_state FOR UPDATE SKIP LOCKED"
ROLL = f"""
    INSERT INTO llm_usage_days (day, profile, person, project, api_key, genre, {_NUMBERS})
    SELECT h.hour / 24, h.profile, h.person, h.project, h.api_key, h.genre, {_ADDED} FROM llm_usage_hours h
    WHERE h.hour >= %s AND h.hour < %s GROUP BY 1, 2, 3, 4, 5, 6
    ON CONFLICT DO NOTHING
"""
SET_ROLLED = "UPDATE llm_usage_state SET rolled = %s"

# Grouped by number first: the names are needed for the few rows that are left.
ALL = f"""
    SELECT {_TIER} AS tier, p.feature, g.name AS genre, {_SUMS}
    FROM (SELECT h.profile, h.genre, {_ADDED} FROM {_SPAN} GROUP BY 1, 2) h
    JOIN llm_profiles p ON p.id = h.profile LEFT JOIN llm_names g ON g.id = h.genre
    WHERE %(feature)s::text IS NULL OR p.feature = %(feature)s
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
MARKS = "SELECT feature, started_at, before FROM llm_statistic_marks"
MARK = """
    INSERT INTO llm_statistic_marks (feature, before) VALUES (%s, %s)
    ON CONFLICT (feature) DO UPDATE SET started_at = now(), before = excluded.before
"""

STEPS: dict[str, LiteralString] = {
    "hour": "h.hour",
    "day": "h.hour / 24 * 24",
    "month": "(extract(epoch FROM date_trunc('month', to_timestamp(h.hour * 3600.0), 'UTC')) / 3600)::integer",
    "all": "NULL::integer",
}
GROUPS: dict[str, LiteralString] = {
    "model": "p.provider || '/' || p.model",
    "tier": _TIER,
    "feature": "p.feature",
    "kind": "p.kind",
    "genre": "(SELECT name FROM llm_names WHERE id = h.genre)",
    "user": "(SELECT name FROM llm_names WHERE id = h.person)",
    "project": "(SELECT name FROM llm_names WHERE id = h.project)",
    "key": "(SELECT name FROM llm_names WHERE id = h.api_key)",
    "none": "NULL::text",
}
_COLUMNS: dict[str, LiteralString] = {
    "model": "h.profile",
    "tier": "h.profile",
    "feature": "h.profile",
    "kind": "h.profile",
    "genre": "h.genre",
    "user": "h.person",
    "project": "h.project",
    "key": "h.api_key",
    "none": "0 AS nothing",
}


def usage(step: str, by: str) -> LiteralString:
    """The statement for sums by time and group."""
    column, start = _COLUMNS[by], STEPS[step]
    join: LiteralString = "JOIN llm_profiles p ON p.id = h.profile" if column == "h.profile" else ""
    return f"""
        WITH sums AS MATERIALIZED (SELECT {start} AS start, {column}, {_ADDED} FROM {_SPAN} GROUP BY 1, 2)
        SELECT h.start, {GROUPS[by]} AS group, {_SUMS} FROM sums h {join}
        GROUP BY 1, 2 ORDER BY 1 DESC NULLS LAST, cost DESC, attempts DESC LIMIT %(limit)s
    """


NAME = "SELECT id FROM llm_names WHERE name = %s"

ADD = f"""
    INSERT INTO llm_usage_hours AS h (
        hour, slot, profile, person, project, api_key, genre, attempts, finished, hits, priced,
        prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens, ms, cost, would_cost, saved
    )
    VALUES ({THIS_HOUR}, %s, %s, %s, %s, %s, %s, 1, 1, 0, 1, 0, 0, 0, 0, %s, 0, 0, 0)
    ON CONFLICT (hour, slot, profile, person, project, api_key, genre) DO UPDATE
    SET attempts = h.attempts + 1, finished = h.finished + 1, priced = h.priced + 1, ms = h.ms + excluded.ms
"""


async def fetch(
    connection: Connection, statement: LiteralString, parameters: Sequence[Any] | Row = ()
) -> list[Row]:
    """The rows of a named statement."""
    return await (await connection.execute(statement, parameters)).fetchall()


async def mark(connection: Connection, feature: str, before: list[Row]) -> None:
    """Set a new start."""
    await connection.execute(MARK, [feature, Jsonb(before)])


async def number_of(connection: Connection, name: str | None) -> int | None:
    """A name's number; -1, which nothing has, for a name that was never used."""
    if name is None:
        return None
    rows = await fetch(connection, NAME, [name])
    return rows[0]["id"] if rows else -1
