"""How good a router is: the average performance gap recovered, as published for routers of two models.

The measure is APGR of Ong et al. 2024, "RouteLLM: Learning to Route LLMs with Preference Data"
(arXiv:2406.18665), taken as in their evaluation: the thresholds are the eleven edges of ten equally filled
bins of the scores (linear interpolation); at each, every prompt whose score is at least the threshold goes to
the large model, at the last one only those above it; quality is plotted over the share of calls that went to
the large model, and the area under that line (trapezia) is scaled so that 0 is the small model's quality over
the same shares and 1 the large one's.
"""

from collections.abc import Sequence

import numpy as np

from scrivano.core.errors import InvalidInput
from scrivano.llm.routing.dto import Apgr, Example
from scrivano.llm.routing.features import Floats

BINS = 10
RESAMPLES = 400


def evaluate(
    examples: Sequence[Example],
    scores: Sequence[float] | Floats,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Apgr:
    """APGR of scores (higher: large model) with a 95 % interval by bootstrap over prompts.

    Raises InvalidInput where the numbers differ, a score is no number, or both models are equally good, which
    leaves nothing to recover.
    """
    values = np.asarray(scores, dtype=np.float64)
    if len(values) != len(examples):
        raise InvalidInput(f"{len(values)} scores for {len(examples)} examples.", field="scores")
    if not np.isfinite(values).all():
        raise InvalidInput("A score is not a number.", field="scores")
    weak = np.array([example.weak_correct for example in examples], dtype=np.float64)
    strong = np.array([example.strong_correct for example in examples], dtype=np.float64)
    if not len(weak) or weak.mean() == strong.mean():
        raise InvalidInput(
            "Both models are equally good on these examples, so routing can recover nothing.",
            field="examples",
            remedy="Give examples on which the large model is better.",
        )
    dice = np.random.default_rng(seed)
    drawn: list[float] = []
    for _ in range(resamples):
        pick = dice.integers(len(values), size=len(values))
        if weak[pick].mean() != strong[pick].mean():
            drawn.append(area(values[pick], weak[pick], strong[pick]))
    value = area(values, weak, strong)
    low, high = np.quantile(drawn, (0.025, 0.975)) if drawn else (value, value)
    points = tuple((float(x), float(y)) for x, y in zip(*curve(values, weak, strong), strict=True))
    return Apgr(value, float(low), float(high), float(weak.mean()), float(strong.mean()), len(values), points)


def curve(scores: Floats, weak: Floats, strong: Floats) -> tuple[Floats, Floats]:
    """Share of calls to the large model and quality at the eleven thresholds, from few calls to many."""
    size = len(scores)
    falling = np.argsort(-scores, kind="stable")
    # gained[k]: what the k highest-scored prompts add when they go to the large model.
    gained = np.concatenate(([0.0], np.cumsum((strong - weak)[falling])))
    rising = scores[falling][::-1]
    edges = np.quantile(scores, np.linspace(0, 1, BINS + 1))
    chosen = size - np.searchsorted(rising, edges, side="left")
    chosen[-1] = size - np.searchsorted(rising, edges[-1], side="right")
    chosen = chosen[::-1]
    return chosen / size, weak.mean() + gained[chosen] / size


def area(scores: Floats, weak: Floats, strong: Floats) -> float:
    """APGR alone, without checks."""
    share, quality = curve(scores, weak, strong)
    gap = (strong.mean() - weak.mean()) * (share[-1] - share[0])
    return float((np.trapezoid(quality, share) - weak.mean() * (share[-1] - share[0])) / gap)


def calibration_error(failures: Floats, foretold: Floats, bins: int = BINS) -> float:
    """Mean distance between foretold and seen failures over equally filled bins of the foretold."""
    order = np.argsort(foretold, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return float(sum(abs(failures[p].mean() - foretold[p].mean()) * len(p) for p in parts) / len(order))
