"""The print book: PDF/UA-1 and PDF/A-2a."""

import asyncio
import base64
import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scrivano.books.files.book import language_of, read_book
from scrivano.books.files.fonts import check_book_characters, showable_capitals
from scrivano.books.files.manuscript import Manuscript, MissingCharacters
from scrivano.books.files.print_data import is_cased, print_data
from scrivano.books.files.trims import GUTTERS, WIDEST_GUTTER, read_trim
from scrivano.books.files.typesetter import new_job, typeset
from scrivano.books.files.xmp import with_facts

_WORDS_PER_PAGE = 330
_STANDARDS = ["a-2a", "ua-1"]


async def write_pdf(manuscript: Manuscript, *, font_dirs: Sequence[Path] = ()) -> bytes:
    """Typeset the print book; `font_dirs` are folders with further fonts (font packs).

    Pages are in trim size with mirrored margins, tagged for screen readers, with `facts` in the XMP metadata.
    The work is done in a process of its own; cancelling ends it. Raises MissingCharacters before anything
    is set, what read_book and read_trim raise, UnusableImage, or TypesettingError.
    """
    # Reading a long book takes a second of processor time, in which the loop must go on.
    job = await asyncio.to_thread(_job, manuscript, font_dirs)
    result = await typeset(job)
    return await asyncio.to_thread(with_facts, base64.b64decode(result["pdf"]), manuscript)


def _job(manuscript: Manuscript, font_dirs: Sequence[Path]) -> dict[str, Any]:
    """Read and check the manuscript and put together what the typesetter's process needs."""
    language = language_of(manuscript)
    look = read_trim(manuscript.trim)
    book = read_book(manuscript)
    missing = check_book_characters(manuscript, book, font_dirs)
    if missing:
        raise MissingCharacters(missing)

    def capitals(text: str) -> str:
        return showable_capitals(text, language, font_dirs) if is_cased(language) else text

    data = print_data(manuscript, book, language, look, capitals)
    files = {image.name: image.data for image in book.images.values()}
    words = sum(len(chapter.markdown.split()) for chapter in manuscript.chapters)
    return new_job("book", data, language, files, font_dirs, timestamp_of(manuscript)) | {
        "gutters": [*GUTTERS, (10**9, WIDEST_GUTTER)],
        "pages_guess": words // _WORDS_PER_PAGE,
        "standards": _STANDARDS,
    }


def timestamp_of(manuscript: Manuscript) -> int:
    """Midnight UTC of the manuscript's date, in seconds since 1970."""
    return int(dt.datetime.combine(manuscript.date, dt.time(), dt.UTC).timestamp())
