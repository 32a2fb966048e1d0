"""Values that fit a JSON schema, made up from a key: plausible words, lengths that the prompt asked for."""

import re
from dataclasses import dataclass
from typing import Any, cast

import orjson

from scrivano.llm.scripted.dice import Dice
from scrivano.llm.scripted.prose import phrase, sentence, title, words_asked

Schema = dict[str, Any]

_TITLES = re.compile(r"title|name|heading|topic|label|term", re.I)
_LINES = re.compile(
    r"summary|description|promise|reason|note|text|fact|thread|content|premise|audience|tone", re.I
)
_COMPLAINTS = re.compile(r"finding|issue|problem|contradiction|error|mistake|warning|violation", re.I)
_DEPTH = 12


@dataclass
class _Maker:
    root: Schema
    prompt: str
    words: int | None

    def make(self, schema: Schema, path: tuple[str, ...], dice: Dice) -> Any:
        schema = self._resolve(schema)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return dice.pick(schema["enum"])
        for word in ("anyOf", "oneOf"):
            if schema.get(word):
                return self.make(self._preferred(schema[word], len(path)), path, dice)
        if schema.get("allOf"):
            merged: Schema = {}
            for part in schema["allOf"]:
                merged |= self._resolve(part)
            return self.make(merged, path, dice)
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kind, list):
            kinds = cast(list[str], kind)
            kind = next((one for one in kinds if one != "null"), "null")
        if kind == "object":
            return self._object(schema, path, dice)
        if kind == "array":
            return self._array(schema, path, dice)
        if kind in ("integer", "number"):
            return self._number(schema, path, dice, whole=kind == "integer")
        if kind == "boolean":
            return bool(dice.below(2))
        return None if kind == "null" else self._string(schema, path, dice)

    def _resolve(self, schema: Schema) -> Schema:
        for _ in range(_DEPTH):
            reference = schema.get("$ref")
            if not isinstance(reference, str):
                break
            target: Any = self.root
            for part in reference.removeprefix("#/").split("/"):
                target = target[part] if part and part != "#" else target
            schema = cast(Schema, target) | {k: v for k, v in schema.items() if k != "$ref"}
        return schema

    def _preferred(self, choices: list[Schema], depth: int) -> Schema:
        resolved = [self._resolve(choice) for choice in choices]
        if depth > _DEPTH:
            return next((one for one in resolved if one.get("type") == "null"), resolved[0])
        return next((one for one in resolved if one.get("type") != "null"), resolved[0])

    def _object(self, schema: Schema, path: tuple[str, ...], dice: Dice) -> dict[str, Any]:
        if "properties" not in schema:
            inner = schema.get("additionalProperties")
            if isinstance(inner, dict):
                value = cast(Schema, inner)
                return {dice.pick(("first", "second")): self.make(value, (*path, "value"), dice)}
            return {}
        wanted = set(cast(list[str], schema.get("required", [])))
        properties = cast(dict[str, Schema], schema["properties"])
        return {
            name: self.make(part, (*path, name), dice)
            for name, part in properties.items()
            if name in wanted or len(path) < _DEPTH
        }

    def _array(self, schema: Schema, path: tuple[str, ...], dice: Dice) -> list[Any]:
        name = path[-1] if path else ""
        low = int(schema.get("minItems", 0))
        high = int(schema.get("maxItems", max(low, 60)))
        wanted = self._asked(name)
        if wanted is None:
            wanted = 0 if _COMPLAINTS.search(name) else dice.between(3, 4)
        if len(path) > _DEPTH:
            wanted = low
        length = max(low, min(high, wanted))
        before = cast(list[Schema], schema.get("prefixItems", []))
        item = schema.get("items") or {"type": "string"}
        parts = [*before, *[cast(Schema, item)] * max(0, length - len(before))][: max(length, len(before))]
        values: list[Any] = []
        for index, part in enumerate(parts):
            value = self.make(part, (*path, str(index)), dice)
            if schema.get("uniqueItems") and value in values:
                continue
            values.append(value)
        return values

    def _asked(self, name: str) -> int | None:
        if not name:
            return None
        found = re.findall(rf"\b(\d{{1,3}})\s+(?:\w+\s+)?{re.escape(name)}\b", self.prompt, re.I)
        return int(found[-1]) if found else None

    def _number(self, schema: Schema, path: tuple[str, ...], dice: Dice, *, whole: bool) -> float | int:
        low = schema.get(
            "minimum", schema.get("exclusiveMinimum", -1) + 1 if "exclusiveMinimum" in schema else 1
        )
        high = schema.get("maximum", max(low, low + 99))
        if "exclusiveMaximum" in schema:
            high = schema["exclusiveMaximum"] - (1 if whole else 1e-6)
        name = path[-1] if path else ""
        if re.fullmatch(r"number|index|position|order", name) and len(path) >= 2 and path[-2].isdigit():
            return max(low, min(high, int(path[-2]) + 1))
        if "words" in name and self.words:
            share = self.words // (self._asked("chapters") or 1)
            return int(max(low, min(high if "maximum" in schema else share, share)))
        step = schema.get("multipleOf")
        if step:
            return low + step * dice.below(max(1, int((high - low) / step)))
        return dice.between(int(low), int(high)) if whole else low + (high - low) * dice.unit()

    def _string(self, schema: Schema, path: tuple[str, ...], dice: Dice) -> str:
        formats = {"date": "2026-05-14", "date-time": "2026-05-14T09:30:00Z", "email": "reader@example.org"}
        if schema.get("format") in formats:
            return formats[schema["format"]]
        name = next((part for part in reversed(path) if not part.isdigit()), "")
        if path and path[-1].isdigit():
            text = phrase(dice)
        elif _TITLES.search(name):
            text = title(dice)
        elif _LINES.search(name):
            text = sentence(dice)
        else:
            text = phrase(dice)
        while len(text) < int(schema.get("minLength", 0)):
            text += " " + sentence(dice)
        return text[: int(schema["maxLength"])].rstrip() if "maxLength" in schema else text


def make_value(schema: Schema, prompt: str, key: str | bytes) -> Any:
    """A value that fits `schema`. A count in the prompt (`12 chapters`) sets that array's length."""
    maker = _Maker(schema, prompt, words_asked(prompt))
    return maker.make(schema, (), Dice(key))


def schema_in(text: str) -> Schema | None:
    """The last JSON schema of an object that stands in `text`, for prompts that carry it themselves."""
    for found in reversed(list(re.finditer(r"\{", text))):
        candidate = _balanced(text, found.start())
        if candidate is None or '"properties"' not in candidate:
            continue
        try:
            value = orjson.loads(candidate)
        except orjson.JSONDecodeError:
            continue
        if isinstance(value, dict) and "properties" in value and _is_outermost(text, found.start()):
            return cast(Schema, value)
    return None


def _is_outermost(text: str, start: int) -> bool:
    before = text[:start]
    return before.count("{") <= before.count("}")


def _balanced(text: str, start: int) -> str | None:
    depth = 0
    for index in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[index], 0)
        if depth == 0:
            return text[start : index + 1]
    return None
