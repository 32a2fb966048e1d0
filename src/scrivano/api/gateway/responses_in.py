"""OpenAI's responses: what comes in."""

from typing import Any, cast

from scrivano.api.gateway import reading
from scrivano.api.gateway.asked import Asked, named
from scrivano.api.gateway.chat_in import effort, noted, schema_of
from scrivano.api.gateway.errors import BadRequest, Unsupported
from scrivano.api.gateway.reading import Fields
from scrivano.llm.public import ContentPart, Message, Schema, Tool, ToolCall

_REFUSED: dict[str, Any] = {
    "previous_response_id": (),
    "conversation": (),
    "background": (False,),
    "prompt": (),
    "top_logprobs": (0,),
}
_ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
_TEXTS = ("input_text", "output_text", "text", "refusal")


def read_response(body: Fields) -> Asked:
    """A request for a response in the service's terms. Raises BadRequest that names the field."""
    reading.refuse(body, _REFUSED)
    messages: list[Message] = []
    if instructions := reading.text(body.get("instructions"), "instructions"):
        messages.append(Message(role="system", content=instructions))
    messages += _input(body.get("input"))
    if not messages:
        raise BadRequest("input must not be empty.", field="input")
    return Asked(
        model=named(body),
        messages=messages,
        settings={
            "temperature": body.get("temperature"),
            "top_p": body.get("top_p"),
            "max_tokens": body.get("max_output_tokens"),
            "tool_choice": _choice(body.get("tool_choice")),
            "effort": effort(
                reading.fields(body.get("reasoning"), "reasoning").get("effort"), "reasoning.effort"
            ),
        },
        tools=_tools(body.get("tools")),
        schema=_schema(reading.fields(body.get("text"), "text")),
        stream=reading.flag(body.get("stream"), "stream"),
        labels=noted(body),
        variables=reading.fields(body.get("variables"), "variables") or None,
    )


def _input(value: Any) -> list[Message]:
    if isinstance(value, str):
        return [reading.make(Message, "input", {"role": "user", "content": value})]
    messages: list[Message] = []
    calls: list[ToolCall] = []
    for at, item in enumerate(reading.objects(value, "input")):
        where = f"input.{at}"
        kind = item.get("type", "message")
        if kind == "function_call":
            fields = {"id": item.get("call_id"), "name": item.get("name"), "arguments": item.get("arguments")}
            calls.append(reading.make(ToolCall, where, fields))
            continue
        if kind == "reasoning":
            continue
        _say(messages, calls)
        if kind == "function_call_output":
            id = reading.text(item.get("call_id"), f"{where}.call_id")
            given = {
                "role": "tool",
                "tool_call_id": id,
                "content": _content(item.get("output"), f"{where}.output"),
            }
        elif kind == "message":
            role = _ROLES.get(str(item.get("role")))
            if role is None:
                raise BadRequest(f"{where}.role must be one of {', '.join(_ROLES)}.", field=f"{where}.role")
            given = {"role": role, "content": _content(item.get("content"), f"{where}.content")}
        else:
            raise Unsupported(f"{where}: items of type {kind!r} are not supported.", field=f"{where}.type")
        messages.append(reading.make(Message, where, given))
    _say(messages, calls)
    return messages


def _say(messages: list[Message], calls: list[ToolCall]) -> None:
    """Calls of tools belong to what the assistant said just before them."""
    if not calls:
        return
    last = messages[-1] if messages else None
    if last is not None and last.role == "assistant":
        messages[-1] = last.model_copy(update={"tool_calls": tuple(calls)})
    else:
        messages.append(Message(role="assistant", tool_calls=tuple(calls)))
    calls.clear()


def _content(value: Any, where: str) -> str | tuple[ContentPart, ...]:
    if not isinstance(value, list):
        return reading.text(value, where)
    parts = reading.objects(cast(Any, value), where)
    return reading.content(_part(part, f"{where}.{at}") for at, part in enumerate(parts))


def _part(part: Fields, where: str) -> ContentPart:
    kind = part.get("type")
    if kind in _TEXTS:
        return ContentPart(
            text=reading.text(part.get("refusal" if kind == "refusal" else "text"), f"{where}.text")
        )
    if kind == "input_image" and part.get("image_url"):
        return reading.image(part["image_url"], f"{where}.image_url")
    raise Unsupported(f"{where}: content of type {kind!r} is not supported.", field=f"{where}.type")


def _tools(value: Any) -> tuple[Tool, ...]:
    found: list[Tool] = []
    for at, item in enumerate(reading.objects(value or [], "tools")):
        where = f"tools.{at}"
        if item.get("type") != "function":
            raise Unsupported(f"{where}: tools of type {item.get('type')!r} are not supported.", field=where)
        found.append(reading.tool(item.get("name"), item.get("description"), item.get("parameters"), where))
    return tuple(found)


def _choice(value: Any) -> str | None:
    if value is None or value in ("auto", "none", "required"):
        return value
    name = reading.fields(value, "tool_choice").get("name")
    if not isinstance(name, str):
        raise BadRequest(
            "tool_choice must be `auto`, `none`, `required` or name a function.", field="tool_choice"
        )
    return name


def _schema(text: Fields) -> Schema | None:
    shape = reading.fields(text.get("format"), "text.format")
    kind = shape.get("type", "text")
    if kind == "text":
        return None
    if kind == "json_object":
        return Schema("json", {"type": "object"})
    if kind != "json_schema":
        raise BadRequest(
            "text.format.type must be `text`, `json_object` or `json_schema`.", field="text.format.type"
        )
    return schema_of(shape, "text.format")
