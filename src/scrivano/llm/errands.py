"""What is asked of a provider beside answers: pictures, searches, embeddings. Each goes to the models that can do it
and that the project's policy permits, is reserved and logged before it is sent, and settled after.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from scrivano.core.ids import new_id
from scrivano.llm.attempt import Services, to_the_end
from scrivano.llm.budgets.service import Grant, Wish
from scrivano.llm.candidates import START_A_MODEL, Candidate, named, unknown
from scrivano.llm.dto import CallContext, Locality, Message, Options, RequestStatus, Timeouts, Usage
from scrivano.llm.errors import NobodyCould, NotPermitted, TooDear
from scrivano.llm.log.rows import Closing, Opening
from scrivano.llm.money import Prices, dollars
from scrivano.llm.policies.service import ProjectPolicy
from scrivano.llm.providers.base import AttemptFailed, Provider, Trouble
from scrivano.llm.providers.kinds import passes_on
from scrivano.llm.registry.dto import ModelView, ProviderView
from scrivano.llm.registry.service import prices_of
from scrivano.llm.tokens import bound_prompt
from scrivano.llm.verdict import Failure, pause_before, verdict

T = TypeVar("T")

_MILLION = 1_000_000
_LARGEST_PICTURE = 20_000
"""Tokens that the dearest picture takes at most, where it is paid by tokens."""


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """What a provider gave. `answer` is what the log keeps of it."""

    value: T
    usage: Usage | None = None
    locality: Locality | None = None
    answer: Message | None = None


@dataclass(frozen=True, slots=True)
class Errand(Generic[T]):
    """Something to be done by a model with the `ability`. `settings` go into the log beside the messages;
    `variants` name what the price of one depends on, the most special first."""

    kind: Literal["image", "search", "embedding"]
    ability: str
    messages: tuple[Message, ...]
    do: Callable[[Provider, ModelView, Timeouts], Awaitable[Done[T]]]
    patience: float
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What came of it, by whom and at which cost in US dollars."""

    value: T
    request_id: UUID
    model: str
    provider: str
    usage: Usage
    cost: Decimal
    seconds: float


async def run(services: Services, errand: Errand[T], options: Options, context: CallContext) -> Outcome[T]:
    """Asks the models in turn until one has done it, within the caller's rate limits. Raises LLMError."""
    most = bound_prompt(errand.messages)
    # No answer of tokens comes back that could be capped, so none are set aside for it.
    limited = options.model_copy(update={"max_tokens": 1, "min_tokens": 1})
    async with services.limits.place(context, limited, lambda: (most // 4, most)) as place:
        place.tokens = 0
        outcome = await _Run(services, errand, options, context).outcome()
        place.tokens = outcome.usage.prompt_tokens + outcome.usage.completion_tokens
        return outcome


class _Run(Generic[T]):
    def __init__(self, services: Services, errand: Errand[T], options: Options, context: CallContext) -> None:
        self._services = services
        self._errand = errand
        self._options = options
        self._context = context
        self._failures: list[Failure] = []
        self._attempts = 0
        self._previous: UUID | None = None

    async def outcome(self) -> Outcome[T]:
        queue = deque(await self._candidates())
        put_off: set[UUID] = set()
        breakers = self._services.breakers
        while queue:
            candidate = queue.popleft()
            ids = (candidate.model.id, candidate.provider.id)
            if queue and candidate.model.id not in put_off and not breakers.admits(*ids):
                put_off.add(candidate.model.id)
                queue.append(candidate)
                continue
            outcome = await self._turn(candidate, last=not queue)
            if outcome is not None:
                return outcome
        raise verdict(self._failures)

    async def _turn(self, candidate: Candidate, *, last: bool) -> Outcome[T] | None:
        """One model's turn; the last one is asked again where that may help."""
        ids = (candidate.model.id, candidate.provider.id)
        breakers, tried = self._services.breakers, 0
        while True:
            tried += 1
            try:
                outcome = await self._once(candidate)
            except TooDear as dear:
                breakers.undecided(*ids)
                self._failures.append(Failure(candidate.model.name, dear))
                return None
            except AttemptFailed as failed:
                breakers.failed(*ids, failed)
                self._failures.append(Failure(candidate.model.name, failed))
                if not last or not failed.trouble.again or tried > self._options.retries:
                    return None
                pause = pause_before(tried, failed, self._options.timeouts.longest_wait)
                if pause is None:
                    return None
                await asyncio.sleep(pause)
            except BaseException:
                breakers.undecided(*ids)
                raise
            else:
                breakers.succeeded(*ids)
                return outcome

    async def _candidates(self) -> list[Candidate]:
        snapshot = await self._services.registry.snapshot()
        policy = await self._services.router.policies.of(self._context.project_id)
        ability, wanted = self._errand.ability, self._options.model
        able = [m for m in snapshot.models if m.enabled and ability in m.capabilities]
        able = [m for m in able if snapshot.providers[m.provider_id].enabled]
        models = sorted(able, key=lambda m: m.health == "down") if wanted == "auto" else named(able, wanted)
        if wanted != "auto" and not models:
            raise unknown(wanted, able)
        route = "auto" if wanted == "auto" else "named"
        found = [Candidate(m, snapshot.providers[m.provider_id], route) for m in models]
        permitted = [c for c in found if _permits(policy, c.provider, c.model.name)]
        if found and not permitted:
            raise NotPermitted(
                f"The project is local-only, and no model with {ability!r} is on this machine.",
                field="project_id",
                remedy="Use a local one, or name its host in the project's settings.",
            )
        if not permitted:
            raise NobodyCould(f"There is no model with {ability!r}.", field="model", remedy=START_A_MODEL)
        return permitted

    async def _once(self, candidate: Candidate) -> Outcome[T]:
        services, model = self._services, candidate.model
        async with services.slots.of(model.id, model.concurrency) as waited:
            policy = await services.router.policies.of(self._context.project_id)
            if not _permits(policy, candidate.provider, model.name):
                policy.check(candidate.provider, model.name)
                raise AttemptFailed(Trouble.FORBIDDEN, f"{model.name} may not be asked for this project.")
            provider = await services.registry.connection(candidate.provider)
            return await self._logged(candidate, provider, waited)

    async def _logged(self, candidate: Candidate, provider: Provider, waited: float) -> Outcome[T]:
        id, price = new_id(), _price(self._errand, candidate)
        self._attempts += 1
        grant = await self._reserve(id, candidate, price)
        opening = self._opening(id, candidate, grant, waited)
        began = time.monotonic()
        try:
            await self._services.log.open(opening, self._errand.messages)
            self._previous = id
            began = time.monotonic()
            done = await self._errand.do(provider, candidate.model, self._timeouts(candidate))
        except AttemptFailed as failed:
            cost = grant.amount if failed.billed else 0
            closing = Closing(opening, RequestStatus.FAILED, time.monotonic() - began, cost=cost)
            closing.locality = None if passes_on(candidate.provider.kind) else failed.locality
            closing.error = f"{failed.trouble.label}: {failed.message}"
            await to_the_end(self._close(closing, price))
            raise
        except BaseException:
            spent = time.monotonic() - began
            closing = Closing(opening, RequestStatus.CANCELLED, spent, cost=grant.amount)
            closing.error = "The caller went away."
            await to_the_end(self._close(closing, price))
            raise
        seconds = time.monotonic() - began
        usage = done.usage or self._guessed(price)
        cost = price.cost(usage, seconds)
        closing = Closing(opening, RequestStatus.FINISHED, seconds, cost=cost, usage=usage)
        closing.locality = None if passes_on(candidate.provider.kind) else done.locality
        closing.answer, closing.finish_reason = done.answer, "stop"
        await to_the_end(self._close(closing, price))
        name = candidate.provider.name
        return Outcome(done.value, id, candidate.model.name, name, usage, dollars(cost), seconds)

    def _opening(self, id: UUID, candidate: Candidate, grant: Grant, waited: float) -> Opening:
        return Opening(
            id=id,
            context=self._context,
            provider=candidate.provider.name,
            model=candidate.model.name,
            locality=_reach(candidate.provider, candidate.model),
            route=candidate.route,
            settings=dict(self._errand.settings),
            attempt=self._attempts,
            previous=self._previous,
            queued_seconds=waited,
            reserved=grant.amount,
            kind=self._errand.kind,
            tier=candidate.model.tier,
        )

    async def _reserve(self, id: UUID, candidate: Candidate, price: "_Price") -> Grant:
        budgets = await self._services.budgets.applying(self._context)
        limited = bool(budgets) or self._options.max_cost is not None
        if limited and not price.known:
            raise TooDear(
                f"What {candidate.model.name} costs is not known, so no budget can be kept.",
                field="model",
                remedy="Enter its prices with `scrivano models`, or the provider's `unit_prices`.",
            )
        most = self._options.timeouts.total
        prompt = 0 if price.by_unit else bound_prompt(self._errand.messages, [])
        units = price.most_units(self._errand.kind)
        wish = Wish(price.prices, prompt, units, units, most, self._options.max_cost)
        instance = self._services.log.instance.number
        return await self._services.budgets.reserve(budgets, id, instance, wish)

    async def _close(self, closing: Closing, price: "_Price") -> None:
        await self._services.log.close(closing)
        if not price.prices.free:
            await self._services.budgets.settle(closing.opening.id, closing.cost)

    def _timeouts(self, candidate: Candidate) -> Timeouts:
        given = self._options.timeouts
        local = candidate.model.locality is not Locality.CLOUD
        first = given.first_token or self._errand.patience * (10 if local else 1)
        return given.model_copy(update={"first_token": first, "between_tokens": given.between_tokens or 30.0})

    def _guessed(self, price: "_Price") -> Usage:
        """Where the provider reports nothing: the bound where tokens cost money, else four bytes a token."""
        if price.by_unit and self._errand.kind != "embedding":
            return Usage(source="counted")
        if price.prices.free:
            size = sum(len(message.text.encode()) for message in self._errand.messages)
            return Usage(prompt_tokens=-(-size // 4), source="counted")
        made = 0 if self._errand.kind == "embedding" else price.most_units(self._errand.kind)
        tokens = bound_prompt(self._errand.messages, [])
        return Usage(prompt_tokens=tokens, completion_tokens=made, source="counted")


@dataclass(frozen=True, slots=True)
class _Price:
    """By the piece where the provider's settings name a price of one (`by_unit`), else by tokens."""

    prices: Prices
    known: bool
    by_unit: bool

    def most_units(self, kind: str) -> int:
        """What is paid for at most: one piece, or a picture's tokens."""
        if self.by_unit:
            return 1
        return _LARGEST_PICTURE if kind == "image" else 0

    def cost(self, usage: Usage, seconds: float) -> int:
        """Nano-dollars."""
        return self.prices.cost(Usage(completion_tokens=1) if self.by_unit else usage, seconds)


def _price(errand: Errand[Any], candidate: Candidate) -> _Price:
    listed: dict[str, Any] = candidate.provider.settings.get("unit_prices") or {}
    name = candidate.model.name
    for key in (*(f"{name}/{variant}" for variant in errand.variants), name, "*"):
        if key in listed:
            hour = candidate.model.electricity_hour
            per_piece = Decimal(str(listed[key])) * _MILLION
            return _Price(Prices(output_mtok=per_piece, electricity_hour=hour), True, True)
    return _Price(prices_of(candidate.model), candidate.model.prices_known, False)


def _permits(policy: ProjectPolicy, provider: ProviderView, model: str) -> bool:
    """As for answers; but what hands questions on to hosts elsewhere must have been named, wherever it is itself."""
    if policy.local_only and passes_on(provider.kind):
        return (urlsplit(provider.base_url).hostname or "").lower() in policy.hosts
    return policy.permits(provider, model)


def _reach(provider: ProviderView, model: ModelView) -> Locality:
    return Locality.CLOUD if passes_on(provider.kind) else model.locality
