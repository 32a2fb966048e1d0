"""A router that was trained on prompts whose answers by a small and a large model are known to be right or wrong.

It foretells two things from the same features. The gain (right by the large model less right by the small one)
orders prompts where a budget allows so many calls to the large model: the area under quality over share of large
calls depends on the gain alone, and prompts that both models fail are not worth a large call. The chance that
the small model fails gives score, level and tier; a rising curve, fitted to what was foretold for prompts that
were not trained on, makes it a probability. Level 4 means a chance from 0.3 to 0.4, and so on: the score is
10 × chance + 0.5.
"""

import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from scrivano.core.errors import InvalidInput, NotFound
from scrivano.llm.routing.complexity import placed, read_text_rules
from scrivano.llm.routing.dto import Card, Complexity, Reason
from scrivano.llm.routing.features import Features, Floats, Matrix, Places
from scrivano.llm.routing.rules import Rules
from scrivano.llm.routing.signals import EXTRACTOR

FORMAT = 1
FEATURES = ("mean", "deviation", "directions", "phases", "rarity")
HEADS = ("gain_form", "gain_words", "failure_form", "failure_words")
# How many single words are named as reasons.
NAMED_WORDS = 3


@dataclass(frozen=True)
class Curve:
    """A rising line through points: from foretold failure (`at`) to its chance (`chance`); level beyond its ends."""

    at: tuple[float, ...]
    chance: tuple[float, ...]

    def chances(self, foretold: Floats | float) -> Floats:
        """Chances that the small model fails."""
        return np.asarray(np.interp(foretold, self.at, self.chance))


@dataclass(frozen=True)
class Head:
    """Weights for one thing to foretell, and its mean over the training prompts."""

    form: Matrix
    words: Matrix
    mean: float


@dataclass(frozen=True)
class LearnedRouter:
    """A trained router. It keeps the rules it was trained with; all else is numbers: waves, hashed words, their
    weights and a curve."""

    features: Features
    gains: Head
    failures: Head
    curve: Curve
    card: Card
    rules: Rules

    def gain(self, prompt: str) -> float:
        """What the large model is foretold to add, about -1 to 1; higher means a stronger model. Under 1 ms."""
        form, places, weights = self._parts(prompt)
        return self._foretold(self.gains, form, places, weights)

    def failure(self, prompt: str) -> float:
        """The chance that the small model fails, from 0 to 1."""
        form, places, weights = self._parts(prompt)
        return float(self.curve.chances(self._foretold(self.failures, form, places, weights)))

    def score(self, prompt: str, tiers: Rules | None = None) -> Complexity:
        """Score, level and tier by the chance that the small model fails; reasons and gain beside it.

        A reason's weight is what it adds to the foretold failures, before the curve.
        """
        amounts, counts = self.features.take(prompt)
        form = self.features.form(amounts)
        tokens, places, weights = self.features.words(counts)
        head = self.failures
        failure = float(self.curve.chances(self._foretold(head, form, places, weights)))
        words = weights * head.words[places]
        top = [int(n) for n in np.argsort(-np.abs(words))[:NAMED_WORDS] if words[n]]
        reasons = [
            Reason("failures of the small model", head.mean, f"{self.card.examples} examples"),
            Reason("the rules' score", float(form[0] * head.form[0]), f"{amounts[-1]:.3g}"),
            Reason("form", float(form[1:] @ head.form[1:]), f"{len(amounts) - 1} signals"),
            *(Reason("word", float(words[n]), tokens[n]) for n in top),
            Reason("other words", float(words.sum() - words[top].sum()), f"{len(tokens) - len(top)} words"),
        ]
        found = placed(10 * failure + 0.5, tuple(reasons), tiers)
        return replace(found, failure=failure, gain=self._foretold(self.gains, form, places, weights))

    def _parts(self, prompt: str) -> tuple[Floats, Places, Floats]:
        amounts, counts = self.features.take(prompt)
        return self.features.form(amounts), *self.features.words(counts)[1:]

    @staticmethod
    def _foretold(head: Head, form: Floats, places: Places, weights: Floats) -> float:
        return head.mean + float(form @ head.form) + float(weights @ head.words[places])

    def save(self, path: Path) -> None:
        """Write it into one file (some hundred kilobytes); nothing in it is ever run when it is read."""
        head = {
            "format": FORMAT,
            "means": [self.gains.mean, self.failures.mean],
            "curve": [self.curve.at, self.curve.chance],
            "card": asdict(self.card),
            "extractor": EXTRACTOR,
            "rules": self.rules,
        }
        arrays: dict[str, Any] = {name: getattr(self.features, name) for name in FEATURES}
        heads = (self.gains.form, self.gains.words, self.failures.form, self.failures.words)
        arrays |= dict(zip(HEADS, heads, strict=True))
        arrays["head"] = np.frombuffer(orjson.dumps(head), dtype=np.uint8)
        with path.open("wb") as file:
            np.savez_compressed(file, **arrays)

    @staticmethod
    def load(path: Path) -> "LearnedRouter":
        """Read a router that `save` wrote.

        Raises NotFound where there is no file, InvalidInput where it is none of ours or was trained by a release
        that measured prompts in another way.
        """
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                head: dict[str, Any] = orjson.loads(stored["head"].tobytes())
                arrays: dict[str, Matrix] = {name: stored[name] for name in (*FEATURES, *HEADS)}
        except FileNotFoundError as error:
            raise NotFound(f"There is no router at {path}.", remedy="Run: scrivano route train") from error
        except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile) as error:
            raise InvalidInput(f"{path} is no trained router.", field="router") from error
        if (head.get("format"), head.get("extractor")) != (FORMAT, EXTRACTOR):
            raise InvalidInput(
                f"{path} was trained by another release of Scrivano, which measured prompts differently.",
                field="router",
                remedy="Train it again with: scrivano route train",
            )
        return _assembled(head, arrays)


def _assembled(head: Mapping[str, Any], arrays: Mapping[str, Matrix]) -> LearnedRouter:
    text = read_text_rules(head["rules"], every_signal=True)
    gain, failure = head["means"]
    at, chances = head["curve"]
    return LearnedRouter(
        Features(text, *(arrays[name] for name in FEATURES)),
        Head(arrays["gain_form"], arrays["gain_words"], gain),
        Head(arrays["failure_form"], arrays["failure_words"], failure),
        Curve(tuple(at), tuple(chances)),
        Card(**head["card"]),
        head["rules"],
    )


@lru_cache(maxsize=1)
def packaged_router() -> LearnedRouter:
    """The router that comes with Scrivano; its card says what it was trained on."""
    with as_file(files("scrivano.llm.routing").joinpath("data", "router.npz")) as path:
        return LearnedRouter.load(path)
