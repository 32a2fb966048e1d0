"""The gateway under `kill -9`: what was answered is in the log, what was sent is finished or cut.

    python -m benchmarks.gateway_kill [--rounds 50]

In each round 16 callers ask a server, every other one for a stream; after a random number of answers the server is
killed. Then the log is compared with what the callers got and with what the model's own ledger says it was asked.
"""

import argparse
import asyncio
import http.client
import json
import os
import random
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from benchmarks.gateway import free_port
from scrivano.core.postgres import EmbeddedPostgres
from scrivano.core.settings import Settings
from scrivano.gatehouse import Gatehouse, open_gatehouse
from scrivano.llm.public import RequestStatus, RequestView
from scrivano.llm.scripted.server import ScriptedServer

CALLERS = 16
SCRIPT = {"tokens_per_second": 400, "slots": 64}


@dataclass
class Round:
    """What one round saw."""

    answered: dict[str, str] = field(default_factory=dict[str, str])
    """The text of each complete answer by its request's id."""
    asked: set[str] = field(default_factory=set[str])
    """What the model was asked."""
    enough: asyncio.Event = field(default_factory=asyncio.Event)


async def caller(url: str, number: int, seen: Round, until: int) -> None:
    """Asks until the server is gone."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        for turn in range(10_000):
            text = f"about 20 words, caller {number}, question {turn}, {random.random()}"
            body = {
                "model": "auto",
                "messages": [{"role": "user", "content": text}],
                "stream": number % 2 == 0,
            }
            try:
                answer = await client.post("/v1/chat/completions", json=body)
            except httpx.HTTPError:
                return
            if answer.status_code != 200:
                raise SystemExit(f"an error before the end: {answer.text}")
            whole = answer_text(answer.text, streamed=number % 2 == 0)
            if whole is not None:
                seen.answered[answer.headers["x-scrivano-request-id"]] = whole
            if len(seen.answered) >= until:
                seen.enough.set()


def answer_text(raw: str, *, streamed: bool) -> str | None:
    """The text of a complete answer; None where it was cut."""
    if not streamed:
        return str(json.loads(raw)["choices"][0]["message"]["content"])
    events = [line[6:] for line in raw.splitlines() if line.startswith("data: ")]
    if not events or events[-1] != "[DONE]":
        return None
    deltas = [json.loads(event)["choices"][0]["delta"] for event in events[:-1]]
    return "".join(delta.get("content", "") for delta in deltas)


@contextmanager
def _environment(home: Path, url: str) -> Iterator[dict[str, str]]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("SCRIVANO_")}
    yield {**clean, "SCRIVANO_HOME": str(home), "SCRIVANO_DATABASE_URL": url, "SCRIVANO_DISCOVER_URLS": "off"}


async def _ready(port: int, process: asyncio.subprocess.Process) -> None:
    def ask() -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    async with asyncio.timeout(60):
        while not await asyncio.to_thread(ask):
            if process.returncode is not None:
                raise SystemExit("the server did not start")
            await asyncio.sleep(0.05)


async def one_round(
    house: Gatehouse, model: ScriptedServer, home: Path, url: str, until: int
) -> dict[str, int]:
    """Load, kill, compare; gives counts. Raises AssertionError where the log is not right."""
    seen, port, before = Round(), free_port(), len(model.ledger.entries)
    newest = [row.id for row in await house.llm.latest_requests(limit=1)]
    with _environment(home, url) as environment:
        command = ["-m", "scrivano", "gateway", "--port", str(port)]
        server = await asyncio.create_subprocess_exec(
            sys.executable, *command, env=environment, stderr=asyncio.subprocess.DEVNULL
        )
    try:
        await _ready(port, server)
        address = f"http://127.0.0.1:{port}"
        callers = [asyncio.create_task(caller(address, n, seen, until)) for n in range(CALLERS)]
        await seen.enough.wait()
    finally:
        server.send_signal(signal.SIGKILL)
        await server.wait()
    await asyncio.gather(*callers)
    seen.asked = {str(entry.messages[-1]["content"]) for entry in model.ledger.entries[before:]}
    async with asyncio.timeout(30):
        while RequestStatus.STARTED in {  # noqa: ASYNC110 - who closes them tells nobody
            row.status for row in await house.llm.latest_requests(limit=500)
        }:
            await asyncio.sleep(0.1)
    latest = await house.llm.latest_requests(limit=5_000)
    new = [row for row in latest if not newest or row.id > newest[0]]
    return _compare(seen, [await house.llm.get_request(row.id) for row in new])


def _compare(seen: Round, rows: list[RequestView]) -> dict[str, int]:
    by_id = {str(row.id): row for row in rows}
    for id, text in seen.answered.items():
        row = by_id.get(id)
        assert row is not None, f"answered request {id} is not in the log"
        assert row.status is RequestStatus.FINISHED, f"answered request {id} is {row.status}"
        assert row.answer is not None and row.answer.text == text, f"the log has another answer of {id}"
    logged: dict[str, RequestStatus] = {row.messages[-1].text: row.status for row in rows if row.messages}
    for text in seen.asked:
        assert text in logged, f"a request was sent that is not in the log: {text}"
    allowed = {RequestStatus.FINISHED, RequestStatus.CUT}
    assert set(logged.values()) <= allowed, f"{set(logged.values()) - allowed}"
    statuses = list(logged.values())
    return {
        "answered": len(seen.answered),
        "sent": len(seen.asked),
        "finished": statuses.count(RequestStatus.FINISHED),
        "cut": statuses.count(RequestStatus.CUT),
    }


async def rounds(number: int, seed: int = 1) -> list[dict[str, int]]:
    """So many rounds over one database of their own."""
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="scrivano-kill-") as folder:
        home = Path(folder)
        postgres = EmbeddedPostgres(home)
        url = await postgres.start()
        try:
            settings: dict[str, Any] = {"home": home, "database_url": url, "discover_urls": "off"}
            async with ScriptedServer(SCRIPT) as model, open_gatehouse(Settings(**settings)) as house:
                await house.llm.registry.discover([model.url])
                found: list[dict[str, int]] = []
                for _ in range(number):
                    found.append(await one_round(house, model, home, url, draw.randint(10, 120)))
                    print(json.dumps(found[-1]), file=sys.stderr)
                return found
        finally:
            await postgres.stop_if_unused()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    found = asyncio.run(rounds(asked.rounds, asked.seed))
    print(json.dumps({"rounds": len(found), **{k: sum(f[k] for f in found) for k in found[0]}}))


if __name__ == "__main__":
    main()
