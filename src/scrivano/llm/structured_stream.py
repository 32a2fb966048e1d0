"""A structured answer that can be watched while it grows."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from pydantic import BaseModel

from scrivano.llm.dto import StructuredResponse
from scrivano.llm.structured import partial

T = TypeVar("T", bound=BaseModel)

_Watch = Callable[[str], Awaitable[object]]


class StructuredStream(Generic[T]):
    """Iterate over partial objects, each with more in it than the one before; then ask for the `response`.

    Who reads slowly skips some. The iteration ends after the complete value was checked and its end is in the log.
    `aclose` (or leaving the `async with` block) ends the request.
    """

    def __init__(self, ask: "Callable[[_Watch], Awaitable[StructuredResponse[T]]]") -> None:
        self._ask = ask
        self._text = ""
        self._last: Any = None
        self._changed = asyncio.Event()
        self._task: asyncio.Task[StructuredResponse[T]] | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        """The next partial object. Raises LLMError."""
        task = self._started()
        while True:
            await self._changed.wait()
            self._changed.clear()
            ended = task.done()
            value = partial(self._text)
            if value is not None and value != self._last:
                self._last = value
                if ended:
                    # This was the last one; the next time only the end is left to tell.
                    self._changed.set()
                return value
            if ended:
                self._changed.set()
                await task
                raise StopAsyncIteration

    async def response(self) -> StructuredResponse[T]:
        """The complete value; partial objects that were not read yet are skipped. Raises LLMError."""
        return await self._started()

    @property
    def result(self) -> StructuredResponse[T]:
        """The complete value, once the iteration has ended. Raises RuntimeError before."""
        if self._task is None or not self._task.done():
            raise RuntimeError("The answer is not complete yet.")
        return self._task.result()

    async def aclose(self) -> None:
        """End the request, if it is still under way."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _started(self) -> asyncio.Task[StructuredResponse[T]]:
        if self._task is None:
            self._task = asyncio.ensure_future(self._run())
            self._task.add_done_callback(self._ended)
        return self._task

    async def _run(self) -> StructuredResponse[T]:
        return await self._ask(self._grew)

    async def _grew(self, text: str) -> None:
        self._text = text
        self._changed.set()

    def _ended(self, task: asyncio.Task[StructuredResponse[T]]) -> None:
        if not task.cancelled():
            # Who stopped listening does not ask for the error.
            task.exception()
        self._changed.set()
