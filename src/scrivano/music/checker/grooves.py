"""The rules of blues, reggae and latin: forms of fixed places and grooves of fixed strokes."""

from typing import Final

from scrivano.music.checker.genres import (
    check_backbeat,
    check_on_beats,
    check_swing,
    degree_of,
    families_in,
    final_approach,
    on_grid,
)
from scrivano.music.checker.piece import QUARTER, Piece, Placed, SectionMark, near

_KICKS: Final = frozenset({35, 36})
_STICKS: Final = frozenset({37, 38, 40})
_EIGHTH: Final = QUARTER // 2
_SIXTEENTH: Final = QUARTER // 4


def check_blues(piece: Piece) -> None:
    """R-BLUES-1 to 6."""
    _check_layout(piece)
    for section in piece.sections:
        if section.name != "Tag":
            _check_chorus(piece, section)
    for placed in piece.sounding:
        if not _blue(piece, placed):
            piece.broken("R-BLUES-4", placed.bar, f"a chord on degree {degree_of(piece, placed)} is not blue")
    if piece.meter == "4/4":
        if piece.application == "shuffle":
            check_swing(piece, "R-BLUES-5", 2 / 3 - 1 / 24, 2 / 3 + 1 / 24)
        else:
            check_swing(piece, "R-BLUES-5", 0.5 - 0.01, 0.7 + 0.01)
    check_backbeat(piece, "R-BLUES-6", frozenset({37, 38, 40}))


def _check_layout(piece: Piece) -> None:
    whole, tag = piece.bars // 4 * 4, piece.bars % 4
    if whole == 4:
        wanted = [4]
    elif piece.form == "8-bar" and whole % 8 == 0:
        wanted = [8] * (whole // 8)
    else:
        twelves = next(n for n in range(whole // 12, -1, -1) if (whole - 12 * n) % 8 == 0)
        wanted = [12] * twelves + [8] * ((whole - 12 * twelves) // 8)
    lengths = [section.bars for section in piece.sections]
    if sorted(lengths) != sorted([*wanted, *([tag] if tag else [])]):
        piece.broken("R-BLUES-1", 0, f"choruses of {lengths} bars instead of {wanted}")


def _starts(piece: Piece, bar: int) -> int | None:
    placed = piece.at(piece.start_of(bar))
    return degree_of(piece, placed) if placed and placed.chord else None


def _check_chorus(piece: Piece, section: SectionMark) -> None:
    first = section.first
    if section.bars == 12:
        places = {0: {0}, 4: {5}, 6: {0, 4}, 8: {7, 2, 8}, 10: {0, 4}}
        for offset, degrees in places.items():
            if _starts(piece, first + offset) not in degrees:
                piece.broken("R-BLUES-1", first + offset, f"bar {offset + 1} of the chorus begins elsewhere")
        return
    rule = "R-BLUES-2" if section.bars == 8 else "R-BLUES-3"
    if _starts(piece, first) != 0:
        piece.broken(rule, first, "the chorus does not begin on I")
    inside = [p for p in piece.sounding if first <= p.bar <= section.last]
    if section.bars == 8:
        if not any(degree_of(piece, p) == 5 and first + 2 <= p.bar <= first + 4 for p in inside):
            piece.broken(rule, first + 2, "IV is not heard in bars 3 to 5")
        if not any(degree_of(piece, p) in {7, 2, 8} and p.bar >= first + 5 for p in inside):
            piece.broken(rule, first + 5, "nothing leads home in bars 6 to 8")
    elif not any(
        p.chord is not None and (degree_of(piece, p) == 5 or p.chord.family == "dominant") for p in inside
    ):
        piece.broken(rule, first, "neither IV nor a dominant is heard")


def _blue(piece: Piece, placed: Placed) -> bool:
    chord = placed.chord
    degree = degree_of(piece, placed)
    if chord is None or degree not in {0, 5, 7}:
        return True
    if not piece.home.minor:
        passing = degree != 0 and chord.family in {"minor", "half-diminished", "diminished"}
        return passing or chord.family == "dominant"
    allowed = {0: {"minor"}, 5: {"minor", "dominant"}, 7: {"dominant", "minor", "suspended"}}
    return chord.family in allowed[degree]


def check_reggae(piece: Piece) -> None:
    """R-REGGAE-1 to 6."""
    plain = 0
    for placed in piece.sounding:
        chord = placed.chord
        if chord is None:
            continue
        odd = any(alter or number != 9 for number, alter in chord.tensions)
        odd |= any(number == 5 and alter for number, alter in chord.degrees) and chord.family != "diminished"
        if odd or (7, -2) in chord.degrees:
            piece.broken("R-REGGAE-1", placed.bar, f"a chord on {chord.root} is too rich")
        minor_seventh = chord.family == "minor" and chord.seventh == 10 and len(chord.degrees) == 4
        plain += len(chord.degrees) == 3 or (minor_seventh and piece.application in {"dub", "roots"})
        if placed.why and placed.why.kind in {
            "tritone-substitute", "related-two", "passing-diminished", "chromatic-planing",
        }:  # fmt: skip
            piece.broken("R-REGGAE-3", placed.bar, f"{placed.why.kind} does not belong here")
    if 2 * plain < len(piece.sounding):
        piece.broken("R-REGGAE-1", 0, f"only {plain} of {len(piece.sounding)} chords are plain")
    _check_few(piece, "R-REGGAE-2")
    if len({placed.chord for placed in piece.sounding}) > 8:
        piece.broken("R-REGGAE-2", 0, "more than eight different chords")
    for bar in range(1, piece.bars):
        if piece.application == "dancehall":
            _check_dancehall(piece, bar)
        else:
            _check_one_drop(piece, bar)


def _check_few(piece: Piece, rule: str) -> None:
    for bar in range(1, piece.bars + 1):
        if len(piece.in_bar(bar)) > 2:
            piece.broken(rule, bar, "more than two chords")


def _check_one_drop(piece: Piece, bar: int) -> None:
    full = piece.tempo >= 110
    forbidden = (0, 2) if full else (0, 1, 2, 3)
    skank = piece.strikes("right", bar)
    if any(near(skank, beat * QUARTER) for beat in forbidden):
        piece.broken("R-REGGAE-4", bar, "the right hand strikes off the skank")
    elif full and not piece.silent(bar) and not all(near(skank, beat * QUARTER) for beat in (1, 3)):
        piece.broken("R-REGGAE-4", bar, "the skank is missing")
    kicks, sticks = piece.strikes("drums", bar, _KICKS), piece.strikes("drums", bar, _STICKS)
    drops = [2 * QUARTER] if full else [QUARTER, 3 * QUARTER]
    if not all(near(kicks, drop) and near(sticks, drop) for drop in drops):
        piece.broken("R-REGGAE-5", bar, "the drop is missing")
    if any(not near(drops, kick) for kick in kicks) or near([*kicks, *sticks], 0):
        piece.broken("R-REGGAE-5", bar, "the kick falls off the drop")


def _check_dancehall(piece: Piece, bar: int) -> None:
    kicks = on_grid(piece, piece.strikes("drums", bar, _KICKS), _SIXTEENTH)
    sticks = on_grid(piece, piece.strikes("drums", bar, _STICKS), _SIXTEENTH)
    for half in (0, 8):
        if half not in kicks or not {half + 3, half + 6} <= sticks:
            piece.broken("R-REGGAE-6", bar, "the 3 + 3 + 2 is missing")
            return


def check_latin(piece: Piece) -> None:
    """R-LATIN-1 to 7."""
    salsa = piece.application in {"salsa", "uptempo"}
    three = _clave_sides(piece, 75, {0, 3, 6}, {2, 4}, "R-LATIN-1") if salsa else None
    if piece.application == "bossa":
        _clave_sides(piece, 37, {0, 3, 6}, {2, 5}, "R-LATIN-2")
        check_on_beats(piece, "R-LATIN-6", "bass", (0, 2), "the bass is not on one and three")
    if piece.application == "bolero":
        check_on_beats(piece, "R-LATIN-6", "bass", (0, 2, 3), "the bass is not on one, three and four")
    for section in piece.sections:
        if section.first % 2 == 0:
            piece.broken("R-LATIN-3", section.first, f"{section.name} begins on an even bar: the clave turns")
    if salsa:
        for bar in range(2, piece.bars):
            if any(piece.silent(near_by) for near_by in (bar - 1, bar, bar + 1)):
                continue
            _check_tumbao(piece, bar)
            if three is not None and near(piece.strikes("right", bar), 0) == (bar % 2 == three):
                piece.broken("R-LATIN-5", bar, "the montuno is against the clave")
    _check_few(piece, "R-LATIN-7")
    approach = final_approach(piece)
    dominant = frozenset({"dominant"})
    allowed: dict[int, frozenset[str] | None] = {7: dominant, 1: dominant, 5: None, 2: None}
    if approach is None or not families_in(piece, approach, allowed):
        piece.broken("R-LATIN-7", piece.bars, "the final tonic is not reached by a cadence")


def _clave_sides(piece: Piece, number: int, three: set[int], two: set[int], rule: str) -> int | None:
    """Which bars, odd (1) or even (0), have the 3-side; None where there is no clave."""
    sides: set[int] = set()
    for bar in range(1, piece.bars):
        ticks = piece.strikes("drums", bar, frozenset({number}))
        struck = on_grid(piece, ticks, _EIGHTH)
        if len(ticks) != len(struck) or struck not in (three, two):
            piece.broken(rule, bar, "the clave is broken")
            continue
        sides.add(bar % 2 if struck == three else 1 - bar % 2)
    if len(sides) > 1:
        piece.broken(rule, 0, "the clave turns")
    return sides.pop() if len(sides) == 1 else None


def _check_tumbao(piece: Piece, bar: int) -> None:
    struck = on_grid(piece, piece.strikes("bass", bar), _EIGHTH)
    if 0 in struck or not {3, 6} <= struck:
        piece.broken("R-LATIN-4", bar, "the bass does not play the tumbao")
        return
    coming = piece.at(piece.start_of(bar + 1))
    start = piece.start_of(bar) + 6 * _EIGHTH
    for note in piece.by_part["bass"]:
        if (
            abs(note.onset - start) <= 12
            and coming
            and coming.chord
            and note.midi % 12 not in coming.chord.pcs
        ):
            piece.broken("R-LATIN-4", bar, "the anticipated bass is not of the next chord")
