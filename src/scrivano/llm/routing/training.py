"""Training of the learned router, on a CPU within seconds."""

import gzip
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import orjson

from scrivano.core.errors import InvalidInput, NotFound
from scrivano.llm.routing.complexity import TextRules, read_text_rules
from scrivano.llm.routing.dto import Card, Example
from scrivano.llm.routing.evaluation import area, calibration_error
from scrivano.llm.routing.features import (
    RULES_SCALE,
    Features,
    Floats,
    Places,
    Recipe,
    Words,
    fit_features,
    take,
)
from scrivano.llm.routing.learned import Curve, Head, LearnedRouter
from scrivano.llm.routing.rules import Rules, packaged

FEWEST = 50
# Steps of the solver; the residual is below its tolerance after 20 to 40 of them.
STEPS = 200
TOLERANCE = 1e-5
# The curve of chances has a point for so many examples, and so many points.
GROUP = 150
MOST_GROUPS = 20
RECIPE = Recipe()


@dataclass(frozen=True)
class _Material:
    """Prompts as amounts and words, taken once however many folds follow."""

    amounts: Floats
    counts: list[dict[str, int]]
    weak: Floats
    strong: Floats
    groups: Places

    def part(self, rows: Places) -> "_Material":
        return _Material(
            self.amounts[rows],
            [self.counts[row] for row in rows],
            self.weak[rows],
            self.strong[rows],
            self.groups[rows],
        )


def train(
    examples: Sequence[Example],
    *,
    recipe: Recipe = RECIPE,
    seed: int = 0,
    rules: Rules | None = None,
    source: str = "",
) -> LearnedRouter:
    """A router trained on the examples; the same examples and seed give the same router.

    `source` goes onto its card. Raises InvalidInput for fewer than 50 different prompts, and where the small
    model is always right, always wrong, or on average no worse than the large one.
    """
    rules = rules or packaged("text")
    text = read_text_rules(rules, every_signal=True)
    material = _prepared(examples, text)
    _check(material)
    gains, failures = _foretold_unseen(material, text, recipe, seed)
    failed = 1 - material.weak
    error = _unseen_error(failures, failed, _folds(material, recipe, seed))
    features, gain_head, failure_head = _fit(material, text, recipe, seed)
    card = Card(
        examples=len(examples),
        weak=round(float(material.weak.mean()), 4),
        strong=round(float(material.strong.mean()), 4),
        apgr=round(_mean_apgr(gains, material, recipe, seed), 4),
        calibration_error=round(error, 4),
        recipe={**asdict(recipe), "seed": seed},
        source=source,
    )
    return LearnedRouter(features, gain_head, failure_head, _fit_curve(failures, failed), card, rules)


def _prepared(examples: Sequence[Example], rules: TextRules) -> _Material:
    taken = [take(rules, example.prompt) for example in examples]
    width = len(rules.signals.names) + 1
    numbers: dict[str, int] = {}
    return _Material(
        np.array([amounts for amounts, _ in taken]).reshape(len(taken), width),
        [counts for _, counts in taken],
        np.array([example.weak_correct for example in examples], dtype=np.float64),
        np.array([example.strong_correct for example in examples], dtype=np.float64),
        np.array([numbers.setdefault(e.prompt, len(numbers)) for e in examples], dtype=np.int64),
    )


def _check(material: _Material) -> None:
    different = len(set(material.groups.tolist()))
    if different < FEWEST:
        raise InvalidInput(
            f"{different} different prompts are too few to learn from.",
            field="examples",
            remedy=f"Give {FEWEST} or more; some hundred make a difference.",
        )
    weak, strong = float(material.weak.mean()), float(material.strong.mean())
    if not 0 < weak < 1 or strong <= weak:
        raise InvalidInput(
            f"The small model is right in {weak:.1%} of the examples, the large one in {strong:.1%}: "
            "there is nothing to choose between.",
            field="examples",
            remedy="Give examples on which the small model is sometimes wrong and the large one more often right.",
        )


def _fit(material: _Material, rules: TextRules, recipe: Recipe, seed: int) -> tuple[Features, Head, Head]:
    """Features, and ridge regressions of the gain and of the small model's failures on them."""
    features = fit_features(rules, material.amounts, material.counts, recipe, seed)
    form = features.form(material.amounts)
    words = features.rows(material.counts)

    def head(target: Floats) -> Head:
        mean = float(target.mean())
        # The rules' score stands first; weights are drawn towards the trusted one there, towards 0 elsewhere.
        trusted = recipe.trust / RULES_SCALE
        weights = _ridge(form, words, target - mean - trusted * form[:, 0], recipe)
        weights[0] += trusted
        weights = weights.astype(np.float32)
        return Head(weights[: form.shape[1]], weights[form.shape[1] :], mean)

    return features, head(material.strong - material.weak), head(1 - material.weak)


def _ridge(form: Floats, words: Words, target: Floats, recipe: Recipe) -> Floats:
    """Weights that minimise the squared error plus penalty × squared weights, by conjugate gradients: no matrix
    larger than the features themselves is ever made."""
    split = form.shape[1]

    def forward(weights: Floats) -> Floats:
        return form @ weights[:split] + words.dot(weights[split:])

    def backward(rows: Floats) -> Floats:
        return np.concatenate((rows @ form, words.transposed_dot(rows, recipe.places)))

    weights = np.zeros(split + recipe.places)
    residual = backward(target)
    direction = residual.copy()
    size = float(residual @ residual)
    enough = TOLERANCE**2 * size
    for _ in range(STEPS):
        if size <= enough:
            break
        pushed = backward(forward(direction)) + recipe.penalty * direction
        step = size / float(direction @ pushed)
        weights += step * direction
        residual -= step * pushed
        before, size = size, float(residual @ residual)
        direction = residual + (size / before) * direction
    return weights


def _folds(material: _Material, recipe: Recipe, seed: int) -> Places:
    """Each example's fold; examples with the same prompt are in the same one."""
    dice = np.random.default_rng(seed)
    return (dice.permutation(int(material.groups.max()) + 1) % recipe.folds)[material.groups]


def _foretold_unseen(
    material: _Material, rules: TextRules, recipe: Recipe, seed: int
) -> tuple[Floats, Floats]:
    """Each prompt's gain and failure as foretold by a router that saw other prompts only."""
    fold_of = _folds(material, recipe, seed)
    gains, failures = np.zeros(len(fold_of)), np.zeros(len(fold_of))
    for fold in range(recipe.folds):
        here = np.flatnonzero(fold_of == fold)
        features, *heads = _fit(material.part(np.flatnonzero(fold_of != fold)), rules, recipe, seed)
        judged = material.part(here)
        form, words = features.form(judged.amounts), features.rows(judged.counts)
        for head, found in zip(heads, (gains, failures), strict=True):
            found[here] = head.mean + form @ head.form + words.dot(head.words.astype(np.float64))
    return gains, failures


def _mean_apgr(gains: Floats, material: _Material, recipe: Recipe, seed: int) -> float:
    """The mean over folds: gains of different folds come from different routers and are not compared."""
    fold_of = _folds(material, recipe, seed)
    found: list[float] = []
    for fold in range(recipe.folds):
        here = fold_of == fold
        weak, strong = material.weak[here], material.strong[here]
        if weak.mean() != strong.mean():
            found.append(area(gains[here], weak, strong))
    return float(np.mean(found))


def _unseen_error(foretold: Floats, failed: Floats, fold_of: Places) -> float:
    """Calibration error of chances by a curve that was fitted to the other folds."""
    chances = np.zeros(len(failed))
    for fold in set(fold_of.tolist()):
        here = fold_of == fold
        chances[here] = _fit_curve(foretold[~here], failed[~here]).chances(foretold[here])
    return calibration_error(failed, chances)


def _fit_curve(foretold: Floats, failed: Floats) -> Curve:
    """The rising line from foretold failure to its chance: shares that failed in equally filled groups, groups
    that would fall put together with their neighbours (isotonic regression by pooling)."""
    groups = max(2, min(MOST_GROUPS, len(foretold) // GROUP))
    blocks: list[tuple[float, float, int]] = []
    for part in np.array_split(np.argsort(foretold, kind="stable"), groups):
        blocks.append((float(foretold[part].mean()), float(failed[part].mean()), len(part)))
        while len(blocks) > 1 and blocks[-1][1] <= blocks[-2][1]:
            (x, y, n), (u, v, m) = blocks.pop(), blocks.pop()
            blocks.append(((x * n + u * m) / (n + m), (y * n + v * m) / (n + m), n + m))
    return Curve(tuple(x for x, _, _ in blocks), tuple(y for _, y, _ in blocks))


def read_examples(paths: Iterable[Path]) -> list[Example]:
    """Examples from JSON Lines files, plain or `.gz`: objects with `prompt`, `weak_correct` and `strong_correct`
    (true, false, or 0 to 1); other fields are passed over.

    Raises NotFound for a missing file and InvalidInput, with file and line, for a line that is none.
    """
    return [example for path in paths for example in _read(path)]


def _read(path: Path) -> list[Example]:
    try:
        data = path.read_bytes()
        lines = (gzip.decompress(data) if path.suffix == ".gz" else data).splitlines()
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path}.", field="files") from error
    except (OSError, EOFError) as error:
        raise InvalidInput(f"{path} cannot be read: {error}.", field="files") from error
    return [_example(line, path, number) for number, line in enumerate(lines, 1) if line.strip()]


def _example(line: bytes, path: Path, number: int) -> Example:
    try:
        row = cast(Mapping[str, Any], orjson.loads(line))
        prompt, weak, strong = row["prompt"], float(row["weak_correct"]), float(row["strong_correct"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise _no_example(path, number) from error
    if not isinstance(prompt, str) or not (0 <= weak <= 1 and 0 <= strong <= 1):
        raise _no_example(path, number)
    return Example(prompt, weak, strong)


def _no_example(path: Path, number: int) -> InvalidInput:
    return InvalidInput(
        f"Line {number} of {path} is no example.",
        field="files",
        remedy='Each line: {"prompt": "…", "weak_correct": true, "strong_correct": false}',
    )
