"""Anthropic's wire format: the Messages API.

An endpoint's `settings` may hold `headers`, `version` (the API's, a date) and `max_tokens`: the longest answer
where a request names no length, as this format demands one.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, cast

import orjson

from scrivano.llm.dto import ContentPart, FinishReason, Message, ToolCall, Usage
from scrivano.llm.providers.base import AttemptFailed, Description, End, Endpoint, Offer, Request, Trouble
from scrivano.llm.providers.http import Http, Incoming, loop_time
from scrivano.llm.providers.pictures import inline_picture
from scrivano.llm.providers.schemas import closed

_VERSION = "2023-06-01"
_MAX_TOKENS = 8192
_MOST_MODELS = 1000

_REASONS: dict[str, FinishReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
}
_CHOICES = {"auto": "auto", "required": "any", "none": "none"}
_BOUNDS = frozenset(
    {
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
    }
)
"""What the format refuses in a schema; whoever asked checks the answer against the whole schema anyway."""

_MALFORMED = (ValueError, LookupError, TypeError, AttributeError)


def connect(endpoint: Endpoint) -> "Anthropic":
    """A connection to such a server; `base_url` ends in what comes before `/messages`."""
    return Anthropic(endpoint)


@dataclass(slots=True)
class _Reading:
    """What a stream has told so far."""

    reason: str | None = None
    stopped: bool = False
    usage: dict[str, int] = field(default_factory=dict[str, int])
    blocks: dict[int, dict[str, str]] = field(default_factory=dict[int, dict[str, str]])


class Anthropic:
    """See `Provider`."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._http = Http(endpoint)
        self._endpoint = endpoint
        settings = endpoint.settings
        self._headers = {"anthropic-version": str(settings.get("version", _VERSION))}
        self._headers |= dict(settings.get("headers", {}))
        if endpoint.api_key:
            self._headers["x-api-key"] = endpoint.api_key

    async def close(self) -> None:
        """Close connections."""
        await self._http.close()

    async def answer(self, request: Request) -> AsyncGenerator[str | End]:
        """See `Provider.answer`."""
        async with self._http.send(
            "POST",
            "/messages",
            body=self._body(request),
            headers=self._headers,
            timeouts=request.timeouts,
            deadline=loop_time() + (request.timeouts.first_token or 60.0),
        ) as incoming:
            reader = self._streamed(incoming) if request.streaming else self._whole(incoming)
            async with aclosing(reader):
                async for piece in reader:
                    yield piece

    def _body(self, request: Request) -> dict[str, Any]:
        system = [message for message in request.messages if message.role == "system"]
        body: dict[str, Any] = {
            "model": request.model,
            "max_tokens": request.max_tokens or int(self._endpoint.settings.get("max_tokens", _MAX_TOKENS)),
            "messages": _turns(request.messages),
        }
        if system:
            body["system"] = [{"type": "text", "text": message.text} for message in system]
        if request.streaming:
            body["stream"] = True
        if request.temperature is not None:
            # Its scale ends at 1.
            body["temperature"] = min(1.0, request.temperature)
        if request.top_p is not None:
            body["top_p"] = request.top_p
        if request.stop:
            body["stop_sequences"] = list(request.stop)
        if request.tools:
            body["tools"] = [
                {"name": tool.name, "description": tool.description, "input_schema": tool.parameters}
                for tool in request.tools
            ]
        if request.tool_choice is not None and request.tools:
            kind = _CHOICES.get(request.tool_choice)
            body["tool_choice"] = {"type": kind} if kind else {"type": "tool", "name": request.tool_choice}
        output: dict[str, Any] = {}
        if request.effort is not None:
            output["effort"] = request.effort
        if request.schema is not None:
            output["format"] = {
                "type": "json_schema",
                "schema": closed(request.schema.schema, without=_BOUNDS),
            }
        return body | ({"output_config": output} if output else {})

    async def _whole(self, incoming: Incoming) -> AsyncGenerator[str | End]:
        raw = await incoming.read()
        try:
            body = cast(dict[str, Any], orjson.loads(raw))
            blocks = cast(list[dict[str, Any]], body["content"])
            text = "".join(str(block["text"]) for block in blocks if block["type"] == "text")
            calls = tuple(
                ToolCall(id=block["id"], name=block["name"], arguments=orjson.dumps(block["input"]).decode())
                for block in blocks
                if block["type"] == "tool_use"
            )
            usage = _usage(body.get("usage") or {})
            reason = body.get("stop_reason")
        except _MALFORMED as error:
            raise self._http.garbage(incoming, raw) from error
        if text:
            yield text
        yield self._end(incoming, reason, usage, calls)

    async def _streamed(self, incoming: Incoming) -> AsyncGenerator[str | End]:
        reading = _Reading()
        async for data in incoming.events():
            try:
                event = cast(dict[str, Any], orjson.loads(data))
                text = _read(reading, event, incoming)
            except _MALFORMED as error:
                raise self._http.garbage(incoming, data) from error
            if event["type"] == "error":
                raise self._failed_midway(incoming, event.get("error"), _usage(reading.usage))
            if text:
                yield text
            if reading.stopped:
                await incoming.drain()
                break
        usage = _usage(reading.usage)
        if not reading.stopped:
            raise self._http.cut(incoming, "ended the answer before its end.", usage=usage)
        calls = tuple(
            ToolCall(id=block["id"], name=block["name"], arguments=block["arguments"] or "{}")
            for _, block in sorted(reading.blocks.items())
        )
        yield self._end(incoming, reading.reason, usage, calls)

    def _end(
        self, incoming: Incoming, reason: str | None, usage: Usage | None, calls: tuple[ToolCall, ...]
    ) -> End:
        if reason == "refusal":
            raise self._http.cut(incoming, "withheld the answer: refusal.", Trouble.FILTERED, usage)
        if reason not in _REASONS:
            raise self._http.cut(incoming, f"ended the answer unfinished: {reason}.", usage=usage)
        return End(_REASONS[reason], usage, calls, incoming.locality)

    def _failed_midway(self, incoming: Incoming, error: Any, usage: Usage | None) -> AttemptFailed:
        fields = cast(dict[str, Any], error) if isinstance(error, dict) else {"message": error}
        trouble = Trouble.OVERLOADED if fields.get("type") == "overloaded_error" else Trouble.CUT
        return self._http.cut(incoming, f"failed midway: {fields.get('message')}", trouble, usage)

    async def offers(self, *, within: float) -> list[Offer]:
        """See `Provider.offers`."""
        fetched = await self._http.fetch(
            "GET", f"/models?limit={_MOST_MODELS}", headers=self._headers, within=within
        )
        try:
            rows = cast(list[dict[str, Any]], fetched.table()["data"])
            return [Offer(str(row["id"]), context_length=row.get("max_input_tokens")) for row in rows]
        except _MALFORMED as error:
            raise fetched.garbage() from error

    async def describe(self, *, within: float) -> Description:
        """See `Provider.describe`."""
        return Description(await self.offers(within=within), {})

    async def count_tokens(self, model: str, text: str) -> int | None:
        """See `Provider.count_tokens`; what it takes to frame a message is included."""
        body = {"model": model, "messages": [{"role": "user", "content": text}]}
        try:
            fetched = await self._http.fetch(
                "POST", "/messages/count_tokens", headers=self._headers, body=body, within=10
            )
            return int(fetched.table()["input_tokens"])
        except (AttemptFailed, *_MALFORMED):
            return None


def _read(reading: _Reading, event: dict[str, Any], incoming: Incoming) -> str:
    """Take an event in; gives the text that it brought."""
    kind = event["type"]
    if kind == "message_start":
        reading.usage |= _counts(event["message"].get("usage"))
    elif kind == "content_block_start":
        block = event["content_block"]
        if block["type"] == "tool_use":
            incoming.begun()
            reading.blocks[event["index"]] = {"id": block["id"], "name": block["name"], "arguments": ""}
        elif block["type"] == "text":
            return str(block.get("text") or "")
    elif kind == "content_block_delta":
        incoming.begun()
        delta = event["delta"]
        if delta["type"] == "text_delta":
            return str(delta["text"])
        if delta["type"] == "input_json_delta" and event["index"] in reading.blocks:
            reading.blocks[event["index"]]["arguments"] += delta["partial_json"]
    elif kind == "message_delta":
        reading.reason = event["delta"].get("stop_reason") or reading.reason
        reading.usage |= _counts(event.get("usage"))
    elif kind == "message_stop":
        reading.stopped = True
    return ""


def _counts(usage: Any) -> dict[str, int]:
    fields = cast(dict[str, Any], usage or {})
    return {name: int(value) for name, value in fields.items() if isinstance(value, int)}


def _usage(usage: dict[str, Any]) -> Usage | None:
    """Its `input_tokens` are those that the cache had nothing to do with."""
    if not usage:
        return None
    read = int(usage.get("cache_read_input_tokens") or 0)
    written = int(usage.get("cache_creation_input_tokens") or 0)
    return Usage(
        prompt_tokens=int(usage.get("input_tokens") or 0) + read + written,
        completion_tokens=int(usage.get("output_tokens") or 0),
        cached_tokens=read,
        cache_write_tokens=written,
    )


def _turns(messages: tuple[Message, ...]) -> list[dict[str, Any]]:
    """The conversation; what follows one another by the same side is one turn, as the format has it."""
    turns: list[dict[str, Any]] = []
    for message in messages:
        if message.role == "system":
            continue
        role = "assistant" if message.role == "assistant" else "user"
        blocks = _blocks(message)
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += blocks
        elif blocks:
            turns.append({"role": role, "content": blocks})
    if turns and turns[-1]["role"] == "assistant" and turns[-1]["content"][-1]["type"] == "text":
        # A beginning to go on from may not end in blanks.
        turns[-1]["content"][-1]["text"] = turns[-1]["content"][-1]["text"].rstrip()
    return turns


def _blocks(message: Message) -> list[dict[str, Any]]:
    if message.role == "tool":
        result = {"type": "tool_result", "tool_use_id": message.tool_call_id, "content": message.text}
        return [result]
    parts = [ContentPart(text=message.content)] if isinstance(message.content, str) else message.content
    blocks = [_block(part) for part in parts if part.type == "image" or part.text]
    for call in message.tool_calls:
        blocks.append({"type": "tool_use", "id": call.id, "name": call.name, "input": _table(call.arguments)})
    return blocks


def _block(part: ContentPart) -> dict[str, Any]:
    if part.type == "text":
        return {"type": "text", "text": part.text}
    inline = inline_picture(part.image_url or "")
    if inline is None:
        return {"type": "image", "source": {"type": "url", "url": part.image_url}}
    return {"type": "image", "source": {"type": "base64", "media_type": inline[0], "data": inline[1]}}


def _table(arguments: str) -> dict[str, Any]:
    """A call's arguments; what some model wrote may be no object, and is then handed on as a text."""
    try:
        value: Any = orjson.loads(arguments or "{}")
    except orjson.JSONDecodeError:
        return {"text": arguments}
    return cast(dict[str, Any], value) if isinstance(value, dict) else {"value": value}
