"""Events: order, replay, following."""

import asyncio
from contextlib import aclosing

import psycopg

from scrivano.core.database import Database
from scrivano.events.public import Event, EventLog


async def take(log: EventLog, topic: str, count: int, *, after: int = 0) -> list[Event]:
    taken: list[Event] = []
    async with asyncio.timeout(20), aclosing(log.follow(topic, after=after)) as events:
        async for event in events:
            taken.append(event)
            if len(taken) == count:
                return taken
    raise AssertionError("follow ended by itself")


async def test_ids_count_from_one_in_each_topic(database: Database) -> None:
    log = EventLog(database)
    await log.append("a", "k", {"n": 1})
    await log.append(["b", "a", "a"], "k", {"n": 2})
    assert [(e.id, e.data["n"]) for e in await log.read("a")] == [(1, 1), (2, 2)]
    assert [(e.id, e.data["n"]) for e in await log.read("b")] == [(1, 2)]
    assert [e.id for e in await log.read("a", after=1)] == [2]
    assert [e.id for e in await log.read("a", limit=1)] == [1]


async def test_an_event_of_a_transaction_that_fails_never_happened(database: Database) -> None:
    log = EventLog(database)
    try:
        async with database.begin() as session:
            await log.append("a", "k", {}, session=session)
            raise RuntimeError
    except RuntimeError:
        pass
    await log.append("a", "k", {"kept": True})
    assert [(e.id, e.data) for e in await log.read("a")] == [(1, {"kept": True})]


async def test_concurrent_writers_leave_no_gap_and_followers_see_all_once(database: Database) -> None:
    log, other = EventLog(database), EventLog(database)
    followers = [asyncio.create_task(take(who, "a", 100)) for who in (log, log, other)]

    async def write(name: str) -> None:
        for n in range(20):
            await log.append(["a", f"own:{name}"], "k", {"who": name, "n": n})

    await asyncio.gather(*(write(name) for name in "vwxyz"))
    for seen in await asyncio.gather(*followers):
        assert [e.id for e in seen] == list(range(1, 101))
        for name in "vwxyz":
            assert [e.data["n"] for e in seen if e.data["who"] == name] == list(range(20))


async def test_a_writer_that_commits_late_is_waited_for_not_skipped(database: Database) -> None:
    log = EventLog(database)
    follower = asyncio.create_task(take(log, "a", 2))
    async with database.begin() as session:
        await log.append("a", "k", {"who": "slow"}, session=session)
        second = asyncio.create_task(log.append("a", "k", {"who": "quick"}))
        await asyncio.sleep(0.05)
        assert await log.read("a") == []
    await second
    assert [e.data["who"] for e in await follower] == ["slow", "quick"]


async def test_following_survives_the_loss_of_its_connection(database: Database) -> None:
    log = EventLog(database)
    follower = asyncio.create_task(take(log, "a", 3))
    await log.append("a", "k", {"n": 1})
    async with await psycopg.AsyncConnection.connect(database.url, autocommit=True) as connection:
        while not await kill_listeners(connection):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await log.append("a", "k", {"n": 2})
    await log.append("a", "k", {"n": 3})
    assert [e.id for e in await follower] == [1, 2, 3]


async def kill_listeners(connection: psycopg.AsyncConnection) -> int:
    query = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
    )
    return len(await (await connection.execute(query)).fetchall())


async def test_following_starts_after_the_given_id(database: Database) -> None:
    log = EventLog(database)
    for n in range(5):
        await log.append("a", "k", {"n": n})
    assert [e.id for e in await take(log, "a", 2, after=3)] == [4, 5]
