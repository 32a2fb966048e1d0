"""All SQL of the statistics. They read the sums of hours, never the requests."""

from collections.abc import Sequence
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from scrivano.llm.pool import Connection

Row = dict[str, Any]

_SUMS: LiteralString = """
    sum(h.attempts) AS attempts, sum(h.finished) AS finished, sum(h.hits) AS hits,
    sum(h.attempts - h.priced) AS unpriced, sum(h.prompt_tokens) AS prompt_tokens,
    sum(h.completion_tokens) AS completion_tokens, sum(h.cached_tokens) AS cached_tokens,
    sum(h.reasoning_tokens) AS reasoning_tokens, sum(h.ms) AS ms, sum(h.cost) AS cost,
    sum(h.would_cost) AS would_cost, sum(h.saved) AS saved
"""
_TIER: LiteralString = "coalesce(p.tier, CASE p.locality WHEN 'cloud' THEN 'cloud' ELSE 'small-local' END)"

# Grouped by number first: the names are needed for the few rows that are left.
ALL = f"""
    SELECT {_TIER} AS tier, p.feature, g.name AS genre, {_SUMS}
    FROM (
        SELECT profile, genre, sum(attempts) AS attempts, sum(finished) AS finished, sum(hits) AS hits,
            sum(priced) AS priced, sum(prompt_tokens) AS prompt_tokens, sum(completion_tokens) AS completion_tokens,
            sum(cached_tokens) AS cached_tokens, sum(reasoning_tokens) AS reasoning_tokens, sum(ms) AS ms,
            sum(cost) AS cost, sum(would_cost) AS would_cost, sum(saved) AS saved
        FROM llm_usage_hours GROUP BY profile, genre
    ) h
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
        WITH h AS MATERIALIZED (
            SELECT {start} AS start, {column}, sum(h.attempts) AS attempts, sum(h.finished) AS finished,
                sum(h.hits) AS hits, sum(h.priced) AS priced, sum(h.prompt_tokens) AS prompt_tokens,
                sum(h.completion_tokens) AS completion_tokens, sum(h.cached_tokens) AS cached_tokens,
                sum(h.reasoning_tokens) AS reasoning_tokens, sum(h.ms) AS ms, sum(h.cost) AS cost,
                sum(h.would_cost) AS would_cost, sum(h.saved) AS saved
            FROM llm_usage_hours h
            WHERE h.hour >= %(since)s AND h.hour < %(until)s
                AND (%(person)s::integer IS NULL OR h.person = %(person)s)
                AND (%(project)s::integer IS NULL OR h.project = %(project)s)
            GROUP BY 1, 2
        )
        SELECT h.start, {GROUPS[by]} AS group, {_SUMS} FROM h {join}
        GROUP BY 1, 2 ORDER BY 1 DESC NULLS LAST, cost DESC, attempts DESC LIMIT %(limit)s
    """


NAME = "SELECT id FROM llm_names WHERE name = %s"

ADD = """
    INSERT INTO llm_usage_hours AS h (
        hour, slot, profile, person, project, api_key, genre, attempts, finished, hits, priced,
        prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens, ms, cost, would_cost, saved
    )
    VALUES (%s, %s, %s, %s, %s, %s, %s, 1, 1, 0, 1, 0, 0, 0, 0, %s, 0, 0, 0)
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
