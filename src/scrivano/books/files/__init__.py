"""Typesetting: a manuscript in, the bytes of the book's files out. Nothing here knows of a database or a model."""

from scrivano.books.files.cover import draw_cover
from scrivano.books.files.docx import write_docx
from scrivano.books.files.epub import write_epub
from scrivano.books.files.fonts import check_characters
from scrivano.books.files.manuscript import (
    Cover,
    CoverDesign,
    CoverStyle,
    Manuscript,
    ManuscriptChapter,
    MissingCharacter,
    MissingCharacters,
    MissingImage,
    NothingToTypeset,
    TypesettingError,
    UnknownLanguage,
    UnknownTrim,
    UnusableImage,
)
from scrivano.books.files.markdown import write_markdown
from scrivano.books.files.pdf import write_pdf

__all__ = [
    "Cover",
    "CoverDesign",
    "CoverStyle",
    "Manuscript",
    "ManuscriptChapter",
    "MissingCharacter",
    "MissingCharacters",
    "MissingImage",
    "NothingToTypeset",
    "TypesettingError",
    "UnknownLanguage",
    "UnknownTrim",
    "UnusableImage",
    "check_characters",
    "draw_cover",
    "write_docx",
    "write_epub",
    "write_markdown",
    "write_pdf",
]
