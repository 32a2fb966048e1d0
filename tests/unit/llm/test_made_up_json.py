from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from scrivano.llm.scripted.schema_json import make_value, schema_in
from scrivano.llm.structured import Unfit, read


class Leaf(BaseModel):
    kind: Literal["leaf"] = "leaf"
    weight: float = Field(gt=0, lt=1)
    when: str = Field(json_schema_extra={"format": "date"})


class Branch(BaseModel):
    name: str = Field(min_length=5, max_length=12)
    level: int = Field(ge=1, le=10)
    open: bool
    note: str | None
    leaves: list[Leaf] = Field(min_length=1, max_length=3)
    extra: dict[str, int]
    pair: tuple[int, str]
    children: list["Branch"] = Field(default_factory=list, max_length=2)


@pytest.mark.parametrize("key", ["a", "b", "c"])
def test_values_fit_their_schema(key: str) -> None:
    value = make_value(Branch.model_json_schema(), "a tree", key)
    branch = Branch.model_validate(value)
    assert make_value(Branch.model_json_schema(), "a tree", key) == value
    assert branch.name


def test_a_schema_in_the_prompt_is_found() -> None:
    schema: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "integer"}}}
    import json

    assert schema_in(f"Answer by this schema: {json.dumps(schema)} Thank you.") == schema
    assert schema_in("No schema { here }") is None


class Small(BaseModel):
    a: int
    b: list[str] = []


def test_what_is_no_answer_is_told() -> None:
    for text in ("", "I cannot.", "[]", "{}", '{"a": "many"}'):
        with pytest.raises(Unfit):
            read(text, Small)
    with pytest.raises(Unfit, match="a: "):
        read('{"a": "many"}', Small)


def test_numbers_in_quotes_are_numbers() -> None:
    assert read('{"a": "3"}', Small)[0].a == 3


def test_the_last_of_several_fences_may_be_the_one() -> None:
    text = 'Not this:\n```python\nx = {}\n```\nbut\n```json\n{"a": 1}\n```'
    assert read(text, Small)[0].a == 1
