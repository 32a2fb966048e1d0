"""`POST /v1/embeddings`."""

import base64
from array import array
from collections.abc import Sequence
from typing import Any, cast

import orjson

from scrivano.api.gateway.asked import named, unknown_model
from scrivano.api.gateway.calls import Calls
from scrivano.api.gateway.errors import BadRequest, Unsupported
from scrivano.api.gateway.visit import Visit
from scrivano.llm.public import Options


class EmbeddingsEndpoint:
    """Vectors of texts. `auto` takes the first model that makes any; vectors of different models don't compare."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def __call__(self, visit: Visit) -> None:
        """Answer one request."""
        body = await visit.json()
        model, texts = named(body), _texts(body.get("input"))
        dimensions = body.get("dimensions")
        if dimensions is not None and not isinstance(dimensions, int):
            raise BadRequest("dimensions must be an integer.", field="dimensions")
        packed = body.get("encoding_format") == "base64"
        await self._calls.check_name(visit, model, unknown_model)
        found = await visit.house.llm.embed(
            texts,
            dimensions=dimensions,
            options=Options(model=model),
            context=self._calls.context(visit, "embeddings"),
        )
        rows = [
            {"object": "embedding", "index": at, "embedding": _packed(vector) if packed else vector}
            for at, vector in enumerate(found.vectors)
        ]
        tokens = found.usage.prompt_tokens
        usage = {"prompt_tokens": tokens, "total_tokens": tokens, "cost": float(found.cost)}
        whole = {"object": "list", "data": rows, "model": found.model, "usage": usage}
        headers = self._calls.headers(found.request_id, f"{found.provider}/{found.model}", found.cost)
        await visit.reply(orjson.dumps(whole), headers)


def _texts(value: Any) -> list[str]:
    items = cast(list[Any], value) if isinstance(value, list) else [value]
    if items and all(isinstance(item, (int, list)) for item in items):
        raise Unsupported(
            "input holds token numbers, which mean something else to every model.",
            field="input",
            remedy="Send texts; in LangChain set check_embedding_ctx_length=False.",
        )
    if not items or not all(isinstance(item, str) and item for item in items):
        raise BadRequest("input must be a text or an array of texts.", field="input")
    return items


def _packed(vector: Sequence[float]) -> str:
    """Little-endian 32-bit floats in base64, as OpenAI's clients ask for them."""
    numbers = array("f", vector)
    return base64.b64encode(numbers.tobytes()).decode()
