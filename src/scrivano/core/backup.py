"""Backup and restore: one file that holds the whole database, and says what it is.

The archive is a tar of `manifest.json` and `database.dump` (pg_dump's custom format, one consistent snapshot
taken while everything goes on). Finished files and references are in the database. The key that encrypts
provider keys is not in the archive; without it these have to be entered again.
"""

import asyncio
import hashlib
import json
import os
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from scrivano import __version__
from scrivano.core import clock, migrate
from scrivano.core.database import any_rows
from scrivano.core.errors import Conflict, InvalidInput, OperationalError
from scrivano.core.postgres_binaries import find_binaries

# Partitions that were made since cannot be dropped one by one in the order of the archive, so everything goes first.
_EMPTY = """
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', name);
  END LOOP;
  CREATE SCHEMA public;
END $$;
"""
_DUMP, _MANIFEST = "database.dump", "manifest.json"


async def backup(url: str, target: Path, *, snapshot: str | None = None) -> Path:
    """Write an archive of the database at `url` to `target`, whole or not at all; returns `target`.

    It holds what was committed when it began, or what the exported `snapshot` of a transaction that is still open sees.
    Raises InvalidInput where no such file can be written.
    """
    await asyncio.to_thread(_check_target, target)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".scrivano-backup-") as scratch:
        dump = Path(scratch) / _DUMP
        seen = [f"--snapshot={snapshot}"] if snapshot else []
        await _run([_tool("pg_dump"), "--format=custom", "--no-owner", *seen, f"--file={dump}"], url)
        manifest = {
            "format": 1,
            "scrivano": __version__,
            "revision": await migrate.current(url),
            "made_at": clock.now().isoformat(),
            "sha256": await asyncio.to_thread(_digest, dump),
        }
        await asyncio.to_thread(_pack, Path(scratch), manifest, target)
    return target


def _check_target(target: Path) -> None:
    if target.is_dir():
        where = "is a folder"
    elif not target.parent.is_dir():
        where = "cannot be written: there is no such folder"
    elif not os.access(target.parent, os.W_OK):
        where = "cannot be written: its folder is not yours to write to"
    else:
        return
    raise InvalidInput(f"{target} {where}.", field="file", remedy="Name a new file in a folder of yours.")


async def restore(url: str, source: Path, *, work: Sequence[str] = (), replace: bool = False) -> None:
    """Put the archive `source` into the database at `url`, then bring it up to date.

    Raises InvalidInput for a file that is no whole archive, Conflict if one of the tables `work` has rows and `replace`
    is not given. Everything happens in one transaction: on an error the database stays as it was.
    """
    with tempfile.TemporaryDirectory(prefix="scrivano-restore-") as scratch:
        dump = await asyncio.to_thread(_unpack, source, Path(scratch))
        if not replace and await any_rows(url, work):
            raise Conflict(
                "The database is not empty.",
                remedy="Restore into an empty one (another SCRIVANO_HOME), or say --replace to lose what is there.",
            )
        script, emptying = Path(scratch) / "restore.sql", Path(scratch) / "empty.sql"
        await _run([_tool("pg_restore"), "--no-owner", f"--file={script}", str(dump)], None)
        emptying.write_text(_EMPTY)
        one = ["--quiet", "--single-transaction", "--no-psqlrc", "--set=ON_ERROR_STOP=1"]
        await _run([_tool("psql"), *one, f"--file={emptying}", f"--file={script}"], url)
    await migrate.upgrade(url)


def _tool(name: str) -> str:
    return str(find_binaries() / "bin" / name)


async def _run(command: Sequence[str], url: str | None) -> None:
    arguments = [*command, url] if url else list(command)
    process = await asyncio.create_subprocess_exec(
        *arguments, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    try:
        _, errors = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        last = errors.decode(errors="replace").strip().splitlines()[-1:] or ["no reason given"]
        raise OperationalError(f"{Path(command[0]).name} failed: {last[0]}")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pack(scratch: Path, manifest: Mapping[str, object], target: Path) -> None:
    (scratch / _MANIFEST).write_text(json.dumps(manifest, indent=2))
    archive = scratch / "archive"
    with tarfile.open(archive, "w") as tar:
        tar.add(scratch / _MANIFEST, _MANIFEST)
        tar.add(scratch / _DUMP, _DUMP)
    with archive.open("rb") as file:
        os.fsync(file.fileno())
    archive.chmod(0o600)
    archive.replace(target)


def _unpack(source: Path, scratch: Path) -> Path:
    wrong = InvalidInput(
        f"{source} is no backup of Scrivano.",
        field="file",
        remedy="Name a file that `scrivano backup` wrote.",
    )
    try:
        with tarfile.open(source, "r:") as tar:
            for name in (_MANIFEST, _DUMP):
                tar.extract(name, scratch, filter="data")
        manifest = json.loads((scratch / _MANIFEST).read_text())
    except FileNotFoundError:
        raise InvalidInput(f"{source} does not exist.", field="file") from None
    except (tarfile.TarError, KeyError, ValueError) as error:
        raise wrong from error
    if manifest.get("format") != 1 or not migrate.knows(manifest.get("revision")):
        raise InvalidInput(
            f"{source} was written by a newer Scrivano ({manifest.get('scrivano')}).",
            field="file",
            remedy="Upgrade first.",
        )
    if manifest.get("sha256") != _digest(scratch / _DUMP):
        raise InvalidInput(f"{source} is damaged.", field="file", remedy="Take another backup file.")
    return scratch / _DUMP
