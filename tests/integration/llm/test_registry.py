from decimal import Decimal

import psycopg
import pytest
from llm_support import KEY, Setup, make_service, user

from scrivano.core.database import Database
from scrivano.core.errors import Conflict, InvalidInput, NotFound
from scrivano.core.ids import new_id
from scrivano.core.secrets import SecretBox
from scrivano.llm.public import (
    CallContext,
    LLMService,
    Locality,
    ModelChange,
    Options,
    ProviderChange,
)
from scrivano.llm.registry import discovery
from scrivano.llm.scripted.server import ScriptedServer


async def test_a_server_is_found_with_what_it_tells(scripted: Setup) -> None:
    script = {"slots": 3, "context_length": 5000, "models": ["llama-3.3-70b", "phi-3.5-mini", "nomic-embed"]}
    async with scripted(script) as (service, server):
        found = await service.registry.discover([server.url])
        models = {model.name: model for model in found[0].models}
    assert not found[0].new
    assert found[0].provider.locality is Locality.LOOPBACK
    assert (models["llama-3.3-70b"].tier, models["phi-3.5-mini"].tier) == ("large-local", "small-local")
    assert models["phi-3.5-mini"].context_length == 5000
    assert models["phi-3.5-mini"].concurrency == 3
    assert models["phi-3.5-mini"].tokenizer == "server"
    assert models["nomic-embed"].capabilities == {"embeddings"}
    assert models["phi-3.5-mini"].prices_known and models["phi-3.5-mini"].input_mtok == 0


async def test_looking_where_nobody_listens_finds_nothing(database: Database) -> None:
    service = LLMService(database, secret_box=lambda: SecretBox(KEY))
    async with service:
        await service.registry.models()
        nobody = ["http://127.0.0.1:9", "127.0.0.1:1", "http://localhost:7"]
        assert not await service.registry.discover(nobody)


async def test_keys_are_encrypted_and_never_come_out(database: Database) -> None:
    secret = "sk-canary-0123456789"
    script = {
        "api_key": secret,
        "rule": [{"match": {"contains": "leak"}, "status": 500, "error_message": secret}],
    }
    async with ScriptedServer(script) as server, make_service(database) as service:
        found = await service.registry.discover([server.url], api_key=secret)
        context = CallContext(feature="x", purpose="y", run_id="r")
        assert (await service.generate_response(user("hi"), context=context)).text
        with pytest.raises(Exception, match="500") as failed:
            await service.generate_response(user("leak"), options=Options(retries=0), context=context)
        shown = repr(await service.registry.providers()) + repr(await service.run_requests("r"))
        assert found[0].provider.has_key
    assert secret not in shown + str(failed.value)
    async with await psycopg.AsyncConnection.connect(database.url, autocommit=True) as connection:
        for table in ("llm_providers", "llm_requests", "llm_models", "llm_messages"):
            cursor = await connection.execute(f"SELECT string_agg(t::text, '') FROM {table} t")
            row = await cursor.fetchone()
            assert row is not None
            assert secret not in str(row[0])
            assert secret.encode().hex() not in str(row[0])


async def test_a_changed_address_needs_the_key_again(database: Database) -> None:
    async with make_service(database) as service:
        provider = await service.registry.add_provider("mine", "http://127.0.0.1:9", api_key="k")
        with pytest.raises(InvalidInput, match="key again"):
            await service.registry.change_provider(
                provider.id, ProviderChange(base_url="http://127.0.0.1:10")
            )
        moved = await service.registry.change_provider(
            provider.id, ProviderChange(base_url="http://127.0.0.1:10", api_key="other")
        )
        renamed = await service.registry.change_provider(provider.id, ProviderChange(name="yours"))
    assert moved.base_url == "http://127.0.0.1:10/v1"
    assert renamed.name == "yours" and renamed.has_key


async def test_bad_input_is_named(database: Database) -> None:
    async with make_service(database) as service:
        registry = service.registry
        for url in ("ftp://host", "http://", "http://user:pw@host", "http://host:99999"):
            with pytest.raises(InvalidInput, match="no address"):
                await registry.add_provider("x", url)
        with pytest.raises(InvalidInput, match="kind"):
            await registry.add_provider("x", "http://127.0.0.1:9", kind="psychic")
        await registry.add_provider("x", "http://127.0.0.1:9")
        with pytest.raises(Conflict):
            await registry.add_provider("x", "http://127.0.0.1:9")
        model = await registry.add_model((await registry.providers())[0].id, "m")
        with pytest.raises(Conflict):
            await registry.add_model(model.provider_id, "m")
        with pytest.raises(InvalidInput, match="telepathy"):
            await registry.change_model(model.id, ModelChange(capabilities=frozenset({"telepathy"})))
        with pytest.raises(NotFound):
            await registry.remove_model(new_id())
        await registry.remove_provider(model.provider_id)
        assert await registry.models() == []


async def test_a_cloud_models_prices_are_seeded_and_editable(database: Database) -> None:
    async with make_service(database) as service:
        provider = await service.registry.add_provider("groq", "https://api.groq.com/openai/v1")
        model = await service.registry.add_model(provider.id, "llama-3.3-70b-versatile")
        unknown = await service.registry.add_model(provider.id, "not-a-model-anyone-sells")
        changed = await service.registry.change_model(model.id, ModelChange(output_mtok=Decimal(2)))
    assert provider.locality is Locality.CLOUD
    assert (model.tier, model.input_mtok, model.output_mtok) == ("cloud", Decimal("0.59"), Decimal("0.79"))
    assert model.prices_source is not None and model.prices_source.startswith("genai-prices")
    assert model.prices_date is not None
    assert not unknown.prices_known
    assert (changed.output_mtok, changed.prices_source) == (Decimal(2), "entered")


async def test_no_test_reaches_the_cloud(database: Database, context: CallContext) -> None:
    async with make_service(database, private_hosts="192.0.2.0/24") as service:
        provider = await service.registry.add_provider("far", "http://192.0.2.1:80")
        await service.registry.add_model(provider.id, "m")
        with pytest.raises(Exception, match="forbidden"):
            await service.generate_response(user("hi"), context=context)
        assert await service.reachable_models() == []


async def test_the_scripted_kind_answers_as_the_server_does(scripted: Setup, context: CallContext) -> None:
    async with scripted() as (service, _):
        provider = await service.registry.add_provider("inside", "scripted:", kind="scripted")
        await service.registry.add_model(provider.id, "scripted")
        served = await service.generate_response(
            user("about 50 words"), options=Options(model="scripted"), context=context
        )
        inside = await service.generate_response(
            user("about 50 words"), options=Options(model="inside/scripted"), context=context
        )
    assert inside.provider == "inside"
    assert inside.text == served.text
    assert inside.usage == served.usage


async def test_reachable_models_are_those_that_answer(scripted: Setup) -> None:
    async with scripted({"models": ["a", "b"]}) as (service, server):
        await service.registry.add_provider("gone", "http://127.0.0.1:9")
        models = await service.reachable_models()
        health = {provider.name: provider.health for provider in await service.registry.providers()}
        await service.registry.add_model(models[0].provider_id, "not there")
        again = await service.reachable_models()
    assert [model.name for model in models] == [model.name for model in again] == ["a", "b"]
    assert health == {server.url.removeprefix("http://"): "up", "gone": "down"}


async def test_a_server_that_was_named_has_more_time_to_answer_than_a_port_has(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "PATIENCE", 0.0)
    async with ScriptedServer({}) as server, make_service(database) as service:
        assert [model.name for model in (await service.registry.discover([server.url]))[0].models] == [
            "scripted"
        ]
