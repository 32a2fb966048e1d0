"""Finding a passage again in a text that has changed since it was quoted."""

from typing import NamedTuple

CONTEXT = 48
"""Characters kept from before and after a quotation."""


class Anchor(NamedTuple):
    """Where a passage stands, in characters from 0; `changed` if its own words are no longer the quoted ones."""

    start: int
    end: int
    changed: bool


def context_of(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands directly before and after `text[start:end]`."""
    return text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]


def find_quote(text: str, quote: str, near: int | None) -> int | None:
    """Where `quote` begins in `text`: of several places the one nearest to `near`. None where it does not stand."""
    best: int | None = None
    at = text.find(quote)
    while at >= 0:
        if near is None:
            return at
        if best is not None and abs(at - near) >= abs(best - near):
            break  # places come in order: from here on they only get farther
        best = at
        at = text.find(quote, at + 1)
    return best


def anchor(text: str, quote: str, start: int, before: str, after: str) -> Anchor | None:
    """The passage that was quoted as `quote` at `start`, between `before` and `after`; None where it is gone.

    The words themselves count most, then what stands around them, then the nearness to where they were.
    """
    places = _places(text, quote)
    if places:
        best = max(places, key=lambda at: (_agreement(text, at, quote, before, after), -abs(at - start)))
        return Anchor(best, best + len(quote), changed=False)
    return _between(text, quote, start, before, after)


def _places(text: str, quote: str, most: int = 500) -> list[int]:
    found: list[int] = []
    at = text.find(quote)
    while at >= 0 and len(found) < most:
        found.append(at)
        at = text.find(quote, at + 1)
    return found


def _agreement(text: str, at: int, quote: str, before: str, after: str) -> int:
    """How many characters directly before and after are the same as they were."""
    left = 0
    while left < min(len(before), at) and before[-1 - left] == text[at - 1 - left]:
        left += 1
    end, right = at + len(quote), 0
    while right < min(len(after), len(text) - end) and after[right] == text[end + right]:
        right += 1
    return left + right


def _between(text: str, quote: str, start: int, before: str, after: str) -> Anchor | None:
    """The passage in the place of one whose words were changed: between what stood before it and after it."""
    left, right = before[-24:], after[:24]
    if len(left.strip()) < 6 or len(right.strip()) < 6:
        return None
    most = 2 * len(quote) + 200
    candidates: list[Anchor] = []
    for place in _places(text, left):
        begin = place + len(left)
        end = text.find(right, begin, begin + most + len(right))
        if end > begin:
            candidates.append(Anchor(begin, end, changed=True))
    return min(candidates, key=lambda a: abs(a.start - start), default=None)
