"""`GET /v1/models`, as OpenAI lists them, or as Anthropic does where its client asks."""

from collections import Counter
from typing import Any
from urllib.parse import unquote

import orjson

from scrivano.api.gateway.asked import unknown_model
from scrivano.api.gateway.visit import Visit

_CREATED = 0
_ROOT = "/v1/models"


async def list_models(visit: Visit) -> None:
    """All models that may be named, with `auto` first."""
    rows = await _rows(visit)
    if b"anthropic-version" in visit.headers:
        body: dict[str, Any] = {
            "data": [_anthropic(row) for row in rows],
            "has_more": False,
            "first_id": rows[0]["id"],
            "last_id": rows[-1]["id"],
        }
    else:
        body = {"object": "list", "data": rows}
    await visit.reply(orjson.dumps(body))


async def get_model(visit: Visit) -> None:
    """One of them. Raises UnknownModel."""
    name = unquote(visit.scope["path"].partition(_ROOT + "/")[2])
    for row in await _rows(visit, every_name=True):
        if row["id"] == name:
            own = _anthropic(row) if b"anthropic-version" in visit.headers else row
            await visit.reply(orjson.dumps(own))
            return
    raise unknown_model(name)


async def _rows(visit: Visit, *, every_name: bool = False) -> list[dict[str, Any]]:
    snapshot = await visit.house.llm.registry.snapshot()
    usable = [m for m in snapshot.models if m.enabled and snapshot.providers[m.provider_id].enabled]
    names = Counter(model.name for model in usable)
    rows = [{"id": "auto", "object": "model", "created": _CREATED, "owned_by": "scrivano"}]
    for model in usable:
        row: dict[str, Any] = {
            "object": "model",
            "created": _CREATED,
            "owned_by": model.provider,
            "context_length": model.context_length,
            "capabilities": sorted(model.capabilities),
        }
        full = f"{model.provider}/{model.name}"
        if every_name:
            rows += [{"id": model.name, **row}, {"id": full, **row}]
        else:
            rows.append({"id": full if names[model.name] > 1 else model.name, **row})
    return rows


def _anthropic(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "model",
        "id": row["id"],
        "display_name": row["id"],
        "created_at": "1970-01-01T00:00:00Z",
    }
