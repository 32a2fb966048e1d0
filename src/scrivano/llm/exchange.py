"""One call from beginning to end: the answer from the log, else attempts until one is whole.

While nothing has reached the caller, a failed attempt is followed by a new one. A text of which the caller has a
part is continued, by the same model or another one, or the call ends in an error: what was given is never taken
back, and what is incomplete is never passed off as an answer.
"""

import asyncio
import re
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self
from uuid import UUID

from scrivano.llm.attempt import Attempt, Call, Parts, Services
from scrivano.llm.breakers import BreakerState
from scrivano.llm.caching import Caching
from scrivano.llm.candidates import Candidate
from scrivano.llm.dto import Response
from scrivano.llm.errors import NobodyCould, TooDear
from scrivano.llm.going_on import GoingOn, Way
from scrivano.llm.providers.base import AttemptFailed, Trouble
from scrivano.llm.tokens import bound_prompt
from scrivano.llm.verdict import Failure, pause_before, verdict

_NO_SCHEMA = re.compile(r"response_format|json_schema|schema|grammar", re.I)

_WORTH_WAITING = 2.0
"""Seconds of a Retry-After that are waited for though another model is there."""

_SILENT_TURNS = 2
"""How often a model is asked that does not begin to answer, or falls silent, where others are there."""

Watch = Callable[[str], Awaitable[object]]


class Exchange:
    """Carries out a call. `excluded` models are not asked."""

    def __init__(self, services: Services, call: Call, excluded: frozenset[UUID] = frozenset()) -> None:
        self._services = services
        self._call = call
        self._excluded = excluded
        self._failures: list[Failure] = []
        self._attempts = 0
        self._tried: Counter[UUID] = Counter()
        self._never: set[UUID] = set()
        self._not_before: dict[UUID, float] = {}
        self._previous: UUID | None = None
        self._plain: set[UUID] = set()
        self._parts = Parts()
        self._going_on = GoingOn(call, services.prompts)
        self._queue: deque[Candidate] = deque()
        self._watch: Watch | None = None
        self._tokens = 0
        self.current: Attempt | None = None
        """The attempt under way, or the last one."""

    async def response(self, watch: Watch | None = None) -> Response:
        """The complete answer. Raises LLMError. `watch` sees each attempt's text grow."""
        self._watch = watch
        async with aclosing(self.run(deliver=False)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Response):
                    return piece
        raise AssertionError("an exchange ends in a response or an error")

    async def run(self, *, deliver: bool) -> AsyncGenerator[str | Response]:
        """With `deliver` the text as it comes, always the Response at the end. Raises LLMError."""
        logged = await self._from_log()
        if logged is not None:
            async for piece in _at_once(logged, deliver):
                yield piece
            return
        policy = await self._services.cache.policy(self._call.context.feature, self._call.options)
        if policy.mode == "off" or self._excluded:
            answer = self._limited(deliver)
        else:
            caching = Caching(self._services, self._call, policy)
            answer = caching.run(lambda: self._limited(deliver), deliver=deliver)
        async with aclosing(answer) as pieces:
            async for piece in pieces:
                yield piece

    async def _limited(self, deliver: bool) -> AsyncGenerator[str | Response]:
        """Attempts until one is whole, in a place within the limits a minute."""
        call = self._call
        limits = self._services.limits.place(
            call.context, call.options, lambda: (call.question.least_tokens, bound_prompt(call.messages))
        )
        async with limits as place:
            if place.max_tokens != self._call.options.max_tokens:
                options = self._call.options.model_copy(update={"max_tokens": place.max_tokens})
                self._call = replace(self._call, options=options)
            try:
                async with aclosing(self._answered(deliver)) as pieces:
                    async for piece in pieces:
                        yield piece
            finally:
                place.tokens = self._tokens

    async def _answered(self, deliver: bool) -> AsyncGenerator[str | Response]:
        """Attempts until one is whole."""
        self._queue.extend(await self._candidates())
        put_off: set[UUID] = set()
        while self._queue:
            candidate = self._queue.popleft()
            id = candidate.model.id
            if id in self._never:
                continue
            if self._queue and id not in put_off and not self._admitted(candidate):
                put_off.add(id)
                self._queue.append(candidate)
                continue
            async with aclosing(self._ask(candidate, deliver)) as pieces:
                async for piece in pieces:
                    yield piece
                    if isinstance(piece, Response):
                        return
        raise self._verdict()

    def _admitted(self, candidate: Candidate) -> bool:
        return self._services.breakers.admits(candidate.model.id, candidate.provider.id)

    def _verdict(self) -> Exception:
        if self._parts.ids:
            return _broken_off(self._failures[-1])
        return verdict(self._failures)

    async def _candidates(self) -> list[Candidate]:
        return await self._services.router.candidates(self._call.question, self._excluded)

    async def _from_log(self) -> Response | None:
        key = self._call.context.key
        return await self._services.log.find_answer(key) if key else None

    async def _ask(self, candidate: Candidate, deliver: bool) -> AsyncGenerator[str | Response]:
        """One model's turn: ends without a Response where another one should be asked."""
        await self._wait_until_asked(candidate)
        stream = deliver and not self._call.options.whole_answers
        while True:
            next = await self._next(candidate)
            if next is None:
                self._services.breakers.undecided(candidate.model.id, candidate.provider.id)
                return
            attempt, way = next
            self.current = attempt
            decided = False
            pieces = attempt.run()
            try:
                async for piece in pieces:
                    if isinstance(piece, Response):
                        decided = True
                        self._services.breakers.succeeded(candidate.model.id, candidate.provider.id)
                        async for last in self._complete(piece, deliver, stream):
                            yield last
                    elif stream:
                        yield piece
                    elif self._watch is not None:
                        await self._watch(attempt.given)
                return
            except TooDear as dear:
                self._failures.append(Failure(candidate.model.name, dear))
                return
            except AttemptFailed as failed:
                decided = True
                pause = self._after(candidate, attempt, failed, way, stream)
            finally:
                if not decided:
                    self._services.breakers.undecided(candidate.model.id, candidate.provider.id)
                await pieces.aclose()
                self._tokens += attempt.usage.prompt_tokens + attempt.usage.completion_tokens
            if pause is None:
                return
            await asyncio.sleep(pause)
            if not self._parts.ids and (logged := await self._from_log()) is not None:
                async for piece in _at_once(logged, deliver):
                    yield piece
                return

    async def _complete(
        self, response: Response, deliver: bool, stream: bool
    ) -> AsyncGenerator[str | Response]:
        """The answer with what went before it."""
        if deliver and not stream and response.text:
            yield response.text
        if self._failures and not response.from_log:
            told = tuple(f"{failure.model}: {failure.reason.message}" for failure in self._failures)
            response = response.model_copy(update={"failures": told})
        yield response

    async def _wait_until_asked(self, candidate: Candidate) -> None:
        """Keep to a Retry-After that this call was given earlier."""
        moment = self._not_before.get(candidate.model.id)
        if moment is not None and (wait := moment - time.monotonic()) > 0:
            await asyncio.sleep(wait)

    async def _next(self, candidate: Candidate) -> tuple[Attempt, Way | None] | None:
        """The next attempt at a model; None where it cannot go on from what the caller has."""
        call, joint, way = self._call, None, None
        if self._parts.ids:
            asked = await self._going_on.ask(candidate.model, self._parts)
            if asked is None:
                return None
            call, joint, way = asked
        self._attempts += 1
        self._tried[candidate.model.id] += 1
        plain = candidate.model.id in self._plain
        attempt = Attempt(
            self._services, call, candidate, self._attempts, self._previous, plain, self._parts, joint
        )
        return attempt, way

    def _after(
        self, candidate: Candidate, attempt: Attempt, failed: AttemptFailed, way: Way | None, stream: bool
    ) -> float | None:
        """Seconds until the same model is asked again; None for the next one."""
        self._failures.append(Failure(candidate.model.name, failed))
        self._previous = attempt.id or self._previous
        self._services.breakers.failed(candidate.model.id, candidate.provider.id, failed)
        if stream and attempt.given and attempt.id is not None:
            self._parts = self._parts.plus(attempt.given, attempt.id, attempt.usage, attempt.cost)
        elif way is not None and (failed.trouble is Trouble.REFUSED or attempt.text):
            # It does not take a prefilled answer, or what it wrote does not go on where the text broke off.
            return 0.0 if self._going_on.refuse(candidate.model, way) else None
        if self._schema_refused(candidate, failed):
            self._plain.add(candidate.model.id)
            return 0.0
        if failed.trouble is Trouble.TOO_LONG:
            self._rule_out_shorter(candidate)
        tried = self._tried[candidate.model.id]
        if not failed.trouble.again or tried > self._call.options.retries:
            return None
        if self._queue and self._others_first(candidate, attempt, failed):
            if failed.trouble is not Trouble.SILENT or tried < _SILENT_TURNS:
                self._queue.append(candidate)
            return None
        return pause_before(tried, failed, self._call.options.timeouts.longest_wait)

    def _others_first(self, candidate: Candidate, attempt: Attempt, failed: AttemptFailed) -> bool:
        """Whether the other models come before this one is asked again."""
        asked = failed.retry_after
        if asked is not None and asked > _WORTH_WAITING:
            self._not_before[candidate.model.id] = time.monotonic() + asked
            return asked <= self._call.options.timeouts.longest_wait
        if failed.trouble in (Trouble.UNREACHABLE, Trouble.SILENT) or attempt.text:
            return True
        ids = (candidate.model.id, candidate.provider.id)
        return self._services.breakers.state(*ids) is BreakerState.OPEN and asked is None

    def _rule_out_shorter(self, candidate: Candidate) -> None:
        """A prompt that is too long for a model is too long for all that take no more."""
        length = candidate.model.context_length
        self._never |= {c.model.id for c in (candidate, *self._queue) if c.model.context_length <= length}

    def _schema_refused(self, candidate: Candidate, failed: AttemptFailed) -> bool:
        return (
            self._call.schema is not None
            and failed.trouble is Trouble.REFUSED
            and candidate.model.id not in self._plain
            and _NO_SCHEMA.search(failed.message) is not None
        )


async def _at_once(response: Response, deliver: bool) -> AsyncGenerator[str | Response]:
    if deliver and response.text:
        yield response.text
    yield response


def _broken_off(failure: Failure) -> NobodyCould:
    return NobodyCould(
        f"{failure.model} broke off in the middle of its answer: {failure.reason.message}",
        remedy="Ask again; with `whole_answers`, or generate_response, the answer is fetched anew by itself.",
    )


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt that has begun to answer: the request's id, and which model was chosen why."""

    request_id: UUID
    provider: str
    model: str
    route: str


class ResponseStream:
    """A text that is being written: iterate over its pieces, then ask for the `response`.

    The iteration ends after the answer's end is safe in the log. The pieces joined are the response's text,
    but for one case: where another process finished the same `key` first, its answer is the response.
    `aclose` (or leaving the `async with` block) ends the request, which is logged as cancelled.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
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

    @property
    def begun(self) -> Begun | None:
        """Who is answering, once a first piece came; None before that, and where the log answers."""
        attempt = self._exchange.current
        if attempt is None or attempt.id is None:
            return None
        candidate = attempt.candidate
        return Begun(attempt.id, candidate.provider.name, candidate.model.name, candidate.route)

    async def aclose(self) -> None:
        """End the request, if it is still under way."""
        await self._pieces.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
