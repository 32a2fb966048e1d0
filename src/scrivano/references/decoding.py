"""From bytes to text: which characters are meant, and whether it is text at all."""

import codecs
import re
import unicodedata

from charset_normalizer import from_bytes

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_SAMPLE = 256_000


class NotTextError(ValueError):
    """The bytes are no text."""


def decode(raw: bytes) -> str:
    """The text in `raw`: by byte order mark, as UTF-8, or in the legacy encoding that fits best.

    Line ends become \\n, characters are composed (NFC), control characters go. Raises NotTextError.
    """
    text = _by_mark(raw)
    if text is None:
        if b"\x00" in raw[:_SAMPLE]:
            raise NotTextError
        text = _by_fit(raw)
    strange = len(_CONTROL.findall(text[:_SAMPLE]))
    if strange > max(2, len(text[:_SAMPLE]) // 500):
        raise NotTextError
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n"))
    return unicodedata.normalize("NFC", text.replace("\u0085", "\n").replace("\ufeff", ""))


def _by_mark(raw: bytes) -> str | None:
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                raise NotTextError from None
    return None


def _by_fit(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    best = from_bytes(raw[:_SAMPLE]).best()
    if best is None:
        raise NotTextError
    text = raw.decode(best.encoding, errors="replace")
    letters = sum(c.isalpha() or c.isspace() for c in text[:_SAMPLE])
    if letters < 0.6 * len(text[:_SAMPLE]):
        raise NotTextError
    return text
