"""How long an answer will be while there are few like it: by what the prompt asks for, the schema, the template."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, JsonValue

Basis = Literal["length", "schema", "template", "usual"]
Range = tuple[float, float]

_FILE = Path(__file__).parent / "answers.yaml"
_LENGTH_NAMES = ("words", "word_count", "length", "max_words")
_MOST_ITEMS = 1000
_DEEPEST = 12


class _Fixed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Named(_Fixed):
    names: tuple[str, ...]
    low: float
    high: float


class _Answer(_Fixed):
    by: str | None = None
    low: float
    high: float


class _Schema(_Fixed):
    text: Range
    number: Range
    flag: Range
    choice: Range
    items: Range
    margin: Range


class Known(_Fixed):
    """What `answers.yaml` holds."""

    units: dict[str, _Named]
    bounds: dict[str, _Named]
    schema_: _Schema
    templates: dict[str, _Answer]
    usual: _Answer


@cache
def known() -> Known:
    """What is known of the lengths of answers."""
    whole = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return Known.model_validate(
        {**{k: v for k, v in whole.items() if k != "schema"}, "schema_": whole["schema"]}
    )


class Asked(_Fixed):
    """What a prompt says of the answer that it wants: its `text` without the material in it, the template's name, the
    values given, and the schema that the answer has to fit."""

    text: str = ""
    template: str | None = None
    values: Mapping[str, JsonValue] = {}
    answer_schema: Mapping[str, JsonValue] | None = None


def expected(asked: Asked) -> tuple[Basis, float, float]:
    """What it rests on, and the tokens at the least and at the most."""
    if asked.answer_schema is not None:
        low, high = _of_schema(asked.answer_schema, 0)
        less, more = known().schema_.margin
        return "schema", low * less, high * more
    own = known().templates.get(asked.template or "")
    by = _size(asked.values.get(own.by)) if own and own.by else 1.0
    if own is not None and by:
        return "template", own.low * by, own.high * by
    for name in _LENGTH_NAMES:
        if words := _number(asked.values.get(name)):
            return "length", words * known().units["words"].low, words * known().units["words"].high
    if (found := in_words(asked.text)) is not None:
        return "length", *found
    return "usual", known().usual.low, known().usual.high


def in_words(text: str) -> Range | None:
    """Tokens of an answer of the length that a text asks for ("about 300 words"), the last that it names."""
    last: Range | None = None
    for found in _pattern().finditer(text):
        unit = _named(known().units, found["unit"])
        numbers = [float(n.replace(",", "").replace(".", "")) for n in (found["from"], found["to"]) if n]
        low, high = min(numbers), max(numbers)
        if not 0 < high < 10**7:
            continue
        if found["bound"]:
            bound = _named(known().bounds, found["bound"])
            low, high = low * bound.low, high * bound.high
        last = low * unit.low, high * unit.high
    return last


def _named(among: Mapping[str, _Named], name: str) -> _Named:
    wanted = " ".join(name.casefold().split())
    return next(each for each in among.values() if wanted in (n.casefold() for n in each.names))


@cache
def _pattern() -> re.Pattern[str]:
    def either(among: Mapping[str, _Named]) -> str:
        names = sorted((n for each in among.values() for n in each.names), key=len, reverse=True)
        return "|".join(re.escape(name).replace("\\ ", r"\s+") for name in names)

    number = r"\d{1,3}(?:[,.]\d{3})+|\d{1,7}"
    return re.compile(
        rf"(?:(?P<bound>\b(?:{either(known().bounds)}))\.?\s+)?(?<![\w.,])(?P<from>{number})"
        rf"(?:\s*(?:-|–|to|and|bis|or)\s*(?P<to>{number}))?[\s-]+(?P<unit>{either(known().units)})\b",
        re.IGNORECASE,
    )


def _of_schema(schema: object, depth: int) -> Range:
    """Tokens of JSON that fits a schema, bounds of lengths and counts taken into account."""
    sizes = known().schema_
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return sizes.text
    fields: Mapping[str, object] = schema  # pyright: ignore[reportUnknownVariableType]
    for several in ("anyOf", "oneOf"):
        options = fields.get(several)
        if isinstance(options, Sequence) and options and not isinstance(options, str):
            ranges = [_of_schema(option, depth + 1) for option in options]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
            return min(r[0] for r in ranges), max(r[1] for r in ranges)
    if "enum" in fields or "const" in fields:
        return sizes.choice
    kind = fields.get("type")
    if kind == "object" or "properties" in fields:
        return _of_object(fields, depth)
    if kind == "array":
        fewest, most = _number(fields.get("minItems")), _number(fields.get("maxItems"))
        item = _of_schema(fields.get("items"), depth + 1)
        low, high = fewest or sizes.items[0], min(most or max(sizes.items[1], fewest or 0), _MOST_ITEMS)
        return 3 + low * item[0], 6 + max(low, high) * item[1]
    if kind in ("number", "integer"):
        return sizes.number
    if kind == "boolean":
        return sizes.flag
    longest, shortest = _number(fields.get("maxLength")), _number(fields.get("minLength"))
    low, high = sizes.text
    return max(low, (shortest or 0) / 5), max(low, min(high, longest / 3 + 4) if longest else high)


def _of_object(fields: Mapping[str, object], depth: int) -> Range:
    low, high = 2.0, 6.0
    given = fields.get("properties")
    required = fields.get("required")
    if isinstance(given, Mapping):
        for name, inner in given.items():  # pyright: ignore[reportUnknownVariableType]
            least, most = _of_schema(inner, depth + 1)  # pyright: ignore[reportUnknownArgumentType]
            letters = len(str(name))  # pyright: ignore[reportUnknownArgumentType]
            high += 4 + letters / 3 + most
            if isinstance(required, Sequence) and name in required:
                low += 1 + letters / 5 + least
    return low, high


def _number(value: object) -> float | None:
    plain = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 10**9
    return float(value) if plain else None  # type: ignore[arg-type]


def _size(value: object) -> float | None:
    return float(len(value)) if isinstance(value, str | list) and value else _number(value)  # pyright: ignore[reportUnknownArgumentType]
