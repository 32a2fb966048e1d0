"""What a call is going to take: the model that would be asked, the tokens of each message, what tokens cost there."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from scrivano.llm.candidates import Candidate
from scrivano.llm.dto import Message, Options
from scrivano.llm.money import Prices, dollars
from scrivano.llm.providers.base import Provider
from scrivano.llm.registry.service import Registry, prices_of
from scrivano.llm.tokens import Count, bound_prompt, count_in_pieces, count_text

_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Outlook:
    """`tokens` are those of each message's text, never too few and, if `exact`, by the model's own tokenizer.
    `around` bounds what the model's chat format and a schema add to them all. `max_completion_tokens` is the longest
    answer that can come."""

    model: str
    provider: str
    kind: str
    tier: str
    tokenizer: str
    context_length: int
    max_completion_tokens: int
    tokens: tuple[int, ...]
    around: int
    exact: bool
    seconds: float
    prices: Prices

    @property
    def prompt_tokens(self) -> int:
        """The most that the prompt takes."""
        return sum(self.tokens) + self.around

    def least(self, completion_tokens: int) -> Decimal:
        """US dollars, at the least, for an answer of so many tokens; the prompt may come from the provider's cache."""
        prices = self.prices
        taken = sum(self.tokens) if self.exact else sum(self.tokens) // 4
        cheapest = min(
            prices.input_mtok, prices.input_mtok if prices.cached_mtok is None else prices.cached_mtok
        )
        return (taken * cheapest + completion_tokens * prices.output_mtok) / 1_000_000

    def most(self, completion_tokens: int, seconds: float | None = None, further: int = 0) -> Decimal:
        """US dollars, at the most, for an answer of up to so many tokens within so many seconds, where up to `further`
        tokens that are not known yet come to the prompt."""
        within = self.seconds if seconds is None else seconds
        return dollars(self.prices.bound(self.prompt_tokens + further, completion_tokens, within))


class TokenCounts:
    """Counts texts, and remembers the counts: what is previewed again and again has mostly been counted before."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._known: OrderedDict[tuple[str, str, str], Count] = OrderedDict()

    async def outlook(
        self, candidate: Candidate, messages: Sequence[Message], options: Options, extra: object = None
    ) -> Outlook:
        """What these messages take at a model."""
        model = candidate.model
        counts = await self.count(candidate, [message.text for message in messages])
        around = bound_prompt([Message(role=message.role) for message in messages], extra)
        limit = options.max_tokens or model.max_output or model.context_length
        return Outlook(
            model=model.name,
            provider=model.provider,
            kind=candidate.provider.kind,
            tier=model.tier,
            tokenizer=model.tokenizer,
            context_length=model.context_length,
            max_completion_tokens=limit,
            tokens=tuple(count.tokens for count in counts),
            around=around,
            exact=all(count.exact for count in counts),
            seconds=options.timeouts.total,
            prices=prices_of(model),
        )

    async def count(self, candidate: Candidate, texts: Sequence[str]) -> list[Count]:
        """Tokens of each text by a model's tokenizer."""
        provider = await self._registry.connection(candidate.provider)
        return list(
            await asyncio.gather(
                *(
                    self._one(candidate.model.tokenizer, candidate.model.name, text, provider)
                    for text in texts
                )
            )
        )

    async def _one(self, tokenizer: str, model: str, text: str, provider: Provider) -> Count:
        if tokenizer != "server":
            return await count_in_pieces(tokenizer, text)
        key = (model, str(id(provider)), text)
        if key not in self._known:
            self._known[key] = await count_text(tokenizer, text, model, provider)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return self._known[key]
