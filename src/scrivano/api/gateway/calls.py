"""Asking the service on a visitor's behalf, and what every response says of it in its headers."""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, nullcontext
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from opentelemetry import propagate, trace
from opentelemetry.context import attach, detach
from pydantic import BaseModel, RootModel

from scrivano.api.gateway.asked import Asked, find_model, is_known
from scrivano.api.gateway.json_schema import misfit
from scrivano.api.gateway.metrics import Metrics
from scrivano.api.gateway.visit import Headers, Visit
from scrivano.llm.public import CallContext, Options, Response, ResponseStream, Schema

_PRINTABLE = dict.fromkeys((*range(32), 127), "?")


class Calls:
    """Carries out what was asked, for the interfaces of this package."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._tracer = trace.get_tracer("scrivano.gateway")

    async def whole(
        self, visit: Visit, asked: Asked, purpose: str, shape: Callable[[Response], bytes]
    ) -> tuple[bytes, Headers]:
        """A complete answer in its interface's `shape`, with the headers that go with it. With a schema and no tools
        it fits the schema. Raises ScrivanoError."""
        ready = _Ready(shape, asked)
        context = await find_model(visit.house, asked, self.context(visit, purpose, asked.labels))
        options = asked.options()
        with self._span(visit, asked) as span:
            if asked.schema is not None and not asked.tools:
                response = await _fitting(visit, asked, asked.schema, options, context)
            else:
                response = await visit.house.llm.generate_response(
                    asked.messages,
                    options=options,
                    context=context,
                    schema=asked.schema,
                    ahead=ready.make,
                )
            self._note(span, response)
        return ready.of(response)

    @asynccontextmanager
    async def stream(
        self, visit: Visit, asked: Asked, purpose: str
    ) -> AsyncGenerator[tuple["Opened", ResponseStream]]:
        """A stream that has begun: its first piece is there. Raises ScrivanoError where none came at all."""
        context = await find_model(visit.house, asked, self.context(visit, purpose, asked.labels))
        began = time.perf_counter()
        with self._span(visit, asked) as span:
            stream = visit.house.llm.stream_response(
                asked.messages, options=asked.options(), context=context, schema=asked.schema
            )
            async with stream:
                first = await anext(stream, "")
                opened = _opened(stream, first, asked)
                self._metrics.first_piece(opened.provider, opened.model, time.perf_counter() - began)
                yield opened, stream
                self._note(span, stream.result)

    async def check_name(self, visit: Visit, name: str, unknown: Callable[[str], Exception]) -> None:
        """Raises what `unknown` gives where no model has this name."""
        if not is_known(await visit.house.llm.registry.snapshot(), name):
            raise unknown(name)

    @staticmethod
    def context(visit: Visit, purpose: str, labels: dict[str, str] | None = None) -> CallContext:
        """Who asks, and what for."""
        key = visit.key
        if key is None:
            return CallContext(feature="gateway", purpose=purpose, labels=labels or {})
        return CallContext(
            feature="gateway",
            purpose=purpose,
            api_key_id=str(key.id),
            user_id=key.user_id,
            project_id=key.project_id,
            labels=labels or {},
        )

    @staticmethod
    def headers(id: UUID, model: str, cost: Decimal) -> Headers:
        """The request's id, the model and the cost in US dollars."""
        return [*_headers(id, model, None), (b"x-scrivano-cost", f"{cost:f}".encode())]

    def _note(self, span: trace.Span | None, response: Response) -> None:
        self._metrics.answer(response)
        if span is None or not span.is_recording():
            return
        usage = response.usage
        span.set_attributes(
            {
                "gen_ai.response.id": str(response.request_id),
                "gen_ai.response.model": response.model,
                "gen_ai.provider.name": response.provider,
                "gen_ai.response.finish_reasons": [response.finish_reason],
                "gen_ai.usage.input_tokens": usage.prompt_tokens,
                "gen_ai.usage.output_tokens": usage.completion_tokens,
                "scrivano.route": response.route,
                "scrivano.cost": float(response.cost),
            }
        )

    def _span(self, visit: Visit, asked: Asked) -> Any:
        """A span by OpenTelemetry's conventions for generative AI, a child of the caller's; nothing without an SDK."""
        if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
            return nullcontext()
        return _Span(self._tracer, visit, asked)


class _Span:
    def __init__(self, tracer: trace.Tracer, visit: Visit, asked: Asked) -> None:
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in visit.headers.items()}
        self._token = attach(propagate.extract(headers))
        attributes: dict[str, str | int | float] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": asked.model,
        }
        for name in ("temperature", "top_p", "max_tokens", "seed"):
            if (value := asked.settings.get(name)) is not None:
                attributes[f"gen_ai.request.{name}"] = value
        self._span = tracer.start_as_current_span(
            f"chat {asked.model}", kind=trace.SpanKind.SERVER, attributes=attributes
        )

    def __enter__(self) -> trace.Span:
        return self._span.__enter__()

    def __exit__(self, *error: Any) -> None:
        try:
            self._span.__exit__(*error)
        finally:
            detach(self._token)


class _Ready:
    """A response's body and headers, made while the log is being written."""

    def __init__(self, shape: Callable[[Response], bytes], asked: Asked) -> None:
        self._shape = shape
        self._asked = asked
        self._response: Response | None = None
        self._made: tuple[bytes, Headers] = (b"", [])

    def make(self, response: Response) -> None:
        """Make them for this answer."""
        self._response = response
        self._made = self._shape(response), headers_of(response, self._asked)

    def of(self, response: Response) -> tuple[bytes, Headers]:
        """Those of the answer that was given in the end."""
        if self._response is not response:
            self.make(response)
        return self._made


class Opened:
    """Who answers a stream, and its first piece of text, which may be empty."""

    __slots__ = ("first", "headers", "model", "provider", "request_id")

    def __init__(self, first: str, request_id: UUID, provider: str, model: str, headers: Headers) -> None:
        self.first = first
        self.request_id = request_id
        self.provider = provider
        self.model = model
        self.headers = headers


def _opened(stream: ResponseStream, first: str, asked: Asked) -> Opened:
    begun = stream.begun
    if begun is None:
        result = stream.result
        headers = headers_of(result, asked)
        return Opened(first, result.request_id, result.provider, result.model, headers)
    headers = _headers(begun.request_id, f"{begun.provider}/{begun.model}", begun.route, asked.ignored)
    return Opened(first, begun.request_id, begun.provider, begun.model, headers)


def headers_of(response: Response, asked: Asked) -> Headers:
    """The request's id, the model, why it was chosen, and the cost in US dollars."""
    headers = _headers(
        response.request_id, f"{response.provider}/{response.model}", response.route, asked.ignored
    )
    headers.append((b"x-scrivano-cost", f"{response.cost:f}".encode()))
    return headers


def _headers(id: UUID, model: str, route: str | None, ignored: tuple[str, ...] = ()) -> Headers:
    headers: Headers = [
        (b"x-scrivano-request-id", str(id).encode()),
        (b"x-scrivano-model", _printable(model)),
    ]
    if route is not None:
        headers.append((b"x-scrivano-route", _printable(route)))
    if ignored:
        headers.append((b"x-scrivano-ignored", ", ".join(ignored).encode()))
    return headers


def _printable(text: str) -> bytes:
    return text.translate(_PRINTABLE).encode("ascii", "backslashreplace")


async def _fitting(
    visit: Visit, asked: Asked, schema: Schema, options: Options, context: CallContext
) -> Response:
    found = await visit.house.llm.generate_structured_response(
        asked.messages, response_model=_shape(schema), options=options, context=context
    )
    response = found.response
    if found.mended:
        return response.model_copy(update={"text": orjson.dumps(found.value.model_dump()).decode()})
    return response


def _shape(schema: Schema) -> type[BaseModel]:
    """The caller's schema in the form in which the service takes one."""

    class Shape(RootModel[Any]):
        @classmethod
        def model_json_schema(cls, *_: Any, **__: Any) -> dict[str, Any]:
            return schema.schema

        def model_post_init(self, _: Any, /) -> None:
            wrong = misfit(self.root, schema.schema)
            if wrong is not None:
                raise ValueError(wrong)

    Shape.__name__ = schema.name
    return Shape
