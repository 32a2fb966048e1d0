"""The book as one Markdown file."""

import base64
import re

import yaml

from scrivano.books.files.book import language_of, read_book
from scrivano.books.files.clean import clean_line, clean_text
from scrivano.books.files.languages import Language
from scrivano.books.files.manuscript import Manuscript
from scrivano.books.files.markdown_text import MarkdownBlocks, heading_text, plain_line
from scrivano.books.files.model import Book, Inline, Style, Text
from scrivano.books.files.parse import MarkdownReader
from scrivano.books.files.print_data import copyright_page
from scrivano.books.files.raster import portable

_NOTE_MARK = re.compile(r"\[\^\d+-\d+\]")


def write_markdown(manuscript: Manuscript) -> bytes:
    """One file in CommonMark with tables and footnotes: YAML front matter, a first-level heading per chapter.

    It reads back as the same text: quotation marks are left as they were written, HTML stays escaped, images
    are inside as data addresses. Raises what read_book raises.
    """
    language = language_of(manuscript)
    book = portable(read_book(manuscript, curly=False, lead=False), language)
    writer = _BookWriter(book, language)
    sections = [_front_matter(manuscript, book), *writer.chapters()]
    if book.bibliography:
        sections.append(f"# {language.labels.bibliography}\n\n" + "\n".join(writer.entries()))
    colophon = [plain_line(clean_line(p)) for p in manuscript.colophon if clean_line(p)]
    if colophon:
        sections.append(f"# {language.labels.colophon}\n\n" + "\n\n".join(colophon))
    sections.extend(writer.images())
    return ("\n\n".join(sections) + "\n").encode()


def _front_matter(manuscript: Manuscript, book: Book) -> str:
    head = {
        "title": book.title,
        "subtitle": book.subtitle,
        "author": book.author,
        "lang": manuscript.language,
        "date": manuscript.date.isoformat(),
        "identifier": clean_line(manuscript.identifier),
        "description": clean_line(manuscript.description),
        "rights": [clean_text(p) for p in copyright_page(manuscript)],
        "keywords": [term for term in book.index if term],
        "facts": manuscript.facts,
    }
    text = yaml.safe_dump(
        {k: v for k, v in head.items() if v},
        allow_unicode=True,
        sort_keys=False,
        width=100,
        default_flow_style=False,
    )
    return f"---\n{text}---"


class _BookWriter:
    def __init__(self, book: Book, language: Language) -> None:
        self._book = book
        self._reader = MarkdownReader(language, curly=False)
        self._labels: dict[tuple[str, str], str] = {}

    def chapters(self) -> list[str]:
        out: list[str] = []
        for chapter in self._book.chapters:
            blocks = MarkdownBlocks(lambda n, c=chapter.number: f"{c}-{n}", self._image, self._same)
            lines = [
                f"# {heading_text(plain_line(chapter.title))}",
                "",
                *blocks.lines(chapter.blocks),
            ]
            for number, note in enumerate(chapter.notes, 1):
                content = blocks.lines(note) or [""]
                lines += ["", f"[^{chapter.number}-{number}]: {content[0]}".rstrip()]
                lines += [f"    {line}".rstrip() for line in content[1:]]
            out.append("\n".join(lines))
        return out

    def entries(self) -> list[str]:
        blocks = MarkdownBlocks(str, self._image, self._same)
        return [f"- {blocks.line(entry)}" for entry in self._book.bibliography]

    def images(self) -> list[str]:
        out: list[str] = []
        for (key, caption), label in self._labels.items():
            image = self._book.images[key]
            title = ' "' + caption.replace("\\", "\\\\").replace('"', '\\"') + '"' if caption else ""
            out.append(
                f"[{label}]: data:{image.media_type};base64,{base64.b64encode(image.data).decode()}{title}"
            )
        return out

    def _image(self, key: str, caption: str) -> str:
        return self._labels.setdefault((key, caption), f"image-{len(self._labels) + 1}")

    def _same(self, written: str, inlines: tuple[Inline, ...]) -> bool:
        return _letters(self._reader.line(written)) == _letters(inlines)


def _letters(inlines: tuple[Inline, ...]) -> list[tuple[str, Style, str | None]]:
    """Each letter with its look. Marks of notes are left out: a single line does not know its notes."""
    letters = [(c, n.style, n.link) for n in inlines if isinstance(n, Text) for c in n.text]
    words = "".join(c for c, _, _ in letters)
    marks = {at for match in _NOTE_MARK.finditer(words) for at in range(*match.span())}
    return [letter for at, letter in enumerate(letters) if at not in marks]
