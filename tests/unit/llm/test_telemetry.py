"""Spans of attempts, by a tracer provider that remembers."""

from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
from opentelemetry import trace

from scrivano.llm import telemetry
from scrivano.llm.dto import CallContext, Timeouts
from scrivano.llm.providers.base import Request


class Span:
    def __init__(self, name: str, attributes: dict[str, Any], kind: Any) -> None:
        self.name, self.attributes, self.kind = name, dict(attributes), kind
        self.status: Any = None
        self.ended = False

    def set_attribute(self, name: str, value: Any) -> None:
        self.attributes[name] = value

    def set_attributes(self, attributes: dict[str, Any]) -> None:
        self.attributes |= attributes

    def set_status(self, status: Any) -> None:
        self.status = status

    def end(self) -> None:
        self.ended = True


class Tracer:
    def start_span(self, name: str, *, kind: Any, attributes: dict[str, Any]) -> Span:
        return Span(name, attributes, kind)


class Part:
    """Something with these fields."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)


CANDIDATE: Any = Part(
    provider=Part(kind="openai_compatible", name="mine", base_url="http://127.0.0.1:1/v1"), route="named"
)
REQUEST = Request(model="small", messages=(), timeouts=Timeouts(), temperature=0.5, stop=("end",))
CONTEXT = CallContext(feature="books", purpose="write_chapter")


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(trace, "get_tracer_provider", object)
    monkeypatch.setattr(trace, "get_tracer", lambda name: Tracer())
    return trace


def test_nobody_listens_and_nothing_is_made() -> None:
    assert telemetry.begin(CANDIDATE, REQUEST, CONTEXT, 1) is None
    telemetry.failed(None, "silent", "x")


def test_an_answer_bears_the_conventions_names(listening: ModuleType) -> None:
    span: Any = telemetry.begin(CANDIDATE, REQUEST, CONTEXT, 2)
    assert (span.name, span.kind) == ("chat small", trace.SpanKind.CLIENT)
    usage = Part(prompt_tokens=14, completion_tokens=3)
    id = uuid4()
    response: Any = Part(request_id=id, model="small", finish_reason="stop", usage=usage, cost=0.25)
    telemetry.answered(span, response)
    assert span.ended
    assert span.attributes == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "small",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.stop_sequences": ["end"],
        "gen_ai.response.id": str(id),
        "gen_ai.response.model": "small",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 14,
        "gen_ai.usage.output_tokens": 3,
        "scrivano.provider": "mine",
        "scrivano.route": "named",
        "scrivano.feature": "books",
        "scrivano.purpose": "write_chapter",
        "scrivano.attempt": 2,
        "scrivano.cost": 0.25,
        "server.address": "http://127.0.0.1:1/v1",
    }


def test_a_failure_tells_its_kind(listening: ModuleType) -> None:
    span: Any = telemetry.begin(CANDIDATE, REQUEST, CONTEXT, 1)
    telemetry.failed(span, "overloaded", "mine answered 429")
    assert span.ended
    assert span.attributes["error.type"] == "overloaded"
    assert span.status.status_code is trace.StatusCode.ERROR
