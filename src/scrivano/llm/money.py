"""Amounts: whole nano-dollars inside, Decimal dollars outside; and what tokens and hours cost."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from functools import cached_property

from scrivano.llm.dto import Usage

NANO = 1_000_000_000
_ZERO = Decimal(0)


def dollars(nano: int) -> Decimal:
    """Nano-dollars as dollars, without zeros at the end."""
    amount = Decimal(nano) / NANO
    return amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount.normalize()


def nano_dollars(amount: Decimal) -> int:
    """Dollars as nano-dollars, rounded up."""
    return int((amount * NANO).to_integral_value(ROUND_CEILING))


@dataclass(frozen=True)
class Prices:
    """Dollars per million tokens, and per hour of the machine's electricity. Tokens of a kind without a price of
    its own cost what all others do."""

    input_mtok: Decimal = Decimal(0)
    output_mtok: Decimal = Decimal(0)
    cached_mtok: Decimal | None = None
    cache_write_mtok: Decimal | None = None
    audio_input_mtok: Decimal | None = None
    image_input_mtok: Decimal | None = None
    audio_output_mtok: Decimal | None = None
    image_output_mtok: Decimal | None = None
    electricity_hour: Decimal = Decimal(0)

    @cached_property
    def free(self) -> bool:
        """Whether nothing can ever cost anything."""
        return self.only_time and not self.electricity_hour

    @cached_property
    def only_time(self) -> bool:
        """Whether tokens cost nothing."""
        return not (self._dearest_input or self._dearest_output)

    @cached_property
    def _dearest_input(self) -> Decimal:
        kinds = (self.cached_mtok, self.cache_write_mtok, self.audio_input_mtok, self.image_input_mtok)
        return max(self.input_mtok, *(price or _ZERO for price in kinds))

    @cached_property
    def _dearest_output(self) -> Decimal:
        return max(self.output_mtok, self.audio_output_mtok or _ZERO, self.image_output_mtok or _ZERO)

    def cost(self, usage: Usage, seconds: float = 0.0) -> int:
        """Nano-dollars for these tokens and this time, rounded up to a whole one.

        Where a provider's kinds add up to more than its total, the total's remainder counts as none.
        """
        taken = self._side(
            usage.prompt_tokens,
            self.input_mtok,
            (usage.cached_tokens, self.cached_mtok),
            (usage.cache_write_tokens, self.cache_write_mtok),
            (usage.audio_prompt_tokens, self.audio_input_mtok),
            (usage.image_prompt_tokens, self.image_input_mtok),
        )
        given = self._side(
            usage.completion_tokens,
            self.output_mtok,
            (usage.audio_completion_tokens, self.audio_output_mtok),
            (usage.image_completion_tokens, self.image_output_mtok),
        )
        amount = (taken + given) / 1_000_000 + self.electricity_hour * Decimal(seconds) / 3600
        return nano_dollars(amount)

    @staticmethod
    def _side(total: int, usual: Decimal, *kinds: tuple[int, Decimal | None]) -> Decimal:
        apart = [(tokens, price) for tokens, price in kinds if tokens and price is not None]
        rest = max(0, total - sum(tokens for tokens, _ in apart))
        return rest * usual + sum((tokens * price for tokens, price in apart), _ZERO)

    def bound(self, prompt_tokens: int, max_tokens: int, seconds: float) -> int:
        """The most that an answer of up to `max_tokens` within `seconds` can cost, in nano-dollars."""
        tokens = prompt_tokens * self._dearest_input + max_tokens * self._dearest_output
        return nano_dollars(tokens / 1_000_000 + self.electricity_hour * Decimal(seconds) / 3600)

    def affordable_tokens(self, left: int, prompt_tokens: int, seconds: float) -> int | None:
        """How many tokens of answer `left` nano-dollars pay for, at the least; None if they cost nothing."""
        rest = left - self.bound(prompt_tokens, 0, seconds)
        if rest < 0:
            return 0
        if not self._dearest_output:
            return None
        # One nano-dollar is kept back for each of the two roundings up.
        return max(0, int(Decimal(max(0, rest - 2)) / NANO * 1_000_000 / self._dearest_output))
