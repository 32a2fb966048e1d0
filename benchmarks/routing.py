"""How well the routers order prompts: APGR with intervals, calibration, time a prompt. Prints all figures.

    python benchmarks/routing.py [--data DIR] [--repeats N] [--labels N] [--curve]

DIR holds `mmlu_dev.jsonl.gz` and `gsm8k_dev.jsonl.gz`: a JSON object a line with `prompt`, `weak_correct` and
`strong_correct`, made from the responses of Mixtral-8x7B (weak) and GPT-4 (strong) that come with the public
RouteLLM evaluation (github.com/lm-sys/RouteLLM, Apache-2.0; folders routellm/evals/mmlu and gsm8k): half of
its prompts, drawn at random. Without --data the folder `shared/data/routing` beside the checkout is tried.

Protocol. In each repeat a random part of the prompts is trained on (MMLU: 1,500 labels; GSM8K: half) and all
others are judged; a prompt that occurs twice is on one side only. Nothing
of the judged prompts is used in training, neither labels nor words. `mean` is over repeats, `sd` their
standard deviation, `interval` the middle 95 % of bootstrap resamples of the judged prompts, all repeats taken
together, so it holds the chance of both the split and the prompts. `five folds`: each prompt is judged by a
router trained on the other four fifths; ranks within folds are put together and all prompts judged at once. `over length` is the difference to
ordering by characters on the same prompts, resampled in pairs. `calibration` is the mean distance between
foretold and seen failures of the small model over tenths of the judged prompts; `noise` what it would be for
perfect foretelling of as many prompts.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from scrivano.llm.routing.complexity import read_text_rules
from scrivano.llm.routing.dto import Example
from scrivano.llm.routing.evaluation import area, calibration_error, evaluate
from scrivano.llm.routing.features import Floats
from scrivano.llm.routing.learned import LearnedRouter
from scrivano.llm.routing.training import read_examples, train

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data" / "routing"
RESAMPLES = 100
Split = tuple[list[Example], list[Example]]


def split(examples: Sequence[Example], labels: int, seed: int) -> Split:
    """`labels` random examples to train on and all others whose prompts are not among them."""
    order = np.random.default_rng(seed).permutation(len(examples))
    first = [examples[n] for n in order[:labels]]
    known = {example.prompt for example in first}
    return first, [examples[n] for n in order[labels:] if examples[n].prompt not in known]


class Figures:
    """Collects what repeats show."""

    def __init__(self) -> None:
        self.values: list[float] = []
        self.over: list[float] = []
        self.drawn: list[float] = []
        self.drawn_over: list[float] = []
        self.errors: list[float] = []
        self.noise: list[float] = []

    def add(self, judged: Sequence[Example], gains: Floats, failures: Floats, seed: int) -> None:
        lengths = np.array([len(example.prompt) for example in judged], dtype=float)
        weak = np.array([example.weak_correct for example in judged], dtype=float)
        strong = np.array([example.strong_correct for example in judged], dtype=float)
        value = area(gains, weak, strong)
        self.values.append(value)
        self.over.append(value - area(lengths, weak, strong))
        dice = np.random.default_rng(seed)
        for _ in range(RESAMPLES):
            pick = dice.integers(len(gains), size=len(gains))
            drawn = area(gains[pick], weak[pick], strong[pick])
            self.drawn.append(drawn)
            self.drawn_over.append(drawn - area(lengths[pick], weak[pick], strong[pick]))
        self.errors.append(calibration_error(1 - weak, failures))
        self.noise.append(calibration_error((dice.random(len(failures)) < failures).astype(float), failures))

    def show(self, name: str) -> None:
        low, high = np.quantile(self.drawn, (0.025, 0.975))
        under, upper = np.quantile(self.drawn_over, (0.025, 0.975))
        print(
            f"{name:44} mean {np.mean(self.values):.4f} sd {np.std(self.values):.4f} "
            f"interval {low:.3f} to {high:.3f}; over length {np.mean(self.over):+.4f} "
            f"({under:+.3f} to {upper:+.3f}; better in {np.mean(np.array(self.over) > 0):.0%} of repeats); "
            f"calibration {np.mean(self.errors):.3f} (noise {np.mean(self.noise):.3f})",
            flush=True,
        )


def scores(router: LearnedRouter, judged: Sequence[Example]) -> tuple[Floats, Floats]:
    """Foretold gains and chances of failure."""
    found = [router.score(example.prompt) for example in judged]
    return np.array([each.gain for each in found]), np.array([each.failure for each in found])


def five_folds(name: str, examples: Sequence[Example], repeats: int) -> None:
    """All examples judged at once, each by a router that did not see it. Prompts must be different ones."""
    figures = Figures()
    for seed in range(repeats):
        fold_of = np.random.default_rng(seed).permutation(len(examples)) % 5
        gains, failures = np.zeros(len(examples)), np.zeros(len(examples))
        for fold in range(5):
            here = np.flatnonzero(fold_of == fold)
            router = train(
                [e for e, other in zip(examples, fold_of, strict=True) if other != fold], seed=seed
            )
            found, failures[here] = scores(router, [examples[n] for n in here])
            gains[here] = np.argsort(np.argsort(found)) / len(here)
        figures.add(examples, gains, failures, seed)
    figures.show(name)


def repeated(name: str, repeats: int, parts: Callable[[int], dict[str, Split]]) -> None:
    """Train on all parts' labels together, judge each part by itself."""
    figures: dict[str, Figures] = {}
    for seed in range(repeats):
        now = parts(seed)
        router = train([example for first, _ in now.values() for example in first], seed=seed)
        for part, (_, judged) in now.items():
            figures.setdefault(part, Figures()).add(judged, *scores(router, judged), seed)
    for part, found in figures.items():
        found.show(f"{part}, {name}")


def baselines(name: str, examples: Sequence[Example]) -> None:
    """What needs no labels: characters, and the rules."""
    rules = read_text_rules()
    for router, score in (("prompt length", lambda p: float(len(p))), ("rules", rules.raw)):
        found = evaluate(examples, [score(example.prompt) for example in examples])
        print(
            f"{name}, {router}, all {found.examples}: {found.value:.4f} ({found.low:.3f} to {found.high:.3f})"
        )


def timed(name: str, score: Callable[[str], object], prompts: Sequence[str]) -> None:
    for prompt in prompts[:200]:
        score(prompt)
    taken: list[float] = []
    processor = time.thread_time()
    for prompt in prompts:
        start = time.perf_counter()
        score(prompt)
        taken.append((time.perf_counter() - start) * 1e6)
    processor = (time.thread_time() - processor) / len(prompts) * 1e6
    p50, p95 = np.quantile(taken, (0.5, 0.95))
    print(
        f"time a prompt, {name}: median {p50:.0f} µs, p95 {p95:.0f} µs, processor {processor:.0f} µs on average"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=BESIDE)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--labels", type=int, default=1500)
    parser.add_argument("--curve", action="store_true", help="also with other numbers of labels")
    options = parser.parse_args()
    if not options.data.is_dir():
        parser.error(f"{options.data} is no folder; the first lines of this file say what it has to hold.")
    mmlu = read_examples([options.data / "mmlu_dev.jsonl.gz"])
    gsm8k = read_examples([options.data / "gsm8k_dev.jsonl.gz"])

    baselines("MMLU", mmlu)
    baselines("GSM8K", gsm8k)
    labels, repeats = options.labels, options.repeats
    repeated(f"learned, {labels:,} labels", repeats, lambda s: {"MMLU": split(mmlu, labels, s)})
    five_folds(f"GSM8K, learned, {len(gsm8k) * 4 // 5} labels, five folds", gsm8k, repeats)
    half = len(gsm8k) // 2
    repeated(f"learned, {half} labels", repeats, lambda s: {"GSM8K": split(gsm8k, half, s)})
    third = labels // 5
    repeated(
        f"one router, {labels - third:,} + {third} labels",
        repeats,
        lambda s: {"MMLU": split(mmlu, labels - third, s), "GSM8K": split(gsm8k, third, s)},
    )
    if options.curve:
        for some in (200, 500, 1000, 3000, 5500):
            repeated(f"learned, {some:,} labels", 5, lambda s, n=some: {"MMLU": split(mmlu, n, s)})
    prompts = [example.prompt for example in mmlu[::5] + gsm8k]
    router = train(mmlu[:: max(1, len(mmlu) // labels)])
    timed("rules, score alone", read_text_rules().raw, prompts)
    timed("rules, with reasons", read_text_rules().score, prompts)
    timed("learned, gain alone", router.gain, prompts)
    timed("learned, with reasons", router.score, prompts)


if __name__ == "__main__":
    main()
