"""Manuscript → Book: every chapter read, images found, links resolved, index places marked."""

import re
import unicodedata
from dataclasses import replace

from scrivano.books.files.clean import clean_line
from scrivano.books.files.images import find_image
from scrivano.books.files.indexing import IndexMarker
from scrivano.books.files.languages import Language, read_language
from scrivano.books.files.manuscript import Manuscript, NothingToTypeset
from scrivano.books.files.model import (
    Block,
    Book,
    Chapter,
    Figure,
    Heading,
    ImageFile,
    Inline,
    InlineImage,
    ListBlock,
    Paragraph,
    Quote,
    Style,
    Table,
    Text,
    every_block,
    lines_of,
    plain,
)
from scrivano.books.files.parse import MarkdownReader
from scrivano.books.files.slugs import Slugs

_LEAD_WORDS = 4


def read_book(manuscript: Manuscript, *, curly: bool = True, lead: bool = True) -> Book:
    """Read and check a manuscript.

    `curly` sets the language's quotation marks, `lead` marks the first words of each chapter. Raises
    NothingToTypeset, UnknownLanguage, MissingImage or UnusableImage.
    """
    if not manuscript.chapters:
        raise NothingToTypeset(
            "The manuscript has no chapter.", field="chapters", remedy="Write at least one chapter."
        )
    language = read_language(manuscript.language)
    reader = MarkdownReader(language, curly)
    slugs = Slugs()
    images = _Images(manuscript)
    marker = IndexMarker([clean_line(term) for term in manuscript.index_terms], language.code)
    chapters: list[Chapter] = []
    for number, source in enumerate(manuscript.chapters, 1):
        title = visible(source.title) or str(number)
        parsed = reader.blocks(source.markdown)
        chapter_id = slugs.make(title)
        blocks = _headings(_without_title(parsed.blocks, title), slugs)
        images.check((*blocks, *(b for note in parsed.notes for b in note)), f"“{title}”")
        if lead:
            blocks = _with_lead(blocks)
        blocks = marker.mark(blocks)
        chapters.append(Chapter(number, title, chapter_id, blocks, parsed.notes))
    bibliography = tuple(line for entry in manuscript.bibliography if (line := reader.line(entry)))
    images.check(tuple(Paragraph(line) for line in bibliography), "the bibliography")
    targets = {c.id for c in chapters} | {b.id for c in chapters for b in c.blocks if isinstance(b, Heading)}
    title, subtitle, author = front_of(manuscript)
    return Book(
        title=title,
        subtitle=subtitle,
        author=author,
        chapters=tuple(_with_links(chapter, targets) for chapter in chapters),
        bibliography=tuple(_line_links(line, targets) for line in bibliography),
        index=marker.found_terms(),
        images=images.found,
    )


def front_of(manuscript: Manuscript) -> tuple[str, str, str]:
    """Title, subtitle and author on one line each. A book without a title bears that of its first chapter."""
    titles = (manuscript.title, *(chapter.title for chapter in manuscript.chapters))
    title = next((line for t in titles if (line := visible(t))), "1")
    return title, visible(manuscript.subtitle), visible(manuscript.author)


def visible(text: str) -> str:
    """`text` cleaned on one line; empty if nothing of it could be seen."""
    line = clean_line(text)
    return line if any(unicodedata.category(c)[0] not in "CZM" for c in line) else ""


class _Images:
    def __init__(self, manuscript: Manuscript) -> None:
        self._given = manuscript.images
        self.found: dict[str, ImageFile] = {}

    def check(self, blocks: tuple[Block, ...], where: str) -> None:
        for block in every_block(blocks):
            keys = [block.key] if isinstance(block, Figure) else []
            keys += [n.key for line in lines_of(block) for n in line if isinstance(n, InlineImage)]
            for key in keys:
                if key not in self.found:
                    self.found[key] = find_image(self._given, key, where)


def _without_title(blocks: tuple[Block, ...], title: str) -> tuple[Block, ...]:
    """Leave out a first heading that only repeats the chapter's title."""
    if blocks and isinstance(blocks[0], Heading):
        heading = _letters(plain(blocks[0].inlines))
        if heading == _letters(title) or re.fullmatch(rf"(\w+ )?\d+ {re.escape(_letters(title))}", heading):
            return blocks[1:]
    return blocks


def _letters(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _headings(blocks: tuple[Block, ...], slugs: Slugs) -> tuple[Block, ...]:
    """Bring headings to levels 2 … 5 without a gap; inside quotes and lists they become bold lines."""
    stack: list[int] = []
    out: list[Block] = []
    for block in blocks:
        if isinstance(block, Heading):
            while stack and stack[-1] >= block.level:
                stack.pop()
            stack.append(block.level)
            out.append(Heading(min(len(stack) + 1, 5), block.inlines, slugs.make(plain(block.inlines))))
        else:
            out.append(_flat_headings(block))
    return tuple(out)


def _flat_headings(block: Block) -> Block:
    match block:
        case Heading():
            return Paragraph(
                tuple(
                    replace(n, style=n.style | Style.STRONG) if isinstance(n, Text) else n
                    for n in block.inlines
                )
            )
        case Quote():
            return Quote(tuple(_flat_headings(b) for b in block.blocks))
        case ListBlock():
            return replace(block, items=tuple(tuple(_flat_headings(b) for b in item) for item in block.items))
        case _:
            return block


def _with_lead(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Mark the first few words if the chapter opens with plain text."""
    if not blocks or not isinstance(blocks[0], Paragraph) or not blocks[0].inlines:
        return blocks
    first = blocks[0].inlines[0]
    if not isinstance(first, Text) or first.style != Style.PLAIN or first.link:
        return blocks
    match = re.match(rf"\S*[^\W\d_]\S*(?: \S+){{0,{_LEAD_WORDS - 1}}}", first.text)
    if match is None or match.end() > 60:
        return blocks
    # A lead that runs past a sentence or clause looks arbitrary: it ends where the clause does.
    pause = re.search(r"[.,;:!?…](?=\s|$)", match[0])
    end = pause.start() if pause else match.end()
    run = (Text(first.text[:end], Style.LEAD), Text(first.text[end:]))
    return (Paragraph((*(n for n in run if n.text), *blocks[0].inlines[1:])), *blocks[1:])


def _with_links(chapter: Chapter, targets: set[str]) -> Chapter:
    blocks = tuple(_block_links(b, targets) for b in chapter.blocks)
    return replace(
        chapter, blocks=blocks, notes=tuple(tuple(_block_links(b, targets) for b in n) for n in chapter.notes)
    )


def _block_links(block: Block, targets: set[str]) -> Block:
    match block:
        case Paragraph():
            return Paragraph(_line_links(block.inlines, targets))
        case Heading():
            return replace(block, inlines=_line_links(block.inlines, targets))
        case Quote():
            return Quote(tuple(_block_links(b, targets) for b in block.blocks))
        case ListBlock():
            return replace(
                block, items=tuple(tuple(_block_links(b, targets) for b in i) for i in block.items)
            )
        case Table():
            rows = tuple(tuple(_line_links(cell, targets) for cell in row) for row in block.rows)
            return replace(block, header=tuple(_line_links(c, targets) for c in block.header), rows=rows)
        case _:
            return block


def _line_links(line: tuple[Inline, ...], targets: set[str]) -> tuple[Inline, ...]:
    """Drop links to headings that the book does not have; their words stay."""
    if not any(isinstance(n, Text) and n.link for n in line):
        return line
    return tuple(
        replace(n, link=None)
        if isinstance(n, Text) and n.link and n.link.startswith("#") and n.link[1:] not in targets
        else n
        for n in line
    )


def language_of(manuscript: Manuscript) -> Language:
    """The manuscript's language, taken apart."""
    return read_language(manuscript.language)
