"""The package document, the navigation document and the table of contents for old readers."""

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from scrivano.books.files.clean import clean_line
from scrivano.books.files.languages import Language
from scrivano.books.files.manuscript import Manuscript
from scrivano.books.files.model import Book
from scrivano.books.files.xmp import NAMESPACE, fact_items

OPS = "http://www.idpf.org/2007/ops"
XHTML = "http://www.w3.org/1999/xhtml"
_SHORT = re.compile(r"<(?!(?:br|hr|img|meta|link)\b)(\w+)((?: [^<>]*?)?) />")


@dataclass(frozen=True, slots=True)
class Page:
    """A file of the EPUB. `title` is its line in the contents (if any); `headings` are (id, words)."""

    name: str
    media_type: str
    data: bytes
    title: str = ""
    properties: str = ""
    in_spine: bool = False
    landmark: str = ""
    headings: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> str:
        """An identifier for manifest and spine."""
        return "f." + self.name.replace("/", ".")


def xml_bytes(root: Element, *, doctype: str = "") -> bytes:
    """Serialise with XML declaration. No whitespace is added: it would change text."""
    text = tostring(root, encoding="unicode")
    if doctype:
        # Readers that take XHTML for HTML would not see the end of a short <span/>.
        text = _SHORT.sub(r"<\1\2></\1>", text)
        text = f"{doctype}\n{text}"
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}'.encode()


def new_page(language: Language, title: str, kind: str, css_class: str = "") -> tuple[Element, Element]:
    """An XHTML page: (html, body). `kind` is the epub:type of the body."""
    root = Element(
        "html", {"xmlns": XHTML, "xmlns:epub": OPS, "lang": language.tag, "xml:lang": language.tag}
    )
    if language.right_to_left:
        root.set("dir", "rtl")
    head = SubElement(root, "head")
    SubElement(head, "meta", {"charset": "utf-8"})
    SubElement(head, "title").text = title
    SubElement(head, "link", {"rel": "stylesheet", "type": "text/css", "href": "../style/book.css"})
    body = SubElement(root, "body", {"epub:type": kind, **({"class": css_class} if css_class else {})})
    return root, body


def navigation(pages: list[Page], language: Language, book: Book) -> bytes:
    """nav.xhtml: contents with sections, and landmarks."""
    root, body = new_page(language, book.title, "frontmatter")
    toc = SubElement(body, "nav", {"epub:type": "toc", "id": "toc", "role": "doc-toc"})
    SubElement(toc, "h1", {"class": "plain"}).text = language.labels.contents
    outer = SubElement(toc, "ol")
    for page in pages:
        if not page.title:
            continue
        item = SubElement(outer, "li")
        SubElement(item, "a", {"href": page.name.removeprefix("text/")}).text = page.title
        if page.headings:
            inner = SubElement(item, "ol")
            for anchor, words in page.headings:
                line = SubElement(inner, "li")
                SubElement(line, "a", {"href": f"{page.name.removeprefix('text/')}#{anchor}"}).text = words
    marks = SubElement(body, "nav", {"epub:type": "landmarks", "hidden": "hidden", "id": "landmarks"})
    SubElement(marks, "h2").text = language.labels.contents
    outer = SubElement(marks, "ol")
    shown = [("toc", "nav.xhtml", language.labels.contents)]
    shown += [(p.landmark, p.name.removeprefix("text/"), p.title or book.title) for p in pages if p.landmark]
    for kind, href, words in shown:
        SubElement(SubElement(outer, "li"), "a", {"epub:type": kind, "href": href}).text = words
    return xml_bytes(root, doctype="<!DOCTYPE html>")


def old_contents(pages: list[Page], identifier: str, title: str) -> bytes:
    """toc.ncx, the contents that readers from before EPUB 3 look for."""
    root = Element("ncx", {"xmlns": "http://www.daisy.org/z3986/2005/ncx/", "version": "2005-1"})
    head = SubElement(root, "head")
    for name, content in (
        ("dtb:uid", identifier),
        ("dtb:depth", "1"),
        ("dtb:totalPageCount", "0"),
        ("dtb:maxPageNumber", "0"),
    ):
        SubElement(head, "meta", {"name": name, "content": content})
    SubElement(SubElement(root, "docTitle"), "text").text = title
    points = SubElement(root, "navMap")
    for number, page in enumerate((p for p in pages if p.title), 1):
        point = SubElement(points, "navPoint", {"id": f"point.{number}", "playOrder": str(number)})
        SubElement(SubElement(point, "navLabel"), "text").text = page.title
        SubElement(point, "content", {"src": page.name})
    return xml_bytes(root)


def package(manuscript: Manuscript, book: Book, language: Language, pages: list[Page]) -> bytes:
    """content.opf: metadata with accessibility and facts, manifest, spine."""
    root = Element(
        "package",
        {
            "xmlns": "http://www.idpf.org/2007/opf",
            "version": "3.0",
            "unique-identifier": "book-id",
            "xml:lang": language.tag,
            "prefix": f"scrivano: {NAMESPACE}",
        },
    )
    _metadata(
        SubElement(root, "metadata", {"xmlns:dc": "http://purl.org/dc/elements/1.1/"}),
        manuscript,
        book,
        language,
    )
    manifest = SubElement(root, "manifest")
    for page in pages:
        item = SubElement(manifest, "item", {"id": page.id, "href": page.name, "media-type": page.media_type})
        if page.properties:
            item.set("properties", page.properties)
    ncx = next(p.id for p in pages if p.name == "toc.ncx")
    spine = SubElement(root, "spine", {"toc": ncx})
    if language.right_to_left:
        spine.set("page-progression-direction", "rtl")
    for page in pages:
        if page.in_spine:
            SubElement(spine, "itemref", {"idref": page.id})
    indent(root)
    return xml_bytes(root)


def _metadata(parent: Element, manuscript: Manuscript, book: Book, language: Language) -> None:
    def dc(name: str, text: str, **attributes: str) -> None:
        SubElement(parent, f"dc:{name}", attributes).text = text

    def meta(name: str, text: str, refines: str = "") -> None:
        SubElement(
            parent, "meta", {"property": name, **({"refines": refines} if refines else {})}
        ).text = text

    dc("identifier", clean_line(manuscript.identifier), id="book-id")
    dc("title", book.title, id="title")
    meta("title-type", "main", "#title")
    if book.subtitle:
        dc("title", book.subtitle, id="subtitle")
        meta("title-type", "subtitle", "#subtitle")
    if book.author:
        dc("creator", book.author, id="author")
        meta("role", "aut", "#author")
    dc("language", language.tag)
    dc("date", manuscript.date.isoformat())
    meta("dcterms:modified", f"{manuscript.date.isoformat()}T00:00:00Z")
    if clean_line(manuscript.description):
        dc("description", clean_line(manuscript.description))
    for entry in [t for t in book.index if t][:12]:
        dc("subject", entry)
    SubElement(parent, "meta", {"name": "cover", "content": "f.images.cover.png"})
    for name, text in _accessibility(book):
        meta(f"schema:{name}", text)
    for name, text in fact_items(manuscript.facts):
        if text.strip():
            meta(f"scrivano:{name}", text)


def _accessibility(book: Book) -> list[tuple[str, str]]:
    modes = ["textual", "visual"] if book.images else ["textual"]
    features = ["structuralNavigation", "tableOfContents", "readingOrder", "displayTransformability"]
    if book.images:
        features.append("alternativeText")
    if book.index:
        features.append("index")
    pictures = " Its pictures have alternative text." if book.images else ""
    return [
        *(("accessMode", mode) for mode in modes),
        ("accessModeSufficient", "textual"),
        *(("accessibilityFeature", feature) for feature in features),
        ("accessibilityHazard", "none"),
        ("accessibilitySummary", f"A book of text with headings, contents and linked notes.{pictures}"),
    ]
