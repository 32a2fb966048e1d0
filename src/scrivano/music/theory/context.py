"""A chord in its place: its key and its neighbours, as the conditions of reasons ask for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from scrivano.music.theory.chord import Chord, Family
from scrivano.music.theory.key import Key


@dataclass(frozen=True)
class Place:
    """One chord of a piece.

    `previous` and `next` are the nearest chords with another root, `before` and `after` those with another
    symbol; silence is skipped. `run` counts the different roots of the row of chords around this one that are
    built alike (same basic degrees). Pitch classes of silence are −1.
    """

    chord: Chord
    key: Key
    previous_key: Key | None
    previous: Chord | None
    next: Chord | None
    before: Chord | None
    after: Chord | None
    run: int

    @cached_property
    def pc(self) -> int:
        """Pitch class of the root."""
        return self.chord.root.pc if self.chord.root else -1

    @cached_property
    def bass(self) -> int:
        """Pitch class of the bass."""
        return _bass(self.chord)

    @property
    def r(self) -> int:
        """Semitones of the root above the tonic."""
        return (self.pc - self.key.pc) % 12

    @property
    def family(self) -> Family:
        """The chord's family."""
        return self.chord.family

    @property
    def next_pc(self) -> int:
        """Pitch class of the next root; −1 where there is none."""
        return self.next.root.pc if self.next and self.next.root else -1

    @property
    def to_next(self) -> int:
        """Semitones up from this root to the next."""
        return (self.next_pc - self.pc) % 12

    @property
    def before_bass(self) -> int:
        """Pitch class of the bass before; −1 where there is none."""
        return _bass(self.before)

    @property
    def after_bass(self) -> int:
        """Pitch class of the bass after; −1 where there is none."""
        return _bass(self.after)

    @cached_property
    def basic_and_bass(self) -> frozenset[int]:
        """Pitch classes of the basic tones together with the bass."""
        return self.chord.basic_pcs | {self.bass} if self.chord.root else frozenset()


def places(chords: Sequence[Chord], keys: Sequence[Key]) -> list[Place]:
    """Each chord in its place; `keys` has one key per chord."""
    before, previous = _looking_back(chords)
    after, following = (list(reversed(row)) for row in _looking_back(chords[::-1]))
    runs = _runs(chords)
    key_before = [None, *keys[:-1]]
    return [
        Place(chord, key, key_before[i], previous[i], following[i], before[i], after[i], runs[i])
        for i, (chord, key) in enumerate(zip(chords, keys, strict=True))
    ]


def _looking_back(chords: Sequence[Chord]) -> tuple[list[Chord | None], list[Chord | None]]:
    """For each chord the nearest earlier one with another symbol, and with another root."""
    other_symbol: list[Chord | None] = []
    other_root: list[Chord | None] = []
    symbol_before: Chord | None = None
    root_before: Chord | None = None
    last: Chord | None = None
    for chord in chords:
        if chord.root is not None and last is not None:
            if last != chord:
                symbol_before = last
            if last.root is not None and last.root.pc != chord.root.pc:
                root_before = last
        other_symbol.append(symbol_before)
        other_root.append(root_before)
        if chord.root is not None:
            last = chord
    return other_symbol, other_root


def _runs(chords: Sequence[Chord]) -> list[int]:
    """How many different roots the row of chords has that are built like each chord and stand beside it."""
    lengths = [0] * len(chords)
    row: list[int] = []
    for i, chord in enumerate(chords):
        if chord.root is None:
            continue
        if row and chords[row[-1]].basic != chord.basic:
            row = []
        row.append(i)
        roots = len({name.pc for j in row if (name := chords[j].root)})
        for j in row:
            lengths[j] = roots
    return lengths


def _bass(chord: Chord | None) -> int:
    name = chord.bass_name if chord else None
    return name.pc if name else -1
