"""Pictures, searches and embeddings through the service: logged, paid for, kept where the project allows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest
from llm_support import make_service

from scrivano.core.database import Database
from scrivano.core.errors import NotAllowed
from scrivano.llm.public import (
    AskDifferently,
    CallContext,
    LLMService,
    Locality,
    ModelChange,
    NobodyCould,
    NotPermitted,
    Options,
    ProviderChange,
    RequestStatus,
    Timeouts,
    TooDear,
    TryLater,
)
from scrivano.llm.scripted.server import ScriptedServer

ENGINES = {"searxng": "", "brave": "/res/v1", "tavily": "", "duckduckgo": "/html"}
FOUND = [
    {"url": "https://example.org/a?x=1&y=2", "title": "Arches & piers", "snippet": "On stone."},
    {"url": "https://example.org/b", "title": "Cables", "snippet": "On <steel>."},
]


@asynccontextmanager
async def serving(
    database: Database, kind: str, path: str, script: Any = None, **more: Any
) -> AsyncIterator[tuple[LLMService, ScriptedServer]]:
    async with ScriptedServer(script) as server, make_service(database) as service:
        await service.registry.add_provider("it", server.url + path, kind=kind, **more)
        yield service, server


async def add(service: LLMService, name: str, **change: Any) -> None:
    (provider,) = await service.registry.providers()
    await service.registry.add_model(provider.id, name, ModelChange(**change) if change else None)


@pytest.mark.parametrize("kind", ENGINES)
async def test_each_engine_finds_pages(database: Database, context: CallContext, kind: str) -> None:
    script = {"api_key": "right", "rule": [{"match": {"path": "search"}, "json": FOUND}]}
    async with serving(database, kind, ENGINES[kind], script, api_key="right") as (service, server):
        results = await service.search_web(["old  bridges"], 1, context=context)
        (hit,) = results.hits
        assert (hit.url, hit.title, hit.query) == (FOUND[0]["url"], "Arches & piers", "old bridges")
        assert hit.snippet.startswith("On stone")
        more = await service.search_web(["old bridges", "new bridges"], 5, context=context)
        assert [page.url for page in more.hits] == [page["url"] for page in FOUND]
        view = await service.get_request(results.request_ids[0])
    assert (view.kind, view.status, view.model) == ("search", RequestStatus.FINISHED, kind)
    # However near the engine is, it passes the question on.
    assert view.locality is Locality.CLOUD
    assert view.messages is not None and view.messages[0].text == "old bridges"
    assert len(server.ledger.finished) == 3


@pytest.mark.parametrize("kind", ENGINES)
async def test_a_page_that_is_no_list_is_a_failure(
    database: Database, context: CallContext, kind: str
) -> None:
    async with serving(database, kind, ENGINES[kind], {"rule": [{"garbage": True}]}) as (service, _):
        with pytest.raises(NobodyCould):
            await service.search_web(["bridges"], context=context, options=Options(retries=0))


async def test_a_search_is_asked_once_under_its_key(database: Database, context: CallContext) -> None:
    keyed = context.model_copy(update={"key": "run/research/bridges/1"})
    async with serving(database, "searxng", "") as (service, server):
        first = await service.search_web(["a", "b"], context=keyed)
        again = await service.search_web(["a", "b"], context=keyed)
        assert again.hits == first.hits and again.request_ids == first.request_ids
        assert again.cost == 0
    assert len(server.ledger.entries) == 2


async def test_a_local_only_project_searches_only_where_it_was_told_to(
    database: Database, context: CallContext
) -> None:
    own = context.model_copy(update={"project_id": "p"})
    async with serving(database, "searxng", "") as (service, server):
        await service.policies.set("p", local_only=True)
        with pytest.raises(NotPermitted):
            await service.search_web(["secret"], context=own)
        assert server.ledger.entries == []
        await service.policies.set("p", local_only=True, hosts=["127.0.0.1"])
        assert (await service.search_web(["secret"], context=own)).hits


async def test_each_search_is_paid_for(database: Database, context: CallContext) -> None:
    own = context.model_copy(update={"run_id": "r"})
    prices = {"unit_prices": {"*": "0.005"}}
    async with serving(database, "brave", "/res/v1", settings=prices) as (service, server):
        await service.set_budget("run", "r", "0.012")
        results = await service.search_web(["a", "b"], context=own)
        assert results.cost == Decimal("0.01")
        with pytest.raises(TooDear):
            await service.search_web(["c"], context=own)
        budget = await service.get_budget("run", "r")
        totals = await service.run_totals("r")
    assert budget is not None and (budget.spent, budget.reserved) == (Decimal("0.01"), 0)
    assert totals.by_kind["search"].attempts == 2
    assert len(server.ledger.entries) == 2


async def test_a_picture_of_the_size_asked(database: Database, context: CallContext) -> None:
    script = {"models": ["gpt-image-1"]}
    async with serving(database, "openai_compatible", "/v1", script) as (service, server):
        await add(service, "gpt-image-1", input_mtok=Decimal(5), output_mtok=Decimal(40))
        made = await service.generate_image(
            "A bridge.", size="48x32", quality="high", style="vivid", context=context
        )
        view = await service.get_request(made.request_id)
        asked = server.ledger.entries[0]
    assert made.data[16:24] == (48).to_bytes(4, "big") + (32).to_bytes(4, "big")
    assert (made.media_type, made.model) == ("image/png", "gpt-image-1")
    assert made.usage.image_completion_tokens == made.usage.completion_tokens == 4160
    assert made.cost == Decimal(asked.prompt_tokens * 5 + 4160 * 40) / 1_000_000 == view.cost
    assert (view.kind, view.settings["size"], view.settings["quality"]) == ("image", "48x32", "high")
    assert view.answer is not None and "sha256" in view.answer.text


async def test_pictures_paid_by_the_piece(database: Database, context: CallContext) -> None:
    prices = {"unit_prices": {"dall-e-3": "0.04", "dall-e-3/high": "0.08", "dall-e-3/high/64x128": "0.12"}}
    script = {"models": ["dall-e-3"], "rule": [{"no_usage": True}]}
    async with serving(database, "openai_compatible", "/v1", script, settings=prices) as (service, _):
        await add(service, "dall-e-3")
        costs = [
            (await service.generate_image("A bridge.", quality=quality, size=size, context=context)).cost
            for quality, size in (("standard", None), ("hd", "64x64"), ("high", "64x128"))
        ]
        with pytest.raises(TooDear):
            dear = Options(max_cost=Decimal("0.01"))
            await service.generate_image("A bridge.", options=dear, context=context)
    assert costs == [Decimal("0.04"), Decimal("0.08"), Decimal("0.12")]


@pytest.mark.parametrize(
    "model", ["@cf/black-forest-labs/flux-1-schnell", "@cf/bytedance/stable-diffusion-xl"]
)
async def test_cloudflares_pictures_as_json_and_as_files(
    database: Database, context: CallContext, model: str
) -> None:
    path, script = "/client/v4/accounts/a/ai", {"models": [model]}
    async with serving(database, "cloudflare", path, script) as (service, _):
        await add(service, model)
        made = await service.generate_image("A bridge.", size="40x24", context=context)
    assert made.data[16:24] == (40).to_bytes(4, "big") + (24).to_bytes(4, "big")


async def test_a_picture_falls_back_to_the_next_model(database: Database, context: CallContext) -> None:
    script = {
        "models": ["dall-e-2", "dall-e-3"],
        "rule": [{"match": {"model": "dall-e-2"}, "status": 503}, {"match": {"model": "dall-e-3"}}],
    }
    async with serving(database, "openai_compatible", "/v1", script) as (service, _):
        await add(service, "dall-e-2")
        await add(service, "dall-e-3")
        made = await service.generate_image("A bridge.", context=context)
        rows = await service.latest_requests()
    assert made.model == "dall-e-3"
    assert [row.status for row in rows] == [RequestStatus.FINISHED, RequestStatus.FAILED]
    assert rows[0].previous == rows[1].id


@pytest.mark.parametrize(
    ("kind", "path"),
    [("openai_compatible", "/v1"), ("gemini", "/v1beta"), ("cloudflare", "/client/v4/accounts/a/ai")],
)
async def test_texts_become_vectors(database: Database, context: CallContext, kind: str, path: str) -> None:
    script = {"models": ["embedder"], "embedding_dimensions": 64}
    async with serving(database, kind, path, script) as (service, _):
        await add(service, "embedder", capabilities={"embeddings"})
        made = await service.embed(["a stone bridge", "a stone arch", "tax law"], context=context)
        view = await service.get_request(made.request_id)
        if kind != "cloudflare":
            short = await service.embed(["a stone bridge"], dimensions=8, context=context)
            assert len(short.vectors[0]) == 8
    near, far = (sum(a * b for a, b in zip(made.vectors[0], v, strict=True)) for v in made.vectors[1:])
    assert len(made.vectors) == 3 and len(made.vectors[0]) == 64
    assert near > far
    assert (view.kind, view.status, view.cost) == ("embedding", RequestStatus.FINISHED, 0)
    assert made.usage.prompt_tokens > 0


async def test_what_cannot_be_asked_is_said(database: Database, context: CallContext) -> None:
    async with make_service(database) as service:
        for call, field in (
            (service.generate_image(" ", context=context), "prompt"),
            (service.generate_image("x", size="big", context=context), "size"),
            (service.generate_image("x", quality="best", context=context), "quality"),
            (service.generate_image("x", style="cubist", context=context), "style"),
            (service.search_web([], context=context), "queries"),
            (service.search_web(["x"], 0, context=context), "max_results"),
            (service.embed([""], context=context), "texts"),
            (service.embed(["x"], dimensions=0, context=context), "dimensions"),
        ):
            with pytest.raises(AskDifferently) as caught:
                await call
            assert caught.value.field == field
        with pytest.raises(NobodyCould):
            await service.embed(["x"], context=context)


async def test_an_overloaded_engine_is_asked_again_then_later(
    database: Database, context: CallContext
) -> None:
    script = {"rule": [{"status": 429, "retry_after": 0, "times": 1}]}
    async with serving(database, "searxng", "", script) as (service, server):
        assert (await service.search_web(["x"], context=context)).hits
        assert len(server.ledger.entries) == 2
    script = {"rule": [{"status": 429, "retry_after": 900}]}
    async with ScriptedServer(script) as server, make_service(database) as service:
        (provider,) = await service.registry.providers()
        await service.registry.change_provider(provider.id, ProviderChange(base_url=server.url))
        with pytest.raises(TryLater) as caught:
            await service.search_web(["x"], context=context)
    assert caught.value.retry_after == 900


async def test_private_addresses_are_saved_only_where_they_are_allowed(database: Database) -> None:
    async with make_service(database) as service:
        for url in (
            "http://10.1.2.3:8080",
            "http://169.254.169.254/latest",
            "http://[::ffff:192.168.0.1]/v1",
        ):
            with pytest.raises(NotAllowed) as caught:
                await service.registry.add_provider("far", url)
            assert caught.value.field == "base_url" and "SCRIVANO_PRIVATE_HOSTS" in str(caught.value.remedy)
        with pytest.raises(NotAllowed):
            await service.registry.discover(["http://10.1.2.3:8080"])
        near = await service.registry.add_provider("near", "http://127.0.0.1:9")
        with pytest.raises(NotAllowed):
            await service.registry.change_provider(near.id, ProviderChange(base_url="http://10.0.0.1"))
    async with make_service(database, private_hosts="10.0.0.0/8, box.lan") as service:
        assert (await service.registry.add_provider("far", "http://10.1.2.3:8080")).base_url.endswith("/v1")


async def test_rate_limits_hold_for_searches_too(database: Database, context: CallContext) -> None:
    own = context.model_copy(update={"run_id": "r"})
    soon = Options(timeouts=Timeouts(longest_wait=0))
    async with serving(database, "searxng", "") as (service, server):
        await service.limits.set("run", "r", requests_minute=2, tokens_minute=None)
        for query in ("a", "b"):
            await service.search_web([query], context=own, options=soon)
        with pytest.raises(TryLater) as caught:
            await service.search_web(["c"], context=own, options=soon)
    assert caught.value.retry_after is not None
    assert len(server.ledger.entries) == 2
