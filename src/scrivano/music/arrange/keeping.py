"""What stays of an earlier arrangement: the notes of locked bars, and the voicings to lead from and into.

A locked bar keeps every note that begins in it, held over its end or not. Its last notes may lead into a chord that
isn't locked: `fits_after` tells which chords they lead into, so that a new one can be chosen that they suit. Where a
chord stands that they don't suit (a person substituted it), they follow that chord.
"""

import itertools
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from scrivano.music.arrange.satb import Four
from scrivano.music.arrange.spelling import spelled
from scrivano.music.arrange.strokes import Span
from scrivano.music.arrange.voicing import Voicing, guides
from scrivano.music.dto import PPQ, Arrangement, ChordSpan, Note, PartName, Progression
from scrivano.music.theory import Chord, Key, meter_of, parse_chord

HANDS = frozenset[PartName]({"right", "left"})
_LOWEST_BASS = 23


def fits_after(previous: Arrangement, locked: Iterable[int]) -> Callable[[int, Chord], bool]:
    """Whether a bar (from 1) may begin with a chord, as far as the notes of a locked bar before it are concerned."""
    kept = frozenset(locked)
    bar = meter_of(previous.progression.meter).bar
    leading: dict[int, list[Note]] = defaultdict(list)
    last_bass: dict[int, Note] = {}
    for note in previous.notes:
        own = note.onset // bar + 1
        if own not in kept or own + 1 in kept or note.part in {"drums", "melody"}:
            continue
        leading[own + 1].append(note)
        if note.part == "bass" and (own not in last_bass or last_bass[own].onset < note.onset):
            last_bass[own] = note
    under = _Under(previous.progression)

    def fits(number: int, chord: Chord) -> bool:
        last = last_bass.get(number - 1)
        return all(
            _suits(note, chord, under, (number - 1) * bar, last is note) for note in leading.get(number, ())
        )

    return fits


class _Under:
    """The chord that a note of a progression stands under."""

    def __init__(self, progression: Progression) -> None:
        self._spans = progression.chords
        self._starts = [c.onset for c in self._spans]

    def at(self, tick: int) -> Chord:
        return parse_chord(self._spans[self.span(tick)].symbol)

    def span(self, tick: int) -> int:
        return bisect_right(self._starts, tick) - 1


def _suits(note: Note, chord: Chord, under: _Under, line: int, last_in_bass: bool) -> bool:
    """Whether a note before the bar line at tick `line` goes with the chord that begins there."""
    pc = note.midi % 12
    if note.onset + note.duration > line:
        if chord.bass_name is None:
            return False
        return pc == chord.bass_name.pc if note.part == "bass" else pc in chord.pcs_with_bass
    if pc in under.at(note.onset).pcs_with_bass:
        return True
    if last_in_bass and chord.bass_name is not None and 0 < abs((chord.bass_name.pc - pc + 6) % 12 - 6) <= 2:
        return True
    return pc in chord.pcs_with_bass


def join(
    previous: Arrangement,
    fresh: Sequence[Note],
    progression: Progression,
    locked: frozenset[int],
    home: Key,
    may: Callable[[int], bool] | None = None,
) -> list[Note]:
    """The old notes of the locked bars with the fresh ones of the others.

    What was held over into a locked bar stays as well. `may` says where the right hand may strike (None: anywhere).
    """
    bar = meter_of(progression.meter).bar
    first_of = {c.bar: c for c in reversed(progression.chords)}
    fits = fits_after(previous, locked)
    given_up = {
        number + 1
        for number in locked
        if number + 1 in first_of
        and number + 1 not in locked
        and not fits(number + 1, parse_chord(first_of[number + 1].symbol))
    }
    kept, added = list[Note](), list[Note]()
    for note in previous.notes:
        own, owner = note.onset // bar + 1, _owner(note, bar)
        if note.part == "melody" or not (own in locked or owner in locked):
            continue
        if owner in locked:
            kept.append(note)
        elif owner not in given_up:
            # Held over into a chord that is new: no longer than that chord.
            kept.append(_until(note, first_of[owner].onset + first_of[owner].duration))
    # Until when what began in a locked bar is held in the next one, by part.
    held = {(n.part, _owner(n, bar)): n.onset + n.duration for n in kept if n.onset // bar + 1 in locked}
    pushed = list[Note]()
    for note in fresh:
        own, owner = note.onset // bar + 1, _owner(note, bar)
        if owner in locked:
            continue
        if own in locked:
            (added if owner in given_up else pushed).append(note)
        elif note.onset % bar == 0 and note.part != "drums" and (note.part, own) in held:
            wait = held[note.part, own] - note.onset
            if note.duration > wait:
                later = {"onset": note.onset + wait, "duration": note.duration - wait}
                added.append(note.model_copy(update=later))
            else:
                pushed.append(note)
        else:
            added.append(note)
    added += _struck_late(
        pushed, [*kept, *added], [first_of[n] for n in {_owner(p, bar) for p in pushed}], may
    )
    notes = _parted(kept, added)
    return _led(_near(notes, locked, bar), progression, home)


def _until(note: Note, tick: int) -> Note:
    if note.onset + note.duration <= tick:
        return note
    return note.model_copy(update={"duration": tick - note.onset})


def _owner(note: Note, bar: int) -> int:
    """The bar (from 1) a note belongs to."""
    own = note.onset // bar + 1
    held_over = note.onset + note.duration > own * bar
    return own + 1 if held_over and note.part != "drums" else own


def _struck_late(
    pushed: Sequence[Note],
    there: Sequence[Note],
    spans: Sequence[ChordSpan],
    may: Callable[[int], bool] | None,
) -> list[Note]:
    """Notes that would have anticipated a chord in a locked bar, struck with the chord where it needs them."""
    found = list[Note]()
    for span in spans:
        chord = parse_chord(span.symbol)
        end = span.onset + span.duration
        mine = [n for n in pushed if n.onset <= span.onset < n.onset + n.duration <= end]
        sounding = [n for n in there if n.onset < end and n.onset + n.duration > span.onset]
        hands = {n.midi % 12 for n in sounding if n.part in HANDS}
        needed = set(guides(chord)) if chord.root is not None else set[int]()
        for part in ("left", "right", "bass"):
            held = any(n.part == part and n.onset < span.onset for n in sounding)
            bare = not any(n.part == "bass" for n in sounding) if part == "bass" else not needed <= hands
            if not bare:
                continue
            start = span.onset + (span.duration // 2 if held else 0)
            if part == "right" and may is not None and not may(start):
                start += PPQ // 2
            notes = [n for n in mine if n.part == part]
            found += [
                n.model_copy(update={"onset": start, "duration": max(end - start, PPQ // 4)}) for n in notes
            ]
            hands |= {n.midi % 12 for n in notes if n.part in HANDS}
    return found


def _near(notes: list[Note], locked: frozenset[int], bar: int) -> list[Note]:
    """Where a kept bass note leads by step into a fresh one, the fresh one lies in its octave."""
    line = sorted((n for n in notes if n.part == "bass"), key=lambda n: n.onset)
    moved: dict[int, Note] = {}
    for note, follower in itertools.pairwise(line):
        boundary = note.onset // bar + 1 in locked and follower.onset // bar + 1 not in locked
        away = (follower.midi - note.midi + 6) % 12 - 6
        if not boundary or abs(follower.midi - note.midi) <= 2 or not 0 < abs(away) <= 2:
            continue
        midi = note.midi + away
        above = [
            n.midi for n in notes if n.part in HANDS and n.onset <= follower.onset < n.onset + n.duration
        ]
        if midi >= _LOWEST_BASS and midi < min(above, default=60):
            octaves = (midi - follower.midi) // 12
            pitch = follower.pitch
            if pitch is not None:
                pitch = pitch.model_copy(update={"octave": pitch.octave + octaves})
            moved[id(follower)] = follower.model_copy(update={"midi": midi, "pitch": pitch})
    return [moved.get(id(note), note) for note in notes]


def _led(notes: list[Note], progression: Progression, home: Key) -> list[Note]:
    """Bass notes between two chords' tones a step from the next note, where that note is another than it was."""
    under = _Under(progression)
    chords = [(c, parse_chord(c.symbol)) for c in progression.chords]
    line = sorted((n for n in notes if n.part == "bass"), key=lambda n: n.onset)
    out = [n for n in notes if n.part != "bass"]
    for note, follower in zip(line, [*line[1:], None], strict=False):
        at = under.span(note.onset)
        near = [chord for c, chord in chords[at : at + 2] if c.onset - note.onset <= PPQ]
        fits = any(note.midi % 12 in chord.pcs_with_bass for chord in near)
        if fits or (follower is not None and 1 <= abs(follower.midi - note.midi) <= 2):
            out.append(note)
            continue
        chord = near[0]
        tones = [m for m in range(note.midi - 6, note.midi + 7) if m % 12 in chord.pcs]
        midi = min(
            tones, key=lambda m: abs(m - (follower.midi if follower else note.midi)), default=note.midi
        )
        pitch = spelled(midi, chord, home, rising=False)
        out.append(note.model_copy(update={"midi": midi, "pitch": pitch}))
    return out


def _parted(kept: list[Note], added: list[Note]) -> list[Note]:
    """Both together; where a fresh note and a kept one of a part meet, the earlier ends when the later begins."""
    taken = {(n.part, n.onset, n.voice) for n in kept}
    out = [*kept, *(n for n in added if (n.part, n.onset, n.voice) not in taken)]
    done = list[Note]()
    by_lane: dict[tuple[PartName, int], list[Note]] = defaultdict(list)
    for note in out:
        by_lane[note.part, note.voice].append(note)
    for lane in by_lane.values():
        starts = sorted({n.onset for n in lane})
        following = dict(itertools.pairwise(starts))
        done += [_until(note, following.get(note.onset, note.onset + note.duration)) for note in lane]
    return done


def _strokes_of(previous: Arrangement) -> dict[PartName, dict[int, set[int]]]:
    """What each hand strikes when, in time."""
    found: dict[PartName, dict[int, set[int]]] = {part: {} for part in HANDS}
    for note in sorted(previous.notes, key=lambda n: n.onset):
        if note.part in found:
            found[note.part].setdefault(note.onset, set()).add(note.midi)
    return found


def _struck(strokes: dict[int, set[int]], onsets: list[int], span: Span) -> tuple[int, ...]:
    """The largest stroke of a hand while a chord held, the earliest of those."""
    inside = onsets[bisect_left(onsets, span.start) : bisect_left(onsets, span.end)]
    best = max((strokes[onset] for onset in inside), key=len, default=set[int]())
    return tuple(sorted(best))


def pinned_voicings(
    previous: Arrangement | None, spans: Sequence[Span], locked: frozenset[int]
) -> dict[int, Voicing]:
    """The voicings of locked bars, as they were struck."""
    if previous is None or not locked:
        return {}
    strokes = _strokes_of(previous)
    onsets = {part: list(struck) for part, struck in strokes.items()}

    def held(part: PartName, span: Span) -> tuple[int, ...]:
        return _struck(strokes[part], onsets[part], span)

    return {
        span.index: Voicing(left, right)
        for span in spans
        if span.bar in locked and (left := held("left", span)) and (right := held("right", span))
    }


def pinned_fours(
    previous: Arrangement | None, spans: Sequence[Span], locked: frozenset[int]
) -> dict[int, Four]:
    """The four voices of locked bars."""
    if previous is None:
        return {}
    found: dict[int, Four] = {}
    for span in spans:
        if span.bar not in locked:
            continue
        notes = sorted(
            {n.midi for n in previous.notes if n.part in HANDS and span.start <= n.onset < span.end}
        )
        if len(notes) == 4:
            found[span.index] = (notes[0], notes[1], notes[2], notes[3])
    return found
