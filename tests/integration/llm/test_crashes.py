import asyncio
import os
import signal
import sys
from collections import Counter
from pathlib import Path

import psycopg
import pytest
from llm_support import make_service

from scrivano.core.database import Database
from scrivano.llm.public import LLMService, RequestStatus, RequestView
from scrivano.llm.scripted.server import ScriptedServer

WORKER = Path(__file__).with_name("crash_worker.py")


async def spawn(database: Database, server: ScriptedServer, crash_at: str = "") -> asyncio.subprocess.Process:
    environment = {**os.environ, "SCRIVANO_CRASH_AT": crash_at, "PYTHONPATH": str(WORKER.parent)}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        str(WORKER),
        database.url,
        server.url,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )


async def finish(process: asyncio.subprocess.Process) -> list[str]:
    async with asyncio.timeout(60):
        out, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return out.decode().splitlines()


async def rows_of(service: LLMService) -> list[RequestView]:
    return [await service.get_request(row.id) for row in await service.run_requests("run")]


def texts(lines: list[str]) -> list[str]:
    return [line.split(" ", 1)[1] for line in lines]


@pytest.mark.parametrize(
    "point",
    ["llm.after_started_row", "llm.before_send", "llm.mid_stream", "llm.answer_received", "llm.finished"],
)
async def test_a_kill_repeats_no_finished_call(database: Database, point: str) -> None:
    # Slow enough that the server is not done with an answer before its caller is killed in the middle of it.
    speed = 100 if point == "llm.mid_stream" else 0
    async with ScriptedServer({"tokens_per_second": speed}) as server:
        killed = await spawn(database, server, f"kill:{point}#2")
        await killed.communicate()
        assert killed.returncode == -signal.SIGKILL
        made_before = len(server.ledger.finished)
        lines = await finish(await spawn(database, server))
        async with make_service(database) as service:
            rows = await rows_of(service)
    finished = [row for row in rows if row.status is RequestStatus.FINISHED]
    cut = [row for row in rows if row.status is RequestStatus.CUT]
    assert [str(row.id) for row in sorted(finished, key=lambda row: row.key or "")] == [
        line.split(" ", 1)[0] for line in lines
    ]
    assert len(finished) == 3
    # Mid-stream the second piece is still the first call's: nothing was finished yet.
    assert len(cut) == (0 if point == "llm.finished" else 1)
    assert all(row.error for row in cut)
    asked = Counter(entry.request_hash for entry in server.ledger.finished)
    repeated = {hash for hash, times in asked.items() if times > 1}
    # Only an answer that never reached the log is made again, as nobody can know it.
    assert len(repeated) == (1 if point == "llm.answer_received" else 0)
    assert made_before <= 2
    answers = {row.answer.text.replace("\n", " ") for row in finished if row.answer}
    assert answers == set(texts(lines))


async def test_a_frozen_process_takes_the_answer_that_was_finished_without_it(database: Database) -> None:
    async with ScriptedServer({"tokens_per_second": 2000}) as server:
        frozen = await spawn(database, server, "stop:llm.mid_stream#2")
        await server.ledger.until(lambda entries: len(entries) >= 1)
        assert frozen.pid is not None
        await asyncio.to_thread(os.waitid, os.P_PID, frozen.pid, os.WSTOPPED | os.WNOWAIT)
        lines = await finish(await spawn(database, server))
        frozen.send_signal(signal.SIGCONT)
        woken = await finish(frozen)
        async with make_service(database) as service:
            rows = await rows_of(service)
    assert woken == lines
    assert Counter(row.status for row in rows) == {RequestStatus.FINISHED: 3, RequestStatus.SUPERSEDED: 1}


async def test_every_sent_request_is_in_the_log_after_kills_under_load(database: Database) -> None:
    async with ScriptedServer({"slots": 8}) as server:
        for nth in (1, 2, 3):
            process = await spawn(database, server, f"kill:llm.mid_stream#{nth}")
            await process.communicate()
        await finish(await spawn(database, server))
        async with make_service(database) as service:
            rows = await rows_of(service)
    sent = len(server.ledger.entries)
    assert len([row for row in rows if row.status is RequestStatus.FINISHED]) == 3
    assert len(rows) == sent
    assert all(row.status in (RequestStatus.FINISHED, RequestStatus.CUT) for row in rows)
    async with await psycopg.AsyncConnection.connect(database.url, autocommit=True) as connection:
        cursor = await connection.execute("SELECT count(*) FROM llm_instances WHERE closed_at IS NULL")
        assert await cursor.fetchone() == (0,)
