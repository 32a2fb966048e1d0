"""Pages of a PDF as pictures."""

import io
import struct
import zlib

import pypdf
import pytest

from scrivano.books.files.pages import page_count, page_picture
from scrivano.core.errors import NotFound


def pdf(pages: int) -> bytes:
    writer = pypdf.PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=360, height=540)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_page_is_a_png_of_the_width_that_was_asked() -> None:
    made = pdf(3)
    assert page_count(made) == 3
    picture = page_picture(made, 3, 480)
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, depth, colour = struct.unpack(">IIBB", picture[16:26])
    assert (width, height, depth) == (480, 720, 8)
    data = picture[picture.index(b"IDAT") + 4 : -16]
    channels = {0: 1, 2: 3, 6: 4}[colour]
    lines = zlib.decompress(data)
    assert len(lines) == 720 * (1 + 480 * channels)
    assert set(lines[1 : 1 + 480 * channels]) == {255}, "a blank page is white"


@pytest.mark.parametrize("number", [0, 4])
def test_a_page_that_is_not_there_is_told(number: int) -> None:
    with pytest.raises(NotFound, match="no page"):
        page_picture(pdf(3), number, 160)
