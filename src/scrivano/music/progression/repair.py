"""Makes a valid progression of whatever a model sent: bars, key and meter are kept, and every hard rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scrivano.music.dto import Progression, Settled
from scrivano.music.genres import GenreData, genre_data
from scrivano.music.progression.analyse import find_key, key_regions
from scrivano.music.progression.colour import colour
from scrivano.music.progression.draft import Bar, Draft, Slot, flat, style_of, to_progression
from scrivano.music.progression.generate import faults_of, make_draft
from scrivano.music.progression.reply import read_reply
from scrivano.music.progression.rules import Broken
from scrivano.music.theory import Chord, Family, Key, PitchName, between, key_of, meter_of
from scrivano.music.theory.key import scale_degree

_ROUNDS: Final = 12
# Chords that stand on raised degrees when they rise; all others are written flat.
RISING: Final = frozenset({Family.DIMINISHED, Family.HALF_DIMINISHED})


@dataclass(frozen=True)
class Repaired:
    """A valid progression and how much of the model is in it.

    `kept` are the bars that are the model's (spelled, transposed or dressed if need be); `changes` say in
    sentences what was done to the reply.
    """

    progression: Progression
    kept: tuple[int, ...]
    changes: tuple[str, ...]

    def method(self, model: str) -> str:
        """The generation method: the model's name, `<model> + rules`, or `rules`."""
        if not self.kept:
            return "rules"
        return model if len(self.kept) == self.progression.bars else f"{model} + rules"


def repair(reply: object, settled: Settled) -> Repaired:
    """The valid progression that is nearest to a model's reply; what can't be used is made by rules.

    Never raises for a bad reply. The result has the bars, key and meter settled and keeps every hard rule.
    """
    data = genre_data(settled.genre)
    home = key_of(settled.key, settled.mode)
    fallback = make_draft(settled, salt="repair")
    changes: list[str] = []
    rows = read_reply(reply, home)
    if not any(rows):
        changes.append("The reply had no chords that could be read.")
        return Repaired(to_progression(fallback), (), tuple(changes))
    rows = _fit_length(rows, settled.bars, changes)
    rows = _into_key(rows, home, changes)
    rows = [_fit_bar(row, data, settled, home) for row in rows]
    draft = _merged(rows, fallback)
    own = {i for i, row in enumerate(rows) if row}
    if len(own) < settled.bars:
        changes.append(f"{settled.bars - len(own)} bars had no readable chord and were filled in.")
    return mend(draft, fallback, own, data, changes)


def _fit_length(rows: list[list[Chord]], bars: int, changes: list[str]) -> list[list[Chord]]:
    if len(rows) != bars:
        changes.append(f"The reply had {len(rows)} bars instead of {bars}.")
    if len(rows) > bars:
        # The end matters most: a piece that is too long is shortened before its cadence.
        tail = min(2, bars)
        return rows[: bars - tail] + rows[len(rows) - tail :]
    return rows + [[] for _ in range(bars - len(rows))]


def _into_key(rows: list[list[Chord]], home: Key, changes: list[str]) -> list[list[Chord]]:
    """A reply that is clearly in another key of the same mode is transposed."""
    chords = [chord for row in rows for chord in row if chord.root is not None]
    found = find_key(chords)
    shift = (home.pc - found.pc) % 12
    at_home = sum(home.holds(c.basic_pcs) for c in chords)
    there = sum(found.holds(c.basic_pcs) for c in chords)
    ends = chords[-1].root if chords else None
    ends_at_home = ends is not None and ends.pc == home.pc
    if shift == 0 or found.mode != home.mode or ends_at_home or there - at_home < max(2, 0.25 * len(chords)):
        return rows
    changes.append(f"The reply was in {found}; it was transposed to {home}.")
    return [[_shifted(chord, found, home) for chord in row] for row in rows]


def _shifted(chord: Chord, old: Key, new: Key) -> Chord:
    if chord.root is None:
        return chord
    rising = chord.family in RISING and scale_degree(old, chord.root)[1] > 0
    return chord.moved_to(new.spell(chord.root.pc - old.pc, rising=rising))


def _fit_bar(row: list[Chord], data: GenreData, settled: Settled, home: Key) -> list[Chord]:
    """The bar's chords without repeats, no more than there is room for, spelled as the key has them."""
    spelled = [respelled(chord, home) for chord in row]
    single = [c for i, c in enumerate(spelled) if i == 0 or c != spelled[i - 1]]
    most = min(data.most_in_bar, meter_of(settled.meter).most_chords)
    return single if len(single) <= most else [single[0], *single[len(single) - most + 1 :]]


def respelled(chord: Chord, key: Key) -> Chord:
    """The chord with root and bass named as the key names them."""
    if chord.root is None:
        return chord
    sharp = scale_degree(key, chord.root)[1] > 0
    root = key.spell(chord.root.pc - key.pc, rising=sharp and chord.family in RISING)
    bass: PitchName | None = None
    if chord.bass is not None:
        bass = between(chord.root, chord.bass).above(root)
        if abs(bass.alter) > 1 or chord.bass.pc not in chord.pcs:
            bass = key.respelled(chord.bass)
    return Chord(root, chord.degrees).over(bass)


def _merged(rows: Sequence[list[Chord]], fallback: Draft) -> Draft:
    """The model's bars in the keys they are heard in; empty ones from the fallback."""
    home = fallback.key
    chords: list[Chord] = []
    for row, own in zip(rows, fallback.bars, strict=True):
        chords.extend(row or [slot.chord for slot in own])
    keys = key_regions(chords, home, style_of(fallback.settled.genre))
    bars: list[Bar] = []
    at = 0
    for row, own in zip(rows, fallback.bars, strict=True):
        count = len(row or own)
        bars.append(_in_keys(chords[at : at + count], keys[at : at + count]))
        at += count
    return Draft(fallback.settled, bars, fallback.parts)


def _in_keys(chords: Sequence[Chord], keys: Sequence[Key]) -> Bar:
    """A bar of chords, each spelled as its key has it."""
    return tuple(Slot(respelled(chord, key), key) for chord, key in zip(chords, keys, strict=True))


def mend(draft: Draft, fallback: Draft, own: set[int], data: GenreData, changes: list[str]) -> Repaired:
    """Takes bars that break a rule from a valid fallback of the same form, until nothing is broken.

    `own` are the indexes of the bars that count as kept, as far as they stay; `changes` is added to.
    """
    faults = faults_of(draft)
    if faults:
        draft, faults = _dressed(draft, faults, data)
    said: set[str] = set()
    for round_ in range(_ROUNDS):
        if not faults:
            break
        bad = to_replace(faults, draft, round_)
        said.update(f"Bar {f.bar}: {f.text}" if f.bar else f.text for f in faults)
        for index in bad:
            draft.bars[index] = fallback.bars[index]
        own -= bad
        _home_again(draft)
        faults = faults_of(draft)
    if faults:
        draft, own = fallback, set[int]()
    own = {i for i in own if 0 <= i < len(draft.bars)}
    changes.extend(sorted(said))
    return Repaired(to_progression(draft), tuple(i + 1 for i in sorted(own)), tuple(changes))


def _dressed(draft: Draft, faults: list[Broken], data: GenreData) -> tuple[Draft, list[Broken]]:
    """Plain triads get the sevenths that the genre wants, where that mends more than it breaks."""
    bars = frozenset(f.bar - 1 for f in faults if f.bar) or frozenset(range(len(draft.bars)))
    candidate = colour(draft, data, "repair", only=bars, plain=frozenset(range(len(draft.bars))))
    left = faults_of(candidate)
    return (candidate, left) if len(left) < len(faults) else (draft, faults)


def to_replace(faults: list[Broken], draft: Draft, round_: int) -> set[int]:
    """Indexes of bars to give up: those at fault and, round by round, more of their neighbours."""
    count = len(draft.bars)
    reach = round_ // 2
    bad = {
        index
        for fault in faults
        if fault.bar
        for index in range(fault.bar - 1 - reach, fault.bar + reach)
        if 0 <= index < count
    }
    if any(not fault.bar for fault in faults):
        bad |= set(range(max(0, count - 2 ** (round_ + 1)), count))
    if round_ >= 4:
        # A section that doesn't come right in a few rounds is taken whole.
        at = 0
        for part in draft.parts:
            if bad & set(range(at, at + part.bars)):
                bad |= set(range(at, at + part.bars))
            at += part.bars
    return bad


def _home_again(draft: Draft) -> None:
    """Works the keys out anew after bars were changed."""
    slots = flat(draft.bars)
    keys = key_regions([s.chord for s in slots], draft.key, style_of(draft.settled.genre))
    at = 0
    for index, bar in enumerate(draft.bars):
        draft.bars[index] = _in_keys([s.chord for s in bar], keys[at : at + len(bar)])
        at += len(bar)
