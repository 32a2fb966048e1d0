"""One attempt at one model: reserved, logged before it is sent, logged at its end, settled."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, TypeVar
from uuid import UUID

from scrivano.core.crashpoints import reach
from scrivano.core.errors import ScrivanoError
from scrivano.core.ids import new_id
from scrivano.core.secrets import SecretLost
from scrivano.llm import telemetry
from scrivano.llm.breakers import Breakers
from scrivano.llm.budgets.service import Budgets, Grant, Wish
from scrivano.llm.cache.service import Cache
from scrivano.llm.candidates import Candidate
from scrivano.llm.concurrency import ModelSlots
from scrivano.llm.dto import (
    CallContext,
    Locality,
    Message,
    Options,
    PromptSource,
    RequestStatus,
    Response,
    Timeouts,
    Usage,
)
from scrivano.llm.errors import TooDear
from scrivano.llm.joint import Joint, NoJoint
from scrivano.llm.limits.service import Limits
from scrivano.llm.log.chains import Body
from scrivano.llm.log.rows import Closing, Opening
from scrivano.llm.log.service import Closed, RequestLog
from scrivano.llm.log.writer import Written
from scrivano.llm.money import Prices, dollars
from scrivano.llm.outgoing import more_bodies, settings_of
from scrivano.llm.providers.base import AttemptFailed, End, Provider, Request, Schema, Trouble
from scrivano.llm.registry.service import Registry, prices_of
from scrivano.llm.router import Question, Router, Rules
from scrivano.llm.tokens import bound_prompt, count_prompt, count_text

T = TypeVar("T")

_TURNS_TO_THE_DATABASE = 2
"""Of the event loop: in the first the row is handed to the log's writer, in the second the writer sends it."""

_NONE = Usage()


@dataclass(frozen=True, slots=True)
class Services:
    """What an attempt needs of the house."""

    registry: Registry
    log: RequestLog
    budgets: Budgets
    slots: ModelSlots
    breakers: Breakers
    router: Router
    limits: Limits
    cache: Cache
    prompts: PromptSource | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """What a caller asked for."""

    messages: tuple[Message, ...]
    options: Options
    context: CallContext
    schema: Schema | None = None
    rules: Rules | None = None
    ahead: Callable[[Response], None] | None = None
    """Gets the answer while its end is being written to the log."""

    @property
    def question(self) -> Question:
        """What the router has to decide on."""
        return Question(self.options, self.context, self.messages, self.rules)


@dataclass(frozen=True, slots=True)
class Parts:
    """The attempts that an answer's beginning came from: its text, and what they took together."""

    text: str = ""
    ids: tuple[UUID, ...] = ()
    usage: Usage = _NONE
    cost: int = 0

    def plus(self, text: str, id: UUID, usage: Usage, cost: int) -> "Parts":
        """With one more."""
        return Parts(self.text + text, (*self.ids, id), add_usage(self.usage, usage), self.cost + cost)


_NO_PARTS = Parts()


@dataclass
class Attempt:
    """One try of `call` at `candidate`, the `number`-th of the call; `previous` is the one before."""

    services: Services
    call: Call
    candidate: Candidate
    number: int
    previous: UUID | None = None
    plain: bool = False
    """Leave the schema out, as the server does not take one."""
    parts: Parts = _NO_PARTS
    """What this attempt goes on from; `call` asks it to."""
    joint: Joint | None = None
    id: UUID | None = None
    usage: Usage = _NONE
    cost: int = 0
    """What it took in the end, and what that costs in nano-dollars."""
    _text: list[str] = field(default_factory=list[str])
    _given: list[str] = field(default_factory=list[str])
    _first: float | None = None
    _prompt_tokens: int = 0
    _began: float = 0.0
    _opening: Opening | None = None
    _asked: Request | None = None
    _safe: asyncio.Future[None] | None = None
    """Done when the row is safe."""
    _sent: bool = False

    async def run(self) -> AsyncGenerator[str | Response]:
        """The text in pieces as they come, then the Response, once the end is in the log.

        A continuation gives what comes after the parts that were there; its Response is the whole. Raises
        AttemptFailed or TooDear. Closed early or cancelled, it ends the request and logs it so.
        """
        model = self.candidate.model
        context = self.call.context
        async with self.services.slots.of(
            model.id, model.concurrency, group=context.run_id, urgency=context.urgency
        ) as waited:
            # Once more, whatever chose the model: the project may have become local-only meanwhile.
            policy = await self.services.router.policies.of(self.call.context.project_id)
            policy.check(self.candidate.provider, model.name)
            try:
                provider = await self.services.registry.connection(self.candidate.provider)
            except SecretLost as lost:
                raise AttemptFailed(
                    Trouble.FORBIDDEN,
                    f"The key of {self.candidate.provider.name} cannot be read: {lost.message}",
                ) from lost
            grant = await self._prepare(provider, waited)
            span = telemetry.begin(self.candidate, self._request(grant), context, self.number)
            try:
                await self._writing(provider)
                end: End | None = None
                async with aclosing(provider.answer(self._request(grant))) as pieces:
                    async for piece in pieces:
                        if isinstance(piece, End):
                            end = piece
                            continue
                        if given := self._received(piece):
                            yield given
                if self.joint is not None and (given := self._joined(self.joint.finish)):
                    yield given
                assert end is not None
                seconds = time.monotonic() - self._began
            except AttemptFailed as failed:
                telemetry.failed(span, failed.trouble.label, failed.message)
                await to_the_end(self._failed(failed, grant))
                raise
            except BaseException as error:
                telemetry.failed(span, type(error).__name__, "The request came to no end.")
                unwritten = await to_the_end(self._ended(grant))
                if unwritten is not None and isinstance(error, Exception):
                    # What could not be written could not be sent either; the first tells why.
                    raise unwritten from error
                raise
        reach("llm.answer_received")
        response = await to_the_end(self._finished(provider, end, seconds))
        reach("llm.finished")
        telemetry.answered(span, response)
        yield response

    @property
    def text(self) -> str:
        """What came so far, as the model wrote it."""
        return "".join(self._text)

    @property
    def given(self) -> str:
        """What was passed on of it."""
        return "".join(self._given)

    def _received(self, piece: str) -> str:
        if self._first is None:
            self._first = time.monotonic() - self._began
        self._text.append(piece)
        reach("llm.mid_stream")
        joint = self.joint
        if joint is not None:
            return self._joined(lambda: joint.feed(piece))
        self._given.append(piece)
        return piece

    def _joined(self, take: Callable[[], str]) -> str:
        try:
            given = take()
        except NoJoint as error:
            message = f"{self.candidate.model.name} did not go on where the answer broke off: {error}"
            raise AttemptFailed(Trouble.GARBAGE, message) from error
        self._given.append(given)
        return given

    async def _prepare(self, provider: Provider, waited: float) -> Grant:
        """Reserve, and begin to write the row."""
        self.id = id = new_id()
        try:
            grant = await self._reserve(id, provider)
            context, candidate = self.call.context, self.candidate
            request = self._request(grant)
            self._opening = opening = Opening(
                id=id,
                context=context,
                provider=candidate.provider.name,
                model=candidate.model.name,
                locality=candidate.model.locality,
                route=candidate.route,
                settings=self._settings(request),
                attempt=self.number,
                previous=self.previous,
                counted_tokens=self._prompt_tokens or None,
                queued_seconds=waited,
                reserved=grant.amount,
                tier=candidate.model.tier,
            )
            more = more_bodies(request, context.project_id)
        except BaseException:
            await to_the_end(self._give_back(id))
            raise
        self._safe = asyncio.ensure_future(self._open(opening, more))
        return grant

    async def _open(self, opening: Opening, more: Sequence[Body]) -> None:
        try:
            await self.services.log.open(opening, self.call.messages, more)
        except BaseException:
            await self._give_back(opening.id)
            raise

    async def _give_back(self, id: UUID) -> None:
        """Nothing was sent: what was reserved, if anything was, is free again."""
        with suppress(ScrivanoError):
            await self.services.budgets.settle(id, 0)

    async def _writing(self, provider: Provider) -> None:
        """Let the row be on its way before the request is made ready, so that both take place at once; or be safe,
        for a provider that does not wait for it by itself."""
        if getattr(provider, "holds_back", False):
            for _ in range(_TURNS_TO_THE_DATABASE):
                await asyncio.sleep(0)
        else:
            await self._leave()

    async def _leave(self) -> None:
        """Returns once the row is safe: from then on the request may leave. Raises why it could not be written."""
        assert self._safe is not None
        await asyncio.shield(self._safe)
        if not self._sent:
            self._sent = True
            reach("llm.after_started_row")
            reach("llm.before_send")
            self._began = time.monotonic()

    async def _ended(self, grant: Grant) -> BaseException | None:
        """The caller went away, or the row could not be written: then there is none to close. Gives why."""
        assert self._safe is not None
        await asyncio.wait([self._safe])
        unwritten = self._safe.exception()
        if unwritten is None and self._sent:
            await self._cancelled(grant)
        elif unwritten is None:
            await self._close(RequestStatus.CANCELLED, 0, error="Cancelled before it was sent.")
        return unwritten

    def _settings(self, request: Request) -> dict[str, Any]:
        settings = settings_of(request, self.call.context.project_id)
        return settings | {"continues": len(self.parts.text)} if self.parts.ids else settings

    async def _reserve(self, id: UUID, provider: Provider) -> Grant:
        options, model, prices = self.call.options, self.candidate.model, self._prices
        if prices.free and model.prices_known:
            return Grant(0, options.max_tokens or 0, reserved=False)
        budgets = await self.services.budgets.applying(self.call.context)
        limited = bool(budgets) or options.max_cost is not None
        if limited and not model.prices_known:
            raise TooDear(
                f"What {model.name} costs is not known, so no budget can be kept.",
                field="model",
                remedy=f"scrivano models change {model.name} --price-in … --price-out …",
            )
        extra = self._extra()
        if limited:
            counted = await count_prompt(model.tokenizer, self.call.messages, model.name, provider, extra)
            self._prompt_tokens = counted.tokens
        else:
            self._prompt_tokens = bound_prompt(self.call.messages, extra)
        most = options.max_tokens or model.max_output or model.context_length
        wish = Wish(
            prices,
            self._prompt_tokens,
            most,
            options.min_tokens,
            options.timeouts.total,
            options.max_cost,
        )
        instance = self.services.log.instance.number
        grant = await self.services.budgets.reserve(budgets, id, instance, wish)
        return grant if limited or options.max_tokens else Grant(grant.amount, 0, grant.reserved)

    def _extra(self) -> list[object]:
        extra: list[object] = [tool.model_dump() for tool in self.call.options.tools]
        if self.call.schema is not None:
            extra.append(self.call.schema.schema)
        return extra

    @cached_property
    def _prices(self) -> Prices:
        return prices_of(self.candidate.model)

    def _request(self, grant: Grant) -> Request:
        """What is sent; made once, as it is also what the log keeps."""
        if self._asked is None:
            self._asked = self._make_request(grant)
        return self._asked

    def _make_request(self, grant: Grant) -> Request:
        options, model = self.call.options, self.candidate.model
        takes_schema = "json_schema" in model.capabilities and not self.plain
        return Request(
            model=model.name,
            messages=self.call.messages,
            timeouts=_timeouts(options.timeouts, model.locality, streaming=options.streaming),
            streaming=options.streaming,
            temperature=options.temperature,
            top_p=options.top_p,
            max_tokens=grant.max_tokens or None,
            seed=options.seed,
            stop=options.stop,
            tools=options.tools,
            tool_choice=options.tool_choice,
            effort=options.effort if "effort" in model.capabilities else None,
            schema=self.call.schema if takes_schema else None,
            ready=self._leave,
        )

    async def _finished(self, provider: Provider, end: End, seconds: float) -> Response:
        self.usage = usage = end.usage or await self._counted(provider, self.text)
        self.cost = cost = self._prices.cost(usage, seconds)
        # The row that ends an answer holds the whole of it, for whoever asks again under its key.
        text = self.parts.text + self.given
        answer = Message(role="assistant", content=text, tool_calls=end.tool_calls)
        candidate, id = self.candidate, self.id
        assert id is not None
        ending = self._end(RequestStatus.FINISHED, cost, usage=usage, seconds=seconds, answer=answer, end=end)
        try:
            # While the database works, what comes afterwards is made ready.
            for _ in range(_TURNS_TO_THE_DATABASE):
                await asyncio.sleep(0)
            response = Response(
                text=text,
                request_id=id,
                model=candidate.model.name,
                provider=candidate.provider.name,
                finish_reason=end.finish_reason,
                usage=add_usage(self.parts.usage, usage) if self.parts.ids else usage,
                cost=dollars(self.parts.cost + cost),
                route=candidate.route,
                tool_calls=end.tool_calls,
                seconds=seconds,
                attempts=self.number,
                parts=self.parts.ids,
            )
            if self.call.ahead is not None:
                self.call.ahead(response)
        finally:
            winner = await self._settled(ending, cost)
        return winner or response

    async def _failed(self, failed: AttemptFailed, grant: Grant) -> None:
        assert self._safe is not None
        # Who could not be connected to was so perhaps before the row was there.
        await self._safe
        if failed.usage is not None:
            self.usage = await self._reported(failed.usage)
            self.cost = self._prices.cost(self.usage, time.monotonic() - self._began)
        else:
            self.usage, self.cost = await self._so_far(grant, billed=failed.billed and self._sent)
        await self._close(
            RequestStatus.FAILED,
            self.cost,
            usage=self.usage,
            locality=failed.locality,
            error=f"{failed.trouble.label}: {failed.message}",
        )

    async def _reported(self, usage: Usage) -> Usage:
        """What a provider had reported before the end. Some only count at the beginning: fewer tokens than pieces
        came cannot be; then the text is counted."""
        if usage.completion_tokens >= len(self._text):
            return usage
        model = self.candidate.model
        counted = await count_text(model.tokenizer, self.text, model.name, None)
        return usage.model_copy(update={"completion_tokens": counted.tokens, "source": "counted"})

    async def _cancelled(self, grant: Grant) -> None:
        self.usage, self.cost = await self._so_far(grant, billed=True)
        await self._close(RequestStatus.CANCELLED, self.cost, usage=self.usage, error="The caller went away.")

    async def _so_far(self, grant: Grant, *, billed: bool) -> tuple[Usage, int]:
        """What an attempt without an end costs: nothing, what was received, or all if that is unknown."""
        text = self.text
        if not billed:
            return Usage(source="counted"), 0
        seconds = time.monotonic() - self._began
        if self._prices.only_time:
            usage = self._guessed(text)
            return usage, self._prices.cost(usage, seconds)
        if not text:
            return Usage(source="counted"), grant.amount
        tokens = (
            await count_text(self.candidate.model.tokenizer, text, self.candidate.model.name, None)
        ).tokens
        usage = Usage(prompt_tokens=self._prompt_tokens, completion_tokens=tokens, source="counted")
        return usage, min(grant.amount, self._prices.cost(usage, seconds))

    async def _counted(self, provider: Provider, text: str) -> Usage:
        """The tokens where the provider reports none: by its tokenizer; the bound where they cost money."""
        model = self.candidate.model
        if self._prices.free and model.tokenizer == "bytes":
            return self._guessed(text)
        prompt = await count_prompt(model.tokenizer, self.call.messages, model.name, provider, self._extra())
        answer = await count_text(model.tokenizer, text, model.name, provider)
        return Usage(prompt_tokens=prompt.tokens, completion_tokens=answer.tokens, source="counted")

    def _guessed(self, text: str) -> Usage:
        """Four bytes a token, where nothing depends on it."""
        prompt = sum(len(message.text.encode()) for message in self.call.messages)
        return Usage(
            prompt_tokens=-(-prompt // 4), completion_tokens=-(-len(text.encode()) // 4), source="counted"
        )

    def _would_cost(self, status: RequestStatus, usage: Usage | None, cost: int) -> int | None:
        """What the cloud tier would have taken for an answer; what its own models took counts as that."""
        if status is not RequestStatus.FINISHED or usage is None:
            return 0
        if self.candidate.model.tier == "cloud":
            return cost
        reference = self.services.registry.reference_prices
        return None if reference is None else reference.cost(usage)

    async def _close(
        self,
        status: RequestStatus,
        cost: int,
        *,
        usage: Usage | None = None,
        locality: Locality | None = None,
        error: str,
    ) -> None:
        """Log an end without an answer, and settle."""
        await self._settled(self._end(status, cost, usage=usage, locality=locality, error=error), cost)

    def _end(
        self,
        status: RequestStatus,
        cost: int,
        *,
        usage: Usage | None = None,
        seconds: float | None = None,
        answer: Message | None = None,
        end: End | None = None,
        locality: Locality | None = None,
        error: str | None = None,
    ) -> Written[Closed]:
        """Begin to log the end."""
        assert self._opening is not None
        if answer is None and self._text:
            answer = Message(role="assistant", content=self.text)
        if seconds is None:
            seconds = time.monotonic() - self._began if self._began else 0.0
        return self.services.log.closing(
            Closing(
                opening=self._opening,
                status=status,
                locality=end.locality if end else locality,
                seconds=seconds,
                cost=cost,
                usage=usage or Usage(source="counted"),
                first_token_seconds=self._first,
                answer=answer,
                finish_reason=end.finish_reason if end else None,
                error=error,
                would_cost=self._would_cost(status, usage, cost),
            )
        )

    async def _settled(self, ending: Written[Closed], cost: int) -> Response | None:
        """Once the end is safe and paid for; the earlier answer under the same key, if there is one."""
        assert self.id is not None
        closed = await ending.committed()
        if not self._prices.free:
            await self.services.budgets.settle(self.id, cost)
        key = self.call.context.key
        if closed.status is RequestStatus.SUPERSEDED and key:
            return await self.services.log.find_answer(key)
        return None


def add_usage(one: Usage, other: Usage) -> Usage:
    """The tokens of both; `counted` if any of them were."""
    tokens = {
        name: getattr(one, name) + getattr(other, name) for name in Usage.model_fields if name != "source"
    }
    return Usage(**tokens, source="counted" if "counted" in (one.source, other.source) else "reported")


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, which goes on to its end even if the caller is cancelled meanwhile."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _all_timeouts(given: Timeouts, locality: Locality, *, streaming: bool) -> Timeouts:
    patient = locality is not Locality.CLOUD
    first = given.first_token or (600.0 if patient else 60.0)
    if not streaming:
        # The first byte of a whole answer comes when all of it is there.
        first = given.first_token or given.total
    between = given.between_tokens or (120.0 if patient else 30.0)
    return given.model_copy(update={"first_token": first, "between_tokens": between})


_timeouts: Any = lru_cache(maxsize=256)(_all_timeouts)
