"""Which path leads to which endpoint."""

from starlette.routing import BaseRoute, Route

from scrivano.api.gateway.calls import Calls
from scrivano.api.gateway.chat import Chat
from scrivano.api.gateway.door import Door, Handler
from scrivano.api.gateway.embeddings import EmbeddingsEndpoint
from scrivano.api.gateway.errors import Form, anthropic_error, openai_error
from scrivano.api.gateway.images import Images
from scrivano.api.gateway.messages import Messages, count_tokens
from scrivano.api.gateway.metrics import Metrics
from scrivano.api.gateway.models import get_model, list_models
from scrivano.api.gateway.responses import Responses
from scrivano.api.gateway.visit import Visit
from scrivano.core.errors import NotFound


def routes() -> list[BaseRoute]:
    """All of them. Each finds the services in `app.state.house` of the application that it is part of."""
    metrics = Metrics()
    calls = Calls(metrics)

    def door(
        path: str, method: str | None, handler: Handler, form: Form = openai_error, scope: str = "llm"
    ) -> Route:
        return Route(path, Door(path.partition("{")[0], method, handler, form, metrics, scope))

    return [
        door("/v1/chat/completions", "POST", Chat(calls)),
        door("/v1/responses", "POST", Responses(calls)),
        door("/v1/messages", "POST", Messages(calls), anthropic_error),
        door("/v1/messages/count_tokens", "POST", count_tokens, anthropic_error),
        door("/v1/embeddings", "POST", EmbeddingsEndpoint(calls)),
        door("/v1/images/generations", "POST", Images(calls)),
        door("/v1/models", "GET", list_models),
        door("/v1/models/{name:path}", "GET", get_model),
        door("/v1/{rest:path}", None, _nowhere),
        door("/metrics", "GET", metrics.show, scope="metrics"),
    ]


async def _nowhere(visit: Visit) -> None:
    """Clients of these interfaces understand errors in their own form alone."""
    raise NotFound(f"There is nothing at {visit.scope['path']}.")
