"""Bass lines: patterns with root, fifth and approach notes, and walking lines in quarters."""

import random
from collections.abc import Sequence

from scrivano.music.arrange.strokes import Line, Span, Stroke, laid_out
from scrivano.music.theory import Chord, Degree, Key, Meter

LOWEST, HIGHEST = 28, 50


def bass_range(ceiling: int) -> tuple[int, int]:
    """Where the bass plays below a left hand whose lowest note is `ceiling`: at least an octave, E1 to D3."""
    high = min(HIGHEST, ceiling - 1)
    return max(23, min(LOWEST, high - 13)), high


def play_bass(
    bars: Sequence[tuple[str, int]], spans: Sequence[Span], meter: Meter, reach: tuple[int, int], home: Key,
    *, push: int, rng: random.Random,
) -> Line:  # fmt: skip
    """A bass line from patterns. On the first beat of a chord it always plays the chord's bass.

    A stroke at most `push` ticks before a chord belongs to it (the tumbao).
    """
    line = Line("bass")
    at = 0
    for start, end, sign in laid_out(bars, meter):
        while at + 1 < len(spans) and spans[at].end <= start:
            at += 1
        span = spans[at]
        coming = spans[at + 1] if at + 1 < len(spans) else None
        if coming and span.end - start <= push and not (span.silent or coming.silent):
            span = coming
        if span.silent:
            continue
        kind = "r" if start == span.start or start < span.start else sign
        line.strokes.append(Stroke(start, min(end, span.end), kind, span.index))
    _begin_chords(line, spans, meter)
    _choose_notes(line, spans, meter, reach, home, rng)
    return line


def _begin_chords(line: Line, spans: Sequence[Span], meter: Meter) -> None:
    """The bass of a chord sounds from its first moment: struck, or held from before on its behalf."""
    for span in spans:
        if span.silent:
            continue
        sounding = line.sounding(span.start)
        if sounding is None or sounding.span != span.index:
            line.put(Stroke(span.start, min(span.end, span.start + meter.beat), "r", span.index))


def _choose_notes(
    line: Line, spans: Sequence[Span], meter: Meter, reach: tuple[int, int], home: Key, rng: random.Random
) -> None:
    before = reach[0] + 8
    approaches = list[int]()
    for index, stroke in enumerate(line.strokes):
        span = spans[stroke.span]
        if stroke.kind == "a":
            approaches.append(index)
            if _may_approach(line, index, span, meter):
                continue
            stroke.kind = "5"
        note = _near(_pc(span.chord, stroke.kind), before, reach)
        if stroke.kind == "8" and before + 12 <= reach[1]:
            note = _near(_pc(span.chord, "r"), before + 9, reach)
        stroke.notes = (note,)
        before = note
    for index in approaches:
        stroke = line.strokes[index]
        if not stroke.notes:
            target = line.strokes[index + 1].notes[0]
            stroke.notes = (_approach(target, spans[stroke.span].chord, reach, home, rng),)


def _may_approach(line: Line, index: int, span: Span, meter: Meter) -> bool:
    """Whether a note that isn't the chord's may stand here: short, off the first beat, a step from the next."""
    stroke = line.strokes[index]
    follower = line.strokes[index + 1] if index + 1 < len(line.strokes) else None
    return (
        follower is not None
        and follower.kind != "a"
        and stroke.end - stroke.start <= meter.beat
        and stroke.start >= span.start + meter.beat
    )


def _approach(target: int, chord: Chord, reach: tuple[int, int], home: Key, rng: random.Random) -> int:
    """A step below or above the next note: a chord tone or a tone of the key rather than another."""
    steps = [target + step for step in (-1, 1, -2, 2) if reach[0] <= target + step <= reach[1]]
    weights = [3.0 if abs(n - target) == 1 else 1.0 for n in steps]
    weights = [
        w + (1.5 if n % 12 in chord.pcs else 0) + (1.0 if n % 12 in home.scale_pcs else 0)
        for n, w in zip(steps, weights, strict=True)
    ]
    return rng.choices(steps, weights)[0]


def _pc(chord: Chord, kind: str) -> int:
    """The pitch class of a sign; the bass where the chord hasn't the tone."""
    assert chord.root is not None and chord.bass_name is not None
    degree: Degree | None = None
    if kind == "5":
        degree = chord.fifth
    elif kind == "3":
        degree = chord.third
    elif kind == "7":
        degree = chord.seventh or chord.sixth or chord.fifth
    return degree.above(chord.root).pc if degree else chord.bass_name.pc


def _near(pc: int, before: int, reach: tuple[int, int]) -> int:
    """The note of a pitch class nearest to the one before, with a pull towards the middle of the range."""
    low, high = reach
    notes = range(low + (pc - low) % 12, high + 1, 12)
    middle = low + 8
    return min(
        notes, key=lambda n: (abs(n - before) + 0.35 * abs(n - middle), n), default=low + (pc - low) % 12
    )


def walk(spans: Sequence[Span], meter: Meter, reach: tuple[int, int], home: Key, rng: random.Random) -> Line:
    """A walking line: a quarter on every beat, the chord's bass where it begins, a step into the next one."""
    line = Line("bass")
    sounding = [span for span in spans if not span.silent]
    starts = _starts(sounding, reach, rng)
    for number, span in enumerate(sounding):
        first = starts[number]
        after = starts[number + 1] if number + 1 < len(sounding) else first
        beats = (span.end - span.start) // meter.beat
        notes = _walked(first, after, beats, span.chord, reach, home, rng)
        for beat, note in enumerate(notes):
            start = span.start + beat * meter.beat
            line.strokes.append(Stroke(start, start + meter.beat, "w", span.index, (note,)))
    return line


def _starts(spans: Sequence[Span], reach: tuple[int, int], rng: random.Random) -> list[int]:
    """The note on which each chord begins: near the one before, turning back at the ends of the range."""
    found = list[int]()
    before, aim = reach[0] + 10, 0
    for span in spans:
        aim = rng.choice((-4, -2, 0, 2, 4)) if found else 0
        assert span.chord.bass_name is not None
        before = _near(span.chord.bass_name.pc, before + aim, reach)
        found.append(before)
    return found


def _walked(
    first: int, after: int, beats: int, chord: Chord, reach: tuple[int, int], home: Key, rng: random.Random
) -> list[int]:
    if beats <= 1:
        return [first]
    low, high = reach
    tones = [n for n in range(max(low, first - 9), min(high, first + 9) + 1) if n % 12 in chord.pcs]
    last = [n for n in (after - 1, after + 1, after - 2, after + 2) if low <= n <= high]
    last += [n for n in tones if abs(n - after) in {5, 7}]
    inner = beats - 2
    tones = sorted(tones, key=lambda n: (abs(n - (first + after) / 2), n))[: 7 if inner < 3 else 4]
    tastes = {n: rng.random() * 3 for n in {*tones, *last}}
    best, cheapest = [first, *([first] * inner), last[0]], float("inf")
    at_home = chord.pcs | home.scale_pcs
    # Depth first, leaving what costs more already than the best line found.
    waiting = [([first], 0.0)]
    while waiting:
        line, cost = waiting.pop()
        if cost >= cheapest:
            continue
        if len(line) == beats:
            cost += _step_cost(line[-1], after) + _turn_cost(line[-2], line[-1], after)
            cost += 0.0 if line[-1] % 12 in at_home else 0.6
            if cost < cheapest:
                best, cheapest = line, cost
            continue
        before = line[-2] if len(line) > 1 else None
        for note in reversed(last if len(line) == beats - 1 else tones):
            turn = 0.0 if before is None else _turn_cost(before, line[-1], note)
            waiting.append(([*line, note], cost + _step_cost(line[-1], note) + turn + tastes[note]))
    return best


def _step_cost(a: int, b: int) -> float:
    step = abs(b - a)
    return 4.0 if step == 0 else 0.3 * step + max(step - 7, 0) * 2.0 + (1.5 if step == 6 else 0)


def _turn_cost(a: int, b: int, c: int) -> float:
    return 0.9 if (b - a) * (c - b) < 0 else 0.0
