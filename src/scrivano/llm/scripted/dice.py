"""Choices that depend on nothing but a key, so that the same question always gets the same answer."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A stream of choices fixed by `key`; the same on every machine and Python."""

    def __init__(self, key: str | bytes) -> None:
        self._key = key.encode() if isinstance(key, str) else key
        self._block = 0
        self._bytes = b""

    def _take(self, n: int) -> int:
        if len(self._bytes) < n:
            block = hashlib.blake2b(self._key, digest_size=64, salt=self._block.to_bytes(8, "big"))
            self._bytes += block.digest()
            self._block += 1
        taken, self._bytes = self._bytes[:n], self._bytes[n:]
        return int.from_bytes(taken, "big")

    def below(self, n: int) -> int:
        """An integer from 0 to n - 1."""
        return self._take(4) % n

    def between(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def unit(self) -> float:
        """A number from 0 up to, but not, 1."""
        return self._take(6) / (1 << 48)

    def pick(self, items: Sequence[T]) -> T:
        """One of `items`."""
        return items[self.below(len(items))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """`items` in an order of its own."""
        rest = list(items)
        return [rest.pop(self.below(len(rest))) for _ in range(len(rest))]
