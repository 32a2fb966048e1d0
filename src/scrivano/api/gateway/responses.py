"""OpenAI's responses: what goes out."""

import time
from typing import Any
from uuid import UUID

import orjson

from scrivano.api.gateway.asked import Asked
from scrivano.api.gateway.calls import Calls, Opened
from scrivano.api.gateway.errors import openai_error, unexpected
from scrivano.api.gateway.responses_in import read_response
from scrivano.api.gateway.visit import Visit
from scrivano.core.errors import ScrivanoError
from scrivano.llm.public import Response, ResponseStream, ToolCall

Fields = dict[str, Any]


class Responses:
    """`POST /v1/responses`. Nothing is kept for later requests: each brings the whole conversation."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def __call__(self, visit: Visit) -> None:
        """Answer one request."""
        body = await visit.json()
        asked = read_response(body)
        if not asked.stream:

            def whole(response: Response) -> bytes:
                return orjson.dumps(_finished(_Frame(body, response.request_id, response.model), response))

            await visit.reply(*await self._calls.whole(visit, asked, "responses", whole))
            return
        await self._streamed(visit, body, asked)

    async def _streamed(self, visit: Visit, body: Fields, asked: Asked) -> None:
        events = _Events()
        try:
            async with self._calls.stream(visit, asked, "responses") as (opened, stream):
                await visit.begin(opened.headers)
                frame = _Frame(body, opened.request_id, opened.model)
                begun = frame.object("in_progress")
                await visit.event(
                    events.make("response.created", response=begun)
                    + events.make("response.in_progress", response=begun)
                )
                await _text(visit, events, opened, stream)
                last = _end(events, frame, stream.result, bool(opened.first))
            await visit.end(last)
        except ScrivanoError as error:
            if not visit.begun:
                raise
            await visit.end(_failed(events, error))
        except Exception:
            if visit.begun:
                await visit.end(_failed(events, unexpected()))
            raise


class _Events:
    """Numbers the events of a stream."""

    def __init__(self) -> None:
        self._number = -1

    def make(self, kind: str, **fields: Any) -> bytes:
        """One event as it goes over the wire."""
        self._number += 1
        data = orjson.dumps({"type": kind, "sequence_number": self._number, **fields})
        return b"event: %b\ndata: %b\n\n" % (kind.encode(), data)


class _Frame:
    """The response object but for what the model adds to it."""

    def __init__(self, body: Fields, id: UUID, model: str) -> None:
        self._id = id
        self._fields: Fields = {
            "id": f"resp_{id.hex}",
            "object": "response",
            "created_at": int(time.time()),
            "model": model,
            "error": None,
            "incomplete_details": None,
            "instructions": body.get("instructions"),
            "max_output_tokens": body.get("max_output_tokens"),
            "metadata": body.get("metadata") or {},
            "parallel_tool_calls": True,
            "previous_response_id": None,
            "reasoning": {"effort": None, "summary": None},
            "store": False,
            "temperature": body.get("temperature"),
            "text": body.get("text") or {"format": {"type": "text"}},
            "tool_choice": body.get("tool_choice") or "auto",
            "tools": body.get("tools") or [],
            "top_p": body.get("top_p"),
            "truncation": "disabled",
        }

    def object(self, status: str, output: list[Fields] | None = None, **more: Any) -> Fields:
        """The whole object."""
        return {**self._fields, "status": status, "output": output or [], "usage": None, **more}


def _finished(frame: _Frame, response: Response) -> Fields:
    output: list[Fields] = []
    if response.text or not response.tool_calls:
        output.append(_message(response.request_id, response.text, "completed"))
    output += [_call(call, number) for number, call in enumerate(response.tool_calls)]
    more: Fields = {"usage": _usage(response), "model": response.model}
    if response.finish_reason == "length":
        return frame.object("incomplete", output, incomplete_details={"reason": "max_output_tokens"}, **more)
    return frame.object("completed", output, **more)


async def _text(visit: Visit, events: _Events, opened: Opened, stream: ResponseStream) -> None:
    if not opened.first:
        return
    id = _message_id(opened.request_id)
    item: Fields = {"id": id, "type": "message", "status": "in_progress", "role": "assistant", "content": []}
    place = {"item_id": id, "output_index": 0, "content_index": 0}
    delta = "response.output_text.delta"
    await visit.event(
        events.make("response.output_item.added", output_index=0, item=item)
        + events.make("response.content_part.added", **place, part=_part(""))
        + events.make(delta, **place, delta=opened.first, logprobs=[])
    )
    async for piece in stream:
        await visit.event(events.make(delta, **place, delta=piece, logprobs=[]))


def _end(events: _Events, frame: _Frame, response: Response, with_text: bool) -> bytes:
    whole = _finished(frame, response)
    parts: list[bytes] = []
    if with_text:
        message = _message(response.request_id, response.text, "completed")
        place = {"item_id": message["id"], "output_index": 0, "content_index": 0}
        parts += [
            events.make("response.output_text.done", **place, text=response.text, logprobs=[]),
            events.make("response.content_part.done", **place, part=_part(response.text)),
            events.make("response.output_item.done", output_index=0, item=message),
        ]
    for number, call in enumerate(response.tool_calls):
        item, at = _call(call, number), number + int(with_text)
        place = {"item_id": item["id"], "output_index": at}
        begun = {**item, "arguments": "", "status": "in_progress"}
        done = {"arguments": call.arguments, "name": call.name}
        parts += [
            events.make("response.output_item.added", output_index=at, item=begun),
            events.make("response.function_call_arguments.delta", **place, delta=call.arguments),
            events.make("response.function_call_arguments.done", **place, **done),
            events.make("response.output_item.done", output_index=at, item=item),
        ]
    parts.append(events.make(f"response.{whole['status']}", response=whole))
    return b"".join(parts)


def _failed(events: _Events, error: ScrivanoError) -> bytes:
    told = orjson.loads(openai_error(error).body)["error"]
    return events.make("error", code=told["code"], message=told["message"], param=told["param"])


def _message_id(request: UUID) -> str:
    return f"msg_{request.hex}"


def _message(request: UUID, text: str, status: str) -> Fields:
    return {
        "id": _message_id(request),
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": [_part(text)],
    }


def _part(text: str) -> Fields:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _call(call: ToolCall, number: int) -> Fields:
    return {
        "id": f"fc_{number}_{call.id}",
        "type": "function_call",
        "status": "completed",
        "call_id": call.id,
        "name": call.name,
        "arguments": call.arguments,
    }


def _usage(response: Response) -> Fields:
    usage = response.usage
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens},
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "cost": float(response.cost),
    }
