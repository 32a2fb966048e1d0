"""The log of requests looked through, the route of a text before it is sent, and a request asked once more."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from scrivano.accounts.public import Caller
from scrivano.api.access import PROJECT, SIGNED_IN, CurrentCaller, refuse_held, require
from scrivano.api.dependencies import Limit, Offset, Services
from scrivano.api.idempotency import Once
from scrivano.api.values import Line, Moment, Paragraphs
from scrivano.core.errors import Conflict, NotAllowed
from scrivano.llm.public import (
    BreakerView,
    CallContext,
    Counted,
    Facets,
    Options,
    RequestStatus,
    RequestView,
    RouteView,
    RunTotals,
    Sieve,
)
from scrivano.wiring import House

router = APIRouter(prefix="/api")
_KEPT_SETTINGS = ("temperature", "top_p", "max_tokens", "seed", "stop", "effort")
_Text = Annotated[str, Query(max_length=400, pattern=r"^[^\x00]*$")]


class RouteQuestion(BaseModel):
    """A text whose way is asked for."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": "Compare three proofs of this theorem."}]}
    )

    text: Paragraphs = Field(min_length=1)
    project_id: UUID | None = Field(default=None, description="Whose rules apply: local-only, its own hosts.")
    model: Line = Field(default="auto", description="`auto`, a model's name, or `provider/model`.")


def _sieve(
    user_id: _Text | None = None,
    project_id: UUID | None = None,
    run_id: _Text | None = None,
    feature: _Text | None = None,
    model: _Text | None = None,
    status: RequestStatus | None = None,
    since: Annotated[Moment | None, Query(description="Only those asked after this moment.")] = None,
    newest: Annotated[
        UUID | None, Query(description="Only this request and older ones, so that pages hold still.")
    ] = None,
) -> Sieve:
    if since is not None:
        since = since if since.tzinfo else since.replace(tzinfo=dt.UTC)
        since = max(since, dt.datetime(1970, 1, 2, tzinfo=dt.UTC))
    return Sieve(
        user_id=user_id,
        project_id=None if project_id is None else str(project_id),
        run_id=run_id,
        feature=feature,
        model=model,
        status=status,
        since=since,
        newest=newest,
    )


Wanted = Annotated[Sieve, Depends(_sieve)]


async def _may_look(house: House, caller: Caller, sieve: Sieve) -> None:
    """Of a project its members, of oneself, of all administrators."""
    if sieve.project_id is None:
        refuse_held(caller)
    if caller.role == "administrator" and caller.project_id is None:
        return
    if sieve.project_id is not None:
        await require(house, caller, UUID(sieve.project_id), "viewer")
    elif caller.person_id is None or sieve.user_id != str(caller.person_id):
        raise NotAllowed(
            "Only administrators see what others asked.",
            field="user_id",
            remedy="Give your own id, or a project that you belong to.",
        )


@router.get("/requests", tags=["usage"], dependencies=SIGNED_IN)
async def list_requests(
    house: Services, caller: CurrentCaller, wanted: Wanted, limit: Limit = 50, offset: Offset = 0
) -> list[RequestView]:
    """Attempts, newest first, without texts: of a project for its members, one's own, or for administrators all."""
    await _may_look(house, caller, wanted)
    return await house.llm.lookup.requests(wanted, limit, offset)


@router.get("/requests/count", tags=["usage"], dependencies=SIGNED_IN)
async def count_requests(house: Services, caller: CurrentCaller, wanted: Wanted) -> Counted:
    """How many attempts there are, and the newest of the log: with it as `newest`, pages hold still."""
    await _may_look(house, caller, wanted)
    return await house.llm.lookup.count(wanted)


@router.get("/requests/facets", tags=["usage"], dependencies=SIGNED_IN)
async def list_facets(house: Services) -> Facets:
    """The features and models that occur in the log, to choose from."""
    return await house.llm.lookup.facets()


@router.post(
    "/requests/{request_id}/replay",
    tags=["usage"],
    status_code=201,
    dependencies=PROJECT,
    response_model=RequestView,
)
async def replay_request(house: Services, request_id: UUID, once: Once) -> Any:
    """Send the same messages to the same model once more, past the cache; gives the new request with its answer.

    A conflict where the texts are no longer kept.
    """

    async def work(_: UUID) -> RequestView:
        before = await house.llm.get_request(request_id)
        if before.kind != "text" or not before.messages:
            raise Conflict(
                "What was sent is no longer kept, so it cannot be sent again."
                if before.kind == "text"
                else "Only requests for text can be sent again."
            )
        settings = {name: before.settings[name] for name in _KEPT_SETTINGS if before.settings.get(name)}
        options = {"model": f"{before.provider}/{before.model}", "cache": "off", **settings}
        answer = await house.llm.generate_response(
            before.messages,
            options=Options.model_validate(options),
            context=CallContext(
                feature=before.feature,
                purpose="replay",
                user_id=before.user_id,
                project_id=before.project_id,
                labels={"replay_of": str(request_id)},
            ),
        )
        return await house.llm.get_request(answer.request_id)

    return await once(work)


@router.get("/runs/{run_id}/totals", tags=["runs"], dependencies=PROJECT)
async def get_run_totals(house: Services, run_id: Annotated[str, Field(max_length=400)]) -> RunTotals:
    """What a run has asked and spent so far, by place and kind; what is open counts with the most it may cost."""
    await house.runs.get(run_id)
    return await house.llm.run_totals(run_id)


@router.post("/routes", tags=["models"], dependencies=SIGNED_IN)
async def explain_route(house: Services, caller: CurrentCaller, question: RouteQuestion) -> RouteView:
    """The way that a text would take, with its reasons. Nothing is sent anywhere."""
    if question.project_id is not None:
        await require(house, caller, question.project_id, "viewer")
    project = None if question.project_id is None else str(question.project_id)
    return await house.llm.lookup.route(question.text, project_id=project, model=question.model)


@router.get("/breakers", tags=["models"], dependencies=SIGNED_IN)
async def list_breakers(house: Services) -> list[BreakerView]:
    """The circuit of each model as the service's own process sees it; a worker keeps circuits of its own."""
    models = await house.llm.registry.models()
    return [house.llm.lookup.breaker(model.id, model.provider_id) for model in models]
