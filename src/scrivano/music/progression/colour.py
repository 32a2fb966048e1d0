"""Dresses plain chords: which sevenths, ninths and suspensions, by genre, part and difficulty."""

import random
from typing import Final

from scrivano.music.dto import Genre
from scrivano.music.genres import GenreData, Part
from scrivano.music.progression.draft import Bar, Draft, Slot
from scrivano.music.progression.emphasis import emphasis_of, is_altered
from scrivano.music.theory import Chord, Degree, Family, make_chord
from scrivano.music.theory.qualities import read_suffix

# How much rarer (or, for strong players, commoner) each richer suffix of a palette is than the one before.
_RICHNESS: Final = {1: 0.4, 2: 0.6, 3: 0.85, 4: 1.05, 5: 1.25}
_RESORT: Final = ("9", "6", "7", "")
_PLAIN_SUFFIXES: Final = {"", "m", "7", "m7b5", "dim", "aug", "7sus"}
_RESTING: Final = frozenset({"tonic", "subdominant", "major"})
_MINOR_LIKE: Final = frozenset({Family.MINOR, Family.HALF_DIMINISHED, Family.DIMINISHED})


def colour(
    draft: Draft,
    data: GenreData,
    seed: str,
    plain: frozenset[int] = frozenset(),
    only: frozenset[int] | None = None,
) -> Draft:
    """The draft with every chord dressed; the same place of a repeated section is dressed alike.

    With `only`, bars with other indexes stay as they are. Bars whose index is in `plain` get the plainest of
    each palette. In reggae a chord keeps its dress all through the piece.
    """
    bars: list[Bar] = []
    slots = [slot for bar in draft.bars for slot in bar]
    nexts = _next_roots(slots)
    at = 0
    last = len(slots) - 1
    for number, ((letter, index), bar) in enumerate(zip(draft.places, draft.bars, strict=True)):
        dressed: list[Slot] = []
        if only is not None and number not in only:
            bars.append(bar)
            at += len(bar)
            continue
        for i, slot in enumerate(bar):
            place = "" if data.genre is Genre.REGGAE else f"{letter}/{index}/{i}"
            rng = (
                None
                if number in plain
                else random.Random(f"{seed}/colour/{place}/{slot.chord.suffix}{_offset(slot)}")
            )
            chord = _dress(slot, nexts[at], draft, data, rng, final=at == last)
            dressed.append(slot.with_chord(chord))
            at += 1
        bars.append(tuple(dressed))
    return Draft(draft.settled, bars, draft.parts)


def _offset(slot: Slot) -> int:
    """Semitones above the home of the place: the dress doesn't depend on the key."""
    return (slot.chord.root.pc - slot.key.pc) % 12 if slot.chord.root else -1


def part_of(slot: Slot, following: Chord | None, genre: Genre) -> Part:
    """Which part a chord plays, as palettes are sorted by."""
    chord, key = slot.chord, slot.key
    if chord.root is None:
        return "major"
    r = (chord.root.pc - key.pc) % 12
    family = chord.family
    if family is Family.DOMINANT:
        return _dominant_part(chord, r, following, genre)
    if family is Family.MINOR:
        return "minor-tonic" if r == 0 and key.mode == "minor" else "minor"
    if family is Family.HALF_DIMINISHED:
        return "half-diminished"
    if family is Family.DIMINISHED:
        return "diminished"
    if family is Family.AUGMENTED:
        return "augmented"
    if family is Family.SUSPENDED:
        return "sus"
    if r == 0:
        return "tonic"
    if r == 7:
        return "dominant"
    return "subdominant" if r == 5 else "major"


def _dominant_part(chord: Chord, r: int, following: Chord | None, genre: Genre) -> Part:
    if chord.third not in {Degree(3), Degree(3, -1)}:
        return "sus"
    if genre is Genre.BLUES and r in {0, 5}:
        return "blue"
    if following is None or following.root is None or chord.root is None:
        return "blue"
    step = (following.root.pc - chord.root.pc) % 12
    if step == 11 or r == 10:
        return "substitute"
    if step == 5:
        return "dominant-to-minor" if following.family in _MINOR_LIKE else "dominant"
    return "blue" if r in {0, 5} else "dominant"


def _dress(
    slot: Slot,
    following: Chord | None,
    draft: Draft,
    data: GenreData,
    rng: random.Random | None,
    *,
    final: bool,
) -> Chord:
    chord = slot.chord
    if chord.root is None or chord.suffix not in _PLAIN_SUFFIXES:
        return chord
    part = part_of(slot, following, data.genre)
    palette = data.palette(draft.settled.application, part)
    if chord.suffix == "" and part == "dominant":
        palette = _triad_on_five(data, palette)
    fitting = [s for s in palette if _fits(s, slot, part, final=final)]
    if not fitting:
        fitting = [next((s for s in _RESORT if _fits(s, slot, part, final=final)), palette[0])]
    if chord.bass is not None:
        return _over_bass(chord, fitting[0])
    if rng is None:
        return make_chord(chord.root, read_suffix(fitting[0]))
    weight = _RICHNESS[draft.settled.difficulty]
    altered = emphasis_of(draft.settled.description).altered
    weights = [weight**i * (altered if is_altered(s) else 1.0) for i, s in enumerate(fitting)]
    return make_chord(chord.root, read_suffix(rng.choices(fitting, weights)[0]))


def _triad_on_five(data: GenreData, palette: tuple[str, ...]) -> tuple[str, ...]:
    """A plain V stays a triad in classical and may get its seventh elsewhere."""
    if data.genre is Genre.CLASSICAL:
        return ("",)
    return palette if data.genre is Genre.REGGAE else ("", palette[0])


def _over_bass(chord: Chord, suffix: str) -> Chord:
    """An inversion stays plain, as far as the genre is: its bass must remain one of its tones."""
    if chord.root is None:
        return chord
    dressed = make_chord(chord.root, read_suffix(suffix), chord.bass)
    inside = chord.bass is not None and chord.bass.pc in chord.pcs
    return dressed if not inside or (chord.bass and chord.bass.pc in dressed.pcs) else chord


def _fits(suffix: str, slot: Slot, part: Part, *, final: bool) -> bool:
    """Whether the suffix goes with the place: minor tensions stay in the key, the end has no sharp eleventh."""
    root, key = slot.chord.root, slot.key
    if root is None:
        return False
    degrees = read_suffix(suffix)
    if final and (Degree(11, 1) in degrees or Degree(11) in degrees):
        return False
    tones = {d.above(root).pc for d in degrees}
    if part in {"minor", "minor-tonic"} and key.holds(slot.chord.basic_pcs):
        if part == "minor" and any(d.number in {6, 7} and d.alter == 0 for d in degrees):
            # A sixth belongs to the minor subdominant; elsewhere the minor chord has its seventh.
            return (root.pc - key.pc) % 12 in {5} and key.mode == "minor"
        return tones <= key.scale_pcs
    if part in _RESTING and key.holds(slot.chord.basic_pcs):
        return key.holds(make_chord(root, degrees).basic_pcs)
    return True


def _next_roots(slots: list[Slot]) -> list[Chord | None]:
    """For each chord the nearest later one with another root."""
    found: list[Chord | None] = [None] * len(slots)
    following: Chord | None = None
    for i in range(len(slots) - 2, -1, -1):
        here, there = slots[i].chord.root, slots[i + 1].chord.root
        if there is not None and (here is None or there.pc != here.pc):
            following = slots[i + 1].chord
        found[i] = following
    return found
