"""The embedded PostgreSQL: started by whoever needs it first, shared, stopped by whoever leaves last.

Below `<home>/postgres` lie `data` (the cluster), `password` (of the only role, 0600), `server.log` and two
lock files: `lock` is held exclusively while somebody starts or stops the server, `users` is held shared by
every process that uses it. The kernel releases both when a process dies, however it dies, so the next one
finds the truth. The server listens on a Unix socket in a folder of mode 0700 and on nothing else.
"""

import asyncio
import errno
import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from scrivano.core.errors import DiskFull, OperationalError
from scrivano.core.postgres_binaries import MAJOR, ServerUser, binaries_for, server_user

ROLE = "scrivano"
DATABASE = "scrivano"
_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 100
_LOG_LIMIT = 10_000_000
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "128MB",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "jit": "off",
}

# Servers started by this process. Kept so that they can be reaped, and so that none is waited for at exit.
_children: dict[int, subprocess.Popen[bytes]] = {}


class EmbeddedPostgres:
    """PostgreSQL over the data folder `home`, on Linux and macOS.

    `settings` override the server's own where this process starts it. Each instance that was started counts
    as one user until `stop_if_unused` or until the process ends.
    """

    def __init__(self, home: Path, *, settings: Mapping[str, str] | None = None) -> None:
        self.folder = home.absolute() / "postgres"
        self._data = self.folder / "data"
        self._settings = {**_SETTINGS, **(settings or {})}
        self._users: int | None = None

    async def start(self) -> str:
        """Start the server or join the one that runs; returns the URL of its database once it answers.

        Waits for as long as the server recovers. Raises DiskFull, or OperationalError with the reason.
        """
        with _disk_errors(self.folder):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            async with self._turn():
                self._join()
                try:
                    return await self._started()
                except BaseException:
                    self._leave()
                    raise

    async def stop_if_unused(self) -> bool:
        """Leave, and stop the server if nobody else uses it or is connected. True if it no longer runs."""
        async with self._turn():
            self._leave()
            pid = self._running()
            if pid is None:
                return True
            if self._used_by_others() or await self._others_connected():
                return False
            os.kill(pid, signal.SIGINT)
            await _until(lambda: not self._alive(pid))
            return True

    def url(self, database: str = DATABASE) -> str:
        """The libpq URL of one of its databases. Raises OperationalError while no server runs."""
        folder = self._socket_folder_of_server()
        if folder is None:
            raise OperationalError("The embedded PostgreSQL is not running.")
        return f"postgresql://{ROLE}:{self._password()}@/{database}?host={quote(str(folder), safe='')}"

    # -- who uses it ------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _turn(self) -> AsyncGenerator[None]:
        handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            await _until(lambda: _try_lock(handle, fcntl.LOCK_EX))
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
                await asyncio.sleep(0.02)
        return True

    # -- starting ---------------------------------------------------------------------------------------

    async def _started(self) -> str:
        if self._running() is None:
            user = server_user(self._data)
            if not self._data.exists():
                await self._make_cluster(user)
            self._check_version()
            await self._launch(user)
        else:
            await self._wait_until_ready()
        await self._ensure_database()
        return self.url()

    async def _make_cluster(self, user: ServerUser) -> None:
        """Run initdb beside `data` and rename the result: a death in between leaves nothing half-made."""
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        user.own(fresh)
        password = self.folder / "password"
        if not password.exists():
            _write_private(password, secrets.token_urlsafe(24))
        for_initdb = self._make_socket_folder(user) / "password"
        _write_private(for_initdb, password.read_text())
        user.own(for_initdb)
        try:
            done = await self._initdb(user, fresh, for_initdb)
        finally:
            for_initdb.unlink()
        if done.returncode != 0:
            raise _failure(
                "The embedded PostgreSQL could not be set up", done.stdout.decode(errors="replace")
            )
        fresh.rename(self._data)

    async def _initdb(
        self, user: ServerUser, fresh: Path, password: Path
    ) -> subprocess.CompletedProcess[bytes]:
        command = [
            str(binaries_for(user) / "bin" / "initdb"),
            f"--pgdata={_seen_by_server(user, fresh)}",
            f"--username={ROLE}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
        ]
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=fresh,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            **user.popen_arguments(),
        )
        output, _ = await process.communicate()
        return subprocess.CompletedProcess(command, process.returncode or 0, output)

    def _check_version(self) -> None:
        found = (self._data / "PG_VERSION").read_text().strip()
        if found != str(MAJOR):
            raise OperationalError(
                f"{self._data} was written by PostgreSQL {found}; this Scrivano brings PostgreSQL {MAJOR}.",
                remedy="Make a backup with the Scrivano that wrote it, move the folder away, restore here.",
            )

    async def _launch(self, user: ServerUser) -> None:
        while True:
            self._remove_traces_of_dead_server()
            log = self.folder / "server.log"
            if log.exists() and log.stat().st_size > _LOG_LIMIT:
                log.replace(self.folder / "server.log.1")
            begin = log.stat().st_size if log.exists() else 0
            process = self._spawn(user, log)
            try:
                await self._wait_until_ready(process)
                return
            except _ServerDiedError:
                with log.open("rb") as file:
                    file.seek(begin)
                    said = file.read().decode(errors="replace")
                # Backends of a postmaster that was killed may still be finishing; they end by themselves.
                if "pre-existing shared memory block" not in said:
                    raise _failure("The embedded PostgreSQL did not start", said) from None
                await asyncio.sleep(0.2)

    def _spawn(self, user: ServerUser, log: Path) -> subprocess.Popen[bytes]:
        settings = {**self._settings, "unix_socket_directories": str(self._make_socket_folder(user))}
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with log.open("ab") as output:
            log.chmod(0o600)
            process = subprocess.Popen(
                [
                    str(binaries_for(user) / "bin" / "postgres"),
                    "-D",
                    _seen_by_server(user, self._data),
                    *arguments,
                ],
                cwd=self._data,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **user.popen_arguments(),
            )
        _children[process.pid] = process
        return process

    async def _wait_until_ready(self, process: subprocess.Popen[bytes] | None = None) -> None:
        """Return once a connection is accepted; raise _ServerDiedError if the server ends before."""
        while True:
            pid = process.pid if process else self._running()
            if pid is None or not self._alive(pid):
                raise _ServerDiedError
            if self._socket_folder_of_server() is not None:
                try:
                    await (await psycopg.AsyncConnection.connect(self.url("postgres"))).close()
                    return
                except psycopg.OperationalError as error:
                    self._explain(error, pid)
            await asyncio.sleep(0.02)

    def _explain(self, error: psycopg.OperationalError, pid: int) -> None:
        if "password authentication failed" in str(error):
            raise OperationalError(
                f"The embedded PostgreSQL does not accept the password in {self.folder / 'password'}.",
                remedy="Restore that file from the backup that this data folder came from.",
            ) from error
        folder = self._socket_folder_of_server()
        if folder is not None and self._pid_file()[7:8] == ["ready"] and not (folder / _SOCKET).exists():
            raise OperationalError(
                f"The embedded PostgreSQL (process {pid}) runs, but its socket in {folder} was removed.",
                remedy=f"Stop it with `kill -INT {pid}` and start Scrivano again.",
            ) from error

    async def _ensure_database(self) -> None:
        async with await psycopg.AsyncConnection.connect(self.url("postgres"), autocommit=True) as connection:
            found = await connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if await found.fetchone() is None:
                try:
                    await connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
                except psycopg.errors.DiskFull as error:
                    raise _disk_full(self.folder) from error

    # -- the server's own files -------------------------------------------------------------------------

    def _pid_file(self) -> list[str]:
        """The lines of postmaster.pid: process, data folder, start, port, socket folder, …, status."""
        try:
            return [line.strip() for line in (self._data / "postmaster.pid").read_text().splitlines()]
        except FileNotFoundError:
            return []

    def _running(self) -> int | None:
        """The process id of the server over this folder; None if its file is absent, torn or stale."""
        lines = self._pid_file()
        if not lines or not lines[0].isdigit():
            return None
        pid = int(lines[0])
        return pid if self._alive(pid) else None

    def _alive(self, pid: int) -> bool:
        """Whether `pid` lives and is this cluster's server, not another process that got the number."""
        child = _children.get(pid)
        if child is not None and child.poll() is not None:
            del _children[pid]
            return False
        if Path("/proc/self/cwd").exists():
            # Every process of a cluster works in its data folder.
            try:
                return child is not None or Path(f"/proc/{pid}/cwd").samefile(self._data)
            except OSError:
                return False
        try:
            os.kill(pid, 0)
        except OSError as error:
            return error.errno == errno.EPERM
        return True

    def _socket_folder_of_server(self) -> Path | None:
        lines = self._pid_file()
        return Path(lines[4]) if len(lines) > 4 and lines[4] else None

    def _remove_traces_of_dead_server(self) -> None:
        """Remove what a killed server left: its number may meanwhile belong to another process."""
        folder = self._socket_folder_of_server()
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        if folder is not None:
            for name in (_SOCKET, f"{_SOCKET}.lock"):
                with suppress(OSError):
                    (folder / name).unlink(missing_ok=True)

    def _make_socket_folder(self, user: ServerUser) -> Path:
        """A folder of mode 0700 for the socket: ours, or one in the temporary folder if the path is too long.

        A server that runs as another user may be unable to enter ours, so it always gets the latter.
        """
        folder = self.folder / "run"
        if user.differs or len(os.fsencode(folder / _SOCKET)) > _LONGEST_SOCKET_PATH:
            name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
            folder = Path(tempfile.gettempdir()) / f"scrivano-{name}"
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            user.own(folder)
        found = folder.lstat()
        if not folder.is_dir() or folder.is_symlink() or found.st_uid != user.uid or found.st_mode & 0o077:
            raise OperationalError(
                f"{folder} exists already and is not a private folder of the user with id {user.uid}.",
                remedy="Remove it, or set TMPDIR to a folder of your own.",
            )
        return folder

    def _password(self) -> str:
        try:
            return (self.folder / "password").read_text().strip()
        except FileNotFoundError as error:
            raise OperationalError(
                f"{self.folder / 'password'} is missing, so nobody can connect to the database beside it.",
                remedy="Restore that file from the backup that this data folder came from.",
            ) from error


class _ServerDiedError(Exception):
    """The server ended before it was ready."""


def _seen_by_server(user: ServerUser, folder: Path) -> str:
    """How the server names `folder`, its working directory.

    Folders above may be closed to a user other than root. The kernel's own link needs no way through them, so
    nothing outside has to be opened up.
    """
    return "/proc/self/cwd" if user.differs else str(folder)


async def _until(condition: Callable[[], bool]) -> None:
    """Return once `condition` holds. For what sends no event: locks, and the end of other processes."""
    while not condition():  # noqa: ASYNC110
        await asyncio.sleep(0.01)


def _try_lock(handle: int, how: int) -> bool:
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write_private(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _failure(what: str, said: str) -> OperationalError:
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return DiskFull(
            f"{what}: the disk is full.", remedy="Free some space and start again; nothing is lost."
        )
    lines = [line for line in said.splitlines() if line.strip()]
    told = [line for line in lines if "FATAL" in line or "PANIC" in line or "error:" in line] or lines
    return OperationalError(f"{what}: {' '.join(told[-3:]) or 'it said nothing'}")


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
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise OperationalError(
                f"{error.filename or folder} cannot be written: {error.strerror}.",
                remedy="Give yourself access, or choose another folder with SCRIVANO_HOME.",
            ) from error
        raise
