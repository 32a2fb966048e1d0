"""Who is in a text, told by their names alone: pronouns are never guessed at."""

from collections.abc import Sequence

from scrivano.prompts.context.dto import CastMember
from scrivano.references.public import words

# Forms of address name nobody by themselves; an office does where one person alone holds it: "the sergeant".
_TITLES = frozenset(
    [
        "dr",
        "mr",
        "mrs",
        "ms",
        "miss",
        "sir",
        "lord",
        "lady",
        "dame",
        "father",
        "mother",
        "brother",
        "sister",
        "uncle",
        "aunt",
        "von",
        "van",
        "de",
    ]
)


class NameFinder:
    """Finds the members of a cast by full name, alias, and by first or last name where only one bears it."""

    def __init__(self, cast: Sequence[CastMember]) -> None:
        self.cast = list(cast)
        owners: dict[tuple[str, ...], set[int]] = {}
        for number, member in enumerate(self.cast):
            for name in (member.name, *member.aliases):
                whole = tuple(_bare(word) for word in words(name))
                if whole and whole[0] in {"the", "a"} and len(whole) > 1:
                    whole = whole[1:]
                if whole:
                    owners.setdefault(whole, set()).add(number)
            for word in _proper(member.name):
                owners.setdefault((word,), set()).add(number)
        # A name that two people bear tells neither of them.
        self._names = {name: next(iter(who)) for name, who in owners.items() if len(who) == 1}
        self._longest = max((len(name) for name in self._names), default=0)

    def count(self, text: str) -> dict[int, int]:
        """How often each member is named; the longest name at a place counts."""
        found: dict[int, int] = {}
        tokens = [_bare(word) for word in words(text)]
        at = 0
        while at < len(tokens):
            for length in range(min(self._longest, len(tokens) - at), 0, -1):
                who = self._names.get(tuple(tokens[at : at + length]))
                if who is not None:
                    found[who] = found.get(who, 0) + 1
                    at += length - 1
                    break
            at += 1
        return found


def _proper(name: str) -> list[str]:
    """The single words by which a person may be named; for a single word that is the name itself."""
    found = [_bare(word) for word in words(name)]
    return [word for word in found if word not in _TITLES and len(word) > 1]


def _bare(word: str) -> str:
    return word[:-2] if word.endswith("'s") else word
