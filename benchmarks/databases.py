"""Migrated databases on an embedded server of the benchmark's own, gone afterwards."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from scrivano.core import migrate
from scrivano.core.postgres import EmbeddedPostgres


@asynccontextmanager
async def fresh_databases(number: int, settings: dict[str, str] | None = None) -> AsyncIterator[list[str]]:
    """The URLs of so many; `settings` are the server's."""
    with tempfile.TemporaryDirectory(prefix="scrivano-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedPostgres(Path(folder), settings={"max_connections": "600", **(settings or {})})
        await server.start()
        try:
            await _create(server, "bench", None)
            await migrate.upgrade(server.url("bench"))
            names = [f"bench_{n}" for n in range(number)]
            for name in names:
                await _create(server, name, "bench")
            yield [server.url(name) for name in names]
        finally:
            await server.stop_if_unused()


async def _create(server: EmbeddedPostgres, name: str, template: str | None) -> None:
    statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if template is not None:
        statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    async with await psycopg.AsyncConnection.connect(server.url("postgres"), autocommit=True) as connection:
        await connection.execute(statement)
