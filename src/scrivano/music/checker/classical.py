"""The rules of classical: vocabulary, cadences, and four voices that keep apart."""

from itertools import combinations, pairwise
from typing import Final, NamedTuple

from scrivano.music.checker.chords import Chord
from scrivano.music.checker.piece import EPS, FileNote, Piece, Placed

_RANGES: Final = (("soprano", 60, 81), ("alto", 53, 76), ("tenor", 46, 69), ("bass", 38, 62))
_NEVER: Final = frozenset({"tritone-substitute", "chromatic-planing", "constant-structure", "blues-dominant"})


class Voicing(NamedTuple):
    """The four voices of a chord from the top: soprano, alto, tenor, bass."""

    placed: Placed
    chord: Chord
    voices: tuple[int, int, int, int]


def check_classical(piece: Piece) -> None:
    """R-CLASSICAL-1 to 10."""
    for placed in piece.sounding:
        _check_vocabulary(piece, placed)
    _check_cadences(piece)
    voicings = _voicings(piece)
    for voicing in voicings:
        _check_voicing(piece, voicing)
    for one, other in pairwise(voicings):
        if one.voices != other.voices:
            _check_parallels(piece, one, other)
        if one.chord != other.chord:
            _check_seventh(piece, one, other)


def _check_vocabulary(piece: Piece, placed: Placed) -> None:
    chord = placed.chord
    if chord is None:
        return
    numbers = {number for number, _ in chord.degrees}
    allowed = {1, 3, 5, 7}
    if piece.application == "romantic" and chord.family == "dominant":
        allowed.add(9)
    if not numbers <= allowed or not {1, 3} <= numbers or (9, 1) in chord.degrees:
        piece.broken("R-CLASSICAL-1", placed.bar, f"a chord on {chord.root} is no triad or seventh chord")
    kind = placed.why.kind if placed.why else ""
    if kind in _NEVER or (
        piece.application == "baroque" and kind in {"augmented-sixth", "chromatic-mediant"}
    ):
        piece.broken("R-CLASSICAL-5", placed.bar, f"{kind} does not belong here")


def _check_cadences(piece: Piece) -> None:
    last = piece.sounding[-1]
    approach = piece.other_root(last, -1)
    if (
        approach is None
        or approach.chord is None
        or last.chord is None
        or piece.home.degree(approach.chord.root.pc) != 7
        or approach.chord.third != 4
        or approach.chord.bass is not None
        or last.chord.bass is not None
    ):
        piece.broken("R-CLASSICAL-2", last.bar, "the piece does not end with an authentic cadence")
    starts = piece.section_starts()
    for one, other in pairwise(piece.sounding):
        if one.chord is None or other.chord is None or one.why is None or other.why is None:
            continue
        new_section = other.bar in starts and other.start == piece.start_of(other.bar)
        to = one.why.key.degree(other.chord.root.pc)
        same_key = one.why.key == other.why.key
        if _is_dominant(one) and same_key and not new_section and to in {2, 5} and other.chord.bass is None:
            piece.broken("R-CLASSICAL-3", other.bar, "a dominant goes back to ii or IV")
    for section in piece.sections:
        inside = [p for p in piece.sounding if section.first <= p.bar <= section.last]
        if not inside or inside[-1].chord is None or inside[-1].why is None:
            continue
        key, chord = inside[-1].why.key, inside[-1].chord
        if key.degree(chord.root.pc) not in {7, 0, 8 if key.minor else 9} or chord.bass is not None:
            piece.broken("R-CLASSICAL-4", section.last, f"{section.name} ends on no cadence")


def _is_dominant(placed: Placed) -> bool:
    assert placed.chord is not None
    assert placed.why is not None
    degree = placed.why.key.degree(placed.chord.root.pc)
    if degree == 7:
        return placed.chord.third == 4
    return degree == 11 and placed.chord.family in {"diminished", "half-diminished"}


def _voicings(piece: Piece) -> list[Voicing]:
    found: list[Voicing] = []
    for placed in piece.sounding:
        if placed.chord is None:
            continue
        right, left = (_struck(piece, hand, placed) for hand in ("right", "left"))
        if not 1 <= len(right) <= 2 or not 1 <= len(left) <= 2:
            text = f"{len(right)} and {len(left)} pitches in the hands are not four voices"
            piece.broken("R-CLASSICAL-8", placed.bar, text)
            continue
        found.append(Voicing(placed, placed.chord, (right[-1], right[0], left[-1], left[0])))
    return found


def _struck(piece: Piece, hand: str, placed: Placed) -> list[int]:
    def within(note: FileNote) -> bool:
        return placed.start - EPS <= note.onset < placed.end - EPS

    return sorted({note.midi for note in piece.by_part.get(hand, []) if within(note)})


def _check_voicing(piece: Piece, voicing: Voicing) -> None:
    bar = voicing.placed.bar
    for (name, low, high), midi in zip(_RANGES, voicing.voices, strict=True):
        if not max(low, piece.lowest) <= midi <= min(high, piece.highest):
            piece.broken("R-CLASSICAL-7", bar, f"the {name} sings {midi}")
    soprano, alto, tenor, bass = voicing.voices
    if not soprano >= alto >= tenor >= bass:
        piece.broken("R-CLASSICAL-8", bar, "voices cross")
    if soprano - alto > 12 or alto - tenor > 12:
        piece.broken("R-CLASSICAL-8", bar, "upper voices lie more than an octave apart")
    degree = piece.home.degree(voicing.chord.root.pc)
    leading = (piece.home.tonic.pc + 11) % 12
    dominant = (degree == 7 and voicing.chord.third == 4) or (
        degree == 11 and voicing.chord.family in {"diminished", "half-diminished"}
    )
    if dominant and sum(midi % 12 == leading for midi in voicing.voices) > 1:
        piece.broken("R-CLASSICAL-9", bar, "the leading tone is doubled")


def _check_parallels(piece: Piece, one: Voicing, other: Voicing) -> None:
    for high, low in combinations(range(4), 2):
        up, down = other.voices[high] - one.voices[high], other.voices[low] - one.voices[low]
        if up == 0 or down == 0 or (up > 0) != (down > 0):
            continue
        before = (one.voices[high] - one.voices[low]) % 12
        after = (other.voices[high] - other.voices[low]) % 12
        if before == after and after in {0, 7}:
            names = f"{_RANGES[high][0]} and {_RANGES[low][0]}"
            piece.broken("R-CLASSICAL-6", other.placed.bar, f"parallels between {names}")


def _check_seventh(piece: Piece, one: Voicing, other: Voicing) -> None:
    if one.chord.seventh is None:
        return
    seventh = (one.chord.root.pc + one.chord.seventh) % 12
    goals = {seventh, (seventh - 1) % 12, (seventh - 2) % 12}
    if not goals & other.chord.pcs:
        return
    for before, after in zip(one.voices, other.voices, strict=True):
        if before % 12 == seventh and not -2 <= after - before <= 0:
            piece.broken("R-CLASSICAL-10", other.placed.bar, "a seventh is not led down")
