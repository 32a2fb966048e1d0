"""All SQL of budgets. They are always locked in the order of their ids, so that nobody waits in a circle."""

from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID

from scrivano.llm.pool import Connection

Row = dict[str, Any]

_FIELDS: LiteralString = "id, scope, scope_id, limit_nano, reserved_nano, spent_nano"

SET = f"""
    INSERT INTO llm_budgets (scope, scope_id, limit_nano) VALUES (%s, %s, %s)
    ON CONFLICT (scope, scope_id) DO UPDATE SET limit_nano = excluded.limit_nano
    RETURNING {_FIELDS}
"""
REMOVE = "DELETE FROM llm_budgets WHERE scope = %s AND scope_id = %s"
GET = f"SELECT {_FIELDS} FROM llm_budgets WHERE scope = %s AND scope_id = %s"
APPLYING = """
    SELECT b.id FROM llm_budgets b
    JOIN unnest(%s::text[], %s::text[]) AS s(scope, scope_id) USING (scope, scope_id)
"""
LOCK = f"SELECT {_FIELDS} FROM llm_budgets WHERE id = ANY(%s) ORDER BY id FOR UPDATE"
RESERVE = "UPDATE llm_budgets SET reserved_nano = reserved_nano + %s WHERE id = ANY(%s)"
NOTE = """
    INSERT INTO llm_reservations (request_id, budget_id, instance, amount_nano)
    SELECT %s, id, %s, %s FROM unnest(%s::integer[]) AS b(id)
"""
TAKE_BACK = "DELETE FROM llm_reservations WHERE request_id = %s RETURNING budget_id, amount_nano"
SETTLE = """
    UPDATE llm_budgets SET reserved_nano = reserved_nano - %s, spent_nano = spent_nano + %s WHERE id = %s
"""
# What a dead process had reserved costs nothing where no row tells that it was sent, what the row says where
# that ended, else all of it, as it may have been billed.
DEAD = """
    SELECT DISTINCT r.request_id,
        CASE WHEN q.id IS NULL THEN 0 ELSE coalesce(q.cost, r.amount_nano) END AS cost
    FROM llm_reservations r LEFT JOIN llm_requests q ON q.id = r.request_id
    WHERE r.instance = %s ORDER BY r.request_id
"""


async def _fetch(connection: Connection, statement: LiteralString, parameters: Sequence[Any]) -> list[Row]:
    return await (await connection.execute(statement, parameters)).fetchall()


async def put(connection: Connection, scope: str, scope_id: str, limit: int) -> Row:
    """Set a limit; what is spent and reserved stays."""
    return (await _fetch(connection, SET, [scope, scope_id, limit]))[0]


async def remove(connection: Connection, scope: str, scope_id: str) -> None:
    """Take a limit away."""
    await connection.execute(REMOVE, [scope, scope_id])


async def find(connection: Connection, scope: str, scope_id: str) -> Row | None:
    """One budget."""
    rows = await _fetch(connection, GET, [scope, scope_id])
    return rows[0] if rows else None


async def applying(connection: Connection, scopes: Sequence[tuple[str, str]]) -> list[int]:
    """The ids of the budgets that apply to these scopes."""
    names, ids = [scope for scope, _ in scopes], [id for _, id in scopes]
    return [row["id"] for row in await _fetch(connection, APPLYING, [names, ids])]


async def lock(connection: Connection, ids: Sequence[int]) -> list[Row]:
    """Budgets, locked until the transaction ends."""
    return await _fetch(connection, LOCK, [list(ids)])


async def reserve(
    connection: Connection, ids: Sequence[int], request: UUID, instance: int, amount: int
) -> None:
    """Reserve in all of them."""
    await connection.execute(RESERVE, [amount, list(ids)])
    await connection.execute(NOTE, [request, instance, amount, list(ids)])


async def settle(connection: Connection, request: UUID, cost: int) -> None:
    """Turn a request's reservations into what it cost; without any, as after a recovery, nothing happens."""
    rows = await _fetch(connection, TAKE_BACK, [request])
    await lock(connection, [row["budget_id"] for row in rows])
    for row in sorted(rows, key=lambda row: row["budget_id"]):
        await connection.execute(SETTLE, [row["amount_nano"], cost, row["budget_id"]])


async def settle_dead(connection: Connection, instance: int) -> None:
    """The same for all that a dead process left."""
    for row in await _fetch(connection, DEAD, [instance]):
        await settle(connection, row["request_id"], row["cost"])
