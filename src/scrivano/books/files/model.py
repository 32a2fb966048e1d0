"""The one model of a book's text that all writers walk: blocks, and flat runs of inline text.

Emphasis does not nest here: each run carries the set of its styles. So no writer recurses into inline text,
and hostile nesting ends in the parser.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Flag, auto


class Style(Flag):
    """What a run of text looks like."""

    PLAIN = 0
    EMPHASIS = auto()
    STRONG = auto()
    STRUCK = auto()
    CODE = auto()
    LEAD = auto()
    """The first words of a chapter (small capitals where the script has them)."""


@dataclass(frozen=True, slots=True)
class Text:
    """A run of text. `link` is a checked http(s) or mailto address, or `#id` of a heading of this book."""

    text: str
    style: Style = Style.PLAIN
    link: str | None = None


@dataclass(frozen=True, slots=True)
class LineBreak:
    """A forced line break."""


@dataclass(frozen=True, slots=True)
class NoteRef:
    """The mark of a footnote: `number` counts from 1 in its chapter; `again` from 1 for the same note."""

    number: int
    again: int = 1


@dataclass(frozen=True, slots=True)
class InlineImage:
    """An image within a line. `key` names it in Book.images; without `alt` it is decoration."""

    key: str
    alt: str


@dataclass(frozen=True, slots=True)
class IndexMark:
    """An invisible place that the index refers to. `serial` counts all marks of the book from 1."""

    term: int
    serial: int


Inline = Text | LineBreak | NoteRef | InlineImage | IndexMark


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a chapter. `level` is 2 to 6 (a chapter's title is 1); no level is skipped."""

    level: int
    inlines: tuple[Inline, ...]
    id: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    inlines: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """A block quotation."""

    blocks: tuple["Block", ...]


@dataclass(frozen=True, slots=True)
class ListBlock:
    """A list. `start` is the first number, None for bullets; `tight` items have no space between them."""

    start: int | None
    tight: bool
    items: tuple[tuple["Block", ...], ...]


@dataclass(frozen=True, slots=True)
class Code:
    """A code block; `language` may be empty."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table. `aligns` has `left`, `right`, `center` or `` for each column; rows have as many cells."""

    aligns: tuple[str, ...]
    header: tuple[tuple[Inline, ...], ...]
    rows: tuple[tuple[tuple[Inline, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """An image in a paragraph of its own, with an optional caption."""

    key: str
    alt: str
    caption: str


@dataclass(frozen=True, slots=True)
class SceneBreak:
    """A thematic break."""


Block = Heading | Paragraph | Quote | ListBlock | Code | Table | Figure | SceneBreak


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter. `notes` are its footnotes in order; note N is `notes[N - 1]`."""

    number: int
    title: str
    id: str
    blocks: tuple[Block, ...]
    notes: tuple[tuple[Block, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class ImageFile:
    """An image that every format can show. `width` and `height` are pixels; `name` is a file name."""

    name: str
    media_type: str
    data: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Book:
    """A manuscript read and checked: what the writers write."""

    title: str
    subtitle: str
    author: str
    chapters: tuple[Chapter, ...]
    bibliography: tuple[tuple[Inline, ...], ...] = ()
    index: tuple[str, ...] = ()
    """The terms looked for, in order; one that the text does not have is empty."""
    images: dict[str, ImageFile] = field(default_factory=dict[str, ImageFile])


def plain(inlines: tuple[Inline, ...]) -> str:
    """The words of `inlines` alone."""
    parts: list[str] = []
    for node in inlines:
        if isinstance(node, Text):
            parts.append(node.text)
        elif isinstance(node, LineBreak):
            parts.append(" ")
        elif isinstance(node, InlineImage):
            parts.append(node.alt)
    return "".join(parts)


def every_block(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """`blocks` and all that stand inside them, in the order of reading."""
    for block in blocks:
        yield block
        if isinstance(block, Quote):
            yield from every_block(block.blocks)
        elif isinstance(block, ListBlock):
            for item in block.items:
                yield from every_block(item)


def lines_of(block: Block) -> tuple[tuple[Inline, ...], ...]:
    """The lines of text that `block` itself holds."""
    if isinstance(block, Paragraph | Heading):
        return (block.inlines,)
    if isinstance(block, Table):
        return (*block.header, *(cell for row in block.rows for cell in row))
    return ()
