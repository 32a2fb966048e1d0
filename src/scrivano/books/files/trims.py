"""Trim sizes, margins and type sizes of the print book."""

import re
from dataclasses import dataclass

from scrivano.books.files.manuscript import UnknownTrim

_MM = 1 / 25.4

# Widths and heights in inches. The American sizes are those that print-on-demand houses list as standard.
_NAMED: dict[str, tuple[float, float]] = {
    "a4": (210 * _MM, 297 * _MM),
    "a5": (148 * _MM, 210 * _MM),
    "a6": (105 * _MM, 148 * _MM),
    "b5": (176 * _MM, 250 * _MM),
    "pocket": (4.25, 6.87),
    "digest": (5.5, 8.5),
    "trade": (6, 9),
    "royal": (6.14, 9.21),
    "letter": (8.5, 11),
}
_SIZE = re.compile(
    r"(\d{1,2}(?:\.\d{1,3})?)\s*(?:in)?\s*[x×]\s*(\d{1,2}(?:\.\d{1,3})?)\s*(?:in)?", re.IGNORECASE
)

# Least gutter in inches up to a number of pages, as Amazon KDP asks for paperbacks
# (KDP help, "Set trim size, bleed and margins": 24–150, 151–300, 301–500, 501–700, 701–828 pages).
GUTTERS = ((150, 0.375), (300, 0.5), (500, 0.625), (700, 0.75), (828, 0.875))
WIDEST_GUTTER = 1.0


@dataclass(frozen=True, slots=True)
class Look:
    """Page geometry in inches (`inside` comes on top of the gutter); type size and line height in points."""

    width: float
    height: float
    inside: float
    outside: float
    top: float
    bottom: float
    size: float
    line: float


def read_trim(trim: str) -> Look:
    """The page of a trim size such as `6x9`, `5.5x8.5`, `A5` or `pocket`. Raises UnknownTrim."""
    width, height = _sides(trim)
    # Margins and type follow the width, so that a line holds 60 to 70 characters on any page.
    scale = min(max(width / 6, 0.72), 1.3)
    size = round(min(max(11.4 * scale**0.35, 9.8), 12.4), 1)
    return Look(
        width=width,
        height=height,
        inside=round(0.375 * scale + max(0.0, width - 7) * 0.3, 3),
        outside=round(0.72 * scale + max(0.0, width - 7) * 0.4, 3),
        top=round(0.87 * height / 9, 3),
        bottom=round(0.85 * height / 9, 3),
        size=size,
        line=round(size * 1.31, 2),
    )


def _sides(trim: str) -> tuple[float, float]:
    named = _NAMED.get(trim.strip().lower())
    if named:
        return named
    match = _SIZE.fullmatch(trim.strip())
    if match:
        width, height = float(match[1]), float(match[2])
        if 4 <= width <= 9 and 5.8 <= height <= 12 and width <= height * 1.1:
            return width, height
    raise UnknownTrim(
        f"{trim[:40]!r} is not a trim size that can be printed.",
        field="trim",
        remedy="Use 6x9, 5x8, 5.5x8.5, A5, pocket … or width x height in inches (4 to 9 by 5.8 to 12).",
    )


def gutter_for(pages: int) -> float:
    """The least gutter in inches for a book of so many pages."""
    return next((gutter for most, gutter in GUTTERS if pages <= most), WIDEST_GUTTER)
