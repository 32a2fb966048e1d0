"""`scrivano requests verify` over a long log: every request rebuilt and compared with the hashes under which it was sent.

    python -m benchmarks.log_verify [--rows 1000000] [--turns 5] [--damaged 20]

The log is filled with conversations of so many turns in ten projects over two months, hashed and linked by the service's own
functions. Verified once as it is; then some texts are changed, some conversations linked to another, some texts removed, and it
has to name exactly the requests that these belong to.
"""

import argparse
import asyncio
import datetime as dt
import random
import time
from dataclasses import dataclass, field
from uuid import UUID

import psycopg

from benchmarks.databases import fresh_databases
from benchmarks.log import service
from scrivano.core.database import Database
from scrivano.llm.log import repo
from scrivano.llm.log.chains import Body, body_of, link, prefix_hashes
from scrivano.llm.log.months import bounds, month_of
from scrivano.llm.public import Message

PROJECTS = 10
STEP = 20_000


@dataclass
class Piece:
    """Rows to be copied in one go."""

    requests: list[tuple[object, ...]] = field(default_factory=list[tuple[object, ...]])
    messages: dict[tuple[int, bytes], str] = field(default_factory=dict[tuple[int, bytes], str])
    chains: dict[tuple[int, bytes], tuple[bytes | None, bytes]] = field(
        default_factory=dict[tuple[int, bytes], tuple[bytes | None, bytes]]
    )


def conversation(number: int, turns: int, start: UUID, rows: int, into: Piece) -> None:
    """So many requests, each with all that was said before it."""
    project = number % PROJECTS
    name = f"project-{project + 1}"
    said: list[Body] = []
    known: set[bytes] = set()
    for turn in range(turns):
        id = UUID(int=start.int + (((number * turns + turn) * _SPAN // rows) << 80 | number * turns + turn))
        month = month_of(id)
        words = " ".join(f"word{(number * 31 + turn * 7 + n) % 9973}" for n in range(12))
        question = Message(role="user", content=f"Conversation {number}, turn {turn}: {words}?")
        answer = body_of(
            Message(role="assistant", content=f"Answer {turn} to {number}: {words}.").canonical(), name
        )
        said.append(body_of(question.canonical(), name))
        chain = link(said, {hash for hash in known if (month, hash) in into.chains})
        known.update(prefix_hashes(said))
        into.chains[month, chain.hash] = (chain.parent, chain.tail)
        for body in (*said, answer):
            into.messages[month, body.hash] = body.text
        into.requests.append((id, project + 1, chain.hash, answer.hash))
        said.append(answer)


_SPAN = 40 * 24 * 3600 * 1000  # Milliseconds: more than a month, so that two are in it.


async def fill(url: str, rows: int, turns: int) -> None:
    """The log as the service would have written it."""
    today = dt.datetime.now(dt.UTC)
    start = bounds((today - dt.timedelta(days=40)).year * 100 + (today - dt.timedelta(days=40)).month)[0]
    async with await psycopg.AsyncConnection.connect(url) as connection:
        for month in sorted({month_of(start), month_of(UUID(int=start.int + (_SPAN << 80)))}):
            await repo.make_partitions(connection, month)  # type: ignore[arg-type]
        await connection.execute(
            "INSERT INTO llm_names (name) SELECT 'project-' || n FROM generate_series(1, %s) n", [PROJECTS]
        )
        await connection.execute(
            "INSERT INTO llm_profiles (hash, kind, feature, purpose, provider, model, locality, route, tier) "
            "VALUES ('\\x01', 'text', 'f', 'p', 'provider', 'model', 'loopback', 'auto', 'small-local')"
        )
        for at in range(0, rows // turns, STEP // turns):
            piece = Piece()
            for number in range(at, min(at + STEP // turns, rows // turns)):
                conversation(number, turns, start, rows, piece)
            await _copy(connection, piece)
        await connection.commit()


async def _copy(connection: psycopg.AsyncConnection[tuple[object, ...]], piece: Piece) -> None:
    cursor = connection.cursor()
    async with cursor.copy("COPY llm_messages (month, hash, body) FROM STDIN") as copy:
        for (month, hash), text in piece.messages.items():
            await copy.write_row((month, hash, text))
    async with cursor.copy("COPY llm_chains (month, hash, parent, tail) FROM STDIN") as copy:
        for (month, hash), (parent, tail) in piece.chains.items():
            await copy.write_row((month, hash, parent, tail))
    columns = "id, project, head, answer, cost, instance, profile, attempt, status, finish_reason"
    async with cursor.copy(f"COPY llm_requests ({columns}) FROM STDIN") as copy:
        for row in piece.requests:
            await copy.write_row((*row, 0, 1, 1, 1, "finished", "stop"))


async def damage(url: str, count: int) -> tuple[set[UUID], int]:
    """Change answers, exchange conversations, remove answers; the requests that are wrong now, and how many lost a text."""
    draw = random.Random(1)
    async with await psycopg.AsyncConnection.connect(url) as connection:
        found = await connection.execute(
            "SELECT id, head, answer FROM llm_requests TABLESAMPLE SYSTEM (1) LIMIT %s", [count * 40]
        )
        rows = draw.sample(await found.fetchall(), count * 3)
        changed, swapped, gone = rows[:count], rows[count : 2 * count], rows[2 * count :]
        for _, _, answer in changed:
            await connection.execute("UPDATE llm_messages SET body = body || ' ' WHERE hash = %s", [answer])
        for _, head, _ in swapped:
            await connection.execute(
                "UPDATE llm_chains SET tail = substring(tail FROM 1 FOR length(tail) - 1) || '\\x00' WHERE hash = %s AND "
                "parent IS NULL",
                [head],
            )
        for _, _, answer in gone:
            await connection.execute("DELETE FROM llm_messages WHERE hash = %s", [answer])
        await connection.commit()
    return {row[0] for row in changed}, len(gone)


async def measure(rows: int, turns: int, damaged: int) -> None:
    """Print the figures."""
    async with fresh_databases(1, {"fsync": "off"}) as (url,):
        began = time.perf_counter()
        await fill(url, rows, turns)
        print(f"{rows} rows written in {time.perf_counter() - began:.0f} s", flush=True)
        database = Database(url)
        async with service(database) as llm:
            began = time.perf_counter()
            seen = await llm.keeping.verify()
            took = time.perf_counter() - began
            print(
                f"{seen.requests} verified in {took:.0f} s: {seen.whole} whole, {seen.without_text} without text, {len(seen.broken)} broken"
            )
            wrong, lost = await damage(url, damaged)
            after = await llm.keeping.verify()
            print(
                f"after damage: {len(wrong & set(after.broken))} of {len(wrong)} changed answers named among {len(after.broken)} broken, "
                f"{after.without_text} without text ({lost} answers removed)"
            )
        await database.dispose()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--damaged", type=int, default=20)
    chosen = parser.parse_args()
    asyncio.run(measure(chosen.rows, chosen.turns, chosen.damaged))


if __name__ == "__main__":
    main()
