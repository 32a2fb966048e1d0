import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
import pytest
from llm_support import Setup, user

from scrivano.core.errors import Unavailable
from scrivano.core.ids import new_id
from scrivano.llm.dto import CallContext, RequestStatus
from scrivano.llm.log import repo
from scrivano.llm.log.months import month_of
from scrivano.llm.log.writer import GroupWriter
from scrivano.llm.pool import Connection, Pool, connect


class Divider:
    """Writes by dividing in the database; remembers the batches."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    async def write(self, connection: Connection, items: Sequence[int]) -> Sequence[int]:
        self.batches.append(list(items))
        statement = "SELECT 100 / n AS q FROM unnest(%s::integer[]) WITH ORDINALITY AS u(n, i) ORDER BY i"
        cursor = await connection.execute(statement, [list(items)])
        return [row["q"] for row in await cursor.fetchall()]


async def test_what_waits_goes_together(database_url: str) -> None:
    divider = Divider()
    writer = GroupWriter(database_url, divider.write)
    writer.start()
    results = await asyncio.gather(*(writer.submit(n) for n in range(1, 51)))
    await writer.stop()
    assert results == [100 // n for n in range(1, 51)]
    assert len(divider.batches) < 5


async def test_one_that_cannot_be_written_takes_no_other_with_it(database_url: str) -> None:
    divider = Divider()
    writer = GroupWriter(database_url, divider.write)
    writer.start()
    results = await asyncio.gather(*(writer.submit(n) for n in (1, 2, 0, 4)), return_exceptions=True)
    after = await writer.submit(5)
    await writer.stop()
    assert results[:2] == [100, 50]
    assert isinstance(results[2], Unavailable) and "division by zero" in str(results[2])
    assert results[3] == 25
    assert after == 20


async def test_marks_keep_two_apart(database_url: str) -> None:
    divider = Divider()
    writer = GroupWriter(database_url, divider.write, apart=lambda n: n % 2 or None)
    writer.start()
    await asyncio.gather(*(writer.submit(n) for n in (1, 2, 3, 4, 5)))
    await writer.stop()
    assert divider.batches == [[1, 2, 4], [3], [5]]


async def test_stopping_waits_for_what_is_being_written(database_url: str) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def write(_: Connection, items: Sequence[int]) -> Sequence[int]:
        begun.set()
        await go_on.wait()
        return items

    writer = GroupWriter(database_url, write)
    writer.start()
    first = writer.put(1)
    await begun.wait()
    left = asyncio.create_task(writer.submit(2))
    await asyncio.sleep(0)
    left.cancel()
    stopping = asyncio.create_task(writer.stop())
    for _ in range(10):
        await asyncio.sleep(0)
    second = writer.put(3)
    go_on.set()
    await stopping
    assert (await first.committed(), await second.committed()) == (1, 3)


async def test_a_lost_connection_is_made_again(database_url: str) -> None:
    divider = Divider()
    writer = GroupWriter(database_url, divider.write)
    writer.start()
    await writer.submit(1)
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert await writer.submit(2) == 50
    await writer.stop()


async def test_a_database_that_is_away_is_named() -> None:
    pool = Pool("postgresql://nobody@127.0.0.1:9/none?connect_timeout=1", size=1)
    with pytest.raises(Unavailable, match="does not answer"):
        async with asyncio.timeout(20):
            await pool.open()
            async with pool.connection():
                pass
    await pool.close()


async def test_statements_that_the_connection_forgot_are_prepared_again(
    scripted: Setup, context: CallContext
) -> None:
    async with scripted() as (service, _):
        await service.generate_response(user("One."), context=context)
        for writer in (service.log._opens, service.log._closes):  # pyright: ignore[reportPrivateUsage]
            connection = writer._connection  # pyright: ignore[reportPrivateUsage]
            assert connection is not None
            await connection.execute("DEALLOCATE ALL")
        answer = await service.generate_response(user("Two."), context=context)
        assert (await service.get_request(answer.request_id)).status is RequestStatus.FINISHED


async def test_plans_made_over_empty_tables_find_rows_by_their_ids(database_url: str) -> None:
    connection = await connect(database_url)
    try:
        await repo.make_partitions(connection, month_of(new_id()))
        await repo.plan_once(connection)
        cursor = await connection.execute("EXPLAIN (FORMAT JSON) EXECUTE llm_close('[]', '[]', 1)")
        plan: Any = (await cursor.fetchall())[0]["QUERY PLAN"][0]["Plan"]
    finally:
        await connection.close()
    scans = [node for node in nodes_of(plan) if node.get("Relation Name", "").startswith("llm_requests_")]
    scans = [node for node in scans if node["Node Type"] != "ModifyTable"]
    assert len(scans) == 2
    assert all("Index Cond" in scan for scan in scans), scans


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes_of(below)
