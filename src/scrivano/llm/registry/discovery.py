"""Looks for model servers on this machine's usual ports, or at URLs that a person names."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from scrivano.core.errors import InvalidInput
from scrivano.core.outbound import OWN_MACHINE
from scrivano.llm.locality import locality_of_url
from scrivano.llm.providers.base import AttemptFailed, Description, Endpoint
from scrivano.llm.providers.kinds import connect

USUAL = {
    "http://127.0.0.1:11434": "ollama",
    "http://127.0.0.1:8080": "llama.cpp",
    "http://127.0.0.1:8000": "vllm",
    "http://127.0.0.1:1234": "lm-studio",
}
PATIENCE = 0.4
"""Seconds to look at a usual port; one that nobody listens on answers at once."""
NAMED_PATIENCE = 5.0
"""Seconds for each step of a look at a server that a person named: it may be far, busy or just waking up."""
_LISTED_PATIENCE = 2.0
"""The same for those in the settings, which are looked for again and again, whether they are there or not."""


@dataclass(frozen=True)
class Server:
    """A server that answered like an OpenAI-compatible one."""

    base_url: str
    name: str
    description: Description


def normal_url(url: str, path: str = "/v1") -> str:
    """A base URL as it is stored: without a slash at the end, and with `path` where none is given.

    Raises InvalidInput for what is no HTTP address.
    """
    wrong = InvalidInput(
        f"{url!r} is no address of a model server.", field="base_url", remedy="Write http://HOST:PORT."
    )
    try:
        parts = urlsplit(url.strip() if "://" in url else f"http://{url.strip()}")
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        raise wrong from None
    if not valid or parts.username or parts.query or parts.fragment:
        raise wrong
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") or path, "", ""))


async def look_around(
    urls: Sequence[str] | None = None, private_hosts: tuple[str, ...] = OWN_MACHINE
) -> list[Server]:
    """The servers that answer at `urls`, or at the usual local ports; all are asked at once."""
    wanted, patience = (USUAL, PATIENCE) if urls is None else (urls, _LISTED_PATIENCE)
    found = await asyncio.gather(*(look_at(url, None, private_hosts, within=patience) for url in wanted))
    return [server for server in found if server is not None]


async def look_at(
    url: str,
    api_key: str | None = None,
    private_hosts: tuple[str, ...] = OWN_MACHINE,
    *,
    within: float = NAMED_PATIENCE,
) -> Server | None:
    """What answers at `url`, or None; each of two steps may take so many seconds."""
    base_url = normal_url(url)
    endpoint = Endpoint(base_url, base_url, await locality_of_url(base_url), api_key, {}, private_hosts)
    provider = connect("openai_compatible", endpoint)
    try:
        description = await provider.describe(within=within)
    except AttemptFailed:
        return None
    finally:
        await provider.close()
    guess = USUAL.get(base_url.removesuffix("/v1").replace("localhost", "127.0.0.1"))
    return Server(base_url, guess or urlsplit(base_url).netloc, description)
