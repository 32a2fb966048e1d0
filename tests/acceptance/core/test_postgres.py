"""The embedded PostgreSQL: starting, sharing, stopping, and what may befall it."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest

from scrivano.core import postgres_binaries
from scrivano.core.errors import DiskFull, OperationalError
from scrivano.core.postgres import EmbeddedPostgres
from scrivano.core.postgres_binaries import MAJOR, find_binaries
from scrivano.core.postgres_cluster import Cluster, until

USER = """
import asyncio, sys
from pathlib import Path
from scrivano.core.postgres import EmbeddedPostgres
async def main():
    print(await EmbeddedPostgres(Path(sys.argv[1])).start(), flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Path]:
    yield tmp_path
    await clean_up(tmp_path)


async def clean_up(home: Path) -> None:
    pid = postmaster(home)
    if pid is not None and Path(f"/proc/{pid}/cwd").exists():
        await Cluster(home / "postgres", home / "postgres" / "data").stop()


def postmaster(home: Path) -> int | None:
    try:
        return int((home / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])
    except (FileNotFoundError, IndexError):
        return None


async def ask(url: str, query: str) -> object:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        cursor = await connection.execute(query.encode())
        row = await cursor.fetchone() if cursor.description else None
        return row[0] if row else None


async def user_process(home: Path) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", USER, str(home), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert b"postgresql://" in await process.stdout.readline()
    return process


async def test_it_is_private_durable_and_has_vectors(home: Path) -> None:
    server = EmbeddedPostgres(home)
    url = await server.start()
    folder = home / "postgres"
    assert (folder / "data").stat().st_mode & 0o777 == 0o700
    assert (folder / "password").stat().st_mode & 0o777 == 0o600
    assert await ask(url, "SHOW listen_addresses") == ""
    assert await ask(url, "SHOW fsync") == "on"
    socket_folder = Path(str(await ask(url, "SHOW unix_socket_directories")))
    assert socket_folder.stat().st_mode & 0o777 == 0o700
    await ask(url, "CREATE EXTENSION vector")
    assert await ask(url, "SELECT vector '[1,2]' <-> vector '[1,2]'") == 0
    with pytest.raises(psycopg.OperationalError, match="password"):
        await ask(url.replace(url.split(":")[2].split("@")[0], "wrong"), "SELECT 1")
    assert await server.stop_if_unused()
    assert postmaster(home) is None


async def test_it_is_shared_and_stopped_by_the_last_one(home: Path) -> None:
    first, second = EmbeddedPostgres(home), EmbeddedPostgres(home)
    assert await first.start() == await second.start()
    pid = postmaster(home)
    assert not await first.stop_if_unused()
    assert postmaster(home) == pid
    assert await second.stop_if_unused()
    assert postmaster(home) is None
    assert await first.stop_if_unused()


async def test_it_is_not_stopped_under_a_client_that_is_connected(home: Path) -> None:
    server = EmbeddedPostgres(home)
    url = await server.start()
    async with await psycopg.AsyncConnection.connect(url) as stranger:
        assert not await server.stop_if_unused()
        await stranger.execute("SELECT 1")
    assert await server.stop_if_unused()


async def test_many_may_start_it_at_once(home: Path) -> None:
    processes = await asyncio.gather(*(user_process(home) for _ in range(3)))
    pid = postmaster(home)
    assert pid is not None
    for process in processes[:2]:
        process.kill()
        await process.wait()
    assert postmaster(home) == pid
    server = EmbeddedPostgres(home)
    await server.start()
    assert not await server.stop_if_unused()
    processes[2].kill()
    await processes[2].wait()
    # All died without a word; whoever comes next finds nobody left.
    await server.start()
    assert postmaster(home) == pid
    assert await server.stop_if_unused()


async def test_it_recovers_after_it_was_killed(home: Path) -> None:
    server = EmbeddedPostgres(home)
    url = await server.start()
    await ask(url, "CREATE TABLE kept AS SELECT 42 AS n")
    pid = postmaster(home)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    again = EmbeddedPostgres(home)
    assert await ask(await again.start(), "SELECT n FROM kept") == 42
    assert postmaster(home) != pid
    await server.stop_if_unused()
    assert await again.stop_if_unused()


async def test_it_is_started_again_when_it_dies_in_use(home: Path) -> None:
    server, other = EmbeddedPostgres(home), EmbeddedPostgres(home)
    url = await server.start()
    await other.start()
    await ask(url, "CREATE TABLE kept AS SELECT 42 AS n")
    for _ in range(2):
        pid = postmaster(home)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        async with asyncio.timeout(30):
            while True:
                try:
                    assert await ask(url, "SELECT n FROM kept") == 42
                    break
                except psycopg.OperationalError:
                    await asyncio.sleep(0.02)
        assert postmaster(home) != pid
    assert not await other.stop_if_unused()
    assert await server.stop_if_unused()


async def test_it_is_started_again_when_it_dies_while_it_is_being_started_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = EmbeddedPostgres(home)
    url = await server.start()
    await ask(url, "CREATE TABLE kept AS SELECT 42 AS n")
    whole, killed = server._ensure_database, list[int]()  # pyright: ignore[reportPrivateUsage]

    async def killed_once() -> None:
        if not killed:
            killed.append(postmaster(home) or 0)
            os.kill(killed[0], signal.SIGKILL)
        await whole()

    monkeypatch.setattr(server, "_ensure_database", killed_once)
    pid = postmaster(home)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    async with asyncio.timeout(30):
        await until(lambda: bool(killed) and postmaster(home) not in (None, *killed))
        other = EmbeddedPostgres(home)
        assert await ask(await other.start(), "SELECT n FROM kept") == 42
    assert not await other.stop_if_unused()
    assert await server.stop_if_unused()


@pytest.mark.parametrize("left", ["", "12", "{own pid}\n/elsewhere\n", "not a number\n"])
async def test_a_torn_or_stale_file_of_the_server_does_not_mislead(home: Path, left: str) -> None:
    server = EmbeddedPostgres(home)
    await server.start()
    assert await server.stop_if_unused()
    (home / "postgres" / "data" / "postmaster.pid").write_text(left.replace("{own pid}", str(os.getpid())))
    assert await ask(await server.start(), "SELECT 1") == 1
    assert await server.stop_if_unused()


async def test_a_half_made_cluster_is_made_again(home: Path) -> None:
    (home / "postgres" / "data.new" / "base").mkdir(parents=True)
    server = EmbeddedPostgres(home)
    assert await ask(await server.start(), "SELECT 1") == 1
    assert await server.stop_if_unused()


async def test_a_path_too_long_for_a_socket_is_fine(home: Path) -> None:
    deep = home / ("long " * 15) / ("deep-" * 15)
    server = EmbeddedPostgres(deep)
    url = await server.start()
    folder = Path(str(await ask(url, "SHOW unix_socket_directories")))
    assert not folder.is_relative_to(home) and folder.stat().st_mode & 0o777 == 0o700
    assert await server.stop_if_unused()
    assert not folder.exists()


async def test_a_lost_password_is_named(home: Path) -> None:
    server = EmbeddedPostgres(home)
    await server.start()
    password = home / "postgres" / "password"
    right = password.read_text()
    password.write_text("wrong")
    with pytest.raises(OperationalError, match="does not accept the password"):
        await EmbeddedPostgres(home).start()
    password.unlink()
    with pytest.raises(OperationalError, match="is missing"):
        await EmbeddedPostgres(home).start()
    password.write_text(right)
    assert await server.stop_if_unused()


async def test_a_cluster_of_an_unknown_version_is_left_alone(home: Path) -> None:
    data = home / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("99\n")
    with pytest.raises(OperationalError, match="written by PostgreSQL 99") as caught:
        await EmbeddedPostgres(home).start()
    assert caught.value.remedy
    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]


async def test_a_cluster_of_an_older_version_is_brought_over(home: Path) -> None:
    try:
        find_binaries(16)
    except OperationalError:
        pytest.skip("no older PostgreSQL is installed")
    folder = home / "postgres"
    folder.mkdir(parents=True)
    old = Cluster(folder, folder / "data", major=16)
    await old.create()
    await old.start()
    await ask(old.url("postgres"), "CREATE DATABASE scrivano")
    await ask(old.url("scrivano"), "CREATE EXTENSION vector")
    await ask(old.url("scrivano"), "CREATE TABLE kept AS SELECT 'Größe' AS word, vector '[1,2]' AS v")
    await old.stop()
    server = EmbeddedPostgres(home)
    url = await server.start()
    assert str(await ask(url, "SHOW server_version")).startswith(str(MAJOR))
    assert await ask(url, "SELECT word || v FROM kept") == "Größe[1,2]"
    assert sorted(p.name for p in folder.iterdir() if p.name.startswith("data")) == ["data", "data-16"]
    assert await server.stop_if_unused()
    # A death between the two renames.
    (folder / "data").rename(folder / f"data-to-{MAJOR}")
    (folder / f"data-to-{MAJOR}" / "scrivano-complete").touch()
    assert await ask(await server.start(), "SELECT word || v FROM kept") == "Größe[1,2]"
    assert await server.stop_if_unused()


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OperationalError, match="cannot be written"):
        await EmbeddedPostgres(tmp_path / "file").start()


async def test_a_full_disk_is_named_and_harms_nothing(tmp_path: Path) -> None:
    if not run("mount", "-t", "tmpfs", "-o", "size=64m", "none", str(tmp_path)):
        pytest.skip("mounting a small file system is not allowed here")
    try:
        filler = tmp_path / "filler"
        filler.write_bytes(bytes(40_000_000))
        with pytest.raises(DiskFull):
            await EmbeddedPostgres(tmp_path).start()
        filler.unlink()
        server = EmbeddedPostgres(tmp_path)
        url = await server.start()
        await ask(url, "CREATE TABLE kept AS SELECT 42 AS n")
        assert await server.stop_if_unused()
        filler.write_bytes(bytes(shutil.disk_usage(tmp_path).free))
        with pytest.raises(DiskFull):
            await EmbeddedPostgres(tmp_path).start()
        filler.unlink()
        assert await ask(await server.start(), "SELECT n FROM kept") == 42
        assert await server.stop_if_unused()
    finally:
        await clean_up(tmp_path)
        run("umount", "-l", str(tmp_path))


def run(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to start the server as somebody else")
async def test_root_may_have_installed_it_where_nobody_else_can_look(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    installed = find_binaries()
    package = closed / installed.parent.name
    shutil.copytree(installed, package / installed.name, symlinks=True)
    libraries = f"{package.name}.libs"
    shutil.copytree(installed.parent.parent / libraries, closed / libraries)
    monkeypatch.setattr(postgres_binaries, "find_binaries", lambda major=MAJOR: package / installed.name)
    server = EmbeddedPostgres(home)
    assert await ask(await server.start(), "SELECT 1") == 1
    pid = postmaster(home)
    assert Path(f"/proc/{pid}").stat().st_uid != 0
    program = Path(f"/proc/{pid}/exe").readlink()
    assert not program.is_relative_to(home)
    assert await server.stop_if_unused()
    shutil.rmtree(program.parent.parent.parent.parent)
