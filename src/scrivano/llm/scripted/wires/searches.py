"""The scripted server as a search engine: SearXNG, Brave, Tavily and DuckDuckGo's page without scripts.

A rule's `json` is a list of what is found (`url`, `title`, `snippet`); without one, three pages are made up.
"""

import html
from collections.abc import Iterable
from typing import Any, cast
from urllib.parse import quote

from aiohttp import web

from scrivano.llm.scripted.asked import Asked
from scrivano.llm.scripted.dice import Dice
from scrivano.llm.scripted.engine import Call, Engine
from scrivano.llm.scripted.prose import sentence, title
from scrivano.llm.scripted.wires.connection import Body, answer, as_json, read_body, retry_headers

_MADE_UP = 3


def routes(engine: Engine) -> Iterable[web.RouteDef]:
    """All of it."""
    wire = _Wire(engine)
    return [
        web.get("/search", wire.searxng),
        web.get("/res/v1/web/search", wire.brave),
        web.post("/search", wire.tavily),
        web.get("/html/", wire.duckduckgo),
    ]


class _Wire:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def searxng(self, request: web.Request) -> web.StreamResponse:
        if request.query.get("format") != "json":
            return web.Response(status=403, text="<html>Forbidden", content_type="text/html")

        async def respond(call: Call) -> web.StreamResponse:
            results = [
                {"url": hit["url"], "title": hit["title"], "content": hit["snippet"], "engine": "scripted"}
                for hit in self._found(call)
            ]
            return as_json({"query": call.asked.last, "results": results, "suggestions": []})

        return await self._answer(request, "searxng", request.query.get("q", ""), respond)

    async def brave(self, request: web.Request) -> web.StreamResponse:
        async def respond(call: Call) -> web.StreamResponse:
            results = [
                {
                    "url": hit["url"],
                    "title": hit["title"],
                    "description": f"<strong>{hit['snippet']}</strong>",
                }
                for hit in self._found(call)
            ]
            return as_json({"type": "search", "web": {"type": "search", "results": results}})

        if not self._known(request.headers.get("X-Subscription-Token")):
            return as_json({"type": "ErrorResponse", "error": {"detail": "The token is invalid."}}, 422)
        return await self._answer(request, "brave", request.query.get("q", ""), respond)

    async def tavily(self, request: web.Request) -> web.StreamResponse:
        async def respond(call: Call) -> web.StreamResponse:
            results = [
                {"url": hit["url"], "title": hit["title"], "content": hit["snippet"], "score": 0.9}
                for hit in self._found(call)
            ]
            return as_json({"query": call.asked.last, "results": results})

        if not self._known((request.headers.get("Authorization") or "").removeprefix("Bearer ")):
            return as_json({"detail": {"error": "Unauthorized: missing or invalid API key."}}, 401)
        body = await read_body(request) or {}
        return await self._answer(request, "tavily", str(body.get("query", "")), respond)

    async def duckduckgo(self, request: web.Request) -> web.StreamResponse:
        async def respond(call: Call) -> web.StreamResponse:
            rows = "".join(_row(hit) for hit in self._found(call))
            page = f"<html><body><div id='links'>{rows}</div></body></html>"
            return web.Response(text=page, content_type="text/html")

        return await self._answer(request, "duckduckgo", request.query.get("q", ""), respond)

    def _known(self, key: str | None) -> bool:
        return self._engine.script.api_key in (None, key)

    def _found(self, call: Call) -> list[dict[str, str]]:
        self._engine.finish(call)
        given = call.rule.json_value
        if isinstance(given, list):
            return [{"snippet": "", **hit} for hit in cast(list[dict[str, str]], given)]
        dice = Dice(call.entry.request_hash)
        pages: list[dict[str, str]] = []
        for number in range(_MADE_UP):
            name = title(dice)
            url = f"https://example.org/{number}/{quote(name.lower().replace(' ', '-'))}"
            pages.append({"url": url, "title": name, "snippet": sentence(dice)})
        return pages

    async def _answer(
        self, request: web.Request, model: str, query: str, respond: Body
    ) -> web.StreamResponse:
        call = self._engine.begin(Asked(model, [{"role": "user", "content": query}], path="search"))

        async def give(call: Call) -> web.StreamResponse:
            if call.rule.garbage:
                self._engine.finish(call)
                return web.Response(text="<html>please prove that you are human", content_type="text/html")
            return await respond(call)

        return await answer(self._engine, request, call, give, _refusal)


def _row(hit: dict[str, Any]) -> str:
    link = f"//duckduckgo.com/l/?uddg={quote(hit['url'], safe='')}&amp;rut=0"
    name, snippet = html.escape(hit["title"]), html.escape(hit["snippet"])
    return (
        f'<div class="result results_links web-result"><h2><a rel="nofollow" class="result__a" href="{link}">'
        f'{name}</a></h2><a class="result__snippet" href="{link}"><b>{snippet}</b></a></div>'
    )


def _refusal(call: Call) -> web.Response:
    status = call.rule.status or 500
    return as_json({"error": call.rule.error_message or f"Scripted {status}."}, status, retry_headers(call))
