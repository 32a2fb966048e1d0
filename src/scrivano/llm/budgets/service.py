"""Reserve before an attempt, settle after it."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from scrivano.core.errors import InvalidInput
from scrivano.core.flights import Flights
from scrivano.llm.budgets import repo
from scrivano.llm.dto import CallContext
from scrivano.llm.errors import TooDear
from scrivano.llm.money import Prices, dollars, nano_dollars
from scrivano.llm.pool import Connection, Pool

FRESH = 1.0
"""Seconds for which is not read again which budgets a caller falls under; what is left in them is always read."""

_KEPT = 10_000
_ELSEWHERE = 0.25
"""Seconds after which is looked again at a budget that attempts of other processes hold: their settling is unheard."""

_AMPLE = 8_192
"""Tokens that hardly an answer needs more of: with so many nobody waits for others to settle."""

Scope = Literal["run", "project", "user", "key"]


class BudgetView(BaseModel):
    """A budget in US dollars. `reserved` is what attempts under way may cost at most."""

    model_config = ConfigDict(frozen=True)

    scope: Scope
    scope_id: str
    limit: Decimal
    reserved: Decimal
    spent: Decimal

    @property
    def left(self) -> Decimal:
        """What can still be reserved; never below zero."""
        return max(Decimal(0), self.limit - self.reserved - self.spent)


@dataclass(frozen=True, slots=True)
class Wish:
    """What an attempt may take. Fewer than `min_tokens` are no use; `seconds` is its longest time."""

    prices: Prices
    prompt_tokens: int
    max_tokens: int
    min_tokens: int
    seconds: float
    max_cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """What it was granted: the amount in nano-dollars and the tokens that this pays for."""

    amount: int
    max_tokens: int
    reserved: bool


_MOST = 9_000_000_000
"""Dollars that fit into the database as whole billionths of one."""


class Budgets:
    """Ceilings by scope. All amounts are exact to a billionth of a dollar."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._applying: dict[tuple[tuple[str, str], ...], tuple[list[int], float]] = {}
        self._reads: Flights[tuple[tuple[str, str], ...], list[int]] = Flights()
        self._open: set[UUID] = set()
        self._settled = asyncio.Event()

    async def set(self, scope: Scope, scope_id: str, limit: Decimal | None) -> BudgetView | None:
        """Set the ceiling of a scope; None takes it away. What was spent stays counted.

        Other processes keep to a new one within a second.
        """
        if limit is not None and (not limit.is_finite() or limit < 0):
            raise InvalidInput("A budget cannot be negative.", field="limit_usd", remedy="Give 0 or more.")
        if limit is not None and limit > _MOST:
            raise InvalidInput(
                f"A budget of more than ${_MOST} cannot be kept to the billionth of a dollar.",
                field="limit_usd",
                remedy="Give less, or null for no limit.",
            )
        self._applying.clear()
        self._reads.forget()
        async with self._pool.connection() as connection:
            if limit is None:
                await repo.remove(connection, scope, scope_id)
                return None
            return _view(await repo.put(connection, scope, scope_id, nano_dollars(limit)))

    async def get(self, scope: Scope, scope_id: str) -> BudgetView | None:
        """The budget of a scope, or None if it has no ceiling."""
        async with self._pool.connection() as connection:
            row = await repo.find(connection, scope, scope_id)
        return _view(row) if row else None

    async def applying(self, context: CallContext) -> list[int]:
        """The budgets that a call falls under."""
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
            found = await repo.applying(connection, scopes)
        if len(self._applying) >= _KEPT:
            self._applying.clear()
        self._applying[scopes] = (found, began)
        return found

    async def reserve(self, budgets: list[int], request: UUID, instance: int, wish: Wish) -> Grant:
        """Reserve the most that the attempt can cost, in all budgets or in none.

        The answer is capped to what the tightest budget pays for. What only attempts under way hold is waited for, up
        to the attempt's own `seconds`: they mostly cost far less than they may. Raises TooDear if what is left then
        pays for less than `min_tokens`.
        """
        ceiling = None if wish.max_cost is None else nano_dollars(wish.max_cost)
        if not budgets or wish.prices.free:
            return _grant(wish, ceiling, reserved=False)
        patient_until = time.monotonic() + wish.seconds
        while True:
            settled = self._settled
            async with self._pool.connection() as connection, connection.transaction():
                rows = await repo.lock(connection, budgets)
                if time.monotonic() >= patient_until or not _worth_waiting(wish, rows, ceiling):
                    grant = _grant(wish, _left(rows, ceiling))
                    # Noted before it is committed: whoever is cancelled in between has something to settle.
                    self._open.add(request)
                    ids = [row["id"] for row in rows]
                    await repo.reserve(connection, ids, request, instance, grant.amount)
                    return grant
            with suppress(TimeoutError):
                await asyncio.wait_for(settled.wait(), _ELSEWHERE)

    async def settle(self, request: UUID, cost: int) -> None:
        """Put what the attempt did cost in the place of its reservation, if this process made one for it."""
        if request not in self._open:
            return
        async with self._pool.connection() as connection, connection.transaction():
            await repo.settle(connection, request, cost)
        self._open.discard(request)
        self._settled.set()
        self._settled = asyncio.Event()

    async def release_dead(self, connection: Connection, instance: int, oldest: UUID) -> None:
        """Settle what a dead process had reserved, within the caller's transaction."""
        await repo.settle_dead(connection, instance)


def scopes_of(context: CallContext) -> list[tuple[str, str]]:
    """The scopes that a call falls under."""
    named = {
        "run": context.run_id,
        "project": context.project_id,
        "user": context.user_id,
        "key": context.api_key_id,
    }
    return [(scope, id) for scope, id in named.items() if id]


def _left(rows: list[repo.Row], ceiling: int | None, *, held: bool = True) -> int | None:
    """What the tightest budget has left; without `held` as if attempts under way cost nothing."""
    left = [row["limit_nano"] - row["spent_nano"] - (row["reserved_nano"] if held else 0) for row in rows]
    return min([*left, *([] if ceiling is None else [ceiling])], default=None)


def _worth_waiting(wish: Wish, rows: list[repo.Row], ceiling: int | None) -> bool:
    """Whether an attempt could have more once those under way have settled, and may need it."""
    now, then = (_tokens(wish, _left(rows, ceiling, held=held)) for held in (True, False))
    return now < min(then, max(_AMPLE, wish.min_tokens)) and then >= min(wish.min_tokens, wish.max_tokens)


def _tokens(wish: Wish, left: int | None) -> int:
    """How many tokens of answer this pays for, of those wished."""
    if left is None:
        return wish.max_tokens
    affordable = wish.prices.affordable_tokens(max(0, left), wish.prompt_tokens, wish.seconds)
    return wish.max_tokens if affordable is None else min(affordable, wish.max_tokens)


def _grant(wish: Wish, left: int | None, *, reserved: bool = True) -> Grant:
    tokens = _tokens(wish, left)
    if left is not None and (tokens < min(wish.min_tokens, wish.max_tokens) or left < 0):
        raise TooDear(
            f"${dollars(max(0, left))} are left, which does not pay for a useful answer.",
            field="budget",
            remedy="Raise the budget, shorten the prompt, or choose a cheaper model.",
        )
    return Grant(wish.prices.bound(wish.prompt_tokens, tokens, wish.seconds), tokens, reserved)


def _view(row: repo.Row) -> BudgetView:
    return BudgetView(
        scope=row["scope"],
        scope_id=row["scope_id"],
        limit=dollars(row["limit_nano"]),
        reserved=dollars(row["reserved_nano"]),
        spent=dollars(row["spent_nano"]),
    )
