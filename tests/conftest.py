"""A real PostgreSQL for every test that asks: a clone of a migrated template, dropped afterwards.

All test processes of a checkout share one embedded server in memory or in the temporary folder, without fsync. Whoever
comes first starts it and whoever leaves last stops it.
"""

import asyncio
import hashlib
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from scrivano.core import migrate
from scrivano.core.database import Database
from scrivano.core.postgres import EmbeddedPostgres
from scrivano.core.settings import Settings
from scrivano.llm.public import forbid_foreign_hosts
from scrivano.runs.public import prepare

_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "2GB",
    # A client that went away while it connected holds up whoever drops a database until the server gives it up.
    "authentication_timeout": "5s",
}
_MIGRATIONS = Path(migrate.__file__).parent.parent / "migrations"
_SHIPPED = [_MIGRATIONS, *(_MIGRATIONS.parent / room for room in ("prompts", "packs", "assessment"))]
_TEMPLATE_LOCK = 4711

forbid_foreign_hosts()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[EmbeddedPostgres]:
    """The embedded server that all tests share."""
    here = hashlib.sha256(os.fsencode(Path(__file__).resolve())).hexdigest()[:8]
    server = EmbeddedPostgres(_folder() / f"scrivano-tests-{os.geteuid()}-{here}", settings=_FAST)
    asyncio.run(server.start())
    asyncio.run(_drop_abandoned(server))
    yield server
    asyncio.run(server.stop_if_unused())


def _folder() -> Path:
    """Memory where there is enough of it: a clone is 900 files, and costs there a quarter of the processor time."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 4 << 30
    return memory if roomy else Path(tempfile.gettempdir())


@pytest.fixture(scope="session")
def template_database(postgres_server: EmbeddedPostgres) -> str:
    """The name of a database at the newest revision with all that is shipped in it, from which tests get their clones."""
    contents = b"".join(
        path.read_bytes() for room in _SHIPPED for path in sorted(room.rglob("*.*")) if path.suffix != ".pyc"
    )
    name = f"template_{hashlib.sha256(contents).hexdigest()[:16]}"
    asyncio.run(_make_template(postgres_server, name, _furnish))
    return name


@pytest.fixture(scope="session")
def bare_template_database(postgres_server: EmbeddedPostgres) -> str:
    """The same without prompts and packs."""
    contents = b"".join(path.read_bytes() for path in sorted(_MIGRATIONS.rglob("*.py")))
    name = f"bare_template_{hashlib.sha256(contents).hexdigest()[:16]}"
    asyncio.run(_make_template(postgres_server, name))
    return name


@pytest.fixture
async def database_url(postgres_server: EmbeddedPostgres, template_database: str) -> AsyncIterator[str]:
    """The libpq URL of a fresh database of this test's own: migrated, with starter prompts and packs."""
    async with _clone(postgres_server, template_database) as url:
        yield url


@pytest.fixture
async def bare_database_url(
    postgres_server: EmbeddedPostgres, bare_template_database: str
) -> AsyncIterator[str]:
    """The libpq URL of a fresh, migrated database without anything in it."""
    async with _clone(postgres_server, bare_template_database) as url:
        yield url


@asynccontextmanager
async def _clone(server: EmbeddedPostgres, template: str) -> AsyncIterator[str]:
    name = f"test_{os.getpid()}_{uuid.uuid4().hex[:12]}"
    await _execute(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    yield server.url(name)
    await _execute(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def make_clone(server: EmbeddedPostgres, template: str) -> Iterator[str]:
    """The same for tests of processes, which have no loop of their own."""
    name = f"test_{os.getpid()}_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        yield server.url(name)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
async def empty_database_url(postgres_server: EmbeddedPostgres) -> AsyncIterator[str]:
    """The libpq URL of a fresh database without any table."""
    name = f"test_{os.getpid()}_{uuid.uuid4().hex[:12]}"
    await _execute(postgres_server, f'CREATE DATABASE "{name}"')
    yield postgres_server.url(name)
    await _execute(postgres_server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A `Database` on a fresh, migrated database."""
    database = Database(database_url)
    yield database
    await database.dispose()


async def _execute(server: EmbeddedPostgres, statement: str) -> None:
    async with await psycopg.AsyncConnection.connect(server.url("postgres"), autocommit=True) as connection:
        await connection.execute(sql.SQL(statement))


async def _furnish(url: str) -> None:
    """What a house loads when it opens, so that those of the tests find it unchanged."""
    # Here, as it imports every room, which a test of one has no use for.
    from scrivano.wiring import build

    with tempfile.TemporaryDirectory() as home:
        house = build(Settings(home=Path(home), discover_urls="off"), url)
        await house.prompts.load_starter()
        await house.packs.load_shipped()
        await house.assessments.load_shipped()
        await house.entrance.close()
        await house.database.dispose()


async def _make_template(
    server: EmbeddedPostgres, name: str, fill: Callable[[str], Awaitable[None]] | None = None
) -> None:
    async with await psycopg.AsyncConnection.connect(server.url("postgres"), autocommit=True) as connection:
        await connection.execute("SELECT pg_advisory_lock(%s)", [_TEMPLATE_LOCK])
        found = await connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if await found.fetchone() is not None:
            return
        fresh = f"fresh_{os.getpid()}_{uuid.uuid4().hex[:12]}"
        await connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(fresh)))
        await migrate.upgrade(server.url(fresh))
        await prepare(server.url(fresh))
        if fill is not None:
            await fill(server.url(fresh))
        await connection.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(fresh), sql.Identifier(name))
        )


async def _drop_abandoned(server: EmbeddedPostgres) -> None:
    """Drop what test processes that were killed left behind."""
    async with await psycopg.AsyncConnection.connect(server.url("postgres"), autocommit=True) as connection:
        found = await connection.execute(
            "SELECT datname FROM pg_database WHERE datname ~ '^(test|fresh)_[0-9]+_'"
        )
        for (name,) in await found.fetchall():
            if not Path(f"/proc/{name.split('_')[1]}").exists():
                await connection.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
                )


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a skipped test is a failure: there every package is installed."""
    if os.environ.get("SCRIVANO_FORBID_SKIPS") != "1":
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if skipped and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        print(f"\n{len(skipped)} tests were skipped, which CI forbids.")
