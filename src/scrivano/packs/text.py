"""Words, sentences and stems, as far as packs need them. Works for any language written with spaces."""

import re

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_SENTENCE_END = re.compile(r"([.!?…][\"'”’)\]*_]*)\s+(?=[\"'“‘(\[*_]*[^\W\d_a-zß-ÿ])")
_MARKUP_LINE = re.compile(r"^\s*(?:#{1,6}\s|\||```|[-*_]{3,}\s*$)")
_BULLET = re.compile(r"^\s*(?:[-*+]|\d+[.)]|>)\s+")


def words(text: str) -> list[str]:
    """Its words in lower case."""
    return [word.casefold() for word in _WORD.findall(text)]


def count_words(text: str) -> int:
    """How many words it has; Markdown signs and punctuation alone don't count."""
    return sum(1 for token in text.split() if any(character.isalnum() for character in token))


def sentences(markdown: str) -> list[str]:
    """The sentences of its prose, headings and tables left out."""
    found: list[str] = []
    for block in re.split(r"\n\s*\n", markdown):
        lines = [_BULLET.sub("\0", line) for line in block.splitlines() if not _MARKUP_LINE.match(line)]
        for item in " ".join(lines).split("\0"):
            found += [s.strip() for s in _SENTENCE_END.sub(r"\1\0", item).split("\0") if s.strip()]
    return found


def stem(word: str) -> str:
    """A rough stem: English inflections off, so that "pricing", "prices" and "priced" meet."""
    for suffix in ("ations", "ation", "ings", "ing", "ies", "ied", "ers", "ed", "es", "er", "s", "e", "y"):
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            return word[: -len(suffix)]
    return word


def stems(text: str) -> list[str]:
    """The stems of its words, in order."""
    return [stem(word) for word in words(text)]


def shingles(text: str, size: int) -> set[tuple[str, ...]]:
    """Every run of `size` words."""
    found = words(text)
    return {tuple(found[i : i + size]) for i in range(len(found) - size + 1)}
