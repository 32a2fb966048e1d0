"""What Ollama, llama.cpp and vLLM tell of themselves beside the OpenAI format."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urlsplit

from scrivano.llm.providers.base import Description, Offer

Get = Callable[[str], Awaitable[dict[str, Any]]]
"""Gives the JSON object at a URL, or an empty one."""

_OLLAMA_CONTEXT = 4096
"""What Ollama gives a model unless told otherwise; of longer prompts it drops the beginning in silence."""


async def describe(base_url: str, offers: list[Offer], get: Get) -> Description:
    """The server's models with all that it tells of them, and the settings that its kind needs."""
    parts = urlsplit(base_url)
    root = f"{parts.scheme}://{parts.netloc}"
    props, tags = await asyncio.gather(get(f"{root}/props"), get(f"{root}/api/tags"))
    if "total_slots" in props or "default_generation_settings" in props:
        return Description(_of_llama_cpp(offers, props), {"tokenize": "llama.cpp"})
    if isinstance(tags.get("models"), list):
        return Description(_of_ollama(offers, tags), {})
    # vLLM alone lists `max_model_len`, and it has a tokenizer for everybody.
    vllm = any(offer.context_length for offer in offers) and "version" in await get(f"{root}/version")
    return Description(offers, {"tokenize": "vllm"} if vllm else {})


def _of_llama_cpp(offers: list[Offer], props: dict[str, Any]) -> list[Offer]:
    defaults: dict[str, Any] = props.get("default_generation_settings") or {}
    length = int(defaults.get("n_ctx") or 0) or None
    slots = int(props.get("total_slots") or 0) or None
    return [
        replace(o, context_length=length or o.context_length, slots=slots or o.slots, tokenizes=True)
        for o in offers
    ]


def _of_ollama(offers: list[Offer], tags: dict[str, Any]) -> list[Offer]:
    sizes: dict[str, float] = {}
    for model in cast(list[dict[str, Any]], tags["models"]):
        details: dict[str, Any] = model.get("details") or {}
        size = _billions(str(details.get("parameter_size", "")).upper())
        if size is not None:
            sizes[str(model.get("name"))] = size
    return [
        replace(
            o, parameters=sizes.get(o.name, o.parameters), context_length=o.context_length or _OLLAMA_CONTEXT
        )
        for o in offers
    ]


def _billions(text: str) -> float | None:
    for unit, factor in (("B", 1.0), ("M", 0.001)):
        number = text.removesuffix(unit)
        if text.endswith(unit) and number.replace(".", "", 1).isdigit():
            return float(number) * factor
    return None
