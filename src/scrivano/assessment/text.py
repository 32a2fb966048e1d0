"""A chapter cut into sentences that know where they stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from scrivano.assessment.dto import Finding
from scrivano.references.public import Block, split_blocks, split_sentences, terms, words

_TOKEN = re.compile(r"\S+")
_ITEM = re.compile(r"^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+", re.MULTILINE)
_QUOTE = re.compile(r"^[ \t]*>[ \t]?", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)")
_MARKS = re.compile(r"[*_`~]+|\[\^[^\]]*\]|<[^>\n]{1,80}>")


@dataclass(frozen=True)
class Sentence:
    """A sentence of prose. `text` is free of Markdown marks; `start` and `end` are offsets in the chapter."""

    text: str
    start: int
    end: int
    block: int
    heading: str = ""

    @cached_property
    def terms(self) -> list[str]:
        """Its content words, stemmed."""
        return terms(self.text)

    @cached_property
    def words(self) -> list[str]:
        """Its words in lower case."""
        return words(self.text)


class Prose:
    """One chapter, read once for all measures. `number` counts from 1."""

    def __init__(self, text: str, number: int = 1, title: str = "") -> None:
        self.text = text
        self.number = number
        self.title = title
        self.blocks: list[Block] = list(split_blocks(text))

    @cached_property
    def words(self) -> int:
        """Words of everything but code."""
        return sum(len(words(b.text)) for b in self.blocks if b.kind != "code")

    @cached_property
    def sentences(self) -> list[Sentence]:
        """The sentences of paragraphs, lists and quotations in their order."""
        return list(self._sentences())

    @cached_property
    def paragraphs(self) -> list[list[Sentence]]:
        """The same by paragraph."""
        by_block: dict[int, list[Sentence]] = {}
        for sentence in self.sentences:
            by_block.setdefault(sentence.block, []).append(sentence)
        return list(by_block.values())

    @cached_property
    def terms(self) -> list[str]:
        """Content words of headings and prose, stemmed."""
        heads = [t for b in self.blocks if b.kind in ("heading", "table") for t in terms(b.text)]
        return [*terms(self.title), *heads, *(t for s in self.sentences for t in s.terms)]

    def finding(self, measure: str, sentence: Sentence, why: str, advice: str) -> Finding:
        """A finding that quotes this sentence as it stands."""
        quote = self.text[sentence.start : sentence.end]
        return Finding(
            measure=measure,
            chapter=self.number,
            quote=quote,
            start=sentence.start,
            end=sentence.end,
            why=why,
            advice=advice,
        )

    def remark(self, measure: str, why: str, advice: str) -> Finding:
        """A finding about the chapter as a whole."""
        return Finding(measure=measure, chapter=self.number, why=why, advice=advice)

    def _sentences(self) -> Iterator[Sentence]:
        heading = ""
        for at, block in enumerate(self.blocks):
            if block.kind == "heading":
                heading = _plain(block.text)
            elif block.kind in ("paragraph", "list", "quote"):
                for start, end in _pieces(block):
                    for left, right in _cut(self.text, start, end):
                        plain = _plain(self.text[left:right])
                        if plain:
                            yield Sentence(plain, left, right, at, heading)


def _pieces(block: Block) -> Iterator[tuple[int, int]]:
    """Stretches of the chapter that are read as one paragraph: list items one by one."""
    if block.kind == "paragraph":
        yield block.start, block.end
        return
    pattern = _ITEM if block.kind == "list" else _QUOTE
    marks = [(m.start(), m.end()) for m in pattern.finditer(block.text)]
    if block.kind == "quote" and marks:
        # The marks of the following lines stay inside; they are taken off with the other Markdown.
        marks = marks[:1]
    for at, (_, begin) in enumerate(marks):
        stop = marks[at + 1][0] if at + 1 < len(marks) else len(block.text)
        yield block.start + begin, block.start + stop
    if not marks:
        yield block.start, block.end


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where each sentence of the stretch begins and ends."""
    spans = [(m.start(), m.end()) for m in _TOKEN.finditer(text, start, end)]
    at = 0
    for sentence in split_sentences(text[start:end]):
        count = len(sentence.split())
        if at + count > len(spans):
            break
        first, last = spans[at], spans[at + count - 1]
        if text[last[1] - 1 : last[1]] and sentence[-1:] != text[last[1] - 1]:
            # Scripts without spaces: several sentences within one token. They are taken together.
            yield spans[at][0], spans[-1][1]
            return
        yield first[0], last[1]
        at += count


def _plain(text: str) -> str:
    text = _QUOTE.sub("", _LINK.sub(r"\1", text))
    return " ".join(_MARKS.sub("", text).replace("’", "'").split())
