"""What was previewed is what is sent: generated templates and values, written in every wire format and read back.

    python -m benchmarks.prompts_preview [--templates 100000] [--seed 1]

Each provider's adapter writes the request's body; an independent reader, which knows nothing but the format's documentation, takes
messages and settings out of it again; their hash has to be the preview's. Settings that a format has no field for (a seed for
Anthropic, stop words for Cloudflare; a preview warns of these) are not given to it, and Anthropic's temperature ends at 1.
"""

import argparse
import json
import random
import time
from collections import Counter
from typing import Any
from uuid import uuid4

from scrivano.core import clock
from scrivano.llm.dto import Locality, Message, Timeouts
from scrivano.llm.providers import anthropic, cloudflare, gemini, openai_format
from scrivano.llm.providers.base import Endpoint, Request
from scrivano.prompts import compiled
from scrivano.prompts.canonical import prompt_hash
from scrivano.prompts.dto import (
    Author,
    PartContent,
    PinnedPart,
    TemplateContent,
    TemplateVersion,
    VersionInfo,
)

WORDS = [
    "tide",
    "Möwe",
    "{{ x }}",
    "海",
    "a\tb",
    "\u2028",
    "🌊",
    '"quoted"',
    "<b>",
    "\\n",
    "$5",
    "é́",
    "\r\n",
    " ",
    "{%",
    "\x7f",
]
ENDPOINT = Endpoint("x", "http://127.0.0.1:1/v1", Locality.LOOPBACK)
INFO = VersionInfo(id=uuid4(), number=1, hash="", note="", author=Author(), created_at=clock.now())
MOST = 4096


def text(draw: random.Random, most: int = 30) -> str:
    """Text of all kinds of characters."""
    return " ".join(draw.choice(WORDS) for _ in range(draw.randint(1, most)))


def template(draw: random.Random) -> tuple[TemplateVersion, dict[str, Any]]:
    """A template with parts, conditions, loops and variables of every type, and values for it."""
    types = {
        "a": "text",
        "b": "number",
        "c": "flag",
        "d": "list",
        "e": "json",
        "f": "choice",
        "g": "reference",
    }
    variables: dict[str, Any] = {name: {"type": kind, "required": False} for name, kind in types.items()}
    variables["f"]["choices"] = ["warm", "cold"]
    shown = [
        "{{ a }}",
        "{{#if c}}yes {{ a }}{{else}}no{{/if}}",
        "{{#each d}}- {{ this }}\n{{/each}}",
        "{{ f }}",
        "{{ g }}",
    ]
    shown += ["{{#if b}}{{ b }}{{/if}}", "{{#if e}}{{ e }}{{/if}}", r"\{{ literal }}", "{{! remark }}"]

    def piece() -> str:
        # No braces of its own between the tags: what is text in a template is escaped by whoever writes it.
        plain = text(draw, 6).replace("{{", "(")
        return "\n".join(draw.sample([plain, *shown], draw.randint(1, 4)))

    parts = {f"p{n}": PartContent(text=piece()) for n in range(3)}
    turns = draw.choice(
        [["user"], ["system", "user"], ["system", "user", "assistant", "user"], ["user", "system", "user"]]
    )
    messages: list[dict[str, Any]] = []
    for role in turns:
        items: list[dict[str, Any]] = []
        for _ in range(draw.randint(1, 4)):
            item: dict[str, Any] = (
                {"part": draw.choice(list(parts))} if draw.random() < 0.5 else {"text": piece()}
            )
            if draw.random() < 0.3:
                item["when"] = draw.choice(["c", "not c", "f is warm", "d", "not e"])
            items.append(item)
        messages.append({"role": role, "content": items})
    messages[-1]["content"].append({"text": "End."})
    settings = {
        "temperature": draw.choice([None, 0, 0.3, 1]),
        "top_p": draw.choice([None, 0.5, 0.95]),
        "max_tokens": draw.choice([1, 400, MOST]),
        "seed": draw.choice([None, 7]),
        "stop": draw.choice([None, ["END"], ["a", "b"]]),
    }
    content = TemplateContent.model_validate(
        {"variables": variables, "messages": messages, "settings": settings}
    )
    pinned = {
        n: PinnedPart(name=n, version_id=uuid4(), number=1, hash="", content=p) for n, p in parts.items()
    }
    version = TemplateVersion(name="t", description="", info=INFO, content=content, parts=pinned)
    values: dict[str, Any] = {
        "a": text(draw),
        "b": draw.choice([None, 3, 2.5]),
        "c": draw.random() < 0.5,
        "d": [text(draw, 3) for _ in range(draw.randint(0, 4))],
        "e": draw.choice([None, {"k": [1, "x"]}]),
        "f": draw.choice(["warm", "cold"]),
        "g": text(draw, 60),
    }
    return version, values


def read_openai(body: dict[str, Any]) -> tuple[list[Message], dict[str, Any]]:
    """Chat completions."""
    messages = [Message(role=m["role"], content=m["content"]) for m in body["messages"]]
    return messages, {n: body.get(n) for n in ("temperature", "top_p", "max_tokens", "seed", "stop")}


def read_anthropic(body: dict[str, Any]) -> tuple[list[Message], dict[str, Any]]:
    """The Messages API: system texts apart, turns of content blocks."""
    system = [Message(role="system", content=block["text"]) for block in body.get("system", [])]
    turns = [m for turn in body["messages"] for m in _blocks(turn["role"], turn["content"], "text")]
    settings = {n: body.get(n) for n in ("temperature", "top_p", "max_tokens")}
    return [*system, *turns], {**settings, "stop": body.get("stop_sequences")}


def read_gemini(body: dict[str, Any]) -> tuple[list[Message], dict[str, Any]]:
    """GenerateContent: system parts apart, turns of parts."""
    system = [
        Message(role="system", content=part["text"])
        for part in body.get("systemInstruction", {}).get("parts", [])
    ]
    turns: list[Message] = []
    for turn in body["contents"]:
        turns += _blocks("assistant" if turn["role"] == "model" else "user", turn["parts"], "text")
    config = body["generationConfig"]
    names = {
        "temperature": "temperature",
        "top_p": "topP",
        "max_tokens": "maxOutputTokens",
        "seed": "seed",
        "stop": "stopSequences",
    }
    return [*system, *turns], {ours: config.get(theirs) for ours, theirs in names.items()}


def _blocks(role: Any, content: Any, key: str) -> list[Message]:
    listed = [{key: content}] if isinstance(content, str) else content
    return [Message(role=role, content=block[key]) for block in listed]


FORMATS: dict[str, tuple[Any, Any, tuple[str, ...]]] = {
    "openai": (lambda r: openai_format.body_of(r, {}), read_openai, ()),
    "anthropic": (lambda r: anthropic.connect(ENDPOINT)._body(r), read_anthropic, ("seed",)),
    "gemini": (lambda r: gemini.connect(ENDPOINT)._body(r), read_gemini, ()),
    "cloudflare": (lambda r: cloudflare._body(r, r.max_tokens or MOST), read_openai, ("stop",)),
}


def measure(count: int, seed: int) -> dict[str, Any]:
    """Write and read; the figures."""
    draw = random.Random(seed)
    equal: Counter[str] = Counter()
    different: Counter[str] = Counter()
    first = ""
    begun = time.monotonic()
    for _ in range(count):
        version, values = template(draw)
        prompt = compiled.render(compiled.compile_version(version), values)
        for name, (write, read, without) in FORMATS.items():
            settings = {key: value for key, value in prompt.settings.items() if key not in without}
            expected = prompt.hash if not without else prompt_hash(prompt.messages, settings)
            request = Request(
                "m", tuple(prompt.messages), Timeouts(first_token=1, between_tokens=1), **_typed(settings)
            )
            body = json.loads(json.dumps(write(request)))
            messages, found = read(body)
            if prompt_hash(messages, found) == expected:
                equal[name] += 1
            else:
                different[name] += 1
                first = first or f"{name}: {prompt.messages} / {messages} / {settings} / {found}"
    return {
        "templates": count,
        "equal": dict(equal),
        "different": dict(different),
        "first difference": first[:2000],
        "seconds": round(time.monotonic() - begun, 1),
    }


def _typed(settings: dict[str, Any]) -> dict[str, Any]:
    return {**settings, "stop": tuple(settings.get("stop") or ())}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--templates", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    print(measure(chosen.templates, chosen.seed))


if __name__ == "__main__":
    main()
