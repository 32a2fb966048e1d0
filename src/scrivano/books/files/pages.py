"""Pages of a finished PDF as pictures, for a look at them where no viewer is."""

import struct
import zlib
from threading import Lock
from typing import Any

import pypdfium2

from scrivano.core.errors import NotFound

WIDTHS = (160, 480, 800, 1200)
"""Pixels that a picture may be wide."""

# The library draws one page at a time.
_one_at_a_time = Lock()


def page_count(pdf: bytes) -> int:
    """How many pages there are."""
    with _one_at_a_time:
        document = _opened(pdf)
        try:
            return len(document)
        finally:
            document.close()


def page_picture(pdf: bytes, number: int, width: int) -> bytes:
    """Page `number` (from 1) as a PNG of `width` pixels. Raises NotFound for a page that is not there."""
    with _one_at_a_time:
        document = _opened(pdf)
        try:
            if not 1 <= number <= len(document):
                raise NotFound(
                    f"There is no page {number}.", field="page", remedy=f"There are {len(document)}."
                )
            page = document[number - 1]
            bitmap = page.render(scale=width / page.get_width(), rev_byteorder=True)
            across, down = int(bitmap.width), int(bitmap.height)
            channels, stride = int(bitmap.n_channels), int(bitmap.stride)
            pixels = bytes(bitmap.buffer)
        finally:
            document.close()
    rows = (pixels[at : at + across * channels] for at in range(0, stride * down, stride))
    return _png(across, down, channels, b"".join(b"\0" + row for row in rows))


def _opened(pdf: bytes) -> Any:
    return pypdfium2.PdfDocument(pdf)


def _png(across: int, down: int, channels: int, lines: bytes) -> bytes:
    """Rows of pixels, each behind its filter byte, as a PNG: grey, red-green-blue, or that with a fourth channel."""
    colour = {1: 0, 3: 2, 4: 6}[channels]
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", across, down, 8, colour, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines, 6)),
        (b"IEND", b""),
    )
    told = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(told)
