"""Reads iReal Pro links (`irealb://` and `irealbook://`), also of several songs, into lead sheets."""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from scrivano.core.errors import InvalidInput
from scrivano.music.files.ireal import PREFIX, house_symbol, scramble
from scrivano.music.files.lead_sheet import LeadSheet, lay_out, meter_for, sections_of, wrong
from scrivano.music.files.unfold import BarMarks, unfold
from scrivano.music.theory.meter import Meter

_LINK: Final = re.compile(r"irealb(ook)?://([^\s\"'<>]+)")
_LONGEST: Final = 2_000_000
_TOKEN: Final = re.compile(
    r"""
      (?P<text><[^>]*>)
    | (?P<aside>\([^)]*\))
    | (?P<section>\*[A-Za-z])
    | (?P<time>T\d\d)
    | (?P<ending>N\d)
    | (?P<bar>[|\[\]{}Z])
    | (?P<chord>(?P<root>[A-GW][b\#]?)
        (?P<quality>(?:\*[^*]*\*|sus|alt|add\d*|[-+^ohø]|[b\#]?\d+|[b\#](?=\d)|/\d)*)
        (?P<bass>/[A-G][b\#]?)?)
    | (?P<sign>[xrnpSQUfslY,])
    | (?P<blank>\ )
    """,
    re.VERBOSE,
)
_WORDS: Final = (("XyQ", "   "), ("LZ", " |"), ("Kcl", "| x"))
_METERS: Final = {"T12": "12/8", "T44": "4/4", "T34": "3/4", "T54": "5/4", "T68": "6/8", "T22": "2/2"}


@dataclass
class _Bar:
    """A written bar: a symbol or None for each cell."""

    cells: list[str | None] = field(default_factory=list[str | None])
    section: str = ""
    same_as: int = 0
    marks: BarMarks = field(default_factory=BarMarks)

    @property
    def empty(self) -> bool:
        return not any(self.cells) and not self.same_as


def read_ireal(link: str) -> list[LeadSheet]:
    """The songs of a link, of a playlist, or of an HTML page with links in it, repeats played out.

    Raises InvalidInput for the field `lead_sheet`, naming the song and what could not be read.
    """
    if len(link) > _LONGEST:
        raise wrong("The iReal Pro link is longer than 2 MB.")
    found = [(bool(match[1]), unquote(match[2])) for match in _LINK.finditer(link)]
    if not found:
        raise wrong("This is no iReal Pro link.", "A link begins with irealb:// or irealbook://.")
    songs = list[LeadSheet]()
    for plain, text in found:
        if plain:
            fields = text.split("=")
            songs += [_plain_song(fields[i : i + 6]) for i in range(0, len(fields) - 5, 6)]
        else:
            songs += [_song(part) for part in text.split("===") if PREFIX in part]
    if not songs:
        raise wrong(
            "The iReal Pro link has no song in it.",
            "Copy the whole link from iReal Pro: it begins with irealb:// or irealbook:// and names a song.",
        )
    return songs


def _song(text: str) -> LeadSheet:
    fields = text.split("=")
    place = next(i for i, f in enumerate(fields) if f.startswith(PREFIX))
    head = [f for f in fields[:place] if f]
    if len(head) < 3:
        raise wrong("The iReal Pro link lacks title, style or key.")
    title, *middle, style, key = head
    tail = fields[place + 1 :]
    tempo = next((float(t) for t in tail if t.isdecimal() and int(t) >= 20), None)
    return _lead_sheet(
        title, middle[0] if middle else "", style, key, tempo, scramble(fields[place][len(PREFIX) :])
    )


def _plain_song(fields: list[str]) -> LeadSheet:
    title, composer, style, key, _, chords = fields
    return _lead_sheet(title, composer, style, key, None, chords)


def _lead_sheet(
    title: str, composer: str, style: str, key: str, tempo: float | None, chords: str
) -> LeadSheet:
    try:
        meter, bars = _bars(chords)
        if not bars:
            raise wrong("it has no bars.")
        order = unfold([bar.marks for bar in bars])
        placed, marks = list[tuple[int, str]](), list[tuple[int, str]]()
        for number, index in enumerate(order):
            source = index
            while bars[source].same_as and source:
                source -= min(bars[source].same_as, source)
            placed += _placed(bars[source].cells, number * meter.bar, meter)
            if bars[index].section:
                marks.append((number + 1, bars[index].section))
    except InvalidInput as error:
        raise wrong(f"“{title[:60]}”: {error.message}", error.remedy) from None
    minor = key.endswith("-")
    return LeadSheet(
        title=title,
        composer=composer or None,
        style=style or None,
        key=key.rstrip("-") or None,
        mode=("minor" if minor else "major") if key else None,
        tempo=tempo,
        meter=meter.name,
        bars=len(order),
        chords=lay_out(placed, meter, len(order)),
        sections=sections_of(marks, len(order)),
    )


def _bars(text: str) -> tuple[Meter, list[_Bar]]:
    for word, meaning in _WORDS:
        text = text.replace(word, meaning)
    reader = _Reader()
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            # Signs that only change the look are passed over.
            at += 1
            continue
        reader.take(token)
        at = token.end()
    reader.close()
    reader.settle_codas()
    return reader.meter or meter_for("4/4"), reader.bars


class _Reader:
    def __init__(self) -> None:
        self.bars: list[_Bar] = []
        self.meter: Meter | None = None
        self.now = _Bar()
        self.last = ""
        self.ending: set[int] = set()
        self.codas: list[_Bar] = []

    def take(self, token: re.Match[str]) -> None:
        kind, text = token.lastgroup or "", token.group()
        if token["chord"]:
            self._chord(token)
        elif kind == "bar":
            self._barline(text)
        elif kind == "blank":
            self.now.cells.append(None)
        elif kind == "section":
            self.now.section = {"i": "Intro", "v": "Verse"}.get(text[1], text[1].upper())
        elif kind == "time":
            self._time(text)
        elif kind == "ending":
            self.ending = {int(text[1])}
            self.now.marks.endings = set(self.ending)
        elif kind == "text":
            self._words(text[1:-1].lower())
        elif kind == "sign":
            self._sign(text)

    def _chord(self, token: re.Match[str]) -> None:
        root, quality, bass = token["root"], token["quality"] or "", token["bass"] or ""
        if root.startswith("W"):
            # The chord before over another bass.
            symbol = self.last.split("/")[0] + bass if self.last else "N.C."
            symbol = str(house_symbol(symbol[0], "", "")) if not self.last else symbol
        else:
            symbol = str(house_symbol(root, quality, bass))
        self.last = symbol
        self.now.cells.append(symbol)

    def _sign(self, text: str) -> None:
        if text in "xr":
            self.now.same_as = 1 if text == "x" else 2
            if text == "r":
                self._barline("|")
                self.now.same_as = 2
        elif text == "n":
            self.now.cells.append("N.C.")
        elif text == "p":
            self.now.cells.append(None)
        elif text == "S":
            self.now.marks.segno = True
        elif text == "Q":
            self.codas.append(self.now)
        elif text == "U":
            self.now.marks.fine = True

    def _words(self, words: str) -> None:
        marks = self.now.marks
        if (times := re.search(r"(\d+)\s*x\b", words)) and not self.ending:
            marks.times = min(int(times[1]), 16)
        if "fine" in words and not words.strip("* 0123456789").startswith(("d.c", "d.s")):
            marks.fine = True
        if jump := re.search(r"\b(d\.?\s*c|d\.?\s*s)", words):
            marks.jump = "capo" if jump[1].endswith("c") else "segno"
            ending = re.search(r"al\s+(\d)", words)
            if ending:
                marks.jump_to = int(ending[1])
            else:
                marks.jump_to = "coda" if "coda" in words else "fine" if "fine" in words else "end"

    def _time(self, text: str) -> None:
        meter = meter_for(_METERS.get(text, f"{text[1]}/{text[2]}"))
        if self.meter and self.meter != meter:
            raise wrong(
                f"it changes from {self.meter.name} to {meter.name}.", "One meter for the whole piece."
            )
        self.meter = meter

    def _barline(self, line: str) -> None:
        if line == "}":
            # What ends the repeat is the bar that is open or, after a bar line, the one before.
            target = self.now if not self.now.empty else (self.bars[-1] if self.bars else self.now)
            target.marks.repeat_end = True
        self.close()
        if line in "]Z}":
            self.ending = set()
        if line == "{":
            self.now.marks.repeat_start = True
            self.ending = set()
            self.now.marks.endings = set()

    def close(self) -> None:
        """Ends the open bar if anything is in it; signs of an empty one move on to the next."""
        if self.now.empty:
            self.now.cells = []
            return
        self.bars.append(self.now)
        self.now = _Bar(marks=BarMarks(endings=set(self.ending)))

    def settle_codas(self) -> None:
        """Of two coda signs the first is where one leaves, the last where one goes on."""
        for bar in self.codas[:-1]:
            bar.marks.to_coda = True
        if len(self.codas) > 1:
            self.codas[-1].marks.coda = True


def _placed(cells: list[str | None], start: int, meter: Meter) -> list[tuple[int, str]]:
    """Onset and symbol of a bar's chords: cells share the bar if that falls on beats, else the chords do."""
    chords = [(i, cell) for i, cell in enumerate(cells) if cell]
    count = len(cells)
    onsets = [i * meter.bar / count for i, _ in chords]
    if any(onset % meter.beat for onset in onsets) or (chords and chords[0][0] > 0):
        if len(chords) > meter.beats:
            raise wrong(f"a bar has {len(chords)} chords.", f"At most {meter.beats} in {meter.name}.")
        fitting = min(len(chords), meter.most_chords)
        spans = meter.split(fitting) if fitting == len(chords) else ()
        onsets = [on for on, _ in spans] or [i * meter.beat for i in range(len(chords))]
    return [(start + int(onset), symbol) for onset, (_, symbol) in zip(onsets, chords, strict=True)]
