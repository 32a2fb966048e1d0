"""The rules of gospel, jazz, neo-soul and R&B, and what several genres' rules share."""

from collections.abc import Callable
from itertools import pairwise
from typing import Final

from scrivano.music.checker.piece import EPS, QUARTER, Piece, Placed, near

SNARES: Final = frozenset({37, 38, 39, 40})
_DRIVING: Final = frozenset({
    "secondary-dominant", "deceptive-dominant", "secondary-leading-tone", "passing-diminished",
    "common-tone-diminished", "tritone-substitute", "backdoor-dominant", "borrowed",
})  # fmt: skip


def final_approach(piece: Piece) -> Placed | None:
    """The nearest chord before the last one that has another root."""
    return piece.other_root(piece.sounding[-1], -1) if piece.sounding else None


def degree_of(piece: Piece, placed: Placed) -> int:
    """Semitones of the root above the home tonic."""
    assert placed.chord is not None
    return piece.home.degree(placed.chord.root.pc)


def families_in(piece: Piece, placed: Placed, allowed: dict[int, frozenset[str] | None]) -> bool:
    """Whether a chord stands on one of the degrees, with one of its families (None: any)."""
    assert placed.chord is not None
    degree = degree_of(piece, placed)
    families = allowed.get(degree, frozenset())
    return degree in allowed and (families is None or placed.chord.family in families)


def check_backbeat(piece: Piece, rule: str, numbers: frozenset[int]) -> None:
    """Snare, clap or side stick on the backbeats of every bar but the last."""
    beats = {"4/4": (1, 3), "12/8": (1, 3), "6/8": (1,), "3/4": (2,)}.get(piece.meter, ())
    for bar in range(1, piece.bars):
        struck = piece.strikes("drums", bar, numbers)
        if not all(near(struck, beat * piece.beat) for beat in beats):
            piece.broken(rule, bar, "the backbeat is missing")


def check_on_beats(piece: Piece, rule: str, part: str, beats: tuple[int, ...], what: str) -> None:
    """A part strikes on beats (from 0) of every bar but the last."""
    for bar in range(1, piece.bars):
        struck = piece.strikes(part, bar)
        if piece.silent(bar):
            continue
        if not all(near(struck, beat * QUARTER) for beat in beats):
            piece.broken(rule, bar, what)


def off_beats(
    piece: Piece, parts: tuple[str, ...] = ("right", "left", "bass", "drums")
) -> list[tuple[int, float]]:
    """Bar and share of the beat of all strokes near the middle of a beat (0.45 to 0.72)."""
    found: list[tuple[int, float]] = []
    for part in parts:
        for note in piece.by_part.get(part, []):
            share = note.onset % QUARTER / QUARTER
            if 0.45 <= share <= 0.72:
                found.append((piece.bar_of(note.onset), share))
    return found


def rich_bars(piece: Piece, rich: Callable[[Placed], bool]) -> int:
    """Bars in which a chord has a quality."""
    return len({placed.bar for placed in piece.sounding if rich(placed)})


def _full(placed: Placed) -> bool:
    return placed.chord is not None and (len(placed.chord.pcs) >= 4 or placed.chord.bass is not None)


def check_gospel(piece: Piece) -> None:
    """R-GOSPEL-1 to 4."""
    approach = final_approach(piece)
    cadence: dict[int, frozenset[str] | None] = {
        7: None, 5: None, 2: None, 10: None, 8: None, 1: None,
        11: frozenset({"diminished", "half-diminished"}), 6: frozenset({"diminished", "half-diminished"}),
    }  # fmt: skip
    last = piece.sounding[-1]
    before = piece.other_symbol(last, -1)
    six_four = (
        before is not None
        and before.chord is not None
        and degree_of(piece, before) == 0
        and piece.home.degree(before.chord.bass_pc) == 7
    )
    if not six_four and (approach is None or not families_in(piece, approach, cadence)):
        piece.broken("R-GOSPEL-1", last.bar, "the final tonic is not reached by a cadence")
    if 2 * rich_bars(piece, _full) < piece.bars:
        piece.broken("R-GOSPEL-2", 0, "less than half of the bars have a chord of four tones or a slash bass")
    if piece.bars >= 8 and not any(p.why and p.why.kind in _DRIVING for p in piece.sounding):
        piece.broken("R-GOSPEL-3", 0, "no chord drives chromatically")
    if piece.application != "practice":
        check_backbeat(piece, "R-GOSPEL-4", SNARES)


def check_four_tones(piece: Piece, rule: str) -> None:
    """Every chord has four different tones, its slash bass counted."""
    for placed in piece.sounding:
        if placed.chord is not None and len(placed.chord.pcs) < 4:
            piece.broken(rule, placed.bar, f"a chord on {placed.chord.root} has less than four tones")


def check_jazz(piece: Piece) -> None:
    """R-JAZZ-1 to 6."""
    check_four_tones(piece, "R-JAZZ-1")
    if piece.application != "fusion":
        pairs = sum(_two_five(one, other) for one, other in pairwise(piece.sounding))
        if pairs < max(1, piece.bars // 8):
            piece.broken("R-JAZZ-2", 0, f"{pairs} ii–V in {piece.bars} bars")
    approach = final_approach(piece)
    dominant, two = frozenset({"dominant"}), frozenset({"minor", "half-diminished"})
    if approach is None or not families_in(
        piece, approach, {7: dominant, 1: dominant, 10: dominant, 5: two, 2: two}
    ):
        piece.broken("R-JAZZ-3", piece.bars, "the final tonic is not reached by a jazz cadence")
    _check_jazz_time(piece)


def _two_five(one: Placed, other: Placed) -> bool:
    assert one.chord is not None
    assert other.chord is not None
    return (
        one.chord.family in {"minor", "half-diminished"}
        and other.chord.family == "dominant"
        and (other.chord.root.pc - one.chord.root.pc) % 12 == 5
    )


def _check_jazz_time(piece: Piece) -> None:
    straight_ahead = piece.application in {"swing", "standard", "bebop", "uptempo"}
    if straight_ahead and piece.meter == "4/4":
        check_on_beats(piece, "R-JAZZ-4", "bass", (0, 1, 2, 3), "the bass does not walk")
        if "drums" in piece.by_part:
            for bar in range(1, piece.bars):
                struck = piece.strikes("drums", bar, frozenset({44}))
                if not (near(struck, QUARTER) and near(struck, 3 * QUARTER)):
                    piece.broken("R-JAZZ-6", bar, "no hi-hat on two and four")
    if piece.application in {"bebop", "uptempo"}:
        busy = sum(len({p.chord for p in piece.in_bar(bar)}) > 1 for bar in range(1, piece.bars + 1))
        if 4 * busy < piece.bars:
            piece.broken("R-JAZZ-5", 0, f"only {busy} bars of {piece.bars} have two chords")


def check_neo_soul(piece: Piece) -> None:
    """R-NEOSOUL-1 to 5."""
    check_four_tones(piece, "R-NEOSOUL-1")
    coloured = rich_bars(
        piece, lambda p: p.chord is not None and (bool(p.chord.tensions) or len(p.chord.pcs) >= 5)
    )
    if 2 * coloured < piece.bars:
        piece.broken("R-NEOSOUL-2", 0, f"only {coloured} of {piece.bars} bars have a coloured chord")
    for placed in piece.sounding:
        chord = placed.chord
        if chord is None or chord.family != "dominant":
            continue
        altered = any(number == 5 and alter for number, alter in chord.degrees)
        if not (chord.tensions or altered or chord.third != 4):
            piece.broken("R-NEOSOUL-3", placed.bar, f"{chord.root}7 is bare")
    if piece.bars >= 8 and all(p.why is None or p.why.kind == "diatonic" for p in piece.sounding):
        piece.broken("R-NEOSOUL-4", 0, "all chords are diatonic")
    check_backbeat(piece, "R-NEOSOUL-5", SNARES)
    if piece.meter == "4/4":
        for bar, share in off_beats(piece):
            if not 0.52 - 0.01 <= share <= 0.64 + 0.01:
                piece.broken("R-NEOSOUL-5", bar, f"an off-beat at {share:.2f} of its beat")
                break


def check_rnb(piece: Piece) -> None:
    """R-RNB-1 to 4."""
    if 5 * rich_bars(piece, _full) < 2 * piece.bars:
        piece.broken(
            "R-RNB-1", 0, "less than two fifths of the bars have a chord of four tones or a slash bass"
        )
    for placed in piece.sounding:
        _check_rnb_dominant(piece, placed)
    for section in piece.sections:
        if section.bars >= 8 and not _has_loop(piece, section.first, section.last):
            piece.broken("R-RNB-3", section.first, f"nothing comes back in {section.name}")
    check_backbeat(piece, "R-RNB-4", SNARES)


def _check_rnb_dominant(piece: Piece, placed: Placed) -> None:
    chord = placed.chord
    if chord is None or chord.family != "dominant":
        return
    altered = {tone for tone in chord.tensions if tone[1]}
    if not altered:
        return
    role = placed.why is not None and (
        placed.why.kind == "secondary-dominant" or placed.why.key.degree(chord.root.pc) == 7
    )
    if not role or altered - {(9, -1), (9, 1)}:
        piece.broken("R-RNB-2", placed.bar, f"an altered dominant on {chord.root}")


def _has_loop(piece: Piece, first: int, last: int) -> bool:
    roots: list[int] = []
    for bar in range(first, last + 1):
        start = piece.at(piece.start_of(bar))
        roots.append(start.chord.root.pc if start and start.chord else -1)
    pairs = list(pairwise(roots))
    return any(pair in pairs[at + 1 :] for at, pair in enumerate(pairs))


def check_swing(piece: Piece, rule: str, low: float, high: float) -> None:
    """All off-beat eighths stand between two shares of the beat."""
    for bar, share in off_beats(piece):
        if not low <= share <= high:
            piece.broken(rule, bar, f"an off-beat at {share:.2f} of its beat")
            break


def on_grid(piece: Piece, ticks: list[int], step: int) -> set[int]:
    """Which places of a grid are struck; strokes off the grid are left out."""
    return {round(tick / step) for tick in ticks if abs(tick - round(tick / step) * step) <= EPS}
