"""A manuscript that was written elsewhere, as chapters."""

import re
from collections.abc import Sequence
from itertools import pairwise

from pydantic import BaseModel

from scrivano.core.errors import InvalidInput
from scrivano.references.public import Reference, language_of

MOST_CHAPTERS = 400
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.+?)(?:[ \t]+#+)?[ \t]*$")
_SIGNS = re.compile(r"[*_`]+")


class ImportedChapter(BaseModel):
    """A chapter as it was found: its Markdown has sections from `##` on, and its title is not in it."""

    title: str
    text: str


class ImportedBook(BaseModel):
    """A manuscript divided into chapters, with the author whom it names and the language that it is in, if known."""

    title: str
    chapters: list[ImportedChapter]
    author: str = ""
    language: str = ""


class _Line(BaseModel):
    text: str
    level: int = 0
    title: str = ""


def manuscript_of(read: Reference, name: str) -> ImportedBook:
    """A file that was read as a manuscript; `name` is its title where neither its text nor the file has one.

    Raises InvalidInput as `divide` does.
    """
    divided = divide(read.text, read.named or name)
    return divided.model_copy(
        update={"author": read.author, "language": read.language or language_of(read.text)}
    )


def divide(markdown: str, name: str) -> ImportedBook:
    """Divide a manuscript at its chapters' headings: the highest level that occurs more than once.

    A single heading above them is the book's title; else `name` is. What stands before the first chapter becomes
    one of its own. A text without headings is one chapter. Nothing of the text is left out but these headings.
    Raises InvalidInput for an empty manuscript, or one with more chapters than a book can have.
    """
    lines = _read(markdown)
    levels = [line.level for line in lines if line.level]
    level = next((n for n in range(1, 7) if levels.count(n) > 1), min(levels, default=0))
    title, body = _book_title(lines, level, name)
    starts = [i for i, line in enumerate(body) if level and line.level == level]
    chapters: list[ImportedChapter] = []
    before = _text(body[: starts[0]] if starts else body, level)
    if before:
        chapters.append(ImportedChapter(title=title, text=before))
    for start, end in pairwise([*starts, len(body)]):
        chapters.append(
            ImportedChapter(
                title=body[start].title[:300] or str(len(chapters) + 1),
                text=_text(body[start + 1 : end], level),
            )
        )
    if not any(c.text for c in chapters):
        raise InvalidInput(
            f"{name} holds no text.", field="file", remedy="Save the manuscript again and try once more."
        )
    if len(chapters) > MOST_CHAPTERS:
        raise InvalidInput(
            f"{name} has {len(chapters)} headings of the highest level; a book has at most {MOST_CHAPTERS} chapters.",
            field="file",
            remedy="Use the highest heading level for chapters alone.",
        )
    return ImportedBook(title=title, chapters=chapters)


def _read(markdown: str) -> list[_Line]:
    """The lines, with what is a heading; those in code blocks are none."""
    lines: list[_Line] = []
    fence = ""
    for text in markdown.replace("\r\n", "\n").split("\n"):
        mark = _FENCE.match(text)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence):
            fence = ""
        found = None if fence or mark else _HEADING.match(text)
        if found:
            lines.append(_Line(text=text, level=len(found[1]), title=_SIGNS.sub("", found[2]).strip()))
        else:
            lines.append(_Line(text=text))
    return lines


def _book_title(lines: list[_Line], level: int, name: str) -> tuple[str, list[_Line]]:
    first = next((i for i, line in enumerate(lines) if line.text.strip()), None)
    if first is not None and 0 < lines[first].level < level:
        return lines[first].title[:300], lines[first + 1 :]
    return name[:300], lines


def _text(lines: Sequence[_Line], level: int) -> str:
    """The lines as Markdown in which the sections below a chapter begin at the second level."""
    shift = 1 - level if level else 0
    moved = [
        f"{'#' * min(6, max(2, line.level + shift))} {line.text.lstrip().lstrip('#').strip()}"
        if line.level
        else line.text
        for line in lines
    ]
    return "\n".join(moved).strip()
