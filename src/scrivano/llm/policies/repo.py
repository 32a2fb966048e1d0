"""All SQL of the projects' policies."""

from typing import Any

from scrivano.llm.pool import Connection

FIND = "SELECT local_only, hosts FROM llm_policies WHERE project_id = %s"
PUT = """
    INSERT INTO llm_policies (project_id, local_only, hosts) VALUES (%s, %s, %s)
    ON CONFLICT (project_id) DO UPDATE
    SET local_only = excluded.local_only, hosts = excluded.hosts, updated_at = now()
"""


async def find(connection: Connection, project_id: str) -> dict[str, Any] | None:
    """A project's entry."""
    return await (await connection.execute(FIND, [project_id])).fetchone()


async def put(connection: Connection, project_id: str, local_only: bool, hosts: list[str]) -> None:
    """Set it."""
    await connection.execute(PUT, [project_id, local_only, hosts])
