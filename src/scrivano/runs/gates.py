"""Gates: where a run waits for a person."""

from contextlib import aclosing
from typing import Any

from scrivano.runs import repo
from scrivano.runs.context import RunContext
from scrivano.runs.dto import Decision
from scrivano.runs.host import Host


async def ask(host: Host, where: RunContext, gate: str, payload: Any) -> Decision:
    """Put the question and return the answer. Asked again after a crash, it finds what it asked before."""
    topic = f"run:{where.run_id}"
    topics = await host.topics(where.run_id)
    async with host.database.begin() as session:
        if await repo.open_gate(session, where.workflow_id, where.number, where.run_id, gate, payload):
            told = {"run_id": where.run_id, "gate": gate}
            await host.events.append(topics, "run_waiting", told, session=session)
    after = await host.events.last_id(topic)
    if decision := await _decision(host, where):
        return decision
    async with aclosing(host.events.follow(topic, after=after)) as events:
        async for event in events:
            if event.kind == "run_decided" and (decision := await _decision(host, where)):
                return decision
    raise AssertionError("following events has no end")


async def _decision(host: Host, where: RunContext) -> Decision | None:
    async with host.database.read() as session:
        row = await repo.read_gate(session, where.workflow_id, where.number)
    if row is None or row["decided_at"] is None:
        return None
    return Decision(approved=row["approved"], data=row["data"])
