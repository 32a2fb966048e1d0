"""What stays of an earlier arrangement: the notes of locked bars, and the voicings to lead from and into."""

from collections import defaultdict
from collections.abc import Sequence

from scrivano.music.arrange.satb import Four
from scrivano.music.arrange.strokes import Span
from scrivano.music.arrange.voicing import Voicing
from scrivano.music.dto import Arrangement, ChordSpan, Note, PartName, Progression
from scrivano.music.theory import meter_of


def join(
    previous: Arrangement, fresh: Sequence[Note], progression: Progression, locked: frozenset[int]
) -> list[Note]:
    """The old notes of the locked bars with the fresh ones of the others.

    A note belongs to the bar it begins in; one that anticipates the chord of another bar belongs to that bar.
    """
    bar = meter_of(progression.meter).bar
    old_chords, new_chords = _Chords(previous.progression.chords), _Chords(progression.chords)
    kept = [n for n in previous.notes if n.part != "melody" and old_chords.owner(n, bar) in locked]
    added = [n for n in fresh if new_chords.owner(n, bar) not in locked]
    return _parted(kept, added)


class _Chords:
    """Which bar a note speaks for."""

    def __init__(self, chords: Sequence[ChordSpan]) -> None:
        self.starts = {chord.onset: chord for chord in chords}

    def owner(self, note: Note, bar: int) -> int:
        """The bar (from 1) a note belongs to: the next one's, if it is held over the bar line."""
        own = note.onset // bar + 1
        held_over = note.onset + note.duration > own * bar
        return own + 1 if held_over and note.part != "drums" else own


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
        following = dict(zip(starts, starts[1:], strict=False))
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
            {n.midi for n in previous.notes if n.part in {"left", "right"} and span.start <= n.onset < span.end}
        )
        if len(notes) == 4:
            found[span.index] = (notes[0], notes[1], notes[2], notes[3])
    return found
