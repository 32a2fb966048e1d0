"""One call from beginning to end: the answer from the log, else attempts until one is whole."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from types import TracebackType
from typing import Self
from uuid import UUID

from scrivano.llm.attempt import Attempt, Call, Services
from scrivano.llm.candidates import Candidate, candidates
from scrivano.llm.dto import Response
from scrivano.llm.errors import NobodyCould, TooDear
from scrivano.llm.providers.base import AttemptFailed, Trouble
from scrivano.llm.verdict import Failure, pause_before, verdict

_NO_SCHEMA = re.compile(r"response_format|json_schema|schema|grammar", re.I)


Watch = Callable[[str], Awaitable[object]]


class Exchange:
    """Carries out a call. `excluded` models are not asked."""

    def __init__(self, services: Services, call: Call, excluded: frozenset[UUID] = frozenset()) -> None:
        self._services = services
        self._call = call
        self._excluded = excluded
        self._others = False
        self._failures: list[Failure] = []
        self._attempts = 0
        self._previous: UUID | None = None
        self._plain: set[UUID] = set()
        self._watch: Watch | None = None

    async def response(self, watch: Watch | None = None) -> Response:
        """The complete answer. Raises LLMError. `watch` sees each attempt's text grow."""
        self._watch = watch
        async with aclosing(self.run(deliver=False)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Response):
                    return piece
        raise AssertionError("an exchange ends in a response or an error")

    async def run(self, *, deliver: bool) -> AsyncGenerator[str | Response]:
        """With `deliver` the text as it comes, always the Response at the end. Raises LLMError.

        A failed attempt is followed by another one, as long as none of its text was delivered.
        """
        logged = await self._from_log()
        if logged is not None:
            if deliver and logged.text:
                yield logged.text
            yield logged
            return
        asked = await self._candidates()
        for candidate in asked:
            self._others = candidate is not asked[-1]
            async with aclosing(self._ask(candidate, deliver)) as pieces:
                async for piece in pieces:
                    yield piece
                    if isinstance(piece, Response):
                        return
        raise verdict(self._failures)

    async def _candidates(self) -> list[Candidate]:
        call = self._call
        registry = self._services.registry
        snapshot = await registry.snapshot()
        found = candidates(snapshot, call.options, call.context, call.messages, self._excluded)
        # Whoever could not be reached a moment ago is asked after the others.
        return sorted(found, key=lambda candidate: registry.was_unreachable(candidate.provider.id))

    async def _from_log(self) -> Response | None:
        key = self._call.context.key
        return await self._services.log.find_answer(key) if key else None

    async def _ask(self, candidate: Candidate, deliver: bool) -> AsyncGenerator[str | Response]:
        """One model's turn: ends without a Response where another one should be asked."""
        tried = 0
        while True:
            tried += 1
            attempt = self._next(candidate)
            pieces = attempt.run()
            try:
                async for piece in pieces:
                    if deliver or isinstance(piece, Response):
                        yield piece
                    elif self._watch is not None:
                        await self._watch(attempt.text)
                return
            except TooDear as dear:
                self._failures.append(Failure(candidate.model.name, dear))
                return
            except AttemptFailed as failed:
                self._failures.append(Failure(candidate.model.name, failed))
                if deliver and attempt.delivered:
                    raise _broken_off(candidate, failed) from failed
                pause = self._pause(candidate, failed, tried)
            finally:
                await pieces.aclose()
            if pause is None:
                return
            await asyncio.sleep(pause)
            logged = await self._from_log()
            if logged is not None:
                if deliver and logged.text:
                    yield logged.text
                yield logged
                return

    def _next(self, candidate: Candidate) -> Attempt:
        self._attempts += 1
        plain = candidate.model.id in self._plain
        attempt = Attempt(self._services, self._call, candidate, self._attempts, self._previous, plain)
        self._last = attempt
        return attempt

    def _pause(self, candidate: Candidate, failed: AttemptFailed, tried: int) -> float | None:
        """Seconds until the same model is asked again; None for the next one."""
        self._previous = self._last.id or self._previous
        if self._schema_refused(candidate, failed):
            self._plain.add(candidate.model.id)
            return 0.0
        options = self._call.options
        if failed.trouble is Trouble.UNREACHABLE:
            self._services.registry.note_unreachable(candidate.provider.id)
            if self._others:
                return None
        if not failed.trouble.again or tried > options.retries:
            return None
        return pause_before(tried, failed, options.timeouts.longest_wait)

    def _schema_refused(self, candidate: Candidate, failed: AttemptFailed) -> bool:
        return (
            self._call.schema is not None
            and failed.trouble is Trouble.REFUSED
            and candidate.model.id not in self._plain
            and _NO_SCHEMA.search(failed.message) is not None
        )


def _broken_off(candidate: Candidate, failed: AttemptFailed) -> NobodyCould:
    return NobodyCould(
        f"{candidate.model.name} broke off in the middle of its answer: {failed.message}",
        remedy="Ask again; with generate_response the whole answer is fetched anew by itself.",
    )


class ResponseStream:
    """A text that is being written: iterate over its pieces, then ask for the `response`.

    The iteration ends after the answer's end is safe in the log. The pieces joined are the response's text,
    but for one case: where another process finished the same `key` first, its answer is the response.
    `aclose` (or leaving the `async with` block) ends the request, which is logged as cancelled.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._pieces = exchange.run(deliver=True)
        self._response: Response | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        """The next piece of text. Raises LLMError."""
        if self._response is not None:
            raise StopAsyncIteration
        piece = await anext(self._pieces)
        if isinstance(piece, Response):
            self._response = piece
            await self._pieces.aclose()
            raise StopAsyncIteration
        return piece

    async def response(self) -> Response:
        """The complete answer; text that was not read yet is skipped. Raises LLMError."""
        async for _ in self:
            pass
        return self.result

    @property
    def result(self) -> Response:
        """The complete answer, once the iteration has ended. Raises RuntimeError before."""
        if self._response is None:
            raise RuntimeError("The answer is not complete yet.")
        return self._response

    async def aclose(self) -> None:
        """End the request, if it is still under way."""
        await self._pieces.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
