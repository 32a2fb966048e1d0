"""What a new model's row begins with: tier, lengths and capabilities from what its server tells, prices from
`genai-prices`. All of it can be changed afterwards."""

import datetime as dt
import re
from decimal import Decimal
from functools import cache
from importlib import import_module
from importlib.metadata import version
from typing import Any

from scrivano.core.clock import now
from scrivano.llm.dto import Locality
from scrivano.llm.providers.base import Offer
from scrivano.llm.providers.profiles import profile_of
from scrivano.llm.registry.dto import Facts, Tier

_PICTURES = re.compile(r"(^|[/-])(gpt-image|dall-e|flux|stable-diffusion|sdxl|lucid-origin|phoenix-1)", re.I)
"""Names of models that make pictures; no list of models tells."""

LARGE_FROM = 20.0
"""Billions of parameters from which a local model counts as large."""

_CLOUD_SLOTS = 16
_LOCAL_SLOTS = 4
_CLOUD_CONTEXT = 128_000
_LOCAL_CONTEXT = 8_192


def facts_of(offer: Offer, base_url: str, locality: Locality, settings: dict[str, Any]) -> Facts:
    """The facts of a model that a server offers."""
    settings = {**profile_of(base_url), **settings}
    tier = _tier(offer, locality)
    prices = look_up_prices(offer.name, base_url) if tier == "cloud" else _free()
    known_length = prices.pop("context_length", None)
    default_length = _CLOUD_CONTEXT if tier == "cloud" else _LOCAL_CONTEXT
    return Facts(
        tier=tier,
        context_length=offer.context_length or known_length or default_length,
        concurrency=offer.slots or (_CLOUD_SLOTS if tier == "cloud" else _LOCAL_SLOTS),
        capabilities=_capabilities(offer, settings),
        tokenizer=_tokenizer(offer, settings),
        prices=prices,
    )


def _tier(offer: Offer, locality: Locality) -> Tier:
    if locality is Locality.CLOUD:
        return "cloud"
    return "large-local" if (offer.parameters or 0) >= LARGE_FROM else "small-local"


def _capabilities(offer: Offer, settings: dict[str, Any]) -> frozenset[str]:
    if offer.embedding:
        return frozenset({"embeddings"})
    if _PICTURES.search(offer.name):
        return frozenset({"images"})
    found = frozenset(settings.get("capabilities", ("chat", "json_schema", "tools")))
    # llama.cpp's server goes on from a last message of the assistant's; many others refuse it or begin anew.
    return found | {"prefill"} if settings.get("tokenize") == "llama.cpp" else found


def _tokenizer(offer: Offer, settings: dict[str, Any]) -> str:
    if settings.get("tokenize") or offer.tokenizes:
        return "server"
    name = offer.name.rpartition("/")[2]
    if name.startswith(("gpt-4o", "gpt-4.1", "gpt-5", "o1", "o3", "o4", "chatgpt-4o")):
        return "o200k_base"
    return "cl100k_base" if name.startswith(("gpt-4", "gpt-3.5")) else "bytes"


def _free() -> dict[str, Any]:
    return {
        "input_mtok": Decimal(0),
        "output_mtok": Decimal(0),
        "cached_mtok": None,
        "cache_write_mtok": None,
        "audio_input_mtok": None,
        "audio_output_mtok": None,
        "prices_known": True,
        "prices_date": now().date(),
        "prices_source": "runs on own hardware",
    }


@cache
def _look_up(name: str, base_url: str, day: dt.date) -> dict[str, Any]:
    # Half a second to import, for the few moments in which a cloud model is added.
    snapshot: Any = import_module("genai_prices.data_snapshot").get_snapshot()
    unknown = _free() | {"prices_known": False, "prices_date": None, "prices_source": None}
    try:
        _, model = snapshot.find_provider_model(name, None, None, base_url)
    except LookupError:
        return unknown
    prices = model.get_prices(dt.datetime.now(dt.UTC))
    if prices.input_mtok is None and prices.output_mtok is None:
        return unknown
    return {
        "input_mtok": _highest(prices.input_mtok) or Decimal(0),
        "output_mtok": _highest(prices.output_mtok) or Decimal(0),
        "cached_mtok": _highest(prices.cache_read_mtok),
        "cache_write_mtok": _highest(prices.cache_write_mtok),
        "audio_input_mtok": _highest(prices.input_audio_mtok),
        "audio_output_mtok": _highest(prices.output_audio_mtok),
        "prices_known": True,
        "prices_date": day,
        "prices_source": f"genai-prices {version('genai-prices')}",
        "context_length": model.context_window,
    }


def look_up_prices(name: str, base_url: str) -> dict[str, Any]:
    """A cloud model's prices as columns, with `context_length` where it is known; no network is used.

    Where a price depends on the prompt's length, the highest one is taken, as bounds must hold.
    """
    return dict(_look_up(name, base_url, now().date()))


def _highest(price: Any) -> Decimal | None:
    if price is None or isinstance(price, Decimal):
        return price
    return max([price.base, *[tier.price for tier in price.tiers]])
