"""Says why each chord stands where it does: the first kind, in a fixed order, whose condition holds.

The kinds and their conditions are those of docs/concepts/music-rules.md.
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import Final

from scrivano.music.dto import Reason
from scrivano.music.theory import sentences
from scrivano.music.theory.chord import Chord, Family
from scrivano.music.theory.context import Place, places
from scrivano.music.theory.key import Key
from scrivano.music.theory.roman import NUMERALS, major_degree, numeral, print_roman
from scrivano.music.theory.scale import PARALLEL_OF_MAJOR, PARALLEL_OF_MINOR

_DIM: Final = frozenset({Family.DIMINISHED, Family.HALF_DIMINISHED})
_TWO: Final = frozenset({Family.MINOR, Family.HALF_DIMINISHED})


@dataclass(frozen=True)
class Style:
    """What a genre calls things: classical knows augmented sixths, a blues hears I7 and IV7 as home."""

    classical: bool = False
    blues: bool = False


PLAIN: Final = Style()


def explain_all(
    chords: Sequence[Chord],
    keys: Sequence[Key],
    style: Style = PLAIN,
    only: Container[int] | None = None,
) -> list[Reason | None]:
    """The reason of each chord in the key that holds for it; None where theory has no name for it.

    `keys` has one key per chord. What stands before and after a chord is part of its reason, so give the
    whole piece; with `only`, the reasons of other indexes are not worked out and are None.
    """
    return [
        _explain(place, style) if only is None or i in only else None
        for i, place in enumerate(places(chords, keys))
    ]


def kinds_of(chords: Sequence[Chord], keys: Sequence[Key], style: Style = PLAIN) -> list[str | None]:
    """The kind of each chord's reason, as `explain_all` would name it, without its words."""
    return [_kind(place, style) for place in places(chords, keys)]


def explain(
    chord: Chord,
    key: Key,
    *,
    previous: Chord | None = None,
    following: Chord | None = None,
    style: Style = PLAIN,
) -> Reason | None:
    """The reason of one chord between two others; None where theory has no name for it there."""
    row = [c for c in (previous, chord, following) if c is not None]
    return explain_all(row, [key] * len(row), style)[1 if previous is not None else 0]


def holds(kind: str, place: Place) -> bool:
    """Whether the condition of a kind is true at this place; raises KeyError for an unknown kind."""
    return _CONDITIONS[kind](place)


def kinds_at(place: Place, style: Style = PLAIN) -> list[str]:
    """Every kind whose condition holds there, in the order in which they are preferred."""
    return [kind for kind in _order(style) if _CONDITIONS[kind](place)]


def _explain(place: Place, style: Style) -> Reason | None:
    kind = _kind(place, style)
    return None if kind is None else _reason(kind, place)


def _kind(place: Place, style: Style) -> str | None:
    return next((kind for kind in _order(style) if _CONDITIONS[kind](place)), None)


def _order(style: Style) -> tuple[str, ...]:
    if style.classical:
        return _CLASSICAL_ORDER
    return _BLUES_ORDER if style.blues else _PLAIN_ORDER


def _reason(kind: str, place: Place) -> Reason:
    target = _TARGETS[kind](place) if kind in _TARGETS else None
    roman = print_roman(place.chord, place.key)
    function = _APPLIED.get(kind)
    if function and target and place.chord.bass is None:
        roman = f"{_applied(function, place)}/{target}"
    text = sentences.say(kind, place, target, borrowed_from(place) if kind == "borrowed" else "")
    return Reason(kind=kind, roman=roman, key=str(place.key), target=target, text=text)


# Conditions, in the words of the rules.


def _silence(p: Place) -> bool:
    return p.chord.silent


def _modulation(p: Place) -> bool:
    if p.previous_key is None or p.previous_key == p.key:
        return False
    return p.key.holds(p.chord.basic_pcs) or (p.r == 7 and p.family is Family.DOMINANT)


def _diatonic(p: Place) -> bool:
    return p.key.holds(p.basic_and_bass)


def _altered_dominant(p: Place) -> bool:
    degrees = {str(d) for d in p.chord.degrees}
    return p.r == 7 and "3" in degrees and ("b7" in degrees or p.family is Family.AUGMENTED)


def _passing_diminished(p: Place) -> bool:
    if p.family not in _DIM or p.before is None or p.after is None:
        return False
    steps = ((p.bass - p.before_bass) % 12, (p.after_bass - p.bass) % 12)
    return steps in {(1, 1), (11, 11)}


def _secondary_dominant(p: Place) -> bool:
    pulls = p.family in {Family.DOMINANT, Family.AUGMENTED} or _major_triad(p.chord)
    if pulls and _to_six_four(p):
        return True
    if not pulls or p.r == 7 or p.next is None or p.to_next != 5:
        return False
    return p.next_pc in p.key.scale_pcs or p.next.family is Family.DOMINANT


def _to_six_four(p: Place) -> bool:
    """V of V goes to the dominant's bass first, with the tonic above it."""
    if p.r != 2 or p.after is None or p.after.root is None:
        return False
    return p.after.root.pc == p.key.pc and p.after_bass == (p.key.pc + 7) % 12


def _augmented_sixth(p: Place) -> bool:
    if p.r != 8 or p.family is not Family.DOMINANT or p.after is None or p.after.root is None:
        return False
    to = (p.after.root.pc - p.key.pc) % 12
    return to == 7 or (to == 0 and p.after_bass == (p.key.pc + 7) % 12)


def _tritone_substitute(p: Place) -> bool:
    return p.family is Family.DOMINANT and p.next is not None and p.to_next == 11


def _backdoor(p: Place) -> bool:
    return (
        p.key.mode == "major"
        and p.r == 10
        and p.family is Family.DOMINANT
        and p.next is not None
        and p.next_pc == p.key.pc
    )


def _blues_dominant(p: Place) -> bool:
    return p.family is Family.DOMINANT and p.r in {0, 5}


def _deceptive_dominant(p: Place) -> bool:
    if p.family is not Family.DOMINANT or p.next is None:
        return False
    return (p.pc + 5) % 12 in p.key.scale_pcs and p.to_next in {1, 2}


def _related_two(p: Place) -> bool:
    return p.family in _TWO and p.next is not None and p.next.family is Family.DOMINANT and p.to_next == 5


def _secondary_leading_tone(p: Place) -> bool:
    if p.family not in _DIM:
        return False
    goal = (p.pc + 1) % 12
    return (p.next is not None and p.next_pc == goal) or (p.after is not None and p.after_bass == goal)


def _common_tone_diminished(p: Place) -> bool:
    if p.family is not Family.DIMINISHED:
        return False
    around = {c.root.pc for c in (p.before, p.after) if c is not None and c.root is not None}
    return bool(around & p.chord.basic_pcs)


def _neapolitan(p: Place) -> bool:
    return p.r == 1 and p.family is Family.MAJOR


def _borrowed(p: Place) -> bool:
    return bool(borrowed_from(p))


def borrowed_from(p: Place) -> str:
    """The other mode of the tonic that holds the chord, or an empty string."""
    modes = PARALLEL_OF_MAJOR if p.key.mode == "major" else PARALLEL_OF_MINOR
    steps = {(pc - p.key.pc) % 12 for pc in p.basic_and_bass}
    return next((name for name, form in modes.items() if steps <= set(form)), "")


def _chromatic_mediant(p: Place) -> bool:
    tonic = Family.MAJOR if p.key.mode == "major" else Family.MINOR
    return p.r in {3, 4, 8, 9} and p.family is tonic


def _pedal(p: Place) -> bool:
    if p.bass not in {p.key.pc, (p.key.pc + 7) % 12}:
        return False
    return (p.before is not None and p.before_bass == p.bass) or (
        p.after is not None and p.after_bass == p.bass
    )


def _planing(p: Place) -> bool:
    return any(
        other is not None
        and other.root is not None
        and other.family is p.family
        and (other.root.pc - p.pc) % 12 in {1, 11}
        for other in (p.before, p.after)
    )


def _constant_structure(p: Place) -> bool:
    return p.run >= 3


_CONDITIONS: Final[dict[str, Callable[[Place], bool]]] = {
    "silence": _silence,
    "modulation": _modulation,
    "diatonic": _diatonic,
    "altered-dominant": _altered_dominant,
    "passing-diminished": _passing_diminished,
    "secondary-dominant": _secondary_dominant,
    "augmented-sixth": _augmented_sixth,
    "tritone-substitute": _tritone_substitute,
    "backdoor-dominant": _backdoor,
    "blues-dominant": _blues_dominant,
    "deceptive-dominant": _deceptive_dominant,
    "related-two": _related_two,
    "secondary-leading-tone": _secondary_leading_tone,
    "common-tone-diminished": _common_tone_diminished,
    "neapolitan": _neapolitan,
    "borrowed": _borrowed,
    "chromatic-mediant": _chromatic_mediant,
    "pedal": _pedal,
    "chromatic-planing": _planing,
    "constant-structure": _constant_structure,
}
KINDS: Final = tuple(_CONDITIONS)
_PLAIN_ORDER: Final = tuple(k for k in KINDS if k != "augmented-sixth")
_BLUES_ORDER: Final = ("silence", "modulation", "diatonic", "blues-dominant", *_PLAIN_ORDER[3:])
_CLASSICAL_ORDER: Final = KINDS


# What a chord leads to, and its numeral in the key that it borrows.


def _next_numeral(p: Place) -> str | None:
    if _to_six_four(p):
        return "V"
    return numeral(p.next, p.key) if p.next is not None else None


def _expected_numeral(p: Place) -> str:
    return _degree_numeral((p.pc + 5 - p.key.pc) % 12, p.key)


def _leading_target(p: Place) -> str:
    goal = (p.pc + 1) % 12
    if p.next is not None and p.next_pc == goal:
        return numeral(p.next, p.key)
    return _degree_numeral((goal - p.key.pc) % 12, p.key)


def _goal_of_dominant(p: Place) -> str:
    """The numeral that the dominant after a related two points at."""
    return _degree_numeral((p.next_pc + 5 - p.key.pc) % 12, p.key)


def _degree_numeral(semitones: int, key: Key) -> str:
    """The numeral of a degree, small where the key's own triad there is minor or diminished."""
    degree = major_degree(semitones)
    name = NUMERALS[degree.number - 1]
    pc = (key.pc + semitones) % 12
    minor_third, major_third = (pc + 3) % 12, (pc + 4) % 12
    natural = key.collections[0]
    small = pc in natural and minor_third in natural and major_third not in natural
    return ("#" * degree.alter if degree.alter > 0 else "b" * -degree.alter) + (
        name.lower() if small else name
    )


_TARGETS: Final[dict[str, Callable[[Place], str | None]]] = {
    "secondary-dominant": _next_numeral,
    "tritone-substitute": _next_numeral,
    "deceptive-dominant": _expected_numeral,
    "related-two": _goal_of_dominant,
    "secondary-leading-tone": _leading_target,
}
_APPLIED: Final = {
    "secondary-dominant": 7,
    "deceptive-dominant": 7,
    "related-two": 2,
    "secondary-leading-tone": 11,
}


def _applied(semitones: int, place: Place) -> str:
    """The chord's numeral in the key that it borrows, such as V7 of V7/ii."""
    goal = Key(place.key.spell(place.pc - semitones - place.key.pc), "major")
    chord = place.chord.moved_to(goal.spell(semitones, rising=semitones == 11))
    return print_roman(chord, goal)


def _major_triad(chord: Chord) -> bool:
    return chord.family is Family.MAJOR and chord.seventh is None and chord.sixth is None
