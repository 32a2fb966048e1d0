"""Google's wire format: Gemini's generateContent and streamGenerateContent, and its embeddings.

An endpoint's `settings` may hold `headers` and `thinking`: `level` for models from Gemini 3 on, `budget` (tokens)
for those before, or nothing where the effort asked for is not to be sent.
"""

from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote

import orjson

from scrivano.core.ids import new_id
from scrivano.llm.dto import ContentPart, FinishReason, Message, Timeouts, ToolCall, Usage
from scrivano.llm.providers.abilities import Vectors
from scrivano.llm.providers.base import AttemptFailed, Description, End, Endpoint, Offer, Request, Trouble
from scrivano.llm.providers.http import Http, Incoming, loop_time, table
from scrivano.llm.providers.pictures import inline_picture

_REASONS: dict[str, FinishReason] = {"STOP": "stop", "MAX_TOKENS": "length"}
_FILTERED = frozenset(("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY"))
_MODES = {"auto": "AUTO", "required": "ANY", "none": "NONE"}
_BUDGETS = {"low": 1024, "medium": 8192, "high": 24576}
_KEPT_SIGNATURES = 2000
_UNSIGNED = "skip_thought_signature_validator"
"""What Google documents for calls whose signature is not at hand, as after a restart or from another model."""

_MALFORMED = (ValueError, LookupError, TypeError, AttributeError)


def connect(endpoint: Endpoint) -> "Gemini":
    """A connection to such a server; `base_url` ends in what comes before `/models`."""
    return Gemini(endpoint)


@dataclass(slots=True)
class _Reading:
    """What an answer has told so far. `signatures` belong to the calls, by their ids."""

    reason: str | None = None
    blocked: str | None = None
    usage: Usage | None = None
    calls: list[ToolCall] = field(default_factory=list[ToolCall])
    signatures: dict[str, str] = field(default_factory=dict[str, str])


class Gemini:
    """See `Provider` and `Embeds`."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._http = Http(endpoint)
        self._endpoint = endpoint
        self._headers: dict[str, str] = dict(endpoint.settings.get("headers", {}))
        if endpoint.api_key:
            self._headers["x-goog-api-key"] = endpoint.api_key
        # A call goes back with the signature of the thought that led to it, which the newer models demand.
        self._signatures: OrderedDict[str, str] = OrderedDict()

    async def close(self) -> None:
        """Close connections."""
        await self._http.close()

    async def answer(self, request: Request) -> AsyncGenerator[str | End]:
        """See `Provider.answer`."""
        method = "streamGenerateContent?alt=sse" if request.streaming else "generateContent"
        async with self._http.send(
            "POST",
            f"{_path(request.model)}:{method}",
            body=self._body(request),
            headers=self._headers,
            timeouts=request.timeouts,
            deadline=loop_time() + (request.timeouts.first_token or 60.0),
        ) as incoming:
            reading = _Reading()
            reader = (
                self._streamed(incoming, reading) if request.streaming else self._whole(incoming, reading)
            )
            async with aclosing(reader):
                async for piece in reader:
                    yield piece
            yield self._end(incoming, reading)

    def _body(self, request: Request) -> dict[str, Any]:
        config: dict[str, Any] = {
            "temperature": request.temperature,
            "topP": request.top_p,
            "maxOutputTokens": request.max_tokens,
            "seed": request.seed,
            "stopSequences": list(request.stop) or None,
            "thinkingConfig": self._thinking(request.effort),
        }
        if request.schema is not None:
            config |= {"responseMimeType": "application/json", "responseJsonSchema": request.schema.schema}
        body: dict[str, Any] = {
            "contents": self._turns(request.messages),
            "generationConfig": {name: value for name, value in config.items() if value is not None},
        }
        system = [{"text": message.text} for message in request.messages if message.role == "system"]
        if system:
            body["systemInstruction"] = {"parts": system}
        if request.tools:
            declared = [
                {"name": tool.name, "description": tool.description, "parametersJsonSchema": tool.parameters}
                for tool in request.tools
            ]
            body["tools"] = [{"functionDeclarations": declared}]
            if request.tool_choice is not None:
                body["toolConfig"] = {"functionCallingConfig": _mode(request.tool_choice)}
        return body

    def _thinking(self, effort: str | None) -> dict[str, Any] | None:
        kind = self._endpoint.settings.get("thinking", "level")
        if effort is None or kind not in ("level", "budget"):
            return None
        return {"thinkingLevel": effort} if kind == "level" else {"thinkingBudget": _BUDGETS[effort]}

    def _turns(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        names = {call.id: call.name for message in messages for call in message.tool_calls}
        turns: list[dict[str, Any]] = []
        for message in messages:
            if message.role == "system":
                continue
            role = "model" if message.role == "assistant" else "user"
            parts = [_result(message, names)] if message.role == "tool" else self._parts(message)
            if turns and turns[-1]["role"] == role:
                turns[-1]["parts"] += parts
            elif parts:
                turns.append({"role": role, "parts": parts})
        return turns

    def _parts(self, message: Message) -> list[dict[str, Any]]:
        given = [ContentPart(text=message.content)] if isinstance(message.content, str) else message.content
        parts = [_part(part) for part in given if part.type == "image" or part.text]
        for number, call in enumerate(message.tool_calls):
            part: dict[str, Any] = {"functionCall": {"name": call.name, "args": _table(call.arguments)}}
            signature = self._signatures.get(call.id)
            # Of calls made at once only the first bears one.
            if signature or number == 0:
                part["thoughtSignature"] = signature or _UNSIGNED
            parts.append(part)
        return parts

    async def _whole(self, incoming: Incoming, reading: _Reading) -> AsyncGenerator[str]:
        raw = await incoming.read()
        try:
            text = _read(reading, cast(dict[str, Any], orjson.loads(raw)))
        except _MALFORMED as error:
            raise self._http.garbage(incoming, raw) from error
        if text:
            yield text

    async def _streamed(self, incoming: Incoming, reading: _Reading) -> AsyncGenerator[str]:
        async for data in incoming.events():
            try:
                event = cast(dict[str, Any], orjson.loads(data))
                text = _read(reading, event)
            except _MALFORMED as error:
                raise self._http.garbage(incoming, data) from error
            if "error" in event:
                why = f"failed midway: {event['error'].get('message')}"
                raise self._http.cut(incoming, why, usage=reading.usage)
            incoming.begun()
            if text:
                yield text

    def _end(self, incoming: Incoming, reading: _Reading) -> End:
        blocked = reading.blocked or (reading.reason if reading.reason in _FILTERED else None)
        if blocked:
            raise self._http.cut(
                incoming, f"withheld the answer: {blocked}.", Trouble.FILTERED, reading.usage
            )
        if reading.reason is None:
            raise self._http.cut(incoming, "ended the answer without saying why.", usage=reading.usage)
        if reading.reason not in _REASONS:
            # As a call of a tool that it could not write down: the next try is often a good one.
            why = f"ended the answer unfinished: {reading.reason}."
            raise self._http.cut(incoming, why, Trouble.GARBAGE, reading.usage)
        self._remember(reading.signatures)
        reason: FinishReason = "tool_calls" if reading.calls else _REASONS[reading.reason]
        return End(reason, reading.usage, tuple(reading.calls), incoming.locality)

    def _remember(self, signatures: dict[str, str]) -> None:
        self._signatures |= signatures
        while len(self._signatures) > _KEPT_SIGNATURES:
            self._signatures.popitem(last=False)

    async def offers(self, *, within: float) -> list[Offer]:
        """See `Provider.offers`."""
        fetched = await self._http.fetch("GET", "/models?pageSize=1000", headers=self._headers, within=within)
        try:
            return [_offer(row) for row in cast(list[dict[str, Any]], fetched.table()["models"])]
        except _MALFORMED as error:
            raise fetched.garbage() from error

    async def describe(self, *, within: float) -> Description:
        """See `Provider.describe`."""
        return Description(await self.offers(within=within), {})

    async def count_tokens(self, model: str, text: str) -> int | None:
        """See `Provider.count_tokens`."""
        body = {"contents": [{"role": "user", "parts": [{"text": text}]}]}
        try:
            fetched = await self._http.fetch(
                "POST", f"{_path(model)}:countTokens", headers=self._headers, body=body, within=10
            )
            return int(fetched.table()["totalTokens"])
        except (AttemptFailed, *_MALFORMED):
            return None

    async def embed(
        self, model: str, texts: Sequence[str], *, dimensions: int | None, timeouts: Timeouts
    ) -> Vectors:
        """See `Embeds.embed`; this format reports no usage."""
        more = {} if dimensions is None else {"outputDimensionality": dimensions}
        name = f"models/{model.removeprefix('models/')}"
        asked = [{"model": name, "content": {"parts": [{"text": text}]}, **more} for text in texts]
        fetched = await self._http.fetch(
            "POST",
            f"{_path(model)}:batchEmbedContents",
            headers=self._headers,
            body={"requests": asked},
            timeouts=timeouts,
        )
        try:
            rows = cast(list[dict[str, Any]], fetched.table()["embeddings"])
            vectors = tuple(tuple(float(value) for value in row["values"]) for row in rows)
        except _MALFORMED as error:
            raise fetched.garbage() from error
        if len(vectors) != len(texts):
            raise fetched.garbage()
        return Vectors(vectors, None, fetched.locality)


def _read(reading: _Reading, event: dict[str, Any]) -> str:
    """Take a response or a part of one in; gives the text that it brought."""
    reading.usage = _usage(event.get("usageMetadata")) or reading.usage
    reading.blocked = table(event, "promptFeedback").get("blockReason") or reading.blocked
    candidates: list[dict[str, Any]] = event.get("candidates") or []
    if not candidates:
        return ""
    reading.reason = candidates[0].get("finishReason") or reading.reason
    parts: list[dict[str, Any]] = table(candidates[0], "content").get("parts") or []
    text = ""
    for part in parts:
        if part.get("functionCall"):
            _take_call(reading, part)
        elif not part.get("thought"):
            text += str(part.get("text") or "")
    return text


def _take_call(reading: _Reading, part: dict[str, Any]) -> None:
    call: dict[str, Any] = part["functionCall"]
    # Most models give no id, and one is needed to match the result with the call.
    signature = part.get("thoughtSignature")
    id = str(call.get("id") or f"call_{new_id().hex}")
    arguments = orjson.dumps(call.get("args") or {}).decode()
    reading.calls.append(ToolCall(id=id, name=str(call["name"]), arguments=arguments))
    if signature:
        reading.signatures[id] = str(signature)


def _usage(usage: Any) -> Usage | None:
    """Thoughts are billed as output here, though they do not count among the candidates' tokens."""
    if not usage:
        return None
    fields = cast(dict[str, Any], usage)
    thoughts = int(fields.get("thoughtsTokenCount") or 0)
    sent, made = fields.get("promptTokensDetails"), fields.get("candidatesTokensDetails")
    return Usage(
        prompt_tokens=int(fields.get("promptTokenCount") or 0)
        + int(fields.get("toolUsePromptTokenCount") or 0),
        completion_tokens=int(fields.get("candidatesTokenCount") or 0) + thoughts,
        cached_tokens=int(fields.get("cachedContentTokenCount") or 0),
        reasoning_tokens=thoughts,
        image_prompt_tokens=_of_kind(sent, "IMAGE"),
        audio_prompt_tokens=_of_kind(sent, "AUDIO"),
        image_completion_tokens=_of_kind(made, "IMAGE"),
        audio_completion_tokens=_of_kind(made, "AUDIO"),
    )


def _of_kind(details: Any, kind: str) -> int:
    rows = cast(list[dict[str, Any]], details or [])
    return sum(int(row.get("tokenCount") or 0) for row in rows if row.get("modality") == kind)


def _path(model: str) -> str:
    return f"/models/{quote(model.removeprefix('models/'))}"


def _mode(choice: str) -> dict[str, Any]:
    mode = _MODES.get(choice)
    return {"mode": mode} if mode else {"mode": "ANY", "allowedFunctionNames": [choice]}


def _part(part: ContentPart) -> dict[str, Any]:
    if part.type == "text":
        return {"text": part.text}
    inline = inline_picture(part.image_url or "")
    if inline is None:
        return {"fileData": {"fileUri": part.image_url}}
    return {"inlineData": {"mimeType": inline[0], "data": inline[1]}}


def _result(message: Message, names: dict[str, str]) -> dict[str, Any]:
    name = message.name or names.get(message.tool_call_id or "", "tool")
    try:
        value: Any = orjson.loads(message.text)
    except orjson.JSONDecodeError:
        value = message.text
    response: dict[str, Any] = cast(dict[str, Any], value) if isinstance(value, dict) else {"result": value}
    return {"functionResponse": {"name": name, "response": response}}


def _table(arguments: str) -> dict[str, Any]:
    try:
        value: Any = orjson.loads(arguments or "{}")
    except orjson.JSONDecodeError:
        return {"text": arguments}
    return cast(dict[str, Any], value) if isinstance(value, dict) else {"value": value}


def _offer(row: dict[str, Any]) -> Offer:
    methods = row.get("supportedGenerationMethods") or ()
    return Offer(
        name=str(row["name"]).removeprefix("models/"),
        context_length=row.get("inputTokenLimit"),
        embedding="generateContent" not in methods and any("embed" in str(method) for method in methods),
    )
