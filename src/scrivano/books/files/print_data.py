"""Book → the JSON that the print template walks."""

import re
from collections.abc import Callable
from typing import Any

import pyphen

from scrivano.books.files.clean import clean_line, clean_text
from scrivano.books.files.languages import Language, chapter_label
from scrivano.books.files.manuscript import Manuscript
from scrivano.books.files.model import (
    Block,
    Book,
    Chapter,
    Code,
    Figure,
    Heading,
    ImageFile,
    IndexMark,
    Inline,
    InlineImage,
    LineBreak,
    ListBlock,
    NoteRef,
    Paragraph,
    Quote,
    SceneBreak,
    Style,
    Table,
    Text,
    plain,
)
from scrivano.books.files.trims import Look

Json = dict[str, Any]

_LETTERS = {
    Style.EMPHASIS: "e",
    Style.STRONG: "b",
    Style.STRUCK: "x",
    Style.CODE: "c",
    Style.LEAD: "l",
}
_LONG_RUN = re.compile(
    r"[!-~\u00a1-\u0df4\u10a0-\u10ff\u13a0-\u167f\u1e00-\u1fff\u2010-\u2027\u2030-\u205e]{25,}"
)
_BREAK_AFTER = re.compile(r"(?<=[/._\-?&=:@#,;|\\])(?=[^/\s])")
_UNCASED = {
    "zh",
    "ja",
    "ko",
    "th",
    "lo",
    "km",
    "my",
    "hi",
    "bn",
    "ta",
    "te",
    "mr",
    "gu",
    "kn",
    "ml",
    "pa",
    "ka",
    "am",
}
_ZERO_WIDTH_SPACE = "\u200b"
_MOST_CONTENTS = 70
_PIXELS_PER_INCH = 150


def print_data(
    manuscript: Manuscript, book: Book, language: Language, look: Look, capitals: Callable[[str], str]
) -> Json:
    """Everything that `book.typ` needs apart from the gutter and the fonts; `capitals` sets a line in capitals."""
    writer = _PrintWriter(book, language, capitals)
    labels = language.labels
    headings = [b for c in book.chapters for b in c.blocks if isinstance(b, Heading) and b.level == 2]
    numbered = not all(names_itself(c.title, language) for c in book.chapters)
    kicker = {
        c.id: "" if names_itself(c.title, language) else chapter_label(language, c.number)
        for c in book.chapters
    }
    return {
        "document": {"title": book.title, "author": book.author},
        "title": display_line(book.title, language),
        "subtitle": display_line(book.subtitle, language),
        "author": display_line(book.author, language),
        "description": clean_line(manuscript.description),
        "keywords": [t for t in book.index if t][:40],
        "date": [manuscript.date.year, manuscript.date.month, manuscript.date.day],
        "lang": language.code,
        "region": language.region,
        "script": language.script.lower() if language.script else None,
        "rtl": language.right_to_left,
        "cased": is_cased(language),
        "labels": {"contents": labels.contents, "bibliography": labels.bibliography, "index": labels.index},
        "capitals": {
            "title": capitals(book.title),
            "author": display_line(capitals(book.author), language),
            "contents": capitals(labels.contents),
            "bibliography": capitals(labels.bibliography),
            "index": capitals(labels.index),
        },
        "depth": 2 if len(book.chapters) + len(headings) <= _MOST_CONTENTS else 1,
        "numbered": numbered,
        "numbers": {c.id: str(c.number) for c in book.chapters if kicker[c.id]},
        "copyright": [_plain_paragraph(p) for p in copyright_page(manuscript)],
        "colophon": [_plain_paragraph(p) for p in manuscript.colophon if clean_line(p)],
        "chapters": [writer.chapter(c, kicker[c.id]) for c in book.chapters],
        "bibliography": [writer.line(entry) for entry in book.bibliography],
        "index": [[str(number), term] for number, term in enumerate(book.index) if term],
        "look": {
            "width": look.width,
            "height": look.height,
            "inside": look.inside,
            "outside": look.outside,
            "top": look.top,
            "bottom": look.bottom,
            "size": look.size,
            # Scripts without ascenders fill their square, Arabic reaches far below: both need more room.
            "line": look.line if is_cased(language) else round(look.size * 1.55, 2),
        },
    }


def is_cased(language: Language) -> bool:
    """Whether the language's script has capitals, small capitals and italics."""
    return language.code not in _UNCASED and not language.right_to_left


def copyright_page(manuscript: Manuscript) -> list[str]:
    """The given paragraphs, or title, author and year where none were given."""
    given = [p for p in manuscript.copyright if clean_line(p)]
    if given:
        return given
    holder = clean_line(manuscript.author)
    return [clean_line(manuscript.title), f"© {manuscript.date.year} {holder}".strip()]


def names_itself(title: str, language: Language) -> bool:
    """Whether a title such as `Chapter 3: The River` already says its number."""
    word = re.escape(language.labels.chapter)
    return re.match(rf"(?:{word}|chapter)\s+[\dIVXLC]+\b", title, re.IGNORECASE) is not None


def _plain_paragraph(paragraph: str) -> list[Any]:
    runs: list[Any] = []
    for at, line in enumerate(clean_text(paragraph).strip().split("\n")):
        runs += ([{"br": 1}] if at else []) + [breakable(line.strip())]
    return runs


def breakable(text: str, most: int = 24) -> str:
    """`text` with invisible places to break long words and addresses, so that no line leaves its measure."""

    def break_up(match: re.Match[str]) -> str:
        pieces = _BREAK_AFTER.sub(_ZERO_WIDTH_SPACE, match[0]).split(_ZERO_WIDTH_SPACE)
        return _ZERO_WIDTH_SPACE.join(
            _ZERO_WIDTH_SPACE.join(piece[i : i + most] for i in range(0, len(piece), most))
            for piece in pieces
        )

    return _LONG_RUN.sub(break_up, text)


def display_line(text: str, language: Language) -> str:
    """A line of display type: words too long for any page may be divided, by the language's rules if known."""
    known = pyphen.language_fallback(language.tag.replace("-", "_"))
    dictionary = pyphen.Pyphen(lang=known) if known else None

    def divide(match: re.Match[str]) -> str:
        word = match[0]
        divided = dictionary.inserted(word, "\u00ad") if dictionary and word.isalpha() else word
        return divided if "\u00ad" in divided else breakable(word, 14)

    return re.sub(r"\S{21,}", divide, text)


class _PrintWriter:
    def __init__(self, book: Book, language: Language, capitals: Callable[[str], str]) -> None:
        self._images = book.images
        self._language = language
        self._capitals = capitals

    def chapter(self, chapter: Chapter, kicker: str) -> Json:
        return {
            "number": chapter.number,
            "title": display_line(chapter.title, self._language),
            "kicker": self._capitals(kicker),
            "capitals": self._capitals(chapter.title),
            "id": chapter.id,
            "blocks": [self.block(b) for b in chapter.blocks],
            "notes": [[self.block(b) for b in note] for note in chapter.notes],
        }

    def block(self, block: Block) -> Json:
        match block:
            case Paragraph():
                return {"k": "p", "r": self.line(block.inlines)}
            case Heading():
                return {"k": "h", "level": block.level, "r": self.line(block.inlines), "id": block.id}
            case Quote():
                return {"k": "q", "b": [self.block(b) for b in block.blocks]}
            case ListBlock():
                items = [[self.block(b) for b in item] for item in block.items]
                return {"k": "l", "start": block.start, "tight": block.tight, "items": items}
            case Code():
                return {"k": "c", "text": block.text.expandtabs(4), "lang": block.language}
            case Table():
                return self._table(block)
            case Figure():
                return {"k": "f", "caption": block.caption, **self._image(self._images[block.key], block.alt)}
            case SceneBreak():
                return {"k": "s"}

    def _table(self, table: Table) -> Json:
        count = len(table.header)
        scale = 0.86 if count <= 5 else 0.76 if count <= 8 else 0.62
        return {
            "k": "t",
            "aligns": table.aligns,
            "header": [self.line(cell) for cell in table.header],
            "rows": [[self.line(cell) for cell in row] for row in table.rows],
            "columns": column_weights(table),
            "scale": scale,
        }

    def line(self, inlines: tuple[Inline, ...]) -> list[Any]:
        return [self._inline(node) for node in inlines]

    def _inline(self, node: Inline) -> Any:
        match node:
            case Text():
                return _run(node)
            case LineBreak():
                return {"br": 1}
            case NoteRef():
                return {"n": node.number, "again": node.again}
            case IndexMark():
                return {"m": node.term}
            case InlineImage():
                return {"i": self._image(self._images[node.key], node.alt)}

    def _image(self, image: ImageFile, alt: str) -> Json:
        width = round(image.width / _PIXELS_PER_INCH * 72, 2)
        return {"file": image.name, "alt": alt, "w": width, "h": round(width * image.height / image.width, 2)}


def _run(node: Text) -> Any:
    text = breakable(node.text)
    if node.style == Style.PLAIN and node.link is None:
        return text
    run: Json = {"t": text, "s": "".join(letter for flag, letter in _LETTERS.items() if flag in node.style)}
    if node.link:
        run |= {"a": node.link[1:]} if node.link.startswith("#") else {"u": node.link}
    return run


def column_weights(table: Table) -> list[float | None]:
    """A width for each column: None is as wide as its text, a number a share of what those columns leave."""
    rows = [table.header, *table.rows]
    longest = [max(len(plain(row[i])) for row in rows) for i in range(len(table.header))]
    if sum(longest) + 3 * len(longest) <= 62:
        return [None] * len(longest)
    # The square root keeps a column of sentences from starving one of a few words.
    if sum(min(length, 18) + 3 for length in longest if length <= 18) <= 40:
        return [None if length <= 18 else round(length**0.5, 2) for length in longest]
    words = [
        max((len(w) for row in rows for w in plain(row[i]).split()), default=1) for i in range(len(longest))
    ]
    return [max(min(word, 15), length**0.5, 2) + 2 for word, length in zip(words, longest, strict=True)]
