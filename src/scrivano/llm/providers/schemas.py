"""JSON schemas as wire formats want them."""

from typing import Any, cast

_TABLES = ("properties", "$defs", "definitions")
_LISTS = ("anyOf", "allOf", "oneOf", "prefixItems")
_SINGLE = ("items", "additionalProperties", "not")


def closed(schema: Any, without: frozenset[str] = frozenset()) -> Any:
    """The schema with no other properties than those it names, and without some of the words that it may use."""
    if not isinstance(schema, dict):
        return schema
    fitting: dict[str, Any] = {}
    for name, value in cast(dict[str, Any], schema).items():
        if name in _TABLES:
            fitting[name] = {key: closed(part, without) for key, part in value.items()}
        elif name in _LISTS:
            fitting[name] = [closed(part, without) for part in value]
        elif name not in without:
            fitting[name] = closed(value, without) if name in _SINGLE else value
    if isinstance(fitting.get("properties"), dict):
        fitting["additionalProperties"] = False
    return fitting
