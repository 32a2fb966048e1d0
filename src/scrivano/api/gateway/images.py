"""`POST /v1/images/generations`."""

import base64
import time
from typing import Any

import orjson

from scrivano.api.gateway import reading
from scrivano.api.gateway.asked import unknown_model
from scrivano.api.gateway.calls import Calls
from scrivano.api.gateway.errors import BadRequest, NotImplementedHere
from scrivano.api.gateway.visit import Visit
from scrivano.llm.public import Options

_REFUSED: dict[str, Any] = {"n": (1,), "stream": (False,), "response_format": ("b64_json",)}


class Images:
    """One picture a request, in base64."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def __call__(self, visit: Visit) -> None:
        """Answer one request. Raises NotImplementedHere where no model makes pictures."""
        body = await visit.json()
        reading.refuse(body, _REFUSED)
        prompt = reading.text(body.get("prompt"), "prompt")
        if not prompt.strip():
            raise BadRequest("prompt must not be empty.", field="prompt")
        model = reading.text(body.get("model"), "model") or "auto"
        snapshot = await visit.house.llm.registry.snapshot()
        if not any("images" in m.capabilities and m.enabled for m in snapshot.models):
            raise NotImplementedHere(
                "No image model is registered.", field="model", remedy="Add one with: scrivano models add"
            )
        await self._calls.check_name(visit, model, unknown_model)
        found = await visit.house.llm.generate_image(
            prompt,
            size=body.get("size"),
            quality=body.get("quality"),
            style=body.get("style"),
            options=Options(model=model),
            context=self._calls.context(visit, "images"),
        )
        picture = {"b64_json": base64.b64encode(found.data).decode()}
        if found.revised_prompt:
            picture["revised_prompt"] = found.revised_prompt
        whole = {"created": int(time.time()), "data": [picture]}
        headers = self._calls.headers(found.request_id, f"{found.provider}/{found.model}", found.cost)
        await visit.reply(orjson.dumps(whole), headers)
