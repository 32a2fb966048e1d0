"""Circuit breakers: a model that keeps failing is asked last, until a single request shows that it is back.

A breaker only changes the order. Where every model's circuit is open they are asked nevertheless: an attempt
that may fail is better than an error for certain.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from scrivano.llm.providers.base import AttemptFailed, Trouble

FAILURES_TO_OPEN = 3
"""Failures in a row after which a model's circuit opens; an unreachable provider's opens at the first."""

FIRST_REST = 2.0
LONGEST_REST = 16.0
"""Seconds between probes: doubled after each that fails. Whoever comes back is used again within this time."""

LONGEST_ASKED_REST = 300.0
"""The longest Retry-After that later requests keep to, too."""

_COUNTED = {
    Trouble.UNREACHABLE,
    Trouble.SILENT,
    Trouble.OVERLOADED,
    Trouble.BROKEN,
    Trouble.CUT,
    Trouble.GARBAGE,
}
_PROBE_LASTS = 120.0
"""Seconds after which a probe of which nothing was heard no longer holds others back."""


class BreakerState(StrEnum):
    """`closed`: works. `open`: rests. `half_open`: may be probed, or is being probed."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(slots=True)
class _Circuit:
    failures: int = 0
    rest: float = 0.0
    probe_at: float | None = None
    """When it may be probed; None while closed."""
    probed: float | None = None


class Breakers:
    """The circuits of all models and providers in this process, by their ids."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        *,
        first_rest: float = FIRST_REST,
        longest_rest: float = LONGEST_REST,
    ) -> None:
        self._clock = clock
        self.first_rest = first_rest
        self.longest_rest = longest_rest
        self._circuits: dict[UUID, _Circuit] = {}

    def state(self, *ids: UUID) -> BreakerState:
        """The worst state of these."""
        states = {self._state(id) for id in ids}
        for state in (BreakerState.OPEN, BreakerState.HALF_OPEN):
            if state in states:
                return state
        return BreakerState.CLOSED

    def admits(self, *ids: UUID) -> bool:
        """Whether a request may go there in its turn: all circuits are closed, or it may be the probe.

        Who is told so of a half-open circuit is the probe and must tell how it went.
        """
        now = self._clock()
        if any(self._state(id) is BreakerState.OPEN or self._being_probed(id, now) for id in ids):
            return False
        for id in ids:
            if self._state(id) is BreakerState.HALF_OPEN:
                self._circuits[id].probed = now
        return True

    def succeeded(self, *ids: UUID) -> None:
        """An answer came: the circuits close."""
        for id in ids:
            self._circuits.pop(id, None)

    def failed(self, model: UUID, provider: UUID, failed: AttemptFailed) -> None:
        """An attempt failed. What is the request's own fault counts for nothing."""
        if failed.trouble not in _COUNTED:
            # It answered, if only to refuse.
            self.succeeded(model, provider)
            return
        if failed.trouble is Trouble.UNREACHABLE:
            self._open(provider)
            return
        self.succeeded(provider)
        circuit = self._circuits.setdefault(model, _Circuit())
        circuit.failures += 1
        asked = failed.retry_after
        if asked is not None:
            self._open(model, min(asked, LONGEST_ASKED_REST))
        elif circuit.failures >= FAILURES_TO_OPEN or circuit.probe_at is not None:
            self._open(model)

    def undecided(self, *ids: UUID) -> None:
        """A probe ended without telling anything, as its caller went away: another one may follow."""
        for id in ids:
            if (circuit := self._circuits.get(id)) is not None:
                circuit.probed = None

    def _open(self, id: UUID, rest: float | None = None) -> None:
        circuit = self._circuits.setdefault(id, _Circuit())
        circuit.probed = None
        if rest is None:
            # A little less than the whole, so that several processes do not probe at the same moment.
            circuit.rest = min(self.longest_rest, circuit.rest * 2 or self.first_rest)
            rest = circuit.rest * random.uniform(0.8, 1.0)
        circuit.probe_at = self._clock() + rest

    def _state(self, id: UUID) -> BreakerState:
        circuit = self._circuits.get(id)
        if circuit is None or circuit.probe_at is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self._clock() < circuit.probe_at else BreakerState.HALF_OPEN

    def _being_probed(self, id: UUID, now: float) -> bool:
        circuit = self._circuits.get(id)
        return circuit is not None and circuit.probed is not None and now - circuit.probed < _PROBE_LASTS
