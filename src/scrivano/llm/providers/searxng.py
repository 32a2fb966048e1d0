"""SearXNG, a search engine that one runs oneself; its settings must allow the format `json`.

It hands questions on to engines elsewhere: its own address says nothing about how far they travel.
"""

from urllib.parse import urlencode

from scrivano.llm.dto import Timeouts
from scrivano.llm.providers.abilities import Hits
from scrivano.llm.providers.base import Endpoint
from scrivano.llm.providers.search_engine import SearchEngine, hits_in


def connect(endpoint: Endpoint) -> "SearXNG":
    """A connection to the engine."""
    return SearXNG(endpoint)


class SearXNG(SearchEngine):
    """See `Searches`. `base_url` ends in what comes before `/search`; `settings` may hold `parameters`, such as
    `language` or `categories`."""

    kind = "searxng"

    async def search(self, query: str, *, max_results: int, timeouts: Timeouts) -> Hits:
        """See `Searches.search`."""
        asked = {"q": query, "format": "json", **dict(self._endpoint.settings.get("parameters", {}))}
        fetched = await self._http.fetch("GET", f"/search?{urlencode(asked)}", headers={}, timeouts=timeouts)
        return Hits(hits_in(fetched, lambda body: body["results"], "content", max_results), fetched.locality)
