"""Conversations addressed by content: the hash of a message, of a conversation, and how few rows hold it.

A hash covers the project, so that no two projects share a stored text.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from scrivano.llm.dto import Message

HASH_BYTES = 16
Key = tuple[int, bytes]
"""A month (`202611`) and a hash."""


@dataclass(frozen=True, slots=True)
class Body:
    """A text to be stored once: a message, a JSON schema or a list of tools, in its canonical JSON."""

    hash: bytes
    text: str


def body_of(canonical: bytes, project: str | None) -> Body:
    """The body with its address."""
    salt = blake2b((project or "").encode(), digest_size=16).digest()
    return Body(blake2b(salt + canonical, digest_size=HASH_BYTES).digest(), canonical.decode())


def prefix_hashes(bodies: Sequence[Body]) -> list[bytes]:
    """The hash of each conversation that begins `bodies`: of the first message, of the first two, …"""
    hashes: list[bytes] = []
    head = b""
    for body in bodies:
        head = blake2b(head + body.hash, digest_size=HASH_BYTES).digest()
        hashes.append(head)
    return hashes


@dataclass(frozen=True, slots=True)
class Chain:
    """A conversation's row: its address, the longest stored one that begins it, and what comes after that."""

    hash: bytes
    parent: bytes | None
    tail: bytes


def link(bodies: Sequence[Body], known: "set[bytes]") -> Chain:
    """The row for a conversation of `bodies`, where conversations with the hashes `known` are stored."""
    hashes = prefix_hashes(bodies)
    parent, after = None, 0
    for length in range(len(hashes) - 1, 0, -1):
        if hashes[length - 1] in known:
            parent, after = hashes[length - 1], length
            break
    return Chain(hashes[-1] if hashes else b"", parent, b"".join(body.hash for body in bodies[after:]))


class Recent:
    """The addresses that this process knows to be stored; the oldest are forgotten."""

    def __init__(self, size: int = 50_000) -> None:
        self._known: OrderedDict[Key, None] = OrderedDict()
        self._size = size

    def __contains__(self, key: Key) -> bool:
        return key in self._known

    def add(self, keys: Sequence[Key]) -> None:
        """Remember these."""
        for key in keys:
            self._known[key] = None
            self._known.move_to_end(key)
        while len(self._known) > self._size:
            self._known.popitem(last=False)

    def clear(self) -> None:
        """Forget all, as after retention or erasure."""
        self._known.clear()


def bodies_of(messages: Sequence[Message], project: str | None) -> list[Body]:
    """The bodies of a conversation's messages."""
    return [body_of(message.canonical(), project) for message in messages]
