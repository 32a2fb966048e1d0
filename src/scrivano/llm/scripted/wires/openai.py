"""The scripted server's OpenAI wire format, with `/tokenize` and `/props` as llama.cpp's server has them."""

import hashlib
import math
import re
from collections.abc import Iterable
from typing import Any, cast

import orjson
from aiohttp import web

from scrivano.llm.scripted.asked import Asked, text_of
from scrivano.llm.scripted.engine import Call, Engine
from scrivano.llm.scripted.tokens import count_prompt, tokenize
from scrivano.llm.scripted.wires.connection import answer, whole

_CREATED = 1_767_225_600
"""A fixed date, as the same request gets the same bytes."""


def routes(engine: Engine) -> Iterable[web.RouteDef]:
    """All of it."""
    wire = _Wire(engine)
    return [
        web.post("/v1/chat/completions", wire.chat),
        web.get("/v1/models", wire.models),
        web.post("/v1/embeddings", wire.embeddings),
        web.post("/tokenize", wire.tokenize),
        web.get("/props", wire.props),
        web.get("/health", wire.health),
    ]


class _Wire:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def chat(self, request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        if isinstance(body, web.Response):
            return body
        refused = self._unauthorised(request) or self._unfit(body)
        if refused is not None:
            return refused
        asked = read_chat(body, self._engine.script.models)
        call = self._engine.begin(asked)
        with_usage = bool(_table(body, "stream_options").get("include_usage"))

        async def respond(call: Call) -> web.StreamResponse:
            if asked.stream:
                return await self._stream(request, call, with_usage)
            return await self._whole(call)

        return await answer(self._engine, request, call, respond, _refusal)

    def _unauthorised(self, request: web.Request) -> web.Response | None:
        key = self._engine.script.api_key
        if key is None or request.headers.get("Authorization") == f"Bearer {key}":
            return None
        return _error(401, "Incorrect API key provided.", "invalid_api_key")

    def _unfit(self, body: dict[str, Any]) -> web.Response | None:
        messages = body.get("messages")
        if not isinstance(messages, list) or not messages:
            return _error(400, "messages must be a non-empty array.", "invalid_request")
        if body.get("model") not in {*self._engine.script.models, None, "auto"}:
            return _error(404, f"The model {body.get('model')!r} does not exist.", "model_not_found")
        tokens = count_prompt(text_of(message) for message in body["messages"])
        if tokens > self._engine.script.context_length:
            text = f"This model's maximum context length is {self._engine.script.context_length} tokens."
            return _error(400, text, "context_length_exceeded")
        return None

    async def _whole(self, call: Call) -> web.Response:
        text = await whole(self._engine, call)
        if call.rule.garbage:
            self._engine.finish(call)
            return web.Response(text="<html>" + text, content_type="text/html")
        message: dict[str, Any] = {"role": "assistant", "content": text or None}
        if call.reply.tool_calls:
            message["tool_calls"] = [_tool_call(tool) for tool in call.reply.tool_calls]
        choice = {"index": 0, "message": message, "finish_reason": call.reply.finish_reason}
        body: dict[str, Any] = _frame(call, "chat.completion") | {"choices": [choice]}
        if not call.rule.no_usage:
            body["usage"] = _usage(call)
        self._engine.finish(call)
        return _json(body)

    async def _stream(self, request: web.Request, call: Call, with_usage: bool) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        frame = _frame(call, "chat.completion.chunk")
        await _send(response, frame | _choice({"role": "assistant", "content": ""}))
        middle = len(call.reply.tokens) // 2
        broken = False
        async for piece in self._engine.pieces(call):
            if call.rule.malformed_chunk and not broken and call.entry.completion_tokens >= middle:
                await response.write(b'data: {"choices": [{"delta": {"content": "\xff\xfe\n\n')
                broken = True
            sofar = (
                {"usage": _counted(call, call.entry.completion_tokens)} if call.rule.counts_as_it_goes else {}
            )
            await _send(response, frame | _choice({"content": piece}) | sofar)
        for number, tool in enumerate(call.reply.tool_calls):
            await _send(response, frame | _choice({"tool_calls": [_tool_call(tool) | {"index": number}]}))
        await _send(response, frame | _choice({}, call.reply.finish_reason))
        if with_usage and not call.rule.no_usage:
            await _send(response, frame | {"choices": [], "usage": _usage(call)})
        if not call.rule.no_done:
            await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
        self._engine.finish(call)
        return response

    async def models(self, request: web.Request) -> web.Response:
        refused = self._unauthorised(request)
        if refused is not None:
            return refused
        script = self._engine.script
        data = [
            {
                "id": name,
                "object": "model",
                "created": _CREATED,
                "owned_by": "scrivano",
                "meta": {"n_ctx_train": script.context_length},
            }
            for name in script.models
        ]
        return _json({"object": "list", "data": data})

    async def embeddings(self, request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        if isinstance(body, web.Response):
            return body
        refused = self._unauthorised(request)
        if refused is not None:
            return refused
        given = body.get("input", "")
        texts = [str(text) for text in cast(list[Any], given)] if isinstance(given, list) else [str(given)]
        asked = Asked(
            model=str(body.get("model") or self._engine.script.models[0]),
            messages=[{"role": "user", "content": text} for text in texts],
            path="embeddings",
        )
        call = self._engine.begin(asked)
        size = int(body.get("dimensions") or self._engine.script.embedding_dimensions)

        async def respond(call: Call) -> web.StreamResponse:
            data = [
                {"object": "embedding", "index": index, "embedding": embed(text, size)}
                for index, text in enumerate(texts)
            ]
            usage = {"prompt_tokens": call.prompt_tokens, "total_tokens": call.prompt_tokens}
            self._engine.finish(call)
            return _json({"object": "list", "data": data, "model": asked.model, "usage": usage})

        return await answer(self._engine, request, call, respond, _refusal)

    async def tokenize(self, request: web.Request) -> web.Response:
        body = await _body(request)
        if isinstance(body, web.Response):
            return body
        tokens = tokenize(str(body.get("content", "")))
        return _json(
            {"tokens": [int.from_bytes(hashlib.md5(t.encode()).digest()[:2], "big") for t in tokens]}
        )

    async def props(self, request: web.Request) -> web.Response:
        script = self._engine.script
        body: dict[str, Any] = {"default_generation_settings": {"n_ctx": script.context_length}}
        if script.slots:
            body["total_slots"] = script.slots
        return _json(body)

    async def health(self, request: web.Request) -> web.Response:
        return _json({"status": "ok"})


def read_chat(body: dict[str, Any], models: list[str]) -> Asked:
    """A chat request in the engine's terms."""
    shape = _table(_table(body, "response_format"), "json_schema")
    tools = cast(list[dict[str, Any]], body.get("tools") or [])
    choice: Any = body.get("tool_choice")
    stop: Any = body.get("stop") or ()
    return Asked(
        model=str(body.get("model") or models[0]),
        messages=body["messages"],
        schema=shape.get("schema"),
        schema_name=shape.get("name"),
        max_tokens=body.get("max_completion_tokens") or body.get("max_tokens"),
        tools=[tool["function"] for tool in tools],
        tool_choice=str(cast(Any, choice)["function"]["name"]) if isinstance(choice, dict) else choice,
        stop=(stop,) if isinstance(stop, str) else tuple(stop),
        stream=bool(body.get("stream")),
    )


def embed(text: str, size: int) -> list[float]:
    """A unit vector in which texts that share words point the same way."""
    vector = [0.0] * size
    for word in re.findall(r"\w+", text.lower()) or [""]:
        digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
        vector[int.from_bytes(digest[:4], "big") % size] += 1.0 if digest[4] & 1 else -1.0
    length = math.sqrt(sum(value * value for value in vector)) or 1.0
    return [round(value / length, 8) for value in vector]


def _table(body: dict[str, Any], name: str) -> dict[str, Any]:
    return cast(dict[str, Any], body.get(name) or {})


async def _body(request: web.Request) -> dict[str, Any] | web.Response:
    try:
        body = orjson.loads(await request.read())
    except orjson.JSONDecodeError as error:
        return _error(400, f"The body is no valid JSON: {error}.", "invalid_request")
    if isinstance(body, dict):
        return cast(dict[str, Any], body)
    return _error(400, "The body must be an object.", "invalid_request")


def _refusal(call: Call) -> web.Response:
    status = call.rule.status or 500
    codes = {429: "rate_limit_exceeded", 500: "server_error", 503: "overloaded"}
    code = call.rule.error_code or codes.get(status, "error")
    headers: dict[str, str] = {}
    if call.rule.retry_after is not None:
        headers["Retry-After"] = f"{call.rule.retry_after:g}"
    if call.rule.garbage:
        return web.Response(status=status, text="<html>oops", content_type="text/html", headers=headers)
    return _error(status, call.rule.error_message or f"Scripted {status}.", code, headers)


def _error(status: int, message: str, code: str, headers: dict[str, str] | None = None) -> web.Response:
    body = {"error": {"message": message, "type": code, "code": code, "param": None}}
    return web.Response(
        status=status, body=orjson.dumps(body), content_type="application/json", headers=headers
    )


def _json(body: dict[str, Any]) -> web.Response:
    return web.Response(body=orjson.dumps(body), content_type="application/json")


def _frame(call: Call, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{call.entry.request_hash[:24]}",
        "object": kind,
        "created": _CREATED,
        "model": call.asked.model,
    }


def _choice(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def _tool_call(tool: dict[str, Any]) -> dict[str, Any]:
    function = {"name": tool["name"], "arguments": tool["arguments"]}
    return {"id": tool["id"], "type": "function", "function": function}


def _usage(call: Call) -> dict[str, Any]:
    return call.rule.usage or _counted(call, len(call.reply.tokens))


def _counted(call: Call, given: int) -> dict[str, Any]:
    return {
        "prompt_tokens": call.prompt_tokens,
        "completion_tokens": given,
        "total_tokens": call.prompt_tokens + given,
    }


async def _send(response: web.StreamResponse, event: dict[str, Any]) -> None:
    await response.write(b"data: " + orjson.dumps(event) + b"\n\n")
