"""What a person may enter for a reference."""

import unicodedata

from scrivano.core.errors import InvalidInput
from scrivano.references.dto import ReferenceTooLarge
from scrivano.references.reading import MAX_BYTES

_LAST_CHAPTER = 100_000
_MOST_QUERY = 1000


def checked_name(name: str) -> str:
    """`name` composed and without space around it. Raises InvalidInput for what is no name of a file."""
    name = unicodedata.normalize("NFC", name).strip()
    strange = any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in name)
    if not name or len(name) > 255 or strange:
        raise InvalidInput(
            "A reference's name has 1 to 255 characters, none of them a control character.",
            field="name",
            remedy="Give a file name such as ada.md.",
        )
    return name


def too_large() -> ReferenceTooLarge:
    """The refusal of a file over the limit."""
    return ReferenceTooLarge(
        f"A reference has at most {MAX_BYTES // 1_000_000} MB.",
        field="body",
        remedy="Split it, or leave out its pictures.",
    )


def checked_title(title: str) -> str:
    """`title` without space around it. Raises InvalidInput for an empty or endless one."""
    title = title.strip()
    if not title or len(title) > 500 or "\x00" in title:
        raise InvalidInput("A title has 1 to 500 characters.", field="title", remedy="Give a title.")
    return title


def checked_language(language: str) -> str:
    """`language` in lower case; empty leaves it to be found out. Raises InvalidInput for what is no code."""
    language = language.strip().lower()
    if language and not (
        2 <= len(language) <= 20 and language.replace("-", "").isalnum() and language.isascii()
    ):
        raise InvalidInput(
            f"{language!r} is no language.", field="language", remedy="Give a code such as en or de."
        )
    return language


def check_chapter(chapter: int | None, field: str = "from_chapter") -> None:
    """Raises InvalidInput for what is no number of a chapter; None is none."""
    if chapter is not None and not 1 <= chapter <= _LAST_CHAPTER:
        raise InvalidInput("Chapters count from 1.", field=field, remedy="Give the number of a chapter.")


def check_query(query: str) -> None:
    """Raises InvalidInput for an empty or endless query."""
    if not query.strip() or len(query) > _MOST_QUERY or "\x00" in query:
        raise InvalidInput(
            f"A query has 1 to {_MOST_QUERY} characters.", field="q", remedy="Give a few words."
        )
