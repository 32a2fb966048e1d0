"""Which wire format is which file. A module is imported when its kind is first used."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

from scrivano.core.errors import InvalidInput
from scrivano.llm.providers.base import Endpoint, Provider

_HERE = "scrivano.llm.providers"
_SEARCHES = {"capabilities": ["search"]}
_FREE_SEARCHES = {"capabilities": ["search"], "unit_prices": {"*": 0}}


@dataclass(frozen=True, slots=True)
class Kind:
    """A wire format. `path` is that of a base URL that has none (None: the base URL is no address); `settings` are
    those that a new provider begins with; an `engine` has one model, named like the kind; one that `passes_on`
    sends what it is asked to hosts of others, wherever it is itself."""

    module: str
    path: str | None = "/v1"
    settings: dict[str, Any] | None = None
    engine: bool = False
    passes_on: bool = False


KINDS = {
    "openai_compatible": Kind(f"{_HERE}.openai_compatible"),
    "anthropic": Kind(
        f"{_HERE}.anthropic", settings={"capabilities": ["chat", "json_schema", "tools", "vision"]}
    ),
    "gemini": Kind(
        f"{_HERE}.gemini",
        "/v1beta",
        {"capabilities": ["chat", "json_schema", "tools", "vision", "effort"]},
    ),
    "cloudflare": Kind(f"{_HERE}.cloudflare", "/client/v4"),
    "llama_cpp": Kind(f"{_HERE}.llama_cpp", None, {"capabilities": ["chat", "json_schema"]}),
    "searxng": Kind(f"{_HERE}.searxng", "", _FREE_SEARCHES, engine=True, passes_on=True),
    "brave": Kind(f"{_HERE}.brave", "/res/v1", _SEARCHES, engine=True, passes_on=True),
    "tavily": Kind(f"{_HERE}.tavily", "", _SEARCHES, engine=True, passes_on=True),
    "duckduckgo": Kind(f"{_HERE}.duckduckgo", "/html", _FREE_SEARCHES, engine=True, passes_on=True),
    "scripted": Kind(f"{_HERE}.scripted", None),
}
"""Each module has `connect(endpoint) -> Provider`."""


def connect(kind: str, endpoint: Endpoint) -> Provider:
    """A provider of this kind. Raises InvalidInput for one that does not exist."""
    factory = cast(Callable[[Endpoint], Provider], import_module(check_kind(kind).module).connect)
    return factory(endpoint)


def check_kind(kind: str) -> Kind:
    """What there is to know of a kind. Raises InvalidInput unless it exists."""
    if kind not in KINDS:
        raise InvalidInput(
            f"There is no provider kind {kind!r}.", field="kind", remedy=f"Choose one of: {', '.join(KINDS)}."
        )
    return KINDS[kind]


def passes_on(kind: str) -> bool:
    """Whether providers of this kind hand on what they are asked to hosts of others."""
    return check_kind(kind).passes_on
