"""A text taken apart as far as the filter needs it: blocks, sentences, and what stands in quotation marks."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Kind = Literal["prose", "heading", "list", "code", "quote", "table", "rule"]

QUOTED = "￼"  # stands for each character of quoted matter, which says nothing about the one who quotes
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[^\n]*")
_RULE = re.compile(r"\s*(?:(?:[-*_=~•·–—+#]\s*){3,}|⁂|\*)\s*")
_LIST = re.compile(r" {0,3}(?:[-*+•]|\d{1,3}[.)])\s+\S")
_HEADING = re.compile(r" {0,3}#{1,6}\s+\S")
_BREAK = re.compile(
    rf"(?<=[.!?…:。！？])[)\]*_»”]*\s+|(?<=[.!?…]{QUOTED})[)\]*_]*\s+(?=[\[(*]*[A-ZÀ-Þ¿¡—–])"
    r"|\s+[—–]\s+(?=[A-ZÀ-Þ])|\n+"
)
_CLAUSE = re.compile(_BREAK.pattern + r"|(?<=;)\s+")
_QUOTATION = re.compile(
    r"“[^“”]*(?:”|$)|„[^“”\"„]*(?:[“”\"]|$)|«[^«»]*(?:»|$)|‹[^‹›]*›|\"[^\"]*(?:\"|$)|`[^`\n]+`"
    r"|(?<!\w)[‘'](?!\s)[^‘\n]{0,400}?[^\s‘][’'](?![\w])"
)
_PLAIN = str.maketrans({"’": "'", "\u00a0": " ", "\u202f": " ", "*": " ", "_": " ", "‑": "-"})


@dataclass(frozen=True)
class Block:
    """A stretch between blank lines; `start` and `end` are its place in the text, line breaks left out."""

    start: int
    end: int
    kind: Kind
    text: str


@lru_cache(maxsize=4)  # each step of the filter asks again, mostly for the text it was given
def blocks_of(text: str) -> tuple[Block, ...]:
    """The blocks in order; a fenced code block is one whatever is in it, rules and headings stand alone."""
    found: list[Block] = []
    lines: list[tuple[int, str]] = []

    def close() -> None:
        if lines:
            start, end = lines[0][0], lines[-1][0] + len(lines[-1][1])
            found.append(Block(start, end, _kind(lines[0][1]), text[start:end]))
            lines.clear()

    position, length = 0, len(text)
    no_fence_after = False
    while position < length:
        end = text.find("\n", position)
        end = length if end < 0 else end
        line = text[position:end]
        alone: Kind | None = None
        if not line.strip():
            close()
        else:
            fence = _FENCE.match(line) if "```" in line or "~~~" in line else None
            closing = -1
            if fence and not no_fence_after:
                closing = closing_fence(text, end, fence[1])
                no_fence_after = closing < 0
            if closing >= 0:
                close()
                found.append(Block(position, closing, "code", text[position:closing]))
                end = closing
            elif line[0] in " #-*_=~•·–—+⁂":
                alone = "rule" if _RULE.fullmatch(line) else "heading" if _HEADING.match(line) else None
                if alone:
                    close()
                    found.append(Block(position, end, alone, line))
                else:
                    lines.append((position, line))
            else:
                lines.append((position, line))
        position = end + 1
    close()
    return tuple(found)


def closing_fence(text: str, after: int, mark: str) -> int:
    """Where the fence that `mark` opened ends (past its closing line), or -1 if nothing closes it."""
    closing = re.compile(rf"^ {{0,3}}{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$", re.MULTILINE)
    match = closing.search(text, after)
    return match.end() if match else -1


def _kind(line: str) -> Kind:
    first = line.lstrip()[:1]
    if first == ">":
        return "quote"
    if first == "|":
        return "table"
    return "list" if _LIST.match(line) else "prose"


def plain(text: str) -> str:
    """The text with emphasis blanked and apostrophes and spaces of one kind, at the same length."""
    return text.translate(_PLAIN)


def unquoted(text: str) -> str:
    """The text with everything in quotation marks or backticks blotted out, at the same length.

    The mark that ends a quoted sentence stays, for it may end the sentence around it too. A quotation that is never
    closed runs to the end, as it does when a speech goes on over several paragraphs.
    """
    return _QUOTATION.sub(_blotted, text)


def _blotted(match: re.Match[str]) -> str:
    length = len(match[0])
    if length > 2 and match[0][-2] in ".!?…":
        return QUOTED * (length - 2) + match[0][-2] + QUOTED
    return QUOTED * length


def sentences_of(masked: str, *, clauses: bool = False) -> list[tuple[int, int]]:
    """Places of the sentences of a text from `unquoted`; a colon and a line's end close one too.

    With `clauses` so does a semicolon.
    """
    places: list[tuple[int, int]] = []
    start = 0
    for match in (_CLAUSE if clauses else _BREAK).finditer(masked):
        if masked[start : match.start()].strip():
            places.append(
                (start, match.start() + len(match[0].rstrip()) if match[0].strip() else match.start())
            )
            start = match.end()
    if masked[start:].strip():
        places.append((start, len(masked)))
    return places


def stripped_markup(text: str) -> str:
    """The text without the emphasis, heading marks or quotation bar around all of it."""
    return text.strip().lstrip("#>").strip().strip("*_~=").strip()
