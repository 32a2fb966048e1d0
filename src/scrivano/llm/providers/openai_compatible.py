"""The OpenAI wire format: llama.cpp, Ollama, vLLM, LM Studio, OpenAI, OpenRouter, Groq and many more.

What servers do differently is data: an endpoint's `settings` may hold `max_tokens_field`, `stream_usage`
(false: the server refuses `stream_options`), `unknown_fields` (of `temperature`, `top_p`, `seed`), `headers`,
`key_header` (else the key is a Bearer token), `api_version` and `tokenize` (`llama.cpp` or `vllm`). What is known
of a host by its name is in `profiles.toml`; an endpoint's own settings come first.
"""

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urlsplit

import orjson

from scrivano.llm.dto import Timeouts
from scrivano.llm.providers import openai_images
from scrivano.llm.providers.abilities import Picture, PictureWish, Vectors
from scrivano.llm.providers.base import AttemptFailed, Description, End, Endpoint, Offer, Request, Trouble
from scrivano.llm.providers.http import Http, Incoming, loop_time
from scrivano.llm.providers.openai_format import MALFORMED, REASONS, Reading, body_of, usage_of
from scrivano.llm.providers.profiles import profile_of
from scrivano.llm.providers.servers import describe

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*b\b", re.I)


def connect(endpoint: Endpoint) -> "OpenAICompatible":
    """A connection to such a server; `base_url` ends in what comes before `/chat/completions`."""
    return OpenAICompatible(endpoint)


class OpenAICompatible:
    """See `Provider`, `Embeds` and `Paints`."""

    holds_back = True

    def __init__(self, endpoint: Endpoint) -> None:
        settings = {**profile_of(endpoint.base_url), **endpoint.settings}
        self._endpoint = endpoint = replace(endpoint, settings=settings)
        self._http = Http(endpoint)
        self._headers: dict[str, str] = dict(settings.get("headers", {}))
        if endpoint.api_key:
            header = settings.get("key_header", "Authorization")
            prefix = "Bearer " if header == "Authorization" else ""
            self._headers[header] = prefix + endpoint.api_key

    async def close(self) -> None:
        """Close connections."""
        await self._http.close()

    async def answer(self, request: Request) -> AsyncGenerator[str | End]:
        """See `Provider.answer`."""
        deadline = loop_time() + (request.timeouts.first_token or 60.0)
        async with self._http.send(
            "POST",
            self._path("/chat/completions"),
            body=body_of(request, self._endpoint.settings),
            headers=self._headers,
            timeouts=request.timeouts,
            deadline=deadline,
            ready=request.ready,
        ) as incoming:
            reader = self._streamed(incoming) if request.streaming else self._whole(incoming)
            async with aclosing(reader):
                async for piece in reader:
                    yield piece

    async def _whole(self, incoming: Incoming) -> AsyncGenerator[str | End]:
        raw, reading = await incoming.read(), Reading()
        try:
            text = reading.take_whole(cast(dict[str, Any], orjson.loads(raw)))
        except MALFORMED as error:
            raise self._http.garbage(incoming, raw) from error
        if text:
            yield text
        yield self._end(incoming, reading)

    async def _streamed(self, incoming: Incoming) -> AsyncGenerator[str | End]:
        reading = Reading()
        try:
            async with aclosing(self._read(incoming, reading)) as pieces:
                async for piece in pieces:
                    yield piece
        except AttemptFailed as failed:
            # Some servers count as they go; then what was taken until a break is known and not only bounded.
            failed.usage = failed.usage or reading.usage
            raise
        yield self._end(incoming, reading)

    async def _read(self, incoming: Incoming, reading: Reading) -> AsyncGenerator[str]:
        async for data in incoming.events():
            if data == b"[DONE]":
                await incoming.drain()
                break
            try:
                event = cast(dict[str, Any], orjson.loads(data))
                text = reading.take(event)
            except MALFORMED as error:
                raise self._http.garbage(incoming, data) from error
            if "error" in event:
                error = event["error"]
                told = cast(dict[str, Any], error).get("message") if isinstance(error, dict) else error
                raise self._http.cut(incoming, f"failed midway: {told}", usage=reading.usage)
            if reading.begun:
                incoming.begun()
            if text:
                yield text

    def _end(self, incoming: Incoming, reading: Reading) -> End:
        if reading.reason is None:
            # Neither a reason nor a broken connection: the answer may be half of one, and that is no answer.
            raise self._http.cut(incoming, "ended the answer without saying why.", usage=reading.usage)
        if reading.reason == "content_filter":
            why = "withheld the answer: content filter."
            raise self._http.cut(incoming, why, Trouble.FILTERED, reading.usage)
        return End(REASONS.get(reading.reason, "stop"), reading.usage, reading.calls, incoming.locality)

    async def offers(self, *, within: float) -> list[Offer]:
        """See `Provider.offers`."""
        body = await self._get(self._path("/models"), within)
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
            raise self._http.garbage(incoming, raw) from error

    def _path(self, path: str) -> str:
        version = self._endpoint.settings.get("api_version")
        return f"{path}?api-version={version}" if version else path

    async def embed(
        self, model: str, texts: Sequence[str], *, dimensions: int | None, timeouts: Timeouts
    ) -> Vectors:
        """See `Embeds.embed`."""
        body: dict[str, Any] = {"model": model, "input": list(texts), "encoding_format": "float"}
        if dimensions is not None:
            body["dimensions"] = dimensions
        fetched = await self._http.fetch(
            "POST", self._path("/embeddings"), headers=self._headers, body=body, timeouts=timeouts
        )
        try:
            table = fetched.table()
            rows = sorted(cast(list[dict[str, Any]], table["data"]), key=lambda row: int(row["index"]))
            vectors = tuple(tuple(map(float, row["embedding"])) for row in rows)
            usage = usage_of(table.get("usage"))
        except MALFORMED as error:
            raise fetched.garbage() from error
        if len(vectors) != len(texts):
            raise fetched.garbage()
        return Vectors(vectors, usage, fetched.locality)

    async def paint(self, wish: PictureWish, *, timeouts: Timeouts) -> Picture:
        """See `Paints.paint`."""
        path = self._path("/images/generations")
        return await openai_images.paint(self._http, path, self._headers, wish, timeouts)

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
