"""What a provider is to the service. Wire format (a provider class), connection (`Endpoint`) and facts about
a model (`capabilities`, lengths; see the registry) are three things."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from scrivano.core.outbound import OWN_MACHINE
from scrivano.llm.dto import FinishReason, Locality, Message, Timeouts, Tool, ToolCall, Usage


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A connection: where a provider is and how one is let in. `settings` are differences of its server."""

    name: str
    base_url: str
    locality: Locality
    api_key: str | None = field(default=None, repr=False)
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    private_hosts: tuple[str, ...] = OWN_MACHINE
    """The private addresses, networks and hosts that may be connected to; see `core.outbound`."""


@dataclass(frozen=True, slots=True)
class Schema:
    """A JSON schema that the answer must fit."""

    name: str
    schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """One attempt, without any wire format's terms. Time-outs are all set."""

    model: str
    messages: tuple[Message, ...]
    timeouts: Timeouts
    streaming: bool = True
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    tools: tuple[Tool, ...] = ()
    tool_choice: str | None = None
    effort: str | None = None
    schema: Schema | None = None
    ready: Callable[[], Awaitable[None]] | None = field(default=None, compare=False, repr=False)
    """Set for providers that hold back (see `Provider`)."""


@dataclass(slots=True)
class End:
    """The end of a complete answer. `usage` is None where the provider reports none."""

    finish_reason: FinishReason
    usage: Usage | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    locality: Locality | None = None
    """How far the request really went, by the address that was connected to."""


class Trouble(Enum):
    """Why an attempt failed. Each knows whether the same model may be asked again, whether another one may
    do better, and whether the provider may bill it nevertheless."""

    UNREACHABLE = ("unreachable", True, False)
    SILENT = ("silent", True, True)
    OVERLOADED = ("overloaded", True, False)
    BROKEN = ("broken", True, False)
    CUT = ("cut", True, True)
    GARBAGE = ("garbage", True, True)
    REFUSED = ("refused", False, False)
    TOO_LONG = ("too long", False, False)
    FILTERED = ("filtered", False, True)
    FORBIDDEN = ("forbidden", False, False)
    MISSING = ("missing", False, False)

    def __init__(self, label: str, again: bool, billed: bool) -> None:
        self.label = label
        self.again = again
        self.billed = billed


class AttemptFailed(Exception):
    """An attempt did not give a complete answer. `message` never holds a key."""

    def __init__(
        self,
        trouble: Trouble,
        message: str,
        *,
        retry_after: float | None = None,
        locality: Locality | None = None,
        refused: bool = False,
        usage: Usage | None = None,
    ) -> None:
        """`refused`: the provider said so before it began, and bills nothing. `usage` is what it had reported
        so far, where it reports before the end."""
        super().__init__(message)
        self.trouble = trouble
        self.billed = trouble.billed and not refused
        self.message = message
        self.retry_after = retry_after
        self.locality = locality
        self.usage = usage


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that a server says it has, with what it tells about it."""

    name: str
    context_length: int | None = None
    slots: int | None = None
    parameters: float | None = None
    """Billions."""
    embedding: bool = False
    tokenizes: bool = False


@dataclass(frozen=True, slots=True)
class Description:
    """What a server tells when one looks at it: its models, and settings for its `Endpoint`."""

    offers: list[Offer]
    settings: dict[str, Any]


class Provider(Protocol):
    """A wire format over a connection. One file in this package is one of these.

    A provider with a true attribute `holds_back` awaits `Request.ready` itself, once all is prepared and before the
    first byte of a request leaves; others are asked only after that.
    """

    def answer(self, request: Request) -> AsyncGenerator[str | End]:
        """The answer's text in pieces, then its End. Raises AttemptFailed; never ends without an End.

        Nothing is sent before the first piece is asked for. Closing the generator ends the request.
        """
        ...

    async def offers(self, *, within: float) -> list[Offer]:
        """The models that the server has. Raises AttemptFailed, at the latest after `within` seconds."""
        ...

    async def describe(self, *, within: float) -> Description:
        """The same with all that the server tells beside it; each of two steps takes at most `within` seconds."""
        ...

    async def count_tokens(self, model: str, text: str) -> int | None:
        """Tokens of `text` by the server's own tokenizer, or None if it has none to offer."""
        ...

    async def close(self) -> None:
        """Close connections."""
        ...


_foreign_allowed = True


def forbid_foreign_hosts() -> None:
    """From now on this process reaches models on its own machine only. For test suites."""
    global _foreign_allowed
    _foreign_allowed = False


def check_host(endpoint: Endpoint) -> None:
    """Raises AttemptFailed if the endpoint's host may not be reached from this process."""
    if not _foreign_allowed and endpoint.locality is not Locality.LOOPBACK:
        raise AttemptFailed(
            Trouble.FORBIDDEN, f"{endpoint.name} is not on this machine, and that is forbidden here."
        )
