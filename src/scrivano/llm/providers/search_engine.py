"""What web search engines share. A registered one has one model, named like its kind, that can `search`."""

import re
from collections.abc import AsyncGenerator, Callable
from html import unescape
from typing import Any, cast

from scrivano.llm.providers.abilities import Hit
from scrivano.llm.providers.base import AttemptFailed, Description, End, Endpoint, Offer, Request, Trouble
from scrivano.llm.providers.http import Fetched, Http

_TAG = re.compile(r"<[^>]+>")


class SearchEngine:
    """See `Provider`; it answers nothing but searches."""

    kind = "search"

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._http = Http(endpoint)

    async def answer(self, request: Request) -> AsyncGenerator[str | End]:
        """Raises AttemptFailed: an engine writes no texts."""
        raise AttemptFailed(Trouble.MISSING, f"{self._endpoint.name} searches, and answers nothing.")
        yield ""

    async def offers(self, *, within: float) -> list[Offer]:
        """Its one model. Nothing is asked of the engine, as each question may cost something."""
        return [Offer(self.kind)]

    async def describe(self, *, within: float) -> Description:
        """See `Provider.describe`."""
        return Description(await self.offers(within=within), {})

    async def count_tokens(self, model: str, text: str) -> int | None:
        """An engine has no tokens."""
        return None

    async def close(self) -> None:
        """Close connections."""
        await self._http.close()


def hits_in(
    fetched: Fetched, rows: Callable[[dict[str, Any]], Any], snippet: str, limit: int
) -> tuple[Hit, ...]:
    """The hits of a JSON answer, of which `rows` gives the list. Raises AttemptFailed for what is none."""
    try:
        found = cast(list[dict[str, Any]], rows(fetched.table()))
        return tuple(
            Hit(str(row["url"]), plain(row["title"]), plain(row.get(snippet)), _date(row))
            for row in found[:limit]
        )
    except (LookupError, TypeError, AttributeError) as error:
        raise fetched.garbage() from error


def plain(text: object) -> str:
    """A text without markup, on one line."""
    return " ".join(unescape(_TAG.sub("", str(text or ""))).split())


def _date(row: dict[str, Any]) -> str | None:
    for name in ("publishedDate", "page_age", "published_date"):
        if row.get(name):
            return str(row[name])
    return None
