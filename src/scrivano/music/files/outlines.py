"""Text as outlines, so that a score needs no fonts where it is read: no box instead of ♭, ♯, ø or △.

The faces are JSON made of fonts under the SIL Open Font License (see `faces/README.md`): for each character its
advance and its outline as an SVG path, in thousandths of the em, y upwards. One is made by
`python -m scrivano.music.files.outlines FONT OUT [LAST]` (LAST: hexadecimal end of the characters). Signs of
music are taken from Verovio's Bravura; △, ø and ° are drawn here, to one measure.
"""

import json
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

_UNITS: Final = 1000
# What a face should have: Latin, Greek, Cyrillic and the punctuation of titles.
_RANGES: Final = (
    (0x20, 0x17F),
    (0x218, 0x21B),
    (0x386, 0x3CE),
    (0x400, 0x45F),
    (0x1E80, 0x1E85),
    (0x2010, 0x2044),
)
_MUSIC: Final = {
    "♭": "E260",
    "♮": "E261",
    "♯": "E262",
    "𝄪": "E263",
    "𝄫": "E264",
    "\uea64": "E260",
    "\uea65": "E261",
    "\uea66": "E262",
}


@dataclass(frozen=True)
class Outline:
    """A character drawn in units of a thousandth of the font size, y upwards."""

    advance: float
    path: str


# A triangle, a slashed ring and a ring, as wide strokes with a hole, for chord symbols.
_TRIANGLE: Final = Outline(690, "M30 0L345 690L660 0ZM140 72L550 72L345 524Z")


def _ring(cx: float, cy: float, radius: float, *, hole: bool) -> str:
    """A circle of four curves; the hole runs the other way round."""
    k = radius * 0.5523
    side = radius if hole else -radius
    turn = k if hole else -k
    top, bottom = cy + radius, cy - radius
    curves = (
        (cx + turn, top, cx + side, cy + k, cx + side, cy),
        (cx + side, cy - k, cx + turn, bottom, cx, bottom),
        (cx - turn, bottom, cx - side, cy - k, cx - side, cy),
        (cx - side, cy + k, cx - turn, top, cx, top),
    )
    return f"M{cx:g} {top:g}" + "".join("C" + " ".join(f"{v:g}" for v in c) for c in curves) + "Z"


_DEGREE: Final = Outline(420, _ring(205, 520, 165, hole=False) + _ring(205, 520, 100, hole=True))
_HALF: Final = Outline(
    640,
    _ring(320, 350, 260, hole=False) + _ring(320, 350, 190, hole=True) + "M60 40L115 -5L580 660L525 705Z",
)
_DRAWN: Final = {"△": _TRIANGLE, "ø": _HALF, "°": _DEGREE}


@cache
def face(name: str) -> dict[str, Outline]:
    """The outlines of a bundled face: `serif`, `italic` or `sans`."""
    data = json.loads(files("scrivano.music.files").joinpath(f"faces/{name}.json").read_text("utf-8"))
    return {char: Outline(advance, path) for char, (advance, path) in data.items()}


@cache
def outline(char: str, name: str, *, symbol: bool = False) -> Outline | None:
    """The outline of a character in a face, None if no source has it.

    With `symbol`, ø and ° are the signs of chord symbols, not the letter and the degree sign.
    """
    if char in {"\xa0", "\u2009", "\u202f"}:
        char = " "
    if char == "△" or (symbol and char in _DRAWN):
        return _DRAWN[char]
    if char in _MUSIC or 0xE000 <= ord(char) <= 0xF8FF:
        return _music_sign(_MUSIC.get(char, f"{ord(char):04X}"))
    return face(name).get(char)


@cache
def _music_sign(code: str) -> Outline | None:
    """A glyph of Bravura, whose em is four staff spaces, at a size that stands beside letters."""
    import verovio

    found = Path(verovio.__file__).parent / "data" / "Bravura" / f"{code}.xml"
    if not found.is_file():
        return None
    match = re.search(r' d="([^"]*)"', found.read_text("utf-8"))
    if match is None:
        return None
    accidental = code.startswith("E26")
    scale, lift = (1.0, 300) if accidental else (1.0, 0)
    points = _points(match.group(1))
    right = max((x for x, _ in points), default=0)
    return Outline(right * scale + 45, moved(match.group(1), scale, 0, lift))


_TOKEN: Final = re.compile(r"[A-Za-z]|-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?")
_TAKES: Final = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4}


@dataclass
class _Pen:
    """Where a path is, where it began, and the control point that a smooth curve mirrors."""

    x: float = 0.0
    y: float = 0.0
    start: tuple[float, float] = (0.0, 0.0)
    control: tuple[float, float] | None = None

    def move(self, kind: str, values: list[float], *, relative: bool) -> tuple[str, list[float]]:
        """One command made absolute, as M, L or C."""
        dx, dy = (self.x, self.y) if relative else (0.0, 0.0)
        if kind == "H":
            values = [values[0] + dx, self.y]
        elif kind == "V":
            values = [self.x, values[0] + dy]
        else:
            values = [v + (dy if n % 2 else dx) for n, v in enumerate(values)]
        if kind == "S":
            mirrored = self.control or (self.x, self.y)
            if self.control:
                mirrored = (2 * self.x - mirrored[0], 2 * self.y - mirrored[1])
            values = [*mirrored, *values]
        elif kind == "Q":
            values = self._raised(values)
        self.control = (values[2], values[3]) if kind in "CSQ" else None
        self.x, self.y = values[-2], values[-1]
        if kind == "M":
            self.start = (self.x, self.y)
        return {"H": "L", "V": "L", "S": "C", "Q": "C"}.get(kind, kind), values

    def _raised(self, values: list[float]) -> list[float]:
        """A quadratic curve as a cubic one."""
        qx, qy, ex, ey = values
        first = [self.x + 2 / 3 * (qx - self.x), self.y + 2 / 3 * (qy - self.y)]
        return [*first, ex + 2 / 3 * (qx - ex), ey + 2 / 3 * (qy - ey), ex, ey]

    def close(self) -> tuple[str, list[float]]:
        (self.x, self.y), self.control = self.start, None
        return "Z", []


def absolute(path: str) -> list[tuple[str, list[float]]]:
    """An SVG path as absolute M, L, C and Z commands. Arcs don't occur in scores and raise ValueError."""
    tokens: list[str] = _TOKEN.findall(path)
    out: list[tuple[str, list[float]]] = []
    pen = _Pen()
    command, i = "", 0
    while i < len(tokens):
        if tokens[i].isalpha():
            command = tokens[i]
            i += 1
        kind = command.upper()
        if kind == "Z":
            out.append(pen.close())
            continue
        if kind not in _TAKES:
            raise ValueError(f"Path command {command}")
        values = [float(t) for t in tokens[i : i + _TAKES[kind]]]
        i += _TAKES[kind]
        out.append(pen.move(kind, values, relative=command.islower()))
        if kind == "M":
            command = "l" if command == "m" else "L"
    return out


def _points(path: str) -> list[tuple[float, float]]:
    return [(values[n], values[n + 1]) for _, values in absolute(path) for n in range(0, len(values), 2)]


def moved(path: str, scale: float, dx: float, dy: float) -> str:
    """The path scaled, then moved."""
    out = list[str]()
    for kind, values in absolute(path):
        numbers = (f"{round(v * scale + (dy if n % 2 else dx), 1):g}" for n, v in enumerate(values))
        out.append(kind + " ".join(numbers))
    return "".join(out)


def covered(text: str, name: str) -> bool:
    """Whether every character of the text can be drawn in the face."""
    return all(outline(char, name) is not None for char in text)


def extract(font: Path, characters: Iterable[str] | None = None) -> dict[str, tuple[float, str]]:
    """Advance and outline of a font file's characters, in thousandths of the em; those it has not are left out."""
    from fontTools.pens.svgPathPen import SVGPathPen
    from fontTools.pens.transformPen import TransformPen
    from fontTools.ttLib import TTFont

    opened: Any = TTFont(font, fontNumber=0, lazy=True)
    glyphs, names = opened.getGlyphSet(), opened.getBestCmap()
    scale = _UNITS / opened["head"].unitsPerEm
    wanted = characters or (chr(c) for first, last in _RANGES for c in range(first, last + 1))
    found: dict[str, tuple[float, str]] = {}
    for char in wanted:
        if (name := names.get(ord(char))) is None:
            continue
        pen = SVGPathPen(glyphs, ntos=lambda value: str(round(value)))
        glyphs[name].draw(TransformPen(pen, (scale, 0, 0, scale, 0, 0)))
        found[char] = (round(glyphs[name].width * scale), pen.getCommands())
    return found


if __name__ == "__main__":
    made = extract(Path(sys.argv[1]), map(chr, range(32, int(sys.argv[3], 16))) if sys.argv[3:] else None)
    Path(sys.argv[2]).write_text(json.dumps(made, ensure_ascii=False, separators=(",", ":")), "utf-8")
