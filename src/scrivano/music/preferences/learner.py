"""Ranking chords for a person: the predictor's view, tilted by what the person's choices say.

A choice is taken as a draw among the options whose odds are the predictor's, times e to the power of what the person
makes of the chord's features. The weights of the features are those that make the choices likeliest, held to where the
prior expects them (one person's ten choices can't say much about sixty features). How strongly they are held is itself
judged by the choices: who takes what is expected gets hardly any tilt. All is found anew from the choices each time,
so a choice counts at once and a deleted one is gone.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from scrivano.music.preferences.choices import Choice, Option, Situation, Taste
from scrivano.music.preferences.features import EXPECTED, NAMES, Matrix, describe

_FORCE = {"keep": 1.0, "edit": 1.0, "lock": 1.5, "reject": 0.7}
_FADING = 0.997
_ROUNDS = 25
_PIECE = 48
_TEMPERS = (0.1, 0.3, 1.0)
"""How much of a taste a person may have, as a share of the prior's spread: hardly any, some, a lot."""


class Prior(NamedTuple):
    """Where the weights are expected, and how far from there they may easily lie, for each feature."""

    mean: Matrix
    spread: Matrix

    @classmethod
    def neutral(cls) -> "Prior":
        """Nothing is known of anybody: what the predictor expects, and no likings."""
        mean = np.zeros(len(NAMES))
        mean[EXPECTED] = 1.0
        spread = np.full(len(NAMES), 0.7)
        spread[EXPECTED] = 0.6
        spread[1:11] = 1.2
        return cls(mean, spread)


class Ranked(NamedTuple):
    """An option, how likely this person is to take it, and what speaks for and against it."""

    symbol: str
    probability: float
    reasons: tuple[str, ...]


class Liking(NamedTuple):
    """One thing a person was found to like (positive) or not, and the choices that show it."""

    about: str
    weight: float
    kept: int
    passed_over: int


class Learner:
    """The likings of one person, found from their `Taste`. Making one takes milliseconds; it never changes."""

    def __init__(self, taste: Taste, prior: Prior | None = None):
        self._prior = prior or Prior.neutral()
        self._choices = taste.choices
        self.weights: Matrix = self._prior.mean.copy()
        if taste.choices:
            self.weights = _weigh(_Seen(taste.choices), self._prior)

    def rank(self, options: Sequence[Option], situation: Situation) -> list[Ranked]:
        """All options, likeliest for this person first, with reasons; the predictor's order without choices."""
        if not options:
            return []
        features = describe(options, situation)
        scores = (features * self.weights).sum(1)
        chances = _softmax(scores)
        tilt = self.weights.copy()
        tilt[EXPECTED] -= 1.0
        parts = (features - features.mean(0)) * tilt
        order = sorted(range(len(options)), key=lambda at: (-chances[at], at))
        return [Ranked(options[at].symbol, float(chances[at]), _reasons(parts[at])) for at in order]

    def liking(self, option: Option, situation: Situation) -> float:
        """How much better this person likes the chord than somebody of whom nothing is known would; 0 is the same."""
        tilt = self.weights - Prior.neutral().mean
        return float((describe([option], situation)[0] * tilt).sum())

    def likings(self, most: int = 8) -> list[Liking]:
        """What was found, strongest first, each with the number of choices for and against it."""
        if not self._choices:
            return []
        leanings = _Seen(self._choices).leanings()
        change = self.weights - self._prior.mean
        found: list[Liking] = []
        for at in np.argsort(-np.abs(change), kind="stable")[:most]:
            if abs(change[at]) < 0.05:
                break
            kept, passed = (int((leanings[:, at] == side).sum()) for side in (1, -1))
            found.append(Liking(NAMES[at], float(change[at]), kept, passed))
        return found


class _Seen:
    """All choices in numbers: choices × options × features, which options there were, and which was chosen."""

    def __init__(self, choices: Sequence[Choice]):
        widest = max((len(choice.options) for choice in choices), default=0)
        size = len(choices)
        self.features: Matrix = np.zeros((size, widest, len(NAMES)))
        self.absent: Matrix = np.full((size, widest), -np.inf)
        for at, choice in enumerate(choices):
            self.features[at, : len(choice.options)] = describe(choice.options, choice.situation)
            self.absent[at, : len(choice.options)] = 0.0
        self.about = np.array([_index(choice) for choice in choices], np.int64)
        self.rejected = np.array([choice.action == "reject" for choice in choices], np.bool_)
        fading = _FADING ** np.arange(size)[::-1]
        self.force: Matrix = np.array([_FORCE[choice.action] for choice in choices], np.float64) * fading

    def leanings(self) -> Matrix:
        """For each choice and feature, whether it speaks for the feature (1), against it (−1), or neither."""
        there = np.isfinite(self.absent)[:, :, None]
        mean: Matrix = (self.features * there).sum(1) / there.sum(1)
        away: Matrix = self.features[np.arange(len(self.about)), self.about] - mean
        lean = np.sign(np.where(np.abs(away) < 1e-9, 0.0, away))
        return np.where(self.rejected[:, None], -lean, lean)

    def around(self, weights: Matrix) -> tuple[float, Matrix, Matrix]:
        """Log-likelihood of the choices under these weights, its slope, and the information they carry."""
        scores = self.features @ weights + self.absent
        chances: Matrix = np.exp(scores - scores.max(1, keepdims=True))
        chances /= chances.sum(1, keepdims=True)
        centred: Matrix = self.features - np.einsum("no,nof->nf", chances, self.features)[:, None]
        rows = np.arange(len(self.about))
        taken: Matrix = chances[rows, self.about]
        chosen: Matrix = centred[rows, self.about]
        left: Matrix = np.maximum(1.0 - taken, 0.05)
        odds = taken / left
        likely: Matrix = np.where(self.rejected, left, taken)
        slope = np.einsum("n,nf->f", self.force * np.where(self.rejected, -odds, 1.0), chosen)
        share = chances * np.where(self.rejected, 0.0, self.force)[:, None]
        curve = _weighed_squares(centred.reshape(-1, centred.shape[2]), share.reshape(-1))
        curve += _weighed_squares(chosen, np.where(self.rejected, odds, 0.0) * self.force)
        return float((self.force * np.log(likely)).sum()), slope, curve


def _weighed_squares(rows: Matrix, weights: Matrix) -> Matrix:
    """The sum of each row's products with itself, weighed.

    In pieces too small for the linear algebra library to share among threads: on a busy machine its threads wait for
    each other a hundred times as long as the sum takes.
    """
    spare = -len(rows) % _PIECE
    padded = np.pad(rows, ((0, spare), (0, 0))).reshape(-1, _PIECE, rows.shape[1])
    heavy = padded * np.pad(weights, (0, spare)).reshape(-1, _PIECE, 1)
    return np.matmul(padded.transpose(0, 2, 1), heavy).sum(0)


def _index(choice: Choice) -> int:
    return [option.symbol for option in choice.options].index(choice.symbol)


def _softmax(scores: Matrix) -> Matrix:
    raised = np.exp(scores - scores.max())
    return raised / raised.sum()


def _weigh(seen: _Seen, prior: Prior) -> Matrix:
    """The weights, averaged over what may be true of the person, by how well each explains the choices.

    That is how much of a taste they have, and whether they are like the others of the server at all.
    """
    beliefs = [prior, Prior.neutral()]
    found = [
        _fit(seen, Prior(belief.mean, belief.spread * temper)) for belief in beliefs for temper in _TEMPERS
    ]
    shares = _softmax(np.array([evidence for _, evidence in found]))
    return np.sum([share * weights for share, (weights, _) in zip(shares, found, strict=True)], axis=0)


def _fit(seen: _Seen, prior: Prior) -> tuple[Matrix, float]:
    """The likeliest weights, and how well such a prior explains the choices (Laplace's approximation, in nats).

    Newton's method, with the choices' information in place of the exact curvature.
    """
    weights = prior.mean.copy()
    holding = 1.0 / prior.spread**2
    for _ in range(_ROUNDS):
        _, slope, curve = seen.around(weights)
        slope -= holding * (weights - prior.mean)
        step = np.linalg.solve(curve + np.diag(holding), slope)
        length = float(np.abs(step).max())
        if length < 1e-3:
            break
        weights = weights + step * min(1.0, 1.5 / length)
    likelihood, _, curve = seen.around(weights)
    strain = float((holding * (weights - prior.mean) ** 2).sum()) / 2
    _, volume = np.linalg.slogdet(np.eye(len(weights)) + curve / holding[:, None])
    return weights, likelihood - strain - float(volume) / 2


def _reasons(parts: Matrix) -> tuple[str, ...]:
    """The two or three features that move a chord most for this person."""
    told: list[str] = []
    for at in np.argsort(-np.abs(parts), kind="stable")[:3]:
        if abs(parts[at]) < 0.15:
            break
        if at == EXPECTED:
            told.append(
                "you often take what is less expected" if parts[at] > 0 else "you take what is expected"
            )
        elif parts[at] > 0:
            told.append(f"suits your liking as to {NAMES[at]}")
        else:
            told.append(f"against your liking as to {NAMES[at]}")
    return tuple(told)
