"""Weighing many distributions into one: a geometric mixture; a small network sets its weights."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from scrivano.music.predictor.tables import Vector

_HIDDEN = 24
_NAMES = ("w1", "b1", "w2", "b2", "mean", "scale")


class Mixer:
    """The mixture is the softmax of the log-probabilities, each times its expert's weight."""

    def __init__(self, parameters: Mapping[str, Vector]):
        self._p = {name: parameters[name] for name in _NAMES}

    def weights(self, situation: Vector) -> Vector:
        """Weights of the experts, for one situation or a batch of them."""
        p = self._p
        hidden = np.tanh((situation - p["mean"]) / p["scale"] @ p["w1"] + p["b1"])
        return hidden @ p["w2"] + p["b2"]

    def mix(self, logs: Vector, situation: Vector) -> tuple[Vector, Vector]:
        """The mixed distribution of one event (experts × chords in, chords out), and the weights used."""
        weights = self.weights(situation)
        scores = weights @ logs
        scores -= scores.max()
        mixed = np.exp(scores)
        mixed /= mixed.sum()
        return mixed, weights

    def arrays(self, prefix: str) -> dict[str, NDArray[np.generic]]:
        """The parameters as named arrays, for a file."""
        return {f"{prefix}.{name}": value for name, value in self._p.items()}

    @classmethod
    def from_arrays(cls, prefix: str, named: Mapping[str, NDArray[np.generic]]) -> "Mixer":
        """The mixer that `arrays` wrote; raises `KeyError` where a part is missing."""
        return cls({name: named[f"{prefix}.{name}"].astype(np.float32) for name in _NAMES})

    @classmethod
    def fit(cls, logs: Vector, situations: Vector, answers: NDArray[np.int64], seed: int = 0) -> "Mixer":
        """Learn the weights by Adam on the log-loss; same input and seed, same mixer.

        `logs` is events × experts × chords. Parameters are rounded to half precision, so that small
        differences between machines' arithmetic seldom reach the file.
        """
        mean = situations.mean(0)
        scale = situations.std(0) + np.float32(1e-3)
        inputs = ((situations - mean) / scale).astype(np.float32)
        random = np.random.default_rng(seed)
        features, experts = inputs.shape[1], logs.shape[1]
        start = random.normal(size=(features, _HIDDEN)) * 0.1 / math.sqrt(features)
        parameters: list[Vector] = [
            start.astype(np.float32),
            np.zeros(_HIDDEN, np.float32),
            np.zeros((_HIDDEN, experts), np.float32),
            np.full(experts, 1.2 / experts, np.float32),
        ]
        _descend(parameters, logs, inputs, answers, random)
        rounded = [part.astype(np.float16).astype(np.float32) for part in [*parameters, mean, scale]]
        return cls(dict(zip(_NAMES, rounded, strict=True)))


def _descend(
    parameters: list[Vector],
    logs: Vector,
    inputs: Vector,
    answers: NDArray[np.int64],
    random: np.random.Generator,
    epochs: int = 6,
    batch: int = 128,
    rate: float = 3e-3,
) -> None:
    first: list[Vector] = [np.zeros_like(part) for part in parameters]
    second: list[Vector] = [np.zeros_like(part) for part in parameters]
    batch = min(batch, len(answers))
    total = epochs * (len(answers) // batch)
    turn = 0
    for _ in range(epochs):
        order = random.permutation(len(answers))
        for at in range(0, len(answers) - batch + 1, batch):
            chosen = order[at : at + batch]
            gradients = _gradients(parameters, logs[chosen], inputs[chosen], answers[chosen])
            turn += 1
            step = rate * 0.5 * (1 + math.cos(math.pi * turn / total)) + 1e-5
            for number, gradient in enumerate(gradients):
                first[number] += np.float32(0.1) * (gradient - first[number])
                second[number] += np.float32(0.001) * (gradient * gradient - second[number])
                size = np.sqrt(second[number] / np.float32(1 - 0.999**turn)) + np.float32(1e-8)
                parameters[number] -= np.float32(step / (1 - 0.9**turn)) * first[number] / size


def _gradients(
    parameters: list[Vector], logs: Vector, inputs: Vector, answers: NDArray[np.int64], decay: float = 1e-4
) -> list[Vector]:
    w1, b1, w2, b2 = parameters
    hidden = np.tanh(inputs @ w1 + b1)
    scores = np.einsum("be,bec->bc", hidden @ w2 + b2, logs)
    scores -= scores.max(1, keepdims=True)
    error = np.exp(scores)
    error /= error.sum(1, keepdims=True)
    error[np.arange(len(answers)), answers] -= 1
    error /= len(answers)
    by_weight = np.einsum("bc,bec->be", error, logs)
    by_hidden = by_weight @ w2.T * (1 - hidden * hidden)
    return [
        inputs.T @ by_hidden + decay * w1,
        by_hidden.sum(0),
        hidden.T @ by_weight + decay * w2,
        by_weight.sum(0),
    ]
