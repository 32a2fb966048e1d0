"""The scripted server's Anthropic wire format, below `/anthropic/v1`."""

from collections.abc import Iterable
from typing import Any, cast

import orjson
from aiohttp import web

from scrivano.llm.scripted.asked import Asked, text_of
from scrivano.llm.scripted.engine import Call, Engine
from scrivano.llm.scripted.tokens import count_prompt
from scrivano.llm.scripted.wires.connection import (
    Breaker,
    answer,
    as_json,
    open_stream,
    read_body,
    retry_headers,
    send,
    table,
    whole,
)

_REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}
_KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


def routes(engine: Engine) -> Iterable[web.RouteDef]:
    """All of it."""
    wire = _Wire(engine)
    return [
        web.post("/anthropic/v1/messages", wire.messages),
        web.post("/anthropic/v1/messages/count_tokens", wire.count),
        web.get("/anthropic/v1/models", wire.models),
    ]


class _Wire:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def messages(self, request: web.Request) -> web.StreamResponse:
        body = await read_body(request)
        refused = self._unauthorised(request) or self._unfit(body)
        if refused is not None or body is None:
            return refused or _error(400, "The body must be a JSON object.")
        asked = _asked(body)
        limit = self._engine.script.context_length
        tokens = count_prompt(text_of(message) for message in asked.messages)
        if tokens > limit:
            return _error(400, f"prompt is too long: {tokens} tokens > {limit} maximum")
        call = self._engine.begin(asked)

        async def respond(call: Call) -> web.StreamResponse:
            return await self._stream(request, call) if asked.stream else await self._whole(call)

        return await answer(self._engine, request, call, respond, _refusal)

    def _unauthorised(self, request: web.Request) -> web.Response | None:
        key = self._engine.script.api_key
        if key is not None and request.headers.get("x-api-key") != key:
            return _error(401, "invalid x-api-key")
        return None

    def _unfit(self, body: dict[str, Any] | None) -> web.Response | None:
        if body is None:
            return _error(400, "The body must be a JSON object.")
        if not isinstance(body.get("max_tokens"), int):
            return _error(400, "max_tokens: Field required")
        messages = cast(list[dict[str, Any]], body.get("messages") or [])
        if not messages or {message.get("role") for message in messages} - {"user", "assistant"}:
            return _error(400, "messages: roles must be user or assistant, and there must be one")
        if body.get("model") not in self._engine.script.models:
            return _error(404, f"model: {body.get('model')}")
        return None

    async def _whole(self, call: Call) -> web.Response:
        text = await whole(self._engine, call)
        self._engine.finish(call)
        if call.rule.garbage:
            return web.Response(text="<html>" + text, content_type="text/html")
        content: list[dict[str, Any]] = [{"type": "text", "text": text}] if text else []
        content += [
            {
                "type": "tool_use",
                "id": tool["id"],
                "name": tool["name"],
                "input": orjson.loads(tool["arguments"]),
            }
            for tool in call.reply.tool_calls
        ]
        ended = {"content": content, "stop_reason": _REASONS[call.reply.finish_reason]}
        usage = {} if call.rule.no_usage else {"usage": _sent(call) | _made(call)}
        return as_json(_frame(call) | ended | usage)

    async def _stream(self, request: web.Request, call: Call) -> web.StreamResponse:
        response = await open_stream(request)
        reported = not call.rule.no_usage
        start = _frame(call) | ({"usage": _sent(call) | {"output_tokens": 1}} if reported else {})
        await _event(response, "message_start", {"message": start})
        await _event(response, "ping", {})
        index = 0
        if call.reply.tokens:
            block = {"index": 0, "content_block": {"type": "text", "text": ""}}
            await _event(response, "content_block_start", block)
            breaker = Breaker(call)
            async for piece in self._engine.pieces(call):
                await breaker.pass_by(response)
                await _event(response, "content_block_delta", _delta(0, type="text_delta", text=piece))
            await _event(response, "content_block_stop", {"index": 0})
            index = 1
        for number, tool in enumerate(call.reply.tool_calls, index):
            await _stream_tool(response, number, tool)
        delta: dict[str, Any] = {"delta": {"stop_reason": _REASONS[call.reply.finish_reason]}}
        await _event(response, "message_delta", delta | ({"usage": _made(call)} if reported else {}))
        if not call.rule.no_done:
            await _event(response, "message_stop", {})
        await response.write_eof()
        self._engine.finish(call)
        return response

    async def count(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        refused = self._unauthorised(request)
        if refused is not None or body is None:
            return refused or _error(400, "The body must be a JSON object.")
        asked = _asked(body)
        return as_json({"input_tokens": count_prompt(text_of(message) for message in asked.messages)})

    async def models(self, request: web.Request) -> web.Response:
        refused = self._unauthorised(request)
        if refused is not None:
            return refused
        script = self._engine.script
        data = [
            {"type": "model", "id": name, "display_name": name, "max_input_tokens": script.context_length}
            for name in script.models
        ]
        return as_json({"data": data, "has_more": False})


def _asked(body: dict[str, Any]) -> Asked:
    schema: dict[str, Any] | None = table(table(body, "output_config"), "format").get("schema")
    choice = table(body, "tool_choice")
    named = {"any": "required"}.get(str(choice.get("type")), choice.get("type"))
    return Asked(
        model=str(body.get("model")),
        messages=_messages(body),
        schema=schema,
        schema_name=schema.get("title") if schema else None,
        max_tokens=body.get("max_tokens"),
        tools=[{**tool, "parameters": tool.get("input_schema")} for tool in body.get("tools") or ()],
        tool_choice=choice.get("name") if named == "tool" else named,
        stop=tuple(body.get("stop_sequences") or ()),
        stream=bool(body.get("stream")),
    )


def _messages(body: dict[str, Any]) -> list[dict[str, Any]]:
    system = body.get("system")
    messages: list[dict[str, Any]] = [{"role": "system", "content": system}] if system else []
    for message in cast(list[dict[str, Any]], body.get("messages") or []):
        content: Any = message["content"]
        blocks = cast(list[dict[str, Any]], [] if isinstance(content, str) else content)
        results = [block for block in blocks if block.get("type") == "tool_result"]
        messages += [{"role": "tool", "content": block.get("content", "")} for block in results]
        if not results or len(results) < len(blocks):
            messages.append(message)
    return messages


async def _stream_tool(response: web.StreamResponse, index: int, tool: dict[str, Any]) -> None:
    block: dict[str, Any] = {"type": "tool_use", "id": tool["id"], "name": tool["name"], "input": {}}
    await _event(response, "content_block_start", {"index": index, "content_block": block})
    text = str(tool["arguments"])
    for part in (text[: len(text) // 2], text[len(text) // 2 :]):
        delta = _delta(index, type="input_json_delta", partial_json=part)
        await _event(response, "content_block_delta", delta)
    await _event(response, "content_block_stop", {"index": index})


async def _event(response: web.StreamResponse, kind: str, fields: dict[str, Any]) -> None:
    await send(response, {"type": kind, **fields}, kind)


def _delta(index: int, **delta: str) -> dict[str, Any]:
    return {"index": index, "delta": delta}


def _frame(call: Call) -> dict[str, Any]:
    return {
        "id": f"msg_{call.entry.request_hash[:24]}",
        "type": "message",
        "role": "assistant",
        "model": call.asked.model,
        "content": [],
        "stop_reason": None,
    }


def _sent(call: Call) -> dict[str, int]:
    read, written = call.rule.cached_tokens, call.rule.cache_write_tokens
    return {
        "input_tokens": max(0, call.prompt_tokens - read - written),
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": written,
    }


def _made(call: Call) -> dict[str, int]:
    return {"output_tokens": len(call.reply.tokens) + call.rule.reasoning_tokens}


def _refusal(call: Call) -> web.Response:
    status = call.rule.status or 500
    if call.rule.garbage:
        return web.Response(status=status, text="<html>oops", content_type="text/html")
    message = call.rule.error_message or f"Scripted {status}."
    return _error(status, message, call.rule.error_code, retry_headers(call))


def _error(
    status: int, message: str, kind: str | None = None, headers: dict[str, str] | None = None
) -> web.Response:
    error = {"type": kind or _KINDS.get(status, "api_error"), "message": message}
    return as_json({"type": "error", "error": error}, status, headers)
