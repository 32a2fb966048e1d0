"""All SQL of the registry."""

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString
from uuid import UUID

from psycopg import sql
from psycopg.types.json import Jsonb

from scrivano.llm.pool import Connection

Row = dict[str, Any]

PROVIDERS = "SELECT * FROM llm_providers ORDER BY name"
SEALED = (
    "SELECT id, name, base_url, api_key FROM llm_providers WHERE api_key IS NOT NULL ORDER BY id FOR UPDATE"
)
PROVIDER = "SELECT * FROM llm_providers WHERE id = %s"
MODELS = """
    SELECT m.*, p.name AS provider, p.locality, p.health
    FROM llm_models m JOIN llm_providers p ON p.id = m.provider_id
    ORDER BY
        CASE m.tier WHEN 'large-local' THEN 0 WHEN 'small-local' THEN 1 ELSE 2 END,
        m.priority, m.name, p.name
"""
ADD_PROVIDER = """
    INSERT INTO llm_providers (id, name, kind, base_url, locality, api_key, settings, discovered)
    VALUES (%(id)s, %(name)s, %(kind)s, %(base_url)s, %(locality)s, %(api_key)s, %(settings)s, %(discovered)s)
    ON CONFLICT (name) DO NOTHING
    RETURNING *
"""
REMOVE_PROVIDER = "DELETE FROM llm_providers WHERE id = %s RETURNING id"
ADD_MODEL = """
    INSERT INTO llm_models (
        id, provider_id, name, tier, capabilities, context_length, max_output, tokenizer, concurrency,
        input_mtok, output_mtok, cached_mtok, cache_write_mtok, audio_input_mtok, audio_output_mtok,
        prices_known, prices_date, prices_source
    )
    VALUES (
        %(id)s, %(provider_id)s, %(name)s, %(tier)s, %(capabilities)s, %(context_length)s, %(max_output)s,
        %(tokenizer)s, %(concurrency)s, %(input_mtok)s, %(output_mtok)s, %(cached_mtok)s, %(cache_write_mtok)s,
        %(audio_input_mtok)s, %(audio_output_mtok)s, %(prices_known)s, %(prices_date)s, %(prices_source)s
    )
    ON CONFLICT (provider_id, name) DO NOTHING
    RETURNING id
"""
REMOVE_MODEL = "DELETE FROM llm_models WHERE id = %s RETURNING id"
CHECKED = """
    UPDATE llm_providers SET health = %s, health_note = %s, checked_at = now()
    WHERE id = %s AND (health, coalesce(health_note, '')) IS DISTINCT FROM (%s, coalesce(%s, ''))
"""

_PROVIDER_COLUMNS = frozenset({"name", "base_url", "locality", "api_key", "settings", "enabled"})
_MODEL_COLUMNS = frozenset(
    {
        "tier",
        "priority",
        "enabled",
        "capabilities",
        "context_length",
        "max_output",
        "tokenizer",
        "concurrency",
        "input_mtok",
        "output_mtok",
        "cached_mtok",
        "cache_write_mtok",
        "audio_input_mtok",
        "audio_output_mtok",
        "image_input_mtok",
        "image_output_mtok",
        "electricity_hour",
        "prices_known",
        "prices_date",
        "prices_source",
    }
)


async def fetch(
    connection: Connection, statement: LiteralString, parameters: Sequence[Any] | Row = ()
) -> list[Row]:
    """The rows of a named statement."""
    return await (await connection.execute(statement, parameters)).fetchall()


async def add_provider(connection: Connection, row: Row) -> Row | None:
    """A new provider; None if the name is taken."""
    rows = await fetch(connection, ADD_PROVIDER, row | {"settings": Jsonb(row["settings"])})
    return rows[0] if rows else None


async def change_provider(connection: Connection, id: UUID, values: Mapping[str, Any]) -> None:
    """Set columns of a provider."""
    await _change(connection, "llm_providers", id, values, _PROVIDER_COLUMNS)


async def change_model(connection: Connection, id: UUID, values: Mapping[str, Any]) -> None:
    """Set columns of a model."""
    await _change(connection, "llm_models", id, values, _MODEL_COLUMNS)


async def note_health(connection: Connection, id: UUID, health: str, note: str | None) -> None:
    """Write a provider's health where it has changed."""
    await connection.execute(CHECKED, [health, note, id, health, note])


async def _change(
    connection: Connection, table: str, id: UUID, values: Mapping[str, Any], allowed: frozenset[str]
) -> None:
    columns = [name for name in values if name in allowed]
    if not columns:
        return
    assignments = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in columns
    )
    statement = sql.SQL("UPDATE {} SET {}, updated_at = now() WHERE id = {}").format(
        sql.Identifier(table), assignments, sql.Placeholder("id")
    )
    packed = {k: Jsonb(v) if isinstance(v, dict) else v for k, v in values.items()}
    await connection.execute(statement, {**packed, "id": id})
