import asyncio

import psycopg
import pytest
from llm_support import Setup, make_service, user
from psycopg import sql

from scrivano.core.clock import now
from scrivano.core.database import Database
from scrivano.core.errors import InvalidInput
from scrivano.llm.log import repo
from scrivano.llm.log.months import bounds
from scrivano.llm.public import CallContext, LLMService, Message, Options, RequestStatus, Tool
from scrivano.llm.scripted.server import ScriptedServer

OWN = CallContext(feature="f", purpose="p", project_id="mine")


async def run(url: str, *statements: str) -> list[tuple[object, ...]]:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        for statement in statements:
            cursor = await connection.execute(sql.SQL(statement))
        return await cursor.fetchall() if cursor.description else []


async def age(url: str, month: int) -> None:
    """Move all that the log has into an earlier month, as if it had been written then."""
    current = now().year * 100 + now().month
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await repo.make_partitions(connection, month)  # type: ignore[arg-type]
    low, _ = bounds(month)
    prefix = str(low)[:13]
    await run(
        url,
        f"UPDATE llm_requests SET id = ('{prefix}' || right(id::text, 23))::uuid",
        f"UPDATE llm_keys SET request_id = ('{prefix}' || right(request_id::text, 23))::uuid",
        f"UPDATE llm_messages SET month = {month} WHERE month = {current}",
        f"UPDATE llm_chains SET month = {month} WHERE month = {current}",
    )


async def test_retention_drops_partitions_and_keeps_counts(scripted: Setup, database: Database) -> None:
    keyed = OWN.model_copy(update={"key": "run/step/1/1"})
    async with scripted() as (service, server):
        old = await service.generate_response(user("old"), context=keyed)
        await age(database.url, 202401)
        rows = await service.latest_requests()
        new = await service.generate_response(user("new"), context=OWN)
        dropped = await service.keeping.retain(text_months=1)
        view = await service.get_request(rows[0].id)
        again = await service.generate_response(user("old"), context=keyed)
        verified = await service.keeping.verify()
        gone = await service.keeping.retain(row_months=0)
        left = await service.latest_requests()
        counted = await service.statistics.statistics()
        with pytest.raises(InvalidInput):
            await service.keeping.retain(text_months=-1)
        month = await run(database.url, "SELECT relname FROM pg_class WHERE relname LIKE 'llm\\_%202401'")
    assert (dropped.texts, dropped.rows) == ((202401,), ())
    assert view.messages is None and view.answer is None
    assert view.status is RequestStatus.FINISHED and view.usage == old.usage
    assert not again.from_log and again.text == old.text
    assert (verified.requests, verified.whole, verified.without_text, verified.broken) == (3, 2, 1, [])
    assert (gone.texts, gone.rows) == ((), (202401,))
    assert {row.id for row in left} == {new.request_id, again.request_id}
    assert counted.total.attempts == 3
    assert month == []
    assert len(server.ledger.entries) == 3


async def test_an_erased_project_leaves_no_text_behind(database: Database) -> None:
    async with (
        ScriptedServer({}) as server,
        make_service(database) as service,
        make_service(database) as other,
    ):
        await service.registry.discover([server.url])
        canary = "the secret of the mill"
        tools = Options(tools=(Tool(name="find", description=canary),), tool_choice="none")
        talk = user(canary)
        for turn in range(6):
            keyed = OWN.model_copy(update={"key": f"k/{turn}"})
            answer = await other.generate_response(talk, context=keyed, options=tools)
            talk = [*talk, answer.message, Message(role="user", content=f"{canary} {turn}")]
        kept = await service.generate_response(
            user(canary), context=OWN.model_copy(update={"project_id": "theirs"})
        )
        erased = await service.keeping.erase_project("mine")
        rows = await service.latest_requests()
        views = [await service.get_request(row.id) for row in rows if row.project_id == "mine"]
        theirs = await service.get_request(kept.request_id)
        texts = await run(database.url, "SELECT body FROM llm_messages")
        await _noticed(other, database.url)
        fresh = await other.generate_response(user(canary), context=OWN)
        whole = await other.get_request(fresh.request_id)
        verified = await service.keeping.verify()
    assert (erased.requests, len(views)) == (6, 6)
    assert all(view.messages is None and view.answer is None for view in views)
    assert theirs.messages == tuple(user(canary))
    assert sum(canary in str(row[0]) for row in texts) == 1
    assert whole.messages == tuple(user(canary))
    assert (verified.without_text, verified.whole, verified.broken) == (6, 2, [])


async def _noticed(service: LLMService, url: str) -> None:
    """Return once another process's log knows that texts were erased; it looks about once a second."""
    ((epoch,),) = await run(url, "SELECT epoch FROM llm_log_epoch")
    instance = service.log.instance
    async with asyncio.timeout(60):
        while instance._epoch != epoch:  # noqa: ASYNC110  # pyright: ignore[reportPrivateUsage]
            await asyncio.sleep(0.02)


async def test_a_changed_text_is_found_out(scripted: Setup, database: Database) -> None:
    async with scripted() as (service, _):
        responses = [await service.generate_response(user(f"{n}"), context=OWN) for n in range(3)]
        await run(
            database.url,
            """UPDATE llm_messages SET body = '{"role":"user","content":"7"}' WHERE body LIKE '%"1"%'""",
        )
        verified = await service.keeping.verify()
        later = await service.keeping.verify(since=now())
    assert verified.broken == [responses[1].request_id]
    assert verified.whole == 2
    assert later.requests == 0
