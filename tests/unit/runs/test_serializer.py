"""How results of steps are stored."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from dbos._error import DBOSAwaitedWorkflowCancelledError
from dbos._migration import get_dbos_migrations
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from scrivano.core.errors import LimitReached, NotFound
from scrivano.runs import engine, serializer
from scrivano.runs.dto import RunFailed


class Colour(StrEnum):
    """A colour."""

    RED = "red"


@dataclass
class Point:
    """A point."""

    x: int
    tags: tuple[str, ...] = ()


class Inner(BaseModel):
    """Within another."""

    when: datetime


class Outer(BaseModel):
    """With another in it."""

    inner: Inner
    colours: list[Colour] = []
    free: dict[str, Any] = {}


class Stranger(BaseModel):
    """Named in no annotation."""


class OverBudget(LimitReached):
    """There is not enough left."""

    def __init__(self, left: Decimal) -> None:
        super().__init__("Not enough.", field="budget", remedy="Raise it.")
        self.left = left


def gives(a: Outer | None, b: dict[str, list[Point]]) -> tuple[Colour, ...]:
    """Has the annotations."""
    raise NotImplementedError


serializer.register_annotations(gives)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.just("$"), inner) | st.tuples(inner, inner)
    ),
)


@given(JSON)
def test_plain_values_come_back_as_they_were(value: Any) -> None:
    assert serializer.loads(serializer.dumps(value)) == value


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
        date(2026, 1, 2),
        timedelta(hours=1.5),
        UUID(int=7),
        Decimal("1.10"),
        b"\x00\xff",
        {1: "one", (2, 3): {4}},
        frozenset({1}),
        1 << 80,
        float("inf"),
        Colour.RED,
        Point(1, ("a", "b")),
        Outer(
            inner=Inner(when=datetime(2026, 1, 1, tzinfo=UTC)), colours=[Colour.RED], free={"$": [1, None]}
        ),
        {"args": (Outer(inner=Inner(when=datetime(2026, 1, 1, tzinfo=UTC))),), "kwargs": {}},
    ],
    ids=str,
)
def test_typed_values_come_back_with_their_types(value: Any) -> None:
    back = serializer.loads(serializer.dumps(value))
    assert back == value and type(back) is type(value)


def test_a_type_that_no_annotation_names_is_refused() -> None:
    with pytest.raises(TypeError, match="Stranger cannot be stored"):
        serializer.dumps([Stranger()])
    with pytest.raises(TypeError, match="no step of this version"):
        serializer.loads('{"$": "model:os.system", "v": {}}')


def test_an_error_keeps_its_class_its_words_and_its_data() -> None:
    back = serializer.loads(serializer.dumps(OverBudget(Decimal("0.50"))))
    assert type(back) is OverBudget and back.left == Decimal("0.50")
    assert str(back) == "budget: Not enough. Raise it." and back.exit_code == 2
    view = serializer.error_view(serializer.dumps(NotFound("No such book.")))
    assert (view.code, view.message, view.status) == ("not-found", "No such book.", 404)


def test_other_errors_come_back_as_well() -> None:
    assert repr(serializer.loads(serializer.dumps(ValueError("no", 3)))) == "ValueError('no', 3)"
    engine.make_client("postgresql:///nowhere").destroy()
    back = serializer.loads(serializer.dumps(DBOSAwaitedWorkflowCancelledError("w")))
    assert type(back) is DBOSAwaitedWorkflowCancelledError and "w" in str(back)

    class LocalError(Exception):
        """Of a class that nobody can find."""

    back = serializer.loads(serializer.dumps(LocalError("it broke")))
    assert type(back) is RunFailed and str(back) == "LocalError: it broke"


def test_people_see_plain_json() -> None:
    outer = Outer(inner=Inner(when=datetime(2026, 1, 1)), colours=[Colour.RED])
    stored = serializer.dumps({"at": date(2026, 1, 2), "p": (Point(1),), "m": outer})
    assert serializer.plain(stored) == {
        "at": "2026-01-02",
        "p": [{"x": 1, "tags": []}],
        "m": {"inner": {"when": "2026-01-01T00:00:00"}, "colours": ["red"], "free": {}},
    }
    assert serializer.plain(None) is None


def test_the_schema_is_that_of_the_pinned_dbos() -> None:
    assert len(get_dbos_migrations("dbos", True)) == engine.SCHEMA_VERSION
