"""Plays out repeats, endings, D.C., D.S., coda and fine: in which order the bars of a sheet sound."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from scrivano.music.files.lead_sheet import MOST_BARS, wrong

_LAST = 99


@dataclass
class BarMarks:
    """What stands at a bar. `times` is how often a repeat is played; `endings` the passes the bar belongs to."""

    repeat_start: bool = False
    repeat_end: bool = False
    times: int = 2
    endings: set[int] = field(default_factory=set[int])
    segno: bool = False
    coda: bool = False
    to_coda: bool = False
    fine: bool = False
    jump: Literal["capo", "segno"] | None = None
    jump_to: Literal["coda", "fine", "end"] | int = "end"


def unfold(bars: Sequence[BarMarks]) -> list[int]:
    """The bars (from 0) in the order they are played.

    After a jump repeats are not taken again and the last ending is played, or the one that the jump names.
    Raises InvalidInput where the signs lead into a circle or to more than 512 bars.
    """
    order = list[int]()
    at, start, turn = 0, 0, 1
    jumped: BarMarks | None = None
    while at < len(bars):
        bar = bars[at]
        if bar.repeat_start and at != start:
            start, turn = at, (1 if jumped is None else turn)
        if bar.endings and not _plays(bars, at, turn):
            at += 1
            continue
        if (
            not bar.endings
            and at
            and bars[at - 1].endings
            and turn < _LAST
            and bars[at - 1].repeat_end is False
        ):
            start, turn = at, 1
        order.append(at)
        if len(order) > MOST_BARS:
            raise wrong(f"The sheet is longer than {MOST_BARS} bars with its repeats played out.")
        if jumped and jumped.jump_to == "fine" and bar.fine:
            break
        if jumped and jumped.jump_to == "coda" and bar.to_coda:
            at, jumped = _coda(bars), BarMarks(jump_to="end")
            turn = _LAST
            continue
        if bar.repeat_end and jumped is None:
            if turn < max(bar.times, _passes(bars, start)):
                turn, at = turn + 1, start
                continue
            start, turn = at + 1, 1
        if bar.jump and jumped is None:
            jumped = bar
            turn = bar.jump_to if isinstance(bar.jump_to, int) else _LAST
            at = next((i for i, b in enumerate(bars) if b.segno), 0) if bar.jump == "segno" else 0
            start = at
            continue
        at += 1
    return order


def _plays(bars: Sequence[BarMarks], at: int, turn: int) -> bool:
    """Whether an ending's bar is played in this turn; the last ending stands for all later turns."""
    endings = bars[at].endings
    if turn in endings:
        return True
    after = at
    while after < len(bars) and bars[after].endings == endings:
        after += 1
    later = bars[after].endings if after < len(bars) else set[int]()
    return not later and turn > max(endings)


def _passes(bars: Sequence[BarMarks], start: int) -> int:
    """How often the part from `start` is played by the endings that follow it."""
    most, seen = 1, False
    for bar in bars[start:]:
        if bar.endings:
            seen = True
            most = max(most, *bar.endings)
        elif seen:
            break
    return most


def _coda(bars: Sequence[BarMarks]) -> int:
    places = [i for i, bar in enumerate(bars) if bar.coda]
    if not places:
        raise wrong("The sheet jumps to a coda that it doesn't have.")
    return places[-1]
