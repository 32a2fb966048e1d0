"""A call through the cache: answered out of it and logged as a hit, or asked and remembered."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from decimal import Decimal
from uuid import UUID

from scrivano.core.errors import NotFound
from scrivano.core.ids import new_id
from scrivano.llm import embeddings
from scrivano.llm.attempt import Call, Services, to_the_end
from scrivano.llm.cache.service import Asked, CachePolicy, Embedded, read_question
from scrivano.llm.dto import Options, RequestStatus, RequestView, Response, Usage
from scrivano.llm.errors import LLMError
from scrivano.llm.log.rows import Closing, Opening
from scrivano.llm.money import nano_dollars

Pieces = AsyncGenerator[str | Response]


class Caching:
    """One call and what the policy says of it."""

    def __init__(self, services: Services, call: Call, policy: CachePolicy) -> None:
        self._services = services
        self._call = call
        self._policy = policy
        self._asked = read_question(call.messages, call.options, call.context, call.schema)
        self._embedded: Embedded | None = None

    async def run(self, ask: Callable[[], Pieces], *, deliver: bool) -> Pieces:
        """The answer out of the cache, or what `ask` gives."""
        cache = self._services.cache
        while True:
            hit = await self._hit()
            if hit is not None:
                if deliver and hit.text:
                    yield hit.text
                yield hit
                return
            # Whoever asked first may have failed; then the next one asks.
            if not await cache.landed(self._asked):
                break
        with cache.flight(self._asked):
            async with aclosing(ask()) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Response):
                        await self._keep(piece)
                    yield piece

    async def _keep(self, response: Response) -> None:
        """Only what came to its own end is worth giving again."""
        if response.finish_reason in ("stop", "tool_calls") and not response.from_log:
            cache = self._services.cache
            await cache.store(self._asked, self._policy, response.request_id, self._embedded)

    async def _hit(self) -> Response | None:
        cache = self._services.cache
        found, route = await cache.find(self._asked), "cache: exact"
        if found is None and self._policy.mode == "semantic":
            embedded = await self._meaning(self._asked)
            if embedded is not None:
                found = await cache.nearest(self._asked, embedded, self._policy.likeness)
                route = "cache: semantic"
        source = await self._source(found) if found is not None else None
        return await self._answered(source, route) if source is not None else None

    async def _source(self, id: UUID) -> RequestView | None:
        """The request that an answer is taken from, as long as the log has its text."""
        try:
            source = await self._services.log.get(id)
        except NotFound:
            return None
        whole = source.status is RequestStatus.FINISHED and source.answer is not None
        return source if whole else None

    async def _meaning(self, asked: Asked) -> Embedded | None:
        """None where no model can embed: then only the very same question has an answer."""
        if self._embedded is not None or asked.last is None:
            return self._embedded
        context = self._call.context.sub("cache").model_copy(update={"purpose": "embed_for_cache"})
        try:
            made = await embeddings.embed(self._services, [asked.last], None, Options(), context)
        except LLMError:
            return None
        self._embedded = Embedded(f"{made.provider}/{made.model}", list(made.vectors[0]))
        return self._embedded

    async def _answered(self, source: RequestView, route: str) -> Response | None:
        """Log the hit; its answer is the source's."""
        id, log, call = new_id(), self._services.log, self._call
        assert source.answer is not None and source.finish_reason is not None
        opening = Opening(
            id=id,
            context=call.context,
            provider=source.provider,
            model=source.model,
            locality=source.locality,
            route=route,
            settings={},
            tier=source.tier,
        )
        closing = Closing(
            opening=opening,
            status=RequestStatus.FINISHED,
            seconds=0.0,
            usage=Usage(),
            answer=source.answer,
            finish_reason=source.finish_reason,
            would_cost=0,
            source=source.id,
            saved=nano_dollars(source.cost),
        )
        await to_the_end(log.open(opening, call.messages))
        await to_the_end(log.close(closing))
        return Response(
            text=source.answer.text,
            request_id=id,
            model=source.model,
            provider=source.provider,
            finish_reason=source.finish_reason,
            usage=Usage(),
            cost=Decimal(0),
            route=route,
            tool_calls=source.answer.tool_calls,
            cached=True,
        )
