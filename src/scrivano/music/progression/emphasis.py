"""What a description asks the harmony to do: "altered dominants", "tritone substitutions", "simple"."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

_MOVES: Final = (
    (r"tritone|substitut", ("tritone-substitute",)),
    (r"secondary dominant|cycle of fifths|circle of fifths", ("secondary-dominant", "related-two")),
    (r"passing (?:chord|dim)|diminished", ("passing-diminished", "secondary-leading-tone")),
    (
        r"borrowed|modal interchange|minor (?:iv|four|subdominant)",
        ("minor-subdominant", "parallel-mode", "back-door"),
    ),
    (r"suspen|sus chord|sus4", ("sus", "split-dominant")),
    (r"plagal|amen", ("plagal",)),
    (r"side-?slip|planing|parallel|chromatic", ("side-slip", "chromatic-approach", "constant-structure")),
    (r"ii[ -]?v|two[ -]five", ("related-two",)),
    (r"inversion|walking bass|slash", ("inversion",)),
    (r"neapolitan", ("neapolitan",)),
    (r"augmented sixth|german sixth", ("augmented-sixth",)),
)
_RICH: Final = re.compile(
    r"sophisticated|advanced|rich|lush|complex|experimental|avant-?garde|innovative|chromatic"
)
_PLAIN: Final = re.compile(r"\b(?:simple|basic|easy|plain|beginners?)\b")
_ALTERED: Final = re.compile(r"\balter(?:ed|ations?)\b|\balt\b")


@dataclass(frozen=True)
class Emphasis:
    """Factors for moves by name, for how many are made, and for altered colours."""

    moves: dict[str, float] = field(default_factory=dict[str, float])
    amount: float = 1.0
    altered: float = 1.0


@lru_cache(maxsize=256)
def emphasis_of(description: str) -> Emphasis:
    """What the words emphasise; nothing in particular for an empty description."""
    text = description.lower()
    moves = {name: 5.0 for pattern, names in _MOVES if re.search(pattern, text) for name in names}
    amount = 1.0
    if _PLAIN.search(text):
        amount = 0.5
    elif moves or _RICH.search(text):
        amount = 1.5
    return Emphasis(moves, amount, 25.0 if _ALTERED.search(text) else 1.0)


def is_altered(suffix: str) -> bool:
    """Whether a dominant's suffix has altered tones."""
    return any(sign in suffix for sign in ("alt", "b9", "#9", "b13", "7#5", "9#5", "7b5"))
