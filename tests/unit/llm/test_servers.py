from typing import Any

import pytest
from aiohttp import web

from scrivano.llm.dto import Locality, Message, Timeouts
from scrivano.llm.providers.base import AttemptFailed, Endpoint, Offer, Request
from scrivano.llm.providers.openai_compatible import connect
from scrivano.llm.providers.profiles import profile_of
from scrivano.llm.providers.servers import describe


async def look(offers: list[Offer], pages: dict[str, dict[str, Any]]) -> tuple[list[Offer], dict[str, Any]]:
    async def get(url: str) -> dict[str, Any]:
        return pages.get(url.removeprefix("http://h:1"), {})

    description = await describe("http://h:1/v1", offers, get)
    return description.offers, description.settings


async def test_llama_cpp_tells_its_slots_and_context() -> None:
    pages = {"/props": {"total_slots": 4, "default_generation_settings": {"n_ctx": 16384}}}
    offers, settings = await look([Offer("m.gguf", context_length=131072)], pages)
    assert (offers[0].context_length, offers[0].slots, offers[0].tokenizes) == (16384, 4, True)
    assert settings == {"tokenize": "llama.cpp"}


async def test_ollama_tells_sizes_but_not_its_context() -> None:
    models = [
        {"name": "llama3.3:latest", "details": {"parameter_size": "70.6B"}},
        {"name": "smol:135m", "details": {"parameter_size": "134.52M"}},
        {"name": "odd", "details": {"parameter_size": "big"}},
    ]
    offers, settings = await look(
        [Offer("llama3.3:latest"), Offer("smol:135m"), Offer("odd")], {"/api/tags": {"models": models}}
    )
    assert [offer.parameters for offer in offers] == [70.6, 0.13452, None]
    assert {offer.context_length for offer in offers} == {4096}
    assert settings == {}


async def test_vllm_has_a_tokenizer() -> None:
    offers, settings = await look([Offer("m", context_length=8192)], {"/version": {"version": "1.0"}})
    assert offers[0].context_length == 8192
    assert settings == {"tokenize": "vllm"}


async def test_a_plain_server_is_taken_as_it_is() -> None:
    assert await look([Offer("m")], {}) == ([Offer("m")], {})


def test_a_server_is_known_by_its_host() -> None:
    assert profile_of("https://api.openai.com/v1")["max_tokens_field"] == "max_completion_tokens"
    assert profile_of("https://mine.openai.azure.com/openai/v1")["key_header"] == "api-key"
    assert "seed" in profile_of("https://generativelanguage.googleapis.com/v1beta/openai")["unknown_fields"]
    assert profile_of("https://openai.azure.com.example.org/v1") == {}
    assert profile_of("http://127.0.0.1:8080/v1") == {}


async def test_what_a_server_does_differently_is_sent() -> None:
    seen: list[tuple[str, str | None, dict[str, Any]]] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append((request.path_qs, request.headers.get("api-key"), await request.json()))
        return web.json_response({"choices": []})

    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    settings = {
        "key_header": "api-key",
        "api_version": "2024-10-21",
        "max_tokens_field": "max_completion_tokens",
        "unknown_fields": ["seed"],
        "stream_usage": False,
    }
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    provider = connect(Endpoint("it", url, Locality.LOOPBACK, "the-key", settings))
    asked = Request("m", (Message(role="user", content="x"),), Timeouts(), seed=3, max_tokens=9)
    with pytest.raises(AttemptFailed):
        async for _ in provider.answer(asked):
            pass
    await provider.close()
    await runner.cleanup()
    ((path, key, body),) = seen
    assert path.endswith("/chat/completions?api-version=2024-10-21") and key == "the-key"
    assert body["max_completion_tokens"] == 9
    assert not {"seed", "max_tokens", "stream_options"} & body.keys()
