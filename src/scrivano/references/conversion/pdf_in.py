"""PDF files as references: lines as PDFium finds them, put together to headings and paragraphs.

A PDF knows neither. Headings are lines in larger letters than most of the text; a paragraph ends where the next
line begins indented, further down, or after a short line that ends a sentence. Lines that return at the edge of many
pages are running heads and are left out, as are page numbers.
"""

import ctypes
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import pypdfium2
from pypdfium2 import raw as pdfium

from scrivano.references.conversion.refusal import DAMAGED, Refused
from scrivano.references.markdown_in import escape

MAX_PAGES = 5000
MAX_CHARACTERS = 20_000_000

_PASSWORD = "password"
_SOFT = "\x02\ufffe\xad"
_LARGER = 1.12
_HEADING_LEVELS = 3
_LONGEST_HEADING = 150
_RETURNING = 0.3
_ENDS = (".", "!", "?", "…", ":", "”", '"', "»", "。", "！", "？")
_NUMBER = re.compile(r"[\W_]*(?:\d{1,5}|[ivxlcIVXLC]{1,7})[\W_]*$")
_BULLET = re.compile(r"[•●◦▪‣·]\s*(?=\S)|[-–*]\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class _Line:
    """`size` in points, 0 if unknown; `left` and `top` in points from the lower left corner of the page."""

    text: str
    page: int
    size: float
    left: float
    top: float


def pdf_to_markdown(raw: bytes) -> tuple[str, list[int]]:
    """The text of a PDF file as Markdown, and for each page the offset in it at which the page begins.

    Raises Refused for what is locked, damaged, too long or holds pictures only.
    """
    try:
        document = pypdfium2.PdfDocument(raw)
    except pypdfium2.PdfiumError as error:
        if _PASSWORD in str(error).lower():
            raise Refused(
                "The PDF file is locked with a password.", "Save a copy without the password."
            ) from error
        raise Refused(DAMAGED.format(kind="PDF")) from error
    pages = _pages(document)
    if not any(pages):
        raise Refused(
            "The PDF file holds no text; its pages seem to be pictures.",
            "Run text recognition over it first, then upload the result.",
        )
    return _to_markdown(_without_running_heads(pages))


def _pages(document: pypdfium2.PdfDocument) -> list[list[_Line]]:
    count = len(document)
    if count > MAX_PAGES:
        raise Refused(
            f"The PDF file has {count:,} pages; at most {MAX_PAGES:,} are read.",
            "Split it into several files.",
        )
    pages: list[list[_Line]] = []
    characters = unreadable = 0
    for number in range(count):
        try:
            lines = list(_lines(document, number))
        except pypdfium2.PdfiumError:
            lines = []
            unreadable += 1
        characters += sum(len(line.text) for line in lines)
        if characters > MAX_CHARACTERS:
            raise Refused(
                f"The PDF file holds more than {MAX_CHARACTERS // 1_000_000} million characters.",
                "Split it into several files.",
            )
        pages.append(lines)
    if count == 0 or unreadable == count:
        raise Refused(DAMAGED.format(kind="PDF"))
    return pages


def _lines(document: pypdfium2.PdfDocument, number: int) -> Iterator[_Line]:
    page = document[number]
    try:
        text_page = page.get_textpage()
        try:
            at = 0
            for line in text_page.get_text_range().split("\r\n"):
                lead = len(line) - len(line.lstrip())
                if line.strip():
                    size, left, top = _place(text_page, at + lead)
                    yield _Line(line.strip(), number, size, left, top)
                at += len(line) + 2
        finally:
            text_page.close()
    finally:
        page.close()


def _place(text_page: pypdfium2.PdfTextPage, index: int) -> tuple[float, float, float]:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    found = pdfium.FPDFText_GetCharBox(text_page.raw, index, left, right, bottom, top)
    size = float(pdfium.FPDFText_GetFontSize(text_page.raw, index))
    # Some programs set a size of 1 and scale the page: then the letter's height is all that tells.
    if size <= 2.0 and found:
        size = (top.value - bottom.value) * 1.4
    return (round(size, 1), left.value, bottom.value) if found else (round(size, 1), 0.0, 0.0)


def _without_running_heads(pages: Sequence[list[_Line]]) -> list[list[_Line]]:
    edges = Counter(
        key for lines in pages for key in {_edge_key(line.text) for line in [*lines[:1], *lines[-1:]]} if key
    )
    least = max(3, int(len(pages) * _RETURNING))
    returning = {key for key, times in edges.items() if times >= least}

    def dropped(line: _Line) -> bool:
        return _edge_key(line.text) in returning or bool(_NUMBER.match(line.text))

    kept: list[list[_Line]] = []
    for lines in pages:
        first, last = 0, len(lines)
        while first < last and first < 2 and dropped(lines[first]):
            first += 1
        while last > first and len(lines) - last < 2 and dropped(lines[last - 1]):
            last -= 1
        kept.append(lines[first:last])
    return kept


def _edge_key(text: str) -> str:
    return re.sub(r"[\d\W_]+", " ", text).strip().casefold()


def _to_markdown(pages: Sequence[Sequence[_Line]]) -> tuple[str, list[int]]:
    lines = [line for page in pages for line in page]
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    larger = sorted({line.size for line in lines if line.size > body * _LARGER and body}, reverse=True)
    levels = {size: min(_HEADING_LEVELS, number) for number, size in enumerate(larger, 1)}
    out: list[str] = []
    starts: dict[int, int] = {}
    length = 0
    for block in _blocks(lines, levels):
        text = _written(block, levels)
        if not text:
            continue
        for line in block:
            starts.setdefault(line.page, length)
        out.append(text)
        length += len(text) + 2
    return "\n\n".join(out), _page_starts(starts, len(pages), length)


def _page_starts(starts: dict[int, int], count: int, length: int) -> list[int]:
    """Offsets for every page; an empty page begins where the next one does."""
    offsets: list[int] = []
    after = max(0, length - 2)
    for page in reversed(range(count)):
        after = starts.get(page, after)
        offsets.append(after)
    return offsets[::-1]


def _blocks(lines: Sequence[_Line], levels: dict[float, int]) -> Iterator[list[_Line]]:
    steps = [a.top - b.top for a, b in pairwise(lines) if a.page == b.page and a.top > b.top]
    step = median(steps) if steps else 0.0
    widths = sorted(len(line.text) for line in lines if line.size not in levels)
    width = widths[int(len(widths) * 0.8)] if widths else 0
    block: list[_Line] = []
    for line in lines:
        if block and _begins(block, line, levels, step, width):
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _begins(block: Sequence[_Line], line: _Line, levels: dict[float, int], step: float, width: int) -> bool:
    last = block[-1]
    if levels.get(last.size) != levels.get(line.size):
        return True
    if last.size in levels:
        return last.page != line.page or last.top - line.top > 2.2 * last.size
    if _BULLET.match(line.text):
        return True
    ended = last.text.rstrip().endswith(_ENDS)
    if last.page != line.page:
        return ended
    if step and last.top - line.top > 1.45 * step:
        return True
    indented = line.left - min(entry.left for entry in block[-2:]) > 6
    return ended and (indented or len(last.text) < 0.75 * width)


def _written(block: Sequence[_Line], levels: dict[float, int]) -> str:
    text = ""
    for line in block:
        text = _joined(text, line.text)
    # PDFium marks the hyphen of a word that it has put together again itself.
    text = "".join(c for c in text if c not in _SOFT)
    level = levels.get(block[0].size)
    if level and len(text) <= _LONGEST_HEADING and any(c.isalpha() for c in text):
        return f"{'#' * level} {escape(text)}"
    if match := _BULLET.match(text):
        return f"- {escape(text[match.end() :])}"
    return escape(text)


def _joined(text: str, more: str) -> str:
    """`more` after `text`, with a word that was divided at the line's end made whole."""
    if not text:
        return more
    if text[-1] in _SOFT:
        return text[:-1] + more
    if text[-1] in "-‐" and len(text) > 1 and text[-2].isalpha() and more[:1].islower():
        return text[:-1] + more
    return f"{text} {more}"


def page_of(starts: Sequence[int], offset: int) -> int | None:
    """The page, from 1, on which `offset` lies; None where there are no pages."""
    return bisect_right(starts, offset) if starts else None
