"""The text of an answer: by the rule, or made up from what is asked."""

from dataclasses import dataclass, field
from typing import Any

import orjson

from scrivano.llm.scripted.asked import Asked
from scrivano.llm.scripted.dice import Dice
from scrivano.llm.scripted.prose import points_asked, prose, words_asked
from scrivano.llm.scripted.schema_json import make_value, schema_in
from scrivano.llm.scripted.script import Rule
from scrivano.llm.scripted.tokens import tokenize
from scrivano.llm.scripted.words import vocabulary

_DEFAULT_WORDS = 60


@dataclass
class Reply:
    """A complete answer before anything goes wrong with it."""

    tokens: list[str]
    finish_reason: str
    tool_calls: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self.tokens)


def compose(asked: Asked, rule: Rule, key: str) -> Reply:
    """The answer to `asked` under `rule`; the same for the same `key`."""
    calls = _tool_calls(asked, rule, key)
    text = "" if calls else _text(asked, rule, key)
    text, stopped = _up_to_stop(text, asked.stop)
    tokens = tokenize(text)
    finish = "tool_calls" if calls else "stop"
    if rule.early_stop is not None:
        tokens = tokens[: max(1, int(len(tokens) * rule.early_stop))]
    if asked.max_tokens is not None and len(tokens) > asked.max_tokens:
        tokens = tokens[: asked.max_tokens]
        finish = "length"
    return Reply(tokens, rule.finish_reason or ("stop" if stopped and finish != "length" else finish), calls)


def _text(asked: Asked, rule: Rule, key: str) -> str:
    text = _body(asked, rule, key)
    dice = Dice(f"{key}:around")
    if rule.garbage:
        text = f"}}{{%&{dice.below(10**9)}<|im_ {text[:40]}"
    if rule.wrap_json:
        text = f"Certainly, this is what I came up with:\n\n```json\n{text}\n```\n\nIt follows your schema."
    if rule.leak:
        words = vocabulary()
        text = f"{dice.pick(words.leak_before)}\n\n{text}\n\n{dice.pick(words.leak_after)}"
    return text


def _body(asked: Asked, rule: Rule, key: str) -> str:
    if rule.text is not None:
        return rule.text
    schema = asked.schema or schema_in(asked.last)
    if rule.json_value is not None and rule.json_value is not True:
        return orjson.dumps(rule.json_value).decode()
    if schema is not None and not rule.prose:
        return orjson.dumps(make_value(schema, asked.text, key), option=orjson.OPT_INDENT_2).decode()
    words = rule.words or words_asked(asked.last) or words_asked(asked.text) or _DEFAULT_WORDS
    return prose(key, max(1, round(words * rule.length_factor)), points_asked(asked.last))


def _tool_calls(asked: Asked, rule: Rule, key: str) -> list[dict[str, Any]]:
    if rule.tool_calls is not None:
        wanted = [(str(call["name"]), call.get("arguments", {})) for call in rule.tool_calls]
    else:
        wanted = _chosen_tool(asked, rule, key)
    digest = key.rpartition(":")[2][:12]
    return [
        {"id": f"call_{digest}_{number}", "name": name, "arguments": orjson.dumps(arguments).decode()}
        for number, (name, arguments) in enumerate(wanted)
    ]


def _chosen_tool(asked: Asked, rule: Rule, key: str) -> list[tuple[str, Any]]:
    """A tool is called where the caller demands it, or offers some and has not answered one yet."""
    answered = bool(asked.messages) and asked.messages[-1].get("role") == "tool"
    spoken = rule.text is not None or rule.prose or rule.json_value is not None
    if not asked.tools or asked.tool_choice == "none" or spoken or answered:
        return []
    named = next((tool for tool in asked.tools if tool["name"] == asked.tool_choice), asked.tools[0])
    return [(named["name"], make_value(named.get("parameters") or {"type": "object"}, asked.text, key))]


def _up_to_stop(text: str, stops: tuple[str, ...]) -> tuple[str, bool]:
    ends = [found for stop in stops if stop and (found := text.find(stop)) >= 0]
    return (text[: min(ends)], True) if ends else (text, False)
