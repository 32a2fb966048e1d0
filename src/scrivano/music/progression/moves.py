"""Elaborations: how a plain bar becomes a richer one. Each move returns the new bar, or None where it doesn't
apply.

A move may be wrong in its place; whoever makes it checks that every chord around still has its reason.
"""

import random
from collections.abc import Callable
from typing import Final

from scrivano.music.progression.draft import Bar, Draft, Slot
from scrivano.music.theory import Degree, Family, PitchName, make_chord
from scrivano.music.theory.interval import degrees

Move = Callable[[Draft, int, random.Random], Bar | None]

MAJOR: Final = degrees("1 3 5")
MINOR: Final = degrees("1 b3 5")
SEVENTH: Final = degrees("1 3 5 b7")
SUS: Final = degrees("1 4 5 b7")
HALF: Final = degrees("1 b3 b5 b7")
DIM7: Final = degrees("1 b3 b5 bb7")
_MINORS: Final = frozenset({Family.MINOR, Family.HALF_DIMINISHED})
_RESTING: Final = frozenset({Family.MAJOR, Family.MINOR})


def _on(slot: Slot, semitones: int, tones: frozenset[Degree], *, rising: bool = False) -> Slot:
    """A chord on the degree `semitones` above the tonic of the slot's key."""
    return Slot(make_chord(slot.key.spell(semitones, rising=rising), tones), slot.key)


def _r(slot: Slot) -> int:
    return (slot.chord.root.pc - slot.key.pc) % 12 if slot.chord.root else -1


def _bass(slot: Slot) -> int:
    name = slot.chord.bass_name
    return name.pc if name else -1


def _alone(draft: Draft, bar: int) -> tuple[Slot, Slot] | None:
    """The one chord of a bar and the chord that follows it."""
    following = draft.following(bar)
    if len(draft.bars[bar]) != 1 or following is None or following.chord.root is None:
        return None
    slot = draft.bars[bar][0]
    return (slot, following) if slot.chord.root is not None else None


def secondary_dominant(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """Before another chord comes its dominant."""
    pair = _alone(draft, bar)
    if pair is None:
        return None
    slot, following = pair
    root = (_r(following) + 7) % 12
    if slot.key != following.key or root == _r(slot) or _r(following) == _r(slot):
        return None
    if following.chord.family in {Family.DIMINISHED, Family.HALF_DIMINISHED} or following.chord.bass:
        return None
    return (slot, _on(slot, root, SEVENTH))


def related_two(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """A dominant alone in its bar gets its ii."""
    pair = _alone(draft, bar)
    if pair is None or pair[0].chord.family is not Family.DOMINANT:
        return None
    slot, following = pair
    if (_r(following) - _r(slot)) % 12 != 5 or slot.chord.bass:
        return None
    minor = following.chord.family in _MINORS or (_r(following) == 0 and slot.key.mode == "minor")
    root = (_r(slot) + 7) % 12
    return (_on(slot, root, HALF if minor else MINOR, rising=minor), slot)


def tritone_substitute(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """The last dominant of a bar is changed for the one a tritone away."""
    *head, slot = draft.bars[bar]
    following = draft.following(bar)
    if following is None or slot.chord.family is not Family.DOMINANT or slot.chord.third != Degree(3):
        return None
    if (_r(following) - _r(slot)) % 12 != 5 or following.chord.bass or slot.chord.bass:
        return None
    return (*head, _on(slot, (_r(slot) + 6) % 12, SEVENTH))


def passing_diminished(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """Between two basses a whole tone apart comes a diminished chord."""
    pair = _alone(draft, bar)
    if pair is None:
        return None
    slot, following = pair
    low, high = slot.chord.bass_name, following.chord.bass_name
    if low is None or high is None or slot.chord.family is Family.DIMINISHED:
        return None
    step = (high.pc - low.pc) % 12
    if step not in {2, 10}:
        return None
    passing = (low.pc + (1 if step == 2 else -1) - slot.key.pc) % 12
    return (slot, _on(slot, passing, DIM7, rising=step == 2))


def third_for_tonic(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """Inside a section, the tonic is replaced by iii or vi (in minor by ♭III or ♭VI)."""
    pair = _alone(draft, bar)
    if pair is None or bar == 0 or _r(pair[0]) != 0 or pair[0].chord.family not in _RESTING:
        return None
    slot = pair[0]
    if slot.key.mode == "major":
        return (_on(slot, rng.choice((4, 9)), MINOR),)
    return (_on(slot, rng.choice((3, 8)), MAJOR),)


def minor_subdominant(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """IV turns to iv, after it or instead of it."""
    pair = _alone(draft, bar)
    if (
        pair is None
        or _r(pair[0]) != 5
        or pair[0].key.mode == "minor"
        or pair[0].chord.family is not Family.MAJOR
    ):
        return None
    slot = pair[0]
    iv = _on(slot, 5, MINOR)
    return (slot, iv) if rng.random() < 0.7 else (iv,)


def back_door(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """Instead of V7, ♭VII7 leads home; in a whole bar with iv before it."""
    following = draft.following(bar)
    *head, slot = draft.bars[bar]
    if following is None or _r(following) != 0 or following.chord.family is not Family.MAJOR:
        return None
    if _r(slot) != 7 or slot.chord.family is not Family.DOMINANT or following.chord.bass:
        return None
    door = _on(slot, 10, SEVENTH)
    return (_on(slot, 5, MINOR), door) if head or rng.random() < 0.5 else (door,)


def half_diminished_two(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """ii before V borrows the flat sixth and becomes half-diminished."""
    row = draft.bars[bar]
    for i, slot in enumerate(row):
        after = row[i + 1] if i + 1 < len(row) else draft.following(bar)
        if _r(slot) == 2 and slot.chord.family is Family.MINOR and after is not None and _r(after) == 7:
            return (*row[:i], _on(slot, 2, HALF), *row[i + 1 :])
    return None


def sus(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """A dominant is suspended, for its whole length or for its first half."""
    *head, slot = draft.bars[bar]
    if slot.chord.family is not Family.DOMINANT or slot.chord.third != Degree(3) or slot.chord.bass:
        return None
    if slot.chord.root is None or draft.following(bar) is None:
        return None
    held = slot.with_chord(make_chord(slot.chord.root, SUS))
    if not slot.key.holds(held.chord.basic_pcs):
        return None
    return (*head, held, slot) if not head and rng.random() < 0.6 else (*head, held)


def plagal(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """The tonic rocks to its subdominant, over its own bass or not."""
    pair = _alone(draft, bar)
    if pair is None or _r(pair[0]) != 0 or pair[0].chord.bass or pair[0].chord.family not in _RESTING:
        return None
    slot = pair[0]
    four = _on(slot, 5, MAJOR if slot.key.mode == "major" else MINOR)
    if rng.random() < 0.5:
        four = four.with_chord(four.chord.over(slot.chord.root))
    return (slot, four)


def inversion(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """A triad takes its third into the bass, after its root or where that makes the bass go by step."""
    row = draft.bars[bar]
    slot = row[-1]
    following, before = draft.following(bar), draft.preceding(bar)
    if following is None or slot.chord.bass or slot.chord.family not in _RESTING or slot.chord.third is None:
        return None
    third = slot.chord.third.above(slot.chord.root or PitchName("C"))
    upside = slot.with_chord(slot.chord.over(third))
    target = following.chord.bass_name
    if target is None or (target.pc - third.pc) % 12 not in {1, 2, 10, 11}:
        return None
    if len(row) == 1 and (before is None or rng.random() < 0.6):
        return (slot, upside)
    return (*row[:-1], upside)


def side_slip(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """Before a chord comes the same shape from a semitone above (or below)."""
    pair = _alone(draft, bar)
    if pair is None or pair[1].chord.bass or _r(pair[0]) == _r(pair[1]):
        return None
    slot, following = pair
    if following.chord.family not in {Family.MINOR, Family.MAJOR}:
        return None
    step = 1 if rng.random() < 0.75 else -1
    neighbour = _on(
        slot, (_r(following) + step) % 12, MINOR if following.chord.family is Family.MINOR else MAJOR
    )
    return None if _r(neighbour) == _r(slot) else (slot, neighbour)


def chromatic_approach(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """A dominant slides in from a semitone above."""
    pair = _alone(draft, bar)
    if pair is None or pair[1].chord.family is not Family.DOMINANT or _r(pair[0]) == _r(pair[1]):
        return None
    slot, following = pair
    return (slot, _on(slot, (_r(following) + 1) % 12, SEVENTH))


def parallel_mode(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """A chord on ii, iii, IV or vi gives way to one of the parallel minor."""
    pair = _alone(draft, bar)
    if pair is None or bar == 0 or pair[0].key.mode == "minor" or pair[0].chord.family not in _RESTING:
        return None
    slot = pair[0]
    swap = {2: (10, MAJOR), 4: (3, MAJOR), 5: (5, MINOR), 9: (8, MAJOR)}.get(_r(slot))
    return (_on(slot, *swap),) if swap else None


def constant_structure(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """Two major chords a minor third apart continue the row into the next major chord."""
    pair = _alone(draft, bar)
    if pair is None or any(s.chord.family is not Family.MAJOR for s in pair) or pair[1].chord.bass:
        return None
    slot, following = pair
    between = (_r(following) + 3) % 12
    return None if between in {_r(slot), _r(following)} else (slot, _on(slot, between, MAJOR))


def predominant(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """IV and ii change places before the dominant, or follow each other."""
    row = draft.bars[bar]
    for i, slot in enumerate(row):
        if _r(slot) not in {2, 5} or slot.chord.family not in {*_RESTING, Family.HALF_DIMINISHED}:
            continue
        to_two = _r(slot) == 5
        minor = slot.key.mode == "minor"
        other = _on(
            slot, 2 if to_two else 5, (HALF if minor else MINOR) if to_two else (MINOR if minor else MAJOR)
        )
        if to_two and draft.settled.genre == "classical" and other.chord.root:
            other = other.with_chord(other.chord.over(Degree(3, -1).above(other.chord.root)))
        if to_two and len(row) == 1 and rng.random() < 0.5:
            return (slot, other)
        return (*row[:i], other, *row[i + 1 :])
    return None


def six_four(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """A dominant alone in its bar is prepared by the tonic over its bass."""
    pair = _alone(draft, bar)
    if pair is None or _r(pair[0]) != 7 or pair[0].chord.bass or pair[0].chord.root is None:
        return None
    slot = pair[0]
    before = draft.preceding(bar)
    if before is not None and _r(before) in {0, 7}:
        return None
    tonic = _on(slot, 0, MINOR if slot.key.mode == "minor" else MAJOR)
    return (tonic.with_chord(tonic.chord.over(slot.chord.root)), slot)


def seventh(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """A dominant triad gets its seventh, a ii its own; or the dominant loses it."""
    row = draft.bars[bar]
    order = list(range(len(row)))
    rng.shuffle(order)
    for i in order:
        slot = row[i]
        root = slot.chord.root
        if root is None or (bar in draft.last_bars and i == len(row) - 1):
            continue
        if _r(slot) == 7 and slot.chord.family is Family.MAJOR:
            return (*row[:i], slot.with_chord(make_chord(root, SEVENTH, slot.chord.bass)), *row[i + 1 :])
        if _r(slot) == 2 and slot.chord.family is Family.MINOR and slot.chord.seventh is None:
            minor_seventh = degrees("1 b3 5 b7")
            return (
                *row[:i],
                slot.with_chord(make_chord(root, minor_seventh, slot.chord.bass)),
                *row[i + 1 :],
            )
        if _r(slot) == 7 and slot.chord.family is Family.DOMINANT and slot.chord.bass is None:
            return (*row[:i], slot.with_chord(make_chord(root, MAJOR)), *row[i + 1 :])
    return None


def secondary_leading_tone(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """Before another chord comes the diminished seventh on its leading tone."""
    pair = _alone(draft, bar)
    if pair is None or pair[1].chord.family not in {*_RESTING, Family.DOMINANT}:
        return None
    slot, following = pair
    target = following.chord.bass_name
    if target is None or _bass(slot) == target.pc or following.key != slot.key:
        return None
    return (slot, _on(slot, (target.pc - 1 - slot.key.pc) % 12, DIM7, rising=True))


def neapolitan(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """ii or iv before the dominant becomes the Neapolitan sixth."""
    return _before_dominant(draft, bar, 1, MAJOR, Degree(3))


def augmented_sixth(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """ii or iv before the dominant becomes the German sixth."""
    return _before_dominant(draft, bar, 8, SEVENTH, None)


def _before_dominant(
    draft: Draft, bar: int, root: int, tones: frozenset[Degree], bass: Degree | None
) -> Bar | None:
    row = draft.bars[bar]
    for i, slot in enumerate(row):
        after = row[i + 1] if i + 1 < len(row) else draft.following(bar)
        if after is None or _r(slot) not in {2, 5} or _r(after) not in {0, 7}:
            continue
        if _r(after) == 0 and after.chord.bass is None:
            continue
        new = _on(slot, root, tones)
        if bass is not None and new.chord.root is not None:
            new = new.with_chord(new.chord.over(bass.above(new.chord.root)))
        return (*row[:i], new, *row[i + 1 :])
    return None


def restate(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """A chord alone in its bar is struck again over its third."""
    pair = _alone(draft, bar)
    if pair is None or pair[0].chord.bass or pair[0].chord.third is None or pair[0].chord.root is None:
        return None
    slot = pair[0]
    third = pair[0].chord.third.above(pair[0].chord.root)
    return (slot, slot.with_chord(slot.chord.over(third)))


def push(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """In its second half a bar moves on to a neighbour in the key."""
    pair = _alone(draft, bar)
    if pair is None:
        return None
    slot, following = pair
    minor = slot.key.mode == "minor"
    choices = (
        [(5, MINOR), (10, MAJOR), (8, MAJOR)] if minor else [(5, MAJOR), (7, MAJOR), (2, MINOR), (9, MINOR)]
    )
    choices = [c for c in choices if c[0] not in {_r(slot), _r(following)}]
    return (slot, _on(slot, *rng.choice(choices))) if choices else None


def relative_for_major(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """Inside a section, a triad of the key gives way to its relative."""
    pair = _alone(draft, bar)
    if pair is None or bar == 0 or pair[0].chord.bass or pair[0].chord.family not in _RESTING:
        return None
    slot = pair[0]
    major = slot.chord.family is Family.MAJOR
    new = _on(slot, (_r(slot) + (9 if major else 3)) % 12, MINOR if major else MAJOR)
    return (new,) if slot.key.holds(new.chord.basic_pcs) else None


def hold(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """The chord before is held through this bar."""
    before = draft.preceding(bar)
    if before is None or bar in draft.last_bars or len(draft.bars[bar]) > 1:
        return None
    return (before,)


def subdominant_answer(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """A bar is answered by the subdominant, after it or in its place."""
    pair = _alone(draft, bar)
    if pair is None or bar == 0 or _r(pair[0]) == 5:
        return None
    slot = pair[0]
    four = _on(slot, 5, MINOR if slot.key.mode == "minor" else MAJOR)
    return (slot, four) if rng.random() < 0.6 else (four,)


def dominant_turn(draft: Draft, bar: int, rng: random.Random) -> Bar | None:
    """The second half of a bar before the tonic turns to V (in minor v or ♭VII)."""
    pair = _alone(draft, bar)
    if pair is None or _r(pair[1]) != 0 or _r(pair[0]) in {0, 7, 10}:
        return None
    slot = pair[0]
    if slot.key.mode == "major":
        return (slot, _on(slot, 7, MAJOR))
    return (slot, _on(slot, 7, MINOR) if rng.random() < 0.5 else _on(slot, 10, MAJOR))


MOVES: Final[dict[str, Move]] = {
    "secondary-dominant": secondary_dominant,
    "related-two": related_two,
    "tritone-substitute": tritone_substitute,
    "passing-diminished": passing_diminished,
    "third-for-tonic": third_for_tonic,
    "minor-subdominant": minor_subdominant,
    "back-door": back_door,
    "half-diminished-two": half_diminished_two,
    "split-dominant": sus,
    "sus": sus,
    "plagal": plagal,
    "inversion": inversion,
    "side-slip": side_slip,
    "chromatic-approach": chromatic_approach,
    "parallel-mode": parallel_mode,
    "constant-structure": constant_structure,
    "predominant": predominant,
    "submediant": third_for_tonic,
    "six-four": six_four,
    "seventh": seventh,
    "secondary-leading-tone": secondary_leading_tone,
    "neapolitan": neapolitan,
    "augmented-sixth": augmented_sixth,
    "restate": restate,
    "push": push,
    "relative-for-major": relative_for_major,
    "hold": hold,
    "subdominant-answer": subdominant_answer,
    "dominant-turn": dominant_turn,
}
