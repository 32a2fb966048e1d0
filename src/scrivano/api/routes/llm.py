"""Providers, models, and what a project's requests may cost and where they may go."""

import datetime as dt
import time
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from scrivano.accounts.public import Caller
from scrivano.api.access import ADMINISTRATOR, PROJECT, SIGNED_IN, CurrentCaller, refuse_held, require
from scrivano.api.dependencies import Limit, Services
from scrivano.api.values import Moment
from scrivano.core.errors import NotAllowed
from scrivano.llm.public import (
    BudgetScope,
    BudgetView,
    CacheMode,
    CachePolicy,
    CallContext,
    Found,
    GroupBy,
    Message,
    ModelChange,
    ModelView,
    Options,
    ProjectPolicy,
    ProviderChange,
    ProviderView,
    RateLimit,
    RequestView,
    Statistics,
    Step,
    Usage,
    UsageRow,
)

router = APIRouter(prefix="/api")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewProvider(_Body):
    """A provider to be stored. The key never comes out again."""

    name: str = Field(min_length=1, max_length=200)
    base_url: str = Field(max_length=2000)
    kind: str = "openai_compatible"
    api_key: SecretStr | None = None
    settings: dict[str, Any] = Field(default_factory=dict[str, Any])


class Discovery(_Body):
    """Where to look: these URLs, or by default the usual local ports. `api_key` goes to named URLs only."""

    urls: list[str] | None = Field(default=None, max_length=50)
    api_key: SecretStr | None = None


class ProviderTest(BaseModel):
    """Whether a provider answers, and what it says it has."""

    reachable: bool
    models: list[str]
    seconds: float
    note: str | None


class NewModel(_Body):
    """A model to be stored: what is known of it fills in what is not given."""

    provider_id: UUID
    name: str = Field(min_length=1, max_length=400)
    change: ModelChange = ModelChange()


class ModelQuestion(_Body):
    """What to ask a model for a test."""

    prompt: str = Field(min_length=1, max_length=20_000)
    max_tokens: int = Field(default=64, ge=1, le=4096)


class ModelTest(BaseModel):
    """What the model answered."""

    text: str
    request_id: UUID
    usage: Usage
    cost: Decimal
    seconds: float


class Place(_Body):
    """Whether a project is local-only, and which hosts count as its own."""

    local_only: bool
    hosts: list[str] = Field(default_factory=list[str], max_length=50)


class Ceiling(_Body):
    """What a scope may cost in all, in US dollars; null takes the ceiling away."""

    limit_usd: Annotated[Decimal, Field(ge=0)] | None


class Rate(_Body):
    """Requests and tokens within any sixty seconds; null: no limit."""

    requests_minute: Annotated[int, Field(gt=0)] | None = None
    tokens_minute: Annotated[int, Field(gt=0)] | None = None


class CacheRule(_Body):
    """Whether answers are given again, for how many seconds, and how much alike questions must be."""

    mode: CacheMode
    seconds: Annotated[int, Field(gt=0)] = 86_400
    likeness: Annotated[float, Field(gt=0, le=1)] = 0.95


@router.get("/providers", tags=["providers"], dependencies=SIGNED_IN)
async def list_providers(house: Services) -> list[ProviderView]:
    """All providers by name."""
    return await house.llm.registry.providers()


@router.post("/providers", tags=["providers"], status_code=201, dependencies=ADMINISTRATOR)
async def add_provider(house: Services, new: NewProvider) -> ProviderView:
    """Store a provider. The address is checked; the key is encrypted."""
    key = new.api_key.get_secret_value() if new.api_key else None
    return await house.llm.registry.add_provider(
        new.name, new.base_url, kind=new.kind, api_key=key, settings=new.settings
    )


@router.post("/providers/discover", tags=["providers"], dependencies=ADMINISTRATOR)
async def discover_providers(house: Services, where: Discovery) -> list[Found]:
    """Look for model servers and store what is new."""
    key = where.api_key.get_secret_value() if where.api_key else None
    return await house.llm.registry.discover(where.urls, api_key=key)


@router.get("/providers/{id}", tags=["providers"], dependencies=SIGNED_IN)
async def get_provider(house: Services, id: UUID) -> ProviderView:
    """One provider."""
    return await house.llm.registry.get_provider(id)


@router.patch("/providers/{id}", tags=["providers"], dependencies=ADMINISTRATOR)
async def change_provider(house: Services, id: UUID, change: ProviderChange) -> ProviderView:
    """Change a provider. A new address needs the key again."""
    return await house.llm.registry.change_provider(id, change)


@router.delete("/providers/{id}", tags=["providers"], status_code=204, dependencies=ADMINISTRATOR)
async def remove_provider(house: Services, id: UUID) -> None:
    """Remove a provider and its models; the log keeps its rows."""
    await house.llm.registry.remove_provider(id)


@router.post("/providers/{id}/test", tags=["providers"], dependencies=ADMINISTRATOR)
async def check_provider(house: Services, id: UUID) -> ProviderTest:
    """Ask a provider for its models."""
    provider = await house.llm.registry.get_provider(id)
    began = time.monotonic()
    names = await house.llm.registry.check(provider)
    seconds = time.monotonic() - began
    note = (await house.llm.registry.get_provider(id)).health_note
    return ProviderTest(reachable=names is not None, models=sorted(names or ()), seconds=seconds, note=note)


@router.get("/models", tags=["models"], dependencies=SIGNED_IN)
async def list_models(
    house: Services,
    reachable: Annotated[bool, Query(description="Only those that answer now; takes up to 3 s.")] = False,
) -> list[ModelView]:
    """All models, with tier, capabilities, prices and their date."""
    return await (house.llm.reachable_models() if reachable else house.llm.registry.models())


@router.post("/models", tags=["models"], status_code=201, dependencies=ADMINISTRATOR)
async def add_model(house: Services, new: NewModel) -> ModelView:
    """Store a model of a provider."""
    change = new.change if new.change.model_fields_set else None
    return await house.llm.registry.add_model(new.provider_id, new.name, change)


@router.get("/models/{id}", tags=["models"], dependencies=SIGNED_IN)
async def get_model(house: Services, id: UUID) -> ModelView:
    """One model."""
    return await house.llm.registry.get_model(id)


@router.patch("/models/{id}", tags=["models"], dependencies=ADMINISTRATOR)
async def change_model(house: Services, id: UUID, change: ModelChange) -> ModelView:
    """Change a model: tier, priority, prices, capabilities, concurrency …"""
    return await house.llm.registry.change_model(id, change)


@router.delete("/models/{id}", tags=["models"], status_code=204, dependencies=ADMINISTRATOR)
async def remove_model(house: Services, id: UUID) -> None:
    """Remove a model; the log keeps its rows."""
    await house.llm.registry.remove_model(id)


@router.post("/models/{id}/test", tags=["models"], dependencies=ADMINISTRATOR)
async def ask_model(house: Services, id: UUID, question: ModelQuestion) -> ModelTest:
    """Ask this model, and no other, something short."""
    model = await house.llm.registry.get_model(id)
    answer = await house.llm.generate_response(
        [Message(role="user", content=question.prompt)],
        options=Options(
            model=f"{model.provider}/{model.name}", max_tokens=question.max_tokens, min_tokens=1, retries=0
        ),
        context=CallContext(feature="llm", purpose="test_model"),
    )
    return ModelTest(
        text=answer.text,
        request_id=answer.request_id,
        usage=answer.usage,
        cost=answer.cost,
        seconds=answer.seconds,
    )


_ScopeId = Annotated[str, Path(min_length=1, max_length=400, pattern=r"^[^\x00]+$")]


@router.get("/projects/{project_id}/place", tags=["limits"], dependencies=PROJECT)
async def get_place(house: Services, caller: CurrentCaller, project_id: UUID) -> ProjectPolicy:
    """Whether the project is local-only."""
    await house.projects.get(project_id, caller)
    return await house.llm.policies.of(str(project_id))


@router.put("/projects/{project_id}/place", tags=["limits"], dependencies=PROJECT)
async def set_place(house: Services, caller: CurrentCaller, project_id: UUID, place: Place) -> ProjectPolicy:
    """Keep the project on this machine and its named hosts, or let it go anywhere again. Its owners decide that."""
    await house.projects.get(project_id, caller)
    await require(house, caller, project_id, "owner")
    return await house.llm.policies.set(str(project_id), local_only=place.local_only, hosts=place.hosts)


@router.get("/budgets/{scope}/{scope_id}", tags=["limits"], dependencies=ADMINISTRATOR)
async def get_budget(house: Services, scope: BudgetScope, scope_id: _ScopeId) -> BudgetView | None:
    """A ceiling, what is spent of it and what is reserved; null where there is none."""
    return await house.llm.get_budget(scope, scope_id)


@router.put("/budgets/{scope}/{scope_id}", tags=["limits"], dependencies=ADMINISTRATOR)
async def set_budget(
    house: Services, scope: BudgetScope, scope_id: _ScopeId, ceiling: Ceiling
) -> BudgetView | None:
    """Set or take away what a run, project, user or API key may cost in all."""
    return await house.llm.set_budget(scope, scope_id, ceiling.limit_usd)


@router.get("/limits/{scope}/{scope_id}", tags=["limits"], dependencies=ADMINISTRATOR)
async def get_limit(house: Services, scope: BudgetScope, scope_id: _ScopeId) -> RateLimit | None:
    """Requests and tokens a minute, and what was used in the last one; null where there is no limit."""
    return await house.llm.limits.get(scope, scope_id)


@router.put("/limits/{scope}/{scope_id}", tags=["limits"], dependencies=ADMINISTRATOR)
async def set_limit(house: Services, scope: BudgetScope, scope_id: _ScopeId, rate: Rate) -> RateLimit | None:
    """Set or take away how much a run, project, user or API key may ask a minute."""
    return await house.llm.limits.set(
        scope, scope_id, requests_minute=rate.requests_minute, tokens_minute=rate.tokens_minute
    )


@router.get("/cache", tags=["limits"], dependencies=ADMINISTRATOR)
async def list_cache_policies(house: Services) -> list[CachePolicy]:
    """The features whose answers are given again."""
    return await house.llm.cache.policies()


@router.put("/cache/{feature}", tags=["limits"], dependencies=ADMINISTRATOR)
async def set_cache_policy(
    house: Services, feature: Annotated[str, Path(max_length=200)], rule: CacheRule
) -> CachePolicy:
    """Set whether a feature's answers are given again."""
    return await house.llm.cache.set_policy(CachePolicy(feature=feature, **rule.model_dump()))


@router.delete("/cache", tags=["limits"], dependencies=ADMINISTRATOR)
async def clear_cache(house: Services, feature: str | None = None) -> int:
    """Forget all answers, or a feature's; gives how many. The log keeps its rows."""
    return await house.llm.cache.clear(feature)


_Feature = Annotated[str | None, Query(max_length=200, description="Only this feature: music, books …")]


@router.get("/statistics", tags=["usage"], dependencies=SIGNED_IN)
async def get_statistics(house: Services, feature: _Feature = None) -> Statistics:
    """Counts, costs and savings of the whole installation by tier, feature and genre since the last new start."""
    return await house.llm.statistics.statistics(feature)


@router.post("/statistics/reset", tags=["usage"], dependencies=ADMINISTRATOR)
async def reset_statistics(house: Services, feature: _Feature = None) -> Statistics:
    """Count from zero from now on. Nothing is deleted: usage stays as it is."""
    await house.llm.statistics.start_anew(feature)
    return await house.llm.statistics.statistics(feature)


@router.get("/usage", tags=["usage"], dependencies=SIGNED_IN)
async def get_usage(
    house: Services,
    caller: CurrentCaller,
    since: Annotated[Moment, Query(description="From the hour of this moment on; with its offset.")],
    until: Moment | None = None,
    step: Step = "day",
    by: GroupBy = "model",
    user_id: str | None = None,
    project_id: str | None = None,
    limit: Limit = 500,
) -> list[UsageRow]:
    """Requests, tokens, cost and savings by time and group, in hours, days or months of UTC.

    Of a project for its members, of oneself, or of all for administrators.
    """
    if project_id is None:
        _require_self(caller, user_id)
    return await house.llm.statistics.usage(
        since=_aware(since),
        until=None if until is None else _aware(until),
        step=step,
        by=by,
        user_id=user_id,
        project_id=project_id,
        limit=limit,
    )


@router.get("/requests/{request_id}", tags=["usage"], dependencies=PROJECT)
async def get_request(house: Services, request_id: UUID) -> RequestView:
    """One attempt with what was sent and answered, as long as the texts are kept."""
    return await house.llm.get_request(request_id)


def _require_self(caller: Caller, user_id: str | None) -> None:
    refuse_held(caller)
    if caller.role != "administrator" and (caller.person_id is None or user_id != str(caller.person_id)):
        raise NotAllowed(
            "Only administrators see what others asked.",
            field="user_id",
            remedy="Give your own id, or a project that you belong to.",
        )


def _aware(moment: dt.datetime) -> dt.datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
