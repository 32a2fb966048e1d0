"""The scripted server's Cloudflare Workers AI format: texts, embeddings, pictures."""

import base64
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
from scrivano.llm.scripted.wires.images import draw
from scrivano.llm.scripted.wires.openai import embed

_ROOT = "/client/v4/accounts/{account}/ai"
_SHORT = 256
"""Tokens of an answer where none are asked for, of which the format tells nothing."""


def routes(engine: Engine) -> Iterable[web.RouteDef]:
    """All of it."""
    wire = _Wire(engine)
    return [web.post(_ROOT + "/run/{model:.+}", wire.run), web.get(_ROOT + "/models/search", wire.models)]


class _Wire:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def run(self, request: web.Request) -> web.StreamResponse:
        body = await read_body(request)
        refused = self._unfit(request, body)
        if refused is not None or body is None:
            return refused or _error(400, 5006, "must have required property 'prompt'")
        asked = _asked(request.match_info["model"], body)
        limit = self._engine.script.context_length
        tokens = count_prompt(text_of(message) for message in asked.messages)
        if tokens > limit:
            return _error(
                413,
                5021,
                f"The estimated number of tokens ({tokens}) exceeds this model's context window limit ({limit}).",
            )
        call = self._engine.begin(asked)

        async def respond(call: Call) -> web.StreamResponse:
            if asked.path == "embeddings":
                return self._embed(call)
            if asked.path == "images":
                return self._draw(call, body)
            return await self._stream(request, call) if asked.stream else await self._whole(call)

        return await answer(self._engine, request, call, respond, _refusal)

    def _unauthorised(self, request: web.Request) -> web.Response | None:
        key = self._engine.script.api_key
        if key is None or request.headers.get("Authorization") == f"Bearer {key}":
            return None
        return _error(401, 10000, "Authentication error")

    def _unfit(self, request: web.Request, body: dict[str, Any] | None) -> web.Response | None:
        refused = self._unauthorised(request)
        if refused is not None:
            return refused
        if body is None or not {"messages", "text", "prompt"} & body.keys():
            return _error(400, 5006, "must have required property 'prompt'")
        if request.match_info["model"] not in self._engine.script.models:
            return _error(400, 5007, "No such model")
        return None

    def _embed(self, call: Call) -> web.Response:
        self._engine.finish(call)
        size = self._engine.script.embedding_dimensions
        data = [embed(text_of(message), size) for message in call.asked.messages]
        return _result({"shape": [len(data), size], "data": data})

    def _draw(self, call: Call, body: dict[str, Any]) -> web.Response:
        self._engine.finish(call)
        picture = draw(int(body.get("width", 64)), int(body.get("height", 64)), call.entry.request_hash)
        if "flux" in call.asked.model:
            return _result({"image": base64.b64encode(picture).decode()})
        return web.Response(body=picture, content_type="image/png")

    async def _whole(self, call: Call) -> web.Response:
        text = await whole(self._engine, call)
        self._engine.finish(call)
        if call.rule.garbage:
            return web.Response(text="<html>" + text, content_type="text/html")
        calls = [
            {"name": tool["name"], "arguments": orjson.loads(tool["arguments"])}
            for tool in call.reply.tool_calls
        ]
        answer: dict[str, Any] = {"response": _typed(call, text), "tool_calls": calls}
        return _result(answer | ({} if call.rule.no_usage else {"usage": _usage(call)}))

    async def _stream(self, request: web.Request, call: Call) -> web.StreamResponse:
        response = await open_stream(request)
        breaker = Breaker(call)
        async for piece in self._engine.pieces(call):
            await breaker.pass_by(response)
            await send(response, {"response": piece, "p": "abc"})
        for tool in call.reply.tool_calls:
            one = {"name": tool["name"], "arguments": orjson.loads(tool["arguments"])}
            await send(response, {"response": "", "tool_calls": [one]})
        if not call.rule.no_usage:
            await send(response, {"response": "", "usage": _usage(call)})
        if not call.rule.no_done:
            await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
        self._engine.finish(call)
        return response

    async def models(self, request: web.Request) -> web.Response:
        refused = self._unauthorised(request)
        if refused is not None:
            return refused
        window = {"property_id": "context_window", "value": str(self._engine.script.context_length)}
        return _result(
            [
                {"name": name, "task": {"name": _task(name)}, "properties": [window]}
                for name in self._engine.script.models
            ]
        )


def _asked(model: str, body: dict[str, Any]) -> Asked:
    if "text" in body:
        given: Any = body["text"]
        texts = cast(list[str], given) if isinstance(given, list) else [str(given)]
        return Asked(model, [{"role": "user", "content": text} for text in texts], path="embeddings")
    if "messages" not in body:
        return Asked(model, [{"role": "user", "content": str(body["prompt"])}], path="images")
    schema: dict[str, Any] | None = table(body, "response_format").get("json_schema")
    return Asked(
        model=model,
        messages=body["messages"],
        schema=schema,
        schema_name=schema.get("title") if schema else None,
        max_tokens=int(body.get("max_tokens") or _SHORT),
        tools=[tool.get("function", tool) for tool in body.get("tools") or ()],
        stream=bool(body.get("stream")),
    )


def _typed(call: Call, text: str) -> Any:
    """Asked for JSON, the format gives the value itself rather than its text."""
    if call.asked.schema is None:
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _task(name: str) -> str:
    if "embed" in name or "bge" in name:
        return "Text Embeddings"
    return "Text-to-Image" if "flux" in name or "diffusion" in name else "Text Generation"


def _usage(call: Call) -> dict[str, int]:
    made = len(call.reply.tokens)
    return {
        "prompt_tokens": call.prompt_tokens,
        "completion_tokens": made,
        "total_tokens": call.prompt_tokens + made,
    }


def _result(result: Any) -> web.Response:
    return as_json({"result": result, "success": True, "errors": [], "messages": []})


def _refusal(call: Call) -> web.Response:
    status = call.rule.status or 500
    message = call.rule.error_message or f"Scripted {status}."
    return _error(status, status, message, retry_headers(call))


def _error(status: int, code: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    errors = [{"code": code, "message": message}]
    return as_json({"result": None, "success": False, "errors": errors, "messages": []}, status, headers)
