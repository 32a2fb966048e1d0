"""Where lines and pages of a score break: at the sections, four bars to a line, fewer where there is much to read."""

from collections.abc import Sequence
from typing import Final

from scrivano.music.dto import PPQ, Arrangement
from scrivano.music.files.chart import sections_covering
from scrivano.music.files.timing import meter_in
from scrivano.music.theory.key import key_of

MOST: Final = 4
# How wide Verovio sets a bar, in its own units at the usual size of staves, measured on 400 bars of all genres: for
# itself, for each moment at which something begins or ends, and for each quarter of its length.
_BAR, _MOMENT, _QUARTER = 360, 235, 400
_ROOM: Final = 18_400
_CLEF, _SIGN = 1_900, 180
# How many lines of so many staves Verovio set on a page of 120 pieces of all genres, two staves at the usual size, more
# a little smaller. What doesn't fit all the same is left to it.
LINES_ON_PAGE: Final = {2: 6, 3: 5, 4: 4, 5: 3}
# How much narrower than that bars may be set and still be read with ease.
_TIGHT: Final = 1.14


def line_starts(arrangement: Arrangement, size: float = 1.0) -> tuple[int, ...]:
    """The bars (from 1) that begin a line, the first one left out. `size` is that of the staves, 1 the usual one.

    The lines of a section are as few as can be read, and as even in length as can be.
    """
    progression = arrangement.progression
    widths = _widths(arrangement)
    signs = abs(key_of(progression.key, progression.mode).fifths)
    room = (_ROOM / size - _CLEF - _SIGN * signs) * _TIGHT
    starts = list[int]()
    for section in sections_covering(progression.sections, progression.bars):
        first = section.first_bar - 1
        for length in _lengths(widths[first : first + section.bars], room):
            starts.append(first + 1)
            first += length
    return tuple(start for start in starts if start > 1)


def page_starts(lines: Sequence[int], staves: int) -> tuple[int, ...]:
    """Which of the bars that begin a line (the first one left out) begin a page, for so many staves to a line."""
    fitting = LINES_ON_PAGE.get(staves, 1)
    return tuple(lines[fitting - 1 :: fitting])


def _lengths(widths: list[float], room: float) -> list[int]:
    """How many bars go into each line of a section."""
    bars = len(widths)
    lengths = list[int]()
    for lines in range(-(-bars // MOST), bars + 1):
        short, longer = divmod(bars, lines)
        lengths = [short + (line < longer) for line in range(lines)]
        at, fits = 0, True
        for length in lengths:
            fits = fits and (sum(widths[at : at + length]) <= room or length == 1)
            at += length
        if fits:
            break
    return lengths


def _widths(arrangement: Arrangement) -> list[float]:
    """How wide each bar will be."""
    meter = meter_in(arrangement)
    moments: list[set[int]] = [set() for _ in range(arrangement.progression.bars + 1)]
    for note in arrangement.notes:
        for tick in (note.onset, note.onset + note.duration):
            moments[tick // meter.bar].add(tick)
    return [_BAR + _MOMENT * len(some) + _QUARTER * meter.bar / PPQ for some in moments[:-1]]
