"""Bring a database's tables up to date.

Revisions form one chain, `migrations/versions/NNNN_feature.py`, where the file's name is the revision's
id. So the newest is known without importing Alembic, which costs more than all else that a start does.
"""

import asyncio
import importlib
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import create_engine, pool
from sqlalchemy.engine import make_url

from scrivano.core.errors import OperationalError

_LOCK = 7305_0001  # arbitrary, ours: whoever migrates holds it
_HERE = Path(__file__).parent.parent / "migrations"


def heads() -> tuple[str, ...]:
    """The newest revision that this version of Scrivano knows."""
    return (max(path.stem for path in (_HERE / "versions").glob("[0-9]*.py")),)


def knows(revision: str | None) -> bool:
    """Whether this version of Scrivano can bring a database at this revision up to date; None is an empty one."""
    return revision is None or revision in {path.stem for path in (_HERE / "versions").glob("[0-9]*.py")}


async def current(url: str) -> str | None:
    """The revision that the database at `url` is at; None where it is empty."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        try:
            found = await (await connection.execute("SELECT version_num FROM alembic_version")).fetchone()
        except psycopg.errors.UndefinedTable:
            return None
    return found[0] if found else None


async def upgrade(url: str, revision: str = "head") -> None:
    """Migrate the database at `url` (a libpq URL) to `revision`; does nothing, quickly, where it is there.

    Several processes may call it at once: one migrates, the others wait for it. Raises OperationalError for a
    database that a newer Scrivano has migrated.
    """
    target = heads()[0] if revision == "head" else revision
    found = await current(url)
    if found == target:
        return
    if not knows(found):
        raise OperationalError(
            f"The database was used by a newer Scrivano: it is at revision {found}, this one knows {heads()[0]}.",
            remedy="Start the newer version again, or restore a backup from before: scrivano restore.",
        )
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        if await current(url) != target:
            await asyncio.to_thread(_run, url, "upgrade", target)


async def downgrade(url: str, revision: str) -> None:
    """Take the database back to `revision` (or `base`), for going back a version."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        await asyncio.to_thread(_run, url, "downgrade", revision)


def _run(url: str, what: str, revision: str) -> None:
    command: Any = importlib.import_module("alembic.command")
    config: Any = importlib.import_module("alembic.config").Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), poolclass=pool.NullPool)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        getattr(command, what)(config, revision)
