"""The embedded PostgreSQL: started by whoever needs it first, shared, stopped by whoever leaves last.

Below `<home>/postgres` lie `data` (the cluster), `password` (of the only role, 0600), `server.log` and two
lock files: `lock` is held exclusively while somebody starts or stops the server, `users` is held shared by
every process that uses it. The kernel releases both when a process dies, however it dies, so the next one
finds the truth. The server listens on a Unix socket in a folder of mode 0700 and on nothing else.
"""

import asyncio
import errno
import fcntl
import logging
import os
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from scrivano.core.errors import DiskFull, OperationalError
from scrivano.core.postgres_binaries import MAJOR
from scrivano.core.postgres_cluster import Cluster, ended, until
from scrivano.core.postgres_upgrade import finish_interrupted, upgrade

DATABASE = "scrivano"
_log = logging.getLogger(__name__)


class EmbeddedPostgres:
    """PostgreSQL over the data folder `home`, on Linux and macOS.

    `settings` override the server's own where this process starts it. Each instance that was started counts
    as one user until `stop_if_unused` or until the process ends.
    """

    def __init__(self, home: Path, *, settings: Mapping[str, str] | None = None) -> None:
        self.folder = home.absolute() / "postgres"
        self._cluster = Cluster(self.folder, self.folder / "data", settings=settings)
        self._users: int | None = None
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> str:
        """Start the server or join the one that runs; returns the URL of its database once it answers.

        Waits for as long as the server recovers, and brings the data of an older PostgreSQL over first. Where the
        server dies later, while this event loop runs, it is started again (on Linux). Raises DiskFull, or
        OperationalError with the reason.
        """
        url = await self._start()
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._keep_running(), name="embedded PostgreSQL")
        return url

    async def _start(self) -> str:
        with _disk_errors(self.folder):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            async with self._turn():
                new = self._users is None
                self._join()
                try:
                    return await self._started()
                except BaseException:
                    # Who has used it keeps their place, so that nobody stops what is just being started again.
                    if new:
                        self._leave()
                    raise

    async def stop_if_unused(self) -> bool:
        """Leave, and stop the server if nobody else uses it or is connected. True if it no longer runs."""
        await self._stop_watching()
        async with self._turn():
            self._leave()
            if self._cluster.running() is None:
                return True
            if self._used_by_others() or await self._others_connected():
                return False
            await self._cluster.stop()
            return True

    def url(self, database: str = DATABASE) -> str:
        """The libpq URL of one of its databases. Raises OperationalError while no server runs."""
        return self._cluster.url(database)

    async def _stop_watching(self) -> None:
        # Let go of, as a cancelled task holds on to the connection that it was just opening.
        watch, self._watch = self._watch, None
        if watch is not None and not watch.done():
            watch.cancel()
            await asyncio.wait({watch})

    async def _keep_running(self) -> None:
        # That none runs here means that it died before anybody looked: a server that is used is not stopped.
        while (pid := self._cluster.running()) is None or await ended(pid):
            if self._cluster.version() is None:
                return  # its data were taken away
            _log.warning(
                "The embedded PostgreSQL died; starting it again. Its last words: %s",
                self._cluster.last_words(),
            )
            try:
                await self._start()
            except psycopg.OperationalError as error:
                _log.warning("It died again before it was whole: %s", error)
            except OperationalError as error:
                _log.error("The embedded PostgreSQL cannot be started again: %s", error)
                return

    async def _started(self) -> str:
        if self._cluster.running() is None:
            finish_interrupted(self._cluster)
            found = self._cluster.version()
            if found is None:
                await self._cluster.create()
            elif found != MAJOR:
                await upgrade(self._cluster, found)
        await self._cluster.start()
        await self._ensure_database()
        return self.url()

    async def _ensure_database(self) -> None:
        async with await psycopg.AsyncConnection.connect(self.url("postgres"), autocommit=True) as connection:
            found = await connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if await found.fetchone() is None:
                try:
                    await connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
                except psycopg.errors.DiskFull as error:
                    raise _disk_full(self.folder) from error

    @asynccontextmanager
    async def _turn(self) -> AsyncGenerator[None]:
        handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            await until(lambda: _try_lock(handle, fcntl.LOCK_EX))
            yield
        finally:
            os.close(handle)

    def _join(self) -> None:
        if self._users is None:
            self._users = os.open(self.folder / "users", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._users, fcntl.LOCK_SH)

    def _leave(self) -> None:
        if self._users is not None:
            os.close(self._users)
            self._users = None

    def _used_by_others(self) -> bool:
        handle = os.open(self.folder / "users", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            return not _try_lock(handle, fcntl.LOCK_EX)
        finally:
            os.close(handle)

    async def _others_connected(self) -> bool:
        """Whether any client stays connected: those that this process just closed take a moment to go."""
        query = (
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        async with await psycopg.AsyncConnection.connect(self.url("postgres"), autocommit=True) as connection:
            for _ in range(25):
                row = await (await connection.execute(query)).fetchone()
                if row is not None and row[0] == 0:
                    return False
                await connection.execute("SELECT pg_sleep(0.02)")
        return True


def _try_lock(handle: int, how: int) -> bool:
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _disk_full(folder: Path) -> DiskFull:
    return DiskFull(
        f"The disk that holds {folder} is full.", remedy="Free some space and start again; nothing is lost."
    )


@contextmanager
def _disk_errors(folder: Path) -> Generator[None]:
    """Turn what the file system says into errors that a person can act on."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _disk_full(folder) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR):
            raise OperationalError(
                f"{error.filename or folder} cannot be written: {error.strerror}.",
                remedy="Give yourself access, or choose another folder with SCRIVANO_HOME.",
            ) from error
        raise
