"""The files of a PostgreSQL cluster, and the server process over them."""

import asyncio
import errno
import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psycopg

from scrivano.core.errors import DiskFull, OperationalError
from scrivano.core.postgres_binaries import MAJOR, ServerUser, binaries_for, server_user

ROLE = "scrivano"
_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 100
_LOG_LIMIT = 10_000_000
_LAST_WORDS = 2_000
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


class Cluster:
    """The cluster in `data`, with `password` and `server.log` in `folder`, for PostgreSQL `major`."""

    def __init__(
        self, folder: Path, data: Path, *, settings: Mapping[str, str] | None = None, major: int = MAJOR
    ) -> None:
        self.folder = folder
        self.data = data
        self._settings = {**_SETTINGS, **(settings or {})}
        self._major = major

    def version(self) -> int | None:
        """The PostgreSQL that wrote it; None while there is no cluster."""
        try:
            return int((self.data / "PG_VERSION").read_text())
        except FileNotFoundError:
            return None

    def url(self, database: str, *, with_password: bool = True) -> str:
        """The libpq URL of one of its databases. Raises OperationalError while no server runs."""
        folder = self._socket_folder_of_server()
        if folder is None:
            raise OperationalError("The embedded PostgreSQL is not running.")
        role = f"{ROLE}:{self.password()}" if with_password else ROLE
        return f"postgresql://{role}@/{database}?host={quote(str(folder), safe='')}"

    async def create(self) -> None:
        """Make an empty cluster. Does so beside `data` and renames it: a death in between leaves nothing half-made."""
        user = server_user(self.data)
        fresh = self.data.with_name(f"{self.data.name}.new")
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
            output, code = await self._initdb(user, fresh, for_initdb)
        finally:
            for_initdb.unlink()
        if code != 0:
            raise failure("The embedded PostgreSQL could not be set up", output.decode(errors="replace"))
        fresh.rename(self.data)

    async def _initdb(self, user: ServerUser, fresh: Path, password: Path) -> tuple[bytes, int]:
        process = await asyncio.create_subprocess_exec(
            str(binaries_for(user, self._major) / "bin" / "initdb"),
            f"--pgdata={_seen_by_server(user, fresh)}",
            f"--username={ROLE}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            *(["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if self._major >= 17 else []),
            cwd=fresh,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            **user.popen_arguments(),
        )
        output, _ = await process.communicate()
        return output, process.returncode or 0

    async def start(self) -> None:
        """Start the server, or find it running; return once it accepts a connection, however long it recovers."""
        if self.running() is not None:
            # It may be about to end: then it is started like any other.
            with suppress(_ServerDied):
                await self._until_ready(None)
                return
        while True:
            self._remove_traces_of_dead_server()
            log = self.folder / "server.log"
            if log.exists() and log.stat().st_size > _LOG_LIMIT:
                log.replace(self.folder / "server.log.1")
            begin = log.stat().st_size if log.exists() else 0
            process = self._spawn(server_user(self.data), log)
            try:
                await self._until_ready(process)
                return
            except _ServerDied:
                with log.open("rb") as file:
                    file.seek(begin)
                    said = file.read().decode(errors="replace")
                # Backends of a postmaster that was killed may still be finishing; they end by themselves.
                if "pre-existing shared memory block" not in said:
                    raise failure("The embedded PostgreSQL did not start", said) from None
                await asyncio.sleep(0.2)

    async def stop(self) -> None:
        """Stop the server, disconnecting its clients, and wait until it is gone."""
        pid, folder = self.running(), self._socket_folder_of_server()
        if pid is None:
            return
        os.kill(pid, signal.SIGINT)
        await until(lambda: not self._alive(pid))
        if folder is not None:
            with suppress(OSError):
                folder.rmdir()

    def last_words(self) -> str:
        """The last lines of its log, for saying why it ended."""
        try:
            with (self.folder / "server.log").open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _LAST_WORDS))
                said = file.read().decode(errors="replace")
        except FileNotFoundError:
            return "none"
        return " | ".join(said.splitlines()[-5:]) or "none"

    def running(self) -> int | None:
        """The process id of the server over this folder; None if its file is absent, torn or stale."""
        lines = self._pid_file()
        if not lines or not lines[0].isdigit():
            return None
        pid = int(lines[0])
        return pid if self._alive(pid) else None

    def _spawn(self, user: ServerUser, log: Path) -> subprocess.Popen[bytes]:
        settings = {**self._settings, "unix_socket_directories": str(self._make_socket_folder(user))}
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        postgres = str(binaries_for(user, self._major) / "bin" / "postgres")
        privileges = user.popen_arguments()
        with log.open("ab") as output:
            log.chmod(0o600)
            process: subprocess.Popen[bytes] = subprocess.Popen(
                [postgres, "-D", _seen_by_server(user, self.data), *arguments],
                cwd=self.data,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                text=False,
                user=privileges["user"],
                group=privileges["group"],
                extra_groups=privileges["extra_groups"],
            )
        _children[process.pid] = process
        return process

    async def _until_ready(self, process: subprocess.Popen[bytes] | None) -> None:
        """Return once a connection is accepted; raise _ServerDied if the server ends before."""
        while True:
            pid = process.pid if process else self.running()
            if pid is None or not self._alive(pid):
                raise _ServerDied
            if self._socket_folder_of_server() is not None:
                try:
                    await (await psycopg.AsyncConnection.connect(self.url("postgres"))).close()
                    return
                except psycopg.OperationalError as error:
                    self._explain(error, pid)
            await asyncio.sleep(0.02)

    def _explain(self, error: psycopg.OperationalError, pid: int) -> None:
        """Raise what cannot be waited for."""
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

    def _pid_file(self) -> list[str]:
        """The lines of postmaster.pid: process, data folder, start, port, socket folder, …, status."""
        try:
            return [line.strip() for line in (self.data / "postmaster.pid").read_text().splitlines()]
        except FileNotFoundError:
            return []

    def _alive(self, pid: int) -> bool:
        """Whether `pid` lives and is this cluster's server, not another process that got the number."""
        child = _children.get(pid)
        if child is not None and child.poll() is not None:
            del _children[pid]
            return False
        if Path("/proc/self/cwd").exists():
            # Every process of a cluster works in its data folder, a child from before it is one.
            try:
                return child is not None or Path(f"/proc/{pid}/cwd").samefile(self.data)
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
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        if folder is not None:
            for name in (_SOCKET, f"{_SOCKET}.lock"):
                with suppress(OSError):
                    (folder / name).unlink(missing_ok=True)

    def _make_socket_folder(self, user: ServerUser) -> Path:
        """A folder of mode 0700 for the socket: ours, or one in the temporary folder if the path is too long.

        A server that runs as another user may be unable to enter ours, so it always gets the latter.
        """
        folder = self.folder / "run" / self.data.name
        if user.differs or len(os.fsencode(folder / _SOCKET)) > _LONGEST_SOCKET_PATH:
            name = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]
            folder = Path(tempfile.gettempdir()) / f"scrivano-{name}"
        else:
            folder.parent.mkdir(mode=0o700, exist_ok=True)
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

    def password(self) -> str:
        """The password of the only role. Raises OperationalError if its file is lost."""
        try:
            return (self.folder / "password").read_text().strip()
        except FileNotFoundError as error:
            raise OperationalError(
                f"{self.folder / 'password'} is missing, so nobody can connect to the database beside it.",
                remedy="Restore that file from the backup that this data folder came from.",
            ) from error


class _ServerDied(Exception):
    """The server ended before it was ready."""


async def ended(pid: int) -> bool:
    """Return True once the process has ended; False at once where the system cannot tell."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    except (AttributeError, OSError):
        return False
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(handle, over.set)
    try:
        await over.wait()
        return True
    finally:
        loop.remove_reader(handle)
        os.close(handle)


async def until(condition: Callable[[], bool]) -> None:
    """Return once `condition` holds. For what sends no event: locks, and the end of other processes."""
    while not condition():  # noqa: ASYNC110
        await asyncio.sleep(0.01)


def failure(what: str, said: str) -> OperationalError:
    """The error for what a program of PostgreSQL `said` before it failed."""
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return DiskFull(
            f"{what}: the disk is full.", remedy="Free some space and start again; nothing is lost."
        )
    lines = [line for line in said.splitlines() if line.strip()]
    told = [line for line in lines if "FATAL" in line or "PANIC" in line or "error:" in line] or lines
    return OperationalError(f"{what}: {' '.join(told[-3:]) or 'it said nothing'}")


def _seen_by_server(user: ServerUser, folder: Path) -> str:
    """How the server names `folder`, its working directory.

    Folders above may be closed to a user other than root. The kernel's own link needs no way through them, so
    nothing outside has to be opened up.
    """
    return "/proc/self/cwd" if user.differs else str(folder)


def _write_private(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
