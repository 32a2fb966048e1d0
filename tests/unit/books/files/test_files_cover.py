"""Covers: six styles, every title fits, equal titles give equal bytes."""

import io
import re
from typing import get_args

import pypdf
import pytest
from files_samples import manuscript
from PIL import Image

from scrivano.books.files import CoverDesign, CoverStyle, MissingCharacters, draw_cover

_LONG = (
    "On the Origin of Species by Means of Natural Selection, or the Preservation of Favoured Races in the Struggle "
    "for Life, and Several Other Matters"
)


@pytest.mark.parametrize("style", get_args(CoverStyle))
def test_a_cover_has_its_sizes_and_its_words(style: CoverStyle) -> None:
    cover = draw_cover(manuscript("x", cover=CoverDesign(style=style)))
    picture = Image.open(io.BytesIO(cover.png))
    assert picture.size == (1600, 2560)
    assert cover.svg.startswith(b"<svg") and b'width="1600" height="2560"' in cover.svg[:400]
    page = pypdf.PdfReader(io.BytesIO(cover.pdf)).pages[0]
    assert [float(x) for x in page.mediabox[2:]] == [432, 648]
    words = re.sub(r"\s+", "", page.extract_text()).lower()
    for piece in ("thequiet", "kettle", "abookfortesting", "adalovelace"):
        assert piece in words


def test_styles_and_titles_differ() -> None:
    pictures = {
        draw_cover(manuscript("x", cover=CoverDesign(style=style))).png for style in get_args(CoverStyle)
    }
    assert len(pictures) == 6
    assert draw_cover(manuscript("x", title="Another")).png not in pictures


@pytest.mark.parametrize(
    "title",
    [
        _LONG,
        "W" * 120,
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk",
        "I",
        "كيف يتعلم الأطفال",
        "🌍 #eval(1)",
    ],
)
def test_any_title_stays_on_the_page(title: str) -> None:
    cover = draw_cover(
        manuscript("x", title=title, subtitle="", author="", cover=CoverDesign(style="corporate"))
    )
    picture = Image.open(io.BytesIO(cover.png)).convert("L")
    # The margins beside the title keep the colour of the paper.
    for x in (40, 1560):
        column = [picture.getpixel((x, y)) for y in range(300, 1350, 5)]
        assert len(set(column)) == 1


def test_the_same_title_gives_the_same_bytes() -> None:
    assert draw_cover(manuscript("x")) == draw_cover(manuscript("y", "z"))


def test_missing_characters_are_named() -> None:
    with pytest.raises(MissingCharacters, match=r"U\+6F22.*the title"):
        draw_cover(manuscript("x", title="漢"))
