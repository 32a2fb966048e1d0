"""Which wire format is which file. A module is imported when its kind is first used."""

from collections.abc import Callable
from importlib import import_module
from typing import cast

from scrivano.core.errors import InvalidInput
from scrivano.llm.providers.base import Endpoint, Provider

KINDS = {
    "openai_compatible": "scrivano.llm.providers.openai_compatible",
    "anthropic": "scrivano.llm.providers.anthropic",
    "gemini": "scrivano.llm.providers.gemini",
    "cloudflare": "scrivano.llm.providers.cloudflare",
    "llama_cpp": "scrivano.llm.providers.llama_cpp",
    "searxng": "scrivano.llm.providers.searxng",
    "brave": "scrivano.llm.providers.brave",
    "tavily": "scrivano.llm.providers.tavily",
    "duckduckgo": "scrivano.llm.providers.duckduckgo",
    "scripted": "scrivano.llm.providers.scripted",
}
"""Each module has `connect(endpoint) -> Provider`."""


def connect(kind: str, endpoint: Endpoint) -> Provider:
    """A provider of this kind. Raises InvalidInput for one that does not exist."""
    check_kind(kind)
    factory = cast(Callable[[Endpoint], Provider], import_module(KINDS[kind]).connect)
    return factory(endpoint)


def check_kind(kind: str) -> None:
    """Raises InvalidInput unless `kind` exists."""
    if kind not in KINDS:
        raise InvalidInput(
            f"There is no provider kind {kind!r}.", field="kind", remedy=f"Choose one of: {', '.join(KINDS)}."
        )
