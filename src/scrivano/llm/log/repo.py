"""All SQL of the request log. Batches go as one JSON parameter and one statement, so that many rows cost
little more than one."""

from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID

import orjson
from psycopg import sql

from scrivano.llm.log.months import bounds
from scrivano.llm.log.prepared import prepare, run_prepared
from scrivano.llm.pool import Connection

_STORE_BODIES = """
    bodies AS (
        INSERT INTO llm_messages (month, hash, body)
        SELECT month, hash, body
        FROM json_to_recordset($2::json) AS r(month integer, hash bytea, body text)
        ORDER BY month, hash
        ON CONFLICT DO NOTHING
    )
"""

THIS_HOUR: LiteralString = "floor(extract(epoch FROM now()) / 3600)::integer"
"""Sums belong to the hour in which they are written, so that an hour that is over never changes."""

OPEN = f"""
    WITH {_STORE_BODIES},
    chains AS (
        INSERT INTO llm_chains (month, hash, parent, tail)
        SELECT month, hash, parent, tail
        FROM json_to_recordset($3::json) AS r(month integer, hash bytea, parent bytea, tail
        bytea)
        ORDER BY month, hash
        ON CONFLICT DO NOTHING
    )
    INSERT INTO llm_requests (
        id, previous, instance, profile, attempt, counted_tokens, queued_ms, reserved, head, status, run, person,
        project, api_key, key, settings, labels
    )
    SELECT
        id, previous, instance, profile, attempt, counted_tokens, queued_ms, reserved, head, 'started', run, person,
        project, api_key, key, settings, labels
    FROM json_to_recordset($1::json) AS r(
        id uuid, previous uuid, instance integer, profile integer, attempt smallint, counted_tokens integer,
        queued_ms integer, reserved bigint, head bytea, run integer, person integer, project integer,
        api_key integer, key text, settings text, labels jsonb
    )
    ON CONFLICT (id) DO NOTHING
"""

# The first to finish under a key owns it; DO UPDATE without a change lets RETURNING name the owner to all. LIMIT keeps
# the planner from reading a month's rows for those few: the plan is made once, perhaps while the month is empty.
CLOSE = f"""
    WITH input AS MATERIALIZED (
        SELECT * FROM json_to_recordset($1::json) AS r(
            id uuid, key text, status text, profile integer, prompt_tokens integer, completion_tokens integer,
            cached_tokens integer, reasoning_tokens integer, cache_write_tokens integer,
            audio_prompt_tokens integer, image_prompt_tokens integer, audio_completion_tokens integer,
            image_completion_tokens integer, usage_counted boolean, ms integer, first_ms integer, cost bigint,
            answer bytea, finish_reason text, error text, source uuid, saved bigint, genre integer,
            would_cost bigint
        )
    ),
    before AS MATERIALIZED (
        SELECT b.* FROM input i CROSS JOIN LATERAL (
            SELECT q.id, q.person, q.project, q.api_key FROM llm_requests q
            WHERE q.id = i.id AND q.status = 'started' LIMIT 1
        ) AS b
    ),
    totals AS (
        INSERT INTO llm_usage_hours AS h (
            hour, slot, profile, person, project, api_key, genre, attempts, finished, hits, priced,
            prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens, ms, cost, would_cost, saved
        )
        SELECT {THIS_HOUR}, $3::smallint, i.profile,
            coalesce(b.person, 0), coalesce(b.project, 0), coalesce(b.api_key, 0),
            coalesce(i.genre, 0), count(*), count(*) FILTER (WHERE i.status = 'finished'), count(i.source),
            count(i.would_cost), sum(i.prompt_tokens), sum(i.completion_tokens), coalesce(sum(i.cached_tokens), 0),
            coalesce(sum(i.reasoning_tokens), 0), sum(i.ms), sum(i.cost), coalesce(sum(i.would_cost), 0),
            coalesce(sum(i.saved), 0)
        FROM input i JOIN before b USING (id)
        GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7
        ON CONFLICT (hour, slot, profile, person, project, api_key, genre) DO UPDATE
        SET attempts = h.attempts + excluded.attempts, finished = h.finished + excluded.finished,
            hits = h.hits + excluded.hits, priced = h.priced + excluded.priced,
            prompt_tokens = h.prompt_tokens + excluded.prompt_tokens,
            completion_tokens = h.completion_tokens + excluded.completion_tokens,
            cached_tokens = h.cached_tokens + excluded.cached_tokens,
            reasoning_tokens = h.reasoning_tokens + excluded.reasoning_tokens, ms = h.ms + excluded.ms,
            cost = h.cost + excluded.cost, would_cost = h.would_cost + excluded.would_cost,
            saved = h.saved + excluded.saved
    ),
    {_STORE_BODIES},
    claims AS (
        INSERT INTO llm_keys (key, request_id)
        SELECT key, id FROM input WHERE key IS NOT NULL AND status = 'finished' ORDER BY key
        ON CONFLICT (key) DO UPDATE SET request_id = llm_keys.request_id
        RETURNING key, request_id
    )
    UPDATE llm_requests AS q
    SET status = CASE
            WHEN i.status = 'finished' AND claims.request_id <> i.id THEN 'superseded' ELSE i.status
        END,
        profile = i.profile, prompt_tokens = i.prompt_tokens, completion_tokens = i.completion_tokens,
        cached_tokens = i.cached_tokens, reasoning_tokens = i.reasoning_tokens,
        cache_write_tokens = i.cache_write_tokens, audio_prompt_tokens = i.audio_prompt_tokens,
        image_prompt_tokens = i.image_prompt_tokens, audio_completion_tokens = i.audio_completion_tokens,
        image_completion_tokens = i.image_completion_tokens, source = i.source, saved = i.saved,
        usage_counted = i.usage_counted, ms = i.ms, first_ms = i.first_ms, cost = i.cost, answer = i.answer,
        finish_reason = i.finish_reason, error = i.error
    FROM input AS i LEFT JOIN claims ON claims.key = i.key
    WHERE q.id = i.id
    RETURNING q.id, q.status, claims.request_id AS winner
"""

_VIEW = """
    SELECT q.id, q.previous, q.attempt, q.prompt_tokens, q.completion_tokens, q.cached_tokens,
        q.reasoning_tokens, q.cache_write_tokens, q.audio_prompt_tokens, q.image_prompt_tokens,
        q.audio_completion_tokens, q.image_completion_tokens, q.source, q.saved,
        q.usage_counted, q.ms, q.first_ms, q.queued_ms, q.reserved, q.cost, q.head,
        q.answer, q.status, q.key, q.settings, q.labels, q.finish_reason, q.error, p.kind, p.feature,
        p.purpose, p.prompt_name, p.prompt_version, p.provider, p.model, p.locality, p.route, p.tier,
        run.name AS run_id, person.name AS user_id, project.name AS project_id
    FROM llm_requests q
    JOIN llm_profiles p ON p.id = q.profile
    LEFT JOIN llm_names run ON run.id = q.run
    LEFT JOIN llm_names person ON person.id = q.person
    LEFT JOIN llm_names project ON project.id = q.project
"""

BY_KEY = f"{_VIEW} WHERE q.id = (SELECT request_id FROM llm_keys WHERE key = %s)"
BY_ID = f"{_VIEW} WHERE q.id = %s"
BY_RUN = f"{_VIEW} WHERE q.run = (SELECT id FROM llm_names WHERE name = %s) ORDER BY q.id"
BY_USER = f"""
    {_VIEW} WHERE q.person = (SELECT id FROM llm_names WHERE name = %s) ORDER BY q.id DESC LIMIT %s OFFSET %s
"""
LATEST = f"{_VIEW} ORDER BY q.id DESC LIMIT %s OFFSET %s"

RUN_TOTALS = """
    SELECT p.locality, p.kind, count(*) AS attempts,
        count(*) FILTER (WHERE q.status = 'finished') AS finished,
        coalesce(sum(q.prompt_tokens), 0) AS prompt_tokens,
        coalesce(sum(q.completion_tokens), 0) AS completion_tokens,
        coalesce(sum(coalesce(q.cost, q.reserved, 0)), 0) AS cost, coalesce(sum(q.ms), 0) AS ms
    FROM llm_requests q JOIN llm_profiles p ON p.id = q.profile
    WHERE q.run = (SELECT id FROM llm_names WHERE name = %s)
    GROUP BY p.locality, p.kind ORDER BY p.locality, p.kind
"""

# What another process adds at this moment is not seen at once: asked again, it is.
NAMES = """
    WITH new AS (
        INSERT INTO llm_names (name) SELECT unnest(%(names)s::text[]) ON CONFLICT DO NOTHING RETURNING id, name
    )
    SELECT id, name FROM new UNION ALL SELECT id, name FROM llm_names WHERE name = ANY(%(names)s::text[])
"""
PROFILES = """
    WITH input AS MATERIALIZED (
        SELECT * FROM json_to_recordset(%(rows)s::json) AS r(
            hash bytea, kind text, feature text, purpose text, prompt_name text, prompt_version text,
            provider text, model text, locality text, route text, tier text
        )
    ),
    new AS (
        INSERT INTO llm_profiles (
            hash, kind, feature, purpose, prompt_name, prompt_version, provider, model, locality, route, tier
        )
        SELECT * FROM input ORDER BY hash ON CONFLICT DO NOTHING RETURNING id, hash
    )
    SELECT id, hash FROM new
    UNION ALL SELECT p.id, p.hash FROM llm_profiles p JOIN input USING (hash)
"""

# Follows the parents of a conversation to its beginning; depth 0 is its end.
CHAIN = """
    WITH RECURSIVE up AS (
        SELECT month, hash, parent, tail, 0 AS depth FROM llm_chains WHERE month = %(month)s AND
        hash = %(head)s
        UNION ALL
        SELECT c.month, c.hash, c.parent, c.tail, up.depth + 1
        FROM up JOIN llm_chains c ON c.month = up.month AND c.hash = up.parent
    )
    SELECT parent, tail FROM up ORDER BY depth DESC
"""
CHAINS = """
    WITH RECURSIVE up AS (
        SELECT hash AS head, month, parent, tail, 0 AS depth
        FROM llm_chains WHERE month = %s AND hash = ANY(%s)
        UNION ALL
        SELECT up.head, c.month, c.parent, c.tail, up.depth + 1
        FROM up JOIN llm_chains c ON c.month = up.month AND c.hash = up.parent
    )
    SELECT head, parent, tail FROM up ORDER BY head, depth DESC
"""
BODIES = "SELECT hash, body FROM llm_messages WHERE month = %s AND hash = ANY(%s)"
STORED_CHAINS = "SELECT hash FROM llm_chains WHERE month = %s AND hash = ANY(%s)"

_PARTITIONS = (
    "CREATE TABLE IF NOT EXISTS {requests} PARTITION OF llm_requests FOR VALUES FROM ({low}) TO ({high}) "
    # Each row is written twice; the place of its first version is found again only after a vacuum.
    "WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.1)",
    "CREATE TABLE IF NOT EXISTS {messages} PARTITION OF llm_messages FOR VALUES IN ({month})",
    "CREATE TABLE IF NOT EXISTS {chains} PARTITION OF llm_chains FOR VALUES IN ({month})",
)
_PARTITION_LOCK = 0x5C110001

Row = dict[str, Any]


async def fetch(
    connection: Connection, statement: LiteralString, parameters: Sequence[Any] | Row
) -> list[Row]:
    """The rows of a named statement."""
    cursor = await connection.execute(statement, parameters)
    return await cursor.fetchall()


_OPEN, _CLOSE = b"llm_open", b"llm_close"


async def plan_once(connection: Connection) -> None:
    """Let the connection plan the two statements of the log once, with nested loops by primary key.

    A batch has a few rows, while the planner, who cannot see into its JSON, takes it for a hundred. With one caller
    at a time that is 0.2 ms less a request.
    """
    await connection.execute(
        "SELECT set_config('plan_cache_mode', 'force_generic_plan', false), set_config('jit', 'off', false), "
        "set_config('enable_hashjoin', 'off', false), set_config('enable_mergejoin', 'off', false)"
    )
    await prepare(connection, _OPEN, OPEN)
    await prepare(connection, _CLOSE, CLOSE)


async def open_rows(connection: Connection, rows: list[Row], bodies: list[Row], chains: list[Row]) -> None:
    """Write attempts as started, with the texts and conversations that are new; the connection has planned once."""
    await run_prepared(connection, _OPEN, [_json(rows), _json(bodies), _json(chains)])


async def close_rows(
    connection: Connection, rows: list[Row], bodies: list[Row], slot: int
) -> list[tuple[UUID, str, UUID | None]]:
    """Write ends, and add them to the hours' sums in `slot`; no two `rows` may bear the same key. Gives id, status
    and the key's owner of each. Written twice, they are counted once. The connection has planned once."""
    found = await run_prepared(connection, _CLOSE, [_json(rows), _json(bodies), b"%d" % slot])
    return [
        (_uuid(id), (status or b"").decode(), _uuid(winner) if winner else None)
        for id, status, winner in found
    ]


def _uuid(text: bytes | None) -> UUID:
    assert text is not None
    return UUID(text.decode())


async def number_names(connection: Connection, names: Sequence[str]) -> dict[str, int]:
    """The numbers of names; new ones get one. Those that another process adds just now may be missing."""
    return {row["name"]: row["id"] for row in await fetch(connection, NAMES, {"names": list(names)})}


async def number_profiles(connection: Connection, rows: list[Row]) -> dict[bytes, int]:
    """The numbers of profiles by their hashes, in the same way."""
    found = await fetch(connection, PROFILES, {"rows": _json(rows).decode()})
    return {bytes(row["hash"]): row["id"] for row in found}


async def make_partitions(connection: Connection, month: int) -> None:
    """Make the month's partitions, if no other process has."""
    low, high = bounds(month)
    names = {part: sql.Identifier(f"llm_{part}_{month}") for part in ("requests", "messages", "chains")}
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", [_PARTITION_LOCK])
        for statement in _PARTITIONS:
            await connection.execute(
                sql.SQL(statement).format(
                    **names, low=sql.Literal(str(low)), high=sql.Literal(str(high)), month=sql.Literal(month)
                )
            )


def _json(rows: list[Row]) -> bytes:
    return orjson.dumps(rows)


NEXT_INSTANCE = "SELECT nextval(pg_get_serial_sequence('llm_instances', 'id'))::integer AS id"
LOCK_INSTANCE = "SELECT pg_advisory_lock(%s, %s)"
TRY_LOCK_INSTANCE = "SELECT pg_try_advisory_lock(%s, %s) AS locked"
UNLOCK_INSTANCE = "SELECT pg_advisory_unlock(%s, %s)"
ADD_INSTANCE = "INSERT INTO llm_instances (id, host, pid, oldest_open) VALUES (%s, %s, %s, %s)"
TOUCH_INSTANCE = """
    UPDATE llm_instances SET oldest_open = %(oldest)s WHERE id = %(id)s AND closed_at IS NULL
    RETURNING id, (SELECT epoch FROM llm_log_epoch) AS epoch
"""
OTHER_INSTANCES = "SELECT id, oldest_open FROM llm_instances WHERE closed_at IS NULL AND id <> %s"
CLOSE_INSTANCE = "UPDATE llm_instances SET closed_at = now() WHERE id = %s"
CUT_ROWS = f"""
    WITH cut AS (
        UPDATE llm_requests SET status = 'cut', cost = coalesce(reserved, 0), error = %(error)s
        WHERE id >= %(oldest)s AND instance = %(instance)s AND status = 'started'
        RETURNING id, profile, person, project, api_key, cost
    )
    INSERT INTO llm_usage_hours AS h (
        hour, slot, profile, person, project, api_key, genre, attempts, finished, hits, priced,
        prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens, ms, cost, would_cost, saved
    )
    SELECT {THIS_HOUR}, %(slot)s, profile,
        coalesce(person, 0), coalesce(project, 0), coalesce(api_key, 0), 0, count(*), 0, 0, 0, 0, 0, 0, 0, 0,
        sum(cost), 0, 0
    FROM cut GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (hour, slot, profile, person, project, api_key, genre) DO UPDATE
    SET attempts = h.attempts + excluded.attempts, cost = h.cost + excluded.cost
"""


async def lock_instance(connection: Connection, lock: int, host: str, pid: int, oldest: UUID) -> int:
    """A new instance's number; its lock is held by this connection before its row can be seen."""
    number = (await fetch(connection, NEXT_INSTANCE, []))[0]["id"]
    await connection.execute(LOCK_INSTANCE, [lock, number])
    await connection.execute(ADD_INSTANCE, [number, host, pid, oldest])
    return number


# --- retention, erasure, verification ---

FORGET_KEYS = "DELETE FROM llm_keys WHERE request_id < %s"
NEXT_EPOCH = "UPDATE llm_log_epoch SET epoch = epoch + 1"
OF_PROJECT = """
    SELECT id, head, answer, settings FROM llm_requests
    WHERE project = (SELECT id FROM llm_names WHERE name = %s)
"""
OF_PERSON = """
    SELECT id, head, answer, settings FROM llm_requests
    WHERE person = (SELECT id FROM llm_names WHERE name = %s)
"""
RENAME = "UPDATE llm_names SET name = %s WHERE name = %s"
ERASE_CHAINS = """
    WITH RECURSIVE up AS (
        SELECT month, hash, parent FROM llm_chains WHERE hash = ANY(%s)
        UNION
        SELECT c.month, c.hash, c.parent FROM up JOIN llm_chains c ON c.month = up.month AND c.hash = up.parent
    )
    DELETE FROM llm_chains c USING up WHERE c.month = up.month AND c.hash = up.hash RETURNING c.tail
"""
ERASE_BODIES = "DELETE FROM llm_messages WHERE hash = ANY(%s) RETURNING hash"
ERASE_KEYS = "DELETE FROM llm_keys WHERE request_id = ANY(%s)"
ERASE_CACHED = "DELETE FROM llm_cache WHERE project = %s"
ERASE_DETAILS = "UPDATE llm_requests SET error = NULL, labels = NULL WHERE id = ANY(%s)"
TO_VERIFY = """
    SELECT q.id, q.head, q.answer, q.settings, n.name AS project
    FROM llm_requests q LEFT JOIN llm_names n ON n.id = q.project
    WHERE q.id > %s ORDER BY q.id LIMIT %s
"""
_MONTHS = """
    SELECT substring(c.relname FROM '[0-9]{6}$')::integer AS month
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = %s::regclass ORDER BY 1
"""


async def months_of(connection: Connection, part: str) -> list[int]:
    """The months that have a partition of `requests`, `messages` or `chains`."""
    return [row["month"] for row in await fetch(connection, _MONTHS, [f"llm_{part}"])]


async def drop_partition(connection: Connection, part: str, month: int) -> None:
    """Drop a month whole."""
    await connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(f"llm_{part}_{month}")))
