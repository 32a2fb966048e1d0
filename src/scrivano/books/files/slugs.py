"""Stable identifiers for headings."""

import re
import unicodedata

_NOT_WORD = re.compile(r"[^\w]+")


class Slugs:
    """Gives each heading of one book an identifier that is unique, valid in XML, and made from its words."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def make(self, words: str) -> str:
        """`Über uns!` → `über-uns`; the second one `über-uns-2`; without any letter `section`."""
        base = _NOT_WORD.sub("-", unicodedata.normalize("NFC", words).lower()).strip("-_")[:60].strip("-_")
        # XML names begin with a letter; letters below À outside ASCII are not among those allowed.
        base = "".join(c for c in base if c.isascii() or (c >= "\u00c0" and c.isalpha()))
        if not base or not (base[0].isalpha()):
            base = f"section-{base}".strip("-")
        slug, count = base, 1
        while slug in self._taken:
            count += 1
            slug = f"{base}-{count}"
        self._taken.add(slug)
        return slug
