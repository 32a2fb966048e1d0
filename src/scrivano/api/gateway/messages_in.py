"""Anthropic's messages: what comes in."""

from typing import Any, cast

import orjson

from scrivano.api.gateway import reading
from scrivano.api.gateway.asked import Asked, named
from scrivano.api.gateway.chat_in import schema_of
from scrivano.api.gateway.errors import BadRequest, Unsupported
from scrivano.api.gateway.reading import Fields
from scrivano.llm.public import ContentPart, Message, Schema, Tool, ToolCall

_THINKING = ("thinking", "redacted_thinking")
_CHOICES = {"auto": "auto", "any": "required", "none": "none"}


def read_messages(body: Fields, *, counting: bool = False) -> Asked:
    """A request for a message in the service's terms. Raises BadRequest that names the field.

    `counting`: only its tokens are asked for, so that `max_tokens` is not needed.
    """
    if not counting and body.get("max_tokens") is None:
        raise BadRequest("max_tokens is missing.", field="max_tokens")
    items = reading.objects(body.get("messages"), "messages")
    if not items:
        raise BadRequest("messages must not be empty.", field="messages")
    messages = _system(body.get("system"))
    for at, item in enumerate(items):
        messages += _turn(item, f"messages.{at}")
    return Asked(
        model=named(body),
        messages=messages,
        settings={
            "temperature": body.get("temperature"),
            "top_p": body.get("top_p"),
            "max_tokens": body.get("max_tokens"),
            "stop": body.get("stop_sequences"),
            "tool_choice": _choice(body.get("tool_choice")),
        },
        tools=tuple(_tools(body.get("tools"))),
        schema=_schema(body),
        stream=reading.flag(body.get("stream"), "stream"),
        labels=reading.labels(body.get("metadata"), "metadata"),
        variables=reading.fields(body.get("variables"), "variables") or None,
        ignored=tuple(name for name in ("top_k", "thinking") if body.get(name) is not None),
    )


def _system(value: Any) -> list[Message]:
    if not value:
        return []
    return [reading.make(Message, "system", {"role": "system", "content": _plain(value, "system")})]


def _turn(item: Fields, where: str) -> list[Message]:
    """One of the caller's messages; results of tools come apart as messages of their own."""
    role = item.get("role")
    if role not in ("user", "assistant", "system"):
        raise BadRequest(f"{where}.role must be `user` or `assistant`.", field=f"{where}.role")
    given = item.get("content")
    if isinstance(given, str):
        return [reading.make(Message, where, {"role": role, "content": given})]
    parts: list[ContentPart] = []
    calls: list[ToolCall] = []
    found: list[Message] = []
    for at, block in enumerate(reading.objects(given, f"{where}.content")):
        place = f"{where}.content.{at}"
        kind = block.get("type")
        if kind in _THINKING:
            continue
        if kind == "tool_result":
            found.append(_result(block, place))
        elif kind == "tool_use":
            calls.append(_use(block, place))
        else:
            parts.append(_part(block, place))
    if parts or calls or not found:
        message: Fields = {"role": role, "content": reading.content(parts), "tool_calls": tuple(calls)}
        found.append(reading.make(Message, where, message))
    return found


def _part(block: Fields, where: str) -> ContentPart:
    kind = block.get("type")
    if kind == "text":
        return ContentPart(text=reading.text(block.get("text"), f"{where}.text"))
    if kind == "image":
        source = reading.fields(block.get("source"), f"{where}.source")
        if source.get("type") == "base64":
            url = f"data:{source.get('media_type')};base64,{source.get('data')}"
            return reading.image(url, f"{where}.source")
        return reading.image(source.get("url"), f"{where}.source.url")
    raise Unsupported(f"{where}: content of type {kind!r} is not supported.", field=f"{where}.type")


def _result(block: Fields, where: str) -> Message:
    text = _plain(block.get("content"), f"{where}.content")
    if block.get("is_error") is True:
        text = f"Error: {text}"
    id = reading.text(block.get("tool_use_id"), f"{where}.tool_use_id")
    return reading.make(Message, where, {"role": "tool", "content": text, "tool_call_id": id})


def _use(block: Fields, where: str) -> ToolCall:
    arguments = orjson.dumps(reading.fields(block.get("input"), f"{where}.input")).decode()
    given = {"id": block.get("id"), "name": block.get("name"), "arguments": arguments}
    return reading.make(ToolCall, where, given)


def _plain(value: Any, where: str) -> str:
    """Text, or the text of blocks."""
    if not isinstance(value, list):
        return reading.text(value, where)
    blocks = reading.objects(cast(Any, value), where)
    return "".join(_part(block, f"{where}.{at}").text for at, block in enumerate(blocks))


def _tools(value: Any) -> list[Tool]:
    found: list[Tool] = []
    for at, item in enumerate(reading.objects(value or [], "tools")):
        if item.get("type") not in (None, "custom"):
            raise Unsupported(
                f"tools.{at}: tools of type {item['type']!r} are not supported.", field=f"tools.{at}"
            )
        found.append(
            reading.tool(item.get("name"), item.get("description"), item.get("input_schema"), f"tools.{at}")
        )
    return found


def _choice(value: Any) -> str | None:
    if value is None:
        return None
    choice = reading.fields(value, "tool_choice")
    kind = choice.get("type")
    if kind == "tool" and isinstance(choice.get("name"), str):
        return str(choice["name"])
    if kind not in _CHOICES:
        raise BadRequest(
            "tool_choice.type must be `auto`, `any`, `none` or `tool`.", field="tool_choice.type"
        )
    return _CHOICES[str(kind)]


def _schema(body: Fields) -> Schema | None:
    shape = reading.fields(body.get("output_config"), "output_config").get("format") or body.get(
        "output_format"
    )
    if not shape:
        return None
    given = reading.fields(shape, "output_config.format")
    if given.get("type") != "json_schema":
        raise BadRequest(
            "output_config.format.type must be `json_schema`.", field="output_config.format.type"
        )
    return schema_of(given, "output_config.format")
