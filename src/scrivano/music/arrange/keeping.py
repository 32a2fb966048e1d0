"""What stays of an earlier arrangement: the notes of locked bars, and the voicings to lead from and into."""

import itertools
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence

from scrivano.music.arrange.satb import Four
from scrivano.music.arrange.spelling import spelled
from scrivano.music.arrange.strokes import Span
from scrivano.music.arrange.voicing import Voicing
from scrivano.music.dto import PPQ, Arrangement, Note, PartName, Progression
from scrivano.music.theory import Chord, Key, meter_of, parse_chord


def join(
    previous: Arrangement, fresh: Sequence[Note], progression: Progression, locked: frozenset[int], home: Key
) -> list[Note]:
    """The old notes of the locked bars with the fresh ones of the others.

    A note belongs to the bar it begins in; one that is held over into the next bar belongs to that bar, whose
    chord it anticipates. A bass note that led into another chord than now follows leads into this one.
    """
    bar = meter_of(progression.meter).bar
    first_of = {c.bar: parse_chord(c.symbol) for c in reversed(progression.chords)}
    pushes: dict[tuple[PartName, int], list[Note]] = defaultdict(list)
    kept = list[Note]()
    for note in previous.notes:
        owner = _owner(note, bar)
        if note.part != "melody" and owner in locked:
            kept.append(note)
        elif note.part != "melody" and note.onset // bar + 1 in locked:
            pushes[note.part, owner].append(note)
    # What anticipates a chord that is new stays if it anticipates this chord as well.
    stay = {place for place, notes in pushes.items() if _suits(notes, first_of.get(place[1]))}
    kept += [note for place in stay for note in pushes[place]]
    added = [
        n
        for n in fresh
        if (owner := _owner(n, bar)) not in locked
        and not ((n.part, owner) in stay and n.onset // bar + 1 != owner)
    ]
    return _led(_parted(kept, added), progression, home)


def _suits(notes: Sequence[Note], chord: Chord | None) -> bool:
    """Whether a chord has all these notes, and begins on the bass's one."""
    if chord is None or chord.bass_name is None:
        return False
    if notes[0].part == "bass":
        return all(n.midi % 12 == chord.bass_name.pc for n in notes)
    return all(n.midi % 12 in chord.pcs for n in notes)


def _owner(note: Note, bar: int) -> int:
    """The bar (from 1) a note belongs to."""
    own = note.onset // bar + 1
    held_over = note.onset + note.duration > own * bar
    return own + 1 if held_over and note.part != "drums" else own


def _led(notes: list[Note], progression: Progression, home: Key) -> list[Note]:
    """Bass notes between two chords' tones a step from the next note, where that note is another than it was."""
    chords = [(c, parse_chord(c.symbol)) for c in progression.chords]
    starts = [c.onset for c, _ in chords]
    line = sorted((n for n in notes if n.part == "bass"), key=lambda n: n.onset)
    out = [n for n in notes if n.part != "bass"]
    for note, follower in zip(line, [*line[1:], None], strict=False):
        at = bisect_right(starts, note.onset) - 1
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
    onsets: dict[PartName, list[tuple[int, bool]]] = defaultdict(list)
    for notes, fresh in ((kept, False), (added, True)):
        for note in notes:
            onsets[note.part].append((note.onset, fresh))
    taken = {(n.part, n.onset, n.voice) for n in kept}
    out = list(kept)
    for note in added:
        if (note.part, note.onset, note.voice) in taken:
            continue
        out.append(note)
    done = list[Note]()
    by_lane: dict[tuple[PartName, int], list[Note]] = defaultdict(list)
    for note in out:
        by_lane[note.part, note.voice].append(note)
    for lane in by_lane.values():
        starts = sorted({n.onset for n in lane})
        following = dict(itertools.pairwise(starts))
        for note in lane:
            room = following.get(note.onset, note.onset + note.duration) - note.onset
            done.append(note if note.duration <= room else note.model_copy(update={"duration": room}))
    return done


def _struck(previous: Arrangement, span: Span, part: PartName) -> tuple[int, ...]:
    """The largest stroke of a hand while a chord held, the earliest of those."""
    by_onset: dict[int, set[int]] = defaultdict(set)
    for note in previous.notes:
        if note.part == part and span.start <= note.onset < span.end:
            by_onset[note.onset].add(note.midi)
    best = max(by_onset.values(), key=len, default=set[int]())
    return tuple(sorted(best))


def pinned_voicings(
    previous: Arrangement | None, spans: Sequence[Span], locked: frozenset[int]
) -> dict[int, Voicing]:
    """The voicings of locked bars, as they were struck."""
    if previous is None:
        return {}
    found: dict[int, Voicing] = {}
    for span in spans:
        if span.bar in locked:
            left, right = _struck(previous, span, "left"), _struck(previous, span, "right")
            if left and right:
                found[span.index] = Voicing(left, right)
    return found


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
            {
                n.midi
                for n in previous.notes
                if n.part in {"left", "right"} and span.start <= n.onset < span.end
            }
        )
        if len(notes) == 4:
            found[span.index] = (notes[0], notes[1], notes[2], notes[3])
    return found
