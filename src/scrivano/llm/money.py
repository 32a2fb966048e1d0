"""Amounts: whole nano-dollars inside, Decimal dollars outside; and what tokens and hours cost."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from scrivano.llm.dto import Usage

NANO = 1_000_000_000


def dollars(nano: int) -> Decimal:
    """Nano-dollars as dollars, without zeros at the end."""
    amount = Decimal(nano) / NANO
    return amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount.normalize()


def nano_dollars(amount: Decimal) -> int:
    """Dollars as nano-dollars, rounded up."""
    return int((amount * NANO).to_integral_value(ROUND_CEILING))


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars per million tokens, and per hour of the machine's electricity."""

    input_mtok: Decimal = Decimal(0)
    output_mtok: Decimal = Decimal(0)
    cached_mtok: Decimal | None = None
    electricity_hour: Decimal = Decimal(0)

    @property
    def free(self) -> bool:
        """Whether nothing can ever cost anything."""
        return not (self.input_mtok or self.output_mtok or self.electricity_hour)

    @property
    def only_time(self) -> bool:
        """Whether tokens cost nothing."""
        return not (self.input_mtok or self.output_mtok)

    def cost(self, usage: Usage, seconds: float = 0.0) -> int:
        """Nano-dollars for these tokens and this time, rounded up to a whole one."""
        cached_price = self.input_mtok if self.cached_mtok is None else self.cached_mtok
        fresh = max(0, usage.prompt_tokens - usage.cached_tokens)
        tokens = fresh * self.input_mtok + usage.cached_tokens * cached_price
        tokens += usage.completion_tokens * self.output_mtok
        amount = tokens / 1_000_000 + self.electricity_hour * Decimal(seconds) / 3600
        return nano_dollars(amount)

    def bound(self, prompt_tokens: int, max_tokens: int, seconds: float) -> int:
        """The most that an answer of up to `max_tokens` within `seconds` can cost, in nano-dollars."""
        dearest = max(self.input_mtok, self.cached_mtok or Decimal(0))
        tokens = prompt_tokens * dearest + max_tokens * self.output_mtok
        return nano_dollars(tokens / 1_000_000 + self.electricity_hour * Decimal(seconds) / 3600)

    def affordable_tokens(self, left: int, prompt_tokens: int, seconds: float) -> int | None:
        """How many tokens of answer `left` nano-dollars pay for, at the least; None if they cost nothing."""
        rest = left - self.bound(prompt_tokens, 0, seconds)
        if rest < 0:
            return 0
        if not self.output_mtok:
            return None
        # One nano-dollar is kept back for each of the two roundings up.
        return max(0, int(Decimal(max(0, rest - 2)) / NANO * 1_000_000 / self.output_mtok))
