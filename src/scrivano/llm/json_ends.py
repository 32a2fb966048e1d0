"""Where a text that should be JSON stops: at its end, before some closing brackets, or in the middle."""

import re
from dataclasses import dataclass

_ENDS_STRING = re.compile(r"\s*(?:[,:}\]]|\Z)")
_LITERAL = re.compile(r"true|false|null|True|False|None")
_BARE = re.compile(r"[^\s,:{}\[\]\"']+")


@dataclass(frozen=True, slots=True)
class Ending:
    """How the JSON at the beginning of a text ends: after `end` characters, and whether it `breaks_off`.

    Brackets alone that were left open do not count as breaking off: where the last value is whole, they can be
    closed, and `end` is the end of the text.
    """

    end: int
    breaks_off: bool


def ending(text: str) -> Ending:
    """Where the object or list ends with which `text` begins."""
    stack: list[str] = []
    last = ""
    key_next = False
    at = 0
    while at < len(text):
        char = text[at]
        if char in "{[":
            stack.append(char)
            key_next, last, at = char == "{", char, at + 1
        elif char in "}]":
            if stack:
                stack.pop()
            last, at = char, at + 1
            if not stack:
                return Ending(at, breaks_off=False)
        elif char in ",:":
            key_next = char == "," and stack[-1:] == ["{"]
            last, at = char, at + 1
        elif char in "\"'":
            end = _string_end(text, at)
            if end is None:
                return Ending(len(text), breaks_off=True)
            last, at = ("key" if key_next else "value"), end
        elif char.isspace():
            at += 1
        else:
            at, last = _bare(text, at, key_next=key_next)
    return Ending(len(text), breaks_off=last not in ("}", "]", "value"))


def _bare(text: str, at: int, *, key_next: bool) -> tuple[int, str]:
    """A literal, a number or an unquoted word. A number at the very end may be half of one."""
    found = _BARE.match(text, at)
    assert found is not None
    if key_next:
        return found.end(), "key"
    return found.end(), "value" if _LITERAL.fullmatch(found[0]) or found.end() < len(text) else "half"


def _string_end(text: str, at: int) -> int | None:
    """The place after a string's closing mark: one that is followed by what may follow a string."""
    mark = text[at]
    at += 1
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text[at] == mark and _ENDS_STRING.match(text, at + 1):
            return at + 1
        else:
            at += 1
    return None
