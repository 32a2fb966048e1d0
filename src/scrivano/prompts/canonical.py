"""The canonical form of what is sent, and hashes over it: what was previewed is what goes out."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from scrivano.llm.public import Message
from scrivano.prompts.dto import PartContent, TemplateContent


def canonical_json(value: JsonValue) -> bytes:
    """JSON with one spelling: keys sorted, no spaces, UTF-8, whole numbers without a fraction.

    Raises ValueError for NaN and infinities.
    """
    return json.dumps(
        _plain(value), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    ).encode()


def prompt_hash(messages: Sequence[Message], settings: Mapping[str, JsonValue]) -> str:
    """SHA-256 in hex of messages and settings. A setting that is None or an empty list counts as absent."""
    present: JsonValue = {key: value for key, value in settings.items() if value is not None and value != []}
    listed = b",".join(message.canonical() for message in messages)
    sent = b'{"messages":[' + listed + b'],"settings":' + canonical_json(present) + b"}"
    return hashlib.sha256(sent).hexdigest()


def part_hash(content: PartContent) -> str:
    """SHA-256 in hex of a part's content."""
    return _sha256(content.model_dump(mode="json", exclude_defaults=True))


def template_hash(
    content: TemplateContent, parts: Mapping[str, str], templates: Mapping[str, str] | None = None
) -> str:
    """SHA-256 in hex of a template's content and the hashes of the parts and templates it pins, by name."""
    whole: dict[str, JsonValue] = {
        "template": content.model_dump(mode="json", exclude_defaults=True),
        "parts": dict(parts),
    }
    if templates:
        whole["templates"] = dict(templates)
    return _sha256(whole)


def _sha256(value: JsonValue) -> str:
    return hashlib.sha256(canonical_json(value)).hexdigest()


def _plain(value: JsonValue) -> JsonValue:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
