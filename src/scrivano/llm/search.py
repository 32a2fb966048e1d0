"""Searches of the web."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from itertools import zip_longest
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict

from scrivano.llm import errands
from scrivano.llm.attempt import Services
from scrivano.llm.dto import CallContext, Message, Options, Response, Timeouts
from scrivano.llm.errors import AskDifferently
from scrivano.llm.providers.abilities import Hits, Searches
from scrivano.llm.providers.base import AttemptFailed, Provider, Trouble
from scrivano.llm.registry.dto import ModelView

_MOST_QUERIES = 20
_MOST_RESULTS = 100
_LONGEST_QUERY = 2000
_PATIENCE = 20.0


class SearchHit(BaseModel):
    """A page that a search found. `published` is the date as the engine writes it, where it does."""

    model_config = ConfigDict(frozen=True)

    url: str
    title: str
    snippet: str
    published: str | None = None
    query: str


class SearchResults(BaseModel):
    """What was found, each page once: the best of each query first, then the second best, and so on.

    `request_ids` has one request for each query; `cost` is in US dollars, of all together.
    """

    model_config = ConfigDict(frozen=True)

    hits: tuple[SearchHit, ...]
    request_ids: tuple[UUID, ...]
    cost: Decimal


class _Found(BaseModel):
    hits: tuple[SearchHit, ...]
    request_id: UUID
    cost: Decimal


async def search(
    services: Services, queries: Sequence[str], max_results: int, options: Options, context: CallContext
) -> SearchResults:
    """See `LLMService.search_web`."""
    wanted = _checked(queries, max_results)
    contexts = [context if len(wanted) == 1 else context.sub(f"query {n}") for n in range(1, len(wanted) + 1)]
    tasks = [
        asyncio.ensure_future(_one(services, query, max_results, options, own))
        for query, own in zip(wanted, contexts, strict=True)
    ]
    try:
        found = await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return SearchResults(
        hits=_merged([one.hits for one in found]),
        request_ids=tuple(one.request_id for one in found),
        cost=sum((one.cost for one in found), Decimal(0)),
    )


async def _one(
    services: Services, query: str, max_results: int, options: Options, context: CallContext
) -> _Found:
    logged = await services.log.find_answer(context.key) if context.key else None
    if logged is not None:
        return _from_log(logged, query)

    async def do(provider: Provider, model: ModelView, timeouts: Timeouts) -> errands.Done[Hits]:
        if not isinstance(provider, Searches):
            raise AttemptFailed(Trouble.MISSING, f"{model.provider} does not search.", refused=True)
        hits = await provider.search(query, max_results=max_results, timeouts=timeouts)
        rows = [
            {"url": hit.url, "title": hit.title, "snippet": hit.snippet, "published": hit.published}
            for hit in hits.hits
        ]
        answer = Message(role="assistant", content=orjson.dumps(rows).decode())
        return errands.Done(hits, None, hits.locality, answer)

    errand = errands.Errand(
        kind="search",
        ability="search",
        messages=(Message(role="user", content=query),),
        do=do,
        patience=_PATIENCE,
        settings={"max_results": max_results},
    )
    done = await errands.run(services, errand, options, context)
    hits = tuple(
        SearchHit(url=hit.url, title=hit.title, snippet=hit.snippet, published=hit.published, query=query)
        for hit in done.value.hits
    )
    return _Found(hits=hits, request_id=done.request_id, cost=done.cost)


def _from_log(logged: Response, query: str) -> _Found:
    rows: list[dict[str, Any]] = orjson.loads(logged.text)
    hits = tuple(SearchHit(**row, query=query) for row in rows)
    return _Found(hits=hits, request_id=logged.request_id, cost=Decimal(0))


def _checked(queries: Sequence[str], max_results: int) -> list[str]:
    wanted = list(dict.fromkeys(" ".join(query.split()) for query in queries))
    if not wanted or not all(wanted):
        raise AskDifferently(
            "There is nothing to search for.", field="queries", remedy="Give at least one question."
        )
    if len(wanted) > _MOST_QUERIES or any(len(query) > _LONGEST_QUERY for query in wanted):
        raise AskDifferently(
            "That is more than one searches for at once.",
            field="queries",
            remedy=f"Give at most {_MOST_QUERIES} questions of at most {_LONGEST_QUERY} characters.",
        )
    if not 1 <= max_results <= _MOST_RESULTS:
        raise AskDifferently(
            f"{max_results} results cannot be had.",
            field="max_results",
            remedy=f"Ask for 1 to {_MOST_RESULTS}.",
        )
    return wanted


def _merged(lists: Sequence[tuple[SearchHit, ...]]) -> tuple[SearchHit, ...]:
    merged: dict[str, SearchHit] = {}
    for row in zip_longest(*lists):
        for hit in row:
            if hit is not None:
                merged.setdefault(hit.url, hit)
    return tuple(merged.values())
