"""What a caller is told when no attempt gave an answer, and how long one waits before the next."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from scrivano.llm.candidates import START_A_MODEL
from scrivano.llm.errors import AskDifferently, LLMError, NobodyCould, NotPermitted, TooDear, TryLater
from scrivano.llm.providers.base import AttemptFailed, Trouble

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 8.0

_AT_FAULT = {Trouble.REFUSED, Trouble.TOO_LONG, Trouble.FILTERED}
_REMEDIES = {
    Trouble.REFUSED: "Change the request as the message says.",
    Trouble.TOO_LONG: "Shorten the prompt, or choose a model with a longer context.",
    Trouble.FILTERED: "Change the passage that the provider's filter objects to, or choose another model.",
}
_SEE_TO_THEM = "See that what is named here runs and has its model, or add another model to fall back to."


@dataclass(frozen=True, slots=True)
class Failure:
    """An attempt, or a model's turn, that came to nothing."""

    model: str
    reason: AttemptFailed | TooDear


def pause_before(attempt: int, failed: AttemptFailed, longest_wait: float) -> float | None:
    """Seconds to wait before the same model is asked again, the `attempt`-th time having failed.

    None: do not wait, ask another one. A Retry-After is honoured to the second, with a little more on top so
    that callers do not come back together.
    """
    if failed.retry_after is not None:
        if failed.retry_after > longest_wait:
            return None
        return failed.retry_after + random.uniform(0, 0.1 * failed.retry_after + 0.05)
    highest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1))
    return random.uniform(highest / 2, highest)


def verdict(failures: Sequence[Failure]) -> LLMError:
    """The error that tells a caller what to do."""
    told = "; ".join(f"{failure.model}: {_reason(failure)}" for failure in _last_of_each(failures))
    dear = [failure.reason for failure in failures if isinstance(failure.reason, TooDear)]
    failed = [failure.reason for failure in failures if isinstance(failure.reason, AttemptFailed)]
    troubles = {reason.trouble for reason in failed}
    if dear and all(isinstance(failure.reason, TooDear) for failure in _last_of_each(failures)):
        # Whatever went wrong before: with more money the same models would have been asked again.
        return dear[-1]
    if troubles and troubles <= _AT_FAULT:
        return AskDifferently(told, field="messages", remedy=_REMEDIES[failed[-1].trouble])
    if troubles == {Trouble.FORBIDDEN}:
        return NotPermitted(told, field="api_key", remedy="Enter a valid key for the provider.")
    if troubles == {Trouble.OVERLOADED}:
        waits = [reason.retry_after for reason in failed if reason.retry_after is not None]
        error = TryLater(told, remedy="Try again later, or add another model to fall back to.")
        error.retry_after = min(waits, default=None)
        return error
    return NobodyCould(told, field="model", remedy=_SEE_TO_THEM if failures else START_A_MODEL)


def _last_of_each(failures: Sequence[Failure]) -> list[Failure]:
    return list({failure.model: failure for failure in failures}.values())


def _reason(failure: Failure) -> str:
    return failure.reason.message
