"""What is wrong with a JSON schema, before any model is asked to meet it.

Only what `json_schema.misfit` looks at is looked at here, and only what can be seen without searching: a schema may
still ask for the impossible in ways that show when no answer fits.
"""

from collections.abc import Iterator
from typing import Any, cast

from scrivano.api.gateway.json_schema import TYPES, referred

_DEEPEST = 64
_SIZES = (("minLength", "maxLength"), ("minItems", "maxItems"))
_RANGES = (("minimum", "maximum"), ("exclusiveMinimum", "exclusiveMaximum"))
Rules = dict[str, Any]


def flaw(schema: Any, whole: Rules | None = None, at: str = "", depth: int = 0) -> tuple[str, str] | None:
    """Where in the schema (`properties.age`), and what is wrong there; None where nothing is."""
    if schema is True or depth > _DEEPEST:
        return None
    if schema is False:
        return at, "no value is allowed"
    if not isinstance(schema, dict):
        return at, "a schema is an object"
    # Some programs write null for what they leave out.
    rules = {
        name: value for name, value in cast(Rules, schema).items() if value is not None or name == "const"
    }
    whole = rules if whole is None else whole
    wrong = _own(rules, whole)
    if wrong is not None:
        return at, wrong
    for name, part in _parts(rules):
        below = flaw(part, whole, f"{at}.{name}".strip("."), depth + 1)
        if below is not None:
            return below
    return None


def _own(rules: Rules, whole: Rules) -> str | None:
    """What is wrong at this place, not below it."""
    return _reference(rules, whole) or _types(rules) or _shapes(rules) or _limits(rules) or _required(rules)


def _reference(rules: Rules, whole: Rules) -> str | None:
    reference = rules.get("$ref")
    if reference is None:
        return None
    if not isinstance(reference, str) or not reference.startswith("#"):
        return "`$ref` must point into the schema itself, such as #/$defs/part"
    return None if referred(whole, reference) is not None else f"`$ref` {reference} leads nowhere"


def _types(rules: Rules) -> str | None:
    given = rules.get("type")
    names: list[Any] = cast(list[Any], given) if isinstance(given, list) else [given]
    if given is not None and not (names and all(isinstance(n, str) and n in TYPES for n in names)):
        return f"`type` must be of {', '.join(TYPES)}"
    if "enum" in rules:
        values = rules["enum"]
        if not isinstance(values, list):
            return "`enum` must be an array"
        if not values:
            return "`enum` is empty, so no value is allowed"
        if given is not None and not any(TYPES[n](value) for value in cast(list[Any], values) for n in names):
            return "no value of `enum` is of the `type`"
    if given is not None and "const" in rules and not any(TYPES[name](rules["const"]) for name in names):
        return "`const` is not of the `type`"
    return None


def _shapes(rules: Rules) -> str | None:
    for name in ("properties", "$defs", "definitions"):
        if not isinstance(rules.get(name, {}), dict):
            return f"`{name}` must be an object"
    for name in ("anyOf", "oneOf", "allOf"):
        if name in rules and not (isinstance(rules[name], list) and rules[name]):
            return f"`{name}` must be an array with at least one schema"
    if "not" in rules and rules["not"] in (True, {}):
        return "`not` forbids every value"
    required = rules.get("required", [])
    if not isinstance(required, list) or not all(isinstance(n, str) for n in cast(list[Any], required)):
        return "`required` must be an array of names"
    return None


def _limits(rules: Rules) -> str | None:
    for low, high in (*_SIZES, *_RANGES):
        for name in (low, high):
            value = rules.get(name, 0)
            if not TYPES["number"](value):
                return f"`{name}` must be a number"
            if (low, high) in _SIZES and not (TYPES["integer"](value) and value >= 0):
                return f"`{name}` must be a whole number from 0"
        if low in rules and high in rules and rules[low] > rules[high]:
            return f"`{low}` is above `{high}`"
    return None


def _required(rules: Rules) -> str | None:
    properties = cast(Rules, rules.get("properties", {}))
    for name in cast(list[str], rules.get("required", [])):
        closed = rules.get("additionalProperties") is False and "patternProperties" not in rules
        if name not in properties and closed:
            return f"`required` names {name}, which is not among the `properties`, and others are not allowed"
    return None


def _parts(rules: Rules) -> Iterator[tuple[str, Any]]:
    """The schemas below, but for those that may well be impossible: what need not be there, and alternatives."""
    needed = set(cast(list[str], rules.get("required", [])))
    for name, part in cast(Rules, rules.get("properties", {})).items():
        if part is not False or name in needed:
            yield f"properties.{name}", part
    for holder in ("$defs", "definitions"):
        for name, part in cast(Rules, rules.get(holder, {})).items():
            if part is not False:
                yield f"{holder}.{name}", part
    for word in ("anyOf", "oneOf", "allOf"):
        for number, part in enumerate(cast(list[Any], rules.get(word, []))):
            if part is not False or word == "allOf":
                yield f"{word}.{number}", part
    for name in ("items", "additionalProperties", "not"):
        if name in rules and rules[name] is not False and not isinstance(rules[name], list):
            yield name, rules[name]
