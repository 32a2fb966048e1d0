"""The scripted model in process: no socket, the same engine and so the same answers as the server's."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, cast

from scrivano.llm.dto import Locality, Message, ToolCall, Usage
from scrivano.llm.providers.base import AttemptFailed, Description, End, Endpoint, Offer, Request, Trouble
from scrivano.llm.scripted.asked import Asked
from scrivano.llm.scripted.engine import Call, Dropped, Engine
from scrivano.llm.scripted.script import read_script
from scrivano.llm.scripted.tokens import count


def connect(endpoint: Endpoint) -> "Scripted":
    """A scripted model by the script that `base_url` names: `scripted:` or `scripted:/path/to.toml`."""
    path = endpoint.base_url.removeprefix("scripted:")
    return Scripted(Engine(read_script(Path(path) if path else None)), endpoint.name)


class Scripted:
    """See `Provider`. `engine.ledger` holds what was asked."""

    def __init__(self, engine: Engine, name: str = "scripted") -> None:
        self.engine = engine
        self._name = name

    async def answer(self, request: Request) -> AsyncGenerator[str | End]:
        """See `Provider.answer`; of the faults it knows errors, cuts, delays and what concerns the text."""
        call = self.engine.begin(_asked(request))
        if call.rule.status is not None:
            self.engine.refuse(call, call.rule.status)
        async with self.engine.slot(call):
            if call.rule.status is not None:
                raise self._refusal(call)
            try:
                async for piece in self.engine.pieces(call):
                    yield piece
            except Dropped:
                raise AttemptFailed(Trouble.CUT, f"{self._name} cut the answer off.") from None
            self.engine.finish(call)
        usage = Usage(prompt_tokens=call.prompt_tokens, completion_tokens=len(call.reply.tokens))
        calls = tuple(ToolCall(**tool) for tool in call.reply.tool_calls)
        reason = cast(Any, call.reply.finish_reason)
        yield End(reason, None if call.rule.no_usage else usage, calls, Locality.LOOPBACK)

    def _refusal(self, call: Call) -> AttemptFailed:
        status = call.rule.status or 500
        trouble = {429: Trouble.OVERLOADED, 503: Trouble.OVERLOADED}.get(
            status, Trouble.BROKEN if status >= 500 else Trouble.REFUSED
        )
        return AttemptFailed(
            trouble, f"{self._name} answered {status}: Scripted {status}.", retry_after=call.rule.retry_after
        )

    async def offers(self, *, within: float) -> list[Offer]:
        """See `Provider.offers`."""
        script = self.engine.script
        return [Offer(name, script.context_length, script.slots, tokenizes=True) for name in script.models]

    async def describe(self, *, within: float) -> Description:
        """See `Provider.describe`."""
        return Description(await self.offers(within=within), {})

    async def count_tokens(self, model: str, text: str) -> int | None:
        """See `Provider.count_tokens`."""
        return count(text)

    async def close(self) -> None:
        """Nothing is open."""


def _asked(request: Request) -> Asked:
    return Asked(
        model=request.model,
        messages=[_message(message) for message in request.messages],
        schema=request.schema.schema if request.schema else None,
        schema_name=request.schema.name if request.schema else None,
        max_tokens=request.max_tokens,
        tools=[tool.model_dump() for tool in request.tools],
        tool_choice=request.tool_choice,
        stop=request.stop,
        stream=request.streaming,
    )


def _message(message: Message) -> dict[str, Any]:
    return {"role": message.role, "content": message.text}
