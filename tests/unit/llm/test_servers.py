from typing import Any

from scrivano.llm.providers.base import Offer
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
