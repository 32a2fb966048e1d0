"""Sums as callers see them."""

import datetime as dt
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Step = Literal["hour", "day", "month", "all"]
GroupBy = Literal["model", "tier", "feature", "genre", "kind", "user", "project", "key", "none"]


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class Tally(_View):
    """Sums over attempts, in US dollars, tokens and seconds.

    `attempts` are all that were sent, `finished` those that were answered; `hits` came out of the cache. `cost` has
    everything in it: failed attempts, electricity. `would_have_cost` is what the cloud tier would have taken for
    the same answers, at its prices of then, `from_cache` what asking the cache's answers again would have cost.
    `unpriced` attempts had no cloud model to compare with.
    """

    attempts: int = 0
    finished: int = 0
    hits: int = 0
    unpriced: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    seconds: float = 0.0
    cost: Decimal = Decimal(0)
    would_have_cost: Decimal = Decimal(0)
    from_cache: Decimal = Decimal(0)

    @property
    def saved(self) -> Decimal:
        """What was saved against asking the cloud tier for all of it; less than nothing where that was cheaper."""
        return self.would_have_cost + self.from_cache - self.cost

    def plus(self, other: "Tally", sign: int = 1) -> "Tally":
        """With the other's added, or taken away."""
        return Tally(
            **{name: getattr(self, name) + sign * getattr(other, name) for name in Tally.model_fields}
        )


class TallyView(Tally):
    """The same with what was saved."""

    saved_usd: Decimal = Decimal(0)


class Statistics(_View):
    """Sums since the last new start (`since`; None: since ever): over all, by tier, feature and genre, and each
    genre's and feature's by tier. Tiers are `small-local`, `large-local`, `cloud` and `rules`."""

    since: dt.datetime | None
    total: TallyView
    by_tier: dict[str, TallyView]
    by_feature: dict[str, dict[str, TallyView]]
    by_genre: dict[str, dict[str, TallyView]]


class UsageRow(TallyView):
    """The sums of a group in an hour, a day or a month; `start` is None for all of the time."""

    start: dt.datetime | None
    group: str | None = Field(description="None where nothing is named.")


def shown(tally: Tally) -> TallyView:
    """With what was saved."""
    return TallyView(**tally.model_dump(), saved_usd=tally.saved)
