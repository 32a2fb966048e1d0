"""The LLM service: one narrow contract over all models."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

import orjson
from pydantic import BaseModel

from scrivano.core.errors import InvalidInput
from scrivano.core.secrets import SecretBox
from scrivano.llm import embeddings, images, search
from scrivano.llm.attempt import Call, Services
from scrivano.llm.breakers import Breakers
from scrivano.llm.budgets.service import Budgets, BudgetView, Scope
from scrivano.llm.cache.service import Cache
from scrivano.llm.concurrency import ModelSlots
from scrivano.llm.dto import (
    CallContext,
    CostEstimate,
    Message,
    Options,
    PromptSource,
    RequestView,
    Response,
    RunTotals,
    StructuredResponse,
)
from scrivano.llm.embeddings import Embeddings
from scrivano.llm.errors import AskDifferently, NobodyCould
from scrivano.llm.exchange import Exchange, ResponseStream, Watch
from scrivano.llm.images import GeneratedImage
from scrivano.llm.limits.service import Limits
from scrivano.llm.log.keeping import Keeping
from scrivano.llm.log.service import RequestLog
from scrivano.llm.lookup.service import Lookup
from scrivano.llm.money import dollars
from scrivano.llm.outlook import Outlook, TokenCounts
from scrivano.llm.policies.service import Policies
from scrivano.llm.pool import Pool
from scrivano.llm.providers.base import Schema
from scrivano.llm.registry.dto import ModelView
from scrivano.llm.registry.service import Registry, prices_of
from scrivano.llm.router import Router, Rules, Scorer
from scrivano.llm.routing.complexity import score_text
from scrivano.llm.search import SearchResults
from scrivano.llm.statistics.service import StatisticsRoom
from scrivano.llm.structured import Unfit, read
from scrivano.llm.structured_stream import StructuredStream
from scrivano.llm.tokens import Count, count_prompt

if TYPE_CHECKING:
    from scrivano.core.database import Database

T = TypeVar("T", bound=BaseModel)

_RE_ASKS = 2
_UNFIT_MODELS = 3


class LLMService:
    """Asks models and remembers all of it. `start` before use and `stop` after, or use it in `async with`.

    One instance a process and event loop. `secret_box` is called when a provider's key is first needed.
    Without `prompts` an answer that does not fit its schema is not asked for again: the next model is asked.
    """

    def __init__(
        self,
        database: "Database",
        *,
        secret_box: Callable[[], SecretBox],
        prompts: PromptSource | None = None,
        discover_urls: str = "",
        private_hosts: str = "",
        scorer: Scorer = score_text,
    ) -> None:
        """`scorer` judges the complexity by which `auto` chooses: the rules, or a learned router's `score`."""
        self._pool = Pool(database.url)
        self._prompts = prompts
        self.budgets = Budgets(self._pool)
        self.registry = Registry(self._pool, secret_box, discover_urls, private_hosts)
        self.log = RequestLog(self._pool, self.budgets.release_dead)
        self.keeping = Keeping(self._pool, self.log)
        self.statistics = StatisticsRoom(self._pool, self.log)
        self.breakers = Breakers()
        self.registry.on_answer = self.breakers.succeeded
        self.policies = Policies(self._pool)
        self.limits = Limits(self._pool)
        self.cache = Cache(self._pool)
        self.router = Router(self.registry, self.policies, scorer)
        self.lookup = Lookup(self._pool, self.router, self.breakers)
        self._counts = TokenCounts(self.registry)
        self._services = Services(
            self.registry,
            self.log,
            self.budgets,
            ModelSlots(),
            self.breakers,
            self.router,
            self.limits,
            self.cache,
            prompts,
        )

    async def start(self) -> None:
        """Connect; rows and reservations that dead processes left are closed."""
        await self._pool.open()
        await self.log.start()

    async def stop(self) -> None:
        """Write what waits and disconnect."""
        await self.log.stop()
        await self.registry.close()
        await self._pool.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def generate_response(
        self,
        messages: Sequence[Message],
        *,
        options: Options | None = None,
        context: CallContext,
        watch: Watch | None = None,
        schema: Schema | None = None,
        rules: Rules | None = None,
        ahead: Callable[[Response], None] | None = None,
    ) -> Response:
        """A complete answer, which is in the log before it is returned. Raises LLMError.

        With `context.key`, an answer that was finished under this key earlier is returned instead.

        `watch` is awaited with the text so far each time some comes, to show it growing; the text begins anew
        when an attempt broke off and another one follows. So progress can be seen without giving up whole
        answers. An answer from the log is not watched.

        A `schema` is passed on to models that take one; whether the answer fits it is not looked at.

        `rules` has the last word on the models that are asked, as in all that follows: it gets those that could
        answer, in the router's order, and gives those that shall, in its own.

        `ahead` gets the answer while its end is being written to the log, to make ready what is done with it;
        nothing of it may leave before it is returned. Sometimes it is not called, and sometimes something else is
        returned than it got.
        """
        call = self._call(messages, options, context, schema, rules, ahead)
        return await Exchange(self._services, call).response(watch)

    def stream_response(
        self,
        messages: Sequence[Message],
        *,
        options: Options | None = None,
        context: CallContext,
        schema: Schema | None = None,
        rules: Rules | None = None,
    ) -> ResponseStream:
        """The answer's text as it is written. Nothing is sent before the first piece is asked for.

        While nothing was delivered, failed attempts are repeated as in `generate_response`. A text that breaks
        off later is continued, by the same model or the next; where none can go on without a repetition or a
        gap, the stream ends in NobodyCould. With `Options.whole_answers` nothing is delivered before the answer
        is complete. A `schema` is passed on to models that take one.
        """
        call = self._call(messages, options, context, schema, rules)
        return ResponseStream(Exchange(self._services, call))

    async def generate_structured_response(
        self,
        messages: Sequence[Message],
        *,
        response_model: type[T],
        options: Options | None = None,
        context: CallContext,
        watch: Watch | None = None,
        rules: Rules | None = None,
    ) -> StructuredResponse[T]:
        """An instance of `response_model`. Raises LLMError, NobodyCould where no model's answer would fit.

        Models that take a JSON schema get it. An answer that does not fit is mended without another call if
        that is possible, else asked for again with the error, twice, then asked from the next model. Each of
        these calls has a key of its own below `context.key`. `watch` sees the texts grow.
        """
        schema = Schema(response_model.__name__, response_model.model_json_schema())
        call = self._call(messages, options, context, schema, rules)
        excluded: frozenset[UUID] = frozenset()
        unfit = Unfit("No model is left to ask.")
        for turn in range(_UNFIT_MODELS):
            now = call if turn == 0 else _again(call, f"model {turn + 1}")
            if turn and not await self._others(now, excluded):
                break
            response = await Exchange(self._services, now, excluded).response(watch)
            try:
                return await self._fitting(now, response, response_model, watch)
            except Unfit as error:
                unfit = error
            excluded |= await self._ids_of(response)
        raise NobodyCould(
            f"No answer fits {response_model.__name__}: {unfit}",
            remedy="Try another model, a higher max_tokens, or a simpler request.",
        )

    def stream_structured_response(
        self,
        messages: Sequence[Message],
        *,
        response_model: type[T],
        options: Options | None = None,
        context: CallContext,
        rules: Rules | None = None,
    ) -> StructuredStream[T]:
        """The value as it grows: iterate over partial objects, then take the `result`. See the twin above.

        A partial object is plain JSON data, unchecked; where an attempt broke off or did not fit, it begins anew.
        """
        return StructuredStream(
            lambda watch: self.generate_structured_response(
                messages,
                response_model=response_model,
                options=options,
                context=context,
                watch=watch,
                rules=rules,
            )
        )

    async def _fitting(
        self, call: Call, response: Response, shape: type[T], watch: Watch | None
    ) -> StructuredResponse[T]:
        """Raises Unfit when even the re-asks brought nothing that fits."""
        for round in range(_RE_ASKS + 1):
            try:
                value, mended = read(response.text, shape, complete=response.finish_reason != "length")
                return StructuredResponse[shape](value=value, response=response, mended=mended)
            except Unfit as error:
                if round == _RE_ASKS or self._prompts is None:
                    raise
                call = await self._re_ask(call, response, str(error), round + 1)
                response = await Exchange(self._services, call).response(watch)
        raise AssertionError("the loop returns or raises")

    async def _re_ask(self, call: Call, response: Response, error: str, round: int) -> Call:
        assert self._prompts is not None and call.schema is not None
        schema = orjson.dumps(call.schema.schema, option=orjson.OPT_INDENT_2).decode()
        variables = {"error": error, "schema": schema, "answer": response.text}
        asked, version = await self._prompts("llm_reask", variables)
        context = call.context.sub(f"re-ask {round}")
        return Call(
            (*call.messages, response.message, *asked),
            call.options.model_copy(update={"model": f"{response.provider}/{response.model}"}),
            context.model_copy(update={"prompt_name": "llm_reask", "prompt_version": version, "chain": None}),
            call.schema,
        )

    async def _others(self, call: Call, excluded: frozenset[UUID]) -> bool:
        return bool(await self.router.candidates(call.question, excluded))

    async def _ids_of(self, response: Response) -> frozenset[UUID]:
        models = (await self.registry.snapshot()).models
        return frozenset(m.id for m in models if m.name == response.model and m.provider == response.provider)

    def _call(
        self,
        messages: Sequence[Message],
        options: Options | None,
        context: CallContext,
        schema: Schema | None = None,
        rules: Rules | None = None,
        ahead: Callable[[Response], None] | None = None,
    ) -> Call:
        if not messages:
            raise AskDifferently(
                "There is no message to answer.", field="messages", remedy="Give at least one."
            )
        return Call(tuple(messages), options or Options(), context, schema, rules, ahead)

    async def generate_image(
        self,
        prompt: str,
        *,
        size: str | None = None,
        quality: str | None = None,
        style: str | None = None,
        options: Options | None = None,
        context: CallContext,
    ) -> GeneratedImage:
        """A picture of `prompt`. `size` is `WIDTHxHEIGHT` in pixels, `quality` `low`, `standard` or `high`, `style`
        `natural` or `vivid`; what a model has no field for is left to it. Raises LLMError.

        Models with the capability `images` are asked in turn. The log keeps the prompt and the file's hash.
        """
        wanted = options or Options()
        return await images.generate(self._services, prompt, size, quality, style, wanted, context)

    async def search_web(
        self,
        queries: Sequence[str],
        max_results: int = 10,
        *,
        options: Options | None = None,
        context: CallContext,
    ) -> SearchResults:
        """What the web has on each of `queries`, at most `max_results` pages each. Raises LLMError.

        Each query is a request of its own, with a key of its own below `context.key`. A local-only project searches
        with no engine but one whose host was named for it, as even a local engine passes questions on.
        """
        return await search.search(self._services, queries, max_results, options or Options(), context)

    async def embed(
        self,
        texts: Sequence[str],
        *,
        dimensions: int | None = None,
        options: Options | None = None,
        context: CallContext,
    ) -> Embeddings:
        """A vector for each text, by the first model with the capability `embeddings` that answers. Raises LLMError.

        Where vectors are stored, name the model in `options`, as those of another one cannot be compared.
        `dimensions` asks for shorter vectors of models that can make them.
        """
        return await embeddings.embed(self._services, texts, dimensions, options or Options(), context)

    async def get_request(self, id: UUID) -> RequestView:
        """One attempt with its messages and answer. Raises NotFound."""
        return await self.log.get(id)

    async def get_user_requests(self, user_id: str, limit: int = 50, offset: int = 0) -> list[RequestView]:
        """A person's attempts, newest first, without texts."""
        return await self.log.of_user(user_id, limit, offset)

    async def latest_requests(self, limit: int = 50, offset: int = 0) -> list[RequestView]:
        """Everybody's attempts, newest first, without texts."""
        return await self.log.latest(limit, offset)

    async def run_requests(self, run_id: str) -> list[RequestView]:
        """A run's attempts, oldest first, without texts."""
        return await self.log.of_run(run_id)

    async def run_totals(self, run_id: str) -> RunTotals:
        """A run's sums by locality and kind; what is open or was cut counts with its upper bound."""
        return await self.log.run_totals(run_id)

    async def estimate_cost(
        self, messages: Sequence[Message], options: Options | None = None, context: CallContext | None = None
    ) -> CostEstimate:
        """What one attempt will cost at the model that would be asked first. Raises LLMError.

        `high` is never exceeded by an attempt; `low` has an answer of no tokens, and, where the prompt's
        tokens are only bounded, a quarter of the bound.
        """
        call = self._call(messages, options, context or CallContext(feature="llm", purpose="estimate_cost"))
        found = (await self.router.candidates(call.question))[0]
        model, prices = found.model, prices_of(found.model)
        provider = await self.registry.connection(found.provider)
        extra: list[Any] = [tool.model_dump() for tool in call.options.tools]
        counted = await count_prompt(model.tokenizer, call.messages, model.name, provider, extra)
        most = call.options.max_tokens or model.max_output or model.context_length
        least = counted.tokens if counted.exact else counted.tokens // 4
        return CostEstimate(
            low=dollars(prices.bound(least, 0, 0)),
            high=dollars(prices.bound(counted.tokens, most, call.options.timeouts.total)),
            prompt_tokens=counted.tokens,
            max_completion_tokens=most,
            model=model.name,
            exact_prompt=counted.exact,
        )

    async def outlook(
        self,
        messages: Sequence[Message],
        options: Options | None = None,
        context: CallContext | None = None,
        schema: Schema | None = None,
    ) -> Outlook:
        """The tokens of each message, and what they and an answer cost, at the model that would be asked first.

        Raises LLMError where there is none. Nothing is asked of a model.
        """
        call = self._call(messages, options, context or CallContext(feature="llm", purpose="outlook"), schema)
        found = (await self.router.candidates(call.question))[0]
        extra = [tool.model_dump() for tool in call.options.tools]
        extra += [schema.schema] if schema else []
        return await self._counts.outlook(found, call.messages, call.options, extra)

    async def count_tokens(self, texts: Sequence[str], model: str = "auto") -> tuple[list[Count], ModelView]:
        """Tokens of each text by a model's tokenizer, and that model. Raises LLMError where there is none."""
        about = CallContext(feature="llm", purpose="count_tokens")
        call = self._call([Message(role="user", content="Count.")], Options(model=model), about)
        found = (await self.router.candidates(call.question))[0]
        return await self._counts.count(found, texts), found.model

    async def set_budget(
        self, scope: Scope, scope_id: str, limit_usd: Decimal | float | str | None
    ) -> BudgetView | None:
        """Set what a run, project, user or API key may cost in all; None takes the limit away.

        From then on an attempt within the scope reserves the most it can cost before it is sent.
        """
        try:
            limit = None if limit_usd is None else Decimal(str(limit_usd))
        except InvalidOperation as error:
            raise InvalidInput(
                f"{limit_usd!r} is no amount.", field="limit_usd", remedy="Give dollars."
            ) from error
        return await self.budgets.set(scope, scope_id, limit)

    async def get_budget(self, scope: Scope, scope_id: str) -> BudgetView | None:
        """A scope's limit, what is reserved and what is spent; None if it has no limit."""
        return await self.budgets.get(scope, scope_id)

    async def reachable_models(self) -> list[ModelView]:
        """The models that would answer now, in the order in which `auto` asks them; takes at most seconds."""
        return await self.registry.reachable_models()


def _again(call: Call, suffix: str) -> Call:
    return replace(call, context=call.context.sub(suffix))
