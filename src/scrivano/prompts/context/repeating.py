"""Which pieces say the same thing in other words."""

from collections.abc import Sequence

_ALIKE = 0.6
# A word in more pieces than this tells nothing about which two are alike.
_COMMON = 60


def alike(pieces: Sequence[set[str]], rarity: dict[str, float]) -> dict[int, list[int]]:
    """By piece those that share at least six tenths of the weight of the words that either has.

    Pieces of fewer than four telling words are never called alike.
    """
    holders: dict[str, list[int]] = {}
    for number, words in enumerate(pieces):
        for word in words:
            holders.setdefault(word, []).append(number)
    weights = [sum(rarity.get(word, 0.0) for word in words) for words in pieces]
    found: dict[int, list[int]] = {}
    for number, words in enumerate(pieces):
        if len(words) < 4:
            continue
        shared: dict[int, float] = {}
        for word in sorted(words):
            if len(holders[word]) > _COMMON:
                continue
            for other in holders[word]:
                if other > number and len(pieces[other]) >= 4:
                    shared[other] = shared.get(other, 0.0) + rarity.get(word, 0.0)
        for other, common in shared.items():
            if common >= _ALIKE * (weights[number] + weights[other] - common):
                found.setdefault(number, []).append(other)
                found.setdefault(other, []).append(number)
    return found
