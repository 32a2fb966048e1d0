from collections.abc import Sequence

import pytest
from llm_support import Setup, make_service, user

from scrivano.core.database import Database
from scrivano.core.errors import InvalidInput
from scrivano.llm.public import (
    AskDifferently,
    CallContext,
    Complexity,
    LLMService,
    Message,
    ModelChange,
    ModelView,
    NobodyCould,
    NotPermitted,
    Options,
)
from scrivano.llm.scripted.script import Rule
from scrivano.llm.scripted.server import ScriptedServer

HARD = (
    "Prove that if $f: \\mathbb{R} \\to \\mathbb{R}$ is continuous and $f(x+y) = f(x) + f(y)$ for all $x, y$, then $f$ is linear. "
    "Which of the following is NOT a consequence, and why? Derive each step, compare the assumptions, and justify all constraints.\n"
    "A. $f(0) = 0$\nB. $f(2) = 2f(1)$\nC. $f$ is bounded\nD. $f(1/3) = f(1)/3$\n" * 4
)


async def tiers(service: LLMService, **of: str) -> None:
    for model in await service.registry.models():
        await service.registry.change_model(model.id, ModelChange(tier=of[model.name]))  # type: ignore[arg-type]


async def test_complexity_chooses_the_tier_and_the_row_says_why(
    scripted: Setup, context: CallContext
) -> None:
    async with scripted({"models": ["s", "l", "c"]}) as (service, _):
        await tiers(service, s="small-local", l="large-local", c="cloud")
        easy = await service.generate_response(user("Say hello."), context=context)
        hard = await service.generate_response(user(HARD), context=context)
        rows = await service.latest_requests()
    assert easy.model == "s"
    assert hard.model in ("l", "c")
    assert easy.route.startswith("auto: level ") and easy.route.endswith(": small-local")
    assert [row.route for row in rows] == [hard.route, easy.route]


async def test_a_missing_tier_has_stand_ins(scripted: Setup, context: CallContext) -> None:
    async with scripted({"models": ["s", "c"]}) as (service, server):
        await tiers(service, s="small-local", c="cloud")
        wanted = context.model_copy(update={"tier": "large-local", "route_reason": "music level 6"})
        first = await service.generate_response(user("x"), context=wanted)
        server.engine.script.rules.insert(0, rule(model="c", status=503))
        second = await service.generate_response(user("y"), context=wanted, options=Options(retries=0))
    assert (first.model, first.route) == ("c", "auto: music level 6: cloud for large-local")
    assert (second.model, second.route) == ("s", "auto: music level 6: small-local for large-local")


def rule(model: str, status: int) -> Rule:
    return Rule.model_validate({"match": {"model": model}, "status": status})


async def test_any_scorer_may_judge(database: Database, context: CallContext) -> None:
    def scorer(text: str) -> Complexity:
        return Complexity(9.0, 9, "cloud", (), 9.0)

    async with (
        ScriptedServer({"models": ["s", "c"]}) as server,
        make_service(database, scorer=scorer) as service,
    ):
        await service.registry.discover([server.url])
        await tiers(service, s="small-local", c="cloud")
        answer = await service.generate_response(user("hi"), context=context)
    assert (answer.model, answer.route) == ("c", "auto: level 9, nothing special: cloud")


async def test_the_callers_rules_have_the_last_word(scripted: Setup, context: CallContext) -> None:
    seen: list[str] = []

    def last_first(models: Sequence[ModelView], complexity: Complexity | None) -> Sequence[ModelView]:
        seen.extend(model.name for model in models)
        assert complexity is not None
        return models[::-1]

    def nobody(models: Sequence[ModelView], complexity: Complexity | None) -> Sequence[ModelView]:
        return []

    async with scripted({"models": ["a", "b"]}) as (service, _):
        answer = await service.generate_response(user("hi"), context=context, rules=last_first)
        with pytest.raises(NobodyCould, match="rules"):
            await service.generate_response(user("hi"), context=context, rules=nobody)
    assert seen == ["a", "b"]
    assert answer.model == "b"
    assert answer.route.endswith("; caller's rules")


async def test_a_prompt_goes_only_to_models_that_can_hold_it(scripted: Setup, context: CallContext) -> None:
    words = "irregular sesquipedalian vocabulary " * 200
    async with scripted({"models": ["a", "b"]}) as (service, server):
        for model in await service.registry.models():
            length = 100 if model.name == "a" else 30_000
            await service.registry.change_model(model.id, ModelChange(context_length=length))
        answer = await service.generate_response(user(words), context=context)
        with pytest.raises(AskDifferently, match="at least"):
            await service.generate_response(user(words * 60), context=context)
    assert answer.model == "b"
    assert len(server.ledger.entries) == 1


async def test_a_chain_may_end_in_whatever_else_there_is(scripted: Setup, context: CallContext) -> None:
    script = {"models": ["a", "b"], "rule": [{"match": {"model": "b"}, "status": 500}]}
    async with scripted(script) as (service, _):
        chained = context.model_copy(update={"chain": ("b", "auto")})
        answer = await service.generate_response(user("hi"), options=Options(retries=0), context=chained)
    assert (answer.model, answer.route) == ("a", "chain: 2 of 2")


async def test_a_local_only_project_stays_here_whatever_is_asked_for(
    scripted: Setup, context: CallContext
) -> None:
    own = context.model_copy(update={"project_id": "p"})
    async with scripted({"models": ["a"]}, private_hosts="192.0.2.0/24") as (service, server):
        far = await service.registry.add_provider("far", "http://93.184.215.14:80")
        await service.registry.add_model(far.id, "far-model")
        await service.policies.set("p", local_only=True)
        for options, chain in [
            (Options(model="far-model"), None),
            (Options(model="far/far-model"), None),
            (Options(), ("far-model",)),
        ]:
            chained = own.model_copy(update={"chain": chain})
            with pytest.raises(NotPermitted, match="local-only"):
                await service.generate_response(user("hi"), options=options, context=chained)
        chained = own.model_copy(update={"chain": ("far-model", "a")})
        assert (await service.generate_response(user("hi"), context=chained)).model == "a"
        picture = Message.model_validate(
            {"role": "user", "content": [{"type": "image", "image_url": "https://93.184.215.14/x.png"}]}
        )
        with pytest.raises(NotPermitted, match="image"):
            await service.generate_response([picture], context=own)
        rows = await service.latest_requests()
        await service.policies.set("p", local_only=True, hosts=["93.184.215.14"])
        with pytest.raises(NotPermitted, match="forbidden here"):  # the test suite's own guard
            await service.generate_response(user("hi"), options=Options(model="far-model"), context=own)
        with pytest.raises(InvalidInput):
            await service.policies.set("p", local_only=True, hosts=["http://box"])
    assert [row.model for row in rows] == ["a"]
    assert len(server.ledger.entries) == 1


async def test_what_is_relayed_to_a_cloud_is_not_local(scripted: Setup, context: CallContext) -> None:
    own = context.model_copy(update={"project_id": "p"})
    async with scripted({"models": ["big:cloud", "big-cloud"]}) as (service, _):
        await service.policies.set("p", local_only=True)
        with pytest.raises(NotPermitted):
            await service.generate_response(user("hi"), context=own)
        await service.policies.set("p", local_only=False)
        assert (await service.generate_response(user("hi"), context=own)).text
