"""How long an answer will be, by those to the same template so far; by what the prompt asks for while there are few.

An answer's length follows something that is known beforehand: nothing at all (answers are alike), the size of the
prompt, or a number that the prompt asks for, such as a count of words. Each of these is tried as the scale on the
history, the one by which lengths scatter least is taken, and the interval is what nearly all earlier ones fell into.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from scrivano.tasks.lengths import Asked, Basis, expected

WANTED = 0.97
"""The share of answers that is to lie within the interval."""

LEAST_HISTORY = 12
_FEW = 3
KEPT = 400
_MARGIN = 1.04
_ONE, _PROMPT = "", "prompt"


@dataclass(frozen=True, slots=True)
class Past:
    """An answer so far: the numbers that its prompt was given, and the tokens of both."""

    numbers: Mapping[str, float]
    prompt_tokens: int
    completion_tokens: int
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Length:
    """Tokens of an answer that is to come, at the least and at the most, in all likelihood."""

    low: int
    high: int
    basis: Literal["history", "length", "schema", "template", "usual"]
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


def forecast(
    past: Sequence[Past], asked: Asked, prompt_tokens: int, most: int, model: str | None = None
) -> Length:
    """The tokens of the answer to a prompt, which cannot have more than `most`. Where `model` itself has answered often
    enough, only its own answers count."""
    own_past = [each for each in past if each.model == model]
    past = own_past if len(own_past) >= LEAST_HISTORY else past
    if len(past) < LEAST_HISTORY:
        basis, low, high = expected(asked)
        low, high = _widened(past, basis, low, high)
        return _within(low, high, most, basis, len(past))
    own = numbers_in(asked.values)
    own[_PROMPT] = float(max(1, prompt_tokens))
    scale, low, high = min(
        (_interval(past, scale) for scale in (_ONE, *own)), key=lambda found: _spread(found[1], found[2])
    )
    by = own.get(scale, 1.0)
    return _within(low * by / _MARGIN, high * by * _MARGIN, most, "history", len(past))


def _widened(past: Sequence[Past], basis: Basis, low: float, high: float) -> tuple[float, float]:
    """Where nothing better is known, the next answer may well be like the few that there are."""
    seen = [each.completion_tokens for each in past if each.completion_tokens]
    if basis in ("length", "template") or not seen:
        return low, high
    if basis == "usual" and len(seen) >= _FEW:
        return min(seen) * 0.6, max(seen) * 1.7
    return min(low, min(seen) * 0.8), max(high, max(seen) * 1.25)


def _within(
    low: float,
    high: float,
    most: int,
    basis: Literal["history", "length", "schema", "template", "usual"],
    samples: int,
) -> Length:
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
