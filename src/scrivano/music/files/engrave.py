"""Engraves an arrangement: Verovio lays out the MusicXML, the words are set as outlines.

The pages need no fonts where they are shown. Groups keep Verovio's classes (`measure`, `note`, `harm` …); a
`measure` has its number as `data-n`, a `note` has `data-pname`, `data-oct` and `data-alter` (how it sounds), and what
is written in words has an `aria-label`.
"""

import itertools
import re
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any, Final

from scrivano.music.dto import Arrangement
from scrivano.music.files.lettering import Glyph, Run, chord_runs, place, shown_text
from scrivano.music.files.timing import meter_in, swings

_OPTIONS: Final = {
    "pageWidth": 2100,
    "pageHeight": 2970,
    "pageMarginLeft": 130,
    "pageMarginRight": 130,
    "pageMarginTop": 120,
    "pageMarginBottom": 120,
    "scale": 42,
    "header": "auto",
    "footer": "none",
    "font": "Bravura",
    "smuflTextFont": "none",
    "svgViewBox": True,
    "svgFormatRaw": True,
    "svgRemoveXlink": True,
    "justifyVertically": True,
    "bottomMarginHeader": 14,
    "harmDist": 1.5,
    "topMarginHarm": 2.5,
    "spacingStaff": 9,
    "spacingSystem": 7,
    "xmlIdSeed": 1,
}
_TEXT: Final = re.compile(r"<text\b([^>]*)>(.*?)</text>", re.DOTALL)
_SPAN: Final = re.compile(r"<tspan\b([^>]*)>([^<]+)")
_OPENED: Final = re.compile(r"<tspan\b([^>]*)(>)")
_ATTRIBUTE: Final = re.compile(r'([\w-]+)="([^"]*)"')
_TEMPO: Final = re.compile(
    r"<direction\b[^>]*><direction-type><(?:metronome|words)\b.*?</direction>", re.DOTALL
)
_UNSHOWN: Final = re.compile(r"<miscellaneous>.*?</miscellaneous>|<degree\b.*?</degree>", re.DOTALL)
_TEMPO_AT: Final = 1080
_LIFT: Final = 130
_BOX: Final = re.compile(r'(class="reh"[^>]*><rect [^>]*\by=")(-?\d+)')
_LINE_END: Final = re.compile(r"<path d=\"M-?\d+ -?\d+ L-?\d+ (-?\d+)\"")
_PAGE_BOTTOM: Final = 27_300
_CLASS: Final = re.compile(r'class="([^"]*)"')
_IDS: Final = re.compile(r'(<(?:g|tspan)) id="(?!E[0-9A-F]{3,4}-)([^"]*)"')
# Verovio writes on request what a note is, which takes it as long as drawing; it keeps ids for nothing.
_NOTE: Final = re.compile(
    r"<note\b([^>]*>(?:<chord ?/>)?<pitch><step>(\w)</step>(?:<alter>(-?\d+)</alter>)?<octave>(-?\d+)</octave>)"
)
_MEASURE: Final = re.compile(r'<measure number="(\d+)">')
_HIDDEN: Final = re.compile(r'<g class="[^"]*\bplaceholder\b[^"]*"><ellipse[^>]*/></g>')
_ENTITIES: Final = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&apos;": "'"}


@cache
def _toolkit() -> Any:
    # 20 to 40 ms to load, wanted only by those who engrave.
    import verovio

    verovio.enableLog(verovio.LOG_OFF)
    return verovio


def engrave(
    musicxml: bytes,
    title: str = "",
    tempo: str = "",
    *,
    lines: Collection[int] = (),
    pages: Collection[int] = (),
    size: float = 1.0,
) -> tuple[bytes, ...]:
    """The pages of a score (A4) as SVG. The same score gives the same bytes.

    `tempo` is set below the title in place of the score's own tempo mark, which would come between chord symbols
    and staff. `lines` has the bars that begin a line (none: as it comes), `pages` those of them that begin a page;
    where one would be too full, pages break as it comes. `size` is that of the staves, 1 for 7 mm. Raises ValueError
    if Verovio cannot read the score.
    """
    # Reasons aren't engraved, and Verovio would print the degrees behind a symbol that has them already.
    score = _UNSHOWN.sub("", musicxml.decode())
    score = _named(_TEMPO.sub("", score) if tempo else score, frozenset(lines), frozenset(pages))
    # Told where pages break, Verovio needn't lay out the score twice, which is a quarter of its work.
    drawn = _drawn(score, "encoded" if lines else "auto", size)
    if lines and any(_overfull(page) for page in drawn):
        drawn = _drawn(score, "line", size)
    return tuple(
        _finish(page, number, title, tempo if number == 1 else "")
        for number, page in enumerate(drawn, start=1)
    )


def _drawn(score: str, breaks: str, size: float) -> list[str]:
    """The pages as Verovio draws them."""
    verovio = _toolkit()
    toolkit = verovio.toolkit(False)
    # Each thread has a resource path of its own; only that of the importing thread is set.
    toolkit.setResourcePath(str(Path(verovio.__file__).parent / "data"))
    toolkit.setOptions(_OPTIONS | {"unit": 9 * size, "breaks": breaks})
    if not toolkit.loadData(score):
        raise ValueError("The score cannot be engraved.")
    pages: int = toolkit.getPageCount()
    return [toolkit.renderToSVG(number) for number in range(1, pages + 1)]


def _overfull(page: str) -> bool:
    """Whether the lowest staff, where the last bar line ends, lies below the margin."""
    ends = _LINE_END.findall(page, max(page.rfind('class="barLine"'), 0))
    return max(map(int, ends), default=0) > _PAGE_BOTTOM


def _named(score: str, lines: frozenset[int], pages: frozenset[int]) -> str:
    """The score with ids that say what a note or measure is, and with its breaks of lines and pages."""
    number = itertools.count(1)
    begun = frozenset[int]()

    def note(match: re.Match[str]) -> str:
        return f'<note id="n-{match[2].lower()}-{match[4]}-{match[3] or 0}-{next(number)}"{match[1]}'

    def measure(match: re.Match[str]) -> str:
        nonlocal begun
        bar = int(match[1])
        # A break stands in the first part alone.
        new = f'<print new-{"page" if bar in pages else "system"}="yes"/>' if bar in lines - begun else ""
        name = "" if bar in begun else f' id="m-{bar}"'
        begun |= {bar}
        return f'<measure number="{bar}"{name}>{new}'

    return _MEASURE.sub(measure, _NOTE.sub(note, score))


def _shown_id(match: re.Match[str]) -> str:
    """What an id says, as attributes; Verovio's own say nothing."""
    told = match[2].split("-", 1)
    if told[0] == "n":
        name, octave, alter, _ = re.fullmatch(r"(\w)-(-?\d+)-(-?\d+)-(\d+)", told[1]).groups()  # type: ignore[union-attr]
        return f'{match[1]} data-pname="{name}" data-oct="{octave}" data-alter="{alter}"'
    if told[0] == "m" and len(told) > 1:
        return f'{match[1]} data-n="{told[1]}"'
    return match[1]


def tempo_line(arrangement: Arrangement) -> str:
    """The note value, beats a minute and feel, as `engrave` sets them."""
    meter = meter_in(arrangement)
    beat = "\ueca5\u2009\uecb7" if meter.compound else "\ueca5"
    feel = "  Swing" if swings(meter, arrangement.swing) else ""
    return f"{beat} = {arrangement.request.tempo:g}{feel}"


def _finish(page: str, number: int, title: str, tempo: str) -> bytes:
    root_id = re.search(r'<svg [^>]*\bid="([^"]+)"', page)
    page = _IDS.sub(_shown_id, page)
    if root_id:
        # Verovio's ids are random; the drawings of a glyph are alike on every page.
        page = page.replace(f'id="{root_id[1]}"', f'id="score-page-{number}" role="img"', 1)
        page = page.replace(f"#{root_id[1]} ", f"#score-page-{number} ").replace(f"-{root_id[1]}", "")
    page = _HIDDEN.sub("", page)
    # Our chord symbols are a little taller than Verovio's, above which it set the names of sections.
    page = _BOX.sub(lambda m: f"{m[1]}{int(m[2]) - _LIFT}", page)
    used: dict[str, Glyph] = {}
    if tempo:
        mark = f'<g class="tempo"><text x="0" y="{_TEMPO_AT}"><tspan font-size="405px">{tempo}</tspan></text></g>'
        page = re.sub(r'(<g class="page-margin"[^>]*>)', lambda m: m[0] + mark, page, count=1)
    pieces, at = list[str](), 0
    for match in _TEXT.finditer(page):
        classes = _CLASS.findall(page, page.rfind("<g ", 0, match.start()), match.start())
        pieces += [page[at : match.start()], _set(match, classes[0] if classes else "", used)]
        at = match.end()
    page = "".join([*pieces, page[at:]])
    defs = "".join(f'<path id="{g.name}" d="{g.outline.path}"/>' for g in used.values())
    name = _escape(f"{title}, page {number}" if title else f"Page {number}")
    return page.replace("<defs>", f"<title>{name}</title><defs>{defs}", 1).encode()


def _set(match: re.Match[str], kind: str, used: dict[str, Glyph]) -> str:
    """A text element as outlines; left as it is where a character has none."""
    # The place stands on the element itself or on the first span inside.
    places = [match[1], *(a for a, _ in _OPENED.findall(match[2]))]
    attributes = dict(pair for a in reversed(places) for pair in _ATTRIBUTE.findall(a))
    spans = [(dict(_ATTRIBUTE.findall(a)), _plain(t)) for a, t in _SPAN.findall(match[2])]
    words = shown_text("".join(text for _, text in spans))
    x, y = float(attributes.get("x", 0)), float(attributes.get("y", 0))
    y -= _LIFT if kind == "reh" else 0
    size = max((_size(a) for a, _ in spans if "font-family" not in a), default=405.0)
    glyphs = place(_runs(kind, words, size), x, y, attributes.get("text-anchor", "start"))
    if glyphs is None:
        return match[0]
    for glyph in glyphs:
        used.setdefault(glyph.name, glyph)
    uses = "".join(
        f'<use href="#{g.name}" transform="translate({g.x:.0f},{g.y:.0f}) scale({g.scale:.3f},{-g.scale:.3f})"/>'
        for g in glyphs
    )
    return f'<g class="words" aria-label="{_escape(words)}">{uses}</g>'


def _runs(kind: str, words: str, size: float) -> list[Run]:
    if kind == "harm":
        return chord_runs(words, size * 1.18)
    if kind == "tempo":
        # A note value, then words; the note is drawn smaller than Verovio's.
        return [Run(c, size * (0.75 if ord(c) > 0xE000 else 0.95)) for c in words]
    if kind in {"dir", "mNum"}:
        return [
            Run(words, size * (1.0 if kind == "dir" else 0.8), face="italic" if kind == "dir" else "sans")
        ]
    if kind in {"label", "labelAbbr"}:
        return [Run(words, size * 0.9)]
    if kind == "reh":
        return [Run(words, size * 0.95)]
    return [Run(words, size, face="serif")]


def _size(attributes: dict[str, str]) -> float:
    return float(attributes.get("font-size", "405").removesuffix("px"))


def _plain(text: str) -> str:
    for entity, char in _ENTITIES.items():
        text = text.replace(entity, char)
    return text


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
