"""Which difficulty, 1 to 5, suits a player: followed from what they keep and reject."""

import math
from typing import Literal

from pydantic import BaseModel, ConfigDict

_STEPS = tuple(1 + step / 4 for step in range(17))
_TOO_EASY, _TOO_HARD = 1.2, 0.7
"""How fast a player's patience ends, in levels: what is too easy is suffered longer than what is too hard."""

_DRIFT = 0.02

Verdict = Literal["keep", "reject", "too-easy", "too-hard"]


class Comfort(BaseModel):
    """How likely the player is at home at each level from 1 to 5, in quarters. JSON in, JSON out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    chances: tuple[float, ...] = ()
    level: int = 2
    kept: int = 0
    rejected: int = 0

    @classmethod
    def starting(cls, level: int = 2) -> "Comfort":
        """Nothing is known but what the player began with. Raises `ValueError` outside 1 to 5."""
        if not 1 <= level <= 5:
            raise ValueError("difficulty is a whole number from 1 to 5")
        raw = [math.exp(-((step - level) ** 2) / (2 * 1.2**2)) for step in _STEPS]
        return cls(chances=tuple(chance / sum(raw) for chance in raw), level=level)

    def after(self, verdict: Verdict, played: int) -> "Comfort":
        """What is thought after the player kept or rejected an arrangement of the level `played`.

        A rejection may say that it was too easy or too hard, which is learnt from faster.

        The level moves by one at a time, towards the one whose pieces are likeliest to be kept.
        """
        chances = self.chances or Comfort.starting(self.level).chances
        likely = [_likelihood(verdict, played - step) for step in _STEPS]
        raw = [chance * like for chance, like in zip(chances, likely, strict=True)]
        total = sum(raw)
        settled = tuple((1 - _DRIFT) * chance / total + _DRIFT / len(_STEPS) for chance in raw)
        return Comfort(
            chances=settled,
            level=_follow(self.level, settled),
            kept=self.kept + (verdict == "keep"),
            rejected=self.rejected + (verdict != "keep"),
        )

    def why(self) -> str:
        """The level and what it rests on, in a sentence."""
        if not self.kept + self.rejected:
            return f"Level {self.level}, until you have kept or rejected something."
        return (
            f"Level {self.level}: you kept {self.kept} and rejected {self.rejected} arrangements, "
            f"which fits a player at {_centre(self.chances):.1f} of 5."
        )


def _likelihood(verdict: Verdict, away: float) -> float:
    """How likely a verdict is on what lies `away` levels above the player's own."""
    if verdict == "too-hard":
        return 1 / (1 + math.exp(-4 * (away - 0.5)))
    if verdict == "too-easy":
        return 1 / (1 + math.exp(4 * (away + 0.5)))
    width = _TOO_HARD if away > 0 else _TOO_EASY
    keeps = 0.05 + 0.9 * math.exp(-(away**2) / (2 * width**2))
    return keeps if verdict == "keep" else 1 - keeps


def _centre(chances: tuple[float, ...]) -> float:
    return sum(step * chance for step, chance in zip(_STEPS, chances, strict=True))


def _follow(level: int, chances: tuple[float, ...]) -> int:
    hopes = [
        sum(chance * _likelihood("keep", other - step) for step, chance in zip(_STEPS, chances, strict=True))
        for other in range(1, 6)
    ]
    best = max(range(1, 6), key=lambda other: hopes[other - 1])
    if hopes[best - 1] < hopes[level - 1] + 0.02:
        return level
    return level + (1 if best > level else -1)
