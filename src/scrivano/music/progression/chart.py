"""Takes the chords that a person wrote as they are, and says why each stands there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scrivano.core.errors import InvalidInput
from scrivano.music.dto import ChordSpan, Progression, Reason, Section, Settled
from scrivano.music.progression.analyse import key_regions
from scrivano.music.progression.draft import style_of
from scrivano.music.progression.repair import respelled
from scrivano.music.theory import Chord, Key, key_of, parse_chord, print_roman
from scrivano.music.theory.explain import explain_all

AS_WRITTEN: Final = "as-written"


@dataclass(frozen=True)
class WrittenChord:
    """A chord of a chart: its bar from 1, onset and duration in ticks from the start, and its symbol."""

    bar: int
    onset: int
    duration: int
    symbol: str


def explain_chart(
    chords: Sequence[WrittenChord], settled: Settled, sections: Sequence[Section] = ()
) -> Progression:
    """A progression of exactly these chords, each with its reason in the key that holds there.

    Keys turn where that explains the chords better; the first and the last chord are taken to be at home. A
    chord that theory has no name for has the kind `as-written`. Roots are spelled as the key has them. Raises
    InvalidInput for the field `chord` when a symbol can't be read or the bars aren't filled without gap.
    """
    parsed = [parse_chord(c.symbol) for c in chords]
    _filled(chords)
    home = key_of(settled.key, settled.mode)
    style = style_of(settled.genre)
    keys = key_regions(parsed, home, style)
    written = [respelled(chord, key) for chord, key in zip(parsed, keys, strict=True)]
    found = explain_all(written, keys, style)
    spans = tuple(
        ChordSpan(
            bar=place.bar,
            onset=place.onset,
            duration=place.duration,
            symbol=str(chord),
            reason=reason or _as_written(chord, key),
        )
        for place, chord, key, reason in zip(chords, written, keys, found, strict=True)
    )
    whole = (Section(name="A", first_bar=1, bars=settled.bars),)
    return Progression(
        key=settled.key,
        mode=settled.mode,
        meter=settled.meter,
        bars=settled.bars,
        chords=spans,
        sections=tuple(sections) or whole,
    )


def _as_written(chord: Chord, key: Key) -> Reason:
    return Reason(
        kind=AS_WRITTEN,
        roman=print_roman(chord, key),
        key=str(key),
        text=f"{chord} stands as its author wrote it; it has no common name in {key.tonic} {key.mode}.",
    )


def _filled(chords: Sequence[WrittenChord]) -> None:
    end = 0
    for chord in chords:
        if chord.onset != end or chord.duration <= 0:
            raise InvalidInput(
                f"The chart has a gap or an overlap before {chord.symbol} in bar {chord.bar}.",
                field="chord",
                remedy="Give every bar a chord from its first beat; write N.C. for silence.",
            )
        end = chord.onset + chord.duration
