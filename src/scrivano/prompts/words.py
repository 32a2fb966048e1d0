"""The words by which texts are found."""

import re

_WORD = re.compile(r"[^\W_]+")
_LONGEST = 200
_MOST = 20_000


def words_of(text: str) -> list[str]:
    """The distinct words of a text in lower case, in order of appearance; what is no letter and no digit parts them."""
    found = dict.fromkeys(word.casefold()[:_LONGEST] for word in _WORD.findall(text))
    return list(found)[:_MOST]


def searchable(*texts: str) -> str:
    """All distinct words of these texts in one line, as an index takes them."""
    return " ".join(words_of("\n".join(texts)))
