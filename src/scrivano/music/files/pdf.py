"""Puts engraved pages into a PDF: what Verovio and our own lettering draw, nothing more of SVG.

Glyphs become form objects, so that a page stays small. There are no fonts in the file and nothing varies from
run to run. A page has thousands of drawn elements, always written the same way, so its text is searched for them,
which takes half the time of reading it as a tree.
"""

import hashlib
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from scrivano.music.files.outlines import absolute

_A4: Final = (595.276, 841.89)
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")
# A drawn element: a glyph and where it stands, or a straight line, or another shape with its attributes.
_DRAWN: Final = re.compile(
    r'<use href="#([^"]+)" transform="translate\((-?[\d.]+), ?(-?[\d.]+)\) scale\((-?[\d.]+), ?(-?[\d.]+)\)"/>'
    r'|<path d="M(-?[\d.]+) (-?[\d.]+) L(-?[\d.]+) (-?[\d.]+)" stroke-width="([\d.]+)"/>'
    r"|<(path|rect|polygon|polyline|ellipse) ([^>]*)/>"
)
_DEFINED: Final = re.compile(
    r'<g id="([^"]+)"><path transform="scale\(1,-1\)" d="([^"]*)"/>|<path id="([^"]+)" d="([^"]*)"/>'
)
_ATTRIBUTE: Final = re.compile(r'([\w-]+)="([^"]*)"')
_MARGIN: Final = re.compile(r'<g class="page-margin" transform="translate\((-?[\d.]+), ?(-?[\d.]+)\)">')
_INNER: Final = re.compile(r'<svg class="definition-scale"[^>]*\bviewBox="0 0 ([\d.]+) [\d.]+">')
_K = 0.5523

_Attributes = dict[str, str]


def write_pdf(pages: Sequence[bytes], title: str) -> bytes:
    """A PDF of A4 pages from the SVG pages of `engrave`. Raises ValueError for any other SVG."""
    document = _Document()
    page_tree = document.reserve()
    glyphs: dict[str, int] = {}
    numbers = list[int]()
    for page in map(bytes.decode, pages):
        margin, inner = _MARGIN.search(page), _INNER.search(page)
        if margin is None or inner is None:
            raise ValueError("This is no page of an engraved score.")
        _define(page[: margin.start()], glyphs, document)
        content, used = _content(page[margin.end() :], float(inner[1]), (margin[1], margin[2]))
        stream = document.stream(b"", content.encode())
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


def _define(defs: str, glyphs: dict[str, int], document: _Document) -> None:
    for sign, sign_path, letter, letter_path in _DEFINED.findall(defs):
        name = sign or letter
        if name not in glyphs:
            entries = b"/Type/XObject/Subtype/Form/BBox[-4000 -6000 9000 6000]"
            glyphs[name] = document.stream(entries, _filled(sign_path or letter_path, -1 if sign else 1))


@lru_cache(maxsize=2048)
def _filled(path: str, flip: int) -> bytes:
    return ("\n".join(_operators(absolute(path), flip)) + "\nf").encode()


def _content(drawn: str, wide: float, margin: tuple[str, str]) -> tuple[str, set[str]]:
    """What a page draws, and the glyphs it uses."""
    scale = _A4[0] / wide
    names: dict[str, str] = {}
    lines = [f"{scale:.6f} 0 0 {-scale:.6f} 0 {_A4[1]} cm 1 0 0 1 {margin[0]} {margin[1]} cm 0 J 0 j 1 w"]
    add = lines.append
    for glyph, x, y, across, down, x1, y1, x2, y2, pen, shape, attributes in _DRAWN.findall(drawn):
        if glyph:
            name = names.get(glyph) or names.setdefault(glyph, _name(glyph))
            add(f"q {across} 0 0 {down} {x} {y} cm/{name} Do Q")
        elif pen:
            add(f"{pen} w {x1} {y1} m {x2} {y2} l S")
        else:
            add(_SHAPES[shape](dict(_ATTRIBUTE.findall(attributes))))
    return "\n".join(lines), set(names)


def _operators(commands: list[tuple[str, list[float]]], flip: int = 1) -> Iterator[str]:
    for kind, values in commands:
        if kind == "Z":
            yield "h"
        else:
            numbers = " ".join(f"{v * flip if n % 2 else v:g}" for n, v in enumerate(values))
            yield f"{numbers} {kind.lower()}"


def _pen(element: _Attributes) -> str:
    caps = " 1 J 1 j" if element.get("stroke-linecap") == "round" else ""
    return f"{element.get('stroke-width', '1')} w{caps}"


def _path(element: _Attributes) -> str:
    commands = absolute(element.get("d", ""))
    line = all(kind in "ML" for kind, _ in commands)
    paint = "S" if line or element.get("fill") == "none" else "B"
    return f"q {_pen(element)} {' '.join(_operators(commands))} {paint} Q"


def _rect(element: _Attributes) -> str:
    x, y, width, height = (element.get(key, "0") for key in ("x", "y", "width", "height"))
    paint = "S" if element.get("fill-opacity") == "0" or element.get("fill") == "none" else "B"
    return f"q {_pen(element)} {x} {y} {width} {height} re {paint} Q"


def _polygon(element: _Attributes, paint: str = "b") -> str:
    numbers = _NUMBER.findall(element.get("points", ""))
    points = [f"{x} {y}" for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
    return f"q {_pen(element)} {points[0]} m {' '.join(f'{p} l' for p in points[1:])} {paint} Q"


def _ellipse(element: _Attributes) -> str:
    x, y, rx, ry = (float(element.get(key, "0")) for key in ("cx", "cy", "rx", "ry"))
    kx, ky = rx * _K, ry * _K
    return (
        f"{x - rx:g} {y:g} m {x - rx:g} {y - ky:g} {x - kx:g} {y - ry:g} {x:g} {y - ry:g} c "
        f"{x + kx:g} {y - ry:g} {x + rx:g} {y - ky:g} {x + rx:g} {y:g} c "
        f"{x + rx:g} {y + ky:g} {x + kx:g} {y + ry:g} {x:g} {y + ry:g} c "
        f"{x - kx:g} {y + ry:g} {x - rx:g} {y + ky:g} {x - rx:g} {y:g} c f"
    )


_SHAPES: Final[dict[str, Callable[[_Attributes], str]]] = {
    "path": _path,
    "rect": _rect,
    "polygon": _polygon,
    "polyline": lambda element: _polygon(element, "S"),
    "ellipse": _ellipse,
}
