"""The hands' rhythm: patterns become strokes that fit the chords, and every chord gets what must sound of it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from scrivano.music.arrange.frame import LOW_LIMITS, playable
from scrivano.music.arrange.strokes import Line, Span, Stroke, laid_out
from scrivano.music.arrange.voicing import Voicing, guides
from scrivano.music.dto import PPQ, PartName
from scrivano.music.theory import Meter

Bars = Sequence[tuple[str, int]]

_EIGHTH: Final = PPQ // 2


def play(part: PartName, bars: Bars, spans: Sequence[Span], meter: Meter, *, push: int) -> Line:
    """The strokes of a hand: each belongs to the chord it sounds with.

    One that begins at most `push` ticks before a chord and is held into it belongs to that chord already; any
    other ends where its chord ends.
    """
    line = Line(part)
    at = 0
    for start, end, sign in laid_out(bars, meter):
        while at + 1 < len(spans) and spans[at].end <= start:
            at += 1
        span = spans[at]
        if start < span.end < end and at + 1 < len(spans):
            follower = spans[at + 1]
            if span.end - start <= push and not follower.silent and not span.silent:
                line.strokes.append(_stroke(start, min(end, follower.end), sign, follower.index))
                continue
            end = span.end
        if not span.silent:
            line.strokes.append(_stroke(start, end, sign, span.index))
    return line


def _stroke(start: int, end: int, sign: str, span: int) -> Stroke:
    return Stroke(start, end, sign.lower(), span, accent=sign.isupper())


def mirrored(line: Line, part: PartName) -> Line:
    """The same rhythm for the other hand, everything it has each time.

    Where the line repeats a chord within less than an eighth, this hand holds it, and it leaves out single top notes:
    both hands hammering sixteenths would be thick to hear and hard to read.
    """
    found = Line(part)
    for stroke in line.strokes:
        if stroke.kind == "t":
            continue
        last = found.strokes[-1] if found.strokes else None
        if last is not None and last.span == stroke.span and stroke.start - last.start < _EIGHTH:
            last.end = stroke.end
        else:
            found.strokes.append(Stroke(stroke.start, stroke.end, "x", stroke.span, accent=stroke.accent))
    return found


def fill(
    line: Line,
    spans: Iterable[Span],
    *,
    may: Callable[[int], bool],
    longest: int,
    only: Callable[[Span], bool],
) -> None:
    """Gives each chord that has no stroke of its own one where it begins, if the hand `may` strike there.

    It lasts at most `longest` ticks. `only` chooses the chords.
    """
    played = {stroke.span for stroke in line.strokes}
    for span in spans:
        if span.silent or span.index in played or not only(span) or not may(span.start):
            continue
        line.put(Stroke(span.start, min(span.end, span.start + longest), "x", span.index))


def give_notes(line: Line, voicings: dict[int, Voicing]) -> None:
    """Turns signs into notes of the chords' voicings."""
    for stroke in line.strokes:
        voicing = voicings[stroke.span]
        hand = voicing.right if line.part == "right" else voicing.left
        below = voicing.left if line.part == "right" else ()
        stroke.notes = _notes(stroke.kind, hand, below)


def _notes(kind: str, hand: tuple[int, ...], below: tuple[int, ...]) -> tuple[int, ...]:
    if kind == "b":
        return hand[:1]
    if kind == "c":
        return hand[1:] or hand
    if kind == "t":
        return hand[-1:]
    if kind == "i":
        return hand[:-1] or hand
    if kind == "o":
        lower = hand[-1] - 12
        return (lower, hand[-1]) if not below or lower > below[-1] else hand[-1:]
    if kind.isdecimal():
        return (hand[min(int(kind), len(hand)) - 1],)
    return hand


def sound_all(
    right: Line, left: Line, spans: Sequence[Span], voicings: dict[int, Voicing], meter: Meter,
    *, may: Callable[[int], bool],
) -> None:  # fmt: skip
    """Sees to it that third and seventh of every chord sound while it holds.

    The first partial stroke of a chord becomes a full one, then a hand that has none gets one, and at last the
    left hand plays what is missing by itself.
    """
    by_span: dict[int, list[tuple[Line, Stroke]]] = {}
    for line in (right, left):
        for stroke in line.strokes:
            by_span.setdefault(stroke.span, []).append((line, stroke))
    for span in spans:
        if span.silent:
            continue
        needed = set(guides(span.chord))
        voicing = voicings[span.index]
        own = [(line, s) for line, s in by_span.get(span.index, []) if s.end > span.start]
        if needed <= _pcs(own):
            continue
        for line in (right, left):
            first = next((s for owner, s in own if owner is line), None)
            if first is not None:
                first.notes = voicing.right if line is right else voicing.left
        if needed <= _pcs(own):
            continue
        for line, free in ((right, may(span.start)), (left, True)):
            if free and not any(owner is line for owner, _ in own):
                notes = voicing.right if line is right else voicing.left
                stroke = Stroke(span.start, min(span.end, span.start + meter.beat), "x", span.index, notes)
                line.put(stroke)
                own.append((line, stroke))
        if needed <= _pcs(own):
            continue
        strokes = [s for owner, s in own if owner is left]
        if strokes:
            strokes[0].notes = _with_guides(voicing, needed)


def _pcs(own: Sequence[tuple[Line, Stroke]]) -> set[int]:
    return {note % 12 for _, stroke in own for note in stroke.notes}


def _with_guides(voicing: Voicing, needed: set[int]) -> tuple[int, ...]:
    """The left hand's lowest note with what is missing close above it."""
    bottom = voicing.left[0]
    notes = sorted({bottom, *(bottom + ((pc - bottom) % 12 or 12) for pc in needed)})
    while len(notes) > 1 and not playable(tuple(notes)) and bottom >= LOW_LIMITS[1]:
        notes.pop()
    return tuple(notes)
