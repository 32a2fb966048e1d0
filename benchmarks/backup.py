"""Take a backup under load, kill everything, restore it elsewhere, and compare every table with what the backup saw.

    python -m benchmarks.backup [--seconds 6] [--writers 6]

Writers (a process of their own) save versions of texts, upload and read references, order books, append events and log requests
while `scrivano.core.backup` runs. A transaction that stays open over the backup's snapshot counts and sums up every row of every
table. Then the writers and PostgreSQL itself are killed with SIGKILL, the archive is restored into another server, and the sums are
compared. Besides: a backup that is killed leaves no archive; a restore that is killed leaves the database as it was and can be
done again; the restored database takes work.
"""

import argparse
import asyncio
import contextlib
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from scrivano.core import backup as archive
from scrivano.core import migrate
from scrivano.core.ids import new_id
from scrivano.core.postgres import EmbeddedPostgres
from scrivano.core.settings import Settings
from scrivano.llm.public import CallContext, Message
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.wiring import House, open_house
from tests.processes import children
from tests.workshop import open_workshop, small_brief

TABLES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1, 2
"""
SUM = """
    SELECT count(*), coalesce(sum(CAST(CAST('x' || left(md5(t::text), 15) AS bit(60)) AS bigint)::numeric), 0)
    FROM {} AS t
"""
Sums = dict[str, tuple[int, int]]


async def sums(connection: psycopg.AsyncConnection[Any]) -> Sums:
    """Rows, and the sum of their hashes, of every table."""
    found: Sums = {}
    for schema, name in await (await connection.execute(TABLES)).fetchall():
        row = await (await connection.execute(sql.SQL(SUM).format(sql.Identifier(schema, name)))).fetchone()
        assert row is not None
        found[f"{schema}.{name}"] = int(row[0]), int(row[1])
    return found


async def write(url: str, home: Path, writers: int) -> None:
    """Work until killed."""
    async with open_workshop(url, home) as place:
        await place.house.llm.registry.discover()
        await asyncio.gather(*(_writer(place.house, number) for number in range(writers)))


async def _writer(house: House, number: int) -> None:
    chance = random.Random(number)
    document, version = new_id(), 0
    await house.documents.create("chapter", f"Text {number}", document_id=document)
    for turn in range(1_000_000):
        text = " ".join(str(chance.random()) for _ in range(chance.randint(5, 2000)))
        version = (await house.documents.add_version(document, text, expected_number=version)).number
        await house.events.append(f"bench:{number}", "turn", {"turn": turn})
        if turn % 7 == number % 7:
            added = await house.library.add(DEFAULT_PROJECT, f"{number}-{turn}.txt", text.encode())
            await house.library.note_uses(DEFAULT_PROJECT, [(added.id, 1)], feature="book", item_id=str(turn))
        if turn % 5 == number % 5:
            await house.llm.generate_response(
                [Message(role="user", content=text[:400])],
                context=CallContext(feature="bench", purpose="load"),
            )
        if turn % 11 == 0:
            await house.notifications.tell(DEFAULT_PROJECT, "run.failed", {"turn": turn})
            await house.books.order(small_brief(title=f"Book {turn}"))
        if turn == 2:
            print("working", flush=True)


async def start_writers(url: str, home: Path, writers: int) -> asyncio.subprocess.Process:
    """The process of the writers, once all of them work."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.backup", "--write", url, "--home", str(home)),
        *("--writers", str(writers)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    for _ in range(writers):
        assert await child.stdout.readline(), "the writers ended"
    return child


async def under_load(
    url: str, home: Path, target: Path, given: argparse.Namespace
) -> tuple[Sums, Sums, float]:
    """Sums as the backup saw them, sums after it, and its seconds. The writers are killed at the end."""
    child = await start_writers(url, home, given.writers)
    try:
        await asyncio.sleep(given.seconds)  # let there be something to back up: this is the load, not a wait
        async with await psycopg.AsyncConnection.connect(url) as connection:
            await connection.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)
            row = await (await connection.execute("SELECT pg_export_snapshot()")).fetchone()
            assert row is not None
            begun = time.perf_counter()
            await archive.backup(url, target, snapshot=row[0])
            took = time.perf_counter() - begun
            seen = await sums(connection)
        async with await psycopg.AsyncConnection.connect(url) as connection:
            after = await sums(connection)
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
    return seen, after, took


async def killed(command: str, url: str, file: Path, delay: float) -> int:
    """A backup or restore in a process group that is killed after so many seconds; its exit status."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "scrivano", command, str(file)),
        env={**os.environ, "SCRIVANO_DATABASE_URL": url, "SCRIVANO_HOME": str(file.parent)},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(delay):
            await child.wait()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    return await child.wait()


def kill_server(home: Path) -> None:
    """SIGKILL to PostgreSQL and all its children."""
    pid = int((home / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    for one in (pid, *children(pid)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)


async def takes_work(url: str, home: Path) -> int:
    """Work of every kind in the restored database; how many references were still to be read, and were."""
    async with open_house(Settings(home=home, database_url=url, discover_urls="off")) as house:  # type: ignore[arg-type]
        document = await house.documents.create("chapter", "After")
        await house.documents.add_version(document.id, "A text.", expected_number=0)
        await house.notifications.tell(DEFAULT_PROJECT, "run.failed", {})
        waiting = await house.library.list(DEFAULT_PROJECT, status="converting", limit=3)
        read = [await house.intake.convert(reference.id) for reference in waiting]
        assert all(reference.status == "ready" for reference in read)
        await house.books.order(small_brief())
        return len(read)


async def compare(given: argparse.Namespace, folder: Path) -> int:
    """The whole story; 1 if anything was not as promised."""
    here, elsewhere = folder / "here", folder / "elsewhere"
    source, other = EmbeddedPostgres(here), EmbeddedPostgres(elsewhere)
    url, target = await source.start(), folder / "all.tar"
    await migrate.upgrade(url)
    seen, after, took = await under_load(url, here, target, given)
    torn = folder / "torn" / "torn.tar"
    torn.parent.mkdir()
    statuses = [await killed("backup", url, torn, delay) for delay in (0.3, 0.8)]
    no_half = not torn.exists()
    kill_server(here)
    moved = sum(seen[name] != after.get(name) for name in seen)
    rows = sum(count for count, _ in seen.values())
    print(
        f"backup: {target.stat().st_size / 1e6:.1f} MB of {rows:,} rows in {len(seen)} tables, {took:.1f} s, while {moved} tables "
        f"changed under it; killed backups (exit {statuses}) left {'no archive' if no_half else 'HALF AN ARCHIVE'}"
    )
    print("PostgreSQL and the writers were killed with SIGKILL; restoring into another server")
    new_url = await other.start()
    stopped = [await killed("restore", new_url, target, delay) for delay in (1.0, 1.6)]
    begun = time.perf_counter()
    await archive.restore(new_url, target, work=["documents"])
    restored_in = time.perf_counter() - begun
    async with await psycopg.AsyncConnection.connect(new_url) as connection:
        restored = await sums(connection)
    different = sorted(name for name in seen.keys() | restored.keys() if seen.get(name) != restored.get(name))
    resumed = await takes_work(new_url, elsewhere)
    print(
        f"restore: {restored_in:.1f} s, after restores that were killed (exit {stopped}); {len(restored)} tables, "
        f"{len(different)} different {different or ''}; the restored database takes work, {resumed} references that were on their "
        "way were read"
    )
    await other.stop_if_unused()
    return 0 if not different and no_half and moved else 1


async def main() -> int:
    """Parse, and go."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6, help="load before the backup begins")
    parser.add_argument("--writers", type=int, default=6)
    parser.add_argument("--write", default="", help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.write:
        await write(given.write, given.home, given.writers)
        return 0
    with tempfile.TemporaryDirectory(prefix="scrivano-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        return await compare(given, Path(folder))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
