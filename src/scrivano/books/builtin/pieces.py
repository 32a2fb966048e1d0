"""Passages as pieces of a book: their sentences, their Markdown, and what unfits them for another place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from textwrap import dedent

from scrivano.references.public import Passage, PassageKind, count_words, split_blocks, split_sentences

BYLINE_WORDS = 25
_MARKER = re.compile(r"^\s*(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_QUOTED = re.compile(r"^ {0,3}>[ \t]?")
_ENDED = re.compile(r"[.!?…:‽؟।։。！？][\"'”’»›)\]}*_`」』）]*$")
_ELSEWHERE = re.compile(
    r"\b(?:(?:see|in|of|from|per) (?:the )?(?:chapter|section|figure|fig\.|table|page|appendix|part)"
    r" (?:\d|[IVX]+\b)"
    r"|(?:next|previous|preceding|following|earlier|later|last) (?:chapter|section|page)s?\b"
    r"|(?:as|like) (?:we|i|you) (?:saw|have seen|discussed|said|noted|mentioned|learned|will see)\b"
    r"|(?:mentioned|described|discussed|noted|shown|listed|explained|stated)"
    r" (?:above|below|earlier|before|previously)\b"
    r"|see (?:above|below)\b|(?:the|this) (?:figure|diagram|image|photo|chart) (?:above|below|shows)\b"
    r"|click here\b|(?:siehe|vgl\.) (?:oben|unten|kapitel|abschnitt|abbildung|seite)\b)",
    re.IGNORECASE,
)
_LEANING = re.compile(
    r"(?:This|That|These|Those|It|They|He|She|Such|Both|Neither|Here|There|But|And|So|Then|However|Therefore"
    r"|Otherwise|Instead|Similarly|Likewise|Also|Again)\b"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A block ready for a book: `sentences` joined by spaces are the prose of `markdown`."""

    kind: PassageKind
    markdown: str
    sentences: tuple[str, ...]
    passage_id: str
    words: int

    @property
    def announces(self) -> bool:
        """Whether it ends in a colon, and so must not stand without the block after it."""
        return self.markdown.rstrip("*_ ").endswith((":", "："))


def prose(kind: str, markdown: str) -> str:
    """The running text of a block on one line: none for headings, tables and code."""
    if kind in ("heading", "table", "code"):
        return ""
    lines = markdown.split("\n")
    if kind == "list":
        lines = [_MARKER.sub("", line) for line in lines]
    elif kind == "quote":
        lines = [_QUOTED.sub("", line) for line in lines]
    text = " ".join(" ".join(lines).split())
    if kind == "paragraph" and _is_set_off(text):
        return text[1:-1]
    return text


def _is_set_off(text: str) -> bool:
    """A paragraph that is emphasised whole, as a chapter's standfirst is."""
    return len(text) > 2 and text[0] == "*" == text[-1] and "*" not in text[1:-1]


def is_byline(piece: Piece) -> bool:
    """Whether it is a line about the text it stands over, set in italics: who wrote it, when."""
    return piece.kind == "paragraph" and piece.words < BYLINE_WORDS and _is_set_off(piece.markdown)


def piece_of(passage: Passage) -> Piece | None:
    """`passage` as a piece; None if it has no words or cannot stand away from its place."""
    if passage.kind == "paragraph":
        return _paragraph(passage)
    if passage.kind == "list":
        return _list(_items(passage.text), passage)
    if passage.kind == "quote":
        text = prose("quote", passage.text)
        sentences = split_sentences(text)
        return _piece("quote", passage.text, sentences, passage.id) if sentences else None
    text = passage.text
    if passage.kind == "code" and text.startswith(("    ", "\t")):
        # Indented, it would become part of a list that happens to stand before it.
        text = f"```\n{dedent(text)}\n```"
    return _piece(passage.kind, text, (), passage.id)


def without(piece: Piece, unwanted: Sequence[str]) -> Piece | None:
    """`piece` less these of its sentences; None if too little remains to make sense."""
    gone = set(unwanted)
    if not gone:
        return piece
    kept = [s for s in piece.sentences if s not in gone]
    if len(kept) * 5 < len(piece.sentences) * 3 or not kept:
        return None
    if piece.kind == "paragraph":
        return _joined(kept, piece.passage_id, set_off=_is_set_off(piece.markdown))
    if piece.kind == "list":
        items = [item for item in _items(piece.markdown) if not gone & set(_item_sentences(item))]
        return _list(items, piece) if items else None
    return None


def shortened(piece: Piece, sentences: int) -> Piece | None:
    """The paragraph's first `sentences` sentences, if it is one and they make sense."""
    if piece.kind != "paragraph" or sentences < 1:
        return None
    return _joined(piece.sentences[:sentences], piece.passage_id, set_off=_is_set_off(piece.markdown))


def _piece(kind: PassageKind, markdown: str, sentences: Sequence[str], passage_id: str) -> Piece | None:
    words = count_words(markdown)
    return Piece(kind, markdown, tuple(sentences), passage_id, words) if words else None


def _paragraph(passage: Passage) -> Piece | None:
    text = " ".join(passage.text.split())
    sentences = split_sentences(prose("paragraph", text))
    if sentences and not _ENDED.search(sentences[-1]):
        # A caption, a label, or a sentence that was cut.
        sentences = sentences[:-1]
    kept = [s for s in sentences if not _ELSEWHERE.search(s)]
    if len(kept) < len(sentences) and (len(kept) < 2 or _leans_on_lost(sentences)):
        return None
    return _joined(kept, passage.id, set_off=_is_set_off(text))


def _leans_on_lost(sentences: Sequence[str]) -> bool:
    pairs = pairwise(sentences)
    return any(_ELSEWHERE.search(lost) and _LEANING.match(after) for lost, after in pairs)


def _joined(sentences: Sequence[str], passage_id: str, *, set_off: bool) -> Piece | None:
    text = " ".join(sentences)
    if set_off:
        text = f"*{text}*"
    # Without its first sentence a paragraph may begin with what Markdown takes for a sign.
    if not text or [block.kind for block in split_blocks(text)] != ["paragraph"]:
        return None
    return _piece("paragraph", text, sentences, passage_id)


def _items(markdown: str) -> list[str]:
    """Items of a list with their own lines below them; items inside items are items."""
    items: list[str] = []
    for line in markdown.split("\n"):
        if _MARKER.match(line) or not items:
            items.append(line)
        elif line.strip():
            items[-1] += "\n" + line
    return items


def _item_sentences(item: str) -> list[str]:
    return split_sentences(prose("list", item))


def _list(items: Sequence[str], origin: Passage | Piece) -> Piece | None:
    sentences = [sentence for item in items for sentence in _item_sentences(item)]
    links = sum(item.count("](http") > 0 and count_words(item) < 25 for item in items)
    if not sentences or links > len(items) / 2:
        return None
    passage_id = origin.id if isinstance(origin, Passage) else origin.passage_id
    return _piece("list", "\n".join(items), sentences, passage_id)
