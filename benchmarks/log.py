"""The request log at size: bytes a row in long conversations, the usage page over millions of rows, retention.

    python -m benchmarks.log [--rows 5000000] [--conversations 4] [--turns 200]

Bytes are those of tables and indexes apart from the message texts, divided by rows. For the page the log is filled by the database
itself: three months, 40 people, 12 projects, 24 models and features; then the page is asked 200 times: the month by day and model,
the latest 50 requests of everybody and of a person, and what a person used.
"""

import argparse
import asyncio
import datetime as dt
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.databases import fresh_databases
from scrivano.core.database import Database
from scrivano.core.secrets import SecretBox
from scrivano.llm.log import repo
from scrivano.llm.public import CallContext, LLMService, Message
from scrivano.llm.scripted.server import ScriptedServer

TABLES = (
    "llm_requests",
    "llm_chains",
    "llm_messages",
    "llm_keys",
    "llm_names",
    "llm_profiles",
    "llm_usage_hours",
)
SIZE = """
    SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint AS bytes FROM pg_class c
    WHERE c.relkind = 'r' AND c.relname ~ %s
"""


def service(database: Database) -> LLMService:
    """A service over a database."""
    return LLMService(database, secret_box=lambda: SecretBox(b"1" * 32), discover_urls="off")


async def one(url: str, statement: str, *parameters: Any) -> Any:
    """The only value of a statement's only row."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        cursor = await connection.execute(sql.SQL(statement), parameters or None)
        row = await cursor.fetchone() if cursor.description else None
    return row[0] if row else None


async def sizes(url: str) -> dict[str, int]:
    """Bytes of each table with its indexes and partitions, after what autovacuum does by itself in time."""
    await one(url, "VACUUM ANALYZE")
    return {table: await one(url, SIZE, f"^{table}(_[0-9]{{6}})?$") for table in TABLES}


async def bytes_a_row(url: str, conversations: int, turns: int, rounds: int = 4) -> float:
    """Conversations of so many turns, each turn sending all that was said before. What the rounds after the first one
    added, so that what a table takes when it is empty does not count."""
    database = Database(url)
    async with ScriptedServer({}) as server, service(database) as llm:
        await llm.registry.discover([server.url])

        async def talk(number: int) -> None:
            context = CallContext(
                feature="chat", purpose="reply", user_id=f"u{number % 5}", project_id=f"p{number % 5}"
            )
            said: list[Message] = []
            for turn in range(turns):
                said.append(Message(role="user", content=f"{number}/{turn}: about 20 words"))
                said.append((await llm.generate_response(said, context=context)).message)

        async def talks(round: int) -> None:
            await asyncio.gather(*(talk(round * conversations + number) for number in range(conversations)))

        await talks(0)
        before, text_before = (
            await sizes(url),
            await one(url, "SELECT sum(octet_length(body)) FROM llm_messages"),
        )
        for round in range(1, rounds):
            await talks(round)
            after = await sizes(url)
        text = await one(url, "SELECT sum(octet_length(body)) FROM llm_messages") - text_before
    await database.dispose()
    rows = conversations * turns * (rounds - 1)
    for table in TABLES:
        print(f"  {table:<18} {(after[table] - before[table]) / rows:7.0f} bytes a row")
    found = (sum(after.values()) - sum(before.values()) - text) / rows
    print(f"{rows} rows, {turns} turns each: {found:.0f} bytes a row apart from {text / rows:.0f} of text")
    return found


async def fill(url: str, rows: int) -> None:
    """Rows over the last ninety days, as the log would have written them, with their sums of hours."""
    now = dt.datetime.now(dt.UTC)
    begin = now - dt.timedelta(days=90)
    months = sorted(
        {
            (begin + dt.timedelta(days=day)).year * 100 + (begin + dt.timedelta(days=day)).month
            for day in range(91)
        }
    )
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        for month in months:
            await repo.make_partitions(connection, month)  # type: ignore[arg-type]
        await connection.execute(
            "INSERT INTO llm_names (name) SELECT 'user-' || n FROM generate_series(1, 40) n "
            "UNION ALL SELECT 'project-' || n FROM generate_series(1, 12) n"
        )
        await connection.execute(
            "INSERT INTO llm_profiles (hash, kind, feature, purpose, provider, model, locality, route, tier) "
            "SELECT decode(md5(n::text), 'hex'), 'text', 'feature-' || n % 4, 'p', 'provider-' || n % 3, 'model-' || n % 8, "
            "'loopback', 'auto', 'small-local' FROM generate_series(1, 24) n"
        )
        step = 500_000
        span = (now - begin).total_seconds() * 1000
        for at in range(0, rows, step):
            count = min(step, rows - at)
            await connection.execute(
                """
                INSERT INTO llm_requests (id, cost, instance, profile, prompt_tokens, completion_tokens, ms, first_ms,
                    person, project, attempt, status, finish_reason)
                SELECT (lpad(to_hex((%(begin)s + %(span)s * ((%(at)s + n)::float8 / %(rows)s))::bigint), 12, '0')
                        || '7' || right(md5(n::text), 3) || '8' || left(md5((n + 1)::text), 15))::uuid,
                    n %% 5000 * 1000, 1, 1 + n %% 24, 100 + n %% 900, 10 + n %% 400, 200 + n %% 3000, 50 + n %% 200,
                    1 + n %% 40, 41 + n %% 12, 1, 'finished', 'stop'
                FROM generate_series(1, %(count)s) n
                """,
                {"begin": begin.timestamp() * 1000, "span": span, "at": at, "rows": rows, "count": count},
            )
        await connection.execute(
            """
            INSERT INTO llm_usage_hours
            SELECT (('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 3600000)::integer, 1, profile, person,
                project, 0, 0, count(*), count(*), 0, count(*), sum(prompt_tokens), sum(completion_tokens), 0, 0, sum(ms),
                sum(cost), 0, 0
            FROM llm_requests GROUP BY 1, 3, 4, 5
            """
        )
        await connection.execute("VACUUM ANALYZE")


async def timed(name: str, ask: Callable[[], Awaitable[Any]], times: int) -> float:
    """Milliseconds at p95."""
    taken: list[float] = []
    for _ in range(times):
        began = time.perf_counter()
        await ask()
        taken.append((time.perf_counter() - began) * 1000)
    taken.sort()
    p95 = taken[int(len(taken) * 0.95)]
    print(f"  {name:<34} p50 {taken[len(taken) // 2]:6.1f} ms, p95 {p95:6.1f} ms")
    return p95


async def usage_page(url: str, times: int) -> float:
    """The slowest part's p95."""
    database = Database(url)
    draw = random.Random(1)
    now = dt.datetime.now(dt.UTC)
    month = now - dt.timedelta(days=30)
    async with service(database) as llm:
        room = llm.statistics

        def person() -> str:
            return f"user-{draw.randint(1, 40)}"

        worst = [
            await timed(
                "30 days by day and model", lambda: room.usage(since=month, step="day", by="model"), times
            ),
            await timed("30 days by person", lambda: room.usage(since=month, step="all", by="user"), times),
            await timed(
                "a person's 30 days by day",
                lambda: room.usage(since=month, by="none", user_id=person()),
                times,
            ),
            await timed("the latest 50 requests", lambda: llm.latest_requests(50, 0), times),
            await timed("a person's latest 50", lambda: llm.get_user_requests(person(), 50, 0), times),
            await timed(
                "a person's 50 after 1,000", lambda: llm.get_user_requests(person(), 50, 1000), times
            ),
        ]
        await timed("statistics of all time", lambda: room.statistics(), max(5, times // 20))
    await database.dispose()
    return max(worst)


async def retention(url: str) -> None:
    """Drop all but the current month."""
    database = Database(url)
    async with service(database) as llm:
        began = time.perf_counter()
        dropped = await llm.keeping.retain(row_months=0)
        print(
            f"retention dropped {len(dropped.rows)} months in {(time.perf_counter() - began) * 1000:.0f} ms"
        )
    await database.dispose()


async def measure(rows: int, conversations: int, turns: int, times: int) -> None:
    """All of it."""
    fast = {"fsync": "off", "synchronous_commit": "off", "max_wal_size": "4GB", "shared_buffers": "512MB"}
    async with fresh_databases(2, fast) as urls:
        await bytes_a_row(urls[0], conversations, turns)
        began = time.perf_counter()
        await fill(urls[1], rows)
        hours = await one(urls[1], "SELECT count(*) FROM llm_usage_hours")
        print(f"{rows:,} rows and {hours:,} sums of hours, filled in {time.perf_counter() - began:.0f} s")
        worst = await usage_page(urls[1], times)
        print(f"usage page, slowest part: p95 {worst:.1f} ms")
        await retention(urls[1])


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--conversations", type=int, default=4)
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--times", type=int, default=200)
    chosen = parser.parse_args()
    asyncio.run(measure(chosen.rows, chosen.conversations, chosen.turns, chosen.times))


if __name__ == "__main__":
    main()
