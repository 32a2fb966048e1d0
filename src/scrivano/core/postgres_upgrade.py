"""Bringing the data of an older PostgreSQL over to the one that this Scrivano comes with.

The old cluster is never changed: its databases are dumped into a new cluster beside it, and only when that
is complete do the two change places. The old one stays as `data-<version>`, for the person to remove.
"""

import asyncio
import os
import shutil
from pathlib import Path

from scrivano.core.database import database_names
from scrivano.core.errors import OperationalError
from scrivano.core.postgres_binaries import MAJOR, find_binaries
from scrivano.core.postgres_cluster import Cluster, failure

_COMPLETE = "scrivano-complete"


def finish_interrupted(cluster: Cluster) -> None:
    """Let the clusters change places if a death came in between."""
    fresh = _fresh(cluster)
    if not cluster.data.exists() and (fresh / _COMPLETE).exists():
        _place(fresh, cluster)


async def upgrade(cluster: Cluster, found: int) -> None:
    """Replace the cluster, written by PostgreSQL `found`, by a copy of the present version.

    Raises OperationalError where the programs of `found` are not installed, DiskFull, or what went wrong.
    """
    kept = cluster.data.with_name(f"data-{found}")
    if found > MAJOR or kept.exists():
        raise _cannot(cluster, found)
    try:
        find_binaries(found)
    except OperationalError as error:
        raise _cannot(cluster, found) from error
    fresh = _fresh(cluster)
    shutil.rmtree(fresh, ignore_errors=True)
    old, new = Cluster(cluster.folder, cluster.data, major=found), Cluster(cluster.folder, fresh)
    await new.create()
    await old.start()
    try:
        await new.start()
        try:
            for database in await database_names(old.url("postgres")):
                await _copy(old, new, database)
        finally:
            await new.stop()
    finally:
        await old.stop()
    (fresh / _COMPLETE).touch()
    os.sync()
    cluster.data.rename(kept)
    _place(fresh, cluster)


def _place(fresh: Path, cluster: Cluster) -> None:
    fresh.rename(cluster.data)
    (cluster.data / _COMPLETE).unlink()


def _fresh(cluster: Cluster) -> Path:
    return cluster.data.with_name(f"data-to-{MAJOR}")


def _cannot(cluster: Cluster, found: int) -> OperationalError:
    return OperationalError(
        f"{cluster.data} was written by PostgreSQL {found}; this Scrivano brings PostgreSQL {MAJOR}.",
        remedy="Make a backup with the Scrivano that wrote it, move the folder away, restore here.",
    )


async def _copy(old: Cluster, new: Cluster, database: str) -> None:
    dump = old.folder / "upgrade.dump"
    try:
        await _run("pg_dump", old, database, "--format=custom", f"--file={dump}")
        await _run("pg_restore", new, "postgres", "--create", "--exit-on-error", str(dump))
    finally:
        dump.unlink(missing_ok=True)


async def _run(program: str, cluster: Cluster, database: str, *arguments: str) -> None:
    process = await asyncio.create_subprocess_exec(
        str(find_binaries(MAJOR) / "bin" / program),
        f"--dbname={cluster.url(database, with_password=False)}",
        *arguments,
        # Not among the arguments, which every user of the machine can see.
        env={"PGPASSWORD": cluster.password()},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    if process.returncode != 0:
        said = output.decode(errors="replace")
        raise failure("The data of the older PostgreSQL could not be brought over", said)
