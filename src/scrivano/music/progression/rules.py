"""The hard rules of docs/concepts/music-rules.md that a progression alone can keep or break."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

from scrivano.music.dto import Genre, Settled
from scrivano.music.progression.draft import Bar, Part, Slot, flat
from scrivano.music.theory import Chord, Degree, Family, Key, key_of

_TWOS: Final = frozenset({Family.MINOR, Family.HALF_DIMINISHED})
_DIMS: Final = frozenset({Family.DIMINISHED, Family.HALF_DIMINISHED})
_DRIVING: Final = frozenset(
    {
        "secondary-dominant",
        "deceptive-dominant",
        "secondary-leading-tone",
        "passing-diminished",
        "common-tone-diminished",
        "tritone-substitute",
        "backdoor-dominant",
        "borrowed",
    }
)


@dataclass(frozen=True)
class Broken:
    """A rule that is broken: its id, the bar (0 for the whole piece) and what is wrong."""

    rule: str
    bar: int
    text: str


@dataclass(frozen=True)
class Piece:
    """What the rules look at."""

    settled: Settled
    bars: Sequence[Bar]
    parts: Sequence[Part]
    kinds: Sequence[str | None]

    @cached_property
    def home(self) -> Key:
        return key_of(self.settled.key, self.settled.mode)

    @cached_property
    def slots(self) -> list[Slot]:
        return flat(self.bars)

    @cached_property
    def distinct(self) -> list[Slot]:
        """The chords without immediate repeats and silence."""
        found: list[Slot] = []
        for slot in self.slots:
            if slot.chord.root is not None and (not found or found[-1].chord != slot.chord):
                found.append(slot)
        return found

    def degree(self, chord: Chord) -> int:
        """Semitones of the root above the home tonic; −1 for silence."""
        return (chord.root.pc - self.home.pc) % 12 if chord.root else -1

    @cached_property
    def approach(self) -> Chord | None:
        """The chord before the final tonic: the last with another root, or the tonic over its fifth."""
        last = self.distinct[-1].chord if self.distinct else None
        for slot in reversed(self.distinct[:-1]):
            if last is None or slot.chord.root is None or last.root is None:
                break
            if slot.chord.root.pc != last.root.pc or slot.chord.bass is not None:
                return slot.chord
        return None

    @cached_property
    def kinds_used(self) -> frozenset[str]:
        """Every kind of reason that occurs."""
        return frozenset(kind for kind in self.kinds if kind is not None)


def broken(piece: Piece) -> list[Broken]:
    """Every hard rule that the progression breaks; empty when it keeps them all."""
    return [*_everywhere(piece), *_BY_GENRE[piece.settled.genre](piece)]


def _everywhere(p: Piece) -> Iterator[Broken]:
    if len(p.bars) != p.settled.bars or sum(part.bars for part in p.parts) != p.settled.bars:
        yield Broken("R-ALL-1", 0, "The bars are not the bars asked for.")
    at = 0
    for number, bar in enumerate(p.bars, start=1):
        if not bar:
            yield Broken("R-ALL-1", number, "The bar is empty.")
        for slot in bar:
            if p.kinds[at] is None:
                yield Broken("R-ALL-5", number, f"{slot.chord} has no reason.")
            at += 1
    if not p.distinct:
        yield Broken("R-ALL-4", 0, "Nothing sounds.")
        return
    last = p.slots[-1]
    third = Degree(3) if p.home.mode == "major" else Degree(3, -1)
    if p.degree(last.chord) or last.chord.bass or last.chord.third != third or last.key != p.home:
        yield Broken("R-ALL-4", p.settled.bars, f"{last.chord} is not home.")
    first = next((s for s in p.slots if s.chord.root and s.chord.root.pc == s.key.pc), None)
    if first is not None and first.key != p.home:
        yield Broken("R-ALL-4", 1, "The first tonic is not the home key's.")


def _four_tones(chord: Chord) -> bool:
    return len(chord.pcs_with_bass) >= 4 or chord.root is None


def _gospel(p: Piece) -> Iterator[Broken]:
    approach = p.approach
    if approach is not None and not _gospel_cadence(p, approach):
        yield Broken("R-GOSPEL-1", p.settled.bars, f"{approach} is no cadence into the tonic.")
    rich = sum(any(_four_tones(s.chord) or s.chord.bass for s in bar) for bar in p.bars)
    if 2 * rich < len(p.bars):
        yield Broken("R-GOSPEL-2", 0, "Too few chords of four tones.")
    if p.settled.bars >= 8 and not _DRIVING & p.kinds_used:
        yield Broken("R-GOSPEL-3", 0, "Nothing drives chromatically.")


def _gospel_cadence(p: Piece, chord: Chord) -> bool:
    r, family = p.degree(chord), chord.family
    if r == 0:
        return chord.bass is not None and (chord.bass.pc - p.home.pc) % 12 == 7
    if r in {11, 6}:
        return family in _DIMS
    return r in {7, 5, 2, 10, 8, 1}


def _jazz(p: Piece) -> Iterator[Broken]:
    for number, bar in enumerate(p.bars, start=1):
        for slot in bar:
            if not _four_tones(slot.chord):
                yield Broken("R-JAZZ-1", number, f"{slot.chord} has fewer than four tones.")
    if p.settled.application != "fusion" and _two_fives(p) < max(1, p.settled.bars // 8):
        yield Broken("R-JAZZ-2", 0, "Too few ii–V.")
    approach = p.approach
    if approach is not None:
        r = p.degree(approach)
        dominant = approach.family is Family.DOMINANT and r in {7, 1, 10}
        if not dominant and not (approach.family in _TWOS and r in {5, 2}):
            yield Broken("R-JAZZ-3", p.settled.bars, f"{approach} does not lead home.")
    if p.settled.application in {"bebop", "uptempo"}:
        busy = sum(len({s.chord for s in bar}) > 1 for bar in p.bars)
        if 4 * busy < len(p.bars):
            yield Broken("R-JAZZ-5", 0, "Too few bars with two chords.")


def _two_fives(p: Piece) -> int:
    row = [s.chord for s in p.distinct]
    return sum(
        a.family in _TWOS
        and b.family is Family.DOMINANT
        and a.root is not None
        and b.root is not None
        and (b.root.pc - a.root.pc) % 12 == 5
        for a, b in pairwise(row)
    )


def _blues(p: Piece) -> Iterator[Broken]:
    for number, bar in enumerate(p.bars, start=1):
        for slot in bar:
            if not _blue(p, slot.chord):
                yield Broken("R-BLUES-4", number, f"{slot.chord} is not blue.")
    first = 0
    for part in p.parts:
        rows = p.bars[first : first + part.bars]
        if part.letter == "Chorus" and len(rows) == part.bars:
            yield from _chorus(p, rows, first)
        first += part.bars


def _blue(p: Piece, chord: Chord) -> bool:
    r, family = p.degree(chord), chord.family
    if r not in {0, 5, 7}:
        return True
    if p.settled.mode == "major":
        passing = r != 0 and family in {Family.MINOR, Family.HALF_DIMINISHED, Family.DIMINISHED}
        return passing or family is Family.DOMINANT
    if r == 0:
        return family is Family.MINOR
    if r == 5:
        return family in {Family.MINOR, Family.DOMINANT}
    return family in {Family.MINOR, Family.DOMINANT, Family.SUSPENDED}


def _chorus(p: Piece, rows: Sequence[Bar], first: int) -> Iterator[Broken]:
    begins = [p.degree(bar[0].chord) for bar in rows]
    if len(rows) == 12:
        for index, allowed in ((0, {0}), (4, {5}), (6, {0, 4}), (8, {7, 2, 8}), (10, {0, 4})):
            if begins[index] not in allowed:
                yield Broken("R-BLUES-1", first + index + 1, "The chorus loses its shape.")
    elif len(rows) == 8:
        heard = {p.degree(s.chord) for s in flat(rows[2:5])}
        late = {p.degree(s.chord) for s in flat(rows[5:8])}
        if begins[0] != 0 or 5 not in heard or not late & {7, 2, 8}:
            yield Broken("R-BLUES-2", first + 1, "The chorus loses its shape.")
    elif begins[0] != 0 or not any(
        p.degree(s.chord) == 5 or (s.chord.family is Family.DOMINANT and p.degree(s.chord))
        for s in flat(rows)
    ):
        yield Broken("R-BLUES-3", first + 1, "The short chorus never leaves home.")


def _classical(p: Piece) -> Iterator[Broken]:
    romantic = p.settled.application == "romantic"
    for number, bar in enumerate(p.bars, start=1):
        for slot in bar:
            if not _common_practice(slot.chord, romantic=romantic):
                yield Broken("R-CLASSICAL-1", number, f"{slot.chord} is not of the common practice.")
    approach = p.approach
    proper = approach is not None and approach.bass is None and p.degree(approach) == 7
    if not proper or (approach and approach.family not in {Family.MAJOR, Family.DOMINANT}):
        yield Broken("R-CLASSICAL-2", p.settled.bars, f"{approach} makes no authentic cadence.")
    yield from _retrogressions(p)
    yield from _section_ends(p)
    forbidden = {"tritone-substitute", "chromatic-planing", "constant-structure", "blues-dominant"}
    if p.settled.application == "baroque":
        forbidden |= {"augmented-sixth", "chromatic-mediant"}
    yield from _misplaced(p, "R-CLASSICAL-5", forbidden)


def _misplaced(p: Piece, rule: str, forbidden: set[str]) -> Iterator[Broken]:
    at = 0
    for number, bar in enumerate(p.bars, start=1):
        for slot in bar:
            if p.kinds[at] in forbidden:
                yield Broken(rule, number, f"{slot.chord} as {p.kinds[at]} has no place here.")
            at += 1


def _common_practice(chord: Chord, *, romantic: bool) -> bool:
    if chord.root is None:
        return True
    ninth_allowed = romantic and chord.family is Family.DOMINANT
    numbers = {d.number for d in chord.degrees}
    extra = numbers - {1, 3, 5, 7}
    return extra <= ({9} if ninth_allowed else set()) and {3, 5} <= numbers


def _retrogressions(p: Piece) -> Iterator[Broken]:
    last_bars = set[int]()
    at = 0
    for part in p.parts:
        at += part.bars
        last_bars.add(at - 1)
    row = [(i, slot) for i, bar in enumerate(p.bars) for slot in bar]
    for (i, a), (j, b) in pairwise(row):
        if doubles_leading_tone(a, b, p.home):
            yield Broken("R-CLASSICAL-10", j + 1, f"The seventh of {a.chord} cannot go down into {b.chord}.")
        if (i == j or i not in last_bars) and goes_back(a, b):
            yield Broken("R-CLASSICAL-3", j + 1, f"{a.chord} goes back to {b.chord}.")


def goes_back(a: Slot, b: Slot) -> bool:
    """Whether a dominant goes on to ii or IV in root position (R-CLASSICAL-3)."""
    if a.chord.root is None or b.chord.root is None or a.key != b.key or b.chord.bass is not None:
        return False
    ra, rb = (a.chord.root.pc - a.key.pc) % 12, (b.chord.root.pc - b.key.pc) % 12
    dominant = (ra == 7 and a.chord.family in {Family.MAJOR, Family.DOMINANT}) or (
        ra == 11 and a.chord.family in _DIMS
    )
    return dominant and rb in {2, 5}


def doubles_leading_tone(a: Slot, b: Slot, home: Key) -> bool:
    """Whether the seventh of ii or V/V would have to go down to the leading tone that the bass takes.

    No four voices can keep R-CLASSICAL-9 and R-CLASSICAL-10 there.
    """
    bass = b.chord.bass_name
    if a.chord.root is None or bass is None or a.chord.seventh is None:
        return False
    on_two = (a.chord.root.pc - home.pc) % 12 == 2 and a.chord.seventh.alter == -1
    return on_two and (bass.pc - home.pc) % 12 == 11


def _section_ends(p: Piece) -> Iterator[Broken]:
    at = 0
    for part in p.parts:
        at += part.bars
        if not 0 < at <= len(p.bars) or not p.bars[at - 1]:
            continue
        slot = p.bars[at - 1][-1]
        r = (slot.chord.root.pc - slot.key.pc) % 12 if slot.chord.root else -1
        if r not in {0, 7, 8 if slot.key.mode == "minor" else 9} or slot.chord.bass:
            yield Broken("R-CLASSICAL-4", at, f"{slot.chord} ends no section.")


def _neo_soul(p: Piece) -> Iterator[Broken]:
    for number, bar in enumerate(p.bars, start=1):
        for slot in bar:
            if not _four_tones(slot.chord):
                yield Broken("R-NEOSOUL-1", number, f"{slot.chord} has fewer than four tones.")
            if slot.chord.family is Family.DOMINANT and _bare(slot.chord):
                yield Broken("R-NEOSOUL-3", number, f"{slot.chord} is bare.")
    rich = sum(any(s.chord.tensions or len(s.chord.pcs_with_bass) >= 5 for s in bar) for bar in p.bars)
    if 2 * rich < len(p.bars):
        yield Broken("R-NEOSOUL-2", 0, "Too few ninths.")
    if p.settled.bars >= 8 and p.kinds_used <= {"diatonic", "silence"}:
        yield Broken("R-NEOSOUL-4", 0, "Everything is diatonic.")


def _bare(chord: Chord) -> bool:
    altered = chord.fifth is not None and chord.fifth.alter != 0
    return not chord.tensions and not altered and chord.third in {Degree(3)}


def _reggae(p: Piece) -> Iterator[Broken]:
    triads = 0
    for number, bar in enumerate(p.bars, start=1):
        if len(bar) > 2:
            yield Broken("R-REGGAE-2", number, "More than two chords.")
        for slot in bar:
            chord = slot.chord
            plain_tensions = all(t in {Degree(9), Degree(11), Degree(13)} for t in chord.tensions)
            altered = chord.fifth is not None and chord.fifth.alter > 0
            if not plain_tensions or altered or chord.seventh == Degree(7, -2):
                yield Broken("R-REGGAE-1", number, f"{chord} is too sharp a colour.")
            seventh = p.settled.application != "dancehall" and chord.suffix == "m7"
            triads += len(chord.degrees) == 3 or seventh
    if 2 * triads < len(p.slots):
        yield Broken("R-REGGAE-1", 0, "Too few triads.")
    if len({s.chord for s in p.slots}) > 8:
        yield Broken("R-REGGAE-2", 0, "More than eight different chords.")
    forbidden = {"tritone-substitute", "related-two", "passing-diminished", "chromatic-planing"}
    yield from _misplaced(p, "R-REGGAE-3", forbidden)


def _latin(p: Piece) -> Iterator[Broken]:
    at = 1
    for part in p.parts:
        if at % 2 == 0:
            yield Broken("R-LATIN-3", at, f"{part.name} turns the clave.")
        at += part.bars
    for number, bar in enumerate(p.bars, start=1):
        if len(bar) > 2:
            yield Broken("R-LATIN-7", number, "More than two chords.")
    approach = p.approach
    if approach is not None:
        r, family = p.degree(approach), approach.family
        dominant = r in {7, 1} and family in {Family.DOMINANT, Family.MAJOR}
        if not dominant and not (r == 5 or (r == 2 and family in _TWOS)):
            yield Broken("R-LATIN-7", p.settled.bars, f"{approach} does not lead home.")


def _rnb(p: Piece) -> Iterator[Broken]:
    rich = sum(any(_four_tones(s.chord) or s.chord.bass for s in bar) for bar in p.bars)
    if 5 * rich < 2 * len(p.bars):
        yield Broken("R-RNB-1", 0, "Too few chords of four tones.")
    at = 0
    for number, bar in enumerate(p.bars, start=1):
        for slot in bar:
            kind = p.kinds[at]
            at += 1
            if slot.chord.family is Family.DOMINANT and not _mild(p, slot.chord, kind):
                yield Broken("R-RNB-2", number, f"{slot.chord} is too sharp a colour.")
    first = 0
    for part in p.parts:
        rows = p.bars[first : first + part.bars]
        first += part.bars
        if len(rows) >= 8 and not _loops(rows):
            yield Broken("R-RNB-3", first - part.bars + 1, f"{part.name} has no loop.")


def _mild(p: Piece, chord: Chord, kind: str | None) -> bool:
    altered = {t for t in chord.tensions if t.alter}
    if not altered:
        return True
    if not altered <= {Degree(9, -1), Degree(9, 1)}:
        return False
    return kind == "secondary-dominant" or p.degree(chord) == 7


def _loops(rows: Sequence[Bar]) -> bool:
    roots = [bar[0].chord.root.pc if bar and bar[0].chord.root else -1 for bar in rows]
    pairs = list(pairwise(roots))
    return any(pairs[i] == pairs[j] for i in range(len(pairs)) for j in range(i + 2, len(pairs)))


_BY_GENRE: Final[dict[Genre, Callable[[Piece], Iterator[Broken]]]] = {
    Genre.GOSPEL: _gospel,
    Genre.JAZZ: _jazz,
    Genre.BLUES: _blues,
    Genre.CLASSICAL: _classical,
    Genre.NEO_SOUL: _neo_soul,
    Genre.REGGAE: _reggae,
    Genre.LATIN: _latin,
    Genre.RNB: _rnb,
}
