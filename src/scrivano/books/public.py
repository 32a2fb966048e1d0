"""What other rooms may use of books."""

from scrivano.books.brief import load_brief, parse_brief
from scrivano.books.choices import Choice, Choices, choices
from scrivano.books.comparing import BookComparisons, BookSide
from scrivano.books.covers.dto import CoverPrice, CoverView, Lettering, PaintOrder
from scrivano.books.covers.service import Covers
from scrivano.books.dto import LANGUAGE, BookOutline, BookSort, Brief, CoverStyle, Trim
from scrivano.books.editing import ChapterInfo, ChapterView, Editing, Lineage
from scrivano.books.estimating import Estimate, Estimating
from scrivano.books.files.pages import WIDTHS, page_count, page_picture
from scrivano.books.importing import ImportedBook, divide, manuscript_of
from scrivano.books.proofs import ProofEstimate, ProofTexts
from scrivano.books.service import BookRunView, Books, BookView, FileView, reserved_paths
from scrivano.books.stages import BUILT_IN, BookResult, RewriteResult

__all__ = [
    "BUILT_IN",
    "LANGUAGE",
    "WIDTHS",
    "BookComparisons",
    "BookOutline",
    "BookResult",
    "BookRunView",
    "BookSide",
    "BookSort",
    "BookView",
    "Books",
    "Brief",
    "ChapterInfo",
    "ChapterView",
    "Choice",
    "Choices",
    "CoverPrice",
    "CoverStyle",
    "CoverView",
    "Covers",
    "Editing",
    "Estimate",
    "Estimating",
    "FileView",
    "ImportedBook",
    "Lettering",
    "Lineage",
    "PaintOrder",
    "ProofEstimate",
    "ProofTexts",
    "RewriteResult",
    "Trim",
    "choices",
    "divide",
    "load_brief",
    "manuscript_of",
    "page_count",
    "page_picture",
    "parse_brief",
    "reserved_paths",
]
