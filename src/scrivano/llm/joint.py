"""The joint between a text that broke off and its continuation: nothing twice, nothing left out.

A model that goes on from a prefilled answer writes the very next character. A model that is asked for the rest
in a prompt is told to begin with the last words once more, the anchor: only so can one tell whether it goes on in
the middle of a word or lost the blank at its beginning. Where neither fits, there is no joint.
"""

import re

ANCHOR_WORDS = 8
_SHORTEST_ANCHOR = 24
_LONGEST_ANCHOR = 240
_SEARCHED = 600
"""Characters at the beginning of a continuation in which the anchor is looked for."""

_ANEW = 32
"""Characters in common with the answer's beginning from which a continuation counts as written anew."""

_LEADING = 4
"""Characters, such as quotation marks, that may stand before the anchor."""

_QUOTES = {"'": "['’‘]", "’": "['’‘]", "‘": "['’‘]", '"': '["“”„]', "“": '["“”„]', "”": '["“”„]'}


class NoJoint(Exception):
    """The continuation does not go on where the text broke off."""


def anchor_of(text: str) -> str:
    """The last words of a text, which a continuation is to repeat; all of a short one."""
    text = text.rstrip()
    starts = [found.start() for found in re.finditer(r"\S+", text)]
    start = 0
    for number in range(len(starts) - ANCHOR_WORDS, -1, -1):
        start = starts[number]
        if len(text) - start >= _SHORTEST_ANCHOR:
            break
    return text[max(start, len(text) - _LONGEST_ANCHOR) :].strip()


class Joint:
    """Takes a continuation in pieces and gives what belongs after `before`.

    `prefilled`: the model was made to go on from `before` less the blanks at its end; else it was asked to begin
    with the anchor. Raises NoJoint.
    """

    def __init__(self, before: str, *, prefilled: bool) -> None:
        self._before = before
        self._prefilled = prefilled
        self._held = ""
        self._open = False
        self._blank = before[len(before.rstrip()) :]
        """Blanks at the end of `before`: given already, and written again by the model."""
        self._anchor = _loose(anchor_of(before))

    def feed(self, piece: str) -> str:
        """What can be passed on now."""
        if self._open:
            return piece
        self._held += piece
        return self._settle(final=False)

    def finish(self) -> str:
        """What was still held back when the continuation ended."""
        return "" if self._open else self._settle(final=True)

    def _settle(self, *, final: bool) -> str:
        place = self._place(final=final)
        if place is None:
            return ""
        rest = self._held[place:]
        same = _shared(rest, self._blank)
        if same == len(rest) < len(self._blank) and not final:
            return ""
        self._open = True
        return rest[same:]

    def _place(self, *, final: bool) -> int | None:
        """Where in what is held the new text begins; None while more is needed to tell."""
        before, held = self._before.rstrip(), self._held
        again = _shared(held, before)
        if len(before) >= _ANEW and again >= _ANEW:
            return self._after_beginning(again, len(before), ended=final or again < len(held))
        if self._prefilled:
            # As long as it reads like the answer's beginning, it may become one.
            wait = again == len(held) and len(before) >= _ANEW and not final
            return None if wait else 0
        full = final or len(held) > _SEARCHED + _LONGEST_ANCHOR
        found = list(self._anchor.finditer(held))
        if found and (found[0].start() <= _LEADING or full):
            # Behind a preface that quotes the anchor, too, its last occurrence is the one that goes on.
            return (found[0] if found[0].start() <= _LEADING else found[-1]).end()
        if full:
            raise NoJoint("It did not begin with the words at which the answer broke off.")
        return None

    @staticmethod
    def _after_beginning(again: int, length: int, *, ended: bool) -> int | None:
        """The answer is written anew from its beginning: new is what comes after all that was given."""
        if again == length:
            return again
        if ended:
            raise NoJoint("It began the answer anew and wrote another one, or less of it.")
        return None


def _shared(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginning."""
    length = min(len(one), len(other))
    if one[:length] == other[:length]:
        return length
    return next(at for at in range(length) if one[at] != other[at])


def _loose(anchor: str) -> re.Pattern[str]:
    """The anchor, however its blanks and quotation marks are written."""
    words = ["".join(_QUOTES.get(char, re.escape(char)) for char in word) for word in anchor.split()]
    return re.compile(r"\s+".join(words))
