"""Drawing covers: fronts in every size, and the wrap of a paperback. Each waits for a process of its own."""

import base64
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scrivano.books.covers.dto import Lettering
from scrivano.books.files import Cover, Manuscript, MissingCharacters, draw_cover
from scrivano.books.files.book import front_of, language_of
from scrivano.books.files.fonts import check_cover_characters
from scrivano.books.files.images import find_image
from scrivano.books.files.pdf import timestamp_of
from scrivano.books.files.print_data import display_line
from scrivano.books.files.trims import read_trim
from scrivano.books.files.typesetter import new_job, typeset_now
from scrivano.core.errors import InvalidInput

_TEMPLATES = Path(__file__).parent / "templates"
_PIXELS = (1600, 2560)
_UNITS = (450.0, 720.0)
MOST_BYTES = 20_000_000
SMALLEST = 600
BLEED_INCHES = 0.125
# Thickness of a leaf's page in inches, white paper; and from how many pages a spine takes words.
# Source: Amazon KDP help, "Create a paperback cover": 0.002252" a page for white paper, text from 79 pages on.
PAGE_INCHES = 0.002252
PAGES_FOR_WORDS = 79
_PAGES = re.compile(rb"/Type\s*/Pages\b[^>]*?/Count\s+(\d+)|/Count\s+(\d+)[^>]*?/Type\s*/Pages\b", re.DOTALL)


def lettered(manuscript: Manuscript, lettering: Lettering, style: str) -> Manuscript:
    """The manuscript as its cover shows it: other words where the author chose some."""
    words = {
        name: value
        for name in ("title", "subtitle", "author")
        if (value := getattr(lettering, name)) is not None
    }
    data = manuscript.model_dump(
        include={"title", "subtitle", "author", "language", "date", "trim", "identifier"}
    )
    return Manuscript.model_validate({**data, **words, "chapters": [], "cover": {"style": style}})


def draw_front(manuscript: Manuscript, art: bytes | None, show: bool, font_dirs: Sequence[Path]) -> Cover:
    """The front cover: in the manuscript's style, or `art` with its words upon it. Raises what `draw_cover` raises."""
    if art is None:
        return draw_cover(manuscript, font_dirs)
    missing = check_cover_characters(manuscript, font_dirs)
    if missing:
        raise MissingCharacters(missing)
    language = language_of(manuscript)
    title, subtitle, author = front_of(manuscript)
    look = read_trim(manuscript.trim)
    data = {
        "document": {"title": title, "author": author},
        "title": display_line(title, language),
        "subtitle": display_line(subtitle, language),
        "author": display_line(author, language),
        "lang": language.code,
        "rtl": language.right_to_left,
        "art": "art.png",
        "show": show,
    }
    job = new_job("draw", data, language, {"art.png": art}, font_dirs, timestamp_of(manuscript))
    screen = {"width": str(_UNITS[0]), "height": str(_UNITS[1])}
    page = {"width": str(look.width * 72), "height": str(look.height * 72)}
    outputs: list[dict[str, Any]] = [
        {"format": "svg", "inputs": screen},
        {"format": "png", "inputs": screen, "ppi": 72 * _PIXELS[0] / _UNITS[0]},
        {"format": "pdf", "inputs": page},
    ]
    drawn = typeset_now(
        job | {"template": str(_TEMPLATES / "art.typ"), "standards": ["a-2b"], "outputs": outputs}
    )
    svg = base64.b64decode(drawn["svg"])
    size = f'width="{_PIXELS[0]}" height="{_PIXELS[1]}"'.encode()
    svg = svg.replace(b'width="450pt" height="720pt"', size, 1)
    return Cover(svg=svg, pdf=base64.b64decode(drawn["pdf"]), png=base64.b64decode(drawn["png"]))


def clean_picture(data: bytes, manuscript: Manuscript, *, smallest: int = SMALLEST) -> bytes:
    """A picture as a plain PNG, drawn anew in a process with limits: nothing but its pixels is kept.

    Raises UnusableImage for what is no picture, InvalidInput for one that is too large or too small to print.
    """
    if len(data) > MOST_BYTES:
        raise InvalidInput(
            f"The picture has {len(data) / 1e6:.0f} MB; at most {MOST_BYTES // 1_000_000} MB are taken.",
            field="file",
            remedy="Save it smaller; 1600 × 2560 pixels are enough.",
        )
    image = find_image({"cover": data}, "cover", "the cover")
    if min(image.width, image.height) < smallest and image.media_type != "image/svg+xml":
        raise InvalidInput(
            f"The picture has {image.width} × {image.height} pixels; a cover needs {smallest} on each side.",
            field="file",
            remedy="1600 × 2560 pixels are best.",
        )
    scale = min(1.0, 3200 / max(image.width, image.height))
    if image.media_type == "image/svg+xml":
        scale = _PIXELS[1] / max(image.width, image.height)
    width, height = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    language = language_of(manuscript)
    job = new_job("draw", {"file": image.name}, language, {image.name: data}, (), 0)
    job |= {
        "template": "picture.typ",
        "standards": [],
        "outputs": [{"format": "png", "ppi": 72, "inputs": {"width": str(width), "height": str(height)}}],
    }
    return base64.b64decode(typeset_now(job)["png"])


def count_pages(pdf: bytes) -> int:
    """How many pages a PDF that was typeset here has."""
    return max((int(a or b) for a, b in _PAGES.findall(pdf)), default=0)


def spine_inches(pages: int) -> float:
    """How thick a paperback of so many pages is on white paper."""
    return round(pages * PAGE_INCHES, 4)


def draw_wrap(
    manuscript: Manuscript, front: bytes, pages: int, blurb: str, font_dirs: Sequence[Path]
) -> bytes:
    """The print cover as PDF: back, spine of the width that so many pages need, front, and bleed on all sides."""
    language = language_of(manuscript)
    title, _, author = front_of(manuscript)
    look = read_trim(manuscript.trim)
    dark = manuscript.cover.style == "futuristic"
    data = {
        "document": {"title": title, "author": author},
        "title": display_line(title, language),
        "author": display_line(author, language),
        "blurb": display_line(blurb, language),
        "lang": language.code,
        "rtl": language.right_to_left,
        "lettered": pages >= PAGES_FOR_WORDS,
        "ink": "F4F4F0" if dark else "1E1E1C",
        "paper": "14161C" if dark else "F4F1EA",
    }
    job = new_job("draw", data, language, {"front.pdf": front}, font_dirs, timestamp_of(manuscript))
    inches = {
        "width": look.width,
        "height": look.height,
        "spine": max(0.05, spine_inches(pages)),
        "bleed": BLEED_INCHES,
    }
    inputs = {name: str(value * 72) for name, value in inches.items()}
    outputs = [{"format": "pdf", "inputs": inputs}]
    drawn = typeset_now(job | {"template": str(_TEMPLATES / "wrap.typ"), "standards": [], "outputs": outputs})
    return base64.b64decode(drawn["pdf"])
