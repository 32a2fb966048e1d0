"""What the router says and what it learns from."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

LOWEST = 1.0
HIGHEST = 10.0


class Reason(NamedTuple):
    """One thing that moved a score: which rule, by how much, and what in the request it saw."""

    rule: str
    weight: float
    evidence: str


@dataclass(frozen=True, slots=True)
class Complexity:
    """How demanding a request is.

    `score` is continuous, from 1 to 10. `level` is the whole number nearest to it (halves go up), `tier` the
    tier that answers that level. `raw` is the score before it was held within 1 and 10; where rules scored, it is
    their base and the weights of the reasons added up. A learned router also says `failure`, the chance that
    the small model fails, and `gain`, what the large model adds on average.
    """

    score: float
    level: int
    tier: str
    reasons: tuple[Reason, ...]
    raw: float
    failure: float | None = None
    gain: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        found = asdict(self)
        found["reasons"] = [reason._asdict() for reason in self.reasons]
        return found


@dataclass(frozen=True, slots=True)
class Example:
    """A prompt and how well the small and the large model answered it: right or wrong, or 0 to 1."""

    prompt: str
    weak_correct: float
    strong_correct: float

    @property
    def gain(self) -> float:
        """What the large model adds: 1, 0 or -1 where answers are right or wrong."""
        return self.strong_correct - self.weak_correct


@dataclass(frozen=True, slots=True)
class Apgr:
    """How much of the quality between the small and the large model a router recovers, averaged over all
    budgets: 0.5 for chance, 1 for the large model's quality at any budget; a perfect order may exceed 1.

    `low` and `high` bound it with 95 % (bootstrap over prompts). `points` are (share of calls that go to the
    large model, quality) at each threshold.
    """

    value: float
    low: float
    high: float
    weak: float
    strong: float
    examples: int
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Card:
    """What a trained router is: where it comes from and what it has shown. Qualities are shares right.

    `apgr` and `calibration_error` are means over folds whose prompts the scoring router had not seen;
    the error is between foretold and seen failures of the small model, averaged over tenths of the prompts.
    """

    examples: int
    weak: float
    strong: float
    apgr: float
    calibration_error: float
    recipe: Mapping[str, Any]
    source: str = ""
