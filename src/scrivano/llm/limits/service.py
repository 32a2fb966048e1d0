"""Rate limits: who may ask now, and who has to wait for how long.

A call takes its place before anything is sent: one request, and as many tokens as it may take at most. When it ends
the tokens become those that it took. In no sixty seconds are there more than the limit says, whatever the number
of processes. What a dead process had taken runs out by itself.
"""

import asyncio
import random
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from math import ceil, floor

from pydantic import BaseModel, ConfigDict, Field

from scrivano.core.flights import Flights
from scrivano.llm.budgets.service import Scope, scopes_of
from scrivano.llm.dto import CallContext, Options
from scrivano.llm.errors import AskDifferently, TryLater
from scrivano.llm.limits import repo
from scrivano.llm.pool import Pool

WINDOW = 60
FRESH = 1.0
"""Seconds for which what was read of a caller's limits is not read again."""

_KEPT = 10_000
_USUAL_ANSWER = 4_096
"""Tokens that an answer gets where its length is not asked for but tokens are limited."""


class RateLimit(BaseModel):
    """Requests and tokens within any sixty seconds; None: no limit. `…_used` is what was taken in the last sixty."""

    model_config = ConfigDict(frozen=True)

    scope: Scope
    scope_id: str
    requests_minute: int | None = Field(default=None, gt=0)
    tokens_minute: int | None = Field(default=None, gt=0)
    requests_used: int = 0
    tokens_used: int = 0


@dataclass
class Place:
    """What a call was given. `max_tokens` caps its answer; `tokens` is to be set to what it took."""

    max_tokens: int | None
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class _Taken:
    limits: list[int]
    second: int
    tokens: int


class Limits:
    """The rate limits of all scopes."""

    def __init__(self, pool: Pool, *, window: int = WINDOW) -> None:
        self._pool = pool
        self._window = window
        self._applying: OrderedDict[tuple[tuple[str, str], ...], tuple[list[int], float]] = OrderedDict()
        self._reads: Flights[tuple[tuple[str, str], ...], list[int]] = Flights()

    async def set(
        self, scope: Scope, scope_id: str, *, requests_minute: int | None, tokens_minute: int | None
    ) -> RateLimit | None:
        """Set a scope's limits; both None take them away. Other processes keep to them within a second."""
        limit = RateLimit(
            scope=scope, scope_id=scope_id, requests_minute=requests_minute, tokens_minute=tokens_minute
        )
        self._applying.clear()
        self._reads.forget()
        async with self._pool.connection() as connection:
            if requests_minute is None and tokens_minute is None:
                await connection.execute(repo.REMOVE, [scope, scope_id])
                return None
            await repo.fetch(connection, repo.SET, [scope, scope_id, requests_minute, tokens_minute])
        return limit

    async def get(self, scope: Scope, scope_id: str) -> RateLimit | None:
        """A scope's limits and what is used of them, or None if it has none."""
        async with self._pool.connection() as connection:
            rows = await repo.fetch(connection, repo.GET, [scope, scope_id])
            if not rows:
                return None
            since = floor(await repo.now(connection)) - self._window - 1
            used = await repo.fetch(connection, repo.USED, [[rows[0]["id"]], since])
        fields = {name: rows[0][name] for name in RateLimit.model_fields if name in rows[0]}
        return RateLimit(
            **fields,
            requests_used=sum(row["requests"] for row in used),
            tokens_used=sum(row["tokens"] for row in used),
        )

    @asynccontextmanager
    async def place(
        self, context: CallContext, options: Options, size: Callable[[], tuple[int, int]]
    ) -> AsyncGenerator[Place]:
        """A place for one call, waited for no longer than `longest_wait` says. `size` tells how many tokens its
        prompt has at least and at most.

        Raises TryLater with `retry_after`, AskDifferently for a prompt that no minute has room for.
        """
        ids = await self._ids(context)
        place = Place(options.max_tokens)
        if not ids:
            yield place
            return
        least, most = size()
        taken = await self._wait(ids, options, least, most, place)
        place.tokens = taken.tokens
        try:
            yield place
        finally:
            if taken.tokens and place.tokens != taken.tokens:
                await asyncio.shield(self._settle(taken, place.tokens))

    async def _ids(self, context: CallContext) -> list[int]:
        scopes = tuple(scopes_of(context))
        if not scopes:
            return []
        began = time.monotonic()
        kept = self._applying.get(scopes)
        if kept is not None and began - kept[1] < FRESH:
            return kept[0]
        return await self._reads.share(scopes, lambda: self._read(scopes, began))

    async def _read(self, scopes: tuple[tuple[str, str], ...], began: float) -> list[int]:
        async with self._pool.connection() as connection:
            ids = await repo.applying(connection, scopes)
        self._applying[scopes] = (ids, began)
        while len(self._applying) > _KEPT:
            self._applying.popitem(last=False)
        return ids

    async def _wait(self, ids: list[int], options: Options, least: int, most: int, place: Place) -> _Taken:
        left = options.timeouts.longest_wait
        while True:
            taken = await self._take(ids, options, least, most, place)
            if isinstance(taken, _Taken):
                return taken
            if taken > left:
                error = TryLater(
                    f"The limit a minute is reached; there is room again in {ceil(taken)} s.",
                    field="rate_limit",
                    remedy="Ask again then, or raise the limit.",
                )
                error.retry_after = taken
                raise error
            pause = taken + random.uniform(0.0, 0.1)
            left -= pause
            await asyncio.sleep(pause)

    async def _take(
        self, ids: list[int], options: Options, least: int, most: int, place: Place
    ) -> _Taken | float:
        """The place, or the seconds until there may be one."""
        async with self._pool.connection() as connection, connection.transaction():
            limits = await repo.fetch(connection, repo.LOCK, [ids])
            now = await repo.now(connection)
            # A slot's last moment is nearly a second after its first.
            since = floor(now) - self._window - 1
            used = await repo.fetch(connection, repo.USED, [ids, since])
            room = min((row["tokens_minute"] for row in limits if row["tokens_minute"]), default=None)
            tokens = 0
            if room is not None:
                tokens, place.max_tokens = _wanted(room, options, least, most)
            waits = [self._until(row, used, tokens, now) for row in limits]
            if any(waits):
                return max(waits)
            locked = [row["id"] for row in limits]
            await connection.execute(repo.FORGET, [locked, since])
            await connection.execute(repo.TAKE, [floor(now), tokens, locked])
        return _Taken(locked, floor(now), tokens)

    def _until(self, limit: repo.Row, used: list[repo.Row], tokens: int, now: float) -> float:
        """Seconds until a limit has room for one more request of so many tokens; 0.0 now."""
        slots = [row for row in used if row["limit_id"] == limit["id"]]
        requests, spent = sum(row["requests"] for row in slots), sum(row["tokens"] for row in slots)
        for slot in [None, *slots]:
            if slot is not None:
                requests -= slot["requests"]
                spent -= slot["tokens"]
            fits_requests = limit["requests_minute"] is None or requests < limit["requests_minute"]
            fits_tokens = limit["tokens_minute"] is None or spent + tokens <= limit["tokens_minute"]
            if fits_requests and fits_tokens:
                return 0.0 if slot is None else max(0.001, slot["second"] + self._window + 1 - now)
        return float(self._window)

    async def _settle(self, taken: _Taken, tokens: int) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(repo.SETTLE, [tokens - taken.tokens, taken.limits, taken.second])


def _wanted(room: int, options: Options, least: int, most: int) -> tuple[int, int]:
    """The tokens to be taken, and the longest answer they leave room for."""
    if least + options.min_tokens > room:
        raise AskDifferently(
            f"The prompt has at least {least} tokens, and {room} a minute are allowed.",
            field="messages",
            remedy="Shorten the prompt, or raise the limit.",
        )
    answer = min(options.max_tokens or _USUAL_ANSWER, max(options.min_tokens, room - most))
    return min(room, most + answer), answer
