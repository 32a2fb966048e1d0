"""Names for text that has no headings: the things it speaks of more than the rest does."""

import math
import re
from collections import Counter
from collections.abc import Sequence

from scrivano.books.builtin.stock import Unit
from scrivano.references.public import STOPWORDS, stem

_TOKEN = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*|[^\w\s]|\d+")
# A word that often follows one of these is the name of a thing.
_BEFORE_THINGS = re.compile(
    r"(?:the|an?|of|this|each|every|your|their|his|her|its|our|no|any|some|these|those|der|die|das|den|dem|des"
    r"|eine?[nmr]?|les?|la|une?|des|du|de|el|los|las|del)$",
    re.IGNORECASE,
)
_NOT_NAMES = re.compile(
    r".*(?:ing|ed|ly|est|ous|ful|ive|able|ible|less)$|(?:first|second|third|last|next|other|same|new|own|whole"
    r"|thing|way|kind|sort|part|lot|bit|one|two|three|four|five|six|day|week|month|year|time|people|person|number"
    r"|example|case|fact|question|answer|minute|hour|end|side|place|point)s?$",
    re.IGNORECASE,
)


class Namer:
    """Finds names for units of one text; every name is made of words that stand there."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self._size = len(units)
        self._found = {unit.number: _things(unit) for unit in units}
        self._spread = Counter(root for found in self._found.values() for root in found)
        self._forms: dict[str, Counter[str]] = {}
        for unit in units:
            for form in filter(str.isalpha, _tokens(unit)):
                self._forms.setdefault(stem(form.lower()), Counter())[form] += 1

    def name(self, units: Sequence[Unit], most: int, taken: set[str]) -> str:
        """Up to `most` things as "Apples, pears and plums"; empty if nothing stands out. Adds to `taken`."""
        counts = Counter[str]()
        for unit in units:
            counts.update(self._found[unit.number])
        least = 2 if len(units) == 1 else 3
        scored = sorted(
            (
                (-count * math.log(1 + self._size / self._spread[root]), root)
                for root, count in counts.items()
                if count >= least and root not in taken
            )
        )
        roots = [root for _, root in scored[:most]]
        taken.update(roots)
        things = [min(self._forms[root].items(), key=lambda form: (-form[1], form[0]))[0] for root in roots]
        if not things:
            return ""
        listed = things[0] if len(things) == 1 else f"{', '.join(things[:-1])} and {things[-1]}"
        return listed[:1].upper() + listed[1:]


def _tokens(unit: Unit) -> list[str]:
    return [token for piece in unit.pieces for token in [*_TOKEN.findall(piece.markdown), "."]]


def _things(unit: Unit) -> Counter[str]:
    """Roots of the words that are used as names of things here, with how often they stand there.

    Such a word mostly has an article or the like before it, and no other word of weight after it.
    """
    tokens = _tokens(unit)
    counts = Counter[str]()
    after_article = Counter[str]()
    at_end = Counter[str]()
    for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        low = token.lower()
        if len(low) > 3 and low.isalpha() and low not in STOPWORDS and not _NOT_NAMES.match(low):
            root = stem(low)
            counts[root] += 1
            after_article[root] += bool(_BEFORE_THINGS.match(before))
            at_end[root] += not after[0].isalpha() or after.lower() in STOPWORDS
    return Counter(
        {
            root: count
            for root, count in counts.items()
            if after_article[root] * 3 >= count and at_end[root] * 3 >= count * 2
        }
    )
