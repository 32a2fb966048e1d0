import asyncio
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from llm_support import Setup, make_service, user

from scrivano.core.database import Database
from scrivano.core.ids import new_id
from scrivano.llm.dto import Usage
from scrivano.llm.log.rows import Closing, Opening
from scrivano.llm.public import (
    CallContext,
    Locality,
    Message,
    Options,
    RequestStatus,
)


def keyed(key: str, **more: Any) -> CallContext:
    return CallContext(feature="books", purpose="write_chapter", run_id="run-1", key=key, **more)


async def sql(database: Database, statement: str) -> list[Any]:
    async with await psycopg.AsyncConnection.connect(database.url, autocommit=True) as connection:
        return await (await connection.execute(statement)).fetchall()


async def test_a_finished_answer_is_taken_from_the_log(scripted: Setup, database: Database) -> None:
    context = keyed("run-1/write_chapter/3/1")
    async with scripted() as (service, server):
        first = await service.generate_response(user("about 50 words"), context=context)
        again = await service.generate_response(user("about 50 words"), context=context)
        async with make_service(database) as other:
            elsewhere = await other.generate_response(user("about 50 words"), context=context)
            streamed = [
                piece async for piece in other.stream_response(user("about 50 words"), context=context)
            ]
        rows = await service.run_requests("run-1")
    assert len(server.ledger.entries) == 1
    assert again == elsewhere == first.model_copy(update={"from_log": True, "seconds": again.seconds})
    assert "".join(streamed) == first.text
    assert [(row.item, row.key, row.status) for row in rows] == [("3", context.key, RequestStatus.FINISHED)]


async def test_the_first_answer_under_a_key_wins(scripted: Setup, database: Database) -> None:
    script = {"rule": [{"times": 1, "text": "slow", "hold_after": 1}, {"text": "fast"}]}
    context = keyed("run-1/write_chapter/3/1")
    async with scripted(script) as (service, server), make_service(database) as other:
        slow = asyncio.create_task(service.generate_response(user("hi"), context=context))
        await server.ledger.until(lambda entries: len(entries) == 1)
        fast = await other.generate_response(user("hi"), context=context)
        server.engine.release("all")
        late = await slow
        rows = await service.run_requests("run-1")
    assert fast.text == late.text == "fast"
    assert late.request_id == fast.request_id
    assert late.from_log
    assert {row.id: row.status for row in rows}[fast.request_id] is RequestStatus.FINISHED
    assert sorted(row.status for row in rows) == [RequestStatus.FINISHED, RequestStatus.SUPERSEDED]


async def test_rows_of_the_dead_are_cut_and_the_living_are_left_alone(
    scripted: Setup, database: Database
) -> None:
    async with scripted({"rule": [{"times": 1, "hang": True}]}) as (service, server):
        waiting = asyncio.create_task(service.generate_response(user("hi"), context=keyed("run-1/a/1/1")))
        await server.ledger.until(lambda entries: len(entries) == 1)
        async with make_service(database) as other:
            assert [row.status for row in await other.run_requests("run-1")] == [RequestStatus.STARTED]
            # What a kill leaves behind: the row, and no connection that holds the lock.
            await sql(
                database,
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
                f"AND objid = {service.log.instance.number}",
            )
            async with asyncio.timeout(30):
                while not await other.log.instance.recover():
                    pass
            rows = await other.run_requests("run-1")
            assert [row.status for row in rows] == [RequestStatus.CUT]
            answer = await other.generate_response(user("hi"), context=keyed("run-1/a/1/1"))
        assert answer.text
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def test_a_cut_row_whose_answer_comes_after_all_is_finished(
    scripted: Setup, database: Database
) -> None:
    async with scripted({"rule": [{"first_token_delay": 0.4, "text": "late"}]}) as (service, server):
        waiting = asyncio.create_task(service.generate_response(user("hi"), context=keyed("run-1/a/1/1")))
        await server.ledger.until(lambda entries: len(entries) == 1)
        await sql(database, "UPDATE llm_requests SET status = 'cut' RETURNING 1")
        response = await waiting
        rows = await service.run_requests("run-1")
    assert response.text == "late"
    assert [row.status for row in rows] == [RequestStatus.FINISHED]


async def test_the_service_goes_on_after_its_connections_were_lost(
    scripted: Setup, database: Database
) -> None:
    async with scripted() as (service, _):
        await service.generate_response(user("one"), context=keyed("run-1/a/1/1"))
        await sql(
            database,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        second = await service.generate_response(user("two"), context=keyed("run-1/a/2/1"))
        rows = await service.run_requests("run-1")
    assert second.text
    assert [row.status for row in rows] == [RequestStatus.FINISHED, RequestStatus.FINISHED]


async def test_texts_are_stored_once_and_rebuilt_to_the_byte(
    scripted: Setup, context: CallContext, database: Database
) -> None:
    odd = 'tab\tzero\x00 quote" back\\slash \u2028 😀 \ufffd ünï'
    async with scripted() as (service, _):
        talk = [Message(role="system", content=odd)]
        for turn in range(6):
            talk += user(f"turn {turn}: about 20 words")
            response = await service.generate_response(talk, context=context)
            row = await service.get_request(response.request_id)
            assert row.messages == tuple(talk)
            assert row.answer == response.message
            talk.append(response.message)
        again = await service.generate_response(talk[:-1], context=context)
        assert again.text == talk[-1].content
    counts = await sql(
        database,
        "SELECT (SELECT count(*) FROM llm_messages), (SELECT count(*) FROM llm_chains), "
        "(SELECT max(length(tail)) FROM llm_chains), (SELECT count(*) FROM llm_requests)",
    )
    assert counts == [(13, 6, 32, 7)]


async def test_a_conversation_from_another_process_is_linked_to_what_is_stored(
    scripted: Setup, context: CallContext, database: Database
) -> None:
    talk: list[Message] = []
    for turn in range(5):
        talk += [*user(f"question {turn}"), Message(role="assistant", content=f"answer {turn}")]
    async with scripted() as (service, _):
        await service.generate_response([*talk, *user("first")], context=context)
        async with make_service(database) as other:
            more = [*talk, *user("first"), Message(role="assistant", content="so"), *user("second")]
            response = await other.generate_response(more, context=context)
            assert (await other.get_request(response.request_id)).messages == tuple(more)
    lengths = await sql(database, "SELECT length(tail) / 16 FROM llm_chains ORDER BY 1")
    assert lengths == [(2,), (11,)]


async def test_two_projects_share_no_text(scripted: Setup, context: CallContext, database: Database) -> None:
    async with scripted() as (service, _):
        for project in ("one", "two"):
            own = context.model_copy(update={"project_id": project})
            await service.generate_response(user("the same"), context=own)
    assert await sql(database, "SELECT count(*) FROM llm_messages") == [(4,)]


async def test_months_are_partitions(scripted: Setup, database: Database) -> None:
    async with scripted() as (service, _):
        for stamp in (1_700_000_000_000, 1_703_000_000_000, 1_705_000_000_000):
            id = new_id()
            old = type(id)(int=(stamp << 80) | (id.int & ((1 << 80) - 1)))
            context = CallContext(feature="books", purpose="x", run_id="old")
            opening = Opening(old, context, "p", "m", Locality.LOOPBACK, "named", {})
            await service.log.open(opening, user("hello"))
            await service.log.close(
                Closing(
                    opening,
                    RequestStatus.FINISHED,
                    1.5,
                    usage=Usage(prompt_tokens=3),
                    answer=Message(role="assistant", content="world"),
                    finish_reason="stop",
                )
            )
        rows = await service.run_requests("old")
        view = await service.get_request(rows[0].id)
    tables = await sql(
        database, "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' ORDER BY 1"
    )
    assert [row.started_at.strftime("%Y-%m") for row in rows] == ["2023-11", "2023-12", "2024-01"]
    assert view.messages == tuple(user("hello"))
    assert ("llm_requests_202312",) in tables
    assert len(tables) == 9


async def test_totals_of_a_run(scripted: Setup) -> None:
    async with scripted({"rule": [{"times": 1, "status": 500}]}) as (service, server):
        for number in range(3):
            await service.generate_response(user(f"{number}"), context=keyed(f"run-1/a/{number}/1"))
        totals = await service.run_totals("run-1")
        empty = await service.run_totals("nothing")
    assert (totals.attempts, totals.finished) == (4, 3)
    assert totals.completion_tokens == sum(entry.completion_tokens for entry in server.ledger.finished)
    assert totals.by_locality[Locality.LOOPBACK].attempts == 4
    assert totals.by_kind["text"].finished == 3
    assert totals.external_api_calls == {"text": 0, "image": 0, "search": 0}
    assert (empty.attempts, empty.cost) == (0, Decimal(0))


async def test_a_persons_requests_newest_first(scripted: Setup, context: CallContext) -> None:
    async with scripted() as (service, _):
        mine = context.model_copy(update={"user_id": "u1", "labels": {"genre": "jazz"}})
        for number in range(5):
            await service.generate_response(user(f"{number}"), context=mine)
        await service.generate_response(user("other"), context=context)
        page = await service.get_user_requests("u1", limit=2, offset=1)
        everything = await service.get_user_requests("u1")
    assert len(everything) == 5
    assert [row.id for row in page] == [row.id for row in everything[1:3]]
    assert page[0].labels == {"genre": "jazz"}
    assert page[0].messages is None


async def test_concurrent_calls_are_each_in_the_log(scripted: Setup, context: CallContext) -> None:
    async with scripted({"slots": 64}) as (service, server):
        answers = await asyncio.gather(
            *(
                service.generate_response(user(f"{n % 50}"), options=Options(max_tokens=5), context=context)
                for n in range(200)
            )
        )
        rows = await service.latest_requests(limit=500)
    assert {row.id for row in rows} == {answer.request_id for answer in answers}
    assert {row.status for row in rows} == {RequestStatus.FINISHED}
    assert len(server.ledger.finished) == 200


@pytest.mark.parametrize("text", ["", " ", "\x00"])
async def test_odd_texts_go_through(scripted: Setup, context: CallContext, text: str) -> None:
    async with scripted({"rule": [{"text": text}]}) as (service, _):
        response = await service.generate_response(user(text), context=context)
        row = await service.get_request(response.request_id)
    assert response.text == text
    assert row.answer == Message(role="assistant", content=text)
