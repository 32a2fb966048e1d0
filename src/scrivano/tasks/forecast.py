"""How long an answer will be, by those to the same template so far.

An answer's length follows something that is known beforehand: nothing at all (answers are alike), the size of the
prompt, or a number that the prompt asks for, such as a count of words. Each of these is tried as the scale on the
history, the one by which lengths scatter least is taken, and the interval is what nearly all earlier ones fell into.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

WANTED = 0.97
"""The share of answers that is to lie within the interval."""

LEAST_HISTORY = 12
KEPT = 400
_LENGTH_NAMES = ("words", "word_count", "length", "max_words")
_TOKENS_A_WORD = (1.0, 1.9)
_MARGIN = 1.04
_ONE, _PROMPT = "", "prompt"


@dataclass(frozen=True, slots=True)
class Past:
    """An answer so far: the numbers that its prompt was given, and the tokens of both."""

    numbers: Mapping[str, float]
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Length:
    """Tokens of an answer that is to come, at the least and at the most."""

    low: int
    high: int
    basis: Literal["history", "length", "bound"]
    samples: int = 0


def numbers_in(values: Mapping[str, JsonValue]) -> dict[str, float]:
    """The numbers above zero among values; lists and texts count by their length."""
    found: dict[str, float] = {}
    for name, value in values.items():
        size = 0.0
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            size = float(value)
        elif isinstance(value, (str, list)):
            size = float(len(value))
        if 0 < size < math.inf:
            found[name] = size
    return found


def forecast(past: Sequence[Past], values: Mapping[str, JsonValue], prompt_tokens: int, most: int) -> Length:
    """The tokens of the answer to a prompt with these values, which cannot have more than `most`."""
    own = numbers_in(values)
    own[_PROMPT] = float(max(1, prompt_tokens))
    if len(past) >= LEAST_HISTORY:
        scale, low, high = min(
            (_interval(past, scale) for scale in (_ONE, *own)), key=lambda found: _spread(found[1], found[2])
        )
        by = own.get(scale, 1.0)
        return _within(low * by / _MARGIN, high * by * _MARGIN, most, "history", len(past))
    for name in _LENGTH_NAMES:
        words = values.get(name)
        if isinstance(words, (int, float)) and not isinstance(words, bool) and words > 0:
            return _within(words * _TOKENS_A_WORD[0], words * _TOKENS_A_WORD[1], most, "length", len(past))
    return Length(1, most, "bound", len(past))


def _within(low: float, high: float, most: int, basis: Literal["history", "length"], samples: int) -> Length:
    top = max(1, min(most, math.ceil(min(high, most))))
    return Length(max(1, min(top, math.floor(low))), top, basis, samples)


def _interval(past: Sequence[Past], scale: str) -> tuple[str, float, float]:
    """The scale with the lengths, in units of it, between which `WANTED` of the answers lie, those to come included."""
    ratios = sorted(
        each.completion_tokens / size
        for each in past
        if (size := _size(each, scale)) and each.completion_tokens
    )
    if len(ratios) < LEAST_HISTORY:
        return scale, 0.0, math.inf
    # One more than there are, as the next one may lie outside of all (split conformal prediction).
    outside = (1 - WANTED) / 2 * (len(ratios) + 1)
    place = math.floor(outside) - 1
    if place < 0:
        slack = 1 + 1.5 / len(ratios)
        return scale, ratios[0] / slack, ratios[-1] * slack
    return scale, ratios[place], ratios[-1 - place]


def _size(each: Past, scale: str) -> float:
    if scale == _ONE:
        return 1.0
    return float(max(1, each.prompt_tokens)) if scale == _PROMPT else each.numbers.get(scale, 0.0)


def _spread(low: float, high: float) -> float:
    return high / low if low > 0 else math.inf
