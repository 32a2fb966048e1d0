"""Which fonts there are, and which characters of a book none of them can show."""

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import cast

import typst
from fontTools.ttLib import TTFont, TTLibError
from fontTools.ttLib.ttCollection import TTCollection

from scrivano.books.files.book import front_of, language_of, read_book
from scrivano.books.files.clean import clean_text
from scrivano.books.files.languages import Language, capitals, chapter_label
from scrivano.books.files.manuscript import Manuscript, MissingCharacter
from scrivano.books.files.model import Book, Chapter, Code, Figure, every_block, lines_of, plain
from scrivano.books.files.print_data import copyright_page

BUNDLED = Path(__file__).parent / "fonts"
_MOST_NAMED = 200


def check_characters(manuscript: Manuscript, font_dirs: Sequence[Path] = ()) -> list[MissingCharacter]:
    """The characters that no bundled font and none in `font_dirs` can show, each with its first place.

    A base character and its combining marks count as one, because one font must have them all. An empty list
    means that the print book and the cover show everything. Raises what read_book raises.
    """
    return check_book_characters(manuscript, read_book(manuscript), font_dirs)


def check_book_characters(
    manuscript: Manuscript, book: Book, font_dirs: Sequence[Path] = ()
) -> list[MissingCharacter]:
    """Like check_characters, for a manuscript that was read already."""
    return find_missing(_texts(manuscript, book, language_of(manuscript)), font_dirs)


def check_cover_characters(manuscript: Manuscript, font_dirs: Sequence[Path] = ()) -> list[MissingCharacter]:
    """Like check_characters, for title, subtitle and author alone."""
    return find_missing(_front(manuscript), font_dirs)


def find_missing(texts: Iterable[tuple[str, str]], font_dirs: Sequence[Path]) -> list[MissingCharacter]:
    """What no font shows of pairs of (place, text)."""
    coverage = [_coverage(path, path.stat().st_mtime_ns) for path in font_files(font_dirs)]
    union = frozenset[int]().union(*coverage)
    known: set[str] = set()
    missing: dict[str, MissingCharacter] = {}
    for where, text in texts:
        simple = {c for c in set(text) - known if ord(c) in union and not unicodedata.combining(c)}
        known |= simple
        if set(text) <= known:
            continue
        for cluster in _clusters(text):
            if cluster in known or cluster in missing:
                continue
            needed = {ord(c) for c in cluster if not _invisible(c)}
            if not needed or any(needed <= font for font in coverage):
                known.add(cluster)
            elif len(missing) < _MOST_NAMED:
                missing[cluster] = _name(cluster, where)
    return list(missing.values())


def showable_capitals(text: str, language: Language, font_dirs: Sequence[Path] = ()) -> str:
    """`text` in capitals, apart from letters whose capital no font has: those stay as they are."""
    pairs = [(character, capitals(character, language)) for character in text]
    missing = {m.character for m in find_missing([("", capital) for _, capital in pairs], font_dirs)}
    return "".join(c if any(m in capital for m in missing) else capital for c, capital in pairs)


def font_files(font_dirs: Sequence[Path]) -> list[Path]:
    """The font files of the bundle and those in `font_dirs` that the typesetter accepts, in a fixed order."""
    bundled = sorted(BUNDLED.glob("*.ttf"))
    folders = [str(folder) for folder in font_dirs if folder.is_dir()]
    if not folders:
        return bundled
    # What fontTools can read and what the typesetter takes differ, for instance in fonts without all names.
    accepted = {font.path for font in typst.Fonts(False, False, folders).fonts() if font.path}
    return bundled + sorted(Path(path) for path in accepted)


@lru_cache(maxsize=256)
def _coverage(path: Path, _modified: int) -> frozenset[int]:
    try:
        with path.open("rb") as file:
            if path.suffix.lower() in {".ttc", ".otc"}:
                fonts = cast(list[TTFont], TTCollection(file, lazy=True).fonts)
            else:
                fonts = [TTFont(file, lazy=True)]
            return frozenset(c for font in fonts for c in font.getBestCmap() or ())
    except (TTLibError, OSError):
        return frozenset()


def _clusters(text: str) -> Iterable[str]:
    """Base characters with the combining marks that follow them."""
    start = 0
    for at in range(1, len(text) + 1):
        if (
            at == len(text)
            or not unicodedata.category(text[at]).startswith("M")
            or ord(text[at]) in range(0xFE00, 0xFE10)
        ):
            yield text[start:at]
            start = at


def _invisible(character: str) -> bool:
    """Spaces, joiners, marks of direction and variation selectors need no glyph."""
    code = ord(character)
    return (
        character in "\n\t"
        or unicodedata.category(character) in {"Cf", "Zs"}
        or 0xFE00 <= code <= 0xFE0F
        or 0xE0100 <= code <= 0xE01EF
        or code in (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x3164, 0xFFA0)
    )


def _name(cluster: str, where: str) -> MissingCharacter:
    return MissingCharacter(
        character=cluster,
        code_points=" ".join(f"U+{ord(c):04X}" for c in cluster),
        name=" + ".join(unicodedata.name(c, "unnamed character").lower() for c in cluster),
        where=where,
    )


def _front(manuscript: Manuscript) -> list[tuple[str, str]]:
    return [
        (where, words)
        for where, words in zip(
            ("the title", "the subtitle", "the author's name"), front_of(manuscript), strict=True
        )
    ]


def _texts(manuscript: Manuscript, book: Book, language: Language) -> Iterable[tuple[str, str]]:
    yield from _front(manuscript)
    labels = language.labels
    furniture = (labels.contents, labels.bibliography, labels.index, chapter_label(language, 1234567890))
    yield "the headings of this language", " ".join(furniture)
    yield "the copyright page", clean_text("\n".join(copyright_page(manuscript)))
    yield "the colophon", clean_text("\n".join(manuscript.colophon))
    for chapter in book.chapters:
        where = f"“{chapter.title}”"
        yield where, chapter.title
        for text in _chapter_texts(chapter):
            yield where, text
    for entry in book.bibliography:
        yield "the bibliography", plain(entry)


def _chapter_texts(chapter: Chapter) -> Iterable[str]:
    for blocks in (chapter.blocks, *chapter.notes):
        for block in every_block(blocks):
            yield from (plain(line) for line in lines_of(block))
            if isinstance(block, Code):
                yield block.text
            elif isinstance(block, Figure):
                yield block.caption
