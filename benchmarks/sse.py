"""Two hundred listeners, random disconnects, a server that is killed twice: does every event arrive once, in order, soon?

    python -m benchmarks.sse [LISTENERS] [EVENTS]

A server process serves a project's stream. Listeners follow it over real connections, break off by chance, and come back
with `Last-Event-ID`. Events are committed by another process; after a third and two thirds of them the server
is killed (SIGKILL) and started again on the same port. At the end every listener must have had every event exactly once
and in order. The time from commit to listener is taken on connections that were open when the event was committed; the
seconds around a kill count for nothing but the loss. The server's connections to the database that listen are counted.
"""

import asyncio
import os
import random
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
import psycopg
import uvicorn

from scrivano.api.app import make_app
from scrivano.core import migrate
from scrivano.core.database import Database
from scrivano.core.postgres import EmbeddedPostgres
from scrivano.core.settings import Settings
from scrivano.events.public import EventLog
from scrivano.projects.public import DEFAULT_PROJECT

TOPIC = f"project:{DEFAULT_PROJECT}"
PAUSE = 0.05
CHANCE = 0.002


@dataclass
class Listener:
    """One who follows the stream, and what they had."""

    url: str
    dice: random.Random
    sent: dict[int, float]
    had: list[int] = field(default_factory=list[int])
    delays: list[float] = field(default_factory=list[float])
    connections: int = 0

    async def follow(self, session: aiohttp.ClientSession, last: int) -> None:
        """Listen until event `last`, through broken connections and dead servers."""
        while not self.had or self.had[-1] < last:
            try:
                await self._once(session, last)
            except (aiohttp.ClientError, TimeoutError, ConnectionError):
                await asyncio.sleep(0.1 + self.dice.random() * 0.2)

    async def _once(self, session: aiohttp.ClientSession, last: int) -> None:
        headers = {"Accept": "text/event-stream"}
        if self.had:
            headers["Last-Event-ID"] = str(self.had[-1])
        async with session.get(self.url, headers=headers) as answer:
            answer.raise_for_status()
            self.connections += 1
            opened = time.monotonic()
            async for line in answer.content:
                if not line.startswith(b"id: "):
                    continue
                number = int(line[4:])
                self.had.append(number)
                at = self.sent.get(number)
                if at is not None and at > opened + 0.5:
                    self.delays.append(time.monotonic() - at)
                if number >= last:
                    return
                if self.dice.random() < CHANCE:
                    return


def serve(url: str, home: str, port: int) -> None:
    """The server process."""
    settings = Settings(home=Path(home), database_url=url, discover_urls="off")  # type: ignore[arg-type]
    uvicorn.run(make_app(settings), host="127.0.0.1", port=port, log_level="error", access_log=False)


async def start(url: str, home: str, port: int) -> asyncio.subprocess.Process:
    """A server that answers."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.sse", "--serve", url, home, str(port)
    )
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{port}/healthz") as answer:
                    if answer.status == 200:
                        return process
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)


async def publish(events: EventLog, count: int, sent: dict[int, float], steady: asyncio.Event) -> None:
    """Commit one event after the other, and note when each was committed."""
    for number in range(1, count + 1):
        await events.append(TOPIC, "tick", {"n": number})
        if steady.is_set():
            sent[number] = time.monotonic()
        await asyncio.sleep(PAUSE)


async def measure(listeners: int, count: int, home: str, url: str) -> None:
    """The whole benchmark over the database at `url`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    database = Database(url)
    events = EventLog(database)
    sent: dict[int, float] = {}
    kills = [count // 3, 2 * count // 3]
    steady = asyncio.Event()
    target = f"http://127.0.0.1:{port}/api/projects/{DEFAULT_PROJECT}/events"
    all_ = [Listener(target, random.Random(n), sent) for n in range(listeners)]
    server = await start(url, home, port)
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=30)
    begun = time.monotonic()
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        following = [asyncio.create_task(one.follow(session, count)) for one in all_]
        writing = asyncio.create_task(publish(events, count, sent, steady))
        most = 0
        watching = [asyncio.create_task(settle(all_, 0, steady))]
        for kill in kills:
            while await events.last_id(TOPIC) < kill:
                await asyncio.sleep(0.2)
                most = max(most, await listening(url))
            steady.clear()
            before = sum(one.connections for one in all_)
            server.send_signal(signal.SIGKILL)
            await server.wait()
            server = await start(url, home, port)
            watching.append(asyncio.create_task(settle(all_, before, steady)))
        await writing
        await asyncio.wait_for(asyncio.gather(*following), 60)
    server.terminate()
    await server.wait()
    await events.close()
    await database.dispose()
    report(all_, count, time.monotonic() - begun, most)


async def settle(listeners: list[Listener], before: int, steady: asyncio.Event) -> None:
    """Say so when everybody is connected (again) and has caught up."""
    while sum(one.connections for one in listeners) < before + len(listeners):  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    await asyncio.sleep(1)
    steady.set()


async def listening(url: str) -> int:
    """How many connections to the database listen for events now."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        found = await connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN scrivano_events' AND pid <> pg_backend_pid()"
        )
        row = await found.fetchone()
        return int(row[0]) if row else 0


def report(listeners: list[Listener], count: int, seconds: float, most: int) -> None:
    """Print the figures."""
    wanted = list(range(1, count + 1))
    wrong = sum(one.had != wanted for one in listeners)
    lost = sum(len(set(wanted) - set(one.had)) for one in listeners)
    twice = sum(len(one.had) - len(set(one.had)) for one in listeners)
    delays = sorted(delay for one in listeners for delay in one.delays)
    print(f"{len(listeners)} listeners, {count} events, 2 kills, {seconds:.0f} s")
    print(
        f"connections made: {sum(one.connections for one in listeners)}; listening to the database: at most {most}"
    )
    print(f"lost {lost}, twice {twice}, listeners with anything out of order or missing: {wrong}")
    if delays:
        at = [delays[int(len(delays) * share)] * 1000 for share in (0.5, 0.95, 0.99)]
        print(
            f"commit to listener, {len(delays):,} times, load {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores: p50 {at[0]:.1f} ms, p95 {at[1]:.1f} ms, p99 {at[2]:.1f} ms"
        )


async def main() -> None:
    listeners = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 600
    with TemporaryDirectory() as folder:
        embedded = EmbeddedPostgres(Path(folder) / "home")
        url = await embedded.start()
        try:
            await migrate.upgrade(url)
            await measure(listeners, count, os.fspath(Path(folder) / "server"), url)
        finally:
            await embedded.stop_if_unused()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        asyncio.run(main())
