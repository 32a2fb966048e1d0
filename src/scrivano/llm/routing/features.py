"""Numbers that the learned router is linear in: the rules' score, waves over the signals, and weighted words.

The rules' score stands first: where examples are few, what is learned only corrects it.

The signals (log scale, standardised) go through random cosines, whose inner products approach a Gaussian
kernel, so that a linear model on them bends and combines signals as it needs. Words are hashed to places, so
a trained router holds no text of anybody; they count by 1 + ln(times), times their rarity in the training
prompts, scaled to length one.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scrivano.llm.routing.complexity import TextRules

Matrix = NDArray[np.float32]
Floats = NDArray[np.float64]
Places = NDArray[np.int64]
# A signal farther off than so many deviations tells no more: prompts unlike all examples get no wild answer.
FARTHEST = 3.0
# The rules' score counts this much, so that its weight leaves the one that is trusted only for many examples.
RULES_SCALE = 0.3


@dataclass(frozen=True)
class Recipe:
    """How features are made and how strongly weights are held back. The defaults were chosen by cross-validation
    (docs/concepts/routing.md).

    `waves` and `width`: how many random cosines, of a Gaussian kernel exp(-width × mean squared distance).
    `places`: for hashed words; a word counts that is in `least_prompts` or more and in at most `most_share` of
    them. `penalty`: what squared weights cost beside squared errors. `trust`: by how much a prompt one standard
    deviation higher by the rules gains before any example is seen. `folds`: for the figures of the card.
    """

    waves: int = 1024
    width: float = 0.6
    places: int = 1 << 14
    least_prompts: int = 2
    most_share: float = 0.3
    penalty: float = 40.0
    trust: float = 0.06
    folds: int = 5


@dataclass(frozen=True)
class Words:
    """Weighted words of prompts in rows: of row r, those from `starts[r]` to `starts[r + 1]`."""

    starts: Places
    places: Places
    weights: Floats

    def dot(self, vector: Floats) -> Floats:
        """Each row's product with a vector over all places."""
        total = np.concatenate(([0.0], np.cumsum(self.weights * vector[self.places])))
        return np.asarray(total[self.starts[1:]] - total[self.starts[:-1]], dtype=np.float64)

    def transposed_dot(self, rows: Floats, size: int) -> Floats:
        """Each place's product with a vector over the rows."""
        spread = np.repeat(rows, np.diff(self.starts))
        found = np.bincount(self.places, weights=self.weights * spread, minlength=size)
        return found.astype(np.float64, copy=False)


def place_of(token: str, places: int) -> int:
    """Where a word's weight stands; the same on every machine."""
    return zlib.crc32(token.encode("utf-8", "surrogatepass")) % places


@dataclass(frozen=True)
class Features:
    """Features as fitted to training prompts.

    `mean` and `deviation` are of the signals' amounts on a log scale, and last of the rules' score.
    """

    rules: TextRules
    mean: Matrix
    deviation: Matrix
    directions: Matrix
    phases: Matrix
    rarity: Matrix

    def take(self, prompt: str) -> tuple[Floats, dict[str, int]]:
        """A prompt's amounts with the rules' score last, and its tokens with how often they occur."""
        return take(self.rules, prompt)

    def form(self, amounts: Floats) -> Floats:
        """The rules' score, standardised, and the waves; of one list of amounts, or of one in each row."""
        standard = np.clip((_scaled(amounts) - self.mean) / self.deviation, -FARTHEST, FARTHEST)
        waves = np.cos(standard[..., :-1] @ self.directions + self.phases) * np.sqrt(2 / len(self.phases))
        return np.concatenate((standard[..., -1:] * RULES_SCALE, waves), axis=-1)

    def words(self, counts: Mapping[str, int]) -> tuple[list[str], Places, Floats]:
        """A prompt's tokens, their places and their weights."""
        tokens = list(counts)
        size = len(self.rarity)
        places = np.array([place_of(token, size) for token in tokens], dtype=np.int64)
        times = np.fromiter(counts.values(), dtype=np.float64, count=len(tokens))
        weights = (1 + np.log(times)) * self.rarity[places]
        length = float(np.sqrt(weights @ weights)) or 1.0
        return tokens, places, np.asarray(weights / length, dtype=np.float64)

    def rows(self, counts: Sequence[Mapping[str, int]]) -> Words:
        """The words of many prompts."""
        found = [self.words(each)[1:] for each in counts]
        starts = np.concatenate(([0], np.cumsum([len(places) for places, _ in found]))).astype(np.int64)
        return Words(starts, np.concatenate([p for p, _ in found]), np.concatenate([w for _, w in found]))


def take(rules: TextRules, prompt: str) -> tuple[Floats, dict[str, int]]:
    """Amounts of all signals with the rules' score last, and the tokens."""
    amounts, counts = rules.signals.take_with_tokens(prompt)
    return np.array([*amounts, rules.weigh(amounts)]), counts


def _scaled(amounts: Floats) -> Floats:
    return np.concatenate((np.log1p(amounts[..., :-1]), amounts[..., -1:]), axis=-1)


def fit_features(
    rules: TextRules, amounts: Floats, counts: Sequence[Mapping[str, int]], recipe: Recipe, seed: int
) -> Features:
    """Means, deviations and rarities of the training prompts, and random waves drawn from the seed."""
    dice = np.random.default_rng(seed)
    scaled = _scaled(amounts)
    deviation = scaled.std(axis=0)
    deviation[deviation < 1e-6] = 1.0
    signals = scaled.shape[1] - 1
    directions = dice.standard_normal((signals, recipe.waves)) * np.sqrt(2 * recipe.width / signals)
    phases = dice.uniform(0, 2 * np.pi, recipe.waves)
    seen = np.zeros(recipe.places)
    for each in counts:
        seen[list({place_of(token, recipe.places) for token in each})] += 1
    rarity = np.log((1 + len(counts)) / (1 + seen)) + 1
    rarity[(seen < recipe.least_prompts) | (seen > recipe.most_share * len(counts))] = 0
    return Features(
        rules,
        scaled.mean(axis=0).astype(np.float32),
        deviation.astype(np.float32),
        directions.astype(np.float32),
        phases.astype(np.float32),
        rarity.astype(np.float32),
    )
