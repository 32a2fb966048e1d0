"""The errors of the LLM service: one class per reason to act differently.

LLMError
├── TryLater        temporary everywhere: a rate limit or an overload that lasts longer than one waits
├── AskDifferently  the request itself is at fault: too long, filtered, malformed, an unknown model
├── NotPermitted    a key is wrong, or a project's rules forbid the place
├── TooDear         the budget does not even pay for the shortest useful answer
└── NobodyCould     every model that might have answered failed
"""

from scrivano.core.errors import InvalidInput, LimitReached, NotAllowed, ScrivanoError, Unavailable


class LLMError(ScrivanoError):
    """The language model service could not do this."""

    status = 502


class TryLater(LLMError, Unavailable):
    """Every model that could answer asks to wait."""

    status = 503
    retry_after: float | None = None
    """Seconds after which a model said it would answer again, if one did."""


class AskDifferently(LLMError, InvalidInput):
    """No model can answer this request as it is put."""

    status = 422


class NotPermitted(LLMError, NotAllowed):
    """The models that could answer may not be used."""

    status = 403


class TooDear(LLMError, LimitReached):
    """What is left of the budget does not pay for this request."""

    status = 402


class NobodyCould(LLMError, Unavailable):
    """No model could answer."""

    status = 503
