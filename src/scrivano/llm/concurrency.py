"""A model's places: how many requests this process has with it at once, and who of those that wait is next."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(eq=False, slots=True)
class _Waiting:
    group: str | None
    urgency: int
    place: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Slots:
    """First come, first served between groups, the most urgent first within one. The capacity may change."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.taken = 0
        self._waiting: list[_Waiting] = []

    async def acquire(self, group: str | None = None, urgency: int = 0) -> None:
        """Take a place, as soon as one is free and nobody has a better claim.

        The turn belongs to the group of whoever waits longest, and goes to the most urgent of it. No group (None) is
        a group of one.
        """
        if self.taken < self.capacity and not self._waiting:
            self.taken += 1
            return
        waiting = _Waiting(group, urgency)
        self._waiting.append(waiting)
        try:
            await waiting.place
        except asyncio.CancelledError:
            if waiting.place.done() and not waiting.place.cancelled():
                self.release()
            elif waiting in self._waiting:
                self._waiting.remove(waiting)
            raise

    def release(self) -> None:
        """Give it back."""
        self.taken -= 1
        self._admit()

    def resize(self, capacity: int) -> None:
        """Another capacity from now on."""
        self.capacity = capacity
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self.taken < self.capacity:
            longest = self._waiting.pop(0)
            chosen = longest
            if longest.group is not None:
                chosen = max([longest, *self._of(longest.group)], key=lambda w: w.urgency)
            if chosen is not longest:
                # They change places in the line, so that no run gets more turns by it than its calls have earned.
                self._waiting[self._waiting.index(chosen)] = longest
            if not chosen.place.done():
                self.taken += 1
                chosen.place.set_result(None)

    def _of(self, group: str) -> list[_Waiting]:
        return [waiting for waiting in self._waiting if waiting.group == group]


class ModelSlots:
    """The slots of all models."""

    def __init__(self) -> None:
        self._slots: dict[UUID, Slots] = {}

    @asynccontextmanager
    async def of(
        self, model: UUID, capacity: int, *, group: str | None = None, urgency: int = 0
    ) -> AsyncGenerator[float]:
        """Hold a place of the model's for the block, which gets the seconds that were waited for it."""
        slots = self._slots.setdefault(model, Slots(capacity))
        if slots.capacity != capacity:
            slots.resize(capacity)
        began = time.monotonic()
        await slots.acquire(group, urgency)
        try:
            yield time.monotonic() - began
        finally:
            slots.release()
