"""Cutting Markdown into its blocks, line by line: what a book is put together from.

A full CommonMark parser costs seconds on a long manuscript and forgets offsets; only the top level is needed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["heading", "paragraph", "list", "table", "quote", "code", "skip"]

_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_SETEXT = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ITEM = re.compile(r" {0,3}(?:[-*+]|\d{1,9}[.)])[ \t]+\S")
_QUOTE = re.compile(r" {0,3}>")
_RULE = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_DELIMITERS = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_DEFINITION = re.compile(r" {0,3}\[[^\]]+\]:")


@dataclass(frozen=True, slots=True)
class Block:
    """`text` is the Markdown from `start` to `end`; a heading's `text` is its words alone, `level` 1 to 6."""

    kind: BlockKind
    text: str
    start: int
    end: int
    level: int = 0


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    start: int

    @property
    def blank(self) -> bool:
        return not self.text.strip()


def split_blocks(text: str) -> Iterator[Block]:
    """The blocks of `text` in order; rules, blank lines and definitions of links are left out."""
    lines = _lines(text)
    at = 0
    while at < len(lines):
        if lines[at].blank:
            at += 1
            continue
        kind, stop, level = _extent(lines, at)
        if kind != "skip":
            yield _block(lines, at, stop, kind, level)
        at = stop


def _lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
    at = 0
    for line in text.split("\n"):
        lines.append(_Line(line, at))
        at += len(line) + 1
    return lines


def _block(lines: list[_Line], at: int, stop: int, kind: BlockKind, level: int) -> Block:
    last = lines[stop - 1]
    start, end = lines[at].start, last.start + len(last.text)
    if kind != "heading":
        body = "\n".join(line.text for line in lines[at:stop])
        lead = len(body) - len(body.lstrip()) if kind == "paragraph" else 0
        body = body[lead:].rstrip()
        return Block(kind, body, start + lead, start + lead + len(body))
    match = _ATX.match(lines[at].text)
    under = " ".join(line.text.strip() for line in lines[at : stop - 1])
    words = (match.group(2) or "") if match else under
    return Block("heading", words.strip(), start, end, level)


def _extent(lines: list[_Line], at: int) -> tuple[BlockKind, int, int]:
    """Kind of the block that begins at line `at`, the line after it, and the level if it is a heading."""
    line = lines[at].text
    if match := _ATX.match(line):
        return "heading", at + 1, len(match.group(1))
    if match := _FENCE.match(line):
        return "code", _after_fence(lines, at, match.group(1)), 0
    if _RULE.match(line):
        return "skip", at + 1, 0
    if _QUOTE.match(line):
        return "quote", _after_run(lines, at), 0
    if _ITEM.match(line):
        return "list", _after_list(lines, at), 0
    if _is_table(lines, at):
        return "table", _after_run(lines, at), 0
    if line.startswith(("    ", "\t")):
        return "code", _after_indented(lines, at), 0
    if _DEFINITION.match(line):
        return "skip", at + 1, 0
    return _paragraph(lines, at)


def _after_fence(lines: list[_Line], at: int, fence: str) -> int:
    for stop in range(at + 1, len(lines)):
        closing = lines[stop].text.strip()
        if closing.startswith(fence) and not closing.strip(fence[0]):
            return stop + 1
    return len(lines)


def _after_run(lines: list[_Line], at: int) -> int:
    stop = at + 1
    while stop < len(lines) and not lines[stop].blank and not _ATX.match(lines[stop].text):
        stop += 1
    return stop


def _after_list(lines: list[_Line], at: int) -> int:
    """A list goes on over blank lines as long as an item or an indented line follows."""
    stop = at + 1
    while stop < len(lines):
        line = lines[stop]
        if line.blank:
            after = stop + 1
            while after < len(lines) and lines[after].blank:
                after += 1
            if after >= len(lines):
                return stop
            follows = lines[after].text
            if not (_ITEM.match(follows) or follows.startswith(("  ", "\t"))) or _RULE.match(follows):
                return stop
            stop = after
        elif _ATX.match(line.text) or _FENCE.match(line.text) or _RULE.match(line.text):
            return stop
        else:
            stop += 1
    return stop


def _after_indented(lines: list[_Line], at: int) -> int:
    stop = at + 1
    while stop < len(lines) and (lines[stop].blank or lines[stop].text.startswith(("    ", "\t"))):
        stop += 1
    while lines[stop - 1].blank:
        stop -= 1
    return stop


def _is_table(lines: list[_Line], at: int) -> bool:
    if "|" not in lines[at].text or at + 1 >= len(lines):
        return False
    under = lines[at + 1].text
    return "|" in under and bool(_DELIMITERS.match(under))


def _paragraph(lines: list[_Line], at: int) -> tuple[BlockKind, int, int]:
    stop = at + 1
    while stop < len(lines):
        line = lines[stop].text
        if match := _SETEXT.match(line):
            return "heading", stop + 1, 1 if match.group(1)[0] == "=" else 2
        if lines[stop].blank or _ATX.match(line) or _FENCE.match(line) or _QUOTE.match(line):
            break
        if _RULE.match(line) or re.match(r" {0,3}(?:[-*+]|1[.)])[ \t]+\S", line) or _is_table(lines, stop):
            break
        stop += 1
    return "paragraph", stop, 0
