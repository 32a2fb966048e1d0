"""Tavily's search."""

from scrivano.llm.dto import Timeouts
from scrivano.llm.providers.abilities import Hits
from scrivano.llm.providers.base import Endpoint
from scrivano.llm.providers.search_engine import SearchEngine, hits_in


def connect(endpoint: Endpoint) -> "Tavily":
    """A connection to the engine."""
    return Tavily(endpoint)


_MOST = 20


class Tavily(SearchEngine):
    """See `Searches`. `base_url` is `https://api.tavily.com`."""

    kind = "tavily"

    async def search(self, query: str, *, max_results: int, timeouts: Timeouts) -> Hits:
        """See `Searches.search`; the engine gives at most 20."""
        body = {"query": query, "max_results": min(max_results, _MOST)}
        headers = {"Authorization": f"Bearer {self._endpoint.api_key or ''}"}
        fetched = await self._http.fetch("POST", "/search", headers=headers, body=body, timeouts=timeouts)
        return Hits(hits_in(fetched, lambda body: body["results"], "content", max_results), fetched.locality)
