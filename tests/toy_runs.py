"""A small pipeline that the tests of runs carry out: three children of two steps each, then a sum.

Every step leaves a row in the table `marks`, in its own transaction, so that a test sees what was done.
`main` makes a process a worker: it prints `ready` and works until it gets SIGTERM.
"""

import asyncio
import os
import signal
from typing import Any

from pydantic import BaseModel
from sqlalchemy import text

from scrivano.core import crashpoints
from scrivano.core.database import Database
from scrivano.core.errors import LimitReached
from scrivano.core.settings import load_settings
from scrivano.events.public import EventLog
from scrivano.runs.public import (
    PipelineBase,
    Worker,
    approval,
    current,
    gather_children,
    progress,
    run_class,
    start_child,
    step,
    workflow,
)


class Order(BaseModel):
    """What to do."""

    parts: int = 3
    ask: bool = False
    hang: str = ""
    fail: str = ""


class Part(BaseModel):
    """What a child is given and gives."""

    order: Order
    number: int
    value: int = 0


class Outcome(BaseModel):
    """What a run gives."""

    values: list[int]
    total: int
    note: str = ""


class TooMuch(LimitReached):
    """It is too much."""


@run_class
class ToyPipeline(PipelineBase):
    """Plan, children, sum."""

    def __init__(self, database: Database) -> None:
        self._database = database
        super().__init__()

    @workflow(name="toy")
    async def toy(self, order: Order) -> Outcome:
        """The whole."""
        base = await self.plan(order)
        note = ""
        if order.ask:
            decision = await approval("plan", {"base": base})
            note = f"{decision.approved} {decision.data}"
        children = [
            await start_child(
                self.part,
                Part(order=order, number=number, value=base),
                id_suffix=f"part-{number}",
                item=str(number),
            )
            for number in range(1, order.parts + 1)
        ]
        parts = await gather_children(children)
        squares = await asyncio.gather(*[self.square(order, part) for part in parts])
        return Outcome(values=squares, total=await self.total(order, squares), note=note)

    @workflow(name="toy_part")
    async def part(self, part: Part) -> Part:
        """One part."""
        grown = await self.grow(part)
        return await self.polish(grown)

    @step()
    async def plan(self, order: Order) -> int:
        """A number to begin with."""
        await self._mark("plan", order)
        return 10

    @step(preemptible=True)
    async def grow(self, part: Part) -> Part:
        """Add the number."""
        await progress("growing", {"number": part.number})
        await self._mark("grow", part.order)
        return part.model_copy(update={"value": part.value + part.number})

    @step()
    async def polish(self, part: Part) -> Part:
        """Add one."""
        await self._mark("polish", part.order)
        return part.model_copy(update={"value": part.value + 1})

    @step(item=lambda order, part: str(part.number))
    async def square(self, order: Order, part: Part) -> int:
        """Square it."""
        await self._mark("square", order)
        return part.value**2

    @step()
    async def total(self, order: Order, values: list[int]) -> int:
        """Sum up."""
        await self._mark("total", order)
        return sum(values)

    async def _mark(self, name: str, order: Order) -> None:
        where = current()
        values = {"run": where.run_id, "step": name, "item": where.item or "", "pid": os.getpid()}
        async with self._database.begin() as session:
            await session.execute(
                text("INSERT INTO marks (run, step, item, pid) VALUES (:run, :step, :item, :pid)"), values
            )
        if order.hang == name:
            await asyncio.Event().wait()
        if order.fail == name and not await self._mended():
            raise TooMuch(f"{name} is too much.", field="parts", remedy="Take less.")

    async def _mended(self) -> bool:
        async with self._database.begin() as session:
            found = await session.execute(text("SELECT count(*) FROM marks WHERE step = 'mended'"))
            return bool(found.scalar_one())


async def make_marks(database: Database) -> None:
    """Create the table of marks."""
    async with database.begin() as session:
        await session.execute(
            text(
                "CREATE TABLE marks (id serial, run text, step text, item text, pid int,"
                " at timestamptz DEFAULT clock_timestamp())"
            )
        )


async def marks(database: Database) -> list[Any]:
    """All marks, as tuples of step, item and pid, in the order in which they were made."""
    async with database.begin() as session:
        rows = await session.execute(text("SELECT step, item, pid FROM marks ORDER BY id"))
        return [tuple(row) for row in rows]


async def main(url: str) -> None:
    """Be a worker."""
    crashpoints.configure(load_settings().crash_at)
    database = Database(url)
    worker = Worker(url, database, EventLog(database))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await worker.launch([ToyPipeline(database)])
    print("ready", flush=True)
    await stop.wait()
    await worker.stop()
    await database.dispose()
