"""What a provider may do beside answering: embed texts, make pictures, search the web. A provider has an ability
if its class has the method."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from scrivano.llm.dto import Locality, Timeouts, Usage

Quality = Literal["low", "standard", "high"]
Style = Literal["natural", "vivid"]


@dataclass(frozen=True, slots=True)
class Vectors:
    """One vector a text, in the texts' order. `usage` is None where the provider reports none."""

    vectors: tuple[tuple[float, ...], ...]
    usage: Usage | None = None
    locality: Locality | None = None


@dataclass(frozen=True, slots=True)
class PictureWish:
    """A picture to be made. `size` is `WIDTHxHEIGHT` in pixels; None leaves a choice to the provider."""

    model: str
    prompt: str
    size: str | None = None
    quality: Quality | None = None
    style: Style | None = None

    @property
    def sides(self) -> tuple[int, int] | None:
        """Width and height."""
        if self.size is None:
            return None
        width, _, height = self.size.partition("x")
        return int(width), int(height)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: the file's bytes. `revised_prompt` is what the provider made of the prompt, if it says so."""

    data: bytes
    media_type: str
    revised_prompt: str | None = None
    usage: Usage | None = None
    locality: Locality | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A page that a search found. `published` is the date as the engine writes it, if it does."""

    url: str
    title: str
    snippet: str = ""
    published: str | None = None


@dataclass(frozen=True, slots=True)
class Hits:
    """The pages found for one query, best first."""

    hits: tuple[Hit, ...]
    locality: Locality | None = None


@runtime_checkable
class Embeds(Protocol):
    """A provider of embeddings."""

    async def embed(
        self, model: str, texts: Sequence[str], *, dimensions: int | None, timeouts: Timeouts
    ) -> Vectors:
        """A vector for each text. `dimensions` asks for shorter ones. Raises AttemptFailed."""
        ...


@runtime_checkable
class Paints(Protocol):
    """A provider of pictures."""

    async def paint(self, wish: PictureWish, *, timeouts: Timeouts) -> Picture:
        """One picture. Raises AttemptFailed."""
        ...


@runtime_checkable
class Searches(Protocol):
    """A provider of web searches."""

    async def search(self, query: str, *, max_results: int, timeouts: Timeouts) -> Hits:
        """At most so many pages. Raises AttemptFailed."""
        ...
