"""Whether sentences that follow each other speak of the same: what a shuffled text has lost.

The likeness of sentences up to three apart is set against that of sentences far apart in the same chapter. In ordered
prose near ones share more. After Barzilay and Lapata 2008 (entity-based coherence) and Foltz et al. 1998, reduced to
shared content words, which needs no parser.
"""

from collections import Counter, defaultdict
from math import exp, log, sqrt

from scrivano.assessment.measures.outcome import Outcome
from scrivano.assessment.text import Prose

NEAR = 3
FEWEST = 12


def cohesion(prose: Prose) -> Outcome | None:
    """The score, None for fewer than a dozen sentences: chance would decide."""
    bags = [frozenset(s.terms) for s in prose.sentences]
    bags = [b for b in bags if b]
    count = len(bags)
    if count < FEWEST:
        return None
    spread = Counter(t for b in bags for t in b)
    weight = {t: log(count / n) ** 2 for t, n in spread.items()}
    norms = [sqrt(sum(weight[t] for t in b)) or 1.0 for b in bags]
    near = [
        _likeness(bags[i], bags[i + d], weight) / (norms[i] * norms[i + d]) / d
        for d in range(1, NEAR + 1)
        for i in range(count - d)
    ]
    # All pairs at once: what two random sentences share.
    totals: defaultdict[str, float] = defaultdict(float)
    for bag, norm in zip(bags, norms, strict=True):
        for t in bag:
            totals[t] += 1 / norm
    own = sum(weight[t] / (norm * norm) for b, norm in zip(bags, norms, strict=True) for t in b)
    whole = sum(weight[t] * totals[t] * totals[t] for t in totals)
    far = (whole - own) / (count * (count - 1))
    nearness = sum(near) / sum((count - d) / d for d in range(1, NEAR + 1))
    ratio = nearness / far if far > 0 else 1.0
    outcome = Outcome(100 * (1 - exp(-ratio)), {"ratio": round(ratio, 3)})
    if ratio < 1.05:
        why = "Sentences that follow each other share no more than any two of the chapter."
        outcome.findings.append(prose.remark("cohesion", why, "Check the order of the paragraphs."))
    return outcome


def _likeness(a: frozenset[str], b: frozenset[str], weight: dict[str, float]) -> float:
    return sum(weight[t] for t in a & b)
