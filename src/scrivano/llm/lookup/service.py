"""Looking through the log, and the route that a text would take."""

import datetime as dt
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from scrivano.llm.breakers import Breakers
from scrivano.llm.dto import CallContext, Message, Options, RequestStatus, RequestView
from scrivano.llm.log.rows import view_of
from scrivano.llm.lookup import repo
from scrivano.llm.pool import Pool
from scrivano.llm.router import Question, Router
from scrivano.llm.routing.rules import packaged


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class Sieve(_View):
    """Which requests are wanted. What is not given lets everything through.

    `newest` is the id of the newest request to look at: while pages are turned, those that come in later do not move
    the rows. `since` is a moment.
    """

    user_id: str | None = None
    project_id: str | None = None
    run_id: str | None = None
    feature: str | None = None
    model: str | None = None
    status: RequestStatus | None = None
    since: dt.datetime | None = None
    newest: UUID | None = None


class Counted(_View):
    """How many requests there are, and the newest of the whole log, by which a list holds still."""

    requests: int
    newest: UUID | None


class Facets(_View):
    """What can be asked for: the features and models that occur in the log."""

    features: list[str]
    models: list[str]


class WhyRoute(_View):
    """One thing that made a text seem harder or easier."""

    rule: str
    weight: float
    evidence: str


class RouteStop(_View):
    """A model that would be asked, in its turn."""

    model_id: UUID
    model: str
    provider: str
    tier: str
    locality: str
    health: Literal["unknown", "up", "down"]
    breaker: Literal["closed", "open", "half_open"]
    route: str


class RouteView(_View):
    """The way that a text would take: how demanding it is, why, and which models would be asked in which order."""

    level: int = Field(description="From 1 to 10.")
    score: float
    base: float = Field(description="Where every text starts.")
    tier: str
    reasons: list[WhyRoute]
    stops: list[RouteStop]


class BreakerView(_View):
    """The circuit of a model, as this process sees it: `open` rests, `half_open` is being tried again."""

    model_id: UUID
    state: Literal["closed", "open", "half_open"]


class Lookup:
    """Reads the log by any of its columns, and asks the router without sending anything."""

    def __init__(self, pool: Pool, router: Router, breakers: Breakers) -> None:
        self._pool = pool
        self._router = router
        self._breakers = breakers

    async def requests(self, sieve: Sieve, limit: int = 50, offset: int = 0) -> list[RequestView]:
        """The attempts that pass, newest first, without texts."""
        wanted = {**_wanted(sieve), "limit": limit, "offset": offset}
        async with self._pool.connection() as connection:
            return [view_of(row) for row in await repo.page(connection, wanted)]

    async def count(self, sieve: Sieve) -> Counted:
        """How many pass."""
        async with self._pool.connection() as connection:
            row = await repo.count(connection, _wanted(sieve))
        return Counted(requests=row["requests"], newest=UUID(row["newest"]) if row["newest"] else None)

    async def facets(self) -> Facets:
        """The features and models that occur."""
        async with self._pool.connection() as connection:
            rows = await repo.facets(connection)
        return Facets(
            features=sorted({row["feature"] for row in rows}), models=sorted({row["model"] for row in rows})
        )

    async def route(self, text: str, *, project_id: str | None = None, model: str = "auto") -> RouteView:
        """What the router would do with this text. Nothing is sent, nothing is written to the log.

        Raises what a request would raise: AskDifferently, NotPermitted, NobodyCould.
        """
        question = Question(
            Options(model=model),
            CallContext(feature="llm", purpose="route", project_id=project_id),
            [Message(role="user", content=text)],
        )
        found = self._router.scorer(text)
        candidates = await self._router.candidates(question)
        return RouteView(
            level=found.level,
            score=found.score,
            base=float(packaged("text")["base"]),
            tier=found.tier,
            reasons=[WhyRoute(rule=r.rule, weight=r.weight, evidence=r.evidence) for r in found.reasons],
            stops=[
                RouteStop(
                    model_id=c.model.id,
                    model=c.model.name,
                    provider=c.provider.name,
                    tier=c.model.tier,
                    locality=c.provider.locality.value,
                    health=c.model.health,
                    breaker=self._breakers.state(c.model.id, c.provider.id).value,
                    route=c.route,
                )
                for c in candidates
            ],
        )

    def breaker(self, model_id: UUID, provider_id: UUID) -> BreakerView:
        """A model's circuit in this process."""
        return BreakerView(model_id=model_id, state=self._breakers.state(model_id, provider_id).value)


def _wanted(sieve: Sieve) -> repo.Row:
    since = None if sieve.since is None else UUID(int=int(sieve.since.timestamp() * 1000) << 80)
    return {
        "person": sieve.user_id,
        "project": sieve.project_id,
        "run": sieve.run_id,
        "feature": sieve.feature,
        "model": sieve.model,
        "status": None if sieve.status is None else sieve.status.value,
        "since": since,
        "newest": sieve.newest,
    }
