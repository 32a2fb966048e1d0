"""Length of prose: counting it, and bringing it to what was asked without cutting a sentence.

A chapter that is too short is continued by its writer; one that is too long loses what carries least. Nothing is
ever added here.
"""

import re
from collections import Counter
from dataclasses import dataclass
from math import log

from scrivano.references.public import split_sentences

TOLERANCE = 0.015
_WORD = re.compile(r"\S*\w\S*")
_TERM = re.compile(r"[^\W\d_]{4,}")
_END = re.compile(r"[.!?…。！？؟:][\"'”’“»«)\]*_`]*$")
_FENCE = re.compile(r"^\s{0,3}(```|~~~)")
_LIST = re.compile(r"^\s{0,3}([-*+]|\d{1,9}[.)])\s+")


def count_words(text: str) -> int:
    """Words of Markdown as a reader would count them: runs of non-space that hold a letter or digit.

    Scripts that write without spaces count each ideograph or kana as one word.
    """
    dense = sum(1 for c in text if "぀" <= c <= "鿿")
    return len(_WORD.findall(re.sub(r"[぀-鿿]", " ", text))) + dense


@dataclass
class _Block:
    kind: str  # "heading", "paragraph" or "other" (lists, tables, quotations, code)
    text: str

    @property
    def words(self) -> int:
        return count_words(self.text) if self.text else 0


def _blocks(text: str) -> list[_Block]:
    blocks: list[_Block] = []
    lines: list[str] = []
    fenced = False

    def close() -> None:
        if lines:
            blocks.append(_Block(_kind(lines[0]), "\n".join(lines)))
            lines.clear()

    for line in text.splitlines():
        if _FENCE.match(line):
            fenced = not fenced
            lines.append(line)
        elif fenced or line.strip():
            if not fenced and line.startswith("#"):
                close()
                blocks.append(_Block("heading", line))
            else:
                lines.append(line)
        else:
            close()
    close()
    return blocks


def _kind(first_line: str) -> str:
    if first_line.startswith("#"):
        return "heading"
    special = first_line.startswith((">", "|", "    ", "!", "[^"))
    if special or _LIST.match(first_line) or _FENCE.match(first_line):
        return "other"
    return "paragraph"


def _join(blocks: list[_Block]) -> str:
    kept = [b for b, after in _pairs(blocks) if b.kind != "heading" or (after and after.kind != "heading")]
    return "\n\n".join(block.text for block in kept) + "\n" if kept else ""


def _pairs(blocks: list[_Block]) -> list[tuple[_Block, _Block | None]]:
    """Each block with the one after it."""
    return list(zip(blocks, [*blocks[1:], None], strict=False))


def ends_whole(text: str) -> bool:
    """Whether the last line of prose ends as a sentence does."""
    blocks = _blocks(text)
    return bool(blocks) and (blocks[-1].kind == "other" or bool(_END.search(blocks[-1].text.rstrip())))


def without_cut_end(text: str, *, was_cut: bool = False) -> str:
    """The text up to its last whole sentence.

    `was_cut` says that the model ran into its limit, so that a last list item or table row, whose end shows
    no punctuation, is taken as unfinished too.
    """
    blocks = _blocks(text)
    while blocks:
        last = blocks[-1]
        if last.kind == "heading":
            blocks.pop()
        elif last.kind == "other":
            if not was_cut or _END.search(last.text.rstrip()):
                break
            whole = last.text.rstrip().rsplit("\n", 1)
            if len(whole) == 1 or last.text.startswith(("```", "~~~")):
                blocks.pop()
            else:
                last.text = whole[0]
            was_cut = False
        elif _END.search(last.text.rstrip()):
            break
        else:
            sentences = split_sentences(last.text)
            if len(sentences) > 1:
                last.text = " ".join(sentences[:-1])
            else:
                blocks.pop()
    return _join(blocks)


def without_repeats(text: str, before: str = "") -> str:
    """The text without sentences of five words or more that stand in it, or in `before`, already."""
    seen = {_key(s) for block in _blocks(before) for s in split_sentences(block.text)}
    blocks: list[_Block] = []
    for block in _blocks(text):
        if block.kind == "heading":
            blocks.append(block)
            continue
        if block.kind == "other":
            if _key(block.text) not in seen or block.words < 5:
                blocks.append(block)
            seen.add(_key(block.text))
            continue
        kept: list[str] = []
        for sentence in split_sentences(block.text):
            key = _key(sentence)
            if key not in seen or count_words(sentence) < 5:
                kept.append(sentence)
            seen.add(key)
        if kept:
            blocks.append(_Block("paragraph", " ".join(kept)))
    return _join(blocks)


def _key(sentence: str) -> str:
    return " ".join(re.findall(r"\w+", sentence.casefold()))


def fit_length(text: str, asked: int, *, tolerance: float = TOLERANCE) -> str:
    """The text brought down to `asked` words, give or take `tolerance`; a shorter one comes back as it was.

    Whole paragraphs go first, then single sentences, those that share least with the rest. The opening and
    the close stay, and each paragraph keeps its first sentence while others can go.
    """
    blocks = _blocks(text)
    slack = int(asked * tolerance)
    if _total(blocks) <= asked + slack:
        return _join(blocks)
    weights = _weights(blocks)
    _drop_blocks(blocks, asked, slack, weights)
    _drop_sentences(blocks, asked, slack, weights)
    return _join(_standing(blocks))


def _standing(blocks: list[_Block]) -> list[_Block]:
    """The blocks that still have text, without headings that have lost all of theirs."""
    alive = [b for b in blocks if b.text]
    return [b for b, after in _pairs(alive) if b.kind != "heading" or (after and after.kind != "heading")]


def _total(blocks: list[_Block]) -> int:
    return sum(b.words for b in _standing(blocks))


def _weights(blocks: list[_Block]) -> dict[str, float]:
    """How telling each term is here: terms of several blocks, but not of all, carry the argument."""
    spread = Counter(term for b in blocks for term in set(_terms(b.text)))
    return {t: n * log((len(blocks) + 1) / n) for t, n in spread.items() if n > 1}


def _terms(text: str) -> list[str]:
    return [t.casefold() for t in _TERM.findall(text)]


def _value(text: str, weights: dict[str, float]) -> float:
    terms = set(_terms(text))
    return sum(weights.get(t, 0.0) for t in terms) / (1 + len(terms)) ** 0.5


def _drop_blocks(blocks: list[_Block], asked: int, slack: int, weights: dict[str, float]) -> None:
    body = [b for b in blocks if b.kind != "heading"]
    for block in sorted(body[1:-1], key=lambda b: _value(b.text, weights)):
        if _total(blocks) <= asked + slack:
            break
        text, block.text = block.text, ""
        if _total(blocks) < asked - slack:
            block.text = text


@dataclass
class _Sentence:
    block: _Block
    index: int
    text: str
    words: int
    opens: bool


def _drop_sentences(blocks: list[_Block], asked: int, slack: int, weights: dict[str, float]) -> None:
    parts = {id(b): split_sentences(b.text) for b in blocks if b.kind == "paragraph" and b.text}
    pool = [
        _Sentence(b, i, s, count_words(s), i == 0) for b in blocks for i, s in enumerate(parts.get(id(b), []))
    ][1:-1]
    pool.sort(key=lambda s: (s.opens, _value(s.text, weights)))
    gone: set[tuple[int, int]] = set()
    excess = _total(blocks) - asked
    for sentence in pool:
        if excess > slack and sentence.words <= excess + slack:
            gone.add((id(sentence.block), sentence.index))
            excess -= sentence.words
    if excess > slack:
        left = [s for s in pool if (id(s.block), s.index) not in gone]
        best = min(left, key=lambda s: abs(excess - s.words), default=None)
        if best and abs(excess - best.words) < excess:
            gone.add((id(best.block), best.index))
    for block in blocks:
        if id(block) in parts:
            kept = [s for i, s in enumerate(parts[id(block)]) if (id(block), i) not in gone]
            block.text = " ".join(kept)
