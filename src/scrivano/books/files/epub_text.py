"""Blocks → XHTML elements. Text only ever becomes a text node, never markup."""

from collections.abc import Callable
from xml.etree.ElementTree import Element, SubElement

from scrivano.books.files.model import (
    Block,
    Chapter,
    Code,
    Figure,
    Heading,
    ImageFile,
    IndexMark,
    Inline,
    InlineImage,
    LineBreak,
    ListBlock,
    NoteRef,
    Paragraph,
    Quote,
    SceneBreak,
    Style,
    Table,
    Text,
)

_TAGS = ((Style.STRONG, "strong"), (Style.EMPHASIS, "em"), (Style.STRUCK, "del"), (Style.CODE, "code"))


class XhtmlWriter:
    """Writes the text of one chapter (or back-matter page) below given elements.

    `address` turns the id of a heading into a link that works from this file; `marks` collects the index
    places met, as (term, id).
    """

    def __init__(self, images: dict[str, ImageFile], address: Callable[[str], str]) -> None:
        self._images = images
        self._address = address
        self.marks: list[tuple[int, str]] = []

    def chapter(self, parent: Element, chapter: Chapter, notes_label: str) -> None:
        """The blocks of a chapter and, after them, its footnotes with links back."""
        self.blocks(parent, chapter.blocks, opening=True)
        if not chapter.notes:
            return
        section = SubElement(
            parent, "section", {"class": "notes", "epub:type": "footnotes", "aria-label": notes_label}
        )
        for number, note in enumerate(chapter.notes, 1):
            aside = SubElement(
                section, "aside", {"id": f"note.{number}", "epub:type": "footnote", "role": "doc-footnote"}
            )
            self.blocks(aside, note)
            last = aside[-1] if len(aside) and aside[-1].tag == "p" else SubElement(aside, "p")
            first = aside[0] if aside[0].tag == "p" else None
            if first is None:
                first = Element("p")
                aside.insert(0, first)
            mark = Element("span", {"class": "note-number"})
            mark.text = f"{number}."
            mark.tail = f" {first.text or ''}"
            first.text = None
            first.insert(0, mark)
            _add_text(last, " ")
            back = SubElement(last, "a", {"href": f"#ref.{number}", "role": "doc-backlink", "class": "back"})
            back.text = "\u21a9\ufe0e"

    def blocks(self, parent: Element, blocks: tuple[Block, ...], *, opening: bool = False) -> None:
        """Append `blocks` to `parent`; the first paragraph after anything else has no indent."""
        previous: Block | None = None
        for block in blocks:
            self._block(
                parent, block, flush=not isinstance(previous, Paragraph), opening=opening and previous is None
            )
            previous = block

    def _block(self, parent: Element, block: Block, *, flush: bool, opening: bool) -> None:
        match block:
            case Paragraph():
                kind = "first opening" if opening else "first" if flush else ""
                self.line(SubElement(parent, "p", {"class": kind} if kind else {}), block.inlines)
            case Heading():
                self.line(SubElement(parent, f"h{block.level}", {"id": block.id}), block.inlines)
            case Quote():
                self.blocks(SubElement(parent, "blockquote"), block.blocks)
            case ListBlock():
                self._list(parent, block)
            case Code():
                pre = SubElement(parent, "pre")
                code = SubElement(pre, "code", {"dir": "ltr"})
                # A line break right after <pre> would be dropped by HTML parsers.
                code.text = block.text
            case Table():
                self._table(parent, block)
            case Figure():
                figure = SubElement(parent, "figure")
                self._image(figure, block.key, block.alt)
                if block.caption:
                    SubElement(figure, "figcaption").text = block.caption
            case SceneBreak():
                SubElement(parent, "hr")

    def _list(self, parent: Element, block: ListBlock) -> None:
        attributes = {"class": "tight" if block.tight else "loose"}
        if block.start not in (None, 1):
            attributes["start"] = str(block.start)
        outer = SubElement(parent, "ul" if block.start is None else "ol", attributes)
        for item in block.items:
            element = SubElement(outer, "li")
            if block.tight and item and isinstance(item[0], Paragraph):
                self.line(element, item[0].inlines)
                self.blocks(element, item[1:])
            else:
                self.blocks(element, item)

    def _table(self, parent: Element, block: Table) -> None:
        # A wide table scrolls within its own box instead of leaving the page.
        box = SubElement(parent, "div", {"class": "table"})
        table = SubElement(box, "table")
        head = SubElement(SubElement(table, "thead"), "tr")
        for cell, align in zip(block.header, block.aligns, strict=True):
            self.line(SubElement(head, "th", {"scope": "col", **_align(align)}), cell)
        if not block.rows:
            return
        body = SubElement(table, "tbody")
        for row in block.rows:
            line = SubElement(body, "tr")
            for cell, align in zip(row, block.aligns, strict=True):
                self.line(SubElement(line, "td", _align(align)), cell)

    def line(self, parent: Element, inlines: tuple[Inline, ...]) -> None:
        """Append a line of text to `parent`."""
        open_link: tuple[str, Element] | None = None
        for node in inlines:
            link = node.link if isinstance(node, Text) else None
            if link is None:
                open_link = None
                self._inline(parent, node)
            else:
                if open_link is None or open_link[0] != link:
                    href = self._address(link[1:]) if link.startswith("#") else link
                    open_link = (link, SubElement(parent, "a", {"href": href}))
                self._inline(open_link[1], node)

    def _inline(self, parent: Element, node: Inline) -> None:
        match node:
            case Text():
                target = parent
                for flag, tag in _TAGS:
                    if flag in node.style:
                        target = SubElement(target, tag)
                if Style.LEAD in node.style:
                    target = SubElement(target, "span", {"class": "lead"})
                _add_text(target, node.text)
            case LineBreak():
                SubElement(parent, "br")
            case NoteRef():
                suffix = "" if node.again == 1 else f".{node.again}"
                attributes = {
                    "href": f"#note.{node.number}",
                    "id": f"ref.{node.number}{suffix}",
                    "epub:type": "noteref",
                    "role": "doc-noteref",
                }
                SubElement(SubElement(parent, "sup"), "a", attributes).text = str(node.number)
            case InlineImage():
                self._image(parent, node.key, node.alt)
            case IndexMark():
                anchor = f"place.{node.serial}"
                SubElement(parent, "span", {"id": anchor})
                self.marks.append((node.term, anchor))

    def _image(self, parent: Element, key: str, alt: str) -> None:
        image = self._images[key]
        attributes = {"src": f"../images/{image.name}", "alt": alt}
        SubElement(parent, "img", attributes if alt else {**attributes, "role": "presentation"})


def _align(align: str) -> dict[str, str]:
    return {"class": align} if align else {}


def _add_text(parent: Element, text: str) -> None:
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text
