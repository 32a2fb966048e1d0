"""Cloudflare's wire format: Workers AI's `run`, for texts, embeddings and pictures.

An endpoint's `base_url` is `https://api.cloudflare.com/client/v4/accounts/ACCOUNT/ai`. Its `settings` may hold
`headers` and `max_tokens`: the longest answer where a request names no length. The format's own default is short,
and it does not tell whether an answer was cut off by it, so a length is always sent and the tokens are compared.
"""

import base64
import binascii
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any, cast

import orjson

from scrivano.llm.dto import FinishReason, Timeouts, ToolCall, Usage
from scrivano.llm.providers.abilities import Picture, PictureWish, Vectors
from scrivano.llm.providers.base import Description, End, Endpoint, Offer, Request
from scrivano.llm.providers.http import Fetched, Http, Incoming, loop_time, table
from scrivano.llm.providers.openai_format import MALFORMED, Reading, usage_of, wire_message
from scrivano.llm.providers.openai_images import media_type_of

_MAX_TOKENS = 4096
_MOST_EMBEDDED = 100
_STEPS = {"low": 4, "standard": 6, "high": 8}


def connect(endpoint: Endpoint) -> "Cloudflare":
    """A connection to an account's Workers AI."""
    return Cloudflare(endpoint)


class Cloudflare:
    """See `Provider`, `Embeds` and `Paints`."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._http = Http(endpoint)
        self._settings = endpoint.settings
        self._headers: dict[str, str] = dict(endpoint.settings.get("headers", {}))
        if endpoint.api_key:
            self._headers["Authorization"] = f"Bearer {endpoint.api_key}"

    async def close(self) -> None:
        """Close connections."""
        await self._http.close()

    async def answer(self, request: Request) -> AsyncGenerator[str | End]:
        """See `Provider.answer`."""
        most = request.max_tokens or int(self._settings.get("max_tokens", _MAX_TOKENS))
        async with self._http.send(
            "POST",
            f"/run/{request.model}",
            body=_body(request, most),
            headers=self._headers,
            timeouts=request.timeouts,
            deadline=loop_time() + (request.timeouts.first_token or 60.0),
        ) as incoming:
            reader = self._streamed(incoming, most) if request.streaming else self._whole(incoming, most)
            async with aclosing(reader):
                async for piece in reader:
                    yield piece

    async def _whole(self, incoming: Incoming, most: int) -> AsyncGenerator[str | End]:
        raw = await incoming.read()
        taken = _Taken()
        try:
            text = taken.whole(cast(dict[str, Any], orjson.loads(raw))["result"])
        except MALFORMED as error:
            raise self._http.garbage(incoming, raw) from error
        if text:
            yield text
        yield taken.end(incoming, most)

    async def _streamed(self, incoming: Incoming, most: int) -> AsyncGenerator[str | End]:
        taken, done = _Taken(), False
        async for data in incoming.events():
            if data == b"[DONE]":
                await incoming.drain()
                done = True
                break
            try:
                event = cast(dict[str, Any], orjson.loads(data))
                text = taken.event(event)
            except MALFORMED as error:
                raise self._http.garbage(incoming, data) from error
            if event.get("errors") or event.get("error"):
                why = f"failed midway: {event.get('errors') or event.get('error')}"
                raise self._http.cut(incoming, why, usage=taken.usage)
            incoming.begun()
            if text:
                yield text
        if not done:
            raise self._http.cut(incoming, "ended the answer before its end.", usage=taken.usage)
        yield taken.end(incoming, most)

    async def offers(self, *, within: float) -> list[Offer]:
        """See `Provider.offers`."""
        fetched = await self._http.fetch(
            "GET", "/models/search?per_page=1000", headers=self._headers, within=within
        )
        try:
            return [_offer(row) for row in cast(list[dict[str, Any]], fetched.table()["result"])]
        except MALFORMED as error:
            raise fetched.garbage() from error

    async def describe(self, *, within: float) -> Description:
        """See `Provider.describe`."""
        return Description(await self.offers(within=within), {})

    async def count_tokens(self, model: str, text: str) -> int | None:
        """There is no tokenizer on offer."""
        return None

    async def embed(
        self, model: str, texts: Sequence[str], *, dimensions: int | None, timeouts: Timeouts
    ) -> Vectors:
        """See `Embeds.embed`; its models have one length of vectors each, so `dimensions` changes nothing."""
        vectors: list[tuple[float, ...]] = []
        locality = None
        for start in range(0, len(texts), _MOST_EMBEDDED):
            some = list(texts[start : start + _MOST_EMBEDDED])
            fetched = await self._run(model, {"text": some}, timeouts)
            locality = fetched.locality
            try:
                rows = cast(list[list[Any]], fetched.table()["result"]["data"])
                vectors += [tuple(map(float, row)) for row in rows]
            except MALFORMED as error:
                raise fetched.garbage() from error
            if len(vectors) != start + len(some):
                raise fetched.garbage()
        return Vectors(tuple(vectors), None, locality)

    async def paint(self, wish: PictureWish, *, timeouts: Timeouts) -> Picture:
        """See `Paints.paint`. Some models answer with the file, others with JSON that holds it."""
        body: dict[str, Any] = {"prompt": f"{wish.prompt}, {wish.style} style" if wish.style else wish.prompt}
        if wish.sides is not None:
            body["width"], body["height"] = wish.sides
        if wish.quality is not None and "flux-1-schnell" in wish.model:
            body["steps"] = _STEPS[wish.quality]
        fetched = await self._run(wish.model, body, timeouts)
        try:
            data = fetched.raw
            if not fetched.media_type.startswith("image/"):
                data = base64.b64decode(str(fetched.table()["result"]["image"]), validate=True)
            return Picture(data, media_type_of(data), None, None, fetched.locality)
        except (binascii.Error, *MALFORMED) as error:
            raise fetched.garbage() from error

    async def _run(self, model: str, body: dict[str, Any], timeouts: Timeouts) -> Fetched:
        return await self._http.fetch(
            "POST", f"/run/{model}", headers=self._headers, body=body, timeouts=timeouts
        )


class _Taken:
    """What an answer has told so far. Newer models speak OpenAI's format inside of Cloudflare's."""

    def __init__(self) -> None:
        self._openai = Reading()
        self._usage: Usage | None = None
        self._calls: list[ToolCall] = []

    @property
    def usage(self) -> Usage | None:
        """The tokens, as far as they were reported."""
        return self._usage or self._openai.usage

    def whole(self, result: dict[str, Any]) -> str:
        """Take a whole answer in; gives its text."""
        if "choices" in result:
            return self._openai.take_whole(result)
        return self._own(result)

    def event(self, event: dict[str, Any]) -> str:
        """Take an event in; gives the text that it brought."""
        return self._openai.take(event) if "choices" in event else self._own(event)

    def _own(self, fields: dict[str, Any]) -> str:
        self._usage = usage_of(fields.get("usage")) or self._usage
        for call in cast(list[dict[str, Any]], fields.get("tool_calls") or []):
            given: Any = call.get("arguments") or {}
            arguments = given if isinstance(given, str) else orjson.dumps(given).decode()
            id = str(call.get("id") or f"call_{len(self._calls)}")
            self._calls.append(ToolCall(id=id, name=str(call["name"]), arguments=arguments))
        text: Any = fields.get("response")
        if text is None:
            return ""
        return text if isinstance(text, str) else orjson.dumps(text).decode()

    def end(self, incoming: Incoming, most: int) -> End:
        """The answer's end: of its length where as many tokens came as were allowed."""
        calls = tuple(self._calls) or self._openai.calls
        reason: FinishReason = "tool_calls" if calls else "stop"
        cut_off = self.usage is not None and self.usage.completion_tokens >= most
        if self._openai.reason == "length" or cut_off:
            reason = "length"
        return End(reason, self.usage, calls, incoming.locality)


def _body(request: Request, most: int) -> dict[str, Any]:
    body: dict[str, Any] = {
        "messages": [wire_message(message) for message in request.messages],
        "max_tokens": most,
        "stream": request.streaming,
    }
    for name in ("temperature", "top_p", "seed"):
        if getattr(request, name) is not None:
            body[name] = getattr(request, name)
    if request.tools:
        body["tools"] = [{"type": "function", "function": tool.model_dump()} for tool in request.tools]
    if request.schema is not None:
        body["response_format"] = {"type": "json_schema", "json_schema": request.schema.schema}
    return body


def _offer(row: dict[str, Any]) -> Offer:
    properties = cast(list[dict[str, Any]], row.get("properties") or [])
    told = {str(entry.get("property_id")): entry.get("value") for entry in properties}
    length = told.get("context_window")
    task = str(table(row, "task").get("name", ""))
    return Offer(
        str(row["name"]),
        context_length=int(str(length)) if length else None,
        embedding=task == "Text Embeddings",
    )
