"""What a person brings: a lead sheet or a melody, read, understood, and taken as the material of a song."""

import base64
import binascii
from collections.abc import Sequence
from typing import Final, Literal

from pydantic import BaseModel, Field

from scrivano.core.errors import InvalidInput
from scrivano.music.dto import Genre, Mode, MusicRequest, Note, Progression, Section, Settled
from scrivano.music.files import LeadSheet, read_lead_sheets
from scrivano.music.genres import GENRES
from scrivano.music.progression import WrittenChord, explain_chart, find_key, harmonize, melody_key, settle
from scrivano.music.progression.guess import genre_scores
from scrivano.music.progression.repair import Repaired
from scrivano.music.progression.request import BARS, TEMPO
from scrivano.music.theory import Key, key_of, parse_chord

Use = Literal["auto", "chords", "melody"]
MOST_BYTES: Final = 5_000_000
_SILENT: Final = "N.C."


class Material(BaseModel):
    """A lead sheet as it goes into a song: its chords are arranged, or its melody gets chords."""

    use: Literal["chords", "melody"]
    sheet: LeadSheet


class ChordReading(BaseModel):
    """A chord of somebody's chart. `beat` is counted from 1 in felt beats; `key` holds at this point."""

    bar: int
    beat: float
    onset: int = Field(description="Ticks from the start, 480 to a quarter note.")
    duration: int = Field(description="Ticks.")
    symbol: str
    roman: str
    key: str
    kind: str
    text: str = Field(description="Why it stands there, in a sentence.")


class KeyRegion(BaseModel):
    """Bars in which one key holds, such as Bb or G minor."""

    key: str
    first_bar: int
    last_bar: int


class Analysis(BaseModel):
    """What a lead sheet says and what its chords mean. `key_found` is True where the sheet names no key."""

    title: str
    composer: str | None
    style: str | None
    key: str
    mode: Mode
    key_found: bool
    meter: str
    tempo: float | None
    bars: int
    sections: list[Section]
    melody_notes: int = Field(description="Notes of its melody; 0 where it has none.")
    keys: list[KeyRegion]
    chords: list[ChordReading]


def decoded(text: str | None, content: str | None) -> bytes | None:
    """A lead sheet that came as text, or as a file in base64; None for neither. Raises InvalidInput."""
    if text is not None and content is not None:
        raise InvalidInput(
            "The lead sheet came twice.", field="lead_sheet", remedy="Send its text or its file, not both."
        )
    if content is not None:
        try:
            return _whole(base64.b64decode(content, validate=True), "lead_sheet_file")
        except (binascii.Error, ValueError):
            raise InvalidInput(
                "The file is not in base64.", field="lead_sheet_file", remedy="Encode it, or send it as text."
            ) from None
    return None if text is None else _whole(text.encode("utf-8", "replace"), "lead_sheet")


def _whole(content: bytes, field: str) -> bytes:
    if not content.strip():
        raise InvalidInput(
            "The lead sheet is empty.",
            field=field,
            remedy="Give MusicXML, an iReal Pro link, a chord chart or ChordPro.",
        )
    if len(content) > MOST_BYTES:
        raise InvalidInput(
            f"The lead sheet has {len(content):,} bytes.",
            field=field,
            remedy=f"Up to {MOST_BYTES:,} are read.",
        )
    return content


def take(content: bytes, use: Use = "auto", tune: int = 1) -> Material:
    """The tune of this number (from 1) of a lead sheet, to be arranged or harmonized.

    `auto` arranges the chords where there are any, else harmonizes the melody. Raises InvalidInput.
    """
    sheets = read_lead_sheets(content)
    if not 1 <= tune <= len(sheets):
        raise InvalidInput(
            f"The lead sheet holds {len(sheets)} tunes; there is no number {tune}.",
            field="tune",
            remedy=f"Give a number from 1 to {len(sheets)}.",
        )
    sheet = sheets[tune - 1]
    has_chords = any(chord.symbol != _SILENT for chord in sheet.chords)
    if use == "auto":
        use = "chords" if has_chords or not sheet.melody else "melody"
    if use == "chords" and not has_chords:
        raise InvalidInput(
            "The lead sheet has no chords.", field="use", remedy="Harmonize its melody: use “melody”."
        )
    if use == "melody" and not sheet.melody:
        raise InvalidInput(
            "The lead sheet has no melody.", field="use", remedy="Arrange its chords: use “chords”."
        )
    return Material(use=use, sheet=sheet)


def settle_with(request: MusicRequest, material: Material) -> tuple[Settled, Material]:
    """The request with nothing left open: what it doesn't name is the sheet's. With `bars`, only so many are taken.

    Raises InvalidInput that names the field and what is allowed.
    """
    sheet = material.sheet
    if request.bars is not None and request.bars < sheet.bars:
        sheet = _first_bars(sheet, request.bars)
    if not BARS[0] <= sheet.bars <= BARS[1]:
        raise InvalidInput(
            f"The lead sheet has {sheet.bars} bars with its repeats played out.",
            field="bars" if sheet.bars > BARS[1] else "lead_sheet",
            remedy=f"{BARS[0]} to {BARS[1]} can be arranged"
            + ("; ask for the first of them in bars." if sheet.bars > BARS[1] else "."),
        )
    if request.bars is not None and request.bars > sheet.bars:
        raise InvalidInput(
            f"The lead sheet has {sheet.bars} bars, not {request.bars}.",
            field="bars",
            remedy="Leave the bars out, or ask for fewer.",
        )
    if request.meter is not None and request.meter.replace(" ", "") != sheet.meter:
        raise InvalidInput(
            f"The lead sheet is in {sheet.meter}, not {request.meter[:12]}.",
            field="meter",
            remedy="Leave the meter out.",
        )
    home = _home(sheet, use=material.use)
    if sheet.key is None and request.key is not None:
        home = key_of(request.key, request.mode or "major")
    tempo = request.tempo if request.tempo is not None else _playable(sheet.tempo)
    given = request.model_copy(
        update={
            "genre": request.genre or _genre(sheet.style, request),
            "key": str(home.tonic),
            "mode": home.mode,
            "meter": sheet.meter,
            "tempo": tempo,
            "bars": sheet.bars,
            "form": None,
        }
    )
    settled = settle(given)
    _same_key(request, settled)
    return settled, material.model_copy(update={"sheet": sheet})


def _same_key(request: MusicRequest, settled: Settled) -> None:
    if request.key is None:
        return
    wanted = key_of(request.key, request.mode or settled.mode)
    if (wanted.pc, wanted.mode) != (key_of(settled.key, settled.mode).pc, settled.mode):
        raise InvalidInput(
            f"The lead sheet is in {settled.key} {settled.mode}, not in {request.key[:12]}.",
            field="key",
            remedy="Leave the key out, and transpose the finished song.",
        )


def progression_of(material: Material, settled: Settled) -> Repaired:
    """The chords of a song from its material: the author's as they stand, or chords for the melody."""
    sheet = material.sheet
    if material.use == "melody":
        return harmonize(sheet.melody, settled)
    progression = explain_chart(_written(sheet), settled, _whole_form(sheet))
    return Repaired(progression, tuple(range(1, settled.bars + 1)), ())


def melody_of(material: Material | None) -> Sequence[Note]:
    """The melody that is played above the hands."""
    return material.sheet.melody if material is not None else ()


def analyse(content: bytes, genre: Genre | None = None) -> list[Analysis]:
    """What a lead sheet (or each tune of an iReal Pro link) says: key, numerals, and a reason for each chord.

    `genre` tells which moves are at home, such as a blues' dominants. Raises InvalidInput for `lead_sheet`.
    """
    return [_analysed(sheet, genre) for sheet in read_lead_sheets(content)]


def _analysed(sheet: LeadSheet, genre: Genre | None) -> Analysis:
    home = _home(sheet, use="chords")
    has_chords = any(chord.symbol != _SILENT for chord in sheet.chords)
    progression = _explained(sheet, home, genre) if has_chords else None
    found = [] if progression is None else _readings(progression, sheet)
    return Analysis(
        title=sheet.title,
        composer=sheet.composer,
        style=sheet.style,
        key=str(home.tonic),
        mode=home.mode,
        key_found=sheet.key is None,
        meter=sheet.meter,
        tempo=sheet.tempo,
        bars=sheet.bars,
        sections=list(sheet.sections),
        melody_notes=len(sheet.melody),
        keys=_regions(found, sheet.bars, home),
        chords=found,
    )


def _explained(sheet: LeadSheet, home: Key, genre: Genre | None) -> Progression:
    known = genre or _genre(sheet.style, MusicRequest())
    data = GENRES[known or Genre.JAZZ]
    settled = Settled(
        genre=data.genre,
        application=data.applications[0].slug,
        key=str(home.tonic),
        mode=home.mode,
        tempo=120,
        meter=sheet.meter,
        bars=sheet.bars,
        difficulty=3,
        lowest=21,
        highest=108,
        form=None,
        seed=0,
    )
    return explain_chart(_written(sheet), settled, sheet.sections)


def _whole_form(sheet: LeadSheet) -> list[Section]:
    """The sheet's sections, with what stands before the first mark, so that every bar belongs to one."""
    marks = {section.first_bar: section.name for section in sheet.sections if section.first_bar <= sheet.bars}
    if 1 not in marks:
        marks[1] = "Intro" if marks else "A"
    firsts = sorted(marks)
    ends = [*firsts[1:], sheet.bars + 1]
    return [
        Section(name=marks[first], first_bar=first, bars=end - first)
        for first, end in zip(firsts, ends, strict=True)
    ]


def _readings(progression: Progression, sheet: LeadSheet) -> list[ChordReading]:
    numerator, unit = map(int, sheet.meter.split("/"))
    quarter = 480
    beat = quarter * 3 // 2 if unit == 8 and numerator % 3 == 0 else quarter
    bar = quarter * 4 * numerator // unit
    return [
        ChordReading(
            bar=span.bar,
            beat=round(1 + (span.onset - (span.bar - 1) * bar) / beat, 3),
            onset=span.onset,
            duration=span.duration,
            symbol=span.symbol,
            roman=span.reason.roman,
            key=span.reason.key,
            kind=span.reason.kind,
            text=span.reason.text,
        )
        for span in progression.chords
    ]


def _regions(chords: Sequence[ChordReading], bars: int, home: Key) -> list[KeyRegion]:
    if not chords:
        return [KeyRegion(key=str(home), first_bar=1, last_bar=bars)]
    regions: list[KeyRegion] = []
    for chord in chords:
        if regions and regions[-1].key == chord.key:
            regions[-1].last_bar = chord.bar
        else:
            regions.append(KeyRegion(key=chord.key, first_bar=chord.bar, last_bar=chord.bar))
    return regions


def _home(sheet: LeadSheet, *, use: Use) -> Key:
    if sheet.key is not None:
        return key_of(sheet.key, sheet.mode or "major")
    chords = [parse_chord(chord.symbol) for chord in sheet.chords if chord.symbol != _SILENT]
    if chords and (use == "chords" or not sheet.melody):
        return find_key(chords)
    return melody_key(sheet.melody)


def _written(sheet: LeadSheet) -> list[WrittenChord]:
    return [WrittenChord(c.bar, c.onset, c.duration, c.symbol) for c in sheet.chords]


def _first_bars(sheet: LeadSheet, bars: int) -> LeadSheet:
    numerator, unit = map(int, sheet.meter.split("/"))
    end = bars * 480 * 4 * numerator // unit
    return sheet.model_copy(
        update={
            "bars": bars,
            "chords": tuple(c for c in sheet.chords if c.bar <= bars),
            "melody": tuple(
                n.model_copy(update={"duration": min(n.duration, end - n.onset)})
                for n in sheet.melody
                if n.onset < end
            ),
            "sections": tuple(
                s.model_copy(update={"bars": min(s.bars, bars + 1 - s.first_bar)})
                for s in sheet.sections
                if s.first_bar <= bars
            ),
        }
    )


def _genre(style: str | None, request: MusicRequest) -> Genre | None:
    """The genre of a sheet's style, unless the description names one."""
    if genre_scores(request.description) or not style:
        return None
    scores = genre_scores(style)
    return max(scores, key=lambda genre: scores[genre]) if scores else None


def _playable(tempo: float | None) -> float | None:
    return tempo if tempo is not None and TEMPO[0] <= tempo <= TEMPO[1] else None
