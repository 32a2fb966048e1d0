"""A router that was trained on prompts whose answers by a small and a large model are known to be right or wrong.

It foretells two things from the same features. The gain (right by the large model less right by the small one)
orders prompts where a budget allows so many calls to the large model: the area under quality over share of large
calls depends on the gain alone, and prompts that both models fail are not worth a large call. The chance that
the small model fails gives score, level and tier; a logistic curve, fitted to what was foretold for prompts that
were not trained on, makes it a probability. Level 4 means a chance from 0.3 to 0.4, and so on: the score is
10 × chance + 0.5.
"""

import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from importlib.resources import as_file, files
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from scrivano.core.errors import InvalidInput, NotFound
from scrivano.llm.routing.complexity import placed
from scrivano.llm.routing.dto import Card, Complexity, Reason
from scrivano.llm.routing.features import Features, Floats, Matrix, Places
from scrivano.llm.routing.rules import Rules, packaged
from scrivano.llm.routing.signals import Signals, read_signals

FORMAT = 1
FEATURES = ("mean", "deviation", "directions", "phases", "rarity")
HEADS = ("gain_waves", "gain_words", "failure_waves", "failure_words")
# How many single words are named as reasons.
NAMED_WORDS = 3


def chance(foretold: float, curve: tuple[float, float]) -> float:
    """The chance that the small model fails, from what the linear model foretold; curve: slope and shift."""
    return 1 / (1 + exp(-min(30.0, max(-30.0, curve[0] * foretold + curve[1]))))


@dataclass(frozen=True)
class Head:
    """Weights for one thing to foretell, and its mean over the training prompts."""

    waves: Matrix
    words: Matrix
    mean: float


@dataclass(frozen=True)
class LearnedRouter:
    """A trained router. It is only numbers: waves, hashed words, their weights and a curve."""

    features: Features
    gains: Head
    failures: Head
    curve: tuple[float, float]
    card: Card

    def gain(self, prompt: str) -> float:
        """What the large model is foretold to add, about -1 to 1; higher means a stronger model. Under 1 ms."""
        waves, _, places, weights = self._parts(prompt)
        return self._foretold(self.gains, waves, places, weights)

    def failure(self, prompt: str) -> float:
        """The chance that the small model fails, from 0 to 1."""
        waves, _, places, weights = self._parts(prompt)
        return chance(self._foretold(self.failures, waves, places, weights), self.curve)

    def score(self, prompt: str, tiers: Rules | None = None) -> Complexity:
        """Score, level and tier by the chance that the small model fails; reasons and gain beside it.

        A reason's weight is what it adds to the foretold failures, before the curve.
        """
        waves, tokens, places, weights = self._parts(prompt)
        head = self.failures
        failure = chance(self._foretold(head, waves, places, weights), self.curve)
        words = weights * head.words[places]
        top = [int(n) for n in np.argsort(-np.abs(words))[:NAMED_WORDS] if words[n]]
        reasons = [
            Reason("failures of the small model", head.mean, f"{self.card.examples} examples"),
            Reason(
                "form and subject", float(waves @ head.waves), f"{len(self.features.signals.names)} signals"
            ),
            *(Reason("word", float(words[n]), tokens[n]) for n in top),
            Reason("other words", float(words.sum() - words[top].sum()), f"{len(tokens) - len(top)} words"),
        ]
        found = placed(10 * failure + 0.5, tuple(reasons), tiers)
        return replace(found, failure=failure, gain=self._foretold(self.gains, waves, places, weights))

    def _parts(self, prompt: str) -> tuple[Floats, list[str], Places, Floats]:
        amounts, counts = self.features.signals.take_with_tokens(prompt)
        return self.features.waves(np.array(amounts)), *self.features.words(counts)

    @staticmethod
    def _foretold(head: Head, waves: Floats, places: Places, weights: Floats) -> float:
        return head.mean + float(waves @ head.waves) + float(weights @ head.words[places])

    def save(self, path: Path) -> None:
        """Write it into one file (some hundred kilobytes); nothing in it is ever run when it is read."""
        head = {
            "format": FORMAT,
            "means": [self.gains.mean, self.failures.mean],
            "curve": self.curve,
            "card": asdict(self.card),
        }
        arrays: dict[str, Any] = {name: getattr(self.features, name) for name in FEATURES}
        heads = (self.gains.waves, self.gains.words, self.failures.waves, self.failures.words)
        arrays |= dict(zip(HEADS, heads, strict=True))
        arrays["head"] = np.frombuffer(orjson.dumps(head), dtype=np.uint8)
        with path.open("wb") as file:
            np.savez_compressed(file, **arrays)

    @staticmethod
    def load(path: Path, rules: Rules | None = None) -> "LearnedRouter":
        """Read a router that `save` wrote.

        Raises NotFound where there is no file, InvalidInput where it is none of ours or was trained on other
        signals than those of `rules` (the packaged ones unless given).
        """
        try:
            with np.load(path, allow_pickle=False) as stored:
                head: dict[str, Any] = orjson.loads(stored["head"].tobytes())
                arrays: dict[str, Matrix] = {name: stored[name] for name in (*FEATURES, *HEADS)}
        except FileNotFoundError as error:
            raise NotFound(f"There is no router at {path}.", remedy="Run: scrivano route train") from error
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, orjson.JSONDecodeError) as error:
            raise InvalidInput(f"{path} is no trained router.", field="router") from error
        return _assembled(path, head, arrays, read_signals(rules or packaged("text")))


def _assembled(
    path: Path, head: Mapping[str, Any], arrays: Mapping[str, Matrix], signals: Signals
) -> LearnedRouter:
    card = Card(**head["card"])
    if head["format"] != FORMAT or card.signals != signals.fingerprint:
        raise InvalidInput(
            f"{path} was trained on other signals than the rules have now.",
            field="router",
            remedy="Train it again with: scrivano route train",
        )
    features = Features(signals, *(arrays[name] for name in FEATURES))
    gain, failure = head["means"]
    slope, shift = head["curve"]
    return LearnedRouter(
        features,
        Head(arrays["gain_waves"], arrays["gain_words"], gain),
        Head(arrays["failure_waves"], arrays["failure_words"], failure),
        (slope, shift),
        card,
    )


@lru_cache(maxsize=1)
def packaged_router() -> LearnedRouter:
    """The router that comes with Scrivano; its card says what it was trained on."""
    with as_file(files("scrivano.llm.routing").joinpath("data", "router.npz")) as path:
        return LearnedRouter.load(path)
