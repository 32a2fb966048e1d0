"""Editing what the genre's rules would not have written: charts with chords at places, or of kinds, of their own.

The chords that a person brought stay where they stand; what is put among them is explained, not judged.
"""

import random
from collections.abc import Sequence
from typing import Final

from scrivano.core.errors import InvalidInput
from scrivano.music.dto import ChordSpan, Progression, Settled
from scrivano.music.expecting import Offer
from scrivano.music.progression import Suggestion, WrittenChord, explain_chart, generate
from scrivano.music.progression import regenerate as regenerate_by_rules
from scrivano.music.progression import reharmonize as reharmonize_by_rules
from scrivano.music.progression import substitute as substitute_by_rules
from scrivano.music.progression import suggest as suggest_by_rules
from scrivano.music.progression import transpose as transpose_by_rules
from scrivano.music.progression.chart import AS_WRITTEN
from scrivano.music.theory import Chord, Key, between, key_of, meter_of, parse_chord

_RICH: Final = 4
"""Of how many good substitutes one is drawn where a bar is reharmonized."""


def is_own(progression: Progression) -> bool:
    """Whether a progression has chords, or places of chords, that the rules never write."""
    meter = meter_of(progression.meter)
    by_bar: dict[int, list[ChordSpan]] = {}
    for span in progression.chords:
        by_bar.setdefault(span.bar, []).append(span)
    for bar, row in by_bar.items():
        if len(row) > meter.most_chords or any(span.reason.kind == AS_WRITTEN for span in row):
            return True
        start = (bar - 1) * meter.bar
        if [(span.onset - start, span.duration) for span in row] != list(meter.split(len(row))):
            return True
    return False


def transpose(progression: Progression, settled: Settled, key: str) -> tuple[Settled, Progression]:
    """Request and progression in another key of the same mode. Raises InvalidInput for the field `key`."""
    if not is_own(progression):
        return transpose_by_rules(progression, settled, key)
    old, new = key_of(settled.key, settled.mode), key_of(key, settled.mode)
    if new.mode != settled.mode:
        raise InvalidInput(
            f"{key} is not a {settled.mode} key.",
            field="key",
            remedy="Transposing keeps the mode; give the tonic alone.",
        )
    moved = settled.model_copy(update={"key": str(new.tonic)})
    symbols = [str(_moved(parse_chord(span.symbol), old, new)) for span in progression.chords]
    return moved, _explained(progression, moved, symbols)


def substitute(progression: Progression, settled: Settled, index: int, symbol: str) -> Progression:
    """The progression with another chord at `index` (from 0). Raises InvalidInput for the field `chord`."""
    if not is_own(progression):
        return substitute_by_rules(progression, settled, index, symbol)
    return _explained(progression, settled, _with(progression, index, symbol))


def suggest(
    progression: Progression, settled: Settled, index: int, limit: int, offer: Offer
) -> list[Suggestion]:
    """Substitutes for the chord at `index`, best first: by the genre's rules, or, in a chart of its own kind, those of
    the usual next chords for which theory has a name there."""
    if not is_own(progression):
        return suggest_by_rules(progression, settled, index, limit)
    known = progression.chords[index]
    found: list[Suggestion] = []
    most = max((option.probability for option in offer.options), default=1.0)
    for option in offer.options:
        if option.symbol == known.symbol:
            continue
        made = _explained(progression, settled, _with(progression, index, option.symbol)).chords[index]
        if made.reason.kind != AS_WRITTEN:
            score = round(0.5 * _shared(known.symbol, made.symbol) + 0.5 * option.probability / most, 4)
            found.append(Suggestion(made.symbol, made.reason, score))
    return sorted(found, key=lambda one: (-one.score, one.symbol))[:limit]


def regenerate(progression: Progression, settled: Settled, kept: frozenset[int], seed: int) -> Progression:
    """The progression with every bar made anew that isn't `kept`. Raises InvalidInput for the field `locked`."""
    if not is_own(progression):
        return regenerate_by_rules(progression, settled, kept, seed)
    fresh = generate(settled.model_copy(update={"seed": seed}))
    chords = [span for span in progression.chords if span.bar in kept]
    chords += [span for span in fresh.chords if span.bar not in kept]
    chords.sort(key=lambda span: span.onset)
    return progression.model_copy(update={"chords": tuple(chords)})


def reharmonize(
    progression: Progression, settled: Settled, first: int, last: int, seed: int, offers: Sequence[Offer]
) -> Progression:
    """The bars `first` to `last` with other chords, all others to the byte. Raises InvalidInput for `bars`."""
    if not is_own(progression) or not 1 <= first <= last <= progression.bars:
        return reharmonize_by_rules(progression, settled, first, last, seed)
    made = progression
    for index, span in enumerate(progression.chords):
        if not first <= span.bar <= last:
            continue
        found = suggest(made, settled, index, _RICH, offers[index])
        if found:
            chosen = random.Random(f"{seed}/{index}").choice(found)
            made = _explained(made, settled, _with(made, index, chosen.symbol))
    chords = [
        new if first <= old.bar <= last else old
        for old, new in zip(progression.chords, made.chords, strict=True)
    ]
    return progression.model_copy(update={"chords": tuple(chords)})


def _with(progression: Progression, index: int, symbol: str) -> list[str]:
    symbols = [span.symbol for span in progression.chords]
    symbols[index] = symbol
    return symbols


def _explained(progression: Progression, settled: Settled, symbols: Sequence[str]) -> Progression:
    written = [
        WrittenChord(span.bar, span.onset, span.duration, symbol)
        for span, symbol in zip(progression.chords, symbols, strict=True)
    ]
    return explain_chart(written, settled, progression.sections)


def _moved(chord: Chord, old: Key, new: Key) -> Chord:
    if chord.root is None:
        return chord
    step = between(old.tonic, new.tonic)
    root = step.above(chord.root)
    bass = step.above(chord.bass) if chord.bass is not None else None
    root = root if abs(root.alter) < 2 else new.respelled(root)
    return Chord(root, chord.degrees).over(None if bass is None else bass.practical())


def _shared(one: str, other: str) -> float:
    a, b = parse_chord(one).pcs, parse_chord(other).pcs
    return len(a & b) / max(1, len(a), len(b))
