"""The sixteen faults of a provider, each with and without streaming: what the caller gets, and what the log and the bill say.

    python -m benchmarks.faults [--scale 1.0]

Two scripted servers stand for a primary and its fallback, both with prices. Every fault has its real length (20 s to the first
token, 30 s of silence, 60 s down); all run at once, as they mostly wait. `--scale 0.05` runs them twenty times faster.
"""

import argparse
import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from scrivano.core.database import Database
from scrivano.core.secrets import SecretBox
from scrivano.llm.public import (
    AskDifferently,
    CallContext,
    LLMService,
    Message,
    ModelChange,
    Options,
    RequestStatus,
    RequestView,
    Response,
    Timeouts,
    TryLater,
)
from scrivano.llm.scripted.ledger import Entry
from scrivano.llm.scripted.server import ScriptedServer
from scrivano.llm.scripted.tokens import count

TEXT = (
    "The mill stands where the brook leaves the wood.\n\nIts wheel has not turned since the flood, but the miller's daughter still "
    "oils the axle each spring, and each spring she listens whether the old stones would answer her. Nobody "
    "here laughs at it; they only nod."
)
PRICES = {"primary": (Decimal(3), Decimal(15)), "fallback": (Decimal(1), Decimal(2))}
CAPABILITIES = frozenset({"chat", "json_schema", "tools"})


async def prompts(name: str, variables: Mapping[str, Any]) -> tuple[list[Message], str]:
    """A template as short as one can be."""
    text = f"Go on from <begin>\n{variables['anchor']}\n</begin>"
    return [Message(role="user", content=text)], name


@dataclass
class Scene:
    """A service whose chain is the primary, then the fallback."""

    service: LLMService
    primary: ScriptedServer
    fallback: ScriptedServer
    streamed: bool
    scale: float
    options: Options = field(default_factory=Options)
    names: tuple[str, ...] = ("primary", "fallback")
    asked: int = 0

    @property
    def context(self) -> CallContext:
        """Its calls are one run."""
        return CallContext(feature="faults", purpose="write", run_id="faults", chain=self.names)

    async def ask(self) -> Response:
        """The answer as this scene's caller wants it; a stream's pieces must be the response's text."""
        self.asked += 1
        messages = [Message(role="user", content=f"{self.asked}: tell me about the mill")]
        if not self.streamed:
            return await self.service.generate_response(messages, options=self.options, context=self.context)
        pieces: list[str] = []
        async with self.service.stream_response(
            messages, options=self.options, context=self.context
        ) as stream:
            async for piece in stream:
                pieces.append(piece)
        assert "".join(pieces) == stream.result.text, "the pieces are not the answer"
        return stream.result

    async def rows(self) -> list[RequestView]:
        """The attempts, oldest first."""
        return await self.service.run_requests("faults")

    async def whole(self, model: str) -> Response:
        """Asks, and expects the complete text from this model."""
        response = await self.ask()
        assert response.text == TEXT, f"not the whole text: {response.text!r}"
        assert response.finish_reason == "stop"
        assert response.model == model, f"{response.model} answered"
        return response


Check = Callable[[Scene], Awaitable[None]]


@dataclass(frozen=True)
class Fault:
    """What is wrong with the primary, and what must come of it. Seconds in scripts are scaled by `timed`."""

    name: str
    check: Check
    primary: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    fallback: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    timeouts: dict[str, float] = field(default_factory=dict[str, float])
    prefill: bool = False
    models: tuple[str, ...] = ("primary",)


async def _from_primary(scene: Scene) -> None:
    response = await scene.whole("primary")
    assert response.attempts == 2 and len(response.failures) == 1


async def _from_primary_at_once(scene: Scene) -> None:
    assert (await scene.whole("primary")).attempts == 1


async def _waited(scene: Scene) -> None:
    await _from_primary(scene)
    first, second = scene.primary.ledger.entries
    assert second.time - first.time >= scene.scale, "asked again before Retry-After"


async def _from_fallback(scene: Scene) -> None:
    await scene.whole("fallback")


async def _try_later(scene: Scene) -> None:
    await scene.whole("fallback")
    scene.names = ("primary",)
    try:
        await scene.ask()
    except TryLater as error:
        assert error.retry_after is not None
    else:
        raise AssertionError("an answer came from nowhere")


async def _continued(scene: Scene) -> None:
    response = await scene.whole("fallback")
    rows = await scene.rows()
    assert [row.status for row in rows] == [RequestStatus.FAILED, RequestStatus.FINISHED]
    if scene.streamed:
        assert response.parts == (rows[0].id,), "the stream was not continued"
        assert response.cost == rows[0].cost + rows[1].cost
        asked = scene.fallback.ledger.entries[-1].messages
        assert len(asked) > 1, "the fallback was not shown the beginning"
    else:
        assert response.parts == ()


async def _prompted(scene: Scene) -> None:
    response = await scene.whole("fallback")
    entries = scene.fallback.ledger.entries
    if scene.streamed:
        assert [entry.status for entry in entries] == [400, 200]
        assert response.attempts == 3 and len(response.parts) == 1


async def _larger(scene: Scene) -> None:
    scene.names = ("primary", "same-size", "fallback")
    await scene.whole("fallback")
    assert [entry.model for entry in scene.primary.ledger.entries] == ["primary"]


async def _filtered(scene: Scene) -> None:
    response = await scene.whole("fallback")
    assert "violence" in response.failures[0]
    assert len(scene.primary.ledger.entries) == 1
    scene.names = ("primary",)
    try:
        await scene.ask()
    except AskDifferently as error:
        assert "violence" in error.message
    else:
        raise AssertionError("the filter did not hold")
    assert len(scene.primary.ledger.entries) == 2


async def _back_again(scene: Scene) -> None:
    """Down for 60 s: served all the time, rarely tried, used again within 30 s of its return."""
    await scene.whole("primary")
    await scene.primary.stop()
    down = time.monotonic()
    served = 0
    while time.monotonic() - down < 60 * scene.scale:
        assert (await scene.ask()).text == TEXT
        served += 1
        await asyncio.sleep(0.5 * scene.scale)
    tried = sum(row.model == "primary" for row in await scene.rows()) - 1
    assert tried < served / 2, f"tried {tried} times in {served} requests"
    await scene.primary.start()
    back = time.monotonic()
    while (await scene.ask()).model != "primary":
        assert time.monotonic() - back < 30 * scene.scale, "the circuit did not close"
        await asyncio.sleep(0.5 * scene.scale)


async def _billed_as_fallback(scene: Scene) -> None:
    await scene.service.set_budget("run", "faults", 1)
    response = await scene.whole("fallback")
    entry = scene.fallback.ledger.entries[-1]
    assert (response.usage.prompt_tokens, response.usage.completion_tokens) == (
        entry.prompt_tokens,
        entry.completion_tokens,
    )
    price_in, price_out = PRICES["fallback"]
    cost = (entry.prompt_tokens * price_in + entry.completion_tokens * price_out) / 1_000_000
    budget = await scene.service.get_budget("run", "faults")
    assert budget is not None
    assert response.cost == cost == budget.spent and budget.reserved == 0
    rows = await scene.rows()
    assert all(row.cost == 0 for row in rows if row.model == "primary")
    assert rows[-1].model == "fallback" and rows[-1].cost == cost


FAULTS = [
    Fault("429 with Retry-After", _waited, [{"times": 1, "status": 429, "retry_after": 1}]),
    Fault("429 for ever", _try_later, [{"status": 429, "retry_after": 0.2}]),
    Fault("500 once", _from_primary, [{"times": 1, "status": 500}]),
    Fault("503 for ever", _from_fallback, [{"status": 503}]),
    Fault("reset before headers", _from_primary, [{"times": 1, "reset": True}]),
    Fault("no response at all", _from_fallback, [{"hang": True}], timeouts={"first_token": 10}),
    Fault(
        "first token after 20 s", _from_fallback, [{"first_token_delay": 20}], timeouts={"first_token": 10}
    ),
    Fault("cut after 40 of 60 tokens", _continued, [{"cut_after": 40}]),
    Fault("silent for 30 s", _continued, [{"stall_after": 40, "stall": 30}], timeouts={"between_tokens": 10}),
    Fault("malformed chunk", _continued, [{"malformed_chunk": True}]),
    Fault("no [DONE]", _from_primary_at_once, [{"no_done": True}]),
    Fault(
        "context length exceeded",
        _larger,
        [{"status": 400, "error_code": "context_length_exceeded"}],
        models=("primary", "same-size"),
    ),
    Fault(
        "content filter",
        _filtered,
        [{"status": 400, "error_code": "content_filter", "error_message": "violence"}],
    ),
    Fault(
        "cut, and the fallback rejects prefill",
        _prompted,
        [{"cut_after": 40}],
        [{"match": {"prefilled": True}, "status": 400, "error_message": "no prefill"}],
        prefill=True,
    ),
    Fault("down for 60 s and back", _back_again),
    Fault("503 for ever: the fallback's name and usage", _billed_as_fallback, [{"status": 503}]),
]


def _timed(rule: dict[str, Any], scale: float) -> dict[str, Any]:
    timed = {"retry_after", "first_token_delay", "stall"}
    return {key: value * scale if key in timed else value for key, value in rule.items()}


@asynccontextmanager
async def open_scene(
    fault: Fault, database: Database, *, streamed: bool, scale: float
) -> AsyncIterator[Scene]:
    """A scene over an empty, migrated database."""
    answer = {"text": TEXT}
    faulty = [{**_timed(rule, scale), **({} if "status" in rule else answer)} for rule in fault.primary]
    script: dict[str, Any] = {"models": list(fault.models), "tokens_per_second": 3000, "context_length": 4000}
    async with AsyncExitStack() as stack:
        primary = await stack.enter_async_context(ScriptedServer({**script, "rule": [*faulty, answer]}))
        more = {**script, "models": ["fallback"], "context_length": 16000}
        fallback = await stack.enter_async_context(
            ScriptedServer({**more, "rule": [*fault.fallback, answer]})
        )
        service = await stack.enter_async_context(
            LLMService(
                database, secret_box=lambda: SecretBox(os.urandom(32)), discover_urls="off", prompts=prompts
            )
        )
        service.breakers.first_rest *= scale
        service.breakers.longest_rest *= scale
        await service.registry.discover([primary.url, fallback.url])
        for model in await service.registry.models():
            price_in, price_out = PRICES.get(model.name, PRICES["primary"])
            capabilities = CAPABILITIES | ({"prefill"} if fault.prefill else set())
            change = ModelChange(input_mtok=price_in, output_mtok=price_out, capabilities=capabilities)
            await service.registry.change_model(model.id, change)
        timeouts = Timeouts(**{name: seconds * scale for name, seconds in fault.timeouts.items()})
        yield Scene(service, primary, fallback, streamed, scale, Options(timeouts=timeouts))


async def check_books(scene: Scene) -> None:
    """Every request that a server got is a closed row; what was refused cost nothing."""
    rows = await scene.rows()
    entries: list[Entry] = [*scene.primary.ledger.entries, *scene.fallback.ledger.entries]
    reached = [row for row in rows if row.error is None or not row.error.startswith("unreachable")]
    assert len(reached) == len(entries), f"{len(entries)} requests, {len(reached)} rows"
    assert all(row.status in (RequestStatus.FINISHED, RequestStatus.FAILED) for row in rows)
    for row in rows:
        if row.error is not None and row.error.startswith(("overloaded", "broken", "refused", "unreachable")):
            assert row.cost == 0, f"{row.error} was billed"


async def pass_fault(
    fault: Fault, database: Database, *, streamed: bool, scale: float, turn: asyncio.Lock | None = None
) -> None:
    """Raises AssertionError unless all is as it must be. `turn` is held while the scene is set."""
    async with AsyncExitStack() as stack:
        # One after the other: a server that is looked for by thirty others at once is not found in time.
        async with turn or nullcontext():
            scene = await stack.enter_async_context(
                open_scene(fault, database, streamed=streamed, scale=scale)
            )
        await fault.check(scene)
        await check_books(scene)


async def measure(scale: float) -> int:
    """Run all; gives how many did not pass."""
    from benchmarks.databases import fresh_databases

    assert count(TEXT) == 60, count(TEXT)

    turn = asyncio.Lock()

    async def one(fault: Fault, streamed: bool, url: str) -> str:
        database = Database(url)
        try:
            await pass_fault(fault, database, streamed=streamed, scale=scale, turn=turn)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        finally:
            await database.dispose()
        return "passed"

    plan = [(fault, streamed) for fault in FAULTS for streamed in (False, True)]
    async with fresh_databases(len(plan)) as urls:
        results = await asyncio.gather(*(one(f, s, url) for (f, s), url in zip(plan, urls, strict=True)))
    for fault in FAULTS:
        whole, streamed = (r for (f, _), r in zip(plan, results, strict=True) if f is fault)
        print(f"{fault.name:<45} whole: {whole:<8} streamed: {streamed}")
    passed = [
        sum(r == "passed" for (_, s), r in zip(plan, results, strict=True) if s is kind)
        for kind in (False, True)
    ]
    print(f"{passed[0]} of {len(FAULTS)} whole, {passed[1]} of {len(FAULTS)} streamed")
    return len(plan) - sum(passed)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=float, default=1.0)
    raise SystemExit(asyncio.run(measure(parser.parse_args().scale)))


if __name__ == "__main__":
    main()
