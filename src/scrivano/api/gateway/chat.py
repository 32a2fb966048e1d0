"""OpenAI's chat completions: what goes out."""

import time
from typing import Any
from uuid import UUID

import orjson

from scrivano.api.gateway.asked import Asked
from scrivano.api.gateway.calls import Calls, Opened
from scrivano.api.gateway.chat_in import read_chat
from scrivano.api.gateway.errors import openai_error, unexpected
from scrivano.api.gateway.visit import Visit
from scrivano.core.errors import ScrivanoError
from scrivano.llm.public import Response, ResponseStream, ToolCall


class Chat:
    """`POST /v1/chat/completions`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def __call__(self, visit: Visit) -> None:
        """Answer one request."""
        asked = read_chat(await visit.json())
        if asked.stream:
            await self._streamed(visit, asked)
            return
        await visit.reply(*await self._calls.whole(visit, asked, "chat", _whole))

    async def _streamed(self, visit: Visit, asked: Asked) -> None:
        try:
            async with self._calls.stream(visit, asked, "chat") as (opened, stream):
                await visit.begin(opened.headers)
                await self._pieces(visit, asked, opened, stream)
                last = _Chunks(opened.request_id, stream.result.model, asked.with_usage).end(stream.result)
            await visit.end(last)
        except ScrivanoError as error:
            if not visit.begun:
                raise
            await visit.end(b"data: " + openai_error(error).body + b"\n\n")
        except Exception:
            if visit.begun:
                await visit.end(b"data: " + openai_error(unexpected()).body + b"\n\n")
            raise

    async def _pieces(self, visit: Visit, asked: Asked, opened: Opened, stream: ResponseStream) -> None:
        chunks = _Chunks(opened.request_id, opened.model, asked.with_usage)
        await visit.event(chunks.first(opened.first))
        async for piece in stream:
            await visit.event(chunks.text(piece))


class _Chunks:
    """The events of one stream. What all have in common is written once."""

    def __init__(self, request_id: UUID, model: str, with_usage: bool) -> None:
        frame = {
            "id": _id(request_id),
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": model,
        }
        self._start = b"data: " + orjson.dumps(frame)[:-1]
        self._usage = b',"usage":null' if with_usage else b""
        self._with_usage = with_usage

    def _chunk(self, delta: bytes, finish: bytes = b"null") -> bytes:
        choice = b',"choices":[{"index":0,"delta":%b,"logprobs":null,"finish_reason":%b}]' % (delta, finish)
        return self._start + choice + self._usage + b"}\n\n"

    def first(self, piece: str) -> bytes:
        """The first piece, with the role."""
        return self._chunk(b'{"role":"assistant","content":%b}' % orjson.dumps(piece))

    def text(self, piece: str) -> bytes:
        """A further piece."""
        return self._chunk(b'{"content":%b}' % orjson.dumps(piece))

    def end(self, response: Response) -> bytes:
        """Tool calls, why it ended, and what it took."""
        parts: list[bytes] = []
        for number, call in enumerate(response.tool_calls):
            delta = {"tool_calls": [{"index": number, **_call(call)}]}
            parts.append(self._chunk(orjson.dumps(delta)))
        parts.append(self._chunk(b"{}", orjson.dumps(_finish(response))))
        if self._with_usage:
            usage = orjson.dumps(usage_of(response))
            parts.append(self._start + b',"choices":[],"usage":%b}\n\n' % usage)
        parts.append(b"data: [DONE]\n\n")
        return b"".join(parts)


def _whole(response: Response) -> bytes:
    message: dict[str, Any] = {"role": "assistant", "content": response.text, "refusal": None}
    if response.tool_calls:
        message["tool_calls"] = [_call(call) for call in response.tool_calls]
        message["content"] = response.text or None
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _finish(response)}
    whole = {
        "id": _id(response.request_id),
        "object": "chat.completion",
        "created": int(time.time()),
        "model": response.model,
        "choices": [choice],
        "usage": usage_of(response),
    }
    return orjson.dumps(whole)


def usage_of(response: Response) -> dict[str, Any]:
    """Tokens as OpenAI counts them, and what they cost in US dollars."""
    usage = response.usage
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "cost": float(response.cost),
    }


def _finish(response: Response) -> str:
    return (
        "tool_calls" if response.tool_calls and response.finish_reason == "stop" else response.finish_reason
    )


def _call(call: ToolCall) -> dict[str, Any]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _id(request_id: UUID) -> str:
    return f"chatcmpl-{request_id.hex}"
