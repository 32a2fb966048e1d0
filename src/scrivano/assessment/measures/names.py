"""Names that are spelled in two ways."""

import re
from collections import Counter
from collections.abc import Sequence

from scrivano.assessment.measures.outcome import Outcome, clipped
from scrivano.assessment.text import Prose, Sentence

_NAME = re.compile(r"(?<![.!?:\"“„»«'] )(?<!^)\b([A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]{3,})\b")
_ANY = re.compile(r"\b([A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]{3,})\b")
_INITIAL = re.compile(r"\b([A-ZÀ-ÖØ-Þ])\. ([A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]{2,})\b")
_FULL = re.compile(r"\b([A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]+) ([A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]{2,})\b")
COSTS = 12.0
# German writes every noun large: what is a name cannot be told by the first letter.
_ALL_NOUNS_LARGE = ("de", "lb")


class Spellings:
    """The names of a whole text, read once: which are slips of commoner ones."""

    def __init__(self, everywhere: Sequence[Prose], language: str) -> None:
        self._known = language.split("-")[0].lower() not in _ALL_NOUNS_LARGE
        self._slips = variants(everywhere) if self._known else {}
        self._initials = _strange_initials(everywhere) if self._known else {}

    def chapter(self, prose: Prose) -> Outcome | None:
        """100 less twelve points for each name of this chapter that looks like a slip; None where names cannot be
        told from other nouns."""
        if not self._known:
            return None
        outcome = Outcome(100.0, {"variants": 0})
        for sentence in prose.sentences if self._slips or self._initials else ():
            for word in dict.fromkeys(_ANY.findall(sentence.text)):
                if word in self._slips:
                    _add(prose, sentence, outcome, word, self._slips[word])
            for match in _INITIAL.finditer(sentence.text):
                if match.group() in self._initials:
                    _add(prose, sentence, outcome, match.group(), self._initials[match.group()])
        outcome.score = clipped(100 - COSTS * outcome.facts["variants"])
        return outcome


def _add(prose: Prose, sentence: Sentence, outcome: Outcome, word: str, usual: str) -> None:
    outcome.facts["variants"] += 1
    why = f"“{word}” is elsewhere spelled “{usual}”."
    outcome.findings.append(prose.finding("names", sentence, why, "Choose one spelling."))


def variants(everywhere: Sequence[Prose]) -> dict[str, str]:
    """Rare spellings and the common one that each is a letter or two away from."""
    counts: Counter[str] = Counter()
    small: set[str] = set()
    for prose in everywhere:
        for sentence in prose.sentences:
            counts.update(_NAME.findall(sentence.text))
            small.update(w for w in sentence.text.split() if w[:1].islower())
    plain = {w.strip(".,;:!?\"'()") for w in small}
    pool = [n for n in counts if n.lower() not in plain]
    common = [n for n in pool if counts[n] >= 3]
    found: dict[str, str] = {}
    for rare in pool:
        near = [c for c in common if counts[c] >= 3 * counts[rare] and _slip(rare, c)]
        if near:
            found[rare] = max(near, key=lambda c: (counts[c], c))
    return found


def _slip(rare: str, common: str) -> bool:
    allowed = 1 if len(common) < 8 else 2
    if abs(len(rare) - len(common)) > allowed or rare.rstrip("s") == common.rstrip("s"):
        return False
    if rare[0] != common[0] and len(common) < 6:
        return False
    return 0 < distance(rare.lower(), common.lower(), allowed) <= allowed


def distance(a: str, b: str, most: int) -> int:
    """Levenshtein distance, a swap of neighbours counted once; `most + 1` where it is more."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        older, before, row = before, row, [i]
        for j, y in enumerate(b, start=1):
            step = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                step = min(step, older[j - 2] + 1)
            row.append(step)
        if min(row) > most:
            return most + 1
    return row[-1]


def _strange_initials(everywhere: Sequence[Prose]) -> dict[str, str]:
    """`K. Weber` where the only Webers are called Jonas."""
    first: dict[str, set[str]] = {}
    for prose in everywhere:
        for sentence in prose.sentences:
            for match in _FULL.finditer(sentence.text):
                first.setdefault(match.group(2), set()).add(match.group(1))
    found: dict[str, str] = {}
    for prose in everywhere:
        for sentence in prose.sentences:
            for match in _INITIAL.finditer(sentence.text):
                known = first.get(match.group(2), set())
                if len(known) == 1 and next(iter(known))[0] != match.group(1):
                    found[match.group()] = f"{next(iter(known))} {match.group(2)}"
    return found
