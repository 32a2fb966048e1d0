"""The book as a Word document that an editor can work in."""

from xml.etree.ElementTree import Element

from scrivano.books.files.book import language_of, read_book
from scrivano.books.files.clean import clean_line, clean_text
from scrivano.books.files.docx_parts import (
    content_types,
    footnotes,
    heads,
    numbering,
    relations,
    settings,
    styles,
)
from scrivano.books.files.docx_text import DocxWriter
from scrivano.books.files.docx_xml import el, field, paragraph, part, raw, run, xml_part
from scrivano.books.files.languages import Language, chapter_label
from scrivano.books.files.manuscript import Manuscript
from scrivano.books.files.model import Book, Chapter, Heading, IndexMark, every_block, lines_of, plain
from scrivano.books.files.print_data import copyright_page, names_itself
from scrivano.books.files.raster import portable
from scrivano.books.files.trims import Look, gutter_for, read_trim
from scrivano.books.files.zipped import zip_bytes

_HEADS = {
    "rIdEven": ("header", "header-even.xml"),
    "rIdOdd": ("header", "header-odd.xml"),
    "rIdNone": ("header", "header-none.xml"),
    "rIdFoot": ("footer", "footer-none.xml"),
    "rIdFirst": ("footer", "footer-first.xml"),
}
_WORDS_PER_PAGE = 330


def write_docx(manuscript: Manuscript) -> bytes:
    """The book as DOCX: named styles, real footnotes, tables, pictures, contents and index as fields.

    Page numbers in contents and index appear once the reading program has laid out the pages. Raises what
    read_book and read_trim raise.
    """
    language = language_of(manuscript)
    look = read_trim(manuscript.trim)
    book = portable(read_book(manuscript), language)
    words = sum(len(chapter.markdown.split()) for chapter in manuscript.chapters)
    maker = _Maker(manuscript, book, language, look, gutter_for(words // _WORDS_PER_PAGE))
    document = maker.document()
    writer = maker.writer
    office = {
        "rIdStyles": ("styles", "styles.xml"),
        "rIdNumbers": ("numbering", "numbering.xml"),
        "rIdSettings": ("settings", "settings.xml"),
        "rIdNotes": ("footnotes", "footnotes.xml"),
        **_HEADS,
    }
    core = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
    entries = {
        "[Content_Types].xml": content_types(),
        "_rels/.rels": relations(
            {"rId1": ("officeDocument", "word/document.xml"), "rId2": (core, "docProps/core.xml")}
        ),
        "docProps/core.xml": _core(manuscript, book, language),
        "word/document.xml": part(document),
        "word/_rels/document.xml.rels": relations(office, writer.body),
        "word/styles.xml": styles(language, look),
        "word/numbering.xml": numbering(writer.numbering),
        "word/settings.xml": settings(),
        "word/footnotes.xml": footnotes(writer.notes),
        "word/_rels/footnotes.xml.rels": relations({}, writer.note_relations),
        **{f"word/{name}": data for name, data in heads(book.title, maker.width).items()},
        **{f"word/media/{i.name}": i.data for i in sorted(book.images.values(), key=lambda i: i.name)},
    }
    return zip_bytes(entries.items(), manuscript.date)


class _Maker:
    def __init__(
        self, manuscript: Manuscript, book: Book, language: Language, look: Look, gutter: float
    ) -> None:
        self._manuscript = manuscript
        self._book = book
        self._language = language
        self._look = look
        self._gutter = gutter
        self.width = look.width - gutter - look.inside - look.outside
        targets = [c.id for c in book.chapters]
        targets += [b.id for c in book.chapters for b in c.blocks if isinstance(b, Heading)]
        self._bookmarks = {target: f"s{number}" for number, target in enumerate(targets, 1)}
        self.writer = DocxWriter(book, language, self.width, self._bookmarks)

    def document(self) -> Element:
        body = el("body", *self._front())
        sections = [self._chapter(chapter) for chapter in self._book.chapters]
        sections += self._back()
        for at, content in enumerate(sections):
            body.extend(content)
            last = at == len(sections) - 1
            shape = self._section(numbers="decimal", start=1 if at == 0 else None)
            # The last section's shape stands at the end of the body, every other one in its last paragraph.
            body.append(shape if last else el("p", el("pPr", el("pStyle", val="AfterTable"), shape)))
        return el("document", body)

    def _front(self) -> list[Element]:
        page_break = el("p", el("r", el("br", type="page")))
        out = [
            paragraph("HalfTitle", [run(self._book.title)]),
            page_break,
            paragraph("BodyText", []),
            page_break,
        ]
        out.append(paragraph("Title", [run(self._book.title)]))
        if self._book.subtitle:
            out.append(paragraph("Subtitle", [run(self._book.subtitle)]))
        if self._book.author:
            out.append(paragraph("Author", [run(self._book.author)]))
        out.append(page_break)
        out += [self._small(p) for p in copyright_page(self._manuscript)]
        out.append(
            el("p", el("pPr", el("pStyle", val="AfterTable"), self._section(numbers="lowerRoman", bare=True)))
        )
        out += self._contents()
        out.append(el("p", el("pPr", el("pStyle", val="AfterTable"), self._section(numbers="lowerRoman"))))
        return out

    def _contents(self) -> list[Element]:
        title = paragraph("Kicker", [run(self._language.labels.contents)])
        entries = [entry for chapter in self._book.chapters for entry in self._entries(chapter)]
        opening = field('TOC \\o "1-2" \\h \\z \\u', [], dirty=True)
        # The field begins in the first entry and ends in the last one.
        for position, piece in enumerate(opening[:-1], 1):
            entries[0].insert(position, piece)
        entries[-1].append(opening[-1])
        return [title, *entries]

    def _entries(self, chapter: Chapter) -> list[Element]:
        def entry(style: str, target: str, words: str) -> Element:
            return paragraph(style, [el("hyperlink", run(words), anchor=self._bookmarks[target])])

        label = self._label(chapter)
        first = entry("TOC1", chapter.id, f"{chapter.number}. {chapter.title}" if label else chapter.title)
        inner = [b for b in chapter.blocks if isinstance(b, Heading) and b.level == 2]
        return [first, *(entry("TOC2", b.id, plain(b.inlines)) for b in inner)]

    def _label(self, chapter: Chapter) -> str:
        return (
            ""
            if names_itself(chapter.title, self._language)
            else chapter_label(self._language, chapter.number)
        )

    def _chapter(self, chapter: Chapter) -> list[Element]:
        label = self._label(chapter)
        kicker = [paragraph("Kicker", [run(label)])] if label else []
        title = self.writer.anchored(self._bookmarks[chapter.id], [run(chapter.title)])
        return [*kicker, paragraph("Heading1", title), *self.writer.chapter(chapter)]

    def _back(self) -> list[list[Element]]:
        labels = self._language.labels
        out: list[list[Element]] = []
        if self._book.bibliography:
            lines = [paragraph("Entry", self.writer.line(entry)) for entry in self._book.bibliography]
            out.append([paragraph("Heading1", [run(labels.bibliography)]), *lines])
        places = _index_places(self._book)
        if places:
            out.append([paragraph("Heading1", [run(labels.index)]), *self._index(places)])
        colophon = [p for p in self._manuscript.colophon if clean_line(p)]
        if colophon:
            out.append([self._small(p) for p in colophon])
        return out

    def _index(self, places: dict[int, list[int]]) -> list[Element]:
        word = self._language.labels.chapter
        lines = [
            paragraph("Entry", [run(f"{self._book.index[term]}: {word} {', '.join(map(str, chapters))}")])
            for term, chapters in sorted(places.items())
        ]
        opening = field('INDEX \\c "2"', [], dirty=True)
        for position, piece in enumerate(opening[:-1], 1):
            lines[0].insert(position, piece)
        lines[-1].append(opening[-1])
        return lines

    def _small(self, text: str) -> Element:
        return paragraph("Small", [run(clean_text(text).strip())])

    def _section(self, *, numbers: str, start: int | None = None, bare: bool = False) -> Element:
        look = self._look

        def twips(inches: float) -> int:
            return round(inches * 1440)

        kinds = {
            "even": "rIdNone" if bare else "rIdEven",
            "default": "rIdNone" if bare else "rIdOdd",
            "first": "rIdNone",
        }
        feet = {"even": "rIdFoot", "default": "rIdFoot", "first": "rIdFoot" if bare else "rIdFirst"}
        shape = el("sectPr")
        shape.extend(raw("w:headerReference", {"w:type": kind, "r:id": name}) for kind, name in kinds.items())
        shape.extend(raw("w:footerReference", {"w:type": kind, "r:id": name}) for kind, name in feet.items())
        shape.append(el("footnotePr", el("numRestart", val="eachSect")))
        shape.append(el("type", val="oddPage"))
        shape.append(el("pgSz", w=twips(look.width), h=twips(look.height)))
        shape.append(
            el(
                "pgMar",
                top=twips(look.top),
                right=twips(look.outside),
                bottom=twips(look.bottom),
                left=twips(look.inside),
                header=twips(look.top * 0.55),
                footer=twips(look.bottom * 0.5),
                gutter=twips(self._gutter),
            )
        )
        shape.append(el("pgNumType", fmt=numbers, **({"start": start} if start else {})))
        shape.append(el("titlePg"))
        if self._language.right_to_left:
            shape.extend([el("bidi"), el("rtlGutter")])
        return shape


def _index_places(book: Book) -> dict[int, list[int]]:
    """The numbers of the chapters in which each index term stands."""
    places: dict[int, list[int]] = {}
    for chapter in book.chapters:
        lines = [line for block in every_block(chapter.blocks) for line in lines_of(block)]
        for term in sorted({n.term for line in lines for n in line if isinstance(n, IndexMark)}):
            places.setdefault(term, []).append(chapter.number)
    return places


def _core(manuscript: Manuscript, book: Book, language: Language) -> bytes:
    root = raw(
        "cp:coreProperties",
        {
            "xmlns:cp": "http://schemas.openxmlformats.org/package/2006/metadata/core-properties",
            "xmlns:dc": "http://purl.org/dc/elements/1.1/",
            "xmlns:dcterms": "http://purl.org/dc/terms/",
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
        },
    )
    texts = {
        "dc:title": book.title,
        "dc:subject": book.subtitle,
        "dc:creator": book.author,
        "dc:language": language.tag,
        "dc:description": clean_line(manuscript.description),
        "dc:identifier": clean_line(manuscript.identifier),
    }
    root.extend(raw(name, {}, text=text) for name, text in texts.items() if text)
    stamp = f"{manuscript.date.isoformat()}T00:00:00Z"
    for name in ("dcterms:created", "dcterms:modified"):
        root.append(raw(name, {"xsi:type": "dcterms:W3CDTF"}, text=stamp))
    return xml_part(root)
