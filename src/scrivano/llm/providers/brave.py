"""Brave's web search."""

from typing import Any
from urllib.parse import urlencode

from scrivano.llm.dto import Timeouts
from scrivano.llm.providers.abilities import Hits
from scrivano.llm.providers.base import Endpoint
from scrivano.llm.providers.search_engine import SearchEngine, hits_in


def connect(endpoint: Endpoint) -> "Brave":
    """A connection to the engine."""
    return Brave(endpoint)


_MOST = 20


class Brave(SearchEngine):
    """See `Searches`. `base_url` is `https://api.search.brave.com/res/v1`."""

    kind = "brave"

    async def search(self, query: str, *, max_results: int, timeouts: Timeouts) -> Hits:
        """See `Searches.search`; the engine gives at most 20."""
        asked = urlencode({"q": query, "count": min(max_results, _MOST)})
        headers = {"Accept": "application/json", "X-Subscription-Token": self._endpoint.api_key or ""}
        fetched = await self._http.fetch("GET", f"/web/search?{asked}", headers=headers, timeouts=timeouts)

        # Where nothing is found there is no `web`.
        def rows(body: dict[str, Any]) -> Any:
            return body["web"]["results"] if "web" in body or "type" not in body else []

        return Hits(hits_in(fetched, rows, "description", max_results), fetched.locality)
