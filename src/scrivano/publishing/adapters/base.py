"""What every kind of place has in common."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from scrivano.core import crashpoints
from scrivano.core.outbound import Outbound
from scrivano.publishing.dto import Article, Planned, TargetView, Unclear
from scrivano.publishing.wire import unclear_again

How = Literal["created", "updated", "found_again"]


@dataclass(frozen=True, slots=True)
class Known:
    """What the record has of a text at this place; all empty when it was never there."""

    remote_id: str | None = None
    url: str | None = None
    facts: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Sent:
    """Where the text is now. `facts` are kept for the next time, `entry` is what a feed shows."""

    how: How
    remote_id: str
    url: str | None
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    entry: dict[str, Any] | None = None
    detail: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Entry:
    """A text in a feed, as it was sent."""

    marker: str
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tools:
    """What an adapter works with. In a `dry` run nothing is changed anywhere.

    `entries` gives what a feed shows already, `delivered` the readers that have a newsletter. `deliver` notes where one
    reader's message stands: `sending` first, which is False where somebody else is at it. `pauses` are seconds between
    looks for a text that may have arrived.
    """

    target: TargetView
    secret: str | None
    outbound: Outbound
    sites: Path
    dry: bool
    patience: float
    pauses: tuple[float, ...]
    entries: Callable[[], Awaitable[list[Entry]]]
    delivered: Callable[[], Awaitable[dict[str, str]]]
    deliver: Callable[[str, str], Awaitable[bool]]


class Adapter(Protocol):
    """A kind of place. `planned` lists what was done, or in a dry run would be."""

    @property
    def planned(self) -> list[Planned]:
        """What was done, or would be, in order."""
        ...

    @property
    def notes(self) -> list[str]:
        """What the person should know about it."""
        ...

    async def publish(self, article: Article, known: Known) -> Sent:
        """Bring the text to its place, or bring the copy there up to date. One that is there already, whoever
        knows of it, is found by the article's marker. Raises the errors of `publishing.dto`."""
        ...


def marker_of(article: Article) -> str:
    """How a copy is told from others at its place."""
    return f"scrivano-post-{article.marker}"


def sent_to(tools: Tools) -> None:
    """The place has the text and the record does not know of it yet: where a crash matters most."""
    if not tools.dry:
        crashpoints.reach(f"publish.accepted:{tools.target.kind}")


async def create_once(
    tools: Tools, create: Callable[[], Awaitable[Any]], find: Callable[[], Awaitable[Any]]
) -> tuple[Any, bool]:
    """What `create` gives, or, where the server broke off, what it made all the same; and whether it was found.

    Raises Unclear where nothing is found either.
    """
    try:
        return await create(), False
    except Unclear:
        found = await unclear_again(find, tools.pauses)
        if found is None:
            raise
        return found, True
