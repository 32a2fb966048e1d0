"""Images: found by the address that the Markdown uses, and checked."""

import base64
import binascii
import hashlib
import re
import struct
from collections.abc import Mapping

from scrivano.books.files.manuscript import MissingImage, UnusableImage
from scrivano.books.files.model import ImageFile

_MOST_PIXELS = 60_000_000
_DATA_URI = re.compile(r"data:image/[a-z+.-]+;base64,([A-Za-z0-9+/=\s]+)")
_EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/svg+xml": "svg",
}


def find_image(images: Mapping[str, bytes], key: str, where: str) -> ImageFile:
    """The image that chapter `where` shows as `key`. Raises MissingImage, or UnusableImage if it is none."""
    data = images.get(key)
    if data is None:
        data = _inline_data(key)
    if data is None:
        raise MissingImage(
            f"The image {key[:200]!r} in {where} was not given.",
            field="images",
            remedy="Give its file beside the text, or take it out of the chapter.",
        )
    media_type, width, height = _measure(data, key)
    digest = hashlib.sha256(data).hexdigest()[:16]
    return ImageFile(f"{digest}.{_EXTENSIONS[media_type]}", media_type, data, width, height)


def _inline_data(key: str) -> bytes | None:
    match = _DATA_URI.fullmatch(key)
    if match is None:
        return None
    try:
        return base64.b64decode(match[1], validate=False)
    except (binascii.Error, ValueError):
        return None


def _measure(data: bytes, key: str) -> tuple[str, int, int]:
    try:
        media_type, width, height = _read_header(data)
    except (struct.error, IndexError, ValueError) as error:
        raise _unusable(key, "it is not a PNG, JPEG, GIF, WebP or SVG image, or it is damaged") from error
    if width < 1 or height < 1:
        raise _unusable(key, "it has no width or no height")
    if width * height > _MOST_PIXELS:
        raise _unusable(
            key, f"it has {width} × {height} pixels; at most {_MOST_PIXELS // 1_000_000} million can be set"
        )
    return media_type, width, height


def _unusable(key: str, why: str) -> UnusableImage:
    return UnusableImage(
        f"The image {key[:200]!r} cannot be used: {why}.",
        field="images",
        remedy="Save it again as PNG or JPEG, smaller if need be.",
    )


def _read_header(data: bytes) -> tuple[str, int, int]:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        width, height = struct.unpack(">II", data[16:24])
        return "image/png", width, height
    if data.startswith((b"GIF87a", b"GIF89a")):
        width, height = struct.unpack("<HH", data[6:10])
        return "image/gif", width, height
    if data.startswith(b"\xff\xd8"):
        return "image/jpeg", *_jpeg_size(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp", *_webp_size(data)
    return "image/svg+xml", *_svg_size(data)


def _jpeg_size(data: bytes) -> tuple[int, int]:
    at = 2
    while data[at] == 0xFF:
        marker = data[at + 1]
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        # Start-of-frame markers; C4, C8 and CC in their midst mean something else.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + length
    raise ValueError("no frame")


def _webp_size(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        return (int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1)
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack("<HH", data[26:30])
    return width & 0x3FFF, height & 0x3FFF


def _svg_size(data: bytes) -> tuple[int, int]:
    head = data[:4096].decode("utf-8", "replace")
    tag = re.search(r"<svg\b[^>]*>", head)
    if tag is None:
        raise ValueError("no svg")
    box = re.search(
        r"""viewBox\s*=\s*["']\s*[\d.eE+-]+[\s,]+[\d.eE+-]+[\s,]+([\d.]+)[\s,]+([\d.]+)""", tag[0]
    )
    sides = [
        re.search(rf"""\s{side}\s*=\s*["']\s*([\d.]+)(px)?\s*["']""", tag[0]) for side in ("width", "height")
    ]
    if sides[0] and sides[1]:
        return max(1, round(float(sides[0][1]))), max(1, round(float(sides[1][1])))
    if box:
        return max(1, round(float(box[1]))), max(1, round(float(box[2])))
    return 300, 150
