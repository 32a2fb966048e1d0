"""Figuration of four-part harmony: chords held, repeated or broken, with no tones but those of the four voices.

A figure is what each hand does in one beat, again and again while a chord holds: signs as in the styles (`1` is the
lower, `2` the upper voice of the hand), or nothing where the hand holds the chord.
"""

import random
from collections.abc import Sequence
from typing import Final

from scrivano.music.arrange.satb import Four
from scrivano.music.arrange.strokes import Line, Span, Stroke, read_pattern
from scrivano.music.arrange.styles.model import level
from scrivano.music.theory import Meter

# Right hand and left hand, parted by a stroke; first for beats that divide in two, then for those in three.
_FIGURES: Final = {
    "baroque": {
        1: (" / ", " / "),
        2: ("x- / x-", "x-- / x--"),
        3: ("x- / 12", "x-- / 12-"),
        4: ("..12 / 12..", "..1212 / 12...."),
        5: ("2121 / 1-2-", "212121 / 1-2-1-"),
    },
    "classical": {
        1: (" / ", " / "),
        2: (" / x-", " / x--"),
        3: (" / 12", " / 122"),
        4: ("x--- / 1212", "x----- / 121212"),
        5: ("x-12 / 1212", "x-1212 / 121212"),
    },
    "romantic": {
        1: (" / ", " / "),
        2: (" / 12", " / 1-2"),
        3: ("x- / 12", "x-- / 122"),
        4: ("x--x / 1-2-", "x--x-- / 121212"),
        5: (".x.x / 1212", "x-.x-x / 121212"),
    },
}
_OTHERS: Final = {
    "baroque": {
        3: ("12 / x-", "122 / x--"),
        4: ("2-12 / 1-2-", "2-1212 / 1-2-2-"),
        5: ("1212 / 12..", "121212 / 1-2-.."),
    },
    "classical": {
        3: ("x- / 12", "x-- / 12-"),
        4: ("2-1- / 1212", "2-1-2- / 121212"),
        5: ("2121 / 1-2-", "212121 / 1-2-2-"),
    },
    "romantic": {
        3: (" / 1212", " / 121212"),
        4: ("..x- / 1212", "..x-x- / 121212"),
        5: ("1212 / 1-2-", "121212 / 1-2-2-"),
    },
}


def figured(
    spans: Sequence[Span], voices: dict[int, Four], meter: Meter, application: str, difficulty: int,
    *, plain_from: int, figure_of: dict[int, random.Random],
) -> tuple[Line, Line]:  # fmt: skip
    """Right and left hand of a piece. From tick `plain_from` on chords are held, to end with.

    `figure_of` has for each bar the random numbers that choose among the figures of a difficulty.
    """
    right, left = Line("right"), Line("left")
    for span in spans:
        if span.silent:
            continue
        bass, tenor, alto, soprano = voices[span.index]
        figure = _figure(application, difficulty, meter, figure_of[span.bar])
        if span.start >= plain_from:
            figure = " / "
        over, under = (part.strip() for part in figure.split("/"))
        for line, pattern, notes in ((right, over, (alto, soprano)), (left, under, (bass, tenor))):
            line.strokes += _broken(pattern, span, meter, notes)
    return right, left


def _figure(application: str, difficulty: int, meter: Meter, rng: random.Random) -> str:
    which = 1 if meter.compound else 0
    usual = level({n: (f[which],) for n, f in _FIGURES[application].items()}, difficulty)[0]
    other = _OTHERS[application].get(difficulty)
    return rng.choice((usual, other[which])) if other else usual


def _broken(pattern: str, span: Span, meter: Meter, notes: tuple[int, int]) -> list[Stroke]:
    """The strokes of one hand while a chord holds. Both its notes are struck, or it is held."""
    held = [Stroke(span.start, span.end, "x", span.index, notes)]
    if not pattern:
        return held
    steps = read_pattern(pattern, meter.beat)[0][0]
    strokes = list[Stroke]()
    for beat in range(span.start, span.end, meter.beat):
        for step in steps:
            struck = notes if step.sign == "x" else notes[int(step.sign) - 1 : int(step.sign)]
            end = min(beat + step.start + step.length, span.end)
            strokes.append(Stroke(beat + step.start, end, step.sign, span.index, struck))
    if {note for stroke in strokes for note in stroke.notes} != set(notes):
        return held
    return strokes
