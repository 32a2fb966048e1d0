"""Suggests what else could stand where a chord stands, ranked, each with its reason."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from scrivano.core.errors import InvalidInput
from scrivano.music.dto import Progression, Reason, Settled
from scrivano.music.genres import genre_data
from scrivano.music.progression.colour import part_of
from scrivano.music.progression.draft import Draft, Slot, bars_of, kinds, parts_of, reasons, spelled
from scrivano.music.progression.generate import UNWANTED, faults_of
from scrivano.music.theory import Chord, Family, degrees, make_chord
from scrivano.music.theory.qualities import read_suffix

_TRIAD: Final = degrees("1 3 5")
_MINOR: Final = degrees("1 b3 5")
_SEVENTH: Final = degrees("1 3 5 b7")
_MINOR_SEVENTH: Final = degrees("1 b3 5 b7")
_MAJOR_SEVENTH: Final = degrees("1 3 5 7")
_HALF: Final = degrees("1 b3 b5 b7")
_DIM7: Final = degrees("1 b3 b5 bb7")
_DOMINANT_SUS: Final = degrees("1 4 5 b7")
_BUILDS: Final = (_TRIAD, _MINOR, _SEVENTH, _MINOR_SEVENTH, _MAJOR_SEVENTH, _HALF, _DIM7, _DOMINANT_SUS)

# What each kind of reason is worth where the ears expect something near the old chord.
_LIKING: Final = {
    "diatonic": 1.0,
    "secondary-dominant": 0.9,
    "related-two": 0.85,
    "tritone-substitute": 0.85,
    "borrowed": 0.8,
    "altered-dominant": 0.8,
    "blues-dominant": 0.75,
    "backdoor-dominant": 0.75,
    "passing-diminished": 0.75,
    "secondary-leading-tone": 0.65,
    "deceptive-dominant": 0.55,
    "neapolitan": 0.5,
    "augmented-sixth": 0.5,
    "common-tone-diminished": 0.45,
    "chromatic-planing": 0.45,
    "pedal": 0.4,
    "chromatic-mediant": 0.4,
    "constant-structure": 0.3,
}


@dataclass(frozen=True)
class Suggestion:
    """A chord that may stand in another's place: symbol, its reason there, and how near it lies (0 to 1)."""

    symbol: str
    reason: Reason
    score: float


def suggest(progression: Progression, settled: Settled, index: int, limit: int = 8) -> list[Suggestion]:
    """Substitutes for the chord at `index` (from 0), best first, all valid in their place.

    Each leaves every other chord a reason and breaks no hard rule. Near are chords that share tones with the
    old one, keep its function and have a common reason; every root is suggested at most twice. Raises
    InvalidInput for the field `index`.
    """
    if not 0 <= index < len(progression.chords):
        raise InvalidInput(
            f"There is no chord {index}.", field="index", remedy=f"Give 0 to {len(progression.chords) - 1}."
        )
    draft = Draft(settled, bars_of(progression), parts_of(progression))
    bar = progression.chords[index].bar - 1
    position = sum(1 for span in progression.chords[:index] if span.bar == bar + 1)
    slot = draft.bars[bar][position]
    known = {(f.rule, f.bar) for f in faults_of(draft)}
    ranked = sorted(
        ((_nearness(slot.chord, chord), chord) for chord in set(_candidates(slot, draft, bar, position))),
        key=lambda item: (-item[0], str(item[1])),
    )
    found: list[Suggestion] = []
    for nearness, chord in ranked[:90]:
        there = _there(draft, bar, position, index, chord, known)
        if there is not None:
            symbol, reason = there
            score = round(0.6 * nearness + 0.4 * _LIKING.get(reason.kind, 0.3), 4)
            found.append(Suggestion(symbol, reason, score))
    found.sort(key=lambda s: (-s.score, s.symbol))
    return _varied(found, limit)


def _candidates(slot: Slot, draft: Draft, bar: int, position: int) -> Iterator[Chord]:
    """Other colours of the same chord, and every root with every build, dressed as the genre dresses."""
    if slot.chord.root is None:
        return
    data = genre_data(draft.settled.genre)
    row = draft.bars[bar]
    following = row[position + 1] if position + 1 < len(row) else draft.following(bar)
    after = following.chord if following else None
    for semitones in range(12):
        for build in _BUILDS:
            if build is _DOMINANT_SUS and slot.chord.family is not Family.DOMINANT:
                continue
            dim = build in {_DIM7, _HALF}
            chord = make_chord(slot.key.spell(semitones, rising=dim), build)
            part = part_of(Slot(chord, slot.key), after, data.genre)
            suffixes = dict.fromkeys(data.palette(draft.settled.application, part))
            alike = [s for s in suffixes if _same_family(chord, s)]
            same_root = chord.root is not None and chord.root.pc == slot.chord.root.pc
            for suffix in alike[: None if same_root else 2]:
                new = make_chord(chord.root or slot.chord.root, read_suffix(suffix))
                if new != slot.chord:
                    yield new
            if not alike and chord != slot.chord:
                yield chord


def _same_family(chord: Chord, suffix: str) -> bool:
    return chord.root is not None and make_chord(chord.root, read_suffix(suffix)).family is chord.family


def _nearness(old: Chord, new: Chord) -> float:
    """Shared basic tones, with the guide tones counted twice; the same function counts on top."""
    if old.root is None or new.root is None:
        return 0.0
    shared = len(old.basic_pcs & new.basic_pcs) / max(len(old.basic_pcs), len(new.basic_pcs))
    guides = {t.pc for d in (old.third, old.seventh) if d and (t := d.above(old.root))}
    heard = len(guides & new.pcs) / len(guides) if guides else 0.0
    same_root = 0.2 if old.root.pc == new.root.pc else 0.0
    substitute = old.family is new.family is Family.DOMINANT and (new.root.pc - old.root.pc) % 12 == 6
    return min(1.0, 0.5 * shared + 0.3 * heard + same_root + (0.15 if substitute else 0.0))


def _there(
    draft: Draft, bar: int, position: int, index: int, chord: Chord, known: set[tuple[str, int]]
) -> tuple[str, Reason] | None:
    """Symbol and reason of a chord put there; None if it or another has no reason, or a rule is broken by it."""
    row = list(draft.bars[bar])
    if any(n.chord == chord for n in row[max(0, position - 1) : position] + row[position + 1 : position + 2]):
        return None
    row[position] = row[position].with_chord(chord)
    bars = list(draft.bars)
    bars[bar] = tuple(row)
    there = Draft(draft.settled, bars, draft.parts)
    found = kinds(bars, draft.settled.genre)
    unwanted = UNWANTED.get(draft.settled.genre, frozenset[str]())
    if any(kind is None for kind in found) or found[index] in unwanted:
        return None
    if any((fault.rule, fault.bar) not in known for fault in faults_of(there)):
        return None
    written = spelled(bars)
    reason = reasons(written, draft.settled.genre, {index})[index]
    return None if reason is None else (str(written[bar][position].chord), reason)


def _varied(found: list[Suggestion], limit: int) -> list[Suggestion]:
    """The best ones, no root more than twice."""
    taken: list[Suggestion] = []
    roots: dict[str, int] = {}
    for suggestion in found:
        root = suggestion.symbol[:2] if suggestion.symbol[1:2] in {"b", "#"} else suggestion.symbol[:1]
        if roots.get(root, 0) < 2:
            roots[root] = roots.get(root, 0) + 1
            taken.append(suggestion)
        if len(taken) == limit:
            break
    return taken
