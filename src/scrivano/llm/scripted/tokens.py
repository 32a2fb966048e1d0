"""The scripted model's tokenizer: lossless, deterministic, about four characters of English a token."""

import re
from collections.abc import Iterable

_TOKEN = re.compile(r"[^\S\n]?\w{1,6}|[^\S\n]?[^\w\s]|\s")


def tokenize(text: str) -> list[str]:
    """The tokens of `text`; joined they are `text` again."""
    return _TOKEN.findall(text)


def count(text: str) -> int:
    """How many tokens `text` has."""
    return sum(1 for _ in _TOKEN.finditer(text))


def count_prompt(texts: Iterable[str]) -> int:
    """Tokens of a conversation: each message's own, four for its frame, and three to begin the answer."""
    return sum(count(text) + 4 for text in texts) + 3
