"""Sets the words of a score as outlines: chord symbols, title, names of parts, tempo and directions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from scrivano.music.files.outlines import Outline, outline

_CHORD: Final = re.compile(r"^([A-G][♭♯𝄪𝄫]?)([^/]*)((?:/[A-G][♭♯𝄪𝄫]?)?)$")
_VEROVIO_SIGNS: Final = str.maketrans({"\uea64": "♭", "\uea65": "♮", "\uea66": "♯", "\uea63": "𝄪"})


@dataclass(frozen=True)
class Glyph:
    """A placed character: its name in the drawing, where its origin lies and how it is scaled."""

    name: str
    outline: Outline
    x: float
    y: float
    scale: float


@dataclass(frozen=True)
class Run:
    """Some text in one size; `lift` raises it, in parts of the size; `symbol` draws ø and ° as chord signs."""

    text: str
    size: float
    face: str = "sans"
    lift: float = 0
    symbol: bool = False


def shown_text(text: str) -> str:
    """The text with Verovio's private signs for accidentals as the usual characters."""
    return text.translate(_VEROVIO_SIGNS)


def chord_runs(text: str, size: float) -> list[Run]:
    """A chord symbol: root large, quality smaller and a little raised, bass as the root."""
    match = _CHORD.match(text)
    if match is None:
        return [Run(text, size * 0.92)]
    root, suffix, bass = match.groups()
    runs = [Run(root, size)]
    if suffix:
        # A plain m stays on the line, what follows is raised.
        plain = "m" if suffix.startswith("m") and not suffix.startswith("maj") else ""
        runs += [Run(plain, size * 0.86)] if plain else []
        runs += [Run(suffix.removeprefix(plain), size * 0.76, lift=0.26, symbol=True)]
    return [*runs, Run(bass, size * 0.94)] if bass else runs


def width(runs: list[Run]) -> float | None:
    """How wide the runs are; None if a character can't be drawn."""
    total = 0.0
    for run in runs:
        for char in run.text:
            found = outline(char, run.face, symbol=run.symbol)
            if found is None:
                return None
            total += found.advance * run.size / 1000
    return total


def place(runs: list[Run], x: float, y: float, anchor: str = "start") -> list[Glyph] | None:
    """Where each character stands, y downwards; None if one can't be drawn."""
    wide = width(runs)
    if wide is None:
        return None
    x -= {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
    return list(_placed(runs, x, y))


def _placed(runs: list[Run], x: float, y: float) -> Iterator[Glyph]:
    for run in runs:
        scale = run.size / 1000
        for char in run.text:
            found = outline(char, run.face, symbol=run.symbol)
            assert found is not None
            if found.path:
                name = f"{'sign' if run.symbol else run.face}-{ord(char):04X}"
                yield Glyph(name, found, x, y - run.lift * run.size, scale)
            x += found.advance * scale
