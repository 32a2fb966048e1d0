"""Budgets under concurrency: 200 calls at once from 4 processes against one budget, then a `kill -9` in the middle.

    python -m benchmarks.budgets [--calls 200] [--processes 4]

Each round has a budget for about half of what is asked. Not a cent may be spent above it: by the budget's own account, by the log,
and by the ledger of the scripted server, which is the bill. In the second round one process is killed while its calls are under
way; what it had reserved must be given back or charged at most, and nothing may stay reserved.
"""

import argparse
import asyncio
import os
import signal
import sys
from decimal import Decimal

from benchmarks.databases import fresh_databases
from scrivano.core.database import Database
from scrivano.core.secrets import SecretBox
from scrivano.llm.public import CallContext, LLMService, Message, ModelChange, Options, TooDear
from scrivano.llm.scripted.server import ScriptedServer

IN, OUT = Decimal(3), Decimal(15)
CONTEXT = CallContext(feature="bench", purpose="budgets", project_id="p", run_id="r")


def service(database: Database) -> LLMService:
    """A service as a process has it."""
    return LLMService(database, secret_box=lambda: SecretBox(b"0" * 32), discover_urls="off")


async def work(url: str, calls: int, name: str) -> None:
    """One process: so many calls at once; prints how many were answered and how many were too dear."""
    database = Database(url)
    async with service(database) as llm:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)

        async def one(number: int) -> bool:
            messages = [Message(role="user", content=f"{name}/{number}: about {40 + number % 60} words")]
            try:
                await llm.generate_response(messages, options=Options(max_tokens=200), context=CONTEXT)
            except TooDear:
                return False
            return True

        results = await asyncio.gather(*(one(number) for number in range(calls)))
    await database.dispose()
    print(sum(results), len(results) - sum(results))


def billed(server: ScriptedServer) -> Decimal:
    """What the server's ledger adds up to."""
    return sum(
        ((e.prompt_tokens * IN + e.completion_tokens * OUT) / 1_000_000 for e in server.ledger.entries),
        Decimal(0),
    )


async def round_of(url: str, calls: int, processes: int, budget: Decimal, *, kill: bool) -> bool:
    """One round; prints its figures and gives whether all held."""
    database = Database(url)
    script = {"tokens_per_second": 60 if kill else 2000}
    async with ScriptedServer(script) as server, service(database) as llm:
        await llm.registry.discover([server.url])
        for model in await llm.registry.models():
            change = ModelChange(input_mtok=IN, output_mtok=OUT, concurrency=64)
            await llm.registry.change_model(model.id, change)
        await llm.set_budget("project", "p", budget)
        children = [
            await asyncio.create_subprocess_exec(
                *[
                    sys.executable,
                    "-m",
                    "benchmarks.budgets",
                    "--work",
                    url,
                    str(calls // processes),
                    str(number),
                ],
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            for number in range(processes)
        ]
        for child in children:
            assert child.stdout is not None and child.stdin is not None
            await child.stdout.readline()
        for child in children:
            assert child.stdin is not None
            child.stdin.write(b"go\n")
            await child.stdin.drain()
        if kill:
            await server.ledger.until(
                lambda entries: (
                    sum(e.completion_tokens > 5 and "0/" in e.messages[0]["content"][:2] for e in entries)
                    > 10
                )
            )
            os.kill(children[0].pid, signal.SIGKILL)
        outputs = [(await child.communicate())[0].decode().split() for child in children]
        async with asyncio.timeout(30):
            while True:
                view = await llm.get_budget("project", "p")
                if view is not None and view.reserved == 0:
                    break
                await asyncio.sleep(0.2)
        answered = sum(int(out[0]) for out in outputs if len(out) == 2)
        refused = sum(int(out[1]) for out in outputs if len(out) == 2)
        logged = (await llm.run_totals("r")).cost
        bill = billed(server)
        print(
            f"{answered} answered, {refused} too dear; budget ${budget}, spent ${view.spent}, log ${logged}, bill ${bill}"
        )
        held = view.spent <= budget and bill <= view.spent and logged == view.spent
        if not kill:
            held = held and bill == view.spent
        peak = len(server.ledger.entries)
        print(f"{peak} requests sent; reserved at the end ${view.reserved}: {'held' if held else 'NOT HELD'}")
    await database.dispose()
    return held


async def measure(calls: int, processes: int) -> bool:
    """Both rounds."""
    async with fresh_databases(2) as urls:
        calm = await round_of(urls[0], calls, processes, Decimal("0.12"), kill=False)
        killed = await round_of(urls[1], calls, processes, Decimal("0.40"), kill=True)
    return calm and killed


def main() -> None:
    """Print the figures."""
    if sys.argv[1:2] == ["--work"]:
        asyncio.run(work(sys.argv[2], int(sys.argv[3]), sys.argv[4]))
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--processes", type=int, default=4)
    chosen = parser.parse_args()
    raise SystemExit(not asyncio.run(measure(chosen.calls, chosen.processes)))


if __name__ == "__main__":
    main()
