"""A model's places: how many requests this process has with it at once; others wait in order of arrival."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID


class Slots:
    """First come, first served. The capacity may change while some wait."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.taken = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def acquire(self) -> None:
        """Take a place, as soon as one is free and nobody waits longer."""
        if self.taken < self.capacity and not self._waiting:
            self.taken += 1
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.release()
            else:
                self._waiting.remove(place)
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
            place = self._waiting.popleft()
            if not place.done():
                self.taken += 1
                place.set_result(None)


class ModelSlots:
    """The slots of all models."""

    def __init__(self) -> None:
        self._slots: dict[UUID, Slots] = {}

    @asynccontextmanager
    async def of(self, model: UUID, capacity: int) -> AsyncGenerator[float]:
        """Hold a place of the model's for the block, which gets the seconds that were waited for it."""
        slots = self._slots.setdefault(model, Slots(capacity))
        if slots.capacity != capacity:
            slots.resize(capacity)
        began = time.monotonic()
        await slots.acquire()
        try:
            yield time.monotonic() - began
        finally:
            slots.release()
