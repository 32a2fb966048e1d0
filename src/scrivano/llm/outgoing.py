"""What goes out beside the messages, in the form in which the log keeps it."""

from typing import Any

import orjson

from scrivano.llm.log.chains import Body, body_of
from scrivano.llm.providers.base import Request


def settings_of(request: Request, project: str | None) -> dict[str, Any]:
    """All settings that were sent. A schema and tools stand as the hash of their stored text."""
    settings: dict[str, Any] = {"model": request.model, "streaming": request.streaming}
    for name in ("temperature", "top_p", "max_tokens", "seed", "tool_choice", "effort"):
        value = getattr(request, name)
        if value is not None:
            settings[name] = value
    if request.stop:
        settings["stop"] = list(request.stop)
    if request.schema is not None:
        settings["schema_name"] = request.schema.name
    for name, text in _texts(request).items():
        settings[name] = body_of(text, project).hash.hex()
    return settings


def more_bodies(request: Request, project: str | None) -> list[Body]:
    """The texts that the settings refer to."""
    return [body_of(text, project) for text in _texts(request).values()]


def _texts(request: Request) -> dict[str, bytes]:
    texts: dict[str, bytes] = {}
    if request.schema is not None:
        texts["schema"] = orjson.dumps(request.schema.schema)
    if request.tools:
        texts["tools"] = orjson.dumps([tool.model_dump() for tool in request.tools])
    return texts
