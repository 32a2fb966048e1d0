"""Numbers that the learned router is linear in: waves over the signals, and weighted words.

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

from scrivano.llm.routing.signals import Signals

Matrix = NDArray[np.float32]
Floats = NDArray[np.float64]
Places = NDArray[np.int64]
# A signal this many deviations off tells no more than one a little less odd.
FARTHEST = 3.0


@dataclass(frozen=True)
class Recipe:
    """How features are made and how strongly weights are held back. The defaults were chosen by cross-validation
    (docs/concepts/routing.md)."""

    waves: int = 512
    width: float = 0.5
    places: int = 1 << 14
    least_prompts: int = 2
    most_share: float = 0.3
    penalty: float = 40.0
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
    """Features as fitted to training prompts."""

    signals: Signals
    mean: Matrix
    deviation: Matrix
    directions: Matrix
    phases: Matrix
    rarity: Matrix

    def waves(self, amounts: Floats) -> Floats:
        """The waves of one list of amounts, or of one in each row."""
        standard = (np.log1p(amounts) - self.mean) / self.deviation
        bent = np.clip(standard, -FARTHEST, FARTHEST) @ self.directions + self.phases
        return np.cos(bent) * np.sqrt(2 / len(self.phases))

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


def fit_features(
    signals: Signals,
    amounts: Floats,
    counts: Sequence[Mapping[str, int]],
    recipe: Recipe,
    seed: int,
) -> Features:
    """Means, deviations and rarities of the training prompts, and random waves drawn from the seed."""
    dice = np.random.default_rng(seed)
    logs = np.log1p(amounts)
    deviation = logs.std(axis=0)
    deviation[deviation < 1e-6] = 1.0
    spread = np.sqrt(2 * recipe.width / logs.shape[1])
    directions = dice.standard_normal((logs.shape[1], recipe.waves)) * spread
    phases = dice.uniform(0, 2 * np.pi, recipe.waves)
    seen = np.zeros(recipe.places)
    for each in counts:
        seen[list({place_of(token, recipe.places) for token in each})] += 1
    rarity = np.log((1 + len(counts)) / (1 + seen)) + 1
    rarity[(seen < recipe.least_prompts) | (seen > recipe.most_share * len(counts))] = 0
    return Features(
        signals,
        logs.mean(axis=0).astype(np.float32),
        deviation.astype(np.float32),
        directions.astype(np.float32),
        phases.astype(np.float32),
        rarity.astype(np.float32),
    )
