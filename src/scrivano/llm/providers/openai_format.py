"""OpenAI's format of requests and answers, apart from the connection that they go over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from scrivano.llm.dto import ContentPart, FinishReason, Message, ToolCall, Usage
from scrivano.llm.providers.base import Request

REASONS: dict[str, FinishReason] = {
    "stop": "stop",
    "eos": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}
"""What the format calls the reasons why an answer ends."""

MALFORMED = (ValueError, LookupError, TypeError, AttributeError)
"""What reading an answer raises that is none."""


def body_of(request: Request, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The request's JSON, with the differences that `settings` name."""
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [wire_message(message) for message in request.messages],
    }
    if request.streaming:
        body["stream"] = True
        if settings.get("stream_usage", True):
            body["stream_options"] = {"include_usage": True}
    if request.max_tokens is not None:
        body[settings.get("max_tokens_field", "max_tokens")] = request.max_tokens
    for name in ("temperature", "top_p", "seed"):
        if getattr(request, name) is not None and name not in settings.get("unknown_fields", ()):
            body[name] = getattr(request, name)
    if request.stop:
        body["stop"] = list(request.stop)
    if request.tools:
        body["tools"] = [{"type": "function", "function": tool.model_dump()} for tool in request.tools]
    if request.tool_choice is not None:
        body["tool_choice"] = _tool_choice(request.tool_choice)
    if request.effort is not None:
        body["reasoning_effort"] = request.effort
    if request.schema is not None:
        shape = {"name": request.schema.name, "schema": request.schema.schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": shape}
    return body


@dataclass(slots=True)
class Reading:
    """What an answer has told so far. `begun`: the model writes, be it thoughts or calls."""

    reason: str | None = None
    usage: Usage | None = None
    begun: bool = False
    _calls: dict[int, dict[str, str]] = field(default_factory=dict[int, dict[str, str]])

    def take(self, event: dict[str, Any]) -> str:
        """Take an event of a stream in; gives the text that it brought. Raises one of MALFORMED."""
        self.usage = usage_of(event.get("usage")) or self.usage
        choices = event.get("choices") or ()
        choice: dict[str, Any] = choices[0] if choices else {}
        delta: dict[str, Any] = choice.get("delta") or {}
        text = _text(delta.get("content"))
        _add_calls(self._calls, delta.get("tool_calls"))
        self.reason = choice.get("finish_reason") or self.reason
        thinks = delta.get("reasoning_content") or delta.get("reasoning")
        self.begun = bool(self.begun or text or thinks or self._calls)
        return text

    def take_whole(self, body: dict[str, Any]) -> str:
        """Take a whole answer in; gives its text. Raises one of MALFORMED."""
        choice = body["choices"][0]
        message = choice["message"]
        self.reason = choice.get("finish_reason")
        self.usage = usage_of(body.get("usage"))
        self._calls = dict(enumerate(_whole_calls(message.get("tool_calls"))))
        return _text(message.get("content"))

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The tools that are to be called."""
        return tuple(ToolCall(**fields) for _, fields in sorted(self._calls.items()))


def wire_message(message: Message) -> dict[str, Any]:
    """A message's JSON."""
    body: dict[str, Any] = {"role": message.role}
    if isinstance(message.content, str):
        body["content"] = message.content
    else:
        body["content"] = [_part(part) for part in message.content]
    if message.name is not None:
        body["name"] = message.name
    if message.tool_calls:
        body["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
        body["content"] = body["content"] or None
    if message.tool_call_id is not None:
        body["tool_call_id"] = message.tool_call_id
    return body


def _part(part: ContentPart) -> dict[str, Any]:
    if part.type == "image":
        return {"type": "image_url", "image_url": {"url": part.image_url}}
    return {"type": "text", "text": part.text}


def _tool_choice(choice: str) -> object:
    if choice in ("auto", "none", "required"):
        return choice
    return {"type": "function", "function": {"name": choice}}


def _text(content: Any) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    return "".join(str(part.get("text", "")) for part in cast(list[dict[str, Any]], content))


def _whole_calls(calls: Any) -> list[dict[str, str]]:
    return [
        {
            "id": str(call.get("id", "")),
            "name": str(call["function"]["name"]),
            "arguments": str(call["function"]["arguments"]),
        }
        for call in cast(list[dict[str, Any]], calls or [])
    ]


def _add_calls(calls: dict[int, dict[str, str]], deltas: Any) -> None:
    for delta in cast(list[dict[str, Any]], deltas or []):
        call = calls.setdefault(int(delta.get("index", 0)), {"id": "", "name": "", "arguments": ""})
        function: dict[str, Any] = delta.get("function") or {}
        call["id"] = call["id"] or str(delta.get("id") or "")
        call["name"] += str(function.get("name") or "")
        call["arguments"] += str(function.get("arguments") or "")


def usage_of(usage: Any) -> Usage | None:
    """The tokens of a `usage` object; None where there is none."""
    if not usage:
        return None
    fields = cast(dict[str, Any], usage)
    prompt: dict[str, Any] = fields.get("prompt_tokens_details") or {}
    completion: dict[str, Any] = fields.get("completion_tokens_details") or {}
    return Usage(
        prompt_tokens=int(fields.get("prompt_tokens") or 0),
        completion_tokens=int(fields.get("completion_tokens") or 0),
        cached_tokens=int(prompt.get("cached_tokens") or 0),
        reasoning_tokens=int(completion.get("reasoning_tokens") or 0),
        audio_prompt_tokens=int(prompt.get("audio_tokens") or 0),
        image_prompt_tokens=int(prompt.get("image_tokens") or 0),
        audio_completion_tokens=int(completion.get("audio_tokens") or 0),
        image_completion_tokens=int(completion.get("image_tokens") or 0),
    )
