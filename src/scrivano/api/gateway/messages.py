"""Anthropic's messages: what goes out."""

from typing import Any
from uuid import UUID

import orjson

from scrivano.api.gateway.asked import find_model
from scrivano.api.gateway.calls import Calls, Opened
from scrivano.api.gateway.errors import anthropic_error, unexpected
from scrivano.api.gateway.messages_in import read_messages
from scrivano.api.gateway.visit import Visit
from scrivano.core.errors import ScrivanoError
from scrivano.llm.public import CallContext, Response, ResponseStream, ToolCall

_STOPS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}


class Messages:
    """`POST /v1/messages`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def __call__(self, visit: Visit) -> None:
        """Answer one request."""
        asked = read_messages(await visit.json())
        if not asked.stream:
            await visit.reply(*await self._calls.whole(visit, asked, "messages", _whole))
            return
        try:
            async with self._calls.stream(visit, asked, "messages") as (opened, stream):
                await visit.begin(opened.headers)
                open_text = await _pieces(visit, opened, stream)
                last = _end(stream.result, open_text)
            await visit.end(last)
        except ScrivanoError as error:
            if not visit.begun:
                raise
            await visit.end(_event("error", anthropic_error(error).body))
        except Exception:
            if visit.begun:
                await visit.end(_event("error", anthropic_error(unexpected()).body))
            raise


async def count_tokens(visit: Visit) -> None:
    """`POST /v1/messages/count_tokens`: the request's own tokens where the model's tokenizer is known, else a
    number that is never too low."""
    asked = read_messages(await visit.json(), counting=True)
    context = await find_model(visit.house, asked, CallContext(feature="gateway", purpose="count_tokens"))
    estimate = await visit.house.llm.estimate_cost(asked.messages, asked.options(), context)
    await visit.reply(orjson.dumps({"input_tokens": estimate.prompt_tokens}))


async def _pieces(visit: Visit, opened: Opened, stream: ResponseStream) -> bool:
    """Send the text; gives whether there was any, so that its block is open."""
    start = _message(opened.request_id, opened.model, [], None, _NO_USAGE)
    await visit.event(_json("message_start", {"message": start}))
    if not opened.first:
        return False
    block = {"index": 0, "content_block": {"type": "text", "text": ""}}
    await visit.event(_json("content_block_start", block) + _text(opened.first))
    async for piece in stream:
        await visit.event(_text(piece))
    return True


def _text(piece: str) -> bytes:
    data = b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":%b}}'
    return _event("content_block_delta", data % orjson.dumps(piece))


def _end(response: Response, open_text: bool) -> bytes:
    events: list[bytes] = []
    if open_text:
        events.append(_json("content_block_stop", {"index": 0}))
    for number, call in enumerate(response.tool_calls, int(open_text)):
        block: dict[str, Any] = {"type": "tool_use", "id": call.id, "name": call.name, "input": {}}
        delta = {"type": "input_json_delta", "partial_json": call.arguments or "{}"}
        events.append(_json("content_block_start", {"index": number, "content_block": block}))
        events.append(_json("content_block_delta", {"index": number, "delta": delta}))
        events.append(_json("content_block_stop", {"index": number}))
    why = {"stop_reason": _stop(response), "stop_sequence": None}
    events.append(_json("message_delta", {"delta": why, "usage": _usage(response)}))
    events.append(_json("message_stop", {}))
    return b"".join(events)


def _json(kind: str, fields: dict[str, Any]) -> bytes:
    return _event(kind, orjson.dumps({"type": kind, **fields}))


def _event(kind: str, data: bytes) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), data)


def _whole(response: Response) -> bytes:
    content: list[dict[str, Any]] = []
    if response.text or not response.tool_calls:
        content.append({"type": "text", "text": response.text})
    content += [_use(call) for call in response.tool_calls]
    whole = _message(response.request_id, response.model, content, _stop(response), _usage(response))
    return orjson.dumps(whole)


def _message(
    id: UUID, model: str, content: list[dict[str, Any]], stop: str | None, usage: dict[str, Any]
) -> dict[str, Any]:
    return {
        "id": f"msg_{id.hex}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": usage,
    }


def _use(call: ToolCall) -> dict[str, Any]:
    try:
        given: Any = orjson.loads(call.arguments or "{}")
    except orjson.JSONDecodeError:
        # The model's JSON is broken, and this interface has no room for text: the caller's tool gets to see it.
        given = {"unreadable": call.arguments}
    return {"type": "tool_use", "id": call.id, "name": call.name, "input": given}


def _stop(response: Response) -> str:
    return "tool_use" if response.tool_calls else _STOPS[response.finish_reason]


_NO_USAGE: dict[str, Any] = {
    "input_tokens": 0,
    "output_tokens": 0,
    "cache_read_input_tokens": 0,
    "cache_creation_input_tokens": 0,
}


def _usage(response: Response) -> dict[str, Any]:
    """Anthropic counts what came from the cache apart; the cost is in US dollars."""
    usage = response.usage
    return {
        "input_tokens": max(0, usage.prompt_tokens - usage.cached_tokens - usage.cache_write_tokens),
        "output_tokens": usage.completion_tokens,
        "cache_read_input_tokens": usage.cached_tokens,
        "cache_creation_input_tokens": usage.cache_write_tokens,
        "cost": float(response.cost),
    }
