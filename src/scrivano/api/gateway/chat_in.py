"""OpenAI's chat completions: what comes in."""

from typing import Any

import orjson

from scrivano.api.gateway import reading
from scrivano.api.gateway.asked import Asked, named
from scrivano.api.gateway.errors import BadRequest, Unsupported
from scrivano.api.gateway.reading import Fields
from scrivano.api.gateway.schema_check import flaw
from scrivano.llm.public import ContentPart, Message, Schema, Tool, ToolCall

_REFUSED: dict[str, Any] = {
    "n": (1,),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "audio": (),
    "functions": ([],),
    "function_call": ("none",),
    "modalities": (["text"],),
    "prediction": (),
    "web_search_options": (),
}
_IGNORED: dict[str, Any] = {
    "frequency_penalty": (0, None),
    "presence_penalty": (0, None),
    "logit_bias": ({}, None),
    "verbosity": (None,),
}
_EFFORTS = {"none": None, "minimal": "low", "low": "low", "medium": "medium", "high": "high", "xhigh": "high"}
_ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant", "tool": "tool"}


def read_chat(body: Fields) -> Asked:
    """A chat request in the service's terms. Raises BadRequest that names the field."""
    reading.refuse(body, _REFUSED)
    stop = body.get("stop")
    stream = reading.flag(body.get("stream"), "stream")
    return Asked(
        model=named(body),
        messages=[_message(item, f"messages.{at}") for at, item in enumerate(_messages(body))],
        settings={
            "temperature": body.get("temperature"),
            "top_p": body.get("top_p"),
            "max_tokens": body.get("max_completion_tokens") or body.get("max_tokens"),
            "seed": body.get("seed"),
            "stop": (stop,) if isinstance(stop, str) else stop,
            "tool_choice": _choice(body.get("tool_choice")),
            "effort": effort(body.get("reasoning_effort"), "reasoning_effort"),
        },
        tools=_tools(body.get("tools")),
        schema=_schema(reading.fields(body.get("response_format"), "response_format")),
        stream=stream,
        with_usage=stream
        and reading.fields(body.get("stream_options"), "stream_options").get("include_usage") is True,
        labels=noted(body),
        variables=reading.fields(body.get("variables"), "variables") or None,
        ignored=tuple(name for name, harmless in _IGNORED.items() if body.get(name) not in harmless),
    )


def noted(body: Fields) -> dict[str, str]:
    """`metadata` and `user` as labels of the request."""
    metadata, user = body.get("metadata"), body.get("user")
    if not metadata and not user:
        return {}
    labels = reading.labels(metadata, "metadata")
    return labels | {"user": reading.text(user, "user")[:512].replace("\x00", "")} if user else labels


def effort(value: Any, where: str) -> str | None:
    """How much a model is to think. Raises BadRequest."""
    if value is None:
        return None
    if not isinstance(value, str) or value not in _EFFORTS:
        raise BadRequest(f"{where} must be one of {', '.join(_EFFORTS)}.", field=where)
    return _EFFORTS[value]


def _messages(body: Fields) -> list[Fields]:
    found = reading.objects(body.get("messages"), "messages")
    if not found:
        raise BadRequest("messages must not be empty.", field="messages")
    return found


def _message(item: Fields, where: str) -> Message:
    role = _ROLES.get(str(item.get("role")))
    if role is None:
        raise BadRequest(f"{where}.role must be one of {', '.join(_ROLES)}.", field=f"{where}.role")
    given: Fields = {"role": role, "content": _content(item.get("content"), f"{where}.content")}
    if item.get("name") is not None:
        given["name"] = item["name"]
    if item.get("tool_calls"):
        calls = reading.objects(item["tool_calls"], f"{where}.tool_calls")
        given["tool_calls"] = tuple(_call(c, f"{where}.tool_calls.{at}") for at, c in enumerate(calls))
    if role == "tool":
        given["tool_call_id"] = reading.text(item.get("tool_call_id"), f"{where}.tool_call_id")
    return reading.make(Message, where, given)


def _call(item: Fields, where: str) -> ToolCall:
    function = reading.fields(item.get("function"), f"{where}.function")
    fields = {"id": item.get("id"), "name": function.get("name"), "arguments": function.get("arguments")}
    return reading.make(ToolCall, where, fields)


def _content(value: Any, where: str) -> str | tuple[ContentPart, ...]:
    if not isinstance(value, list):
        return reading.text(value, where)
    parts = reading.objects(value, where)  # pyright: ignore[reportUnknownArgumentType]
    return reading.content(_part(part, f"{where}.{at}") for at, part in enumerate(parts))


def _part(part: Fields, where: str) -> ContentPart:
    kind = part.get("type")
    if kind in ("text", "refusal"):
        return ContentPart(text=reading.text(part.get(kind), f"{where}.{kind}"))
    if kind == "image_url":
        return reading.image(
            reading.fields(part.get("image_url"), where).get("url"), f"{where}.image_url.url"
        )
    raise Unsupported(f"{where}: content of type {kind!r} is not supported.", field=f"{where}.type")


def _tools(value: Any) -> tuple[Tool, ...]:
    if not value:
        return ()
    found: list[Tool] = []
    for at, item in enumerate(reading.objects(value, "tools")):
        where = f"tools.{at}"
        if item.get("type") != "function":
            raise Unsupported(f"{where}: tools of type {item.get('type')!r} are not supported.", field=where)
        function = reading.fields(item.get("function"), f"{where}.function")
        found.append(
            reading.tool(
                function.get("name"),
                function.get("description"),
                function.get("parameters"),
                f"{where}.function",
            )
        )
    return tuple(found)


def _choice(value: Any) -> str | None:
    if value is None or value in ("auto", "none", "required"):
        return value
    function = reading.fields(value, "tool_choice").get("function")
    name = reading.fields(function, "tool_choice.function").get("name")
    if not isinstance(name, str):
        raise BadRequest(
            "tool_choice must be `auto`, `none`, `required` or name a function.", field="tool_choice"
        )
    return name


def _schema(shape: Fields) -> Schema | None:
    kind = shape.get("type")
    if kind in (None, "text"):
        return None
    if kind == "json_object":
        return Schema("json", {"type": "object"})
    if kind != "json_schema":
        raise BadRequest(
            "response_format.type must be `text`, `json_object` or `json_schema`.",
            field="response_format.type",
        )
    return schema_of(
        reading.fields(shape.get("json_schema"), "response_format.json_schema"), "response_format.json_schema"
    )


def schema_of(given: Fields, where: str) -> Schema:
    """A named JSON schema. Raises BadRequest for what is none, or what no answer could ever meet."""
    schema = reading.fields(given.get("schema"), f"{where}.schema")
    if not schema:
        raise BadRequest(f"{where}.schema is missing.", field=f"{where}.schema")
    try:
        orjson.dumps(schema)
    except TypeError as error:
        raise BadRequest(f"{where}.schema is no JSON: {error}.", field=f"{where}.schema") from error
    wrong = flaw(schema)
    if wrong is not None:
        field = f"{where}.schema.{wrong[0]}".rstrip(".")
        raise BadRequest(
            f"The schema cannot be met: {wrong[1]}.", field=field, remedy=f"Change the schema at {field}."
        )
    return Schema(str(given.get("name") or "answer"), schema)
