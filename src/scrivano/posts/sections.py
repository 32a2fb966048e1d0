"""A text as sections under `## ` headings, and the sources that it points at."""

import re
from collections.abc import Collection
from dataclasses import dataclass

_MARK = re.compile(r"\[\^([^\]\s]{1,40})\](?!:)")
_HEADING = re.compile(r"^## +(.+?)\s*#*$")
_FENCE = re.compile(r"^ {0,3}(```|~~~)")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(\s*<?([^\s)>]+)>?[^)]*\)|<(https?://[^>\s]+)>")
_BEFORE = re.compile(r"[ \t]+(?=[.,;:!?])")


@dataclass(frozen=True, slots=True)
class Part:
    """A section: its heading (empty for what stands before the first) and its text."""

    heading: str
    text: str


def split_sections(body: str) -> list[Part]:
    """The sections of a text; a heading within code is none."""
    parts: list[Part] = []
    heading, lines, fenced = "", list[str](), False
    for line in body.splitlines():
        found = None if fenced else _HEADING.match(line)
        if _FENCE.match(line):
            fenced = not fenced
        if found:
            if heading or "".join(lines).strip():
                parts.append(Part(heading, "\n".join(lines).strip()))
            heading, lines = found[1], []
        else:
            lines.append(line)
    if heading or "".join(lines).strip():
        parts.append(Part(heading, "\n".join(lines).strip()))
    return parts


def join_sections(parts: Collection[Part]) -> str:
    """The whole text."""
    blocks = [f"## {part.heading}\n\n{part.text}".strip() if part.heading else part.text for part in parts]
    return "\n\n".join(block for block in blocks if block) + "\n"


def cited_numbers(text: str) -> list[int]:
    """The numbers of sources that a text points at, in order, each once."""
    return list(dict.fromkeys(int(mark) for mark in _MARK.findall(text) if mark.isdigit() and len(mark) < 7))


def strange_marks(text: str, kept: Collection[int]) -> list[str]:
    """The marks that point at no kept source, as they stand in the text, each once."""
    found = (
        mark for mark in _MARK.findall(text) if not (mark.isdigit() and len(mark) < 7 and int(mark) in kept)
    )
    return list(dict.fromkeys(f"[^{mark}]" for mark in found))


def without_strange_marks(text: str, kept: Collection[int]) -> str:
    """The text without marks that point at no kept source."""
    strange = set(strange_marks(text, kept))
    if not strange:
        return text
    return _BEFORE.sub("", _MARK.sub(lambda mark: "" if mark[0] in strange else mark[0], text))


def links_in(text: str) -> list[str]:
    """The addresses that a text links to, each once."""
    return list(dict.fromkeys(one or other for one, other in _LINK.findall(text)))


def cleaned(text: str, heading: str) -> str:
    """A section as a model gave it, without its heading on top, a fence around it, or notes of its own below it."""
    text = text.strip()
    fenced = re.fullmatch(r"```(?:markdown|md)?\n(.*?)\n```", text, re.S)
    text = fenced[1].strip() if fenced else text
    lines = text.splitlines()
    while lines and re.fullmatch(r"#{1,6} .*|\*\*.*\*\*", lines[0]) and _same(lines[0], heading):
        lines = "\n".join(lines[1:]).strip().splitlines()
    kept = [line for line in lines if not re.match(r"^\[\^[^\]]+\]:", line)]
    # A section's own headings stand below its heading.
    return "\n".join(re.sub(r"^#{1,2} (?=\S)", "### ", line) for line in kept).strip()


def _same(line: str, heading: str) -> bool:
    return re.sub(r"\W+", "", line).casefold() == re.sub(r"\W+", "", heading).casefold()
