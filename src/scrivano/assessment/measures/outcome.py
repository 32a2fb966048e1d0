"""What a measure hands back before its weight is known."""

from dataclasses import dataclass, field

from scrivano.assessment.dto import Finding


@dataclass
class Outcome:
    """A score from 0 to 100, the figures behind it, and what lowered it."""

    score: float
    facts: dict[str, float] = field(default_factory=dict[str, float])
    findings: list[Finding] = field(default_factory=list[Finding])


def clipped(score: float) -> float:
    """The score held between 0 and 100."""
    return max(0.0, min(100.0, score))
