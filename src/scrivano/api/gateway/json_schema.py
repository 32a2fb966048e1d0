"""Whether a value fits a JSON schema, as far as models are asked for one.

Types, objects, arrays, `enum`, `const`, `anyOf`, `oneOf`, `allOf`, `not`, `$ref` within the schema and the limits of
numbers, texts and arrays are looked at; keywords beyond these are taken as met.
"""

from collections.abc import Callable
from typing import Any, cast

TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: (
        isinstance(value, (int, float)) and not isinstance(value, bool) and value % 1 == 0
    ),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}
_DEEPEST = 64


def misfit(
    value: Any, schema: Any, root: dict[str, Any] | None = None, at: str = "", depth: int = 0
) -> str | None:
    """What is wrong with `value`, in words that a model understands; None where it fits."""
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return f"{at or 'the value'} is not allowed here" if schema is False else None
    rules = cast(dict[str, Any], schema)
    whole = root if root is not None else rules
    where = at or "the whole answer"
    if "$ref" in rules:
        return misfit(value, referred(whole, str(rules["$ref"])), whole, at, depth + 1)
    types = rules.get("type")
    names = cast(list[str], types if isinstance(types, list) else [types] if types else [])
    if names and not any(TYPES.get(name, _anything)(value) for name in names):
        return f"{where} must be of type {' or '.join(names)}"
    if "enum" in rules and value not in rules["enum"]:
        return f"{where} must be one of {rules['enum']}"
    if "const" in rules and value != rules["const"]:
        return f"{where} must be {rules['const']!r}"
    if "not" in rules and misfit(value, rules["not"], whole, at, depth + 1) is None:
        return f"{where} is what the schema forbids by `not`"
    for part in rules.get("allOf") or ():
        if wrong := misfit(value, part, whole, at, depth + 1):
            return wrong
    for word in ("anyOf", "oneOf"):
        options = rules.get(word)
        if options and all(misfit(value, option, whole, at, depth + 1) for option in options):
            return misfit(value, options[0], whole, at, depth + 1)
    if isinstance(value, dict):
        return _object(cast(dict[str, Any], value), rules, whole, at, depth)
    if isinstance(value, list):
        return _array(cast(list[Any], value), rules, whole, at, depth)
    return _limits(value, rules, where)


def _object(
    value: dict[str, Any], rules: dict[str, Any], whole: dict[str, Any], at: str, depth: int
) -> str | None:
    missing = [name for name in rules.get("required") or () if name not in value]
    if missing:
        return f"{at or 'the whole answer'} lacks {', '.join(missing)}"
    properties = cast(dict[str, Any], rules.get("properties") or {})
    rest = rules.get("additionalProperties", True)
    for name, item in value.items():
        if name not in properties and rest is False:
            return f"{at or 'the whole answer'} may not have {name}"
        if wrong := misfit(item, properties.get(name, rest), whole, f"{at}.{name}".strip("."), depth + 1):
            return wrong
    return None


def _array(value: list[Any], rules: dict[str, Any], whole: dict[str, Any], at: str, depth: int) -> str | None:
    least, most = rules.get("minItems", 0), rules.get("maxItems")
    if len(value) < least or (most is not None and len(value) > most):
        return f"{at or 'the whole answer'} must have {least} to {'any number of' if most is None else most} items"
    for number, item in enumerate(value):
        if wrong := misfit(item, rules.get("items", True), whole, f"{at}.{number}".strip("."), depth + 1):
            return wrong
    return None


def _limits(value: Any, rules: dict[str, Any], where: str) -> str | None:
    if isinstance(value, str):
        if len(value) < rules.get("minLength", 0) or len(value) > rules.get("maxLength", len(value)):
            return f"{where} has the wrong length"
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        if value < rules.get("minimum", value) or value > rules.get("maximum", value):
            return f"{where} is out of range"
        if value <= rules.get("exclusiveMinimum", value - 1) or value >= rules.get(
            "exclusiveMaximum", value + 1
        ):
            return f"{where} is out of range"
    return None


def referred(whole: dict[str, Any], reference: str) -> Any:
    """The schema that a `$ref` such as `#/$defs/part` means; None where there is none."""
    found: Any = whole
    for step in reference.removeprefix("#").strip("/").split("/"):
        if not step:
            continue
        if not isinstance(found, dict):
            return None
        found = cast(dict[str, Any], found).get(step.replace("~1", "/").replace("~0", "~"))
    return found


def _anything(_: Any) -> bool:
    return True
