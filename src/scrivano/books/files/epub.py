"""EPUB 3.3."""

from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

from scrivano.books.files.book import language_of, read_book
from scrivano.books.files.clean import clean_text
from scrivano.books.files.epub_package import Page, navigation, new_page, old_contents, package, xml_bytes
from scrivano.books.files.epub_text import XhtmlWriter
from scrivano.books.files.languages import Language, chapter_label
from scrivano.books.files.manuscript import Cover, Manuscript
from scrivano.books.files.model import Book, Chapter, Heading, plain
from scrivano.books.files.print_data import copyright_page, names_itself
from scrivano.books.files.raster import portable
from scrivano.books.files.zipped import zip_bytes

_XHTML = "application/xhtml+xml"
_CONTAINER = (
    b'<?xml version="1.0" encoding="utf-8"?>\n'
    b'<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    b'<rootfile full-path="EPUB/content.opf" media-type="application/oebps-package+xml"/>'
    b"</rootfiles></container>"
)


def write_epub(manuscript: Manuscript, cover: Cover) -> bytes:
    """The book as EPUB 3.3 with `cover`; `facts` are in the package under the prefix `scrivano`.

    Raises what read_book raises. Pictures in formats that few readers know are brought to PNG.
    """
    language = language_of(manuscript)
    book = portable(read_book(manuscript), language)
    maker = _Maker(manuscript, book, language)
    pages = maker.pages(cover)
    entries = [("mimetype", b"application/epub+zip"), ("META-INF/container.xml", _CONTAINER)]
    entries += [("EPUB/content.opf", package(manuscript, book, language, pages))]
    entries += [(f"EPUB/{page.name}", page.data) for page in pages]
    return zip_bytes(entries, manuscript.date, stored=frozenset({"mimetype"}))


class _Maker:
    def __init__(self, manuscript: Manuscript, book: Book, language: Language) -> None:
        self._manuscript = manuscript
        self._book = book
        self._language = language
        self._files: dict[str, str] = {}
        for chapter in book.chapters:
            name = f"chapter-{chapter.number:03}.xhtml"
            self._files[chapter.id] = name
            self._files |= {b.id: f"{name}#{b.id}" for b in chapter.blocks if isinstance(b, Heading)}
        self._places: dict[int, dict[int, str]] = {}

    def pages(self, cover: Cover) -> list[Page]:
        labels = self._language.labels
        chapters = [self._chapter(c) for c in self._book.chapters]
        front = [
            self._cover(),
            self._title(),
            self._small("copyright", copyright_page(self._manuscript), "copyright-page"),
        ]
        back = [*self._bibliography(), *self._index()]
        if self._manuscript.colophon:
            back.append(self._small("colophon", self._manuscript.colophon, "colophon", labels.colophon))
        listed = [*front, *chapters, *back]
        nav = Page("text/nav.xhtml", _XHTML, navigation(listed, self._language, self._book), "", "nav", True)
        ncx = old_contents(listed, self._manuscript.identifier, self._book.title)
        style = (Path(__file__).parent / "templates" / "book.css").read_bytes()
        images = {image.name: image for image in self._book.images.values()}
        return [
            *front,
            nav,
            *chapters,
            *back,
            Page("toc.ncx", "application/x-dtbncx+xml", ncx),
            Page("style/book.css", "text/css", style),
            Page("images/cover.png", "image/png", cover.png, properties="cover-image"),
            *(Page(f"images/{name}", image.media_type, image.data) for name, image in sorted(images.items())),
        ]

    def _cover(self) -> Page:
        root, body = new_page(self._language, self._language.labels.cover, "cover", "cover")
        words = ". ".join(w for w in (self._book.title, self._book.subtitle, self._book.author) if w)
        SubElement(
            body, "img", {"src": "../images/cover.png", "alt": f"{self._language.labels.cover}: {words}"}
        )
        return self._page("cover", root, landmark="cover")

    def _title(self) -> Page:
        root, body = new_page(self._language, self._book.title, "titlepage", "front")
        SubElement(body, "p", {"class": "title", "epub:type": "title"}).text = self._book.title
        for kind in ("subtitle", "author"):
            words = str(getattr(self._book, kind))
            if words:
                SubElement(body, "p", {"class": kind}).text = words
        return self._page("title", root, landmark="titlepage")

    def _small(self, name: str, paragraphs: list[str], kind: str, listed: str = "") -> Page:
        root, body = new_page(self._language, listed or self._language.labels.copyright, kind, "small back")
        for paragraph in paragraphs:
            lines = clean_text(paragraph).strip().split("\n")
            element = SubElement(body, "p")
            element.text = lines[0]
            for line in lines[1:]:
                SubElement(element, "br").tail = line
        return self._page(name, root, listed)

    def _chapter(self, chapter: Chapter) -> Page:
        root, body = new_page(self._language, chapter.title, "bodymatter")
        section = SubElement(
            body, "section", {"epub:type": "chapter", "role": "doc-chapter", "id": chapter.id}
        )
        label = (
            ""
            if names_itself(chapter.title, self._language)
            else chapter_label(self._language, chapter.number)
        )
        if label:
            SubElement(section, "p", {"class": "kicker"}).text = label
        SubElement(section, "h1", {} if label else {"class": "plain"}).text = chapter.title
        writer = XhtmlWriter(self._book.images, lambda target: self._files[target])
        writer.chapter(section, chapter, self._language.labels.notes)
        for term, anchor in writer.marks:
            places = self._places.setdefault(term, {})
            places.setdefault(chapter.number, f"{self._files[chapter.id]}#{anchor}")
        headings = tuple(
            (b.id, plain(b.inlines)) for b in chapter.blocks if isinstance(b, Heading) and b.level == 2
        )
        landmark = "bodymatter" if chapter.number == 1 else ""
        title = f"{chapter.number}. {chapter.title}" if label else chapter.title
        return self._page(f"chapter-{chapter.number:03}", root, title, landmark, headings)

    def _bibliography(self) -> list[Page]:
        if not self._book.bibliography:
            return []
        root, section = self._back("bibliography", self._language.labels.bibliography)
        writer = XhtmlWriter(self._book.images, lambda target: self._files[target])
        for entry in self._book.bibliography:
            writer.line(SubElement(section, "p"), entry)
        return [self._page("bibliography", root, self._language.labels.bibliography, "bibliography")]

    def _index(self) -> list[Page]:
        if not self._places:
            return []
        root, section = self._back("index", self._language.labels.index)
        for term, words in enumerate(self._book.index):
            if not words or term not in self._places:
                continue
            element = SubElement(section, "p")
            # Pages do not exist here: the index points into chapters.
            element.text = f"{words}: {self._language.labels.chapter} "
            for at, (number, href) in enumerate(self._places[term].items()):
                if at:
                    element[-1].tail = ", "
                SubElement(element, "a", {"href": href}).text = str(number)
        return [self._page("index", root, self._language.labels.index, "index")]

    def _back(self, kind: str, title: str) -> tuple[Element, Element]:
        root, body = new_page(self._language, title, "backmatter")
        section = SubElement(body, "section", {"epub:type": kind, "class": "entries back"})
        SubElement(section, "h1", {"class": "plain"}).text = title
        return root, section

    def _page(
        self,
        name: str,
        root: Element,
        title: str = "",
        landmark: str = "",
        headings: tuple[tuple[str, str], ...] = (),
    ) -> Page:
        data = xml_bytes(root, doctype="<!DOCTYPE html>")
        return Page(f"text/{name}.xhtml", _XHTML, data, title, "", True, landmark, headings)
