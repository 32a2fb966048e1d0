"""The OpenAI wire format: llama.cpp, Ollama, vLLM, LM Studio, OpenAI, OpenRouter, Groq and many more.

What servers do differently is data: an endpoint's `settings` may hold `max_tokens_field`, `stream_usage`
(false: the server refuses `stream_options`), `headers` and `tokenize` (`llama.cpp` or `vllm`).
"""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, cast
from urllib.parse import urlsplit

import orjson

from scrivano.llm.dto import ContentPart, FinishReason, Message, Timeouts, ToolCall, Usage
from scrivano.llm.providers.base import AttemptFailed, Description, End, Endpoint, Offer, Request, Trouble
from scrivano.llm.providers.http import Http, Incoming, loop_time
from scrivano.llm.providers.servers import describe

_REASONS: dict[str, FinishReason] = {
    "stop": "stop",
    "eos": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*b\b", re.I)


def connect(endpoint: Endpoint) -> "OpenAICompatible":
    """A connection to such a server; `base_url` ends in what comes before `/chat/completions`."""
    return OpenAICompatible(endpoint)


class OpenAICompatible:
    """See `Provider`."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._http = Http(endpoint)
        self._endpoint = endpoint
        self._headers: dict[str, str] = dict(endpoint.settings.get("headers", {}))
        if endpoint.api_key:
            self._headers["Authorization"] = f"Bearer {endpoint.api_key}"

    async def close(self) -> None:
        """Close connections."""
        await self._http.close()

    async def answer(self, request: Request) -> AsyncGenerator[str | End]:
        """See `Provider.answer`."""
        deadline = loop_time() + (request.timeouts.first_token or 60.0)
        async with self._http.send(
            "POST",
            "/chat/completions",
            body=self._body(request),
            headers=self._headers,
            timeouts=request.timeouts,
            deadline=deadline,
        ) as incoming:
            reader = self._streamed(incoming) if request.streaming else self._whole(incoming)
            async with aclosing(reader):
                async for piece in reader:
                    yield piece

    def _body(self, request: Request) -> dict[str, Any]:
        settings = self._endpoint.settings
        body: dict[str, Any] = {
            "model": request.model,
            "messages": [_message(message) for message in request.messages],
        }
        if request.streaming:
            body["stream"] = True
            if settings.get("stream_usage", True):
                body["stream_options"] = {"include_usage": True}
        if request.max_tokens is not None:
            body[settings.get("max_tokens_field", "max_tokens")] = request.max_tokens
        for name in ("temperature", "top_p", "seed"):
            if getattr(request, name) is not None:
                body[name] = getattr(request, name)
        if request.stop:
            body["stop"] = list(request.stop)
        if request.tools:
            body["tools"] = [{"type": "function", "function": tool.model_dump()} for tool in request.tools]
        if request.tool_choice is not None:
            body["tool_choice"] = _tool_choice(request.tool_choice)
        if request.effort is not None:
            body["reasoning_effort"] = request.effort
        if request.schema is not None:
            shape = {"name": request.schema.name, "schema": request.schema.schema, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": shape}
        return body

    async def _whole(self, incoming: Incoming) -> AsyncGenerator[str | End]:
        raw = await incoming.read()
        try:
            body = cast(dict[str, Any], orjson.loads(raw))
            choice = body["choices"][0]
            message = choice["message"]
            text = _text(message.get("content"))
            reason = choice.get("finish_reason")
            calls = _whole_calls(message.get("tool_calls"))
            usage = _usage(body.get("usage"))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise self._garbage(incoming, raw) from error
        if text:
            yield text
        yield self._end(incoming, reason, calls, usage)

    async def _streamed(self, incoming: Incoming) -> AsyncGenerator[str | End]:
        calls: dict[int, dict[str, str]] = {}
        reason: str | None = None
        usage: Usage | None = None
        async for data in incoming.events():
            if data == b"[DONE]":
                await incoming.drain()
                break
            try:
                event = cast(dict[str, Any], orjson.loads(data))
                usage = _usage(event.get("usage")) or usage
                choices = event.get("choices") or ()
                choice: dict[str, Any] = choices[0] if choices else {}
                delta: dict[str, Any] = choice.get("delta") or {}
                text = _text(delta.get("content"))
                _add_calls(calls, delta.get("tool_calls"))
                reason = choice.get("finish_reason") or reason
            except (ValueError, LookupError, TypeError, AttributeError) as error:
                raise self._garbage(incoming, data) from error
            if "error" in event:
                raise self._failed_midway(incoming, event["error"])
            if text or delta.get("reasoning_content") or delta.get("reasoning") or calls:
                incoming.begun()
            if text:
                yield text
        tools = tuple(ToolCall(**fields) for _, fields in sorted(calls.items()))
        yield self._end(incoming, reason, tools, usage)

    def _end(
        self, incoming: Incoming, reason: str | None, calls: tuple[ToolCall, ...], usage: Usage | None
    ) -> End:
        if reason is None:
            # Neither a reason nor a broken connection: the answer may be half of one, and that is no answer.
            message = f"{self._endpoint.name} ended the answer without saying why."
            raise AttemptFailed(Trouble.CUT, message, locality=incoming.locality)
        if reason == "content_filter":
            message = f"{self._endpoint.name} withheld the answer: content filter."
            raise AttemptFailed(Trouble.FILTERED, message, locality=incoming.locality)
        return End(_REASONS.get(reason, "stop"), usage, calls, incoming.locality)

    def _garbage(self, incoming: Incoming, raw: bytes) -> AttemptFailed:
        seen = self._http.clean(raw[:120].decode("utf-8", "replace"))
        message = f"{self._endpoint.name} answered what is no answer: {seen!r}"
        return AttemptFailed(Trouble.GARBAGE, message, locality=incoming.locality)

    def _failed_midway(self, incoming: Incoming, error: Any) -> AttemptFailed:
        text = self._http.clean(error.get("message") if isinstance(error, dict) else error)  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
        return AttemptFailed(
            Trouble.CUT, f"{self._endpoint.name} failed midway: {text}", locality=incoming.locality
        )

    async def offers(self, *, within: float) -> list[Offer]:
        """See `Provider.offers`."""
        body = await self._get("/models", within)
        try:
            rows = cast(list[dict[str, Any]], body["data"])
            offers = [_offer(row) for row in rows]
        except (LookupError, TypeError, AttributeError) as error:
            raise AttemptFailed(
                Trouble.GARBAGE, f"{self._endpoint.name} does not list models as an OpenAI-compatible server."
            ) from error
        return offers

    async def describe(self, *, within: float) -> Description:
        """See `Provider.describe`."""

        async def get(url: str) -> dict[str, Any]:
            try:
                body: Any = await self._get(url, within)
            except AttemptFailed:
                return {}
            return cast(dict[str, Any], body) if isinstance(body, dict) else {}

        return await describe(self._endpoint.base_url, await self.offers(within=within), get)

    async def _get(self, path: str, within: float) -> dict[str, Any]:
        timeouts = Timeouts(connect=within, first_token=within, between_tokens=within, total=within)
        async with self._http.send(
            "GET", path, body=None, headers=self._headers, timeouts=timeouts, deadline=loop_time() + within
        ) as incoming:
            raw = await incoming.read(limit=8 * 1024 * 1024)
        try:
            return cast(dict[str, Any], orjson.loads(raw))
        except orjson.JSONDecodeError as error:
            raise self._garbage(incoming, raw) from error

    async def count_tokens(self, model: str, text: str) -> int | None:
        """See `Provider.count_tokens`: llama.cpp's and vLLM's servers offer one."""
        flavour = self._endpoint.settings.get("tokenize")
        if flavour not in ("llama.cpp", "vllm"):
            return None
        body = {"content": text} if flavour == "llama.cpp" else {"model": model, "prompt": text}
        timeouts = Timeouts(connect=2, first_token=10, between_tokens=10, total=20)
        parts = urlsplit(self._endpoint.base_url)
        try:
            async with self._http.send(
                "POST",
                f"{parts.scheme}://{parts.netloc}/tokenize",
                body=body,
                headers=self._headers,
                timeouts=timeouts,
                deadline=loop_time() + 10,
            ) as incoming:
                answer = orjson.loads(await incoming.read())
            return len(answer["tokens"])
        except (AttemptFailed, orjson.JSONDecodeError, LookupError, TypeError):
            return None


def _message(message: Message) -> dict[str, Any]:
    body: dict[str, Any] = {"role": message.role}
    if isinstance(message.content, str):
        body["content"] = message.content
    else:
        body["content"] = [_part(part) for part in message.content]
    if message.name is not None:
        body["name"] = message.name
    if message.tool_calls:
        body["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
        body["content"] = body["content"] or None
    if message.tool_call_id is not None:
        body["tool_call_id"] = message.tool_call_id
    return body


def _part(part: ContentPart) -> dict[str, Any]:
    if part.type == "image":
        return {"type": "image_url", "image_url": {"url": part.image_url}}
    return {"type": "text", "text": part.text}


def _tool_choice(choice: str) -> object:
    if choice in ("auto", "none", "required"):
        return choice
    return {"type": "function", "function": {"name": choice}}


def _text(content: Any) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    return "".join(str(part.get("text", "")) for part in cast(list[dict[str, Any]], content))


def _whole_calls(calls: Any) -> tuple[ToolCall, ...]:
    return tuple(
        ToolCall(
            id=str(call.get("id", "")),
            name=str(call["function"]["name"]),
            arguments=str(call["function"]["arguments"]),
        )
        for call in cast(list[dict[str, Any]], calls or [])
    )


def _add_calls(calls: dict[int, dict[str, str]], deltas: Any) -> None:
    for delta in cast(list[dict[str, Any]], deltas or []):
        call = calls.setdefault(int(delta.get("index", 0)), {"id": "", "name": "", "arguments": ""})
        function: dict[str, Any] = delta.get("function") or {}
        call["id"] = call["id"] or str(delta.get("id") or "")
        call["name"] += str(function.get("name") or "")
        call["arguments"] += str(function.get("arguments") or "")


def _usage(usage: Any) -> Usage | None:
    if not usage:
        return None
    fields = cast(dict[str, Any], usage)
    prompt: dict[str, Any] = fields.get("prompt_tokens_details") or {}
    completion: dict[str, Any] = fields.get("completion_tokens_details") or {}
    return Usage(
        prompt_tokens=int(fields.get("prompt_tokens") or 0),
        completion_tokens=int(fields.get("completion_tokens") or 0),
        cached_tokens=int(prompt.get("cached_tokens") or 0),
        reasoning_tokens=int(completion.get("reasoning_tokens") or 0),
    )


def _offer(row: dict[str, Any]) -> Offer:
    name = str(row["id"])
    meta: dict[str, Any] = row.get("meta") or {}
    length = row.get("max_model_len") or row.get("context_length") or row.get("max_context_length")
    length = length or meta.get("n_ctx") or meta.get("n_ctx_train")
    size = _SIZE.search(name.replace("-", " ").replace("_", " ").replace(":", " "))
    params = meta.get("n_params")
    return Offer(
        name=name,
        context_length=int(length) if length else None,
        parameters=float(params) / 1e9 if params else (float(size[1]) if size else None),
        embedding="embed" in name.lower() or row.get("type") == "embeddings",
    )
