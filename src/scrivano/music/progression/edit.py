"""Editing a progression: lock and regenerate, reharmonise, substitute, transpose. What isn't edited stays as
it was.
"""

import random
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Final

from scrivano.core.errors import InvalidInput
from scrivano.music.dto import ChordSpan, Progression, Settled
from scrivano.music.genres import genre_data
from scrivano.music.progression.colour import colour
from scrivano.music.progression.draft import Bar, Draft, Slot, bars_of, parts_of, reasons, to_progression
from scrivano.music.progression.form import plan
from scrivano.music.progression.generate import NoProgression, drawn_moves, faults_of, make_draft, try_move
from scrivano.music.progression.repair import RISING, respelled, to_replace
from scrivano.music.progression.rules import Broken
from scrivano.music.theory import Chord, Key, key_of, meter_of, parse_chord
from scrivano.music.theory.key import scale_degree

_CANDIDATES: Final = 6
_ROUNDS: Final = 10


def regenerate(
    progression: Progression,
    settled: Settled,
    locked: Iterable[int],
    seed: int,
    *,
    fits: Callable[[int, Chord], bool] | None = None,
) -> Progression:
    """The progression with every bar made anew that isn't in `locked` (numbers from 1).

    Locked bars are kept to the byte, reasons included; the same seed gives the same result. Next to a locked
    bar a chord may stay, since the locked chord's reason leans on it. `fits` says whether a bar may begin with a
    chord, where the notes of a locked bar lead into it; one that doesn't fit isn't taken. Raises InvalidInput for the
    field `locked` when a bar doesn't exist.
    """
    kept = frozenset(locked)
    _bars_exist(kept, progression.bars, "locked")
    free = [i for i in range(progression.bars) if i + 1 not in kept]
    if not free:
        return progression
    old = _draft_of(progression, settled)
    wanted = settled.model_copy(update={"seed": seed})
    best = old
    for attempt in range(_CANDIDATES):
        new = _fresh(wanted, old, attempt)
        best = old if new is None else _with_seams(old, new, kept, progression, fits)
        if any(best.bars[i] != old.bars[i] for i in free):
            break
    return _stitched(progression, best, kept)


def reharmonize(progression: Progression, settled: Settled, first: int, last: int, seed: int) -> Progression:
    """The progression with the bars `first` to `last` elaborated by the genre's means; all others to the
    byte.

    Raises InvalidInput for the field `bars` when the range isn't in the piece.
    """
    if not 1 <= first <= last <= progression.bars:
        raise InvalidInput(
            f"Bars {first} to {last} are not in a piece of {progression.bars} bars.",
            field="bars",
            remedy=f"Give a first and a last bar from 1 to {progression.bars}.",
        )
    kept = frozenset(n for n in range(1, progression.bars + 1) if not first <= n <= last)
    draft = _draft_of(progression, settled)
    _elaborate(draft, settled, range(first - 1, last), kept, progression, f"{seed}/reharmonize")
    return _stitched(progression, draft, kept)


def substitute(progression: Progression, settled: Settled, index: int, symbol: str) -> Progression:
    """The progression with the chord at `index` (from 0) changed; chords around get the reasons that hold
    now.

    Raises InvalidInput for the field `chord` when the symbol can't be read, stands there without reason,
    takes its neighbour's reason away or breaks a hard rule of the genre; the message says which.
    """
    if not 0 <= index < len(progression.chords):
        raise InvalidInput(
            f"There is no chord {index}.", field="index", remedy=f"Give 0 to {len(progression.chords) - 1}."
        )
    draft = _draft_of(progression, settled)
    bar, position = _place_of(progression, index)
    slot = draft.bars[bar][position]
    before = {(f.rule, f.bar) for f in faults_of(draft)}
    row = list(draft.bars[bar])
    row[position] = slot.with_chord(respelled(parse_chord(symbol), slot.key))
    draft.bars[bar] = tuple(row)
    faults = [f for f in faults_of(draft) if (f.rule, f.bar) not in before]
    if faults:
        raise InvalidInput(
            f"{symbol} doesn't go there: {faults[0].text} ({faults[0].rule})",
            field="chord",
            remedy="Take one of the suggested substitutes, or change the chords around it first.",
        )
    return _explained_or_raise(draft, symbol)


def transpose(progression: Progression, settled: Settled, key: str) -> tuple[Settled, Progression]:
    """Request and progression in another key of the same mode, spelled as that key has it.

    Raises InvalidInput for the field `key`.
    """
    old, new = key_of(settled.key, settled.mode), key_of(key, settled.mode)
    if new.mode != settled.mode:
        raise InvalidInput(
            f"{key} is not a {settled.mode} key.",
            field="key",
            remedy="Transposing keeps the mode; give the tonic alone.",
        )
    moved = settled.model_copy(update={"key": str(new.tonic)})
    draft = _draft_of(progression, settled)
    bars = [tuple(_moved(slot, old, new) for slot in bar) for bar in draft.bars]
    return moved, _relabelled(to_progression(Draft(moved, bars, draft.parts)), progression)


def _moved(slot: Slot, old: Key, new: Key) -> Slot:
    key = new if slot.key == old else new.up(slot.key.pc - old.pc, slot.key.mode)
    if slot.chord.root is None:
        return Slot(slot.chord, key)
    rising = slot.chord.family in RISING and scale_degree(slot.key, slot.chord.root)[1] > 0
    root = key.spell(slot.chord.root.pc - slot.key.pc, rising=rising)
    return Slot(slot.chord.moved_to(root), key)


def _draft_of(progression: Progression, settled: Settled) -> Draft:
    return Draft(settled, bars_of(progression), parts_of(progression))


def _fresh(settled: Settled, old: Draft, attempt: int) -> Draft | None:
    """A new draft of the same form, None where none can be made."""
    try:
        new = make_draft(settled, salt=f"again/{attempt}")
    except NoProgression:
        return None
    same_form = [(p.name, p.bars) for p in plan(settled)] == [(p.name, p.bars) for p in old.parts]
    return Draft(settled, new.bars, new.parts if same_form else old.parts)


def _with_seams(
    old: Draft,
    new: Draft,
    kept: frozenset[int],
    progression: Progression,
    fits: Callable[[int, Chord], bool] | None,
) -> Draft:
    """New bars between the locked ones.

    Where a locked reason leans on a neighbour, or locked notes lead into it, that chord stays; where a rule would
    break, old bars come back, more of them each round. At the worst all do.
    """
    bars: list[Bar] = [old.bars[i] if i + 1 in kept else new.bars[i] for i in range(len(old.bars))]
    draft = Draft(old.settled, bars, old.parts)
    if fits is not None:
        for index in range(1, len(bars)):
            own, row = old.bars[index], bars[index]
            led = index in kept and index + 1 not in kept and row[0].chord != own[0].chord
            if led and not fits(index + 1, row[0].chord):
                bars[index] = _joined(own, row, draft, at_start=True)
    known = {(f.rule, f.bar) for f in faults_of(old)}
    for round_ in range(_ROUNDS):
        leaning = _changed_reasons(draft, kept, progression)
        faults = [f for f in faults_of(draft) if (f.rule, f.bar) not in known]
        if not leaning and not faults:
            return draft
        for bar in leaning:
            _hold_neighbours(draft, old, bar, kept, 1 + round_ // 2, whole=round_ > 0)
        for index in to_replace(faults, draft, round_):
            draft.bars[index] = old.bars[index]
    return old


def _hold_neighbours(
    draft: Draft, old: Draft, bar: int, kept: frozenset[int], reach: int, *, whole: bool
) -> None:
    """Puts back what stood next to a locked bar: at first one chord, then whole bars."""
    for step in range(1, reach + 1):
        for index, at_start in ((bar + step, True), (bar - step, False)):
            if not 0 <= index < len(old.bars) or index + 1 in kept:
                continue
            own, row = old.bars[index], draft.bars[index]
            draft.bars[index] = (
                own if whole or len(own) == len(row) == 1 else _joined(own, row, draft, at_start)
            )


def _joined(own: Bar, row: Bar, draft: Draft, at_start: bool) -> Bar:
    """A new bar whose edge is the old one's."""
    joined = (own[0], *row[1:]) if at_start else (*row[:-1], own[-1])
    fits = len(joined) <= draft.meter.most_chords and _no_repeats(joined)
    return joined if fits else own


def _no_repeats(row: Bar) -> bool:
    return all(a.chord != b.chord for a, b in pairwise(row))


def _changed_reasons(draft: Draft, kept: frozenset[int], progression: Progression) -> list[int]:
    """Indexes of locked bars with a chord whose reason is not what it was."""
    was: dict[int, list[object]] = {}
    for span in progression.chords:
        was.setdefault(span.bar - 1, []).append(span.reason)
    firsts, at = list[int](), 0
    for bar in draft.bars:
        firsts.append(at)
        at += len(bar)
    wanted = {firsts[i] + k for i, bar in enumerate(draft.bars) if i + 1 in kept for k in range(len(bar))}
    found = reasons(draft.bars, draft.settled.genre, wanted)
    return [
        i
        for i, bar in enumerate(draft.bars)
        if i + 1 in kept and list[object](found[firsts[i] : firsts[i] + len(bar)]) != was.get(i, [])
    ]


def _new_faults(draft: Draft, old: Draft) -> list[Broken]:
    """Faults that the old progression didn't have: what a person wrote may break a rule and be kept."""
    faults = faults_of(draft)
    if not faults:
        return []
    before = {(f.rule, f.bar) for f in faults_of(old)}
    return [f for f in faults if (f.rule, f.bar) not in before]


def _elaborate(
    draft: Draft,
    settled: Settled,
    indexes: Iterable[int],
    kept: frozenset[int],
    progression: Progression,
    seed: str,
) -> None:
    """Makes a move or gives new colours in each of the bars, never touching the others or their reasons."""
    data = genre_data(settled.genre)
    weights = data.elaborations(settled.application)
    most = min(data.most_in_bar, meter_of(settled.meter).most_chords)
    start = Draft(settled, list(draft.bars), draft.parts)
    for index in indexes:
        rng = random.Random(f"{seed}/{index}")
        names = drawn_moves(weights, rng) if index < len(draft.bars) - 1 else []
        for name in [*names[:6], ""]:
            before = list(draft.bars)
            if name and not try_move(draft, index, name, rng, most):
                continue
            coloured = _recoloured(draft, index, f"{seed}/{name}")
            draft.bars[:] = coloured.bars
            if (
                draft.bars != before
                and not _changed_reasons(draft, kept, progression)
                and not _new_faults(draft, start)
            ):
                break
            draft.bars[:] = before


def _recoloured(draft: Draft, index: int, seed: str) -> Draft:
    """The draft with the chords of one bar stripped to their plain forms and dressed anew."""
    stripped = Draft(draft.settled, list(draft.bars), draft.parts)
    stripped.bars[index] = tuple(s.with_chord(_plain(s.chord)) for s in draft.bars[index])
    return colour(stripped, genre_data(draft.settled.genre), seed, only=frozenset({index}))


def _plain(chord: Chord) -> Chord:
    """The chord without its colours, as phrases and moves write it; what has no plain form stays."""
    if chord.root is None or chord.bass is not None:
        return chord
    plain = _PLAIN.get(chord.family.value)
    return chord if plain is None or "sus" in chord.suffix else parse_chord(f"{chord.root}{plain}")


_PLAIN: Final = {
    "major": "",
    "minor": "m",
    "dominant": "7",
    "half-diminished": "m7b5",
}


def _stitched(progression: Progression, draft: Draft, kept: frozenset[int]) -> Progression:
    """The draft's progression, with the spans of kept bars taken over as they are."""
    made = to_progression(draft)
    chords: list[ChordSpan] = []
    for number in range(1, progression.bars + 1):
        source = progression if number in kept else made
        chords.extend(span for span in source.chords if span.bar == number)
    return made.model_copy(update={"chords": tuple(chords), "sections": progression.sections})


def _relabelled(made: Progression, progression: Progression) -> Progression:
    return made.model_copy(update={"sections": progression.sections})


def _place_of(progression: Progression, index: int) -> tuple[int, int]:
    """Bar index and position in the bar of a chord."""
    bar = progression.chords[index].bar
    return bar - 1, sum(1 for span in progression.chords[:index] if span.bar == bar)


def _explained_or_raise(draft: Draft, symbol: str) -> Progression:
    try:
        return to_progression(draft)
    except ValueError as error:
        raise InvalidInput(
            f"{symbol} doesn't go there: {error}",
            field="chord",
            remedy="Take one of the suggested substitutes, or change the chords around it first.",
        ) from None


def _bars_exist(numbers: frozenset[int], bars: int, name: str) -> None:
    outside = sorted(n for n in numbers if not 1 <= n <= bars)
    if outside:
        raise InvalidInput(
            f"There is no bar {outside[0]} in a piece of {bars} bars.",
            field=name,
            remedy=f"Give bars from 1 to {bars}.",
        )
