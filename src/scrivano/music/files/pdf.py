"""Puts engraved pages into a PDF: what Verovio and our own lettering draw, nothing more of SVG.

Glyphs become form objects, so that a page stays small. There are no fonts in the file and nothing varies from
run to run.
"""

import hashlib
import re
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final
from xml.etree import ElementTree as ET

from scrivano.music.files.outlines import absolute

_A4: Final = (595.276, 841.89)
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")
_USUAL: Final = re.compile(r"translate\((-?[\d.]+), ?(-?[\d.]+)\) scale\((-?[\d.]+), ?(-?[\d.]+)\)$")
_LINE: Final = re.compile(r"M(-?[\d.]+)[ ,](-?[\d.]+) L(-?[\d.]+)[ ,](-?[\d.]+)$")
_SVG = "{http://www.w3.org/2000/svg}"
_K = 0.5523


def write_pdf(pages: Sequence[bytes], title: str) -> bytes:
    """A PDF of A4 pages from the SVG pages of `engrave`."""
    document = _Document()
    page_tree = document.reserve()
    glyphs: dict[str, int] = {}
    numbers = list[int]()
    for page in pages:
        root = ET.fromstring(page)
        _define(root, glyphs, document)
        content, used = _content(root)
        stream = document.stream(b"", content)
        fonts = " ".join(f"/{_name(g)} {glyphs[g]} 0 R" for g in sorted(used))
        numbers.append(
            document.add(
                f"<</Type/Page/Parent {page_tree} 0 R/MediaBox[0 0 {_A4[0]} {_A4[1]}]"
                f"/Resources<</XObject<<{fonts}>>>>/Contents {stream} 0 R>>".encode()
            )
        )
    kids = " ".join(f"{n} 0 R" for n in numbers)
    document.set(page_tree, f"<</Type/Pages/Count {len(numbers)}/Kids[{kids}]>>".encode())
    catalog = document.add(
        f"<</Type/Catalog/Pages {page_tree} 0 R/ViewerPreferences<</DisplayDocTitle true>>>>".encode()
    )
    words = title.encode("utf-16-be").hex()
    info = document.add(f"<</Title<FEFF{words}>/Producer(Scrivano)>>".encode())
    return document.finish(catalog, info)


class _Document:
    def __init__(self) -> None:
        self.objects: list[bytes] = []

    def reserve(self) -> int:
        self.objects.append(b"")
        return len(self.objects)

    def set(self, number: int, body: bytes) -> None:
        self.objects[number - 1] = body

    def add(self, body: bytes) -> int:
        self.objects.append(body)
        return len(self.objects)

    def stream(self, entries: bytes, data: bytes) -> int:
        packed = zlib.compress(data, 4)
        return self.add(
            b"<<%s/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (entries, len(packed), packed)
        )

    def finish(self, catalog: int, info: int) -> bytes:
        out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        places = list[int]()
        for number, body in enumerate(self.objects, start=1):
            places.append(len(out))
            out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        table = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
        out += b"".join(b"%010d 00000 n \n" % place for place in places)
        mark = hashlib.sha256(bytes(out)).hexdigest()[:32].encode()
        out += b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%s><%s>]>>\nstartxref\n%d\n%%%%EOF\n" % (
            len(places) + 1, catalog, info, mark, mark, table,
        )  # fmt: skip
        return bytes(out)


@lru_cache(maxsize=2048)
def _name(glyph: str) -> str:
    return "G" + re.sub(r"[^0-9A-Za-z]", "", glyph)


def _define(root: ET.Element, glyphs: dict[str, int], document: _Document) -> None:
    for definition in root.iterfind(f"{_SVG}defs/*"):
        name = definition.get("id", "")
        path = definition if definition.tag == f"{_SVG}path" else definition.find(f"{_SVG}path")
        if name in glyphs or path is None:
            continue
        flip = -1 if "scale(1,-1)" in path.get("transform", "") else 1
        entries = b"/Type/XObject/Subtype/Form/BBox[-4000 -6000 9000 6000]"
        glyphs[name] = document.stream(entries, _filled(path.get("d", ""), flip))


@lru_cache(maxsize=2048)
def _filled(path: str, flip: int) -> bytes:
    return ("\n".join(_operators(absolute(path), flip)) + "\nf").encode()


def _content(root: ET.Element) -> tuple[bytes, set[str]]:
    inner = root.find(f"{_SVG}svg")
    if inner is None:
        return b"", set()
    wide = float(inner.get("viewBox", "0 0 21000 29700").split()[2])
    scale = _A4[0] / wide
    used: set[str] = set()
    lines = [f"{scale:.6f} 0 0 {-scale:.6f} 0 {_A4[1]} cm 0 J 0 j 1 w"]
    _draw(inner, used, lines)
    return "\n".join(lines).encode(), used


def _draw(element: ET.Element, used: set[str], out: list[str]) -> None:
    for child in element:
        tag = child.tag.removeprefix(_SVG)
        if tag == "g":
            if move := child.get("transform"):
                out.append(f"q {_matrix(move)} cm")
                _draw(child, used, out)
                out.append("Q")
            else:
                _draw(child, used, out)
        elif tag == "use":
            glyph = child.get("href", "").removeprefix("#")
            used.add(glyph)
            out.append(f"q {_matrix(child.get('transform', ''))} cm/{_name(glyph)} Do Q")
        elif tag in _SHAPES:
            out.append(_SHAPES[tag](child))


def _matrix(transform: str) -> str:
    if usual := _USUAL.match(transform):
        x, y, wide, high = usual.groups()
        return f"{wide} 0 0 {high} {x} {y}"
    move, scale = (0.0, 0.0), (1.0, 1.0)
    for kind, values in re.findall(r"(\w+)\(([^)]*)\)", transform):
        numbers = [float(v) for v in _NUMBER.findall(values)]
        pair = (numbers[0], numbers[1] if len(numbers) > 1 else (0.0 if kind == "translate" else numbers[0]))
        if kind == "translate":
            move = (move[0] + pair[0] * scale[0], move[1] + pair[1] * scale[1])
        elif kind == "scale":
            scale = (scale[0] * pair[0], scale[1] * pair[1])
    return f"{scale[0]:g} 0 0 {scale[1]:g} {move[0]:g} {move[1]:g}"


def _operators(commands: list[tuple[str, list[float]]], flip: int = 1) -> Iterator[str]:
    for kind, values in commands:
        if kind == "Z":
            yield "h"
        else:
            numbers = " ".join(f"{v * flip if n % 2 else v:g}" for n, v in enumerate(values))
            yield f"{numbers} {kind.lower()}"


def _pen(element: ET.Element) -> str:
    caps = " 1 J 1 j" if element.get("stroke-linecap") == "round" else ""
    return f"{element.get('stroke-width', '1')} w{caps}"


def _path(element: ET.Element) -> str:
    if straight := _LINE.match(element.get("d", "")):
        x, y, to_x, to_y = straight.groups()
        return f"{element.get('stroke-width', '1')} w {x} {y} m {to_x} {to_y} l S"
    commands = absolute(element.get("d", ""))
    line = all(kind in "ML" for kind, _ in commands)
    paint = "S" if line or element.get("fill") == "none" else "B"
    return f"q {_pen(element)} {' '.join(_operators(commands))} {paint} Q"


def _rect(element: ET.Element) -> str:
    x, y, width, height = (element.get(key, "0") for key in ("x", "y", "width", "height"))
    paint = "S" if element.get("fill-opacity") == "0" or element.get("fill") == "none" else "B"
    return f"q {_pen(element)} {x} {y} {width} {height} re {paint} Q"


def _polygon(element: ET.Element) -> str:
    numbers = _NUMBER.findall(element.get("points", ""))
    points = [f"{x} {y}" for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
    paint = "b" if element.tag.endswith("polygon") else "S"
    return f"q {_pen(element)} {points[0]} m {' '.join(f'{p} l' for p in points[1:])} {paint} Q"


def _ellipse(element: ET.Element) -> str:
    x, y, rx, ry = (float(element.get(key, "0")) for key in ("cx", "cy", "rx", "ry"))
    kx, ky = rx * _K, ry * _K
    return (
        f"{x - rx:g} {y:g} m {x - rx:g} {y - ky:g} {x - kx:g} {y - ry:g} {x:g} {y - ry:g} c "
        f"{x + kx:g} {y - ry:g} {x + rx:g} {y - ky:g} {x + rx:g} {y:g} c "
        f"{x + rx:g} {y + ky:g} {x + kx:g} {y + ry:g} {x:g} {y + ry:g} c "
        f"{x - kx:g} {y + ry:g} {x - rx:g} {y + ky:g} {x - rx:g} {y:g} c f"
    )


_SHAPES: Final = {
    "path": _path,
    "rect": _rect,
    "polygon": _polygon,
    "polyline": _polygon,
    "ellipse": _ellipse,
}
