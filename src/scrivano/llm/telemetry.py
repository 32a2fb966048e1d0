"""Spans of attempts, by OpenTelemetry's conventions for generative AI; nothing where nobody listens.

They say nothing of what was asked and answered: that is in the log, under the id that they bear.
"""

import sys
from typing import TYPE_CHECKING, Any

from scrivano.llm.candidates import Candidate
from scrivano.llm.dto import CallContext, Response
from scrivano.llm.providers.base import Request

if TYPE_CHECKING:
    from opentelemetry.trace import Span

_SETTINGS = ("temperature", "top_p", "max_tokens", "seed")
_KIND_NAMES = {"openai_compatible": "openai", "gemini": "gcp.gemini"}
"""The conventions' names of providers, where they differ from those of wire formats here."""


def begin(candidate: Candidate, request: Request, context: CallContext, number: int) -> "Span | None":
    """A span of an attempt, a child of the caller's; None where no telemetry is set up in this process."""
    # Whoever set some up has imported it; all others are spared the import.
    api: Any = sys.modules.get("opentelemetry.trace")
    if api is None or isinstance(api.get_tracer_provider(), api.ProxyTracerProvider):
        return None
    attributes: dict[str, Any] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": _KIND_NAMES.get(candidate.provider.kind, candidate.provider.kind),
        "gen_ai.request.model": request.model,
        "scrivano.provider": candidate.provider.name,
        "scrivano.route": candidate.route,
        "scrivano.feature": context.feature,
        "scrivano.purpose": context.purpose,
        "scrivano.attempt": number,
        "server.address": candidate.provider.base_url,
    }
    for name in _SETTINGS:
        if (value := getattr(request, name)) is not None:
            attributes[f"gen_ai.request.{name}"] = value
    if request.stop:
        attributes["gen_ai.request.stop_sequences"] = list(request.stop)
    tracer = api.get_tracer("scrivano.llm")
    return tracer.start_span(f"chat {request.model}", kind=api.SpanKind.CLIENT, attributes=attributes)


def answered(span: "Span | None", response: Response) -> None:
    """The attempt brought a whole answer."""
    if span is None:
        return
    usage = response.usage
    span.set_attributes(
        {
            "gen_ai.response.id": str(response.request_id),
            "gen_ai.response.model": response.model,
            "gen_ai.response.finish_reasons": [response.finish_reason],
            "gen_ai.usage.input_tokens": usage.prompt_tokens,
            "gen_ai.usage.output_tokens": usage.completion_tokens,
            "scrivano.cost": float(response.cost),
        }
    )
    span.end()


def failed(span: "Span | None", kind: str, message: str) -> None:
    """It brought none: `kind` is one of a few, `message` is for people."""
    if span is None:
        return
    api: Any = sys.modules["opentelemetry.trace"]
    span.set_attribute("error.type", kind)
    span.set_status(api.Status(api.StatusCode.ERROR, message))
    span.end()
