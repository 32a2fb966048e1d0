"""The weights of the choice of context, fitted to the cases, and what they find in a project that they have not seen.

    python -m benchmarks.context_weights

A logistic regression tells from the parts of a passage's score whether a chapter needs it; a weight below zero is none. For
each project it is fitted without that project's cases, and the choice is made with these weights: recall of needed facts, at
budgets from 15 to 35 % of the passages. The last line has the weights that all these cases give, for weights.yaml. The fourth
set takes no part: it is there to tell what the weights are worth.
"""

import sys
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.context import CASES, SHARE, Project, chosen, projects
from scrivano.prompts.context.public import Weights, packaged
from scrivano.prompts.context.ranking import rank

FITTED = ("relevance", "facet", "meaning", "words", "people", "subject", "rules")
FITTED_TO = ("", "third")
SHARES = (0.15, 0.2, 0.25, 0.3, 0.35)
# Ridge, over parts that are brought to the same spread; and what makes of log odds a score of about 0 to 3.
RIDGE, SCALE = 3.0, 4.0
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """The passages of a project, one row for each and each chapter: the parts of its score, and whether it is needed."""

    parts: Floats
    needed: Floats


def sample(project: Project) -> Sample:
    """Entries of the outline are left out: nobody marked which of them a chapter needs."""
    whole = packaged().model_copy(update={"parts": dict.fromkeys(FITTED, 1.0)})
    rows: list[Floats] = []
    needed: list[Floats] = []
    for case in project.cases:
        parts = rank(project.index, case.scene, whole).parts
        told = project.index.told(case.scene.number)
        told &= np.array([c.kind != "outline" for c in project.index.candidates])
        rows.append(np.stack([parts[name][told] for name in FITTED], axis=1))
        marked = np.array([float(c.id in case.needs) for c in project.index.candidates])
        needed.append(marked[told])
    return Sample(np.concatenate(rows), np.concatenate(needed))


def fitted(samples: list[Sample]) -> Weights:
    """The weights that tell best what is needed in these, those below zero dropped one by one."""
    parts = np.concatenate([s.parts for s in samples])
    needed = np.concatenate([s.needed for s in samples])
    kept = list(range(len(FITTED)))
    while True:
        spread = parts[:, kept].std(axis=0) + 1e-9
        found = _regression((parts[:, kept] - parts[:, kept].mean(axis=0)) / spread, needed) / spread
        if (found >= 0).all():
            break
        kept.pop(int(np.argmin(found)))
    new = {FITTED[n]: round(float(x) / SCALE, 2) for n, x in zip(kept, found, strict=True)}
    return packaged().model_copy(update={"parts": {**packaged().parts, **dict.fromkeys(FITTED, 0.0), **new}})


def _regression(rows: Floats, needed: Floats) -> Floats:
    """Newton's method; the constant is not returned, as it changes no order."""
    rows = np.concatenate([rows, np.ones((len(rows), 1))], axis=1)
    ridge = np.diag([*[RIDGE] * (rows.shape[1] - 1), 0.0])
    found = np.zeros(rows.shape[1])
    for _ in range(50):
        odds = 1 / (1 + np.exp(-rows @ found))
        step = np.linalg.solve(
            (rows * (odds * (1 - odds))[:, None]).T @ rows + ridge, rows.T @ (needed - odds) - ridge @ found
        )
        found += step
        if np.abs(step).max() < 1e-9:
            break
    return found[:-1]


def main() -> int:
    """Print recall by set and budget, and the weights; 0."""
    known = {name: list(projects(CASES / name)) for name in FITTED_TO}
    samples = {p.name: sample(p) for ps in known.values() for p in ps}
    unseen = {name: fitted([s for other, s in samples.items() if other != name]) for name in samples}
    print("recall by weights that were fitted without the project, at budgets of", *SHARES)
    for name, ps in known.items():
        rates: list[float] = []
        for share in SHARES:
            hits = needed = 0
            for project in ps:
                tight = replace(project, budget=round(project.budget * share / SHARE))
                for case in tight.cases:
                    hits += len(case.needs & chosen(tight, case, unseen[project.name])[0])
                    needed += len(case.needs)
            rates.append(hits / needed if needed else 0.0)
        if ps:
            print(f"  {name or 'the 200':<10}", *(f"{rate:.3f}" for rate in rates))
    print("fitted to all:", {name: fitted(list(samples.values())).parts[name] for name in FITTED})
    return 0


if __name__ == "__main__":
    sys.exit(main())
