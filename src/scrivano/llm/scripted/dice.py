"""Choices that depend on nothing but a key, so that the same question always gets the same answer."""

import hashlib
import struct
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_WORDS = struct.Struct(">16I")


class Dice:
    """A stream of choices fixed by `key`; the same on every machine and Python."""

    def __init__(self, key: str | bytes) -> None:
        raw = key.encode() if isinstance(key, str) else key
        self._key = hashlib.blake2b(raw, digest_size=32).digest()
        self._block = 0
        self._numbers: list[int] = []

    def _next(self) -> int:
        """32 bits."""
        if not self._numbers:
            block = hashlib.blake2b(self._key, digest_size=64, salt=self._block.to_bytes(8, "big"))
            self._numbers = list(_WORDS.unpack(block.digest()))
            self._block += 1
        return self._numbers.pop()

    def below(self, n: int) -> int:
        """An integer from 0 to n - 1."""
        return self._next() % n

    def between(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def unit(self) -> float:
        """A number from 0 up to, but not, 1."""
        return self._next() / (1 << 32)

    def pick(self, items: Sequence[T]) -> T:
        """One of `items`."""
        return items[self._next() % len(items)]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """`items` in an order of its own."""
        rest = list(items)
        return [rest.pop(self.below(len(rest))) for _ in range(len(rest))]
