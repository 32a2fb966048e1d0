"""Reading once for all who want the same at the same moment."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Flights(Generic[Key, Value]):
    """What is being read just now. Where many callers find that something has to be read anew, one reads it and all
    get it, instead of each taking a connection."""

    def __init__(self) -> None:
        self._under_way: dict[Key, asyncio.Task[Value]] = {}

    async def share(self, key: Key, read: Callable[[], Coroutine[Any, Any, Value]]) -> Value:
        """What `read` gives, or what the reading under way for this key will. Raises what that raises.

        A caller that is cancelled does not stop the reading.
        """
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.ensure_future(read())
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._land(key, done))
        return await asyncio.shield(task)

    def _land(self, key: Key, done: "asyncio.Task[Value]") -> None:
        if self._under_way.get(key) is done:
            del self._under_way[key]
        if not done.cancelled():
            done.exception()  # whoever waits gets it; perhaps nobody does any more

    def forget(self) -> None:
        """Whoever asks from now on gets what is read from now on."""
        self._under_way.clear()
