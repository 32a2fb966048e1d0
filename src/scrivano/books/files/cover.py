"""Typographic front covers in six styles, drawn without any model or network."""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scrivano.books.files.book import front_of, language_of
from scrivano.books.files.fonts import check_cover_characters, showable_capitals
from scrivano.books.files.manuscript import Cover, Manuscript, MissingCharacters
from scrivano.books.files.pdf import timestamp_of
from scrivano.books.files.print_data import display_line, is_cased
from scrivano.books.files.trims import read_trim
from scrivano.books.files.typesetter import new_job, typeset_now

_PIXELS = (1600, 2560)
_UNITS = (450.0, 720.0)
_DRAWS = 200


def draw_cover(manuscript: Manuscript, font_dirs: Sequence[Path] = ()) -> Cover:
    """Draw the cover in the manuscript's style: SVG and PNG of 1600 × 2560 px, PDF in trim size.

    The same title, style and trim give the same bytes; another title other colours and another composition.
    Words in the SVG are outlines, so it needs no fonts. Raises MissingCharacters, UnknownTrim, UnknownLanguage
    or TypesettingError. Waits for a process of its own; call it in a thread where a loop must not wait.
    """
    missing = check_cover_characters(manuscript, font_dirs)
    if missing:
        raise MissingCharacters(missing)
    language = language_of(manuscript)
    look = read_trim(manuscript.trim)
    title, subtitle, author = front_of(manuscript)
    data = {
        "document": {"title": title, "author": author},
        "title": display_line(title, language),
        "subtitle": display_line(subtitle, language),
        "author": display_line(author, language),
        "capitals": {
            "title": display_line(showable_capitals(title, language, font_dirs), language),
            "author": display_line(showable_capitals(author, language, font_dirs), language),
        },
        "style": manuscript.cover.style,
        "lang": language.code,
        "rtl": language.right_to_left,
        "cased": is_cased(language),
        "seed": _seed(f"{manuscript.cover.style}\n{title}"),
    }
    job = new_job("draw", data, language, {}, font_dirs, timestamp_of(manuscript))
    screen = {"width": str(_UNITS[0]), "height": str(_UNITS[1])}
    page = {"width": str(look.width * 72), "height": str(look.height * 72)}
    outputs: list[dict[str, Any]] = [
        {"format": "svg", "inputs": screen},
        {"format": "png", "inputs": screen, "ppi": 72 * _PIXELS[0] / _UNITS[0]},
        {"format": "pdf", "inputs": page},
    ]
    drawn = typeset_now(job | {"template": "cover.typ", "standards": ["a-2b"], "outputs": outputs})
    svg = base64.b64decode(drawn["svg"])
    size = f'width="{_PIXELS[0]}" height="{_PIXELS[1]}"'.encode()
    svg = svg.replace(b'width="450pt" height="720pt"', size, 1)
    return Cover(svg=svg, pdf=base64.b64decode(drawn["pdf"]), png=base64.b64decode(drawn["png"]))


def _seed(words: str) -> list[float]:
    """Numbers from 0 to 1 that follow from `words` alone."""
    draws: list[float] = []
    block = hashlib.sha256(words.encode()).digest()
    while len(draws) < _DRAWS:
        draws += [int.from_bytes(block[i : i + 4], "big") / 2**32 for i in range(0, 32, 4)]
        block = hashlib.sha256(block).digest()
    return draws
