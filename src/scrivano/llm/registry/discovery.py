"""Looks for model servers on this machine's usual ports, or at URLs that a person names."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

import orjson

from scrivano.core.errors import InvalidInput
from scrivano.llm.dto import Timeouts
from scrivano.llm.locality import locality_of_url
from scrivano.llm.providers.base import AttemptFailed, Endpoint, Offer
from scrivano.llm.providers.http import Http, loop_time
from scrivano.llm.providers.kinds import connect

USUAL = {
    "http://127.0.0.1:11434": "ollama",
    "http://127.0.0.1:8080": "llama.cpp",
    "http://127.0.0.1:8000": "vllm",
    "http://127.0.0.1:1234": "lm-studio",
}
PATIENCE = 0.4
"""Seconds for each step of looking at a server; a port that nobody listens on answers at once."""


_OLLAMA_CONTEXT = 4096
"""What Ollama gives a model unless told otherwise; of longer prompts it drops the beginning in silence."""


@dataclass(frozen=True)
class Server:
    """A server that answered like an OpenAI-compatible one."""

    base_url: str
    name: str
    offers: Sequence[Offer]
    settings: dict[str, Any] = field(default_factory=dict[str, Any])


def normal_url(url: str) -> str:
    """A base URL as it is stored: without a slash at the end, and with `/v1` where no path is given.

    Raises InvalidInput for what is no HTTP address.
    """
    parts = urlsplit(url.strip() if "://" in url else f"http://{url.strip()}")
    try:
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        valid = False
    if not valid or parts.username or parts.query or parts.fragment:
        raise InvalidInput(
            f"{url!r} is no address of a model server.", field="base_url", remedy="Write http://HOST:PORT."
        )
    path = parts.path.rstrip("/") or "/v1"
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


async def look_around(urls: Sequence[str] | None = None) -> list[Server]:
    """The servers that answer at `urls`, or at the usual local ports; all are asked at once."""
    wanted = list(USUAL) if urls is None else list(urls)
    found = await asyncio.gather(*(look_at(url) for url in wanted))
    return [server for server in found if server is not None]


async def look_at(url: str, api_key: str | None = None) -> Server | None:
    """What answers at `url`, or None."""
    base_url = normal_url(url)
    endpoint = Endpoint(base_url, base_url, await locality_of_url(base_url), api_key)
    provider = connect("openai_compatible", endpoint)
    try:
        offers = await provider.offers(within=PATIENCE)
    except AttemptFailed:
        return None
    finally:
        await provider.close()
    guess = USUAL.get(base_url.removesuffix("/v1").replace("localhost", "127.0.0.1"))
    return await _details(Server(base_url, guess or urlsplit(base_url).netloc, offers), endpoint)


async def _details(server: Server, endpoint: Endpoint) -> Server:
    """What Ollama and llama.cpp tell beside the OpenAI format."""
    parts = urlsplit(server.base_url)
    root = f"{parts.scheme}://{parts.netloc}"
    http = Http(endpoint)
    try:
        props, tags = await asyncio.gather(_get(http, f"{root}/props"), _get(http, f"{root}/api/tags"))
        offers = list(server.offers)
        settings: dict[str, Any] = {}
        if "total_slots" in props or "default_generation_settings" in props:
            defaults: dict[str, Any] = props.get("default_generation_settings") or {}
            length = int(defaults.get("n_ctx") or 0) or None
            slots = int(props.get("total_slots") or 0) or None
            settings["tokenize"] = "llama.cpp"
            offers = [
                replace(o, context_length=length or o.context_length, slots=slots or o.slots) for o in offers
            ]
        elif "models" in tags:
            sizes = _ollama_sizes(tags)
            offers = [
                replace(
                    o,
                    parameters=sizes.get(o.name, o.parameters),
                    context_length=o.context_length or _OLLAMA_CONTEXT,
                )
                for o in offers
            ]
        elif any(o.context_length for o in offers) and parts.port == 8000:
            settings["tokenize"] = "vllm"
        return replace(server, offers=offers, settings=settings)
    finally:
        await http.close()


async def _get(http: Http, url: str) -> dict[str, Any]:
    timeouts = Timeouts(connect=PATIENCE, first_token=PATIENCE, between_tokens=PATIENCE, total=PATIENCE)
    deadline = loop_time() + PATIENCE
    try:
        async with http.send(
            "GET", url, body=None, headers={}, timeouts=timeouts, deadline=deadline
        ) as incoming:
            body: Any = orjson.loads(await incoming.read(limit=1024 * 1024))
    except (AttemptFailed, orjson.JSONDecodeError):
        return {}
    return cast(dict[str, Any], body) if isinstance(body, dict) else {}


def _ollama_sizes(tags: dict[str, Any]) -> dict[str, float]:
    sizes: dict[str, float] = {}
    for model in cast(list[dict[str, Any]], tags["models"]):
        details: dict[str, Any] = model.get("details") or {}
        text = str(details.get("parameter_size", "")).upper()
        for unit, factor in (("B", 1.0), ("M", 0.001)):
            number = text.removesuffix(unit)
            if text.endswith(unit) and number.replace(".", "", 1).isdigit():
                sizes[str(model.get("name"))] = float(number) * factor
    return sizes
