"""DuckDuckGo's page for browsers without scripts; it needs no key, and now and then asks whether one is human."""

from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urlsplit

from scrivano.llm.dto import Timeouts
from scrivano.llm.providers.abilities import Hit, Hits
from scrivano.llm.providers.base import Endpoint
from scrivano.llm.providers.search_engine import SearchEngine, plain


def connect(endpoint: Endpoint) -> "DuckDuckGo":
    """A connection to the engine."""
    return DuckDuckGo(endpoint)


_WITHOUT_CONTENT = frozenset(("br", "img", "input", "hr", "wbr"))


class DuckDuckGo(SearchEngine):
    """See `Searches`. `base_url` is `https://html.duckduckgo.com/html`."""

    kind = "duckduckgo"

    async def search(self, query: str, *, max_results: int, timeouts: Timeouts) -> Hits:
        """See `Searches.search`. Raises AttemptFailed where the page is a riddle and no list."""
        headers = {"Accept": "text/html"}
        fetched = await self._http.fetch(
            "GET", f"/?{urlencode({'q': query})}", headers=headers, timeouts=timeouts
        )
        page = _Page()
        page.feed(fetched.raw.decode("utf-8", "replace"))
        if not page.hits and not page.none_found:
            raise fetched.garbage()
        return Hits(tuple(page.hits[:max_results]), fetched.locality)


class _Page(HTMLParser):
    """Reads the list of results. Advertisements lead elsewhere than the engine's own links, and are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.hits: list[Hit] = []
        self.none_found = False
        self._into: str | None = None
        self._depth = 0
        self._text: list[str] = []
        self._url = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = (dict(attrs).get("class") or "").split()
        self.none_found = self.none_found or "no-results" in names or "links" in (dict(attrs).get("id") or "")
        if self._into is not None:
            self._depth += tag not in _WITHOUT_CONTENT
        elif "result__a" in names or "result__snippet" in names:
            self._into = "title" if "result__a" in names else "snippet"
            self._depth, self._text = 1, []
            if self._into == "title":
                self._url = _target(dict(attrs).get("href") or "")

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if self._into is None:
            return
        self._depth -= 1
        if self._depth:
            return
        text = plain("".join(self._text))
        if self._into == "title" and self._url:
            self.hits.append(Hit(self._url, text))
        elif self._into == "snippet" and self.hits and self._url:
            self.hits[-1] = Hit(self.hits[-1].url, self.hits[-1].title, text)
        self._into = None


def _target(link: str) -> str:
    """Where a link of the page leads; nowhere for an advertisement."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    if parts.path == "/l/":
        return parse_qs(parts.query).get("uddg", [""])[0]
    return link if parts.scheme in ("http", "https") and not parts.netloc.endswith("duckduckgo.com") else ""
