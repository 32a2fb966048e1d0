"""Reads the part of a chord symbol after its root: `maj7#11`, `-7b5`, `13sus`, `ø9`, `7(b9,#11)`.

The result is a set of degrees. Decisions where books differ: an eleventh over a major third displaces the
third (`C11`, `Cmaj11`); a thirteenth over one has no eleventh (`C13`), over a minor third it has (`Cm13`);
`7alt` is root, third, seventh, both altered ninths, ♯11 and ♭13; `2` adds a ninth, `4` suspends; an altered
fifth replaces the fifth, ♯11 and ♭13 leave it; `△`, `^` and `ø` alone mean the seventh chord.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from scrivano.music.theory.interval import Degree

_TOKEN: Final = re.compile(
    r"""
      (?P<no>(?:no|omit)(?P<omitted>[1359]|R))
    | (?P<halfdim>ø|hdim|h)
    | (?P<dim>dim|°|o)
    | (?P<major>major|maj|Major|Maj|MAJ|MAj|(?:Ma|MA|ma)(?!dd)|M(?!I|i)|△|\^|j(?=\d))
    | (?P<minor>minor|Minor|min|Min|MIN|mi|MI|Mi|m)
    | (?P<aug>aug)
    | (?P<alt>altered|alt)
    | (?P<sus>sus(?:24|2sus4|4sus2|4|2)?)
    | (?P<add>add(?P<added>[b\#]?(?:13|11|[2-79])))
    | (?P<alteration>(?P<sign>bb|[b\#+-])(?P<altered>13|11|[45679]))
    | (?P<minus>-)
    | (?P<plus>\+)
    | (?P<sixnine>6/?9)
    | (?P<number>13|11|[245679]|dom7)
    | (?P<open>\()
    | (?P<close>\))
    """,
    re.VERBOSE,
)
_CLEAN: Final = str.maketrans(
    {
        "♭": "b",
        "♯": "#",
        "Δ": "△",
        "∆": "△",
        "Ø": "ø",
        "º": "°",
        "˚": "°",
        "–": "-",
        "−": "-",
        ",": None,
        " ": None,
    }
)


@dataclass
class _Reading:
    """What has been read so far of one suffix."""

    third: Degree | None = field(default_factory=lambda: Degree(3))
    fifth: set[Degree] = field(default_factory=lambda: {Degree(5)})
    seventh: Degree | None = None
    others: set[Degree] = field(default_factory=set[Degree])
    suspended: set[Degree] = field(default_factory=set[Degree])
    omitted: set[int] = field(default_factory=set[int])
    kind: str = ""
    major_seventh: bool = False
    number: int = 0
    inside: bool = False

    def degrees(self) -> frozenset[Degree]:
        found = {Degree(1), *self.fifth, *self.others, *self.suspended}
        if self.third:
            found.add(self.third)
        if self.seventh:
            found.add(self.seventh)
        return frozenset(d for d in found if d.number not in self.omitted)


def clean(text: str) -> str:
    """The symbol with one way of writing each sign; spaces and commas dropped."""
    return text.strip().translate(_CLEAN).replace("𝄫", "bb").replace("𝄪", "##")


@lru_cache(maxsize=4096)
def read_suffix(text: str) -> frozenset[Degree]:
    """The degrees that a suffix stands for. Raises ValueError with the part that couldn't be read."""
    rest = clean(text)
    if rest in {"1", "no3no5"}:
        return frozenset({Degree(1)})
    rest = (
        re.sub(r"/(?=maj|M7|M9)", "", rest)
        .replace("7/6", "7add13")
        .replace("7/9", "9")
        .replace("6/7", "7add13")
    )
    reading = _Reading()
    position = 0
    while position < len(rest):
        token = _TOKEN.match(rest, position)
        if token is None:
            raise ValueError(rest[position:])
        _take(reading, token, start=position == 0 or (rest[:position] == "("))
        position = token.end()
    return reading.degrees()


def _take(r: _Reading, token: re.Match[str], *, start: bool) -> None:
    kind = token.lastgroup or ""
    # `added`, `omitted` and `altered` are the last groups to match inside their tokens.
    kind = {"added": "add", "omitted": "no", "altered": "alteration", "sign": "alteration"}.get(kind, kind)
    text = token.group()
    if kind == "open":
        r.inside = True
    elif kind == "close":
        r.inside = False
    elif kind in {"halfdim", "dim", "minor", "aug", "alt"}:
        _QUALITIES[kind](r)
    elif kind == "minus":
        _minor(r) if start else _fail(text)
    elif kind == "plus":
        _augmented(r)
    elif kind == "major":
        _major(r, bare_is_seventh=text in "△^")
    elif kind == "sus":
        _suspended(r, text)
    elif kind == "sixnine":
        r.others |= {Degree(6), Degree(9)}
    elif kind == "number":
        _numbered(r, int(text.removeprefix("dom")), start=start)
    elif kind == "add":
        _added(r, token.group("added"))
    elif kind == "no":
        _omitted(r, token.group("omitted"))
    else:
        _altered(r, token.group("sign"), int(token.group("altered")), start=start)


def _fail(text: str) -> None:
    raise ValueError(text)


def _minor(r: _Reading) -> None:
    r.third, r.kind = Degree(3, -1), "minor"


def _augmented(r: _Reading) -> None:
    r.fifth = {Degree(5, 1)}


def _diminished(r: _Reading) -> None:
    r.third, r.fifth, r.kind = Degree(3, -1), {Degree(5, -1)}, "dim"


def _half_diminished(r: _Reading) -> None:
    _diminished(r)
    r.seventh, r.kind = Degree(7, -1), "minor"


def _alt(r: _Reading) -> None:
    r.fifth = set()
    r.seventh = Degree(7, -1)
    r.others = {Degree(9, -1), Degree(9, 1), Degree(11, 1), Degree(13, -1)}


_QUALITIES: Final = {
    "halfdim": _half_diminished,
    "dim": _diminished,
    "minor": _minor,
    "aug": _augmented,
    "alt": _alt,
}


def _major(r: _Reading, *, bare_is_seventh: bool) -> None:
    r.major_seventh = True
    if bare_is_seventh or r.seventh is not None or r.number:
        r.seventh = Degree(7)


def _suspended(r: _Reading, text: str) -> None:
    r.third = None
    r.suspended = {
        "sus2": {Degree(2)},
        "sus24": {Degree(2), Degree(4)},
        "sus2sus4": {Degree(2), Degree(4)},
        "sus4sus2": {Degree(2), Degree(4)},
    }.get(text, {Degree(4)})


def _numbered(r: _Reading, number: int, *, start: bool) -> None:
    if number == 5 and start:
        r.third = None
    elif number == 4 and start:
        _suspended(r, "sus4")
    elif number == 2 and (start or r.kind):
        r.others.add(Degree(9))
    elif number == 6 and (not r.inside or r.seventh is None):
        r.others.add(Degree(6))
    elif number in {7, 9, 11, 13}:
        _stacked(r, number)
    else:
        _fail(str(number))


def _stacked(r: _Reading, number: int) -> None:
    """A 7, 9, 11 or 13: the whole stack, or inside brackets or after another number just this tension."""
    after_number = r.number and r.seventh is not None
    if number != 7 and (after_number or (r.inside and not r.major_seventh) or (r.inside and r.seventh)):
        r.others.add(Degree(number))
        return
    if Degree(6) in r.others and number == 9:
        r.others.add(Degree(9))
        return
    r.number = number
    if r.seventh is None or r.major_seventh:
        plain = Degree(7, -2) if r.kind == "dim" else Degree(7, -1)
        r.seventh = Degree(7) if r.major_seventh else plain
    minor = r.kind in {"minor", "dim"}
    if number >= 9 and not any(d.number == 9 for d in r.others):
        r.others.add(Degree(9))
    if number == 11 or (number == 13 and minor and not r.major_seventh):
        if not any(d.number == 11 for d in r.others):
            r.others.add(Degree(11))
        if not minor:
            r.third = None
    if number == 13:
        r.others.add(Degree(13))


def _added(r: _Reading, text: str) -> None:
    alter = {"b": -1, "#": 1}.get(text[0], 0)
    number = int(text.lstrip("b#"))
    if number == 3:
        r.third = Degree(3, alter)
    elif number == 5:
        r.fifth.add(Degree(5, alter))
    elif number == 6 and r.seventh is None:
        r.others.add(Degree(6, alter))
    elif number == 7:
        r.seventh = Degree(7, alter)
    else:
        r.others.add(Degree({2: 9, 4: 11, 6: 13}.get(number, number), alter))


def _omitted(r: _Reading, text: str) -> None:
    number = 1 if text == "R" else int(text)
    if number == 1:
        _fail("no1")
    r.omitted.add(number)


def _altered(r: _Reading, sign: str, number: int, *, start: bool) -> None:
    if sign == "+" and start and number in {7, 9}:
        _augmented(r)
        _numbered(r, number, start=False)
        return
    if sign == "-" and start and number != 5:
        _minor(r)
        _numbered(r, number, start=False)
        return
    alter = {"b": -1, "-": -1, "bb": -2}.get(sign, 1)
    if number == 5:
        r.fifth.discard(Degree(5))
        r.fifth.add(Degree(5, alter))
    elif number == 4:
        r.others.add(Degree(11, alter))
    elif number == 6:
        r.others.add(Degree(6, alter) if r.seventh is None else Degree(13, alter))
    elif number == 7:
        r.seventh = Degree(7, alter)
    else:
        r.others.discard(Degree(number))
        r.others.add(Degree(number, alter))
