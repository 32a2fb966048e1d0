"""Blocks → WordprocessingML: real styles, lists, tables, footnotes, fields."""

from dataclasses import dataclass, replace
from dataclasses import field as data_field
from xml.etree.ElementTree import Element

from scrivano.books.files.docx_xml import el, field, paragraph, raw, run
from scrivano.books.files.languages import Language
from scrivano.books.files.model import (
    Block,
    Book,
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

_EMU_PER_INCH = 914_400
_PIXELS_PER_INCH = 150
_LIST_INDENT = 360
_QUOTE_INDENT = 430


@dataclass(slots=True)
class Relations:
    """The outgoing links and images of one part: (target, kind) → id."""

    ids: dict[tuple[str, str], str] = data_field(default_factory=dict[tuple[str, str], str])

    def link(self, address: str) -> str:
        """The id of an outside address."""
        return self.ids.setdefault((address, "hyperlink"), f"rId{len(self.ids) + 1001}")

    def image(self, image: ImageFile) -> str:
        """The id of an image."""
        return self.ids.setdefault((f"media/{image.name}", "image"), f"rId{len(self.ids) + 1001}")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where blocks stand: list depth, indent in twentieths of a point, and the style of running text."""

    depth: int = -1
    indent: int = 0
    style: str = "BodyText"


@dataclass(slots=True)
class Numbering:
    """Ordered lists met so far, as the number at which each starts and its level; each counts by itself."""

    starts: list[tuple[int, int]] = data_field(default_factory=list[tuple[int, int]])

    BULLETS = 1

    def ordered(self, start: int, level: int) -> int:
        """The id of a new ordered list."""
        self.starts.append((start, level))
        return self.BULLETS + len(self.starts)


class DocxWriter:
    """Writes text into body and footnotes; `body` and `notes` collect what those parts refer to."""

    def __init__(self, book: Book, language: Language, width: float, bookmarks: dict[str, str]) -> None:
        self._book = book
        self._language = language
        self._width = width
        self._bookmarks = bookmarks
        self.body = Relations()
        self.note_relations = Relations()
        self.notes: list[Element] = []
        self.numbering = Numbering()
        self._relations = self.body
        self._ids = 0
        self._chapter: Chapter | None = None

    def next_id(self) -> str:
        """A number that no other bookmark or drawing has."""
        self._ids += 1
        return str(self._ids)

    def chapter(self, chapter: Chapter) -> list[Element]:
        """The blocks of a chapter; its footnotes are added to `notes`."""
        self._chapter = chapter
        return self.blocks(chapter.blocks, _Place())

    def blocks(self, blocks: tuple[Block, ...], place: _Place) -> list[Element]:
        out: list[Element] = []
        previous: Block | None = None
        for block in blocks:
            first = place.style == "BodyText" and not isinstance(previous, Paragraph)
            out.extend(self._block(block, replace(place, style="FirstParagraph") if first else place))
            previous = block
        return out

    def _block(self, block: Block, place: _Place) -> list[Element]:
        indent = [el("ind", left=place.indent)] if place.indent else []
        inner = "BodyText" if place.style == "FirstParagraph" else place.style
        match block:
            case Paragraph():
                return [paragraph(place.style, self.line(block.inlines), *indent)]
            case Heading():
                return [
                    paragraph(f"Heading{block.level}", self._anchored(block.id, self.line(block.inlines)))
                ]
            case Quote():
                return self.blocks(block.blocks, _Place(place.depth, place.indent + _QUOTE_INDENT, "Quote"))
            case ListBlock():
                return self._list(block, replace(place, style=inner))
            case Code():
                return [paragraph("Code", [run(block.text)], *indent)]
            case Table():
                # Two tables that touch would become one.
                return [self._table(block), el("p", el("pPr", el("pStyle", val="AfterTable")))]
            case Figure():
                picture = paragraph("Figure", [self._drawing(block.key, block.alt, inline=False)])
                return [picture, *([paragraph("Caption", [run(block.caption)])] if block.caption else [])]
            case SceneBreak():
                return [paragraph("SceneBreak", [run("∗\u2003∗\u2003∗")])]

    def _list(self, block: ListBlock, place: _Place) -> list[Element]:
        level = min(place.depth + 1, 8)
        number = Numbering.BULLETS if block.start is None else self.numbering.ordered(block.start, level)
        indent = place.indent + _LIST_INDENT
        inside = _Place(level, indent, "ListContinue")
        out: list[Element] = []
        for item in block.items:
            mark = el("numPr", el("ilvl", val=level), el("numId", val=number))
            shape = [mark, el("ind", left=indent, hanging=_LIST_INDENT - 60)]
            if not block.tight:
                shape.insert(1, el("spacing", after=110))
            head, rest = (item[0], item[1:]) if item and isinstance(item[0], Paragraph) else (None, item)
            words = self.line(head.inlines) if isinstance(head, Paragraph) else []
            out.append(paragraph("ListParagraph", words, *shape))
            out.extend(self.blocks(rest, inside))
        return out

    def _table(self, block: Table) -> Element:
        count = len(block.header)
        share = round(self._width * 1440 / count)
        table = el(
            "tbl",
            el(
                "tblPr",
                el("tblStyle", val="BookTable"),
                *([el("bidiVisual")] if self._language.right_to_left else []),
                el("tblW", w=0, type="auto"),
                el("jc", val="center"),
                el(
                    "tblLook",
                    val="0420",
                    firstRow=1,
                    lastRow=0,
                    firstColumn=0,
                    lastColumn=0,
                    noHBand=0,
                    noVBand=1,
                ),
            ),
            el("tblGrid", *(el("gridCol", w=share) for _ in range(count))),
        )
        for at, row in enumerate((block.header, *block.rows)):
            line = el("tr", el("trPr", el("cantSplit"), *([el("tblHeader")] if at == 0 else [])))
            for cell, align in zip(row, block.aligns, strict=True):
                jc = (
                    [el("jc", val={"right": "right", "center": "center"}.get(align, "left"))] if align else []
                )
                words = paragraph("TableText", self.line(cell), *jc)
                line.append(el("tc", el("tcPr", el("tcW", w=0, type="auto")), words))
            table.append(line)
        return table

    def line(self, inlines: tuple[Inline, ...]) -> list[Element]:
        """The runs of a line of text."""
        out: list[Element] = []
        for node in inlines:
            match node:
                case Text():
                    out.append(self._linked(node))
                case LineBreak():
                    out.append(el("r", el("br")))
                case NoteRef():
                    out.extend(self._note(node))
                case InlineImage():
                    out.append(self._drawing(node.key, node.alt, inline=True))
                case IndexMark():
                    out.extend(field(f'XE "{_field_text(self._book.index[node.term])}"', []))
        return out

    def _linked(self, node: Text) -> Element:
        if node.link is None:
            return self._run(node)
        words = self._run(node, el("rStyle", val="Hyperlink"))
        if node.link.startswith("#"):
            return el("hyperlink", words, anchor=self._bookmarks[node.link[1:]])
        return raw("w:hyperlink", {"r:id": self._relations.link(node.link)}, words)

    def _run(self, node: Text, *before: Element) -> Element:
        # The schema wants these in this order.
        properties = list(before)
        if Style.CODE in node.style and not before:
            properties.append(el("rStyle", val="CodeText"))
        if Style.STRONG in node.style:
            properties += [el("b"), el("bCs")]
        if Style.EMPHASIS in node.style:
            properties += [el("i"), el("iCs")]
        if Style.LEAD in node.style:
            properties.append(el("smallCaps"))
        if Style.STRUCK in node.style:
            properties.append(el("strike"))
        if self._language.right_to_left and not node.text.isascii():
            properties.append(el("rtl"))
        return run(node.text, *properties)

    def _note(self, node: NoteRef) -> list[Element]:
        assert self._chapter is not None
        mark = f"note_{self._chapter.number}_{node.number}"
        look = el("rPr", el("rStyle", val="FootnoteReference"))
        if node.again > 1:
            return field(f"NOTEREF {mark} \\f \\h", [el("r", look, raw("w:t", {}, text=str(node.number)))])
        number = len(self.notes) + 1
        self._relations = self.note_relations
        content = self.blocks(self._chapter.notes[node.number - 1], _Place(style="FootnoteText"))
        self._relations = self.body
        if not content or content[0].tag != "w:p":
            content.insert(0, paragraph("FootnoteText", []))
        reference = [el("r", el("rPr", el("rStyle", val="FootnoteReference")), el("footnoteRef")), run(" ")]
        for at, piece in enumerate(reference, 1):
            content[0].insert(at, piece)
        self.notes.append(el("footnote", *content, id=number))
        anchor = self.next_id()
        return [
            el("bookmarkStart", id=anchor, name=mark),
            el("r", look, el("footnoteReference", id=number)),
            el("bookmarkEnd", id=anchor),
        ]

    def _anchored(self, target: str, content: list[Element]) -> list[Element]:
        return self.anchored(self._bookmarks[target], content)

    def anchored(self, name: str, content: list[Element]) -> list[Element]:
        """`content` with a bookmark around it."""
        number = self.next_id()
        return [el("bookmarkStart", id=number, name=name), *content, el("bookmarkEnd", id=number)]

    def _drawing(self, key: str, alt: str, *, inline: bool) -> Element:
        image = self._book.images[key]
        width = min(image.width / _PIXELS_PER_INCH, self._width)
        if inline:
            width = min(width, 0.16 * image.width / image.height)
        # Higher than a page's text it would be cut off.
        width = min(width, 6.0 * image.width / image.height)
        size = {"cx": str(max(1, round(width * _EMU_PER_INCH)))}
        size["cy"] = str(max(1, round(width * image.height / image.width * _EMU_PER_INCH)))
        number = self.next_id()
        names = {"id": number, "name": f"Picture {number}", "descr": alt}
        graphic = {"uri": "http://schemas.openxmlformats.org/drawingml/2006/picture"}
        picture = raw(
            "pic:pic",
            {},
            raw("pic:nvPicPr", {}, raw("pic:cNvPr", names), raw("pic:cNvPicPr", {})),
            raw(
                "pic:blipFill",
                {},
                raw("a:blip", {"r:embed": self._relations.image(image)}),
                raw("a:stretch", {}, raw("a:fillRect", {})),
            ),
            raw(
                "pic:spPr",
                {},
                raw("a:xfrm", {}, raw("a:off", {"x": "0", "y": "0"}), raw("a:ext", size)),
                raw("a:prstGeom", {"prst": "rect"}, raw("a:avLst", {})),
            ),
        )
        return el(
            "r",
            el(
                "drawing",
                raw(
                    "wp:inline",
                    dict.fromkeys(("distT", "distB", "distL", "distR"), "0"),
                    raw("wp:extent", size),
                    raw("wp:docPr", names),
                    raw("a:graphic", {}, raw("a:graphicData", graphic, picture)),
                ),
            ),
        )


def _field_text(text: str) -> str:
    """`text` for use within the quotation marks of a field."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace(":", "\\:")
