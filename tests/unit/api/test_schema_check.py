"""Schemas that no answer could meet are told before any model is asked; those that can be met are left alone."""

from typing import Any

import pytest
from pydantic import BaseModel, Field

from scrivano.api.gateway.json_schema import misfit
from scrivano.api.gateway.schema_check import flaw

OF_A = {"type": "object", "required": ["a"]}


@pytest.mark.parametrize(
    ("schema", "where"),
    [
        ({"type": "objet"}, ""),
        ({"type": []}, ""),
        ({"type": ["string", 5]}, ""),
        ({"properties": []}, ""),
        ({"required": "a"}, ""),
        ({"enum": "a"}, ""),
        ({"anyOf": []}, ""),
        ({"not": {}}, ""),
        ({"$ref": "https://example.org/x"}, ""),
        ({"$ref": "#/$defs/none"}, ""),
        ({"type": "string", "minLength": "2"}, ""),
        ({"type": "array", "minItems": -1}, ""),
        ({"minimum": 3, "maximum": 2}, ""),
        ({"type": "string", "enum": [1, 2]}, ""),
        ({"type": "integer", "const": "x"}, ""),
        ({**OF_A, "additionalProperties": False}, ""),
        ({**OF_A, "properties": {"a": False}}, "properties.a"),
        ({**OF_A, "properties": {"a": {"type": "string", "enum": []}}}, "properties.a"),
        ({"type": "array", "items": {"type": "text"}}, "items"),
        ({"anyOf": [{"type": "null"}, 5]}, "anyOf.1"),
        ({"$defs": {"part": {"required": [1]}}}, "$defs.part"),
    ],
)
def test_what_cannot_be_met_is_told_with_its_place(schema: dict[str, Any], where: str) -> None:
    found = flaw(schema)
    assert found is not None and found[0] == where and found[1]


class Part(BaseModel):
    name: str = Field(min_length=1, max_length=40)
    size: float | None = Field(default=None, gt=0, le=10)
    parts: list["Part"] = []


@pytest.mark.parametrize(
    "schema",
    [
        {},
        Part.model_json_schema(),
        {"type": ["string", "null"], "enum": ["a", None]},
        {"type": "object", "properties": {"a": False, "b": True}, "required": None},
        {"const": None},
        {"type": "array", "prefixItems": [{"type": "string"}], "items": False},
        {"type": "array", "items": [{"type": "string"}]},
        {**OF_A, "additionalProperties": False, "patternProperties": {"^a": {}}},
        {"$ref": "#"},
        {"type": "string", "format": "a-new-one", "x-own": [1]},
    ],
)
def test_what_can_be_met_is_left_alone(schema: dict[str, Any]) -> None:
    assert flaw(schema) is None


def test_what_is_forbidden_does_not_fit() -> None:
    schema = {"type": "string", "not": {"enum": ["no"]}}
    assert misfit("yes", schema) is None
    assert "not" in (misfit("no", schema) or "")
