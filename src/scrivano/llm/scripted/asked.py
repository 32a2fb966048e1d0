"""A request in the scripted model's own terms, whatever wire format brought it."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass(frozen=True)
class Asked:
    """A request in the engine's own terms. `messages` are role and text (and what else the caller sent)."""

    model: str
    messages: list[dict[str, Any]]
    schema: dict[str, Any] | None = None
    schema_name: str | None = None
    max_tokens: int | None = None
    tools: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    tool_choice: str | None = None
    stop: tuple[str, ...] = ()
    stream: bool = False
    path: str = "chat"

    @property
    def text(self) -> str:
        """The text of all messages, in order."""
        return "\n\n".join(text_of(message) for message in self.messages)

    @property
    def last(self) -> str:
        """The last message's text."""
        return text_of(self.messages[-1]) if self.messages else ""

    @property
    def prefilled(self) -> bool:
        """Whether the answer's beginning is given, to be gone on from."""
        return bool(self.messages) and self.messages[-1].get("role") == "assistant"

    def hash(self) -> str:
        """What the answer depends on, besides the script's seed."""
        canonical = [self.messages, self.model, self.schema, self.max_tokens, self.tools, self.tool_choice]
        packed = orjson.dumps(canonical, option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(packed).hexdigest()


def text_of(message: dict[str, Any]) -> str:
    """A message's text, whether it is plain or in parts."""
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "".join(str(part.get("text", "")) for part in content)
