"""A whole Scrivano for tests of processes: its own data folder, a scripted model beside it, and the command line."""

import asyncio
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from scrivano.core.postgres import EmbeddedPostgres
from scrivano.llm.scripted.server import ScriptedServer

# The processes of `run` are forked from one that has these already: importing them costs each seconds of processor time.
_HERD = multiprocessing.get_context("forkserver")
_HERD.set_forkserver_preload(
    ["scrivano.cli.app", "scrivano.cli.books", "scrivano.cli.runs", "scrivano.cli.post", "scrivano.worker"]
)

FILES = ("book.pdf", "book.epub", "book.docx", "book.md")


@dataclass
class Studio:
    """`run` calls the command line in a process of its own; `model` is the scripted server, in this process."""

    home: Path
    model: ScriptedServer | None
    environment: dict[str, str] = field(default_factory=dict[str, str])

    def run(
        self, *arguments: str | Path, crash_at: str = "", check: bool = True, timeout: float = 240
    ) -> "subprocess.CompletedProcess[str]":
        """One command, to its end. With `check` a failure raises with what the command said."""
        command = list(map(str, arguments))
        done = _forked(command, self._environment(crash_at), timeout)
        if check and done.returncode:
            raise AssertionError(
                f"scrivano {arguments} gave {done.returncode}:\n{done.stdout}\n{done.stderr}"
            )
        return done

    def start(self, *arguments: str | Path, crash_at: str = "") -> "subprocess.Popen[str]":
        """One command, left running."""
        return subprocess.Popen(
            [sys.executable, "-m", "scrivano", *map(str, arguments)],
            env=self._environment(crash_at),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def json(self, *arguments: str | Path, **options: Any) -> Any:
        """What a command with `--json` prints."""
        return json.loads(self.run(*arguments, "--json", **options).stdout)

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows out of the studio's database."""
        url = self.environment.get("SCRIVANO_DATABASE_URL") or EmbeddedPostgres(self.home).url()
        with psycopg.connect(url, autocommit=True) as connection:
            return connection.execute(statement.encode(), values).fetchall()

    def _environment(self, crash_at: str) -> dict[str, str]:
        urls = self.model.url if self.model else "off"
        return {
            **{k: v for k, v in os.environ.items() if not k.startswith("SCRIVANO_")},
            "SCRIVANO_HOME": str(self.home),
            "SCRIVANO_DISCOVER_URLS": urls,
            "SCRIVANO_CRASH_AT": crash_at,
            **self.environment,
        }


def _forked(
    arguments: list[str], environment: dict[str, str], timeout: float
) -> "subprocess.CompletedProcess[str]":
    """The command in a process of its own, as `subprocess.run` would give it."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        process = _HERD.Process(target=_command, args=(arguments, environment, str(out), str(err)))
        process.start()
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(arguments, timeout, out.read_bytes(), err.read_bytes())
        return subprocess.CompletedProcess(arguments, process.exitcode, out.read_text(), err.read_text())


def _command(arguments: list[str], environment: dict[str, str], out: str, err: str) -> None:
    for path, stream in ((out, 1), (err, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), stream)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["scrivano", *arguments]
    from scrivano.__main__ import main

    main()


@contextmanager
def studio(
    home: Path, script: dict[str, Any] | None = None, *, model: bool = True, url: str | None = None
) -> Iterator[Studio]:
    """A studio over `home`, and over the database at `url`.

    Without `url` it has a PostgreSQL of its own, which stays up between commands and is stopped at the end.
    """
    with ExitStack() as stack:
        environment = {"SCRIVANO_DATABASE_URL": url} if url else {}
        if url is None:
            stack.enter_context(_postgres(home))
        server = stack.enter_context(serving(ScriptedServer(script or {}))) if model else None
        yield Studio(home, server, environment)


@contextmanager
def _postgres(home: Path) -> Iterator[None]:
    postgres = EmbeddedPostgres(home)
    asyncio.run(postgres.start())
    try:
        yield
    finally:
        asyncio.run(postgres.stop_if_unused())


@contextmanager
def serving(server: ScriptedServer) -> Iterator[ScriptedServer]:
    """The scripted server in a loop of its own, in a thread of this process."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
