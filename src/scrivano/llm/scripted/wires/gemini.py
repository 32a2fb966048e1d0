"""The scripted server's Gemini wire format, below `/v1beta`."""

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
    send,
    table,
    whole,
)
from scrivano.llm.scripted.wires.openai import embed

_REASONS = {"stop": "STOP", "length": "MAX_TOKENS", "tool_calls": "STOP", "content_filter": "SAFETY"}
_STATES = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
_CHOICES = {"AUTO": "auto", "ANY": "required", "NONE": "none"}


def routes(engine: Engine) -> Iterable[web.RouteDef]:
    """All of it."""
    wire = _Wire(engine)
    return [
        web.get("/v1beta/models", wire.models),
        web.post("/v1beta/models/{model}:generateContent", wire.generate),
        web.post("/v1beta/models/{model}:streamGenerateContent", wire.generate),
        web.post("/v1beta/models/{model}:countTokens", wire.count),
        web.post("/v1beta/models/{model}:batchEmbedContents", wire.embed),
    ]


class _Wire:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def generate(self, request: web.Request) -> web.StreamResponse:
        streamed = ":stream" in request.path
        body = await read_body(request)
        refused = self._unauthorised(request) or self._unfit(request, body)
        if refused is not None or body is None:
            return refused or _error(400, "Invalid JSON payload received.")
        asked = _asked(request.match_info["model"], body, streamed)
        limit = self._engine.script.context_length
        tokens = count_prompt(text_of(message) for message in asked.messages)
        if tokens > limit:
            text = f"The input token count ({tokens}) exceeds the maximum number of tokens allowed ({limit})."
            return _error(400, text)
        call = self._engine.begin(asked)

        async def respond(call: Call) -> web.StreamResponse:
            return await self._stream(request, call) if streamed else await self._whole(call)

        return await answer(self._engine, request, call, respond, _refusal)

    def _unauthorised(self, request: web.Request) -> web.Response | None:
        key = self._engine.script.api_key
        if key is not None and request.headers.get("x-goog-api-key") != key:
            return _error(400, "API key not valid. Please pass a valid API key.")
        return None

    def _unfit(self, request: web.Request, body: dict[str, Any] | None) -> web.Response | None:
        if body is None:
            return _error(400, "Invalid JSON payload received.")
        if request.match_info["model"] not in self._engine.script.models:
            return _error(404, f"models/{request.match_info['model']} is not found.")
        contents = cast(list[dict[str, Any]], body.get("contents") or [])
        if not contents:
            return _error(400, "contents is not specified")
        return _unsigned(contents)

    async def _whole(self, call: Call) -> web.Response:
        text = await whole(self._engine, call)
        self._engine.finish(call)
        if call.rule.garbage:
            return web.Response(text="<html>" + text, content_type="text/html")
        parts: list[dict[str, Any]] = [{"text": text}] if text else []
        return as_json(_last(call, _thoughts(call) + parts + _calls(call)))

    async def _stream(self, request: web.Request, call: Call) -> web.StreamResponse:
        response = await open_stream(request)
        breaker = Breaker(call)
        if thoughts := _thoughts(call):
            await send(response, _chunk(thoughts))
        async for piece in self._engine.pieces(call):
            await breaker.pass_by(response)
            await send(response, _chunk([{"text": piece}]))
        # This format has no mark after its last event: without that one the answer has no end.
        if not call.rule.no_done:
            await send(response, _last(call, _calls(call)))
        await response.write_eof()
        self._engine.finish(call)
        return response

    async def count(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        refused = self._unauthorised(request)
        if refused is not None or body is None:
            return refused or _error(400, "Invalid JSON payload received.")
        asked = _asked(request.match_info["model"], body, False)
        return as_json({"totalTokens": count_prompt(text_of(message) for message in asked.messages)})

    async def embed(self, request: web.Request) -> web.StreamResponse:
        body = await read_body(request)
        refused = self._unauthorised(request)
        if refused is not None or body is None:
            return refused or _error(400, "Invalid JSON payload received.")
        wanted = cast(list[dict[str, Any]], body["requests"])
        texts = ["".join(part["text"] for part in one["content"]["parts"]) for one in wanted]
        messages = [{"role": "user", "content": text} for text in texts]
        call = self._engine.begin(Asked(request.match_info["model"], messages, path="embeddings"))
        size = wanted[0].get("outputDimensionality") or self._engine.script.embedding_dimensions

        async def respond(call: Call) -> web.StreamResponse:
            self._engine.finish(call)
            return as_json({"embeddings": [{"values": embed(text, int(size))} for text in texts]})

        return await answer(self._engine, request, call, respond, _refusal)

    async def models(self, request: web.Request) -> web.Response:
        refused = self._unauthorised(request)
        if refused is not None:
            return refused
        script = self._engine.script
        rows = [
            {
                "name": f"models/{name}",
                "inputTokenLimit": script.context_length,
                "supportedGenerationMethods": ["embedContent" if "embed" in name else "generateContent"],
            }
            for name in script.models
        ]
        return as_json({"models": rows})


def _asked(model: str, body: dict[str, Any], streamed: bool) -> Asked:
    config = table(body, "generationConfig")
    schema: dict[str, Any] | None = config.get("responseJsonSchema")
    tools = [tool for group in body.get("tools") or () for tool in group.get("functionDeclarations") or ()]
    mode = table(table(body, "toolConfig"), "functionCallingConfig")
    allowed: list[str] | None = mode.get("allowedFunctionNames")
    return Asked(
        model=model,
        messages=_messages(body),
        schema=schema,
        schema_name=schema.get("title") if schema else None,
        max_tokens=config.get("maxOutputTokens"),
        tools=[{**tool, "parameters": tool.get("parametersJsonSchema")} for tool in tools],
        tool_choice=allowed[0] if allowed else _CHOICES.get(str(mode.get("mode"))),
        stop=tuple(config.get("stopSequences") or ()),
        stream=streamed,
    )


def _messages(body: dict[str, Any]) -> list[dict[str, Any]]:
    system = body.get("systemInstruction")
    messages: list[dict[str, Any]] = [{"role": "system", "content": system["parts"]}] if system else []
    for turn in cast(list[dict[str, Any]], body.get("contents") or []):
        parts = cast(list[dict[str, Any]], turn["parts"])
        results = [part["functionResponse"] for part in parts if "functionResponse" in part]
        messages += [
            {"role": "tool", "content": orjson.dumps(result["response"]).decode()} for result in results
        ]
        if not results or len(results) < len(parts):
            role = "assistant" if turn.get("role") == "model" else "user"
            messages.append({"role": role, "content": parts})
    return messages


def _unsigned(contents: list[dict[str, Any]]) -> web.Response | None:
    """As the newer models do, refuse a call that comes back without the signature that it went out with."""
    for turn in contents:
        calls = [part for part in turn["parts"] if "functionCall" in part]
        if calls and not calls[0].get("thoughtSignature"):
            name = calls[0]["functionCall"]["name"]
            return _error(400, f"Function call {name} is missing a thought_signature.")
    return None


def _thoughts(call: Call) -> list[dict[str, Any]]:
    return [{"text": "Thinking about it.", "thought": True}] if call.rule.reasoning_tokens else []


def _calls(call: Call) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    for number, tool in enumerate(call.reply.tool_calls):
        part = {"functionCall": {"name": tool["name"], "args": orjson.loads(tool["arguments"])}}
        parts.append(part | ({"thoughtSignature": f"signed-{tool['id']}"} if number == 0 else {}))
    return parts


def _chunk(parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {"candidates": [{"index": 0, "content": {"role": "model", "parts": parts}}]}


def _last(call: Call, parts: list[dict[str, Any]]) -> dict[str, Any]:
    body = _chunk(parts)
    body["candidates"][0]["finishReason"] = _REASONS[call.reply.finish_reason]
    if not call.rule.no_usage:
        made, thoughts = len(call.reply.tokens), call.rule.reasoning_tokens
        body["usageMetadata"] = {
            "promptTokenCount": call.prompt_tokens,
            "cachedContentTokenCount": call.rule.cached_tokens,
            "candidatesTokenCount": made,
            "thoughtsTokenCount": thoughts,
            "totalTokenCount": call.prompt_tokens + made + thoughts,
        }
    return body


def _refusal(call: Call) -> web.Response:
    status = call.rule.status or 500
    if call.rule.garbage:
        return web.Response(status=status, text="<html>oops", content_type="text/html")
    message = call.rule.error_message or f"Scripted {status}."
    return _error(status, message, call.rule.error_code, call.rule.retry_after)


def _error(status: int, message: str, state: str | None = None, wait: float | None = None) -> web.Response:
    error: dict[str, Any] = {
        "code": status,
        "message": message,
        "status": state or _STATES.get(status, "UNKNOWN"),
    }
    if wait is not None:
        # Google tells this in the body alone.
        kind = "type.googleapis.com/google.rpc.RetryInfo"
        error["details"] = [{"@type": kind, "retryDelay": f"{wait:g}s"}]
    return as_json({"error": error}, status)
