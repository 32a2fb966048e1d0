"""What other rooms may use of books."""

from scrivano.books.brief import load_brief, parse_brief
from scrivano.books.dto import BookOutline, Brief
from scrivano.books.service import Books, BookView, ChapterView, FileView, reserved_paths
from scrivano.books.stages import BUILT_IN, BookResult

__all__ = [
    "BUILT_IN",
    "BookOutline",
    "BookResult",
    "BookView",
    "Books",
    "Brief",
    "ChapterView",
    "FileView",
    "load_brief",
    "parse_brief",
    "reserved_paths",
]
