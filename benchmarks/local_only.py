"""Local-only projects: 1,000 random chains, faults and features, watched at the sockets.

    python -m benchmarks.local_only [--count 1000] [--seed 1]

An audit hook of the interpreter sees every connection and every name that is looked up, whoever asks for it. Foreign ones are noted
and refused there, so no packet leaves while it is measured. The same calls for a project that may go anywhere are the control:
without connections to foreign hosts in it, the spy would be blind.
"""

import argparse
import asyncio
import ipaddress
import random
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel

from scrivano.core.database import Database
from scrivano.core.errors import ScrivanoError
from scrivano.core.secrets import SecretBox
from scrivano.llm.public import CallContext, LLMService, Message, ModelChange, Options, Timeouts
from scrivano.llm.scripted.server import ScriptedServer

FOREIGN = {
    "cloud-a": ("openai_compatible", "https://93.184.215.14/v1"),
    "cloud-b": ("anthropic", "https://1.0.0.1"),
    "cloud-c": ("gemini", "https://8.8.4.4"),
    "named": ("openai_compatible", "https://models.example.org/v1"),
    "search-out": ("brave", "https://9.9.9.10"),
    "search-named": ("duckduckgo", "https://search.example.org"),
}
FAULTS: list[dict[str, Any]] = [
    {"status": 500},
    {"status": 503},
    {"status": 429, "retry_after": 0},
    {"reset": True},
    {"cut_after": 10},
    {"malformed_chunk": True},
    {"status": 400, "error_code": "context_length_exceeded"},
    {"status": 400, "error_code": "content_filter"},
    {"hang": True},
]


class Answer(BaseModel):
    """A structured one."""

    title: str


class Spy:
    """Sees and refuses what goes to foreign hosts while it is `watching`."""

    def __init__(self) -> None:
        self.watching = False
        self.seen: list[str] = []
        self.local = 0
        sys.addaudithook(self._heard)

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.watching:
            return
        if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
            self._judge(arguments[-1])
        elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
            self._judge((arguments[0],))

    def _judge(self, address: Any) -> None:
        if not isinstance(address, tuple) or not address or address[0] is None:
            return
        host = str(address[0])
        try:
            foreign = not ipaddress.ip_address(host).is_loopback
        except ValueError:
            foreign = host != "localhost"
        if foreign:
            self.seen.append(host)
            raise PermissionError(f"the spy refuses {host}")
        self.local += 1

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Watch for the block."""
        self.watching = True
        try:
            yield
        finally:
            self.watching = False


async def furnish(llm: LLMService, server: ScriptedServer) -> list[str]:
    """Local and foreign providers; gives the names of all models."""
    await llm.registry.discover([server.url])
    for name, (kind, url) in FOREIGN.items():
        provider = await llm.registry.add_provider(name, url, kind=kind, api_key="k")
        if not name.startswith("search"):
            await llm.registry.add_model(provider.id, f"{name}-model")
    local = await llm.registry.add_provider("local-search", server.url, kind="searxng")
    models = await llm.registry.models()
    every = frozenset({"chat", "json_schema", "tools", "vision", "images", "embeddings", "prefill"})
    for model in models:
        if model.provider_id != local.id and "search" not in model.capabilities:
            await llm.registry.change_model(model.id, ModelChange(capabilities=every))
    return [model.name for model in models] + [f"{model.provider}/{model.name}" for model in models]


async def ask(llm: LLMService, draw: random.Random, names: list[str], project: str) -> str:
    """One random call; gives what came of it."""
    pool = [*names, "auto"]
    chain = tuple(draw.sample(pool, draw.randint(1, 5))) if draw.random() < 0.6 else None
    model = "auto" if chain or draw.random() < 0.5 else draw.choice(names)
    tier = draw.choice([None, "small-local", "large-local", "cloud"])
    context = CallContext(
        feature=draw.choice(["books", "music", "posts"]),
        purpose="p",
        project_id=project,
        chain=chain,
        tier=tier,
    )
    timeouts = Timeouts(connect=0.5, first_token=0.3, between_tokens=0.3, total=2, longest_wait=0.1)
    options = Options(
        model=model, retries=draw.randint(0, 1), timeouts=timeouts, whole_answers=draw.random() < 0.3
    )
    messages: list[Message] = [Message(role="user", content=f"{draw.random()}: about 30 words")]
    if draw.random() < 0.05:
        picture = {"type": "image", "image_url": "https://pictures.example.org/a.png"}
        messages.append(Message.model_validate({"role": "user", "content": [picture]}))
    feature = draw.choice(["text", "stream", "structured", "partial", "embed", "image", "search", "estimate"])
    try:
        if feature == "text":
            await llm.generate_response(messages, options=options, context=context)
        elif feature == "stream":
            await llm.stream_response(messages, options=options, context=context).response()
        elif feature == "structured":
            await llm.generate_structured_response(
                messages, response_model=Answer, options=options, context=context
            )
        elif feature == "partial":
            stream = llm.stream_structured_response(
                messages, response_model=Answer, options=options, context=context
            )
            await stream.response()
        elif feature == "embed":
            await llm.embed(["some text", "more"], options=options, context=context)
        elif feature == "image":
            await llm.generate_image("a mill", options=options, context=context)
        elif feature == "search":
            await llm.search_web(["mills"], options=options, context=context)
        else:
            await llm.estimate_cost(messages, options, context)
    except ScrivanoError as error:
        return f"{feature}: {type(error).__name__}"
    return f"{feature}: answered"


async def observe(url: str, count: int, seed: int, spy: Spy, *, local_only: bool) -> Counter[str]:
    """So many calls, 20 at once, each batch with other faults on the local server."""
    draw = random.Random(seed)
    outcomes: Counter[str] = Counter()
    database = Database(url)
    async with (
        ScriptedServer({"models": ["small", "large"]}) as server,
        LLMService(
            database,
            secret_box=lambda: SecretBox(b"local-only benchmark, its own key"[:32]),
            discover_urls="off",
        ) as llm,
    ):
        names = await furnish(llm, server)
        await llm.policies.set("p", local_only=local_only)
        for _ in range(0, count, 20):
            rules = [
                {"times": draw.randint(1, 20), **fault} for fault in draw.sample(FAULTS, draw.randint(0, 3))
            ]
            server.engine.script = server.engine.script.model_validate(
                {"models": ["small", "large"], "rule": rules}
            )
            server.engine._matched.clear()
            with spy.watch():
                found = await asyncio.gather(*(ask(llm, draw, names, "p") for _ in range(20)))
            outcomes.update(found)
    await database.dispose()
    return outcomes


async def measure(count: int, seed: int) -> bool:
    """The control, then the measurement."""
    from benchmarks.databases import fresh_databases

    spy = Spy()
    async with fresh_databases(2) as urls:
        await observe(urls[0], max(60, count // 10), seed, spy, local_only=False)
        control = Counter(spy.seen)
        print(
            f"control, may go anywhere: {sum(control.values())} foreign connections and look-ups: {dict(control)}"
        )
        spy.seen.clear()
        outcomes = await observe(urls[1], count, seed, spy, local_only=True)
    for outcome, number in sorted(outcomes.items()):
        print(f"  {outcome:<28} {number}")
    print(
        f"local-only, {sum(outcomes.values())} calls: {len(spy.seen)} foreign connections and look-ups, {spy.local} local ones"
    )
    return bool(control) and not spy.seen


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    raise SystemExit(not asyncio.run(measure(chosen.count, chosen.seed)))


if __name__ == "__main__":
    main()
