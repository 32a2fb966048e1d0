"""Whether sentences that follow each other speak of the same, and paragraphs of what their section is about: what a
shuffled text has lost.

The likeness of sentences up to three apart is set against that of any two of the chapter, that of paragraphs of one
section, its heading included, against that across sections. In ordered prose what is near shares more. After Barzilay
and Lapata 2008 (entity-based coherence) and Foltz et al. 1998, reduced to shared content words: no parser is needed.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import groupby
from math import exp, log, sqrt

from scrivano.assessment.measures.outcome import Outcome
from scrivano.assessment.text import Prose
from scrivano.references.public import terms

NEAR = 3
FEWEST = 12
FEWEST_PARAGRAPHS = 5

Bag = frozenset[str]


def cohesion(prose: Prose) -> Outcome | None:
    """The score, None for fewer than a dozen sentences: chance would decide."""
    bags = [frozenset(s.terms) for s in prose.sentences]
    bags = [b for b in bags if b]
    if len(bags) < FEWEST:
        return None
    ratio = _Likeness(bags).of_neighbours()
    score = 100 * (1 - exp(-ratio))
    facts = {"neighbours": round(ratio, 3)}
    sections = _sections(prose)
    paragraphs = [bag for section in sections for bag in section]
    if len(sections) > 1 and len(paragraphs) >= FEWEST_PARAGRAPHS:
        within = _Likeness(paragraphs).within([len(section) for section in sections])
        facts["sections"] = round(within, 3)
        score = (score + 100 * (1 - exp(-within))) / 2
    outcome = Outcome(score, facts)
    if ratio < 1.05:
        why = "Sentences that follow each other share no more than any two of the chapter."
        outcome.findings.append(prose.remark("cohesion", why, "Check the order of the paragraphs."))
    return outcome


def _sections(prose: Prose) -> list[list[Bag]]:
    """The paragraphs of each section as words, its heading before them."""
    sections: list[list[Bag]] = []
    for heading, told in groupby(prose.paragraphs, key=lambda paragraph: paragraph[0].heading):
        bags = [frozenset(t for s in paragraph for t in s.terms) for paragraph in told]
        head = frozenset(terms(heading))
        sections.append([bag for bag in [head, *bags] if bag])
    return [section for section in sections if section]


class _Likeness:
    """How much bags of words share, weighed by how rare the words are."""

    def __init__(self, bags: Sequence[Bag]) -> None:
        self._bags = bags
        spread = Counter(t for bag in bags for t in bag)
        self._weight = {t: log(len(bags) / n) ** 2 for t, n in spread.items()}
        self._norms = [sqrt(sum(self._weight[t] for t in bag)) or 1.0 for bag in bags]

    def of_neighbours(self) -> float:
        """The likeness of near ones as a multiple of that of any two."""
        count = len(self._bags)
        far = self._sum(range(count)) / (count * (count - 1))
        near = sum(self._of(i, i + d) / d for d in range(1, NEAR + 1) for i in range(count - d)) / sum(
            (count - d) / d for d in range(1, NEAR + 1)
        )
        return near / far if far > 0 else 1.0

    def within(self, sizes: Sequence[int]) -> float:
        """The likeness of those of one section (of so many in a row) as a multiple of that across sections."""
        count, at = len(self._bags), 0
        inside = pairs = 0.0
        for size in sizes:
            inside += self._sum(range(at, at + size))
            pairs += size * (size - 1)
            at += size
        outside = self._sum(range(count)) - inside
        others = count * (count - 1) - pairs
        if not pairs or not others or outside <= 0:
            return 1.0
        return (inside / pairs) / (outside / others)

    def _of(self, a: int, b: int) -> float:
        shared = sum(self._weight[t] for t in self._bags[a] & self._bags[b])
        return shared / (self._norms[a] * self._norms[b])

    def _sum(self, places: Sequence[int]) -> float:
        """The likeness of all ordered pairs of two different ones, in time that grows with the words alone."""
        totals: defaultdict[str, float] = defaultdict(float)
        own = 0.0
        for place in places:
            norm = self._norms[place]
            for t in self._bags[place]:
                totals[t] += 1 / norm
                own += self._weight[t] / (norm * norm)
        return sum(self._weight[t] * total * total for t, total in totals.items()) - own
