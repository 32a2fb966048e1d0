"""Makes text safe for every format: what XML, PDF or a terminal must not meet is taken out here, once."""

import re
import unicodedata

# C0 and C1 controls apart from tab and newline, surrogates, non-characters, byte order marks, the characters
# that force or embed a writing direction (isolates and marks, which end with their paragraph, stay),
# interlinear annotation, deprecated format characters and tag characters.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\ufeff"
    "\u202a-\u202e\u206a-\u206f\ufff9-\ufffb\U000e0000-\U000e0fff"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17))
    + "]"
)
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"[ \t\n]+")


def clean_text(text: str) -> str:
    """`text` in Unicode form C, with `\\n` as the only line end and without control characters."""
    return unicodedata.normalize("NFC", _UNWANTED.sub("", _LINE_ENDS.sub("\n", text)))


def clean_line(text: str) -> str:
    """Like clean_text, on one line and without spaces at its ends."""
    return _SPACES.sub(" ", clean_text(text)).strip()
