"""What goes through the rooms of music: the request, the progression, the notes, the arrangement.

Time is counted in ticks, `PPQ` to a quarter note, from the start of the piece. Bars are counted from 1. Pitches carry
their spelling, since B flat and A sharp are different notes to a reader.
"""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

PPQ = 480


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Genre(StrEnum):
    """The eight genres, by slug."""

    GOSPEL = "gospel"
    JAZZ = "jazz"
    BLUES = "blues"
    CLASSICAL = "classical"
    NEO_SOUL = "neo-soul"
    REGGAE = "reggae"
    LATIN = "latin"
    RNB = "rnb"


Mode = Literal["major", "minor"]
PartName = Literal["right", "left", "bass", "drums", "melody"]


class MusicRequest(_Frozen):
    """What is wanted. What is None is read from the description, else the genre's default holds."""

    description: str = Field(default="", max_length=20_000)
    genre: Genre | None = None
    application: str | None = Field(
        default=None, description="A slug of the genre's, such as swing or worship."
    )
    key: str | None = Field(default=None, description="Tonic such as C, F#, Bb.")
    mode: Mode | None = None
    tempo: float | None = Field(
        default=None, description="Quarter notes (dotted in compound metre) a minute."
    )
    meter: str | None = Field(
        default=None, description="3/4, 4/4, 6/8, 12/8, 2/2 or 5/4, as the genre admits."
    )
    bars: int | None = Field(default=None, ge=4, le=64)
    difficulty: int | None = Field(default=None, ge=1, le=5)
    lowest: int | None = Field(default=None, description="Lowest MIDI note of the instrument.")
    highest: int | None = Field(default=None, description="Highest MIDI note of the instrument.")
    form: str | None = Field(default=None, description="Such as AABA or verse-chorus-bridge.")
    seed: int = Field(default=0, ge=-(2**53), le=2**53)


class Settled(_Frozen):
    """A request with nothing left open. `read` names the fields that were taken from the description."""

    description: str = ""
    genre: Genre
    application: str
    key: str
    mode: Mode
    tempo: float
    meter: str
    bars: int
    difficulty: int
    lowest: int
    highest: int
    form: str | None
    seed: int
    read: tuple[str, ...] = ()


class SpelledPitch(_Frozen):
    """A pitch as it is written. `alter` is in semitones (−2 to 2); C4 is MIDI 60."""

    step: Literal["C", "D", "E", "F", "G", "A", "B"]
    alter: int = 0
    octave: int


class Reason(_Frozen):
    """Why a chord stands where it does: `kind` is a term of theory, `text` a sentence for a musician."""

    kind: str = Field(
        description="diatonic, secondary-dominant, tritone-substitute, borrowed, passing-diminished …"
    )
    roman: str = Field(description="Roman numeral in the key that holds at this point.")
    key: str = Field(description="The key that holds at this point, such as Bb or G minor.")
    target: str | None = Field(
        default=None, description="Roman numeral it leads to, where it leads somewhere."
    )
    text: str


class ChordSpan(_Frozen):
    """A chord, from its onset until the next one. `symbol` is in the house's jazz spelling; `N.C.` is silence."""

    bar: int
    onset: int = Field(description="Ticks from the start of the piece.")
    duration: int = Field(description="Ticks.")
    symbol: str
    reason: Reason


class Section(_Frozen):
    """A part of the form: its name (A, verse, head …), first bar and length in bars."""

    name: str
    first_bar: int
    bars: int


class Progression(_Frozen):
    """The chords of a whole piece. Every bar is covered without gap or overlap."""

    key: str
    mode: Mode
    meter: str
    bars: int
    chords: tuple[ChordSpan, ...]
    sections: tuple[Section, ...]


class Note(_Frozen):
    """One note of one part. `voice` is 1 to 4 within a staff; `velocity` 1 to 127; drums use General MIDI numbers."""

    part: PartName
    midi: int
    pitch: SpelledPitch | None = Field(default=None, description="None for drums.")
    onset: int
    duration: int
    velocity: int = 80
    voice: int = 1


class Arrangement(_Frozen):
    """A finished piece. All files are made of this and of nothing else."""

    title: str
    request: Settled
    progression: Progression
    notes: tuple[Note, ...]
    swing: float = Field(
        default=0.5, description="Place of the off-beat eighth in the beat: 0.5 even, 0.667 triplet."
    )
    generation_method: str = Field(description="The model's name, `rules`, or `<model> + rules`.")
    clave: Literal["2-3", "3-2"] | None = None
    locked_bars: tuple[int, ...] = ()
