"""A router that was trained on prompts whose answers by a small and a large model are known to be right or wrong.

It foretells the gain (right by the large model less right by the small one), because the area under quality
over share of large calls depends on the gain alone; a logistic curve, fitted to gains foretold for prompts
that were not trained on, turns it into the chance that the small model fails. The curve rises, so chance and
gain put prompts into the same order. Level 4 means a chance from 0.3 to 0.4, and so on: the score is
10 × chance + 0.5.
"""

import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from scrivano.core.errors import InvalidInput, NotFound
from scrivano.llm.routing.complexity import placed
from scrivano.llm.routing.dto import Card, Complexity, Reason
from scrivano.llm.routing.features import Features, Matrix
from scrivano.llm.routing.rules import Rules, packaged
from scrivano.llm.routing.signals import Signals, read_signals

FORMAT = 1
ARRAYS = ("mean", "deviation", "directions", "phases", "rarity", "wave_weights", "word_weights")
# How many single words are named as reasons.
NAMED_WORDS = 3


def chance(gain: float, curve: tuple[float, float]) -> float:
    """The chance that the small model fails, from a foretold gain."""
    return 1 / (1 + exp(-min(30.0, max(-30.0, curve[0] * gain + curve[1]))))


@dataclass(frozen=True)
class LearnedRouter:
    """A trained router. It is only numbers: 512 waves, hashed words, their weights and a curve."""

    features: Features
    wave_weights: Matrix
    word_weights: Matrix
    mean_gain: float
    curve: tuple[float, float]
    card: Card

    def gain(self, prompt: str) -> float:
        """What the large model is foretold to add, on average, from -1 to 1. Under a millisecond."""
        waves, _, words = self._parts(prompt)
        return self.mean_gain + waves + float(words.sum())

    def failure(self, prompt: str) -> float:
        """The chance that the small model fails, from 0 to 1; higher means a stronger model."""
        return chance(self.gain(prompt), self.curve)

    def score(self, prompt: str, tiers: Rules | None = None) -> Complexity:
        """Score, level, tier and reasons. The reasons' weights are foretold gains."""
        waves, tokens, words = self._parts(prompt)
        gain = self.mean_gain + waves + float(words.sum())
        failure = chance(gain, self.curve)
        top = [n for n in np.argsort(-np.abs(words))[:NAMED_WORDS] if words[n]]
        rest = float(words.sum() - words[top].sum())
        reasons = [
            Reason("chance that the small model fails", gain, f"{failure:.0%}"),
            Reason("gain on an average prompt", self.mean_gain, f"{self.card.examples} examples"),
            Reason("form and subject", waves, f"{len(self.features.signals.names)} signals"),
            *(Reason("word", float(words[n]), tokens[n]) for n in top),
            Reason("other words", rest, f"{len(tokens) - len(top)} words"),
        ]
        return placed(10 * failure + 0.5, tuple(reasons), tiers, failure)

    def _parts(self, prompt: str) -> tuple[float, list[str], NDArray[np.float64]]:
        amounts, counts = self.features.signals.take_with_tokens(prompt)
        tokens, places, weights = self.features.words(counts)
        waves = self.features.waves(np.array(amounts)) @ self.wave_weights
        return float(waves), tokens, weights * self.word_weights[places]

    def save(self, path: Path) -> None:
        """Write it into one file (some hundred kilobytes); nothing in it is ever run when it is read."""
        head = {
            "format": FORMAT,
            "mean_gain": self.mean_gain,
            "curve": self.curve,
            "card": asdict(self.card),
        }
        source = self.features
        arrays: dict[str, Any] = {
            "mean": source.mean,
            "deviation": source.deviation,
            "directions": source.directions,
            "phases": source.phases,
            "rarity": source.rarity,
            "wave_weights": self.wave_weights,
            "word_weights": self.word_weights,
            "head": np.frombuffer(orjson.dumps(head), dtype=np.uint8),
        }
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
                arrays: dict[str, Matrix] = {name: stored[name] for name in ARRAYS}
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
    features = Features(signals, *(arrays[name] for name in ARRAYS[:5]))
    slope, shift = head["curve"]
    return LearnedRouter(
        features, arrays["wave_weights"], arrays["word_weights"], head["mean_gain"], (slope, shift), card
    )


@lru_cache(maxsize=1)
def packaged_router() -> LearnedRouter:
    """The router that comes with Scrivano; its card says what it was trained on."""
    with as_file(files("scrivano.llm.routing").joinpath("data", "router.npz")) as path:
        return LearnedRouter.load(path)
