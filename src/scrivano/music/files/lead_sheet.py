"""What is read from files of others: a lead sheet with its chords and, where it has one, its melody."""

from collections.abc import Iterable, Sequence
from typing import Final

from pydantic import BaseModel, ConfigDict

from scrivano.core.errors import InvalidInput
from scrivano.music.dto import PPQ, Mode, Note, Section
from scrivano.music.theory.chord import Chord
from scrivano.music.theory.meter import METERS, Meter

MOST_BARS: Final = 512


class LeadChord(BaseModel):
    """A chord of a lead sheet: bars from 1, onset and duration in ticks from the start of the piece."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bar: int
    onset: int
    duration: int
    symbol: str


class LeadSheet(BaseModel):
    """A tune as somebody wrote it down, with repeats and endings played out.

    Every bar has a chord from its first beat (`N.C.` where the sheet has none), restated where one lasts over a
    bar line; chords stand on beats. The melody's notes have the part `melody`. What the file doesn't say is None.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    composer: str | None = None
    style: str | None = None
    key: str | None = None
    mode: Mode | None = None
    tempo: float | None = None
    meter: str
    bars: int
    chords: tuple[LeadChord, ...]
    sections: tuple[Section, ...] = ()
    melody: tuple[Note, ...] = ()


def wrong(message: str, remedy: str | None = None) -> InvalidInput:
    """The error for a file that cannot be taken: it names the field `lead_sheet`."""
    return InvalidInput(message, field="lead_sheet", remedy=remedy)


def meter_for(name: str) -> Meter:
    """The meter a lead sheet asks for; InvalidInput for one that isn't written here."""
    found = METERS.get(name)
    if found is None:
        raise wrong(f"The meter {name[:12]} cannot be arranged.", f"Use {', '.join(METERS)}.")
    return found


def lay_out(placed: Iterable[tuple[int, str]], meter: Meter, bars: int) -> tuple[LeadChord, ...]:
    """Chords from their onsets: moved to the nearest beat, held until the next, restated in every bar.

    Of two on one beat the later one stands. Silence fills what comes before the first.
    """
    by_beat: dict[int, str] = {}
    for onset, symbol in placed:
        by_beat[round(onset / meter.beat)] = symbol
    chords, now = list[LeadChord](), "N.C."
    for bar in range(bars):
        first = bar * meter.beats
        changes = [beat for beat in range(first, first + meter.beats) if beat == first or beat in by_beat]
        for beat, until in zip(changes, [*changes[1:], first + meter.beats], strict=True):
            now = by_beat.get(beat, now)
            chords.append(
                LeadChord(
                    bar=bar + 1, onset=beat * meter.beat, duration=(until - beat) * meter.beat, symbol=now
                )
            )
    return merged(chords)


def merged(chords: Sequence[LeadChord]) -> tuple[LeadChord, ...]:
    """The chords with those that say the same within a bar made one."""
    out = list[LeadChord]()
    for chord in chords:
        if out and out[-1].bar == chord.bar and out[-1].symbol == chord.symbol:
            out[-1] = out[-1].model_copy(update={"duration": out[-1].duration + chord.duration})
        else:
            out.append(chord)
    return tuple(out)


def printed(chord: Chord) -> str:
    """The chord in the house's spelling."""
    return str(chord)


def sections_of(marks: Sequence[tuple[int, str]], bars: int) -> tuple[Section, ...]:
    """Sections from rehearsal marks: bar (from 1) and name; each lasts until the next."""
    ordered = sorted({bar: name for bar, name in marks if 1 <= bar <= bars}.items())
    ends = [*(bar for bar, _ in ordered), bars + 1][1:]
    return tuple(
        Section(name=name, first_bar=bar, bars=end - bar)
        for (bar, name), end in zip(ordered, ends, strict=True)
    )


def in_ticks(time: float, divisions: float) -> int:
    """Ticks of a time given in divisions of a quarter note."""
    return round(time * PPQ / divisions)
