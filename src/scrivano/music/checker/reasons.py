"""Whether the reason that is given for a chord is true: the condition of each kind, from the rules' own words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from scrivano.music.checker.chords import Chord, Key
from scrivano.music.checker.piece import Piece, Placed, Why

AS_WRITTEN: Final = "as-written"
_DIMINISHED: Final = frozenset({"diminished", "half-diminished"})
_MODES: Final = (
    frozenset({0, 2, 3, 5, 7, 8, 10}),
    frozenset({0, 2, 3, 5, 7, 8, 11}),
    frozenset({0, 2, 3, 5, 7, 9, 11}),
    frozenset({0, 2, 3, 5, 7, 9, 10}),
    frozenset({0, 1, 3, 5, 7, 8, 10}),
    frozenset({0, 2, 4, 6, 7, 9, 11}),
    frozenset({0, 2, 4, 5, 7, 9, 10}),
)
_IONIAN: Final = frozenset({0, 2, 4, 5, 7, 9, 11})


@dataclass(frozen=True)
class _Case:
    """A chord with its surroundings."""

    piece: Piece
    placed: Placed
    chord: Chord
    key: Key
    next: Chord | None
    before: Chord | None
    after: Chord | None

    @property
    def r(self) -> int:
        return self.key.degree(self.chord.root.pc)

    @property
    def to_next(self) -> int | None:
        return (self.next.root.pc - self.chord.root.pc) % 12 if self.next else None

    @property
    def whole(self) -> frozenset[int]:
        return self.chord.basic | {self.chord.bass_pc}

    @property
    def dominant(self) -> bool:
        return self.chord.family == "dominant"


def check_reasons(piece: Piece) -> None:
    """R-ALL-5 for every chord."""
    for placed in piece.chords:
        why = placed.why
        if why is None:
            piece.broken("R-ALL-5", placed.bar, "a chord has no reason")
        elif placed.chord is None:
            if why.kind != "silence":
                piece.broken("R-ALL-5", placed.bar, f"silence has the reason {why.kind}")
        elif why.kind == AS_WRITTEN:
            case = _case(piece, placed, placed.chord, why)
            named = [kind for kind, holds in _CONDITIONS.items() if holds(case) and _may_be(kind, piece)]
            if named:
                text = f"{why.symbol} does not only stand as it was written: it is {named[0]}"
                piece.broken("R-ALL-5", placed.bar, text)
        elif why.kind == "silence" or why.kind not in _CONDITIONS:
            piece.broken("R-ALL-5", placed.bar, f"{why.symbol}: {why.kind!r} is no reason for a chord")
        elif not _may_be(why.kind, piece):
            piece.broken("R-ALL-5", placed.bar, f"{why.symbol}: augmented sixths are for classical alone")
        elif not _CONDITIONS[why.kind](_case(piece, placed, placed.chord, why)):
            piece.broken("R-ALL-5", placed.bar, f"{why.symbol} is not {why.kind} in {why.key.tonic}")


def _may_be(kind: str, piece: Piece) -> bool:
    return kind != "augmented-sixth" or piece.genre == "classical"


def _case(piece: Piece, placed: Placed, chord: Chord, why: Why) -> _Case:
    def chord_at(other: Placed | None) -> Chord | None:
        return other.chord if other else None

    return _Case(
        piece, placed, chord, why.key,
        chord_at(piece.other_root(placed, 1)),
        chord_at(piece.other_symbol(placed, -1)),
        chord_at(piece.other_symbol(placed, 1)),
    )  # fmt: skip


def _modulation(c: _Case) -> bool:
    earlier = [p for p in c.piece.chords[: c.placed.index] if p.chord is not None and p.why is not None]
    if not earlier or earlier[-1].why is None or earlier[-1].why.key == c.key:
        return False
    return c.key.holds(c.chord.basic) or (c.dominant and c.r == 7)


def _altered_dominant(c: _Case) -> bool:
    augmented = (5, 1) in c.chord.degrees
    return c.r == 7 and c.chord.third == 4 and (c.chord.seventh == 10 or augmented)


def _passing_diminished(c: _Case) -> bool:
    if c.chord.family not in _DIMINISHED or c.before is None or c.after is None:
        return False
    rise = (c.chord.bass_pc - c.before.bass_pc) % 12
    return rise in {1, 11} and (c.after.bass_pc - c.chord.bass_pc) % 12 == rise


def _secondary_dominant(c: _Case) -> bool:
    triad = c.chord.family == "major" and len(c.chord.basic) == 3
    if not (c.dominant or triad or c.chord.family == "augmented") or c.r == 7 or c.next is None:
        return False
    if c.r == 2 and c.after is not None and c.key.degree(c.after.root.pc) == 0:
        return c.key.degree(c.after.bass_pc) == 7
    return c.to_next == 5 and (c.key.has_degree(c.next.root.pc) or c.next.family == "dominant")


def _augmented_sixth(c: _Case) -> bool:
    if c.r != 8 or not c.dominant or c.after is None:
        return False
    to = c.key.degree(c.after.root.pc)
    return to == 7 or (to == 0 and c.key.degree(c.after.bass_pc) == 7)


def _secondary_leading_tone(c: _Case) -> bool:
    if c.chord.family not in _DIMINISHED:
        return False
    goal = (c.chord.root.pc + 1) % 12
    return (c.next is not None and c.next.root.pc == goal) or (
        c.after is not None and c.after.bass_pc == goal
    )


def _common_tone_diminished(c: _Case) -> bool:
    roots = {other.root.pc for other in (c.before, c.after) if other is not None}
    return c.chord.family == "diminished" and bool(roots & c.chord.basic)


def _borrowed(c: _Case) -> bool:
    steps = {c.key.degree(pc) for pc in c.whole}
    modes = (*_MODES, _IONIAN) if c.key.minor else _MODES
    return any(steps <= mode for mode in modes)


def _pedal(c: _Case) -> bool:
    around = {other.bass_pc for other in (c.before, c.after) if other is not None}
    return c.key.degree(c.chord.bass_pc) in {0, 7} and c.chord.bass_pc in around


def _planing(c: _Case) -> bool:
    return any(
        other is not None
        and other.family == c.chord.family
        and (other.root.pc - c.chord.root.pc) % 12 in {1, 11}
        for other in (c.before, c.after)
    )


def _built(chord: Chord) -> frozenset[int]:
    """The basic tones as semitones above the root."""
    return frozenset((pc - chord.root.pc) % 12 for pc in chord.basic)


def _constant_structure(c: _Case) -> bool:
    wanted, roots = _built(c.chord), {c.chord.root.pc}
    at = c.placed.index
    for row in (c.piece.chords[at + 1 :], c.piece.chords[:at][::-1]):
        for placed in row:
            if placed.chord is None:
                continue
            if _built(placed.chord) != wanted:
                break
            roots.add(placed.chord.root.pc)
    return len(roots) >= 3


_CONDITIONS: Final[dict[str, Callable[[_Case], bool]]] = {
    "modulation": _modulation,
    "diatonic": lambda c: c.key.holds(c.whole),
    "altered-dominant": _altered_dominant,
    "passing-diminished": _passing_diminished,
    "secondary-dominant": _secondary_dominant,
    "augmented-sixth": _augmented_sixth,
    "tritone-substitute": lambda c: c.dominant and c.to_next == 11,
    "backdoor-dominant": lambda c: (
        c.dominant
        and not c.key.minor
        and c.r == 10
        and c.next is not None
        and c.next.root.pc == c.key.tonic.pc
    ),
    "blues-dominant": lambda c: c.dominant and c.r in {0, 5},
    "deceptive-dominant": lambda c: (
        c.dominant and c.key.has_degree(c.chord.root.pc + 5) and c.to_next in {1, 2}
    ),
    "related-two": lambda c: (
        c.chord.family in {"minor", "half-diminished"}
        and c.next is not None
        and c.next.family == "dominant"
        and c.to_next == 5
    ),
    "secondary-leading-tone": _secondary_leading_tone,
    "common-tone-diminished": _common_tone_diminished,
    "neapolitan": lambda c: c.r == 1 and c.chord.family == "major",
    "borrowed": _borrowed,
    "chromatic-mediant": lambda c: (
        c.r in {3, 4, 8, 9} and c.chord.family == ("minor" if c.key.minor else "major")
    ),
    "pedal": _pedal,
    "chromatic-planing": _planing,
    "constant-structure": _constant_structure,
}
