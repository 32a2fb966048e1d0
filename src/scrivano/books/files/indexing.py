"""Finds the index terms in the text and marks where they stand."""

import re
from dataclasses import replace

from scrivano.books.files.model import (
    Block,
    Heading,
    IndexMark,
    Inline,
    ListBlock,
    Paragraph,
    Quote,
    Style,
    Table,
    Text,
)

_WORD = re.compile(r"\w+(?:['’\-]\w+)*")
_ENGLISH_PLURAL = re.compile(r"(?:(?<=[sxz])es|(?<=[cs]h)es|(?<=\w[^\Ws])s)$")


class IndexMarker:
    """Marks the first place of each term in every paragraph, table and list item of a book.

    Case does not matter; in English neither does a plural. Code, links and headings are passed over.
    """

    def __init__(self, terms: list[str], language_code: str) -> None:
        self._english = language_code == "en"
        self._terms = sorted({t for t in terms if _WORD.search(t)}, key=lambda t: (t.casefold(), t))
        self._by_first: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        for number, term in enumerate(self._terms):
            words = tuple(self._fold(m[0]) for m in _WORD.finditer(term))
            self._by_first.setdefault(words[0], []).append((words, number))
        for candidates in self._by_first.values():
            candidates.sort(key=lambda c: -len(c[0]))
        self._found: dict[int, int] = {}
        self._serial = 0

    def found_terms(self) -> tuple[str, ...]:
        """The terms that occur, in alphabetical order; IndexMark.term counts in the sorted list of all."""
        return tuple(term if number in self._found else "" for number, term in enumerate(self._terms))

    def mark(self, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        """`blocks` with marks in them."""
        return tuple(self._block(b) for b in blocks) if self._terms else blocks

    def _block(self, block: Block) -> Block:
        match block:
            case Paragraph():
                return Paragraph(self._line(block.inlines, set()))
            case Quote():
                return Quote(tuple(self._block(b) for b in block.blocks))
            case ListBlock():
                return replace(
                    block, items=tuple(tuple(self._block(b) for b in item) for item in block.items)
                )
            case Table():
                seen: set[int] = set()
                rows = tuple(tuple(self._line(cell, seen) for cell in row) for row in block.rows)
                return replace(block, rows=rows)
            case Heading():
                return block
            case _:
                return block

    def _line(self, line: tuple[Inline, ...], seen: set[int]) -> tuple[Inline, ...]:
        out: list[Inline] = []
        for node in line:
            if isinstance(node, Text) and not node.link and Style.CODE not in node.style:
                out.extend(self._run(node, seen))
            else:
                out.append(node)
        return tuple(out)

    def _run(self, node: Text, seen: set[int]) -> list[Inline]:
        words = [(m.start(), self._fold(m[0])) for m in _WORD.finditer(node.text)]
        out: list[Inline] = []
        done = 0
        for at, (start, word) in enumerate(words):
            for pattern, term in self._by_first.get(word, ()):
                if tuple(w for _, w in words[at : at + len(pattern)]) == pattern:
                    if term not in seen:
                        seen.add(term)
                        self._serial += 1
                        self._found[term] = self._found.get(term, 0) + 1
                        if start > done:
                            out.append(replace(node, text=node.text[done:start]))
                        out.append(IndexMark(term, self._serial))
                        done = start
                    break
        out.append(replace(node, text=node.text[done:]))
        return out

    def _fold(self, word: str) -> str:
        word = word.casefold().replace("’", "'")
        return _ENGLISH_PLURAL.sub("", word) if self._english else word
