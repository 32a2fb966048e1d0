"""Brings pictures that only some readers know to PNG."""

import base64
from dataclasses import replace

from scrivano.books.files.languages import Language
from scrivano.books.files.model import Book, ImageFile
from scrivano.books.files.typesetter import new_job, typeset_now

_EVERYWHERE = {"image/png", "image/jpeg", "image/gif"}
_WIDEST = 1600


def portable(book: Book, language: Language) -> Book:
    """`book` with SVG and WebP images drawn as PNG. Raises UnusableImage if one cannot be drawn.

    An SVG may hold scripts and addresses of other files; its picture cannot.
    """
    drawn = {
        key: image if image.media_type in _EVERYWHERE else _draw(image, language)
        for key, image in book.images.items()
    }
    return replace(book, images=drawn)


def _draw(image: ImageFile, language: Language) -> ImageFile:
    scale = 2 if image.media_type == "image/svg+xml" else 1
    width = min(_WIDEST, image.width * scale)
    height = max(1, round(width * image.height / image.width))
    job = new_job("draw", {"file": image.name}, language, {image.name: image.data}, (), 0)
    job |= {
        "template": "picture.typ",
        "standards": [],
        "outputs": [{"format": "png", "ppi": 72, "inputs": {"width": str(width), "height": str(height)}}],
    }
    data = base64.b64decode(typeset_now(job)["png"])
    return ImageFile(image.name.rpartition(".")[0] + ".png", "image/png", data, width, height)
